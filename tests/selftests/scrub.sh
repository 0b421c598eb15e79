# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Scrubs of the device "w", for tests in a lab machine; source lib.sh first.

# tells KEY...: values of the scrub's status, in one line
tells() {
	local key said
	said=$(char w r scrub | tr ' ' '\n')
	for key; do sed -n "s/^$key=//p" <<<"$said"; done | paste -sd' '
}

has_ended() { [ "$(tells state)" != 1 ]; }

# shellcheck disable=SC2120
# scrub [FROM [RATE [FLAGS]]]: starts one and waits for its end
scrub() {
	[ "$(char w rw "start:${1:-0}:${2:-0}:${3:-0}")" = OK ] || bail "scrub does not start"
	wait_until has_ended || bail "scrub does not end"
}

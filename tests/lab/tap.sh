# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for tests written in bash. Source it, call tap once for each result, end with
# tap_done, whose status is the script's.

tap_count=0
tap_failed=0

# tap STATUS NAME: one result; 0 is ok
tap() {
	local status=$1
	shift
	tap_count=$((tap_count + 1))
	if [ "$status" = 0 ]; then
		echo "ok $tap_count $*"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count $*"
	fi
}

# tap_is NAME GOT WANT: compares two strings, shows both when they differ
tap_is() {
	if [ "$2" = "$3" ]; then
		tap 0 "$1"
	else
		tap 1 "$1"
		printf 'got:  %s\nwant: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

tap_skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count $1 # SKIP $2"
}

tap_done() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}

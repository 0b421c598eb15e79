#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scrubs one after the other, while a region is appended to, read, suspended and resumed:
# nothing is taken for damage, wherever the records happen to be.
#
# lab: --disk 100M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/scrub.sh

blocks=20000
[ -z "${LAB_SHORT-}" ] || blocks=3000

# scrub_on: while there is /run/go; each resumed from where the last one was cut
scrub_on() {
	local scrubs=0 bad=0
	while [ -e /run/go ]; do
		char w rw start:0:0 >/dev/null
		char w rw stop >/dev/null
		char w rw start:0:0:1 | grep -qx OK || bad=1
		wait_until has_ended
		[ "$(char w r scrub | grep -oE '(state|error|corrupted)=[0-9]+' | paste -sd' ')" = \
			"state=3 error=0 corrupted=0" ] || bad=1
		scrubs=$((scrubs + 1))
	done
	echo "scrubs=$scrubs bad=$bad"
}

suspend_on() {
	local suspends=0 bad=0
	while [ -e /run/go ]; do
		dmsetup suspend w && dmsetup resume w || bad=1
		suspends=$((suspends + 1))
	done
	echo "suspends=$suspends bad=$bad"
}

# is_read: has anybody read from the block node?
is_read() {
	local reads
	read -r reads _ <"/sys/block/$(basename "$(char_node w)")/stat"
	[ "$reads" -gt 0 ]
}

format "$LAB_DISK0" $blocks
# A write may have to wait for the one before it for as long as the device is suspended
attach w "$LAB_DISK0" $blocks commit_ms=20 reorder_ms=10000
: >/run/go
scrub_on >/run/scrubbed &
scrubber=$!
suspend_on >/run/suspended &
suspender=$!
reader /dev/mapper/w follow 0 $blocks 1 >/run/read &
reader=$!
wait_until is_read || bail "nothing is read"
appender /dev/mapper/w 0 $blocks 1 25 8 >/run/appended
rm /run/go
kill $reader
wait $reader $scrubber $suspender
tap_is "all is appended" "$(cat /run/appended)" "acked=$blocks eio=0 other=OK"
grep -qx 'scrubs=[1-9][0-9]* bad=0' /run/scrubbed
tap $? "scrubs found nothing: $(cat /run/scrubbed)"
grep -qx 'reads=[1-9][0-9]* OK' /run/read
tap $? "nor did reads: $(cat /run/read)"
grep -qx 'suspends=[1-9][0-9]* bad=0' /run/suspended
tap $? "suspended again and again: $(cat /run/suspended)"
tap_is "nothing counts as damage" "$(status w corrupt) $(status w mode)" "0 rw"
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scrub of a disk that cannot be read in places, has shrunk, or does not take the
# superblock.
#
# lab: --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/scrub.sh
. tests/crash/faults.sh

hwm=1000

unreadable() {
	fail error $((data + 500)) 3
	scrub
	tap_is "what cannot be read counts, the rest is looked at" \
		"$(tells state error position corrupted blocks)" "3 0 $hwm 3 500,501,502"
	kernel_says "vde w: block 501: block cannot be read"
	tap $? "the message says so"
	fail error $((meta + 3)) 1
	scrub
	tap_is "blocks whose records cannot be read" "$(tells state error position corrupted)" \
		"3 0 $hwm 78"
	kernel_says "vde w: block $((77 + 2 * 78)) has no sound write record: block cannot be read"
	tap $? "the message says so"
	heal
	scrub
	tap_is "when all can be read again, all is well" "$(tells state error position corrupted)" \
		"3 0 $hwm 0"
}

superblock() {
	local before
	before=$(tells last_scrub)
	fail error_writes 4 1
	scrub
	tap_is "a superblock that cannot be written: done, and says so" \
		"$(tells state error position corrupted)" "3 5 $hwm 0"
	answers "that harms nobody" "OK OK" "write:$hwm:1:1" fsync
	hwm=$((hwm + 1))
	tap_is "... in mode" "$(status w mode)" rw
	heal
	scrub
	[ "$(tells last_scrub)" -gt "$before" ]
	tap $? "the next one is stored"
	tap_is "on the disk" "$(peek $weak 0 $((0xE8)) 8) $(peek $weak 4 $((0xE8)) 8)" \
		"$(tells last_scrub) $(tells last_scrub)"
	scrub
	crash
	attach w $weak $blocks
	tap_is "a crash right after it loses nothing" "$(status w hwm) $(status w mode)" "$hwm rw"
}

shrunk() {
	local sectors=$(((data + 600) * 8))
	swap "0 $sectors linear /dev/flaw 0"
	tap_is "a disk that has become too small: ENOSPC" "$(char w rw start:0:0)" ENOSPC
	heal
	tap_is "one that becomes so meanwhile" "$(char w rw start:0:409600)" OK
	swap "0 $sectors linear /dev/flaw 0"
	wait_until has_ended || bail "scrub does not end"
	# In whole chunks
	tap_is "fails with ENOSPC" "$(tells state error corrupted)" "4 28 0"
	heal
	tap_is "it can be resumed" "$(char w rw start:0:0:1)" OK
	wait_until has_ended || bail "scrub does not end"
	tap_is "and gets to its end" "$(tells state error from position corrupted)" "3 0 0 $hwm 0"
}

weak_disk
begin
answers "1000 blocks" "OK OK" write:0:1000:1 fsync
unreadable
superblock
shrunk
detach w
is_sound $weak
tap $? "vdectl finds nothing wrong"
drop_weak_disk
tap_done

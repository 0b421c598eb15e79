#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Superblocks, directory, commit slots and log that cannot be written at activation or at
# close, or not be read at activation.
#
# lab: --timeout 400
set -u
. "$(dirname "$0")/lib.sh"
. tests/crash/faults.sh

# start: a volume with 100 blocks, closed cleanly
start() {
	begin
	answers "100 blocks" "OK OK" write:0:100:1 fsync
	detach w
	forget_messages
}

# unclean: the same, but 10 more blocks and no close
unclean() {
	start
	attach w $weak $blocks
	answers "10 more blocks" "OK OK" write:100:10:1 fsync
	crash
	forget_messages
}

# refuses NAME PHRASE: it cannot be attached now, for that reason, and leaves nothing
refuses() {
	! dmsetup create w --table "$(table $weak $blocks)" 2>/dev/null
	tap $? "$1: cannot be attached"
	kernel_says "$2"
	tap $? "$1: the kernel's log says '$2'"
	tap_is "$1: no device is left" "$(dmsetup info -c --noheadings -o name | paste -sd' ')" weak
}

# goes_on NAME MARK: attaches with that mark, data and all, and goes on
goes_on() {
	attach w $weak $blocks
	tap_is "$1: attached, with its mark" "$(status w hwm) $(status w mode)" "$2 rw"
	answers "$1: the data is there, appending goes on" "OK OK OK" \
		"read:0:$2:1" "write:$2:5:1" fsync
	detach w
}

# works NAME MARK: and is sound afterwards
works() {
	goes_on "$@"
	is_sound $weak
	tap $? "$1: sound when it is closed"
}

# only_reads NAME MARK MODE PHRASE: attached, but nothing is written to this disk
only_reads() {
	forget_messages
	attach w $weak $blocks
	tap_is "$1: attached, with its mark, for reading" "$(status w hwm) $(status w mode)" "$2 $3"
	kernel_says "$4"
	tap $? "$1: the kernel's log says '$4'"
	answers "$1: reads go on, nothing else" "OK EIO" "read:0:$2:1" "write:$2:1:1"
	detach w
}

# Writes at activation. Twice, since the second time it begins with what the first left.

# activation NAME PHRASE START COUNT MARK
activation() {
	fail error_writes "$3" "$4"
	only_reads "$1" "$5" failed "$2"
	only_reads "$1, again" "$5" failed "$2"
	heal
	unharmed
	tap $? "$1: the volume has taken no harm"
	works "$1, on a sound disk" "$5"
}

superblock_at_activation() {
	local block
	for block in 0 3 4 7; do
		start
		activation "superblock group block $block" "cannot mark the volume dirty" $block 1 100
	done
}

# Recovery writes the last commit's image in place
image_at_recovery() {
	unclean
	activation "the image in place" "cannot write the recovered commit" $((meta + 1)) 1 110
}

# After a clean close the newest records are not imaged: they must be before they change
commit_at_activation() {
	start
	activation "the first commit" "cannot write the recovered commit" "$commits" 16 100
}

# Writes at close

# closes_badly NAME START COUNT
closes_badly() {
	start
	attach w $weak $blocks
	answers "$1: 10 more blocks" "OK OK" write:100:10:1 fsync
	fail error_writes "$2" "$3"
	detach w
	kernel_says "$4"
	tap $? "$1: the kernel's log says '$4'"
	heal
	unharmed
	tap $? "$1: the volume has taken no harm"
	works "$1" 110
}

at_close() {
	local block
	for block in 0 3 4 7; do
		closes_badly "superblock group block $block at close" $block 1 \
			"cannot write the superblock, left dirty"
	done
	closes_badly "the header block at close" "$meta" 1 "not closed cleanly"
	closes_badly "the last log block at close" $((meta + 1)) 1 "not closed cleanly"
	closes_badly "the clean commit" "$commits" 16 "not closed cleanly"
}

# Reads. Each can be written, as with a bad sector until it is written anew, where the kernel
# can do that.
reads=error_reads

# unreadable NAME START COUNT PHRASE
unreadable() {
	local name=$1 block=$2 count=$3
	start
	fail $reads "$block" "$count"
	goes_on "$name cannot be read" 100
	kernel_says "$4"
	tap $? "$name: the kernel's log says '$4'"
	heal
	works "$name can be read again" 105
}

# sound: nothing of what is said below is said of this volume
sound() {
	start
	goes_on "all can be read" 100
	! dmesg --notime | grep -E 'using (its|the)|damaged'
	tap $? "all can be read: the kernel's log says nothing of copies"
}

with_a_double() {
	[ $reads = error_reads ] || {
		tap_skip "blocks with a double" "no disk on this kernel fails reads alone"
		return
	}
	local group="superblock group is damaged or old"
	sound
	unreadable "the primary superblock" 0 1 "primary $group, using its mirror"
	unreadable "the primary group" 0 4 "primary $group, using its mirror"
	unreadable "the mirror superblock" 4 1 "mirror $group, using the primary"
	unreadable "the mirror group" 4 4 "mirror $group, using the primary"
	unreadable "the directory" 8 1 "block cannot be read, using its copy"
	unreadable "the directory header" 9 1 "block cannot be read, using its copy"
	unreadable "the whole directory" 8 2 "block cannot be read, using its copy"
	unreadable "an old commit" $((commits + 2)) 2 "1 of 8 commit slots are damaged"
}

# Nothing may be made up for what cannot be read, least of all an older state

superblocks() {
	start
	fail $reads 0 8
	refuses "both superblock groups" "cannot read the superblock"
	heal
	works "both superblock groups can be read again" 100
}

# newest_slot: number of the slot with the newest commit
newest_slot() {
	vdectl dump $weak --json | tr -d ' ,"' |
		awk -F: '$1 == "slot" { slot = $2 } $1 == "newest" && $2 == "true" { print slot }'
}

# An older commit would be another, shorter state: it is shown, and nothing built on it
newest_commit() {
	start
	fail $reads $((commits + 2 * $(newest_slot))) 2
	only_reads "the newest commit" 100 ro "the newest commit may be unreadable"
	heal
	works "the newest commit can be read again" 100
}

only_newer_commits() {
	unclean
	fail $reads $((commits + 2 * $(newest_slot))) 2
	only_reads "the newest of an unclean volume" 100 ro "the newest commit may be unreadable"
	heal
	works "the newest of an unclean volume can be read again" 110
}

# all_commits: without any there is no state at all
all_commits() {
	start
	fail $reads "$commits" 16
	refuses "all commits" "no valid commit"
	heal
	works "all commits can be read again" 100
}

header() {
	start
	fail $reads "$meta" 1
	only_reads "the region header" 100 ro "cannot read the region header"
	heal
	works "the region header can be read again" 100
}

newest_records() {
	start
	fail $reads $((meta + 1)) 1
	forget_messages
	attach w $weak $blocks
	tap_is "the newest write records: attached, with its mark, for reading" \
		"$(status w hwm) $(status w mode)" "100 ro"
	kernel_says "cannot read the newest write records"
	tap $? "the newest write records: the kernel's log says so"
	answers "the newest write records: what has a record can be read, nothing else" \
		"OK EIO EIO" read:0:77:1 read:77:23:1 write:100:1:1
	tap_is "the newest write records: that is no corruption" "$(status w corrupt)" 0
	detach w
	attach w $weak $blocks no_verify_reads
	answers "the newest write records: unverified, all can be read" OK read:0:100:1
	detach w
	heal
	works "the newest write records can be read again" 100
}

weak_disk
superblock_at_activation
image_at_recovery
commit_at_activation
at_close
reads_alone || reads=error
with_a_double
superblocks
newest_commit
only_newer_commits
all_commits
header
newest_records
drop_weak_disk
tap_done

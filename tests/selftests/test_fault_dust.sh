#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sectors that go bad under a WORM region, a stream and a vault that are in use, and are
# sound again when they are written, as a disk remaps them (dm-dust): what lies there is an
# error, all else is as ever, and nothing is taken for corruption.
#
# only: uml-*
# lab: --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh
. tests/selftests/scrub.sh

three_disk=/dev/mapper/dusty

# bad BLOCK...: of the volume
bad() {
	local block
	for block; do must dmsetup message dusty 0 addbadblock "$block"; done >/dev/null
	must dmsetup message dusty 0 enable >/dev/null
}

# all_sound: none is bad any more
all_sound() { must dmsetup message dusty 0 clearbadblocks >/dev/null; }

start() {
	null_disk flaw 16
	must dmsetup create dusty --table "0 $((4096 * 8)) dust /dev/flaw 0 4096"
	must dmsetup message dusty 0 quiet >/dev/null
	three $three_disk
	worm_meta=$(where_is worm meta_start)
	worm_data=$(where_is worm data_start)
	ring_data=$(where_is stream data_start)
	vault_meta=$(where_is vault meta_start)
	vault_commits=$(where_is vault commit_start)
}

data_blocks() {
	bad $((worm_data + 10)) $((worm_data + 50)) $((ring_data + 5))
	tap_is "WORM data: those blocks are errors, the others are not" \
		"$(io w direct read:0:10:1 read:10:1:1 read:11:39:1 read:50:1:1 read:51:109:1)" \
		"OK EIO OK EIO OK"
	tap_is "stream data: that position is an error, the others are not" \
		"$(io s direct read:100:5:2 read:105:1:2 read:106:24:2)" "OK EIO OK"
	tap_is "no read is called corrupt" "$(status w mode) $(status w corrupt)" "rw 0"
	scrub
	tap_is "a scrub counts them" "$(tells state corrupted blocks)" "3 2 10,50"
	tap_is "the ring writes over it" "$(io s direct write:130:80:2 fsync read:130:80:2)" \
		"OK OK OK"
}

# What the driver has no other copy of is an error; it never falls back to unverified data
records() {
	# What was read is in memory
	detach w
	attach w $three_disk $worm_blocks
	bad $((worm_meta + 1))
	tap_is "a block of records: the data they describe cannot be read, the rest can" \
		"$(io w direct read:77:1:1 read:154:1:1 read:155:5:1 read:11:39:1)" \
		"EIO EIO OK OK"
	tap_is "appending goes on" "$(io w direct write:160:10:1 fsync) $(status w mode)" "OK OK rw"
}

# unreadable FIRST COUNT: how many of these blocks of the disk still cannot be read
unreadable() {
	local block count=0
	for ((block = $1; block < $1 + $2; block++)); do
		dd if=$three_disk of=/dev/null bs=4096 skip=$block count=1 iflag=direct \
			status=none 2>/dev/null || count=$((count + 1))
	done
	echo $count
}

# Superblocks and commit slots are only written while a volume is in use
written_only() {
	local block bads=(0 1 2 3 4 5 6 7)
	for ((block = 0; block < 16; block++)); do
		bads+=($((worm_meta + 3 + block)) $((vault_commits + block)))
	done
	bad "${bads[@]}"
	tap_is "superblocks and commits: nobody notices" "$(
		io w direct write:170:5:1 fsync) $(vault v rw add:/run/second) $(modes)" \
		"OK OK OK rw rw rw"
	detach w s v
	tap_is "the close writes the superblocks anew" "$(unreadable 0 8)" 0
	[ "$(unreadable $((worm_meta + 3)) 16)" -lt 16 ] &&
		[ "$(unreadable "$vault_commits" 16)" -lt 16 ]
	tap $? "and the commits that were written can be read"
	all_sound
	is_sound $three_disk
	tap $? "sound"
}

# A clean close stores the header block with its 77 records once more, so it must have them
header() {
	attach_three $three_disk
	bad "$worm_meta"
	forget_messages
	detach w
	kernel_says "vde w: not closed cleanly"
	tap $? "a header block that cannot be read: the close says that it was not clean"
	attach w $three_disk $worm_blocks
	tap_is "the next activation recovers; what the header describes cannot be read" \
		"$(status w mode) $(io w direct read:0:1:1 read:76:1:1 read:77:98:1)" \
		"rw EIO EIO OK"
	all_sound
	tap_is "until it can be read again" "$(io w direct read:0:175:1) $(status w corrupt)" "OK 0"
	detach w s v
	is_sound $three_disk
	tap $? "sound"
}

# Passports are in blocks 0 and 1 of the vault; the next one goes into block 1
passports() {
	attach_three $three_disk
	# Verified in the background, which would meet it
	wait_until vault_of_is v state 0 || bail "the vault is not verified"
	bad "$vault_meta"
	tap_is "a vault with a bad block takes more passports" "$(modes) $(vault v rw \
		add:/run/third) $(vault_line v | cut -d' ' -f9)" "rw rw rw OK rw"
	detach v
	must dmsetup message dusty 0 addbadblock "$vault_meta" >/dev/null
	forget_messages
	attach_vault v $three_disk $vault_blocks
	kernel_says "v: cannot read the region header"
	tap $? "activated again: the kernel says what cannot be read"
	tap_is "it is read-only" "$(vault_line v | cut -d' ' -f9) $(vault v rw \
		remove:"$(guid 1)")" "ro EROFS"
	detach v
	all_sound
	attach_vault v $three_disk $vault_blocks
	tap_is "when all can be read again, all is there" "$(modes) $(vault_of v passports)" \
		"rw rw rw 22"
	intact_all
	detach w s v
	is_sound $three_disk
	tap $? "sound"
}

intact_all() {
	tap_is "and the other two have lost nothing" "$(io w direct read:0:175:1) $(
		io s direct read:130:80:2) $(status w hwm) $(ring s head)" "OK OK 175 210"
}

start
data_blocks
records
written_only
header
passports
must dmsetup remove dusty
drop_null_disk flaw
tap_done

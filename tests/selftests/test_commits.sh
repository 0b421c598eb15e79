#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Damaged and torn commits: which one counts, what is recovered, when a region is
# read-only or refused.
#
# lab: --disk 4M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"

blocks=400
disk=$LAB_DISK0
slots=$(commit_start_of $blocks)

# Images one commit apart, not closed: marks 170 and 190. Then closed, with 195.
make_images() {
	local i
	format "$disk" $blocks
	attach w "$disk" $blocks commit_ms=3600000
	for ((i = 0; i < 10; i++)); do
		append w 15 1
		commit w
	done
	append w 20 1
	commit w
	save "$disk" /run/170
	append w 20 1
	commit w
	save "$disk" /run/190
	append w 5 1
	detach w
	save "$disk" /run/clean
}

newest() { newest_commit "$disk" $blocks; }

# works NAME HWM: recovered with that mark, appending goes on, closed soundly
works() {
	local name=$1 hwm=$2
	dmsetup create w --table "$(table "$disk" $blocks)"
	tap_is "$name: mark $hwm, all there, goes on" "$? $(status w mode) $(status w hwm) $(io w \
		direct "read:0:$hwm:1" "zeros:$hwm:10" "write:$hwm:3:1" fsync)" \
		"0 rw $hwm OK OK OK OK"
	detach w
	is_sound "$disk"
	tap $? "$name: sound afterwards"
}

# read_only NAME HWM PHRASE: everything readable, nothing else
read_only() {
	local name=$1 hwm=$2 sum
	sum=$(disk_sum "$disk")
	forget_messages
	dmsetup create w --table "$(table "$disk" $blocks)"
	tap_is "$name: mark $hwm, read-only, all there" \
		"$? $(status w mode) $(status w hwm) $(io w direct "read:0:$hwm:1")" \
		"0 ro $hwm OK"
	kernel_says "vde w: $3"
	tap $? "$name: '$3'"
	tap_is "$name: no append" "$(io w direct "write:$hwm:1:1")" EIO
	detach w
	tap_is "$name: nothing was written" "$(disk_sum "$disk")" "$sum"
}

refused() {
	forget_messages
	dmsetup create w --table "$(table "$disk" $blocks)" 2>/dev/null
	tap_is "$1: refused" $? 1
	kernel_says "vde: w: $2"
	tap $? "$1: '$2'"
	dmsetup remove w 2>/dev/null
}

not_closed() {
	restore /run/190 "$disk"
	works "not closed" 190
	restore /run/190 "$disk"
	poke "$disk" "$(newest)"
	works "not closed, newest record damaged" 170
	restore /run/190 "$disk"
	poke "$disk" $(($(newest) + 1))
	works "not closed, newest image damaged" 170
	restore /run/190 "$disk"
	poke "$disk" "$(newest)"
	poke "$disk" "$(newest)"
	works "not closed, two records damaged in one place" 170
}

# torn FIRST COUNT: of the newest slot only these sectors have arrived
torn() {
	local at want=170 from=$1 count=$2
	restore /run/190 "$disk"
	at=$(newest)
	put_blocks /run/170 "$disk" "$at" 2
	dd if=/run/190 of="$disk" bs=512 skip=$((at * 8 + from)) seek=$((at * 8 + from)) \
		count="$count" oflag=direct conv=notrunc status=none || bail "torn"
	cmp -s <(dd if="$disk" iflag=direct bs=4096 skip="$at" count=2 status=none) \
		<(dd if=/run/190 bs=4096 skip="$at" count=2 status=none) && want=190
	dmsetup create w --table "$(table "$disk" $blocks)"
	tap_is "torn, $count sectors from $from: mark $want, all there" \
		"$? $(status w mode) $(status w hwm) $(io w direct "read:0:$want:1" \
			"write:$want:3:1")" "0 rw $want OK OK"
	detach w
	vdectl check "$disk" --data >/run/check 2>&1
	tap_is "torn, $count sectors from $from: sound afterwards" $? 0
}

torn_commits() {
	local count
	for count in 0 1 7 8 9 15 16; do torn 0 $count; done
	for count in 1 8 15; do torn $((16 - count)) $count; done
	torn 4 8
}

# What the driver would count on from there, it would refuse to read
spent_sequence() {
	local image hwm
	for image in 190 clean; do
		hwm=${image/clean/195}
		restore /run/$image "$disk"
		set_commit_sequences "$disk" $blocks 0x7ffffffffffffffe
		read_only "one of the highest sequences, image $image" "$hwm" \
			"sequence leaves no room for writing"
		warns_once "$disk" "sequence leaves no room"
		tap $? "one of the highest sequences, image $image: a warning"
		restore /run/$image "$disk"
		set_commit_sequences "$disk" $blocks $((2 ** 62 - 8))
		works "one of the last sequences to write from, image $image" "$hwm"
	done
}

closed() {
	local at
	restore /run/clean "$disk"
	works "closed" 195
	restore /run/clean "$disk"
	poke "$disk" "$(newest)"
	read_only "closed, newest record damaged" 195 \
		"volume is clean but the region's newest commit is not"
	restore /run/clean "$disk"
	poke "$disk" $(($(newest) + 1))
	read_only "closed, newest image damaged" 195 \
		"volume is clean but the region's newest commit is not"
	restore /run/clean "$disk"
	poke "$disk" $meta_start
	read_only "closed, header block damaged" 195 "block checksum mismatch"
	restore /run/clean "$disk"
	put_blocks /run/190 "$disk" $meta_start
	read_only "closed, header block of before" 195 \
		"region header contradicts its newest commit"
	restore /run/clean "$disk"
	at=$(((($(newest) - slots) / 2 + 3) % 8 * 2 + slots))
	poke "$disk" "$at"
	forget_messages
	vdectl check "$disk" >/run/check 2>&1
	tap_is "closed, an older commit damaged: vdectl says so" $? 1
	closed_then_many_commits
}

# Each slot's turn comes, so that the damaged one is written again
closed_then_many_commits() {
	local i
	attach w "$disk" $blocks
	kernel_says "vde w: 1 of 8 commit slots are damaged"
	tap $? "closed, an older commit damaged: the kernel warns"
	for ((i = 0; i < 8; i++)); do
		append w 2 1
		commit w
	done
	tap_is "closed, an older commit damaged: the region works" \
		"$(status w mode) $(status w hwm) $(io w direct read:0:211:1)" "rw 211 OK"
	detach w
	is_sound "$disk"
	tap $? "closed, an older commit damaged: healed after eight commits"
}

# The last commit of a close is on the disk, its header block only in part, and the
# superblock still says dirty
torn_close() {
	local sectors
	for sectors in 0 1 4 7; do
		restore /run/clean "$disk"
		put_blocks /run/190 "$disk" 0 8
		put_blocks /run/190 "$disk" $meta_start
		dd if=/run/clean of="$disk" bs=512 skip=$((meta_start * 8)) \
			seek=$((meta_start * 8)) count=$sectors oflag=direct conv=notrunc \
			status=none
		works "close torn after $sectors sectors of the header" 195
	done
	restore /run/clean "$disk"
	put_blocks /run/190 "$disk" 0 8
	poke "$disk" $meta_start
	works "header damaged while the volume was dirty" 195
}

no_commit() {
	local slot image
	for image in 190 clean; do
		restore /run/$image "$disk"
		for ((slot = 0; slot < 8; slot++)); do poke "$disk" $((slots + slot * 2)); done
		refused "image $image without a valid commit" \
			"region has no valid commit (error -117)"
	done
	dmsetup create w -r --table "$(table "$disk" $blocks)" 2>/dev/null
	tap_is "for reading, too" $? 1
	dmsetup remove w 2>/dev/null
	# A commit of another volume's region is none
	restore /run/clean "$disk"
	format "$disk" $blocks
	put_blocks /run/clean "$disk" "$slots" 16
	refused "commits of another volume only" "region has no valid commit (error -117)"
}

make_images
not_closed
torn_commits
spent_sequence
closed
torn_close
no_commit
restore /run/clean "$disk"
is_sound "$disk"
tap $? "vdectl finds nothing wrong with what is left"
tap_done

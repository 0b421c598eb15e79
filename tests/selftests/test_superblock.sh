#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Damaged, torn and outdated superblocks and directories; format over an old volume; what
# a reader without dm-vde finds after a clean close.
#
# lab: --disk 4M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"

blocks=400
disk=$LAB_DISK0
hwm=180

make_images() {
	format "$disk" $blocks
	attach w "$disk" $blocks
	append w 100 1
	detach w
	save "$disk" /run/old
	attach w "$disk" $blocks commit_ms=3600000
	append w 80 1 9
	commit w
	save "$disk" /run/active
	detach w
	save "$disk" /run/clean
}

# is_dirty BLOCK: the flag in the superblock there
is_dirty() { echo $(($(peek "$disk" "$1" 0x1c 4) >> 6 & 1)); }

sequence() { peek "$disk" "$1" 0xf0 8; }

# works NAME: all there, appending, closed soundly
works() {
	local name=$1
	dmsetup create w --table "$(table "$disk" $blocks)"
	tap_is "$name: all there" \
		"$? $(status w mode) $(status w hwm) $(io w direct "read:0:$hwm:1")" "0 rw $hwm OK"
	append w 3 1
	detach w
}

# heals NAME: works, and is as good as new afterwards
heals() {
	works "$1"
	is_sound "$disk"
	tap $? "$1: healed by that"
}

# refused NAME PHRASE [OPTION...]
refused() {
	forget_messages
	dmsetup create w --table "$(table "$disk" $blocks "${@:3}")" 2>/dev/null
	tap_is "$1: refused" $? 1
	kernel_says "$2"
	tap $? "$1: '$2'"
	dmsetup remove w 2>/dev/null
}

dirty_flag() {
	restore /run/clean "$disk"
	tap_is "closed: not dirty, in neither superblock" "$(is_dirty 0) $(is_dirty 4)" "0 0"
	must dmsetup create w --notable
	must dmsetup load w --table "$(table "$disk" $blocks)"
	tap_is "a table that is only loaded sets nothing" "$(is_dirty 0) $(is_dirty 4)" "0 0"
	must dmsetup resume w
	tap_is "active: dirty in both" "$(is_dirty 0) $(is_dirty 4)" "1 1"
	append w 1 1
	must dmsetup suspend w
	tap_is "suspended: dirty" "$(is_dirty 0) $(is_dirty 4)" "1 1"
	must dmsetup resume w
	detach w
	tap_is "closed again: not dirty" "$(is_dirty 0) $(is_dirty 4)" "0 0"
	tap_is "the superblock says the mark" "$(peek "$disk" 0 0x88 8)" $((hwm + 1))
}

damaged_groups() {
	local block before
	for block in 0 1 2 3 4 5 6 7; do
		restore /run/clean "$disk"
		poke "$disk" $block
		heals "block $block damaged"
	done
	restore /run/clean "$disk"
	before=$(sequence 4)
	for block in 0 3; do
		poke "$disk" $block
		works "loaded from the mirror, $block damaged"
		hwm=$((hwm + 3))
	done
	is_sound "$disk"
	tap $? "loaded from the mirror twice in a row: sound"
	[ "$(sequence 0)" = "$(sequence 4)" ] && [ "$(sequence 0)" -gt $((before + 2)) ]
	tap $? "and no sequence was used twice"
	hwm=180
	restore /run/clean "$disk"
	poke "$disk" 0
	poke "$disk" 6
	refused "both groups damaged" "vde: no valid superblock group (-EUCLEAN)"
}

# group_writes COMMAND...: flushes (F) and writes of the groups (their first block) of the
# disk meanwhile, in their order, up to the first flush behind them
group_writes() {
	local device
	device=$(lsblk -dno MAJ:MIN "$disk" | tr -d ' ')
	traced block/block_bio_queue "$@" |
		sed -nE "s/.*block_bio_queue: ${device/:/,} [A-Z]*W[A-Z]* ([0-9]+) \+ ([0-9]+) .*/\1 \2/p" |
		awk '$2 == 0 { print "F"; next } $1 < 64 { print $1 / 8 }' |
		paste -sd' ' - | sed -E 's/( F)+$/ F/'
}

order_of_writes() {
	restore /run/clean "$disk"
	tap_is "activation: the mirror, then the primary, each flushed" \
		"$(group_writes attach w "$disk" $blocks)" "F 4 F 0 F"
	detach w
	poke "$disk" 0
	tap_is "loaded from the mirror: that is touched when the primary is whole again" \
		"$(group_writes attach w "$disk" $blocks)" "F 0 F 4 F 0 F"
	detach w
}

# Old and new blocks that each check
torn_groups() {
	local block
	for block in 0 1 2 3; do
		restore /run/clean "$disk"
		put_blocks /run/old "$disk" $block
		heals "primary with an old block $block"
	done
	restore /run/clean "$disk"
	put_blocks /run/old "$disk" 4 2
	heals "mirror, half of it old"
	put_blocks /run/old "$disk" 0 2
	put_blocks /run/old "$disk" 4 1
	refused "both groups torn" "vde: no valid superblock group (-EUCLEAN)"
	# As if the machine had stopped between the two groups of the last update
	restore /run/clean "$disk"
	put_blocks /run/active "$disk" 0 4
	heals "primary one update behind"
	restore /run/clean "$disk"
	put_blocks /run/active "$disk" 0 4
	for block in 1 2; do
		must dmsetup create w -r --table "$(table "$disk" $blocks)"
		tap_is "read-only from the mirror, time $block" \
			"$(status w hwm) $(io w direct read:0:$hwm:1)" "$hwm OK"
		detach w
	done
	heals "then for writing"
}

directories() {
	local block
	for block in 8 9; do
		restore /run/clean "$disk"
		poke "$disk" $block
		forget_messages
		works "directory block $block damaged"
		kernel_says "using its copy"
		tap $? "directory block $block damaged: the kernel says so"
		vdectl check "$disk" >/run/check 2>&1
		tap_is "directory block $block damaged: so does vdectl" $? 1
	done
	restore /run/clean "$disk"
	poke "$disk" 8
	poke "$disk" 1
	works "directory and one copy damaged"
}

# What the driver would count on from there, it would refuse to read
spent_sequence() {
	local highest=0x7ffffffffffffffe sum
	restore /run/clean "$disk"
	set_sequence "$disk" $highest
	sum=$(disk_sum "$disk")
	forget_messages
	dmsetup create w --table "$(table "$disk" $blocks)"
	tap_is "highest sequence: read-only, all there, no append" \
		"$? $(status w mode) $(status w hwm) $(io w direct "read:0:$hwm:1" \
			"write:$hwm:1:1")" "0 ro $hwm OK EIO"
	kernel_says "sequence leaves no room for writing, read-only here"
	tap $? "highest sequence: the kernel says why"
	detach w
	tap_is "highest sequence: nothing was written" "$(disk_sum "$disk")" "$sum"
	restore /run/clean "$disk"
	set_sequence "$disk" $((2 ** 62))
	attach w "$disk" $blocks
	must dmsetup suspend w
	must dmsetup resume w
	append w 3 1
	tap_is "last sequence to write from: as long as it is active" \
		"$(status w mode) $(status w hwm) $(io w direct read:0:183:1)" "rw 183 OK"
	detach w
	attach w "$disk" $blocks
	tap_is "last sequence to write from: read-only afterwards" \
		"$(status w mode) $(status w hwm) $(io w direct read:0:183:1)" "ro 183 OK"
	detach w
	warns_once "$disk" "sequence leaves no room"
	tap $? "last sequence to write from: a warning"
	set_sequence "$disk" $((highest + 1))
	refused "sequence that nobody counts" "vde: no valid superblock group (-EUCLEAN)"
}

new_format() {
	local block slots="" uuid
	restore /run/clean "$disk"
	uuid=$(uuid_on "$disk")
	vdectl format "$disk" --worm 1M >/dev/null 2>&1
	tap_is "sealed data is not formatted away by accident" $? 2
	vdectl format "$disk" --worm 1M --force >/dev/null 2>&1
	tap_is "nor with --force alone" $? 2
	cmp -s /run/clean "$disk"
	tap $? "and is as it was"
	format "$disk" $blocks
	for ((block = 0; block < 16; block += 2)); do
		slots+="$(peek "$disk" $(($(commit_start_of $blocks) + block)) 0 8) "
	done
	tap_is "after another format there is one commit" "$slots" "0 1 0 0 0 0 0 0 "
	refused "uuid= of the region before it" "the region has another UUID" "uuid=$uuid"
	attach w "$disk" $blocks
	tap_is "and an empty region" "$(status w hwm) $(io w direct zeros:0:$blocks)" "0 OK"
	detach w
	restore /run/clean "$disk"
	format "$disk" $blocks
	poke "$disk" $(($(commit_start_of $blocks) + 2))
	refused "without its commit no older one turns up" "vde: w: region has no valid commit (error -117)"
}

old_image() {
	restore /run/old "$disk"
	attach w "$disk" $blocks
	tap_is "an old image is an old state, and consistent" \
		"$(status w mode) $(status w hwm) $(io w direct read:0:100:1 zeros:100:80)" \
		"rw 100 OK OK"
	detach w
}

foreign_reader() {
	restore /run/clean "$disk"
	# What dm-vde adds to the format, nobody else reads
	dd if=/dev/urandom of="$disk" bs=4096 seek="$(commit_start_of $blocks)" count=16 \
		oflag=direct conv=notrunc status=none
	tap_is "a reader that knows no commits finds every record" \
		"$(python3 tests/selftests/foreign_reader.py "$disk" 2>&1)" \
		"hwm $hwm capacity $blocks records $hwm"
	restore /run/clean "$disk"
}

make_images
dirty_flag
damaged_groups
order_of_writes
torn_groups
directories
spent_sequence
new_format
old_image
foreign_reader
is_sound "$disk"
tap $? "vdectl finds nothing wrong with what is left"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ways round a WORM region that need the disk beneath: none is prevented. What finds each
# of them, and which nothing finds but a copy of the records that is kept elsewhere.
#
# damages: disks
# lab: --disk 16M --disk 16M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
blocks=512
hwm=300
data=$(data_start_of $blocks)
commits=$(commit_start_of $blocks)

start() {
	format "$disk" $blocks
	attach w "$disk" $blocks
	append w 200 1
	detach w
	save "$disk" /run/old
	vdectl log "$disk" --json | jq -c '.records' >/run/old-log
	attach w "$disk" $blocks
	append w $((hwm - 200)) 1
	detach w
	save "$disk" /run/clean
	vdectl log "$disk" --json | jq -c '.records' >/run/log
}

fresh() { restore /run/clean "$disk"; }

# same_log: is the log of the volume the one that was kept elsewhere?
same_log() {
	must vdectl log "$1" --json >/run/now
	jq -c '.records' /run/now | cmp -s - /run/log
}

# busy COMMAND...: does it fail because the disk is in use, not for another reason?
busy() {
	! "$@" >/run/said 2>&1 && grep -qE 'in use|busy' /run/said && return
	sed 's/^/# /' /run/said
	false
}

# While it is active the disk is claimed; an ordinary open for writing is not refused
claimed() {
	attach w "$disk" $blocks
	busy vdectl format "$disk" --worm 1M --force --destroy-sealed-data
	tap $? "an active volume cannot be formatted"
	busy mkfs.ext4 -q -F "$disk"
	tap $? "no file system can be made on it"
	mkdir -p /run/mnt
	busy mount -t ext4 "$disk" /run/mnt
	tap $? "nor mounted"
	busy blkdiscard "$disk"
	tap $? "nor is it discarded, if one asks politely"
	poke "$disk" $((data + 40)) 0 4096
	tap_is "a program that just writes to it is found by the next read" \
		"$(io w direct read:0:40:1 read:40:1:1 read:41:259:1)" "OK EILSEQ OK"
	tap_is "by a scrub" "$(char w rw start:0:0; wait_until ended; char_of w scrub corrupted)" \
		"OK
1"
	detach w
	is_damaged "$disk"
	tap $? "and by vdectl check --data"
	fresh
}

ended() { [ "$(char_of w scrub state)" != 1 ]; }

# record_of BLOCK: where its record is: a metadata block and an offset in it
record_of() { echo $((meta_start + 1 + ($1 - 77) / 78)) $((($1 - 77) % 78 * 52)); }

# Nothing is keyed: who makes data, record and checksum anew has forged the block
forged() {
	local place at digest
	read -r place at < <(record_of 100)
	head -c 4096 /dev/urandom >/run/forged
	digest=$(sha256sum </run/forged | cut -d' ' -f1)
	must dd if=/run/forged of="$disk" bs=4096 seek=$((data + 100)) oflag=direct conv=notrunc \
		status=none
	must reseal "$disk" "$place" $((at + 20))="$digest"
	is_sound "$disk"
	tap $? "data and record forged together: vdectl check finds nothing"
	attach w "$disk" $blocks
	tap_is "nor does a read" "$(io w direct read:100:1:1) $(status w corrupt)" "DIFFERS@100 0"
	detach w
	! same_log "$disk"
	tap $? "a copy of the log that was kept elsewhere does"
	fresh
	same_log "$disk"
	tap $? "(it is the same as long as nothing was changed)"
}

old_image() {
	restore /run/old "$disk"
	is_sound "$disk"
	tap $? "an old image of the whole disk: vdectl check finds nothing"
	attach w "$disk" $blocks
	tap_is "and it can be appended to, with other data" \
		"$(status w hwm) $(status w mode) $(io w direct write:200:100:9)" "200 rw OK"
	detach w
	! same_log "$disk"
	tap $? "a copy of the log, or of the mark, that was kept elsewhere tells"
	tap_is "an older copy does not" "$(vdectl log "$disk" --json | jq -c '.records[:200]' |
		cmp - /run/old-log 2>&1)" ""
	fresh
}

# only_reads NAME PHRASE
only_reads() {
	forget_messages
	attach w "$disk" $blocks
	tap_is "$1: read-only" "$(status w mode)" ro
	kernel_says "$2"
	tap $? "$1: '$2'"
	tap_is "$1: nothing can be appended" "$(io w direct "write:$(status w hwm):1:9")" EIO
	detach w
	is_damaged "$disk"
	tap $? "$1: vdectl check finds it"
	fresh
}

# Parts of an old image, under a superblock that says that the volume was closed cleanly
partly_old() {
	put_blocks /run/old "$disk" "$commits" 16
	only_reads "old commits" "region header contradicts its newest commit"
	put_blocks /run/old "$disk" $meta_start 1
	only_reads "an old region header" "region header contradicts its newest commit"
	put_blocks /run/old "$disk" $((meta_start + 2)) 3
	only_reads "old records" "block has the wrong type tag"
}

# One region put back whole, its commits and its records
old_region() {
	put_blocks /run/old "$disk" $meta_start $((data - meta_start))
	attach w "$disk" $blocks
	tap_is "an old region in a newer volume: it can be activated" \
		"$(status w hwm) $(status w mode)" "200 rw"
	detach w
	put_blocks /run/clean "$disk" 0 8
	put_blocks /run/old "$disk" $meta_start $((data - meta_start))
	is_damaged "$disk"
	tap $? "an old region in a newer volume: vdectl check finds it before that"
	tap_is "... by the mark in the superblock" "$(grep -c \
		"superblock high-water mark contradicts the region's" /run/check)" 1
	fresh
}

# Both have activated the same state, and write to the same places: nothing keeps them from
# it. The other one's writes are put here as it left them.
two_machines() {
	local phrase="the device no longer holds the active volume"
	copy_disk "$disk" "$LAB_DISK1"
	attach w "$LAB_DISK1" $blocks
	append w 50 9
	commit w
	save "$LAB_DISK1" /run/other
	detach w
	attach w "$disk" $blocks
	append w 60 1
	commit w
	restore /run/other "$disk"
	# Whose records are in place counts; those of the newest blocks are in memory
	tap_is "another machine on the same disk: reads may find it, or show what it wrote" \
		"$(io w direct read:0:300:1 read:300:11:9 read:311:1:1)" "OK OK EILSEQ"
	forget_messages
	must dmsetup suspend w
	! dmsetup resume w 2>/dev/null
	tap $? "the next resume finds that it was there"
	kernel_says "vde: w: $phrase"
	tap $? "'$phrase'"
	tap_is "the region has failed" "$(status w mode)" failed
	detach w
	cmp -s /run/other "$disk"
	tap $? "and nothing is written over what it has left"
	fresh
}

# Old records where newer ones have been sealed since: of a block that is full
old_records() {
	must dd if=/dev/zero of="$disk" bs=4096 seek=$((meta_start + 2)) count=1 oflag=direct \
		conv=notrunc status=none
	attach w "$disk" $blocks
	tap_is "records that were wiped: their blocks cannot be read, the others can" \
		"$(io w direct read:155:1:1 read:232:1:1 read:0:155:1 read:233:67:1) $(status w mode)" \
		"EILSEQ EILSEQ OK OK rw"
	detach w
	is_damaged "$disk"
	tap $? "records that were wiped: vdectl check finds it"
	fresh
}

# The clock that retention goes by is as little keyed as anything else
clock() {
	local at
	set_retention "$disk" $blocks 36000000000
	attach w "$disk" $blocks
	tap_is "a region whose retention has not expired: no reset" "$(char w rw reset)" EAGAIN
	detach w
	at=$(newest_commit "$disk" $blocks)
	must reseal "$disk" "$at" "0x18=$(hex_of 72000000000)"
	is_sound "$disk"
	tap $? "another compliance clock in the commits: vdectl check finds nothing"
	attach w "$disk" $blocks
	tap_is "and the region can be reset" "$(char w rw reset) $(status w hwm)" "$hwm 0"
	detach w
	tap_is "which leaves an entry" "$(vdectl log --resets "$disk" --json |
		jq '.resets | length')" 1
	fresh
}

# A stream has no records
streams() {
	format_stream "$LAB_DISK1" 100
	attach_stream s "$LAB_DISK1"
	fill s 50 1
	commit s
	poke "$LAB_DISK1" $((27 + 7)) 0 4096
	tap_is "data of a stream that was changed beneath: reads return it" \
		"$(io s direct read:0:7:1 read:7:1:1 read:8:42:1)" "OK DIFFERS@7 OK"
	detach s
	is_sound "$LAB_DISK1"
	tap $? "vdectl check finds nothing"
}

wiped() {
	must dd if=/dev/zero of="$disk" bs=4096 count=10 oflag=direct status=none
	forget_messages
	! dmsetup create w --table "$(table "$disk" $blocks)" 2>/dev/null
	tap $? "a wiped volume cannot be activated"
	kernel_says "no DWVD volume on the device"
	tap $? "and the kernel says that there is none"
	dmsetup remove w 2>/dev/null
	fresh
}

# A disk that loses its end while the region is active, as a loop device can
shrunk() {
	local loop
	cp /run/clean /run/file
	truncate -s 16M /run/file
	loop=$(losetup --direct-io=off --show -f /run/file) || bail "no loop device"
	attach w "$loop" $blocks
	truncate -s $(((data + hwm) * 4096)) /run/file
	must losetup -c "$loop"
	tap_is "a disk that loses its end: what is left can be read, nothing be appended" \
		"$(io w direct read:0:$hwm:1 write:$hwm:1:1)" "OK EIO"
	tap_is "a scrub tells" "$(char w rw start:0:0)" ENOSPC
	must dmsetup suspend w
	forget_messages
	! dmsetup resume w 2>/dev/null
	tap $? "it cannot be resumed"
	kernel_says "device is smaller than the volume"
	tap $? "and the kernel says why"
	truncate -s 16M /run/file
	must losetup -c "$loop"
	must dmsetup resume w
	tap_is "when its size is back, so is the region" \
		"$(io w direct write:$hwm:1:1 fsync read:0:$((hwm + 1)):1)" "OK OK OK"
	detach w
	is_sound "$loop"
	tap $? "and sound"
	must losetup -d "$loop"
}

start
claimed
forged
old_image
partly_old
old_region
two_machines
old_records
clock
streams
wiped
shrunk
tap_done

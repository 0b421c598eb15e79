#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A resume looks whether the disk beneath is still the one that was activated: its size,
# its volume, its state.
#
# lab: --disk 8M --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=512
whole=$((8 * 2048))

# beneath DISK [BLOCKS]: what the device below w is made of from now on
beneath() {
	live "0 $((8 * ${2:-2048})) linear $1 0" lower
}

# begin: a volume on disk 0, an old copy on disk 1, another volume on disk 2
begin() {
	format "$LAB_DISK0" $blocks
	format "$LAB_DISK2" $blocks
	attach w "$LAB_DISK0" $blocks
	append w 50 1
	detach w
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	must dmsetup create lower --table "0 $whole linear $LAB_DISK0 0"
	attach w /dev/mapper/lower $blocks
	append w 50 1
}

# swapped NAME PHRASE DISK [BLOCKS]: a suspended w must not resume on that
swapped() {
	local name=$1 phrase=$2 sum
	shift 2
	must dmsetup suspend w
	beneath "$@"
	sum=$(disk_sum "$1")
	forget_messages
	said=$(dmsetup resume w 2>&1)
	tap_is "$name: no resume" $? 1
	kernel_says "vde: w: $phrase"
	tap $? "$name: '$phrase'"
	tap_is "$name: nothing is written to it" "$(disk_sum "$1")" "$sum"
	beneath "$LAB_DISK0"
}

# has_failed NAME: and is removed
has_failed() {
	tap_is "$1: the region has failed" "$(status w mode)" failed
	detach w
}

# given_up NAME DISK: whoever removes the device now must not have harmed the other disk
given_up() {
	local sum
	must dmsetup suspend w
	beneath "$2"
	dmsetup resume w 2>/dev/null
	sum=$(disk_sum "$2")
	detach w
	tap_is "$1: closing writes nothing to it" "$(disk_sum "$2")" "$sum"
	beneath "$LAB_DISK0"
}

same_again() {
	must dmsetup suspend w
	beneath "$LAB_DISK0"
	dmsetup resume w
	tap_is "the same disk: resumed" $? 0
	append w 10 1
	tap_is "and appended to" "$(status w hwm) $(status w mode)" "110 rw"
}

shrunk() {
	swapped "a shorter disk" "device is smaller than the volume" "$LAB_DISK0" 1920
	tap_is "a shorter disk: ENOSPC" "$(grep -o 'No space left on device' <<<"$said")" \
		"No space left on device"
	dmsetup resume w
	tap_is "a disk that has its size back: resumed" $? 0
	tap_is "and appended to" "$(status w mode) $(io w direct write:110:5:1 fsync)" "rw OK OK"
}

replaced() {
	local stale="the device no longer holds the active volume" uuid
	uuid=$(region_uuid w)
	swapped "an old state of the volume" "$stale" "$LAB_DISK1"
	has_failed "an old state of the volume"
	attach w /dev/mapper/lower $blocks
	tap_is "the right disk can be activated again" \
		"$(status w hwm) $(io w direct read:0:115:1 write:115:5:1)" "115 OK OK"
	swapped "another volume" "$stale" "$LAB_DISK2"
	has_failed "another volume"
	attach w /dev/mapper/lower $blocks
	tap_is "the right disk again" "$(status w hwm) $(status w mode)" "120 rw"
	given_up "an old state" "$LAB_DISK1"
	attach w /dev/mapper/lower $blocks
	given_up "another volume" "$LAB_DISK2"
	dmsetup create w --table "$(table /dev/mapper/lower $blocks "uuid=$uuid")"
	tap_is "uuid= in the table: the right disk" $? 0
	detach w
	beneath "$LAB_DISK2"
	forget_messages
	! dmsetup create w --table "$(table /dev/mapper/lower $blocks "uuid=$uuid")" 2>/dev/null
	tap $? "uuid= in the table: not another volume"
	kernel_says "the region has another UUID"
	tap $? "uuid= in the table: the kernel says why"
	dmsetup remove w 2>/dev/null
	beneath "$LAB_DISK0"
}

begin
same_again
shrunk
replaced
attach w /dev/mapper/lower $blocks
tap_is "nothing was lost meanwhile" "$(status w hwm) $(io w direct read:0:120:1)" "120 OK"
detach w
detach lower
for disk in "$LAB_DISK0" "$LAB_DISK1" "$LAB_DISK2"; do
	is_sound "$disk"
	tap $? "vdectl finds nothing wrong with $disk"
done
tap_done

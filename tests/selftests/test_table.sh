#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tables that are refused, each with its phrase and errno in the kernel's log; none of
# them writes anything.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=512
sectors=$((blocks * 8))

# rejected NAME "TABLE" "PHRASE" ERRNO
rejected() {
	forget_messages
	dmsetup create x --table "$2" 2>/dev/null
	tap_is "$1: refused" $? 1
	kernel_says "vde: $3 (-$4)"
	tap $? "$1: '$3', $4"
	# In case it was not
	dmsetup remove x 2>/dev/null
}

# option_rejected "OPTIONS WITH COUNT" PHRASE
option_rejected() {
	rejected "options '$1'" "0 $sectors vde $LAB_DISK0 worm $1" "$2" EINVAL
}

# nonesuch_errno: what the kernel says to its own targets of a path that leads nowhere: ENOENT,
# before Linux 6.5 ENODEV
nonesuch_errno() {
	forget_messages
	dmsetup create x --table "0 8 linear /dev/nonesuch 0" 2>/dev/null
	dmesg --notime | sed -nE 's/.*linear: .*\(-(E[A-Z]+)\)$/\1/p'
}

parameters() {
	rejected "no parameters" "0 $sectors vde" "device and region kind expected" EINVAL
	rejected "no kind" "0 $sectors vde $LAB_DISK0" "device and region kind expected" EINVAL
	rejected "unknown kind" "0 $sectors vde $LAB_DISK0 worms" \
		"region kind is not worm, stream or vault" EINVAL
	rejected "no region of that kind" "0 $sectors vde $LAB_DISK0 vault" \
		"volume has no such region" ENXIO
	rejected "nonexistent device" "0 $sectors vde /dev/nonesuch worm" \
		"cannot open the device" "$(nonesuch_errno)"
	rejected "device without a driver" "0 $sectors vde 240:7 worm" \
		"cannot open the device" ENXIO
	rejected "no volume" "0 $sectors vde $LAB_DISK1 worm" \
		"no DWVD volume on the device" ENODATA
	rejected "too short a table" "0 $((sectors - 8)) vde $LAB_DISK0 worm" \
		"table length is not the region's capacity" EINVAL
	rejected "too long a table" "0 $((sectors + 8)) vde $LAB_DISK0 worm" \
		"table length is not the region's capacity" EINVAL
	rejected "no such region" "0 $sectors vde $LAB_DISK0 worm 1 region=2" \
		"volume has no such region" ENXIO
	forget_messages
	printf '%s\n' "0 $sectors vde $LAB_DISK0 worm" "$sectors 8 error" |
		dmsetup create x 2>/dev/null
	tap_is "a table with another segment is refused" $? 1
	kernel_says "must appear alone in table"
	tap $? "because the target stands alone"
	dmsetup remove x 2>/dev/null
}

options() {
	local bad="option has a malformed value" range="option value is out of range"
	option_rejected "1 nonsense" "unknown option"
	option_rejected "1 nonsense=5" "unknown option"
	option_rejected "1 Sync" "unknown option"
	option_rejected "2 sync sync" "option given twice"
	option_rejected "2 commit_ms=5 commit_ms=5" "option given twice"
	option_rejected "1 sync=1" "$bad"
	option_rejected "1 commit_ms" "$bad"
	option_rejected "1 commit_ms=" "$bad"
	option_rejected "1 commit_ms=1s" "$bad"
	option_rejected "1 commit_ms=-1" "$bad"
	option_rejected "1 commit_ms=99999999999999999999999" "$bad"
	option_rejected "1 commit_ms=0" "$range"
	option_rejected "1 commit_ms=3600001" "$range"
	option_rejected "1 reorder_ms=10001" "$range"
	option_rejected "1 max_inflight=0" "$range"
	option_rejected "1 max_inflight=4095" "$range"
	option_rejected "1 max_inflight=4097" "$range"
	option_rejected "1 max_inflight=1073745920" "$range"
	option_rejected "1 region=63" "$range"
	option_rejected "1 region=x" "$bad"
	option_rejected "1 uuid=" "$bad"
	option_rejected "1 uuid=0123" "$bad"
	option_rejected "1 uuid=xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" "$bad"
	option_rejected "1 no_verify_reads=1" "$bad"
	option_rejected "1 on_corruption" "$bad"
	option_rejected "1 on_corruption=" "$bad"
	option_rejected "1 on_corruption=ignore" "$bad"
	option_rejected "1 on_corruption=0" "$bad"
	option_rejected "2 on_corruption=error on_corruption=panic" "option given twice"
	option_rejected "2 sync" "wrong number of options"
	option_rejected "99" "wrong number of options"
	option_rejected "x" "wrong number of options"
	option_rejected "0 sync" "more parameters than the number of options says"
	option_rejected "1 sync commit_ms=5" "more parameters than the number of options says"
}

# accepted NAME "TABLE": works, and is gone again
accepted() {
	dmsetup create x --table "$2"
	tap_is "$1: accepted" $? 0
	detach x
}

identity() {
	local own other
	own=$(uuid_on "$LAB_DISK0")
	other=$(uuid_on "$LAB_DISK0" 1)
	rejected "uuid of another region" "$(table "$LAB_DISK0" $blocks "uuid=$other")" \
		"the region has another UUID" ENXIO
	accepted "its own uuid" "$(table "$LAB_DISK0" $blocks "uuid=$own")"
	accepted "its own uuid, in capitals" "$(table "$LAB_DISK0" $blocks "uuid=${own^^}")"
	accepted "uuid and number of the other region" \
		"$(table "$LAB_DISK0" 100 "uuid=$other" region=1)"
	accepted "no options, counted" "0 $sectors vde $LAB_DISK0 worm 0"
	accepted "the bounds of every number" "$(table "$LAB_DISK0" $blocks commit_ms=1 \
		reorder_ms=0 max_inflight=4096 region=0)"
	accepted "the other bounds" "$(table "$LAB_DISK0" $blocks commit_ms=3600000 \
		reorder_ms=10000 max_inflight=1073741824)"
	accepted "each answer to corruption" "$(table "$LAB_DISK0" $blocks on_corruption=error)"
	accepted "another" "$(table "$LAB_DISK0" $blocks on_corruption=panic)"
	accepted "the third" "$(table "$LAB_DISK0" $blocks on_corruption=restart no_verify_reads)"
}

claimed() {
	attach one "$LAB_DISK0" $blocks
	rejected "region of another device" "$(table "$LAB_DISK0" $blocks)" \
		"the region is in use by another device" EBUSY
	accepted "the volume's other region" "$(table "$LAB_DISK0" 100 region=1)"
	detach one
	# A table that was never resumed claims, too
	must dmsetup create one --notable
	must dmsetup load one --table "$(table "$LAB_DISK0" $blocks)"
	rejected "region of a loaded table" "$(table "$LAB_DISK0" $blocks)" \
		"the region is in use by another device" EBUSY
	must dmsetup clear one
	accepted "after that table was cleared" "$(table "$LAB_DISK0" $blocks)"
	detach one
}

# patched NAME PHRASE ERRNO OFFSET=BYTES...: the same change to both superblocks
patched() {
	local name=$1 phrase=$2 errno=$3
	shift 3
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	must reseal "$LAB_DISK1" 0 "$@"
	must reseal "$LAB_DISK1" 4 "$@"
	rejected "$name" "$(table "$LAB_DISK1" $blocks)" "$phrase" "$errno"
}

# head_only BYTE-0 BYTE-1...: a volume of another block size is sealed elsewhere, so that
# all one finds is the head of its superblock
head_only() {
	dd if=/dev/zero of="$LAB_DISK1" bs=1M count=1 oflag=direct status=none
	dd if="$LAB_DISK0" of="$LAB_DISK1" bs=304 count=1 conv=notrunc status=none
	# shellcheck disable=SC2059
	printf "$1" | dd of="$LAB_DISK1" bs=1 seek=$((0x34)) conv=notrunc,fsync status=none
	blockdev --flushbufs "$LAB_DISK1"
}

volumes() {
	local size="volume block size is not 4096"
	patched "block size 512" "$size" EPROTONOSUPPORT 0x34=00020000
	patched "block size 8192" "$size" EPROTONOSUPPORT 0x34=00200000
	patched "block size 0" "$size" EPROTONOSUPPORT 0x34=00000000
	head_only '\0\02\0\0'
	rejected "a volume made with blocks of 512" "$(table "$LAB_DISK1" $blocks)" "$size" \
		EPROTONOSUPPORT
	head_only '\0\040\0\0'
	rejected "a volume made with blocks of 8192" "$(table "$LAB_DISK1" $blocks)" "$size" \
		EPROTONOSUPPORT
	head_only '\0\020\0\0'
	rejected "both superblocks damaged" "$(table "$LAB_DISK1" $blocks)" \
		"no valid superblock group" EUCLEAN
	patched "major version 3" "volume needs a newer dm-vde" EPROTONOSUPPORT 4=03
	patched "minimum reader 3" "volume needs a newer dm-vde" EPROTONOSUPPORT 0x10=0300
	patched "an unknown feature" "volume has unknown incompatible features" \
		EPROTONOSUPPORT 0x14=03000000
	patched "a compressed volume" "volume uses an unsupported algorithm" EPROTONOSUPPORT \
		0x78=01
	patched "sizes that contradict each other" "superblock sizes contradict each other" \
		EUCLEAN 0x48=00000001
	must dmsetup create short --table "0 $((8 * 1920)) linear $LAB_DISK0 0"
	rejected "device shorter than the volume" "$(table /dev/mapper/short $blocks)" \
		"device is smaller than the volume" ENOSPC
	detach short
}

format "$LAB_DISK0" $blocks 100
before=$(disk_sum "$LAB_DISK0")
parameters
options
tap_is "no refused table has written anything" "$(disk_sum "$LAB_DISK0")" "$before"
volumes
tap_is "nor has the reading of the disk beneath" "$(disk_sum "$LAB_DISK0")" "$before"
identity
claimed
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
must dd if=/dev/zero of="$LAB_DISK1" bs=1M count=1 oflag=direct status=none
tap_done

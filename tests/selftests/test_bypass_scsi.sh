#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ways round a WORM region on a SCSI disk: commands by SG_IO and by reservations, a discard
# through a partition or round it, a second path to the disk.
#
# lab: --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=2048
hwm=300
# The volume is on the partition; the disk is the whole of it
volume=/dev/sda1
whole=/dev/sda

start() {
	must modprobe scsi_debug dev_size_mb=32 num_parts=1 lbpu=1 num_tgts=2
	wait_until test -b $volume || bail "no partition"
	wait_until test -b /dev/sdb1 || bail "no second path"
	first=$(cat /sys/block/sda/sda1/start)
	format $volume $blocks
	attach w $volume $blocks
	append w $hwm 1
	commit w
	data=$(data_start_of $blocks)
}

# sector_of BLOCK: of the whole disk
sector_of() { echo $((first + 8 * (data + $1))); }

# sg NODE BLOCK: writes noise to the place of a sealed block
sg() { python3 tests/selftests/sg_write.py "$1" "$(sector_of "$2")" 8; }

scsi_commands() {
	local generic
	generic=/dev/$(ls /sys/block/sda/device/scsi_generic)
	tap_is "SG_IO on the node of a region" "$(sg /dev/mapper/w 10)" ENOTTY
	tap_is "it has changed nothing" "$(io w direct read:0:$hwm:1)" OK
	tap_is "SG_IO on the disk beneath is not prevented" "$(sg $whole 10) $(sg "$generic" 11)" \
		"OK OK"
	tap_is "reads find it" \
		"$(io w direct read:10:1:1 read:11:1:1 read:0:10:1 read:12:288:1)" \
		"EILSEQ EILSEQ OK OK"
}

# This disk knows none: that it is asked at all tells that they are passed on
reservations() {
	local before requests="register:0:17:0 reserve:17:1 release:17:1"
	before=$(disk_sum $whole)
	# shellcheck disable=SC2086
	tap_is "persistent reservations go to the disk, which answers as if it were asked itself" \
		"$(io w direct $requests)" "$(vdeio $whole direct $requests | xargs)"
	tap_is "all but IOC_PR_CLEAR" "$(io w direct clear:17)" ENOTTY
	tap_is "they have changed nothing" "$(disk_sum $whole)" "$before"
}

# discard DEVICE BLOCK [COUNT]: of the whole disk
discards() {
	local at=$(((data + 20) * 4096))
	tap_is "discards through the region" "$(io w direct discard:20:8 secdiscard:20:8)" \
		"EOPNOTSUPP EOPNOTSUPP"
	blkdiscard --offset $at --length 4096 $volume 2>&1 | grep -q busy
	tap $? "blkdiscard of the partition: it is in use"
	blkdiscard --force --offset $at --length 4096 $volume
	tap_is "blkdiscard --force of the partition is not prevented" $? 0
	blkdiscard --force --offset $(($(sector_of 30) * 512)) --length 8192 $whole
	tap_is "nor is one of the whole disk" $? 0
	tap_is "reads find it" \
		"$(io w direct read:20:1:1 read:30:1:1 read:31:1:1 read:12:8:1 read:32:200:1)" \
		"EILSEQ EILSEQ EILSEQ OK OK"
	delpart $whole 1 2>&1 | grep -q busy
	tap $? "the partition cannot be taken away"
}

second_path() {
	forget_messages
	! dmsetup create v --table "$(table /dev/sdb1 $blocks)" 2>/dev/null
	tap $? "a second path to the disk: no second device"
	kernel_says "a volume with the same UUID is active on another device"
	tap $? "the kernel says why"
	dmsetup remove v 2>/dev/null
	tap_is "the first one goes on" "$(io w direct write:$hwm:5:1 fsync) $(status w mode)" \
		"OK OK rw"
}

finish() {
	tap_is "each damaged block was counted" "$(status w corrupt)" 5
	detach w
	is_damaged $volume
	tap $? "vdectl check finds the damage"
	must rmmod scsi_debug
}

start
reservations
scsi_commands
discards
second_path
finish
tap_done

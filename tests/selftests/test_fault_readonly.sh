#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A disk that turns read-only, or too short, under a WORM region, a stream and a vault that
# are in use: reads go on, nothing is acknowledged that is not stored, and when the disk is
# as it was, all of it is there.
#
# lab: --disk 8M --timeout 200
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh

# again: a suspend and a resume of each
again() {
	local name
	for name in w s v; do
		must dmsetup suspend $name
		must dmsetup resume $name
	done
}

# Who has a disk open for writing goes on writing to it when it is set read-only
set_readonly() {
	local name="BLKROSET"
	three "$LAB_DISK0"
	must blockdev --setro "$LAB_DISK0"
	again
	tap_is "$name: read-only from the next resume on" "$(modes)" "ro ro ro"
	tap_is "$name: nothing is stored" "$(io w direct write:160:1:1) $(
		io s direct write:130:1:2) $(vault v rw add:/run/second)" "EIO EIO EROFS"
	intact "$name"
	must blockdev --setrw "$LAB_DISK0"
	again
	go_on "$name taken back"
	detach w s v
	is_sound "$LAB_DISK0"
	tap $? "$name: sound"
}

# A switch on the disk: each write is an error
write_protected() {
	local name="write protection" wp=/sys/module/scsi_debug/parameters/wp
	must modprobe scsi_debug dev_size_mb=16
	wait_until test -b /dev/sda || bail "no disk"
	three /dev/sda
	echo 1 >$wp
	tap_is "$name: writes of data fail" "$(io w direct write:160:1:1) $(
		io s direct write:130:1:2)" "EIO EIO"
	tap_is "$name: what is stored with a commit fails" "$(vault v rw add:/run/second)" $lost
	tap_is "$name: only the latter is for good" "$(modes)" "rw rw $broken"
	intact "$name"
	tap_is "$name: marks stay" "$(status w hwm) $(ring s head) $(vault_of v passports)" \
		"160 130 $stored"
	detach w s v
	echo 0 >$wp
	attach_three /dev/sda
	intact "$name taken back"
	go_on "$name taken back"
	detach w s v
	is_sound /dev/sda
	tap $? "$name: sound"
	must rmmod scsi_debug
}

# shorten SECTORS: the device that the volume is on
shorten() {
	must dmsetup load lower --table "0 $1 linear $LAB_DISK0 0"
	must dmsetup resume --noflush --nolockfs lower
}

# A disk that loses its end: of the stream's data and all of the vault
short() {
	local name="a disk that has lost its end" size end
	size=$(blockdev --getsz "$LAB_DISK0")
	must dmsetup create lower --table "0 $size linear $LAB_DISK0 0"
	three_disk=/dev/mapper/lower
	three $three_disk
	end=$(($(where_is stream data_start) + 50))
	shorten $((end * 8))
	tap_is "$name: what lies before it is as ever" \
		"$(io w direct read:0:160:1 write:160:5:1 fsync)" "OK OK OK"
	tap_is "$name: a stream beyond it" "$(io s direct read:100:30:2 read:60:30:2 write:130:20:2 \
		write:150:1:2 fsync)" "OK EIO OK EIO OK"
	tap_is "$name: a vault beyond it" "$(vault v rw add:/run/second)" $lost
	tap_is "$name: modes" "$(modes)" "rw rw $broken"
	must dmsetup suspend s
	forget_messages
	! dmsetup resume s 2>/dev/null
	tap $? "$name: no resume"
	kernel_says "device is smaller than the volume"
	tap $? "$name: the kernel says why"
	shorten "$size"
	must dmsetup resume s
	intact "the end is back"
	detach w s v
	attach_three $three_disk
	intact "the end is back, activated again"
	go_on "the end is back"
	detach w s v
	is_sound $three_disk
	tap $? "$name: sound"
	detach lower
}

set_readonly
write_protected
short
tap_done

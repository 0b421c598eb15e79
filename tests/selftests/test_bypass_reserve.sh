#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Persistent reservations through the node of a region: device-mapper passes them on to the
# disk. They decide who may use the disk, and change no data. The disk is one of the kernel's
# own SCSI target, in memory, with two paths, each of which is somebody else to it; only stock
# kernels have that.
#
# only: stock-*
# lab: --timeout 300
set -u
. "$(dirname "$0")/lib.sh"

blocks=1024
hwm=100
target=/sys/kernel/config/target
core=$target/core/rd_mcp_0/disk
write_exclusive=1
exclusive=2

# path_to_disk NUMBER: one more
path_to_disk() {
	local portal=$target/loopback/naa.500140500000000$1/tpgt_1
	must mkdir -p "$portal/lun/lun_0"
	must tee "$portal/nexus" <<<"naa.500140510000000$1" >/dev/null
	must ln -s $core "$portal/lun/lun_0/port"
	wait_until test -b "/dev/sd$2" || bail "no disk sd$2"
}

start() {
	must modprobe tcm_loop
	# Where the target keeps what outlasts a power cut: the kernel asks for that
	must mkdir -p /run/target/pr
	must tee $target/dbroot <<</run/target >/dev/null
	must mkdir -p $core
	must tee $core/control <<<"rd_pages=8192" >/dev/null
	must tee $core/enable <<<1 >/dev/null
	path_to_disk 1 a
	path_to_disk 2 b
	format /dev/sda $blocks
	attach w /dev/sda $blocks
	append w $hwm 1
	commit w
}

# other OPERATION...: through the other path
other() { vdeio /dev/sdb direct "$@" 2>&1 | xargs; }

# What the disk itself says: how many are registered, and of the path that holds it
registered() { grep -c ' Node: ' $core/pr/res_pr_registered_i_pts; }
holder() { sed -n 's/.* Initiator: naa.50014051000000//p' $core/pr/res_holder; }

passed_on() {
	local before
	before=$(disk_sum /dev/sda)
	tap_is "a key is registered" "$(io w direct register:0:17:0) $(registered)" "OK 1"
	tap_is "the disk is reserved" \
		"$(io w direct reserve:17:$write_exclusive) $(holder)" "OK 01"
	tap_is "another cannot write to it, and can read" "$(other write:0:1:9 zeros:8000:1)" \
		"EBADE OK"
	tap_is "IOC_PR_CLEAR is not passed on" "$(io w direct clear:17) $(registered)" "ENOTTY 1"
	tap_is "a key that is none is refused by the disk" \
		"$(io w direct reserve:18:$write_exclusive release:18:$write_exclusive)" \
		"DENIED DENIED"
	tap_is "nothing on the disk has changed" "$(disk_sum /dev/sda)" "$before"
	tap_is "the region goes on" "$(io w direct read:0:$hwm:1 write:$hwm:1:1 fsync)" \
		"OK OK OK"
	hwm=$((hwm + 1))
	tap_is "the reservation is released, and the key taken back" \
		"$(io w direct release:17:$write_exclusive register:17:0:0) $(holder) $(registered)" \
		"OK OK  0"
}

# Somebody else takes the disk away
taken_away() {
	local before
	tap_is "another reserves the disk for itself" \
		"$(other register:0:34:0 reserve:34:$exclusive) $(holder)" "OK OK 02"
	before=$(other_sum)
	tap_is "the region cannot read or append, and says so" \
		"$(io w direct read:0:1:1 "write:$hwm:1:1")" "EBADE EIO"
	tap_is "nothing has changed" "$(other_sum)" "$before"
	tap_is "nothing is taken for corrupt" \
		"$(status w mode) $(status w hwm) $(status w corrupt)" "rw $hwm 0"
	tap_is "through the node of the region it is taken back" \
		"$(io w direct register:0:17:0 preempt:17:34:$exclusive) $(holder)" "OK OK 01"
	tap_is "everything is there, and appending goes on" \
		"$(io w direct read:0:$hwm:1 "write:$hwm:1:1" fsync)" "OK OK OK"
	tap_is "the other has nothing any more" "$(other zeros:8000:1) $(registered)" "EBADE 1"
}

other_sum() { disk_sum /dev/sdb; }

start
passed_on
taken_away
detach w
is_sound /dev/sda
tap $? "sound"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Copies of a volume, read-only tables and read-only disks: after a clean and an unclean
# stop, reading works and not a byte is written.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=512

# read_only NAME DISK HWM [CREATE-OPTION]: everything readable, nothing written
read_only() {
	local name=$1 disk=$2 hwm=$3 sum
	sum=$(disk_sum "$disk")
	dmsetup create x --table "$(table "$disk" $blocks)" "${@:4}"
	tap_is "$name: can be activated" $? 0
	tap_is "$name: the mark, the mode" "$(status x hwm) $(status x mode)" "$hwm ro"
	tap_is "$name: data, zeros above" \
		"$(io x direct "read:0:$hwm:1" "zeros:$hwm:$((blocks - hwm))")" "OK OK"
	tap_is "$name: buffered, too" "$(io x buffered "read:0:$hwm:1")" OK
	vdectl log "$disk" --json >/run/log
	tap_is "$name: the log" "$? $(jq '.records | length' /run/log)" "0 $hwm"
	dmsetup message x 0 commit
	tap_is "$name: nothing to commit" "$?" 0
	refuse_writes "$name"
	detach x
	tap_is "$name: the disk is as it was" "$(disk_sum "$disk")" "$sum"
}

refuse_writes() {
	local got
	got=$(io x direct "write:$(status x hwm):1:1" 2>&1)
	[ "$got" != OK ] && [[ $got != *DIFFERS* ]]
	tap $? "$1: no append ($got)"
	# A node that claims to be writable must refuse by itself
	got=$(io x direct fsync)
	tap_is "$1: a flush is harmless" "$got" OK
}

make_images() {
	format "$LAB_DISK0" $blocks
	attach w "$LAB_DISK0" $blocks commit_ms=3600000
	append w 200 1 30
	commit w
	append w 17 1
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	unclean=200
	clean=217
}

twins() {
	local got
	forget_messages
	dmsetup create twin --table "$(table "$LAB_DISK1" $blocks)" 2>/dev/null
	tap_is "a copy of an active volume is refused" $? 1
	kernel_says "vde: a volume with the same UUID is active on another device (-EBUSY)"
	tap $? "because the same UUID is active elsewhere, EBUSY"
	dmsetup remove twin 2>/dev/null
	must dmsetup create path --table "0 $((8 * 2048)) linear $LAB_DISK0 0"
	dmsetup create twin --table "$(table /dev/mapper/path $blocks)" 2>/dev/null
	tap_is "so is the same disk under another name" $? 1
	dmsetup remove twin 2>/dev/null
	dmsetup create twin -r --table "$(table "$LAB_DISK1" $blocks)" 2>/dev/null
	tap_is "and a read-only table of the copy" $? 1
	dmsetup remove twin 2>/dev/null
	detach path
	got=$(io w direct write:217:3:1 fsync read:0:220:1)
	tap_is "the active volume has not noticed" "$got $(status w mode)" "OK OK OK rw"
	clean=220
	detach w
	attach twin "$LAB_DISK1" $blocks
	tap_is "afterwards the copy is accepted" "$(status twin hwm) $(status twin mode)" \
		"$unclean rw"
	dmsetup create w --table "$(table "$LAB_DISK0" $blocks)" 2>/dev/null
	tap_is "and its original refused meanwhile" $? 1
	dmsetup remove w 2>/dev/null
	detach twin
	twin_loaded_earlier
}

# Both tables are made before either is resumed
twin_loaded_earlier() {
	must dmsetup create twin --notable
	must dmsetup load twin --table "$(table "$LAB_DISK1" $blocks)"
	attach w "$LAB_DISK0" $blocks
	forget_messages
	dmsetup resume twin 2>/dev/null
	tap_is "a copy whose table was loaded earlier cannot be resumed" $? 1
	kernel_says "vde: twin: a volume with the same UUID is active on another device (error -16)"
	tap $? "for the same reason"
	detach w
	dmsetup resume twin
	tap_is "until the other is gone" "$? $(status twin mode)" "0 rw"
	detach twin
}

unclean_again() {
	attach w "$LAB_DISK0" $blocks commit_ms=3600000
	append w 7 1
	commit w
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	detach w
	clean=227
	unclean=227
}

# A device that was only readable becomes writable, and the other way round
upgrade() {
	attach w "$LAB_DISK1" $blocks
	detach w
	must dmsetup create w -r --table "$(table "$LAB_DISK0" $blocks)"
	live "$(table "$LAB_DISK0" $blocks)"
	tap_is "a reload without -r allows appends" \
		"$(status w mode) $(io w direct write:$clean:5:1 fsync) $(status w hwm)" \
		"rw OK OK $((clean + 5))"
	must dmsetup reload w -r --table "$(table "$LAB_DISK0" $blocks)"
	must dmsetup resume w
	[ "$(io w direct write:$((clean + 5)):1:1)" != OK ]
	tap $? "a reload with -r forbids them"
	tap_is "and loses nothing" "$(io w direct read:0:$((clean + 5)):1)" OK
	detach w
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong with it"
}

make_images
twins
unclean_again
read_only "read-only table, clean" "$LAB_DISK0" $clean -r
read_only "read-only table, unclean" "$LAB_DISK1" $unclean -r
for disk in "$LAB_DISK0" "$LAB_DISK1"; do must blockdev --setro "$disk"; done
read_only "read-only disk and table, clean" "$LAB_DISK0" $clean -r
read_only "read-only disk and table, unclean" "$LAB_DISK1" $unclean -r
read_only "read-only disk, clean" "$LAB_DISK0" $clean
read_only "read-only disk, unclean" "$LAB_DISK1" $unclean
for disk in "$LAB_DISK0" "$LAB_DISK1"; do must blockdev --setrw "$disk"; done
upgrade
attach w "$LAB_DISK1" $blocks
tap_is "what was recovered in memory only can still be recovered on the disk" \
	"$(io w direct "read:0:$unclean:1" "write:$unclean:1:1") $(status w hwm)" \
	"OK OK $((unclean + 1))"
detach w
is_sound "$LAB_DISK1"
tap $? "vdectl finds nothing wrong with the copy"
tap_done

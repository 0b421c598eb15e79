#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two devices on two regions of one volume, both written at once; and what happens when
# only one of them is closed.
#
# lab: --disk 160M --disk 160M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

size_a=20000
size_b=16000

attach_a() { attach a "$1" $size_a; }
attach_b() { attach b "$1" $size_b region=1 commit_ms=3600000; }

# is_dirty DISK: what the superblock in force says
is_dirty() { vdectl dump "$1" --json | jq .primary.dirty; }

both_at_once() {
	local one two
	appender /dev/mapper/a 0 $size_a 1 5 16 >/run/a &
	one=$!
	appender /dev/mapper/b 0 $size_b 2 16 4 >/run/b &
	two=$!
	wait $one $two
	tap_is "two regions filled at once" "$(cat /run/a /run/b | paste -sd' ' -)" \
		"acked=$size_a eio=0 other=OK acked=$size_b eio=0 other=OK"
	commit a
	tap_is "a commit of one is none of the other" "$(status a committed) $(status b committed)" \
		"$size_a 0"
	commit b
	tap_is "each has its own mark and counters" \
		"$(dmsetup status a) $(dmsetup status b)" \
		"0 160000 vde 0 20000/20000 20000 20000 0 0 0 0 0 0 rw \
0 128000 vde 1 16000/16000 16000 16000 0 0 0 0 0 0 rw"
	tap_is "each its own data" \
		"$(io a direct read:0:$size_a:1) $(io b direct read:0:$size_b:2)" "OK OK"
	tap_is "a refusal in one is none in the other" \
		"$(io a direct write:5:1:9) $(status a refused) $(status b refused)" \
		"EOPNOTSUPP 1 0 0 0 0 0 0 0"
	detach a
	tap_is "while the other is active the volume stays dirty" "$(is_dirty "$LAB_DISK0")" true
	tap_is "and the other goes on" "$(io b direct read:0:100:2 fsync)" "OK OK"
	detach b
	tap_is "closed with the last" "$(is_dirty "$LAB_DISK0")" false
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong"
}

# half_closed: a volume on the second disk with region 0 closed and region 1 not
half_closed() {
	format "$LAB_DISK0" $size_a $size_b
	attach_a "$LAB_DISK0"
	attach_b "$LAB_DISK0"
	append a 300 1 7
	append b 500 2 100
	commit b
	append b 50 2
	detach a
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	detach b
}

recover_one_by_one() {
	vdectl check "$LAB_DISK1" --data >/run/check
	tap_is "one of two left unclean: vdectl finds no damage" $? 0
	attach_a "$LAB_DISK1"
	tap_is "the closed one: all there, and writable" \
		"$(status a hwm) $(io a direct read:0:300:1 write:300:9:1)" "300 OK OK"
	detach a
	tap_is "the volume stays dirty until the other was recovered" \
		"$(is_dirty "$LAB_DISK1")" true
	attach_a "$LAB_DISK1"
	detach a
	tap_is "also the second time" "$(is_dirty "$LAB_DISK1")" true
	attach_b "$LAB_DISK1"
	tap_is "the unclean one: all that was committed" \
		"$(status b hwm) $(io b direct read:0:500:2 zeros:500:50 write:500:9:2)" "500 OK OK OK"
	detach b
	tap_is "then the volume is clean" "$(is_dirty "$LAB_DISK1")" false
	is_sound "$LAB_DISK1"
	tap $? "and sound"
	attach_a "$LAB_DISK1"
	attach_b "$LAB_DISK1"
	tap_is "both are as they were left" "$(status a hwm) $(status b hwm)" "309 509"
	detach a
	detach b
}

# The unclean one is only read: that is no recovery on the disk
read_only_is_not_recovery() {
	half_closed
	must dmsetup create b -r --table "$(table "$LAB_DISK1" $size_b region=1)"
	attach_a "$LAB_DISK1"
	append a 3 1
	detach b
	detach a
	tap_is "reading the unclean one leaves the volume dirty" "$(is_dirty "$LAB_DISK1")" true
	attach_b "$LAB_DISK1"
	tap_is "and recoverable" "$(status b hwm)" 500
	detach b
	tap_is "recovery clears the flag" "$(is_dirty "$LAB_DISK1")" false
}

format "$LAB_DISK0" $size_a $size_b
attach_a "$LAB_DISK0"
attach_b "$LAB_DISK0"
both_at_once
half_closed
recover_one_by_one
read_only_is_not_recovery
tap_done

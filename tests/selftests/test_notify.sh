#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How a refusal and a commit are told: kernel message, uevent, dm event, tracepoints.
#
# lab: --disk 20M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=4200
trace=/sys/kernel/tracing

messages() {
	forget_messages
	io worm0 direct write:17:1:2 >/dev/null
	kernel_says "vde worm0: write to sealed block 17 refused, high-water mark 4096"
	tap $? "the message names device, block and mark of a rewrite"
	io worm0 direct write:4099:1:2 >/dev/null
	kernel_says "vde worm0: write beyond a gap at block 4099 refused, high-water mark 4096"
	tap $? "and those of a gap"
	forget_messages
	io worm0 direct "order:1:2:$(seq -s, 0 99)" >/dev/null
	[ "$(dmesg | grep -c 'vde worm0:')" -lt 50 ]
	tap $? "a hundred refusals are not a hundred messages"
	tap_is "but all are counted" "$(status worm0 refused)" "101 1 0 0"
}

# event_number: of the dm device
event_number() { dmsetup info -c --noheadings -o events worm0; }

dm_events() {
	local number pid
	number=$(event_number)
	dmsetup wait worm0 "$number" &
	pid=$!
	io worm0 direct write:3:1:2 >/dev/null
	wait $pid
	tap_is "a refusal wakes up dmsetup wait" $? 0
	[ "$(event_number)" -gt "$number" ]
	tap $? "a refusal is a dm event"
	number=$(event_number)
	append worm0 1 1
	tap_is "an append is none" "$(event_number)" "$number"
}

# is_listening: has the listener said so?
is_listening() { grep -q ready /run/uevent; }

uevents_of_refusals() {
	local pid name
	name=dm-$(dmsetup info -c --noheadings -o minor worm0)
	uevents 30 VDE_EVENT=refused "DEVNAME=$name" >/run/uevent &
	pid=$!
	wait_until is_listening || bail "no listener"
	io worm0 direct write:42:8:2 >/dev/null
	wait $pid
	tap_is "a refusal is a uevent of the block device" $? 0
	grep -qx VDE_BLOCK=42 /run/uevent
	tap $? "which names the block"
	grep -qx ACTION=change /run/uevent && grep -qx SUBSYSTEM=block /run/uevent
	tap $? "and is a change of a block device, for udev rules"
}

# traced COMMAND...: what the tracepoints say meanwhile, without time and place
traced() {
	: >$trace/trace
	echo 1 >$trace/events/vde/enable
	"$@" >/dev/null
	echo 0 >$trace/events/vde/enable
	sed -nE 's/^.* (vde_[a-z]+): /\1 /p' $trace/trace
}

tracepoints() {
	local device said sequence
	device=$(dmsetup info -c --noheadings -o major,minor worm0)
	said=$(traced io worm0 direct write:4097:3:1)
	tap_is "tracepoints of an append" "$said" \
		"vde_admit $device block 4097 + 3
vde_complete $device block 4097 + 3 error 0"
	said=$(traced io worm0 direct write:4090:11:2)
	tap_is "tracepoint of a rewrite" "$said" \
		"vde_refuse $device sealed block 4090 + 11 hwm 4100"
	said=$(traced io worm0 direct write:4110:2:2)
	tap_is "tracepoint of a gap" "$said" "vde_refuse $device gap block 4110 + 2 hwm 4100"
	said=$(traced io worm0 direct fsync)
	sequence=$(sed -n 's/.*sequence \([0-9]*\) .*/\1/p' <<<"$said")
	tap_is "tracepoint of a commit" "$said" \
		"vde_commit $device sequence $sequence hwm 4100 flags 0x0 error 0"
	append worm0 2 1
	said=$(traced io worm0 direct fsync)
	tap_is "the next one has the next sequence" "$said" \
		"vde_commit $device sequence $((sequence + 1)) hwm 4102 flags 0x0 error 0"
	said=$(traced io worm0 direct fsync read:0:100:1 zeros:4102:1)
	tap_is "nothing to commit, reads: no tracepoint" "$said" ""
	said=$(traced dmsetup remove worm0)
	tap_is "a close is a commit flagged clean" "$said" \
		"vde_commit $device sequence $((sequence + 2)) hwm 4102 flags 0x1 error 0"
	tap_is "and the newest on the disk" "$(vdectl dump "$LAB_DISK0" --json |
		jq '.regions[0].commits[] | select(.newest) | .sequence')" $((sequence + 2))
}

format "$LAB_DISK0" $blocks
attach worm0 "$LAB_DISK0" $blocks commit_ms=3600000 reorder_ms=20
append worm0 4096 1 1024
messages
dm_events
uevents_of_refusals
tracepoints
tap_done

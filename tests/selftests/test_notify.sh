#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How a refusal, a commit and damage are told: kernel message, uevent, dm event,
# tracepoints.
#
# damages: disks
# lab: --disk 20M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=4200

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

# tells COMMAND...: what our tracepoints say meanwhile, without time and place
tells() { traced vde "$@" | sed -nE 's/^.* (vde_[a-z]+): /\1 /p'; }

tracepoints() {
	local device said sequence
	device=$(dmsetup info -c --noheadings -o major,minor worm0)
	said=$(tells io worm0 direct write:4097:3:1)
	tap_is "tracepoints of an append" "$said" \
		"vde_admit $device block 4097 + 3
vde_complete $device block 4097 + 3 error 0"
	said=$(tells io worm0 direct write:4090:11:2)
	tap_is "tracepoint of a rewrite" "$said" \
		"vde_refuse $device sealed block 4090 + 11 hwm 4100"
	said=$(tells io worm0 direct write:4110:2:2)
	tap_is "tracepoint of a gap" "$said" "vde_refuse $device gap block 4110 + 2 hwm 4100"
	said=$(tells io worm0 direct fsync)
	sequence=$(sed -n 's/.*sequence \([0-9]*\) .*/\1/p' <<<"$said")
	tap_is "tracepoint of a commit" "$said" \
		"vde_commit $device sequence $sequence hwm 4100 flags 0x0 error 0"
	append worm0 2 1
	said=$(tells io worm0 direct fsync)
	tap_is "the next one has the next sequence" "$said" \
		"vde_commit $device sequence $((sequence + 1)) hwm 4102 flags 0x0 error 0"
	said=$(tells io worm0 direct fsync read:0:100:1 zeros:4102:1)
	tap_is "nothing to commit, reads: no tracepoint" "$said" ""
	said=$(tells dmsetup remove worm0)
	tap_is "a close is a commit flagged clean" "$said" \
		"vde_commit $device sequence $((sequence + 2)) hwm 4102 flags 0x1 error 0"
	tap_is "and the newest on the disk" "$(vdectl dump "$LAB_DISK0" --json |
		jq '.regions[0].commits[] | select(.newest) | .sequence')" $((sequence + 2))
}

# spoil BLOCK COUNT: of the data beneath
spoil() {
	must dd if=/dev/urandom of="$LAB_DISK0" bs=4096 count="$2" oflag=direct conv=notrunc \
		seek=$(($(data_start_of $blocks) + $1)) status=none
}

damage() {
	local device name number waiter listener said
	attach worm0 "$LAB_DISK0" $blocks
	device=$(dmsetup info -c --noheadings -o major,minor worm0)
	name=dm-${device#*:}
	spoil 1234 1
	number=$(event_number)
	dmsetup wait worm0 "$number" &
	waiter=$!
	rm /run/uevent
	uevents 30 VDE_EVENT=corrupt "DEVNAME=$name" >/run/uevent &
	listener=$!
	wait_until is_listening || bail "no listener"
	forget_messages
	said=$(tells io worm0 direct read:1200:100:1)
	tap_is "tracepoint of damage" "$said" "vde_corrupt $device block 1234 data"
	wait $listener
	tap_is "damage is a uevent" $? 0
	grep -qx VDE_BLOCK=1234 /run/uevent
	tap $? "which names the block"
	wait $waiter
	tap_is "and a dm event" $? 0
	kernel_says "vde worm0: block 1234 does not match its write record"
	tap $? "and a message"
	spoil 2000 100
	forget_messages
	io worm0 direct read:2000:100:1 >/dev/null
	[ "$(dmesg | grep -c 'vde worm0: block')" -lt 50 ]
	tap $? "a hundred damaged blocks are not a hundred messages"
	tap_is "but all are counted" "$(status worm0 corrupt)" 101
	detach worm0
	poke "$LAB_DISK0" $((meta_start + 30))
	attach worm0 "$LAB_DISK0" $blocks
	said=$(tells io worm0 direct read:$((77 + 29 * 78)):1:1)
	tap_is "tracepoint of a damaged record" "$said" \
		"vde_corrupt $device block $((77 + 29 * 78)) record"
	detach worm0
}

format "$LAB_DISK0" $blocks
attach worm0 "$LAB_DISK0" $blocks commit_ms=3600000 reorder_ms=20
append worm0 4096 1 1024
messages
dm_events
uevents_of_refusals
tracepoints
damage
tap_done

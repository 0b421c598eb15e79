#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ways round a WORM region that stay above it: partitions, other devices stacked on its
# node, requests that punch or zero a file, the page cache, the node's queue attributes.
#
# lab: --disk 16M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

disk=$LAB_DISK0
blocks=512
hwm=300
node=/dev/mapper/w

# unchanged NAME: and readable
unchanged() {
	tap_is "$1: nothing has changed" \
		"$(status w hwm) $(io w direct read:0:$hwm:1 zeros:$hwm:$((blocks - hwm)))" "$hwm OK OK"
}

# refused_ops NAME: on the first blocks of /dev/mapper/NAME, all of them sealed
refused_ops() {
	local got
	got=$(io "$1" direct discard:0:8 secdiscard:0:8 zeroout:0:8 write:0:1:9)
	tap_is "$2: discard, secure erase, zeroing, a write" "$got" \
		"EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP"
}

partitions() {
	local command
	for command in "addpart $node 1 0 800" "blockdev --rereadpt $node"; do
		# shellcheck disable=SC2086
		$command 2>&1 | grep -q 'Invalid argument'
		tap $? "no partitions: ${command%% *}"
	done
	must dmsetup create p --table "0 800 linear $node 0"
	refused_ops p "a partition by kpartx, which is a linear device"
	tap_is "... an SG_IO" "$(io p direct sg)" ENOTTY
	detach p
	unchanged "a partition"
}

loop_device() {
	local loop
	loop=$(losetup --direct-io=on --show -f "$node") || bail "no loop device"
	tap_is "a loop device on the node: discard, zeroing, a write" "$(
		vdeio "$loop" direct discard:0:8 zeroout:0:8 write:0:1:9 2>&1 |
			grep -cE '^(EIO|EOPNOTSUPP)$')" 3
	must losetup -d "$loop"
	loop=$(losetup --show -f "$node") || bail "no loop device"
	tap_is "... through the page cache" "$(vdeio "$loop" buffered write:0:8:9 fsync 2>&1 |
		tail -n 1)" EIO
	must losetup -d "$loop"
	unchanged "a loop device"
}

# fallocate(2) on the node
punched() {
	! fallocate --punch-hole --offset 0 --length 32768 $node 2>/dev/null
	tap $? "a hole cannot be punched"
	! fallocate --zero-range --offset 0 --length 32768 $node 2>/dev/null
	tap $? "nor a range be zeroed"
	unchanged "fallocate"
}

# Only until it is written back, or somebody asks for what is on the device
page_cache() {
	hold w
	tap_is "a buffered write below the mark looks successful to buffered readers" \
		"$(io w buffered write:20:1:9 read:20:1:9)" "OK OK"
	io w direct read:20:1:1 >/dev/null
	tap_is "until anybody reads the device itself" \
		"$(io w direct read:20:1:1) $(io w buffered read:20:1:1)" "OK OK"
	[ "$(status w refused | cut -d' ' -f1)" -gt "$refused_before" ]
	tap $? "it is counted as refused"
	tap_is "its writer learns of it at fsync(), or whoever opens the node next" \
		"$(io w buffered fsync fsync)" "EIO OK"
	release
	unchanged "the page cache"
}

# Discards may be switched on by nobody; the kernel can be told not to send flushes
queue_attributes() {
	local queue file
	queue=/sys/block/$(basename "$(char_node w)")/queue
	for file in discard_max_bytes write_zeroes_max_bytes max_discard_segments; do
		echo 1048576 2>/dev/null >"$queue/$file"
	done
	refused_ops w "after a look for discards in the queue's attributes"
	echo "write through" >"$queue/write_cache" || bail "no write_cache"
	tap_is "told that there is no cache, the kernel sends no flushes: fsync() succeeds" \
		"$(io w direct write:$hwm:5:1 fsync)" "OK OK"
	tap_is "and the status line tells what is durable" "$(status w hwm) $(status w committed)" \
		"$((hwm + 5)) $hwm"
	live "$(table "$disk" $blocks commit_ms=3600000 sync)"
	echo "write through" >"$queue/write_cache"
	tap_is "the option sync does not rely on flushes" \
		"$(io w direct write:$((hwm + 5)):5:1) $(status w committed)" "OK $((hwm + 10))"
	hwm=$((hwm + 10))
	unchanged "the queue's attributes"
}

format "$disk" $blocks
attach w "$disk" $blocks commit_ms=3600000
append w $hwm 1
commit w
partitions
loop_device
punched
refused_before=$(status w refused | cut -d' ' -f1)
page_cache
queue_attributes
detach w
is_sound "$disk"
tap $? "vdectl finds nothing wrong"
tap_done

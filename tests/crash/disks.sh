# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Disks with a volatile cache whose power can be cut, for tests in a lab machine. Source
# lib.sh first. Of each kind KIND there is one:
#	KIND_new MIB	makes it, filled with zeros; without power
#	KIND_on		$disk is there, and holds what was made durable and what else
#			happened to survive
#	KIND_lie	from now on it does not do what flushes and FUA ask for
#	KIND_wipe	it is as if nothing had ever been written to it
#	KIND_fill IMAGE	it holds that and nothing else
#	KIND_off	the power goes; at once also for who uses the disk
#	KIND_drop	destroys it; without power
# shellcheck disable=SC2154

# may_lie: if $lying says so
may_lie() { [ ! "${lying:-}" ] || "${medium}_lie"; }

# null_blk keeps what was flushed, what was written with FUA, and what a full cache had to
# give up, lowest sectors first: a small cache reorders, a large one keeps nothing that was
# not asked for. But what overwrites a block that was durable before is never lost: volumes are
# made on a disk that was wiped.

nullb=/sys/kernel/config/nullb/cut

null_blk_new() {
	disk=/dev/cut
	null_blk_size=$1
	mkdir $nullb
	echo 1 >$nullb/memory_backed
	echo 4096 >$nullb/blocksize
	echo "$1" >$nullb/size
	echo 1 >$nullb/discard
}

# One that lies has a cache that never gives up anything: else a cut may lose nothing
null_blk_on() {
	echo $((RANDOM % 2 && ! ${lying:-0} ? 1 : null_blk_size)) >$nullb/cache_size
	echo 1 >$nullb/power
}

# The kernel believes that there is no cache, and sends no flushes
null_blk_lie() { echo "write through" >/sys/block/cut/queue/write_cache; }

null_blk_wipe() { blkdiscard "$disk"; }

# What is zero is not written
null_blk_fill() {
	null_blk_wipe &&
		dd if="$1" of="$disk" bs=4k conv=sparse,fsync oflag=direct status=none
}

null_blk_off() { echo 0 >$nullb/power; }

null_blk_drop() { rmdir $nullb; }

# crash-disk keeps any versions of any blocks, and answers in any order

nbd_new() {
	disk=/dev/nbd0
	truncate -s "$1M" /tmp/medium
	nbd_sectors=$(($1 << 11))
}

# nbd_on [COUNT]: the power goes by itself after COUNT writes and flushes
nbd_on() {
	local sectors=0
	crash-disk "$disk" /tmp/medium $RANDOM "$@" &
	nbd_pid=$!
	while [ ! -e /sys/block/nbd0/pid ] || [ "$sectors" != "$nbd_sectors" ]; do
		kill -0 $nbd_pid 2>/dev/null || return
		pause 1
		read -r sectors </sys/block/nbd0/size
	done
}

nbd_lie() { kill -USR1 "$nbd_pid"; }

# It may lose what overwrites something as well
nbd_wipe() { :; }

nbd_fill() { dd if="$1" of="$disk" bs=1M conv=fsync oflag=direct status=none; }

nbd_off() {
	kill -TERM "$nbd_pid" 2>/dev/null
	wait "$nbd_pid"
}

nbd_drop() { rm /tmp/medium; }

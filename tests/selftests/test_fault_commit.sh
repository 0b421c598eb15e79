#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commits and write records that cannot be written: the device says so, goes on reading,
# appends no more, and once the disk is sound again all that had been committed is there.
#
# lab: --timeout 400
set -u
. "$(dirname "$0")/lib.sh"
. tests/crash/faults.sh

# start [OPTION...]: with 64 committed blocks
start() {
	begin "$@"
	answers "64 blocks, committed" "OK OK" write:0:64:1 fsync
	watch
}

# Each way to ask for a commit, where the slots cannot be written

commit_by() {
	local name=$1 want=$2
	shift 2
	start
	fail error_writes "$commits" 16
	answers "$name" "$want" "$@"
	has_failed "$name"
	tap_is "$name: what is durable is known" "$(status w committed)" 64
	recovers "$name" 64
}

is_listening() { grep -q ready /run/uevent; }

commit_by_timer() {
	local listener
	start commit_ms=20
	fail error_writes "$commits" 16
	uevents 30 VDE_EVENT=mode >/run/uevent &
	listener=$!
	wait_until is_listening || bail "no listener"
	answers "a commit by timer: the append itself is fine" OK write:64:4:1
	has_failed "a commit by timer"
	wait $listener
	tap $? "a commit by timer: a uevent tells of the new mode"
	recovers "a commit by timer" 64
}

commit_by_message() {
	start
	fail error_writes "$commits" 16
	answers "a commit by message: the append itself is fine" OK write:64:4:1
	tap_is "a commit by message fails" \
		"$(dmsetup message w 0 commit 2>&1 | grep -c 'Input/output error')" 1
	has_failed "a commit by message"
	recovers "a commit by message" 64
}

commit_by_suspend() {
	start
	fail error_writes "$commits" 16
	answers "a commit by suspend: the append itself is fine" OK write:64:4:1
	must dmsetup suspend w
	heal
	must dmsetup resume w
	has_failed "a commit by suspend"
	recovers "a commit by suspend" 64
}

commit_by_sync_table() {
	start sync
	fail error_writes "$commits" 16
	answers "each append with sync: it is not acknowledged" EIO write:64:4:1
	has_failed "each append with sync"
	recovers "each append with sync" 64
}

# Of durable writes in flight together none is acknowledged once a commit has failed
durable_queue() {
	local i places=""
	start sync
	fail error_writes "$commits" 16
	for ((i = 64; i < 94; i++)); do places+=,$i; done
	answers "30 durable writes in flight, no commit can be written" "$(repeat 30 EIO)" \
		"order:1:1:${places#,}"
	has_failed "durable writes in flight"
	recovers "durable writes in flight" 64
}

# Only some slots are bad: what was committed before is in the others
one_slot() {
	local slot i mark=64
	start
	slot=$((8 * 2 - 2))
	fail error_writes $((commits + slot)) 2
	for ((i = 0; i < 8; i++)); do
		[ "$(io w direct "write:$mark:1:1" fsync)" = "OK OK" ] || break
		mark=$((mark + 1))
	done
	[ $i -lt 8 ]
	tap $? "one bad slot of eight is met within eight commits ($i)"
	has_failed "one bad slot"
	recovers "one bad slot" "$mark"
}

# A disk with a cache that fails to flush; no write fails
flushes() {
	weak_disk cache_size=8
	start
	fail error_writes 4000 1
	answers "appending to a disk that fails to flush" "OK EIO" write:64:4:1 fsync
	has_failed "a failing flush"
	recovers "a failing flush" 64
	drop_weak_disk
}

# Log block 1 takes records 77..154; it is written when block 155 is appended
log_block() {
	start
	fail error_writes $((meta + 1)) 1
	answers "filling a log block that cannot be written" "OK OK" write:64:90:1 write:154:10:1
	has_failed "a log block"
	kernel_says "cannot write records"
	tap $? "a log block: the kernel's log says what it was"
	recovers "a log block" 64
}

# ... under a writer with many appends in flight
log_under_load() {
	start
	fail error_writes $((meta + 5)) 3
	appender $node 64 $((blocks - 64)) 1 2 32 >/run/appender
	grep -q ' other=OK$' /run/appender
	tap $? "a log block under load: nothing acknowledged behind a failure ($(cat /run/appender))"
	has_failed "a log block under load"
	recovers "a log block under load" 64
}

weak_disk
commit_by "a commit by fsync" "OK EIO" write:64:4:1 fsync
commit_by "a commit by a durable write" EIO dsync:64:4:1
commit_by_timer
commit_by_message
commit_by_suspend
commit_by_sync_table
durable_queue
one_slot
log_block
log_under_load
drop_weak_disk
flushes
tap_done

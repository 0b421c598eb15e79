#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Streams on a disk that fails: an append that cannot be written takes those behind it with
# it and the head goes back to it; a commit that cannot be written ends all writing, and what
# had been committed is there when the disk is sound again.
#
# lab: --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh
. tests/crash/faults.sh

# What faults.sh does with a WORM region it does here with a stream
spec=2048
status() { ring "$1" "${2/hwm/head}"; }
attach() { attach_stream "$1" "$2" "${@:4}"; }
format() { format_stream "$1" "$spec"; }

# fail_at POSITION [COUNT]: writes there
fail_at() { fail error_writes $((data + $1 % ${spec%%,*})) "${2:-1}"; }

# still_at NAME HEAD: as if nothing had been tried, but for the tail
still_at() {
	tap_is "$1: the head stays, nothing in flight, mode rw" "$(ring w head inflight mode)" \
		"$2 0 rw"
	tap_is "$1: what is lost is counted" "$(ring w lost)" "$(ring w tail)"
	answers "$1: all in the ring can be read" OK \
		"read:$(ring w tail):$(($2 - $(ring w tail))):1"
}

ends_well() {
	detach w
	is_sound $weak
	tap $? "$1: sound"
}

one_write() {
	spec=100
	begin reserve=5
	fill w 130 1 13
	answers "fsync" OK fsync
	fail_at 138
	answers "what can be written is, what cannot fails" "OK EIO" write:130:8:1 write:138:1:1
	still_at "a write that fails beneath" 138
	tap_is "the pointer went back" "$(stat_of w rollbacks)" 1
	answers "it fails as long as the disk does" "EIO EIO EIO OK ENODATA ENODATA" \
		write:138:1:1 write:138:4:1 dsync:138:1:1 fsync read:138:1:1 read:38:1:1
	tap_is "so does a call" "$(char w rw put:1:1 put:2:1 fsync)" "EIO EIO OK"
	still_at "calls that fail beneath" 138
	tap_is "nothing was refused" "$(ring w refused)" "0 0 0 0"
	heal
	answers "appending goes on where it failed" "OK OK OK" write:138:1:1 dsync:139:1:1 \
		read:138:2:1
	still_at "appending goes on" 140
	ends_well "a write that fails beneath"
}

# Of several windows, and over the end of the ring
large_write() {
	local at
	spec=300
	begin
	fill w 170 1
	for at in 171 299 300 425; do
		fail_at $at
		answers "256 blocks in one bio, position $at fails" EIO onebio:170:256:1
		still_at "256 blocks in one bio" 170
		heal
	done
	answers "the same bio on a sound disk" "OK OK" onebio:170:256:1 read:170:256:1
	ends_well "large writes"
}

deep_queue() {
	local size at i places
	spec=1500
	begin
	fill w 1400 1 200
	for size in 1 8 40; do
		at=$(ring w head)
		places=
		fail_at $((at + 10 * size))
		for ((i = 0; i < 30; i++)); do places+=,$((at + i * size)); done
		answers "30 writes of $size blocks in flight, the 11th fails" \
			"$(repeat 10 OK) $(repeat 20 EIO)" "order:$size:1:${places#,}"
		still_at "writes of $size blocks" $((at + 10 * size))
		heal
		fill w $((size * 5)) 1 $size
	done
	ends_well "a deep queue"
}

# An error that moves ahead of a writer, several times round the ring
moving_error() {
	local appender at=0 next acked said
	spec=500
	begin
	fail_at 0
	appender $node 0 3000 1 3 16 retry >/run/appender &
	appender=$!
	while [ $((at + 400)) -lt 3000 ]; do
		wait_until status_is w hwm $((at / 3 * 3))
		tap $? "the writer gets as far as position $at, which fails"
		next=$((at + 1 + RANDOM % 400))
		fail_both $((data + at % spec)) $((data + next % spec))
		at=$next
		fail_at $at
	done
	heal
	wait $appender
	said=$(cat /run/appender)
	acked=${said#acked=}
	[[ $said == "acked=3000 eio="[1-9]*" other=OK" ]]
	tap $? "nothing is acknowledged behind a failed write ($said)"
	still_at "a moving error" "${acked%% *}"
	ends_well "a moving error"
}

reads() {
	spec=100
	begin
	fill w 150 1 10
	fail error $((data + 20)) 1
	answers "a position that cannot be read" "OK EIO OK EIO" read:110:10:1 read:120:1:1 \
		read:121:29:1 read:110:40:1
	tap_is "nor by a call" "$(char w r seek:$((120 * 4096)):0 get:1:1 seek:$((121 * 4096)):0 \
		get:5:1)" "$((120 * 4096)) EIO $((121 * 4096)) 121+5"
	answers "appending does not care" "OK OK" write:150:8:1 fsync
	heal
	answers "it can be read when the disk can" OK read:110:48:1
	ends_well "reads that fail"
}

# A disk that calls it a medium error, which is ENODATA as well; block 500 of it
medium_error() {
	local bad=$((500 - 27))
	must modprobe scsi_debug dev_size_mb=16 opts=2 medium_error_start=4000 \
		medium_error_count=8
	wait_until test -b /dev/sda || bail "no disk"
	format_stream /dev/sda 1000
	attach_stream w /dev/sda
	fill w 900 1 100
	answers "a medium error does not say that a position is not in the ring" \
		"EIO OK EIO ENODATA" "read:$bad:1:1" "read:$((bad + 1)):20:1" \
		"read:$((bad - 4)):8:1" read:900:1:1
	tap_is "nor does it for a call" "$(char w r "seek:$((bad * 4096)):0" get:1:1 get:1:1 \
		"seek:$(((bad + 1) * 4096)):0" get:9:1)" \
		"$((bad * 4096)) EIO EIO $(((bad + 1) * 4096)) $((bad + 1))+9"
	detach w
	rmmod scsi_debug
}

buffered() {
	spec=100
	begin
	fill w 104 1 10
	fail_at 108
	tap_is "a buffered write that fails is an error at fsync" \
		"$(io w buffered write:104:8:1 fsync)" "OK EIO"
	answers "and cannot be read" ENODATA "read:$(ring w head):1:1"
	heal
	tap_is "appending through the page cache goes on" \
		"$(io w buffered "write:$(ring w head):8:1" fsync)" "OK OK"
	ends_well "buffered writes"
}

suspended() {
	local appender
	spec=100
	begin
	fail error_writes "$data" 100
	appender $node 0 700 1 1 16 retry >/run/appender &
	appender=$!
	for _ in 1 2 3 4 5; do
		must dmsetup suspend w
		must dmsetup resume w
	done
	heal
	wait $appender
	grep -qx 'acked=700 eio=[1-9][0-9]* other=OK' /run/appender
	tap $? "suspended and resumed while writes fail ($(cat /run/appender))"
	still_at "suspended while writes fail" 700
	ends_well "suspended while writes fail"
}

# Commits that cannot be written, each way to ask for one

# start [OPTION...]: with 64 committed blocks
start() {
	spec=2048
	begin "$@"
	answers "64 blocks, committed" "OK OK" write:0:64:1 fsync
	watch
}

commit_by() {
	local name=$1 want=$2
	shift 2
	start
	fail error_writes "$commits" 16
	answers "$name" "$want" "$@"
	has_failed "$name"
	tap_is "$name: what is durable is known" "$(ring w committed)" 64
	tap_is "$name: nothing else can be changed" "$(char w rw put:1:1 consume:3 anew fsync) $(ring w \
		tail)" "EIO EIO EIO EIO 0"
	recovers "$name" 64
}

commit_by_itself() {
	start commit_ms=20
	fail error_writes "$commits" 16
	answers "by timer: the append itself is fine" OK write:64:4:1
	has_failed "by timer"
	recovers "by timer" 64
	start commit_ms=20
	fail error_writes "$commits" 16
	tap_is "after consuming" "$(char w rw consume:5)" 5-5
	has_failed_to_read "after consuming"
	recovers "after consuming" 64
	start sync
	fail error_writes "$commits" 16
	answers "each append with sync: it is not acknowledged" EIO write:64:4:1
	has_failed "each append with sync"
	recovers "each append with sync" 64
}

# The first blocks are gone
has_failed_to_read() {
	wait_until status_is w mode failed
	tap $? "$1: mode is failed"
	answers "$1: reads go on, writes do not" "OK ENODATA EIO" read:5:59:1 read:4:1:1 write:64:1:1
}

# The commit that moves the tail: nothing may be overwritten without it
commit_by_tail() {
	local name="when the tail must move" reserve=$1
	spec=100
	begin "reserve=$reserve" commit_ms=3600000
	fill w $((99 - reserve / 2)) 1
	answers "$name: nearly full, committed" OK fsync
	tap_is "$name: no tail yet" "$(ring w tail)" 0
	fail error_writes "$commits" 16
	at=$(ring w head)
	appender $node "$at" 900 1 1 16 >/run/appender
	grep -q ' eio=[1-9].* other=OK$' /run/appender
	tap $? "$name: the writer fails ($(cat /run/appender))"
	tap_is "$name: mode is failed" "$(ring w mode inflight)" "failed 0"
	crash
	attach w $weak 0
	tap_is "$name: nothing that was committed has been overwritten" \
		"$(ring w head tail) $(io w direct "read:0:$at:1")" "$at 0 OK"
	ends_well "$name"
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

weak_disk
one_write
large_write
deep_queue
moving_error
reads
medium_error
buffered
suspended
commit_by "a commit by fsync" "OK EIO" write:64:4:1 fsync
commit_by "a commit by a durable write" EIO dsync:64:4:1
commit_by_itself
commit_by_tail 1
commit_by_tail 20
drop_weak_disk
flushes
tap_done

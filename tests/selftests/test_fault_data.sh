#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Data blocks that cannot be written or read: the append fails, what is in flight behind it
# fails, the mark stays, and when the disk is sound again appending goes on there.
#
# lab: --timeout 400
set -u
. "$(dirname "$0")/lib.sh"
. tests/crash/faults.sh

# still_at NAME MARK: everything as it was
still_at() {
	tap_is "$1: the mark stays, nothing in flight, mode rw" \
		"$(status w hwm) $(status w inflight) $(status w mode)" "$2 0 rw"
}

one_write() {
	begin
	answers "appending to a sound disk" "OK OK" write:0:8:1 fsync
	fail error_writes $((data + 8)) 1
	answers "a write that fails beneath" EIO write:8:1:1
	still_at "a write that fails beneath" 8
	tap_is "the pointer went back" "$(stat_of w rollbacks)" 1
	answers "it fails as long as the disk does; flushes and reads do not" \
		"EIO EIO EIO OK OK OK" write:8:1:1 write:8:4:1 dsync:8:1:1 fsync read:0:8:1 zeros:8:8
	tap_is "it was not refused" "$(status w refused)" "0 0 0 0"
	heal
	answers "appending goes on where it failed" "OK OK OK OK" \
		write:8:1:1 dsync:9:1:1 fsync read:0:10:1
	still_at "appending goes on" 10
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

# A bio of eight windows, of which a middle one fails, and the first and the last
large_write() {
	local at
	begin
	for at in 130 0 255; do
		fail error_writes $((data + at)) 1
		answers "256 blocks in one bio, block $at fails" EIO onebio:0:256:1
		still_at "256 blocks in one bio" 0
		answers "none of it can be read" OK zeros:0:256
		heal
	done
	answers "the same bio on a sound disk" "OK OK" onebio:0:256:1 read:0:256:1
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

# Of writes that are in flight together all after the one that fails fail
deep_queue() {
	local size
	begin
	for size in 1 8 40; do
		fail error_writes $((data + $(status w hwm) + 10 * size)) 1
		deep_queue_of $size
	done
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

deep_queue_of() {
	local at i places=""
	at=$(status w hwm)
	for ((i = 0; i < 30; i++)); do places+=,$((at + i * $1)); done
	answers "30 writes of $1 blocks in flight, the 11th fails" \
		"$(repeat 10 OK) $(repeat 20 EIO)" "order:$1:1:${places#,}"
	still_at "writes of $1 blocks" $((at + 10 * $1))
	heal
	answers "what was acknowledged is there, appending goes on" "OK OK OK" \
		"read:0:$((at + 10 * $1)):1" "write:$((at + 10 * $1)):1:1" fsync
}

# An error that moves ahead of a writer which starts again where it failed
moving_error() {
	local appender at=0 next
	begin
	fail error_writes "$data" 1
	appender $node 0 $blocks 1 3 16 retry >/run/appender &
	appender=$!
	while [ $((at + 80)) -lt $blocks ]; do
		wait_until status_is w hwm $((at / 3 * 3))
		tap $? "the writer gets as far as block $at, which fails"
		next=$((at + 1 + RANDOM % 200))
		fail_both $((data + at)) $((data + next))
		at=$next
		fail error_writes $((data + at)) 1
	done
	heal
	wait "$appender"
	judge_appender "a moving error"
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

# judge_appender NAME
judge_appender() {
	local said acked
	said=$(cat /run/appender)
	acked=${said#acked=}
	acked=${acked%% *}
	[[ $said == *" other=OK" && $said != *eio=0* && $acked -gt 0 ]]
	tap $? "$1: nothing is acknowledged behind a failed write ($said)"
	still_at "$1" "$acked"
	answers "all that was acknowledged is there" OK "read:0:$acked:1"
}

# Refused by the disk, not by us: but a buffered writer learns of it all the same
buffered() {
	begin
	fail error_writes $((data + 4)) 1
	tap_is "a buffered write that fails is an error at fsync" \
		"$(io w buffered write:0:8:1 fsync)" "OK EIO"
	answers "and what was not sealed cannot be read" OK "zeros:$(status w hwm):8"
	heal
	tap_is "appending through the page cache goes on" \
		"$(io w buffered "write:$(status w hwm):8:1" fsync)" "OK OK"
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

# Sealed blocks that cannot be read are an error, and not for ever
unreadable() {
	begin
	answers "blocks to read" "OK OK" write:0:16:1 fsync
	fail error $((data + 8)) 1
	answers "a sealed block that cannot be read" "OK EIO OK EIO" \
		read:0:8:1 read:8:1:1 read:9:7:1 read:0:16:1
	answers "appending does not care" "OK OK" write:16:8:1 fsync
	still_at "a sealed block that cannot be read" 24
	heal
	answers "it can be read when the disk can" OK read:0:24:1
	detach w
}

# The device can be suspended while its writes fail
suspended() {
	local appender
	begin
	fail error_writes "$data" $blocks
	appender $node 0 $blocks 1 1 16 retry >/run/appender &
	appender=$!
	for _ in 1 2 3 4 5; do
		must dmsetup suspend w
		must dmsetup resume w
	done
	heal
	wait "$appender"
	judge_appender "suspended and resumed while writes fail"
	detach w
	is_sound $weak
	tap $? "what is left is sound"
}

weak_disk
one_write
large_write
deep_queue
moving_error
buffered
unreadable
suspended
drop_weak_disk
tap_done

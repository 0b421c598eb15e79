#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Starting a region anew: refused for each reason with its own errno and without any
# change, and when it is allowed, all is gone but the entry that says so.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=400
disk=$LAB_DISK0
second=10000000

# new PERIOD [TICKS]: a fresh volume; with TICKS, a period that no tool would accept
new() {
	must vdectl format "$disk" --worm $((blocks * 4096)) --retention "$1" --force \
		--destroy-sealed-data >/dev/null
	[ $# -lt 2 ] || set_retention "$disk" $blocks "$2"
}

# marks: what no refused reset may change
marks() { echo "$(status w hwm) $(char_of w retention resets) $(char w r record:0)"; }

# refused NAME WANT [OPERATION...]: by a reset, which changes nothing
refused() {
	local name=$1 want=$2 before
	shift 2
	before=$(marks)
	tap_is "$name: $want" "$(char w rw "$@" reset | sed 's/.* //')" "$want"
	tap_is "$name: nothing has changed" "$(marks)" "$before"
}

# What the caller and the region itself are refused for, in the order of the header: each
# time all later reasons are there as well, as far as they can be
refusals() {
	new 1h
	attach w "$disk" $blocks
	tap_is "empty: ENODATA" "$(char w w reset) $(status w hwm)" "ENODATA 0"
	tap_is "empty, but not allowed to: EPERM" "$(char w w nobody reset)" "OK EPERM"
	append w 100 1
	hold w
	refused "not allowed to, and all else" EPERM nobody
	refused "not expired, and in use" EAGAIN
	release
	refused "not expired" EAGAIN
	tap_is "open for reading: EBADF" "$(char w r reset)" EBADF
	detach w
	must dmsetup create w -r --table "$(table "$disk" $blocks)"
	tap_is "read-only: EROFS" "$(char w rw reset | sed 's/^open: //')" EROFS
	detach w
	held
	for_ever
	unwritable
}

# held: set offline, as a vault does
held() {
	local at
	at=$(newest_commit "$disk" $blocks)
	must reseal "$disk" "$at" 0x0C=03
	attach w "$disk" $blocks
	tap_is "under legal hold: state" "$(char_of w retention state)" 1
	refused "under legal hold, and not expired" EACCES
	append w 1 1
	commit w
	detach w
	attach w "$disk" $blocks
	tap_is "still held after appends and another activation" \
		"$(char_of w retention state) $(char w w reset)" "1 EACCES"
	detach w
	is_sound "$disk"
	tap $? "held: sound"
}

for_ever() {
	attach w "$disk" $blocks
	must [ "$(char w w extend:0)" = OK ]
	refused "retention is for ever, and under legal hold" EOPNOTSUPP
	detach w
}

# Mode failed, whatever else
unwritable() {
	null_disk flaw 8
	must dmsetup create weak --table "0 16384 linear /dev/flaw 0"
	must vdectl format /dev/mapper/weak --worm $((blocks * 4096)) --retention 1s >/dev/null
	attach w /dev/mapper/weak $blocks
	append w 10 1
	must dmsetup load weak --table "0 16384 error"
	must dmsetup resume --noflush weak
	io w direct fsync write:10:1:1 fsync >/dev/null
	wait_until status_is w mode failed || bail "mode is not failed"
	refused "mode is failed" EIO
	must dmsetup load weak --table "0 16384 linear /dev/flaw 0"
	must dmsetup resume weak
	detach w
	failing
	must dmsetup remove weak
	drop_null_disk flaw
}

# Who else has it open. All could be allowed: the clock has run long enough.
in_use() {
	local pid
	new 1s 1
	attach w "$disk" $blocks
	append w 100 1
	hold w
	refused "in use: the block node is open" EBUSY
	release
	exec {other}<"$(char_node w)"
	refused "in use: the character device is open elsewhere" EBUSY
	exec {other}<&-
	must dmsetup create over --table "0 8 linear /dev/mapper/w 0"
	refused "in use: a device stands on it" EBUSY
	detach over
	tap_is "a slow scrub" "$(char w w start:0:4096)" OK
	refused "in use: a scrub is running" EBUSY
	tap_is "which is stopped" "$(char w w stop)" OK
	# Mapped, but the file is closed
	python3 -c '
import mmap, os, sys
fd = os.open("/dev/mapper/w", os.O_RDONLY)
memory = mmap.mmap(fd, 4096, prot=mmap.PROT_READ)
os.close(fd)
print(memory[0], flush=True)
sys.stdin.read()' < <(exec sleep 60) >/run/mapped &
	pid=$!
	wait_until test -s /run/mapped || bail "cannot map the node"
	refused "in use: the block node is mapped" EBUSY
	kill $pid
	wait $pid 2>/dev/null
	tap_is "when nobody uses it any more" "$(char w w reset)" 100
	detach w
}

# A number that nobody has reached by resets: 2^64 - 1, which vdechar takes for -1
counted() {
	new 1s 1
	attach w "$disk" $blocks
	append w 100 1
	detach w
	must reseal "$disk" "$(newest_commit "$disk" $blocks)" 0x910=feffffffffffffff
	attach w "$disk" $blocks
	tap_is "one more can be counted" "$(char w w reset) $(char_of w retention resets)" \
		"100 -1"
	append w 100 1
	refused "as many as can be counted" EOVERFLOW
	detach w
	is_sound "$disk"
	tap $? "as many as can be counted: sound"
}

# The disk fails under a reset: mode failed, and all is still there
failing() {
	local at
	must vdectl format /dev/mapper/weak --worm $((blocks * 4096)) --retention 1s --force \
		--destroy-sealed-data >/dev/null
	set_retention /dev/mapper/weak $blocks 1
	attach w /dev/mapper/weak $blocks
	append w 100 1
	commit w
	at=$(commit_start_of $blocks)
	must dmsetup load weak --table "0 $((at * 8)) linear /dev/flaw 0
$((at * 8)) 128 flakey /dev/flaw $((at * 8)) 0 1 1 error_writes
$((at * 8 + 128)) $((16384 - at * 8 - 128)) linear /dev/flaw $((at * 8 + 128))"
	must dmsetup resume --noflush weak
	tap_is "the disk fails: EIO, mode is failed" \
		"$(char w w reset) $(status w mode) $(char w w reset)" "EIO failed EIO"
	must dmsetup load weak --table "0 16384 linear /dev/flaw 0"
	must dmsetup resume weak
	detach w
	vdectl check /dev/mapper/weak --data >/run/check 2>&1
	attach w /dev/mapper/weak $blocks
	tap_is "the disk fails: nothing was reset" "$(char_of w retention resets)" 0
	detach w
}

# entries: of the disk, without the times
entries() {
	python3 tests/selftests/reset_entries.py "$disk" "$(commit_start_of $blocks)"
}

# One reset, looked at from all sides
once() {
	local uuid before wall node
	new 1h 1
	attach w "$disk" $blocks
	uuid=$(char_of w info uuid)
	append w 300 1 7
	char w w write:5000:7 fsync >/dev/null
	io w buffered read:0:300:1 >/dev/null
	before=$(char_of w retention clock)
	wall=$(date +%s)
	tap_is "reset: it removes all records" "$(char w rw reset)" 302
	tap_is "reset: the status line" "$(dmsetup status w)" \
		"0 $((blocks * 8)) vde 0 0/$blocks 0 0 0 0 0 0 0 0 rw"
	tap_is "reset: what is left of records and data" \
		"$(char w r record:0 records:0:400) $(io w direct zeros:0:$blocks) $(io w \
			buffered zeros:0:$blocks)" "ENODATA 0 OK OK"
	tap_is "reset: counted" "$(char w r retention | sed 's/ clock=[0-9]*//')" \
		"state=0 retention=1 sealed_clock=0 remaining=0 resets=1"
	tap_is "reset: an empty region cannot be reset" "$(char w w reset)" ENODATA
	entries >/run/entries
	read -r time clock rest < <(sed -n 2p /run/entries)
	tap_is "reset: the entry" "$(head -n 1 /run/entries) $rest" "1 302 0 vdechar"
	tap_is "reset: the entry's times" $((clock >= before && clock <= $(char_of w \
		retention clock) && time / second - 62135596800 >= wall && \
		time / second - 62135596800 <= $(date +%s))) 1
	node=$(char_node w)
	tap_is "reset: appending begins at 0" \
		"$(char w rw append:5000:9 write:100:8) $(char w r holds:0:5000:9 holds:2:100:8)" \
		"0+2 100 OK OK"
	[ -c "$node" ]
	tap $? "reset: the character device is the same"
	append w 20 4
	tap_is "reset: verified reads, zeros above" \
		"$(io w direct read:3:20:4 zeros:23:$((blocks - 23))) $(io w buffered \
			read:3:20:4 zeros:23:$((blocks - 23)))" "OK OK OK OK"
	detach w
	is_sound "$disk"
	tap $? "reset: vdectl finds nothing wrong"
	tap_is "reset: the entry is still there" "$(entries)" "$(cat /run/entries)"
	attach w "$disk" $blocks
	tap_is "reset: it survives another activation" \
		"$(status w hwm) $(char_of w retention resets) $(char w r holds:0:5000:9) $(
			io w direct read:3:20:4 zeros:23:$((blocks - 23)))" "23 1 OK OK OK"
	tap_is "reset: it is the same region" "$(char_of w info uuid)" "$uuid"
	refill
	detach w
	is_sound "$disk"
	tap $? "reset: sound when it was filled again"
}

# What lay in the log before must not come back
refill() {
	append w $((blocks - 23)) 5 13
	tap_is "reset: filled to the last block" "$(status w hwm) $(io w direct \
		read:23:$((blocks - 23)):5)" "$blocks OK"
	tap_is "reset: a full region, too" "$(char w w reset) $(status w hwm)" "$blocks 0"
}

# At each size that matters to the log, with and without a clean close in between
sizes() {
	local size bad=0
	new 1h 1
	attach w "$disk" $blocks
	for size in 1 76 77 78 155 156 400; do
		append w $size $size
		[ "$(char w w reset)" = $size ] && append w 3 9 &&
			[ "$(io w direct read:0:3:9 zeros:3:$((blocks - 3)))" = "OK OK" ] || bad=1
		[ $((size % 2)) = 0 ] || { detach w; is_sound "$disk" || bad=1
			attach w "$disk" $blocks; }
		[ "$(char w w reset)" = 3 ] || bad=1
	done
	tap $bad "resets of regions of 1 to 400 blocks"
	detach w
	is_sound "$disk"
	tap $? "sound after them"
}

# Twenty of them: the latest sixteen are kept
history() {
	local i want=20
	new 1h 1
	attach w "$disk" $blocks
	for ((i = 1; i <= 20; i++)); do
		append w $((i * 3)) $i
		[ "$(char w rw uid:$((1000 + i)) reset)" = "OK $((i * 3))" ] || bail "reset $i"
		[ $((i % 7)) != 0 ] || { detach w; attach w "$disk" $blocks; }
	done
	for ((i = 20; i > 4; i--)); do want+=" $((i * 3)) $((1000 + i)) vdechar"; done
	tap_is "twenty resets: counted" "$(char_of w retention resets)" 20
	detach w
	entries >/run/entries
	tap_is "twenty resets: the latest sixteen, newest first" \
		"$(</run/entries cut -d' ' -f3- | sed 1d | paste -sd' ' - | sed 's/^/20 /')" "$want"
	tap_is "twenty resets: vdectl log --resets says the same" \
		"$(vdectl log "$disk" --resets --json | jq -r '.entries | length,
			(.[] | "\(.number) \(.clock_ticks) \(.records) \(.uid) \(.comm)")')" \
		"$(echo 16; sed 1d /run/entries | cut -d' ' -f2- | awk '{ print 21 - NR, $0 }')"
	tap_is "twenty resets: no time goes back" \
		"$(sed 1d /run/entries | cut -d' ' -f2 | sort -rnc 2>&1)" ""
	is_sound "$disk"
	tap $? "twenty resets: sound"
}

# While it is suspended nothing is written
suspended() {
	local node
	new 1h 1
	attach w "$disk" $blocks
	append w 10 1
	must dmsetup suspend w
	node=$(char_node w)
	vdechar "$node" w reset >/run/reset &
	until_sleeps $! "$node"
	tap_is "suspended: a reset waits" "$(status w hwm) $(cat /run/reset)" "10 "
	must dmsetup resume w
	wait $!
	tap_is "resumed: it goes on" "$(cat /run/reset) $(status w hwm)" "10 0"
	detach w
	is_sound "$disk"
	tap $? "suspended: sound"
}

refusals
in_use
counted
once
sizes
history
suspended
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A stream that stops when it is full: nothing is ever lost, and consuming makes room. What
# is consumed stays so once it is durable, and its space goes back to the disk beneath where
# that is wanted, but nobody else's.
#
# lab: --disk 8M --disk 8M --timeout 180
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
never=commit_ms=3600000

full() {
	forget_messages
	format_stream "$disk" 20,growth=3,policy=stop
	attach_stream r "$disk" reorder_ms=1
	tap_is "sysfs names the policy" "$(in_sysfs r policy)" stop
	fill r 17 1
	tap_is "what does not fit is refused as a whole" \
		"$(io r direct write:17:4:1 onebio:17:21:1) $(char r rw put:4:1) $(ring r head \
			tail allocated refused)" "ENOSPC ENOSPC ENOSPC 17 0 18 0 0 3 0"
	kernel_says "vde r: stream is full, write at block 17 refused, head 17"
	tap $? "the kernel says so"
	kernel_says "vde r: write past the capacity at block 17 refused, head 17"
	tap $? "and of what never fits, that"
	tap_is "what fits is taken" "$(char r rw put:2:1) $(io r direct write:19:1:1)" "17+2 OK"
	tap_is "then it is full" "$(io r direct write:20:1:1 dsync:20:1:1 fsync) $(
		char r rw put:1:1 append:4096:1)" "ENOSPC ENOSPC OK ENOSPC ENOSPC"
	tap_is "a buffered write fails at fsync" "$(io r buffered write:20:1:1 fsync)" "OK EIO"
	tap_is "behind and ahead of the head are other errors" \
		"$(io r direct write:19:1:1 write:21:1:1)" "EOPNOTSUPP EIO"
	tap_is "nothing was lost" "$(ring r head tail lost refused) $(io r direct read:0:20:1)" \
		"20 0 0 1 1 8 0 OK"
}

consuming() {
	tap_is "consume up to a position" "$(char r rw consume:3)" 3-3
	tap_is "makes room for that" "$(char r rw put:4:1 put:2:1 put:1:1 put:1:1)" \
		"ENOSPC 20+2 22+1 ENOSPC"
	tap_is "consume by count" "$(char r rw count:5)" 8-5
	tap_is "makes room for the node, too" "$(io r direct write:23:6:1 write:23:5:1 \
		write:28:1:1)" "ENOSPC OK ENOSPC"
	tap_is "what is consumed cannot be read" "$(io r direct read:7:1:1 read:7:2:1 read:8:20:1)" \
		"ENODATA ENODATA OK"
	tap_is "what was consumed before is consumed" "$(char r rw consume:8 consume:0 count:0)" \
		"8-0 8-0 8-0"
	tap_is "beyond the head is an error" "$(char r rw consume:29) $(ring r tail)" "ENXIO 8"
	tap_is "more than there is, is all" "$(char r rw count:9999) $(ring r head tail) $(
		in_sysfs r entries)" "28-20 28 28 0"
	tap_is "an empty stream" "$(char r rw count:1 consume:28 consume:29) $(
		io r direct read:27:1:1 read:28:1:1)" "28-0 28-0 ENXIO ENODATA ENODATA"
	tap_is "all of it is free" "$(char r rw put:21:1 put:20:1 put:1:1)" "ENOSPC 28+20 ENOSPC"
	tap_is "nothing is lost" "$(ring r lost tail) $(in_sysfs r lost_entries entries)" "0 28 0 20"
	tap_is "it takes a file that may write" "$(char r r count:1) $(char r w count:1)" \
		"EBADF 29-1"
	detach r
	is_sound "$disk"
	tap $? "vdectl finds nothing wrong"
	must dmsetup create r -r --table "$(stream_table "$disk" "$longest")"
	exec {other}<>"$(char_node r)"
	tap_is "and a region that may be written" "$(char r rw count:1) $(ring r head tail mode)" \
		"EROFS 48 29 ro"
	exec {other}<&-
	detach r
}

# The room that one takes is not there for the next, which then lies beyond a gap
racing() {
	format_stream "$disk" 50,policy=stop
	attach_stream r "$disk"
	fill r 50 1
	tap_is "many at once, one place each" "$(char r rw consume:7) $(io r direct \
		order:1:1:50,51,52,53,54,55,56,57,58)" "7-7 $(printf 'OK %.0s' {1..7})ENOSPC EIO"
	tap_is "the next begins behind them" "$(ring r head tail) $(char r rw count:1 put:1:1)" \
		"57 7 8-1 57+1"
	detach r
}

# durable: sets what a crash now would leave, in "r" on the second disk
look_after_crash() {
	copy_disk "$disk" "$LAB_DISK1"
	detach r
	attach_stream r "$LAB_DISK1" $never
	after=$(ring r head tail)
	detach r
	attach_stream r "$disk" $never
}

durable() {
	format_stream "$disk" 50,policy=stop
	attach_stream r "$disk" $never
	fill r 40 1
	must [ "$(io r direct fsync)" = OK ]
	tap_is "consumed" "$(char r rw consume:10)" 10-10
	look_after_crash
	tap_is "a crash without a flush forgets what was consumed" "$after" "40 0"
	tap_is "a clean close does not" "$(ring r head tail)" "40 10"
	tap_is "consumed, and fsync by call" "$(char r rw consume:15 fsync)" "15-5 OK"
	look_after_crash
	tap_is "a crash keeps it" "$after" "40 15"
	tap_is "consumed, and fsync of the node" "$(char r rw count:3) $(io r direct fsync)" \
		"18-3 OK"
	look_after_crash
	tap_is "a crash keeps it, too" "$after" "40 18"
	detach r
	attach_stream r "$disk" commit_ms=10
	tap_is "consumed, and a little time" "$(char r rw consume:20)" 20-2
	wait_until commits_have 1
	tap $? "it is committed without a flush"
	detach r
}

commits_have() { [ "$(stat_of r commits)" -ge "$1" ]; }

# about NAME WANT: does the file take so many KiB, and no more than 200 for all else?
about() {
	local now
	now=$(du -k $file | cut -f1)
	[ "$now" -ge "$2" ] && [ "$now" -lt $(($2 + 200)) ]
	tap $? "$1 ($now KiB)"
}

# gives_back POLICY: consumed space of a sparse file
gives_back() {
	format_stream "$loop" "2000,policy=$1"
	attach_stream r "$loop" discard $never
	fill r 1900 1 100
	must [ "$(io r direct fsync)" = OK ]
	about "$1: the file when it is nearly full" 7600
	tap_is "$1: consumed" "$(char r rw consume:1500)" 1500-1500
	about "$1: nothing goes back before that is durable" 7600
	tap_is "$1: fsync" "$(char r rw fsync)" OK
	about "$1: then it does" 1600
	tap_is "$1: what is left is there" "$(io r direct read:1500:400:1)" OK
	fill r 1200 1 100
	tap_is "$1: over the end of the ring" "$(char r rw consume:2900 fsync)" "2900-1400 OK"
	about "$1: gives back both ends" 800
	tap_is "$1: what is left is there" "$(io r direct read:2900:200:1) $(ring r lost)" "OK 0"
	fill r 1700 1 100
	tap_is "$1: filled again" "$(io r direct fsync read:2900:1900:1) $(ring r head tail)" \
		"OK OK 4800 2900"
	about "$1: the file when it is nearly full" 7600
	tap_is "$1: all consumed, then closed" "$(char r rw count:2000)" 4800-1900
	detach r
	about "$1: a close gives back as well" 0
	is_sound "$loop"
	tap $? "$1: sound"
}

# keeps: without being asked nothing is given back
keeps() {
	format_stream "$loop" 1000
	attach_stream r "$loop"
	fill r 950 1 100
	tap_is "not asked for: consumed" "$(char r rw consume:900 fsync)" "900-900 OK"
	about "not asked for: nothing goes back" 3800
	detach r
}

# A thin disk of 16 MiB, in chunks of 16 blocks
thin_disk() {
	null_disk pool 16
	must dd if=/dev/zero of="$LAB_DISK1" bs=4096 count=1 oflag=direct status=none
	must dmsetup create pool --table \
		"0 32768 thin-pool $LAB_DISK1 /dev/pool 128 0 1 skip_block_zeroing"
	must dmsetup message pool 0 create_thin 0
	must dmsetup create thin --table "0 32768 thin /dev/mapper/pool 0"
}

drop_thin_disk() {
	detach thin
	detach pool
	drop_null_disk pool
}

chunks() { echo $(($(dmsetup status thin | cut -d' ' -f4) / 128)); }

# steps FROM TO: consumes one block at a time, each durable
steps() {
	local at words=()
	for ((at = $1 + 1; at <= $2; at++)); do words+=("consume:$at" fsync); done
	char r rw "${words[@]}" >/run/steps
	tap_is "$1 to $2, step by step" "$(ring r tail)" "$2"
}

# little_by_little POLICY: data begins at block 27, so that chunks end at positions 5 + 16 n
little_by_little() {
	local before
	thin_disk
	format_stream /dev/mapper/thin "1000,policy=$1"
	attach_stream r /dev/mapper/thin discard reserve=1 $never
	fill r 900 1 100
	must [ "$(io r direct fsync)" = OK ]
	before=$(chunks)
	steps 0 148
	tap_is "$1: a chunk that is consumed step by step goes back" "$(chunks)" $((before - 8))
	steps 148 149
	tap_is "$1: with its last block" "$(chunks)" $((before - 9))
	steps 149 157
	detach r
	attach_stream r /dev/mapper/thin discard reserve=1 $never
	steps 157 165
	tap_is "$1: also over a close" "$(chunks)" $((before - 10))
	tap_is "$1: what is left is there" "$(io r direct read:165:735:1)" OK
	steps 165 190
	fill r 287 1 100
	must [ "$(io r direct fsync)" = OK ]
	before=$(chunks)
	steps 190 197
	tap_is "$1: one that is written again meanwhile does not" \
		"$(chunks) $(io r direct read:197:990:1)" "$before OK"
	detach r
	is_sound /dev/mapper/thin
	tap $? "$1: sound"
	drop_thin_disk
}

# no_harm POLICY DISK: discards on a disk that forgets at once, seen from all sides
no_harm() {
	local said blocks
	for blocks in 7 300 1500; do
		format_stream "$2" "$blocks,policy=$1"
		attach_stream r "$2" discard reorder_ms=1 commit_ms=1
		said=$(ringwalk /dev/mapper/r "$(char_node r)" $blocks 10)
		[[ $said == *OK ]]
		tap $? "discards harm nobody, $2, $1, ring of $blocks: $said"
		detach r
		is_sound "$2"
		tap $? "sound"
	done
}

full
consuming
racing
durable
file=/tmp/sparse
truncate -s 20M $file
loop=$(losetup -f --show $file) || bail "no loop device"
gives_back stop
gives_back overwrite
keeps
must losetup -d "$loop"
null_disk forgets 8 discard=1
no_harm stop /dev/forgets
no_harm overwrite /dev/forgets
drop_null_disk forgets
little_by_little stop
little_by_little overwrite
thin_disk
no_harm stop /dev/mapper/thin
no_harm overwrite /dev/mapper/thin
drop_thin_disk
tap_done

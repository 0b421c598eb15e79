#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ten times round rings of all kinds: every position between tail and head holds what was
# written there and can be read in each way, no other can; losses are counted exactly; what
# does not belong at the head is refused.
#
# lab: --disk 24M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
node=/dev/mapper/r

# walk SPEC [OPTION...]: a fresh stream and ten laps of anything, seen from all sides; then
# another activation and one more
walk() {
	local name="$*" spec=$1 seed=$SRANDOM said bad=0
	shift
	format_stream "$disk" "$spec"
	attach_stream r "$disk" reorder_ms=1 "$@"
	said=$(ringwalk $node "$(char_node r)" $seed 10)
	[[ $said == *OK ]]
	tap $? "ten laps of $name (seed $seed): $said"
	detach r
	is_sound "$disk" || bad=1
	attach_stream r "$disk" reorder_ms=1 "$@"
	said=$(ringwalk $node "$(char_node r)" $seed 1)
	[[ $said == *OK ]] || { echo "# $said"; bad=1; }
	detach r
	tap $bad "... sound, and one more after another activation"
}

# wraps CAPACITY BLOCKS: large bios that begin anywhere in the ring
wraps() {
	local capacity=$1 blocks=$2 words=() at
	format_stream "$disk" "$capacity"
	attach_stream r "$disk"
	for ((at = 0; at < 10 * capacity; at += blocks)); do
		words+=("onebio:$at:$blocks:5" "read:$at:$blocks:5")
	done
	io r direct "${words[@]}" | all_ok
	tap $? "bios of $blocks blocks, ten laps of $capacity"
	tap_is "what they overwrote is counted, what is left is there" \
		"$(ring r lost) $(io r direct "read:$(ring r tail):$(($(ring r head) - $(
			ring r tail))):5")" "$(ring r tail) OK"
	tap_is "one that is larger than the ring has no space" \
		"$(io r direct "onebio:$at:$((capacity + 1)):5") $(ring r head refused)" \
		"ENOSPC $at 0 0 1 0"
	tap_is "nor has a call" "$(char r rw "put:$((capacity + 1)):5") $(ring r head refused)" \
		"ENOSPC $at 0 0 2 0"
	tap_is "one of its size has" "$(io r direct "onebio:$at:$capacity:5" \
		"read:$at:$capacity:5") $(ring r head tail)" "OK OK $((at + capacity)) $at"
	detach r
}

# Many in flight at once, more than the ring holds
crowded() {
	local capacity=$1 size=$2 at=0 places="" i
	format_stream "$disk" "$capacity"
	attach_stream r "$disk"
	for ((i = 0; i < 200; i++)); do
		places+=,$at
		at=$((at + size))
	done
	io r direct "order:$size:3:${places#,}" | all_ok
	tap $? "200 writes of $size blocks at once in a ring of $capacity"
	tap_is "head, and the tail is what was lost" "$(ring r head lost inflight)" \
		"$at $(ring r tail) 0"
	[ $((at - $(ring r tail))) -le "$capacity" ] &&
		[ "$(io r direct "read:$(ring r tail):$((at - $(ring r tail))):3")" = OK ]
	tap $? "what is left is there"
	detach r
	is_sound "$disk"
	tap $? "and sound"
}

buffered() {
	local i words=()
	format_stream "$disk" 300
	attach_stream r "$disk"
	hold r
	for ((i = 0; i < 30; i++)); do
		words+=("write:$((i * 100)):100:4" fsync "read:$((i * 100)):100:4")
	done
	io r buffered "${words[@]}" | all_ok
	tap $? "ten laps through the page cache"
	tap_is "which are on the disk" "$(ring r head committed) $(
		io r direct "read:$(ring r tail):$((3000 - $(ring r tail))):4")" "3000 3000 OK"
	tap_is "a page that could not be read shows what is written there later" \
		"$(io r buffered read:3000:1:4) $(char r rw put:1:4) $(io r buffered read:3000:1:4)" \
		"EIO 3000+1 OK"
	tap_is "a buffered write to what is written is lost, and fsync says so" \
		"$(io r buffered write:2950:1:9 fsync) $(io r buffered read:2950:1:4)" "OK EIO OK"
	release
	detach r
}

# Where the block node ends, which need not be where the ring does
table_ends() {
	local sectors
	format_stream "$disk" 16
	must dmsetup create r --table "$(stream_table "$disk" 320)"
	fill r 39 1 3
	tap_is "a write across the node's end is cut there" "$(io r direct write:39:2:1)" SHORT
	tap_is "a write at the node's end has no space" "$(io r direct write:40:1:1)" ENOSPC
	tap_is "a read at the node's end ends" "$(io r direct read:40:1:1)" SHORT
	tap_is "the last block" "$(ring r head refused) $(io r direct read:39:1:1)" \
		"40 0 0 0 0 OK"
	detach r
	attach_stream r "$disk"
	tap_is "with a longer table it goes on" "$(io r direct write:40:1:1 read:39:2:1)" "OK OK"
	detach r
	for sectors in 8 128 $longest; do
		dmsetup create r --table "$(stream_table "$disk" "$sectors")"
		tap_is "a table of $sectors sectors" "$? $(blockdev --getsz $node)" "0 $sectors"
		detach r
	done
	for sectors in 1 12 $((longest + 8)); do
		dmsetup create r --table "$(stream_table "$disk" "$sectors")" 2>/dev/null
		tap_is "no table of $sectors sectors" $? 1
	done
	table_options
}

table_options() {
	local word
	attach_stream r "$disk" reserve=3 discard sync commit_ms=7
	tap_is "the table shows its options" "$(dmsetup table r | sed 's/.* stream //')" \
		"5 region=0 commit_ms=7 sync reserve=3 discard"
	detach r
	for word in reserve=x reserve=-1 reserve discard=1 no_verify_reads on_corruption=error; do
		dmsetup create r --table "$(stream_table "$disk" "$longest" $word)" 2>/dev/null
		tap_is "no option $word" $? 1
	done
}

# set_ring DISK ALLOCATED HEAD TAIL: the state of a first region, closed cleanly
set_ring() {
	local at hex number
	at=$(newest_commit "$1" 0)
	for number in "$2" "$3" "$4" $(($3 - $4)); do hex+=$(hex_of "$number"); done
	must reseal "$1" $meta_start "8=$hex"
	must reseal "$1" $((at + 1)) "8=$hex"
	must reseal "$1" "$at" "0x38=$hex" \
		"0x28=$(hex_of "$(peek "$1" $((at + 1)) 4088 8)")"
}

# The last positions of the longest node
far_away() {
	local end=$((1 << 48))
	format_stream "$disk" 10
	set_ring "$disk" 10 $((end - 7)) $((end - 7))
	attach_stream r "$disk"
	tap_is "at 1 EiB: up to the last position" "$(ring r head tail) $(io r direct \
		write:$((end - 7)):4:1 write:$((end - 3)):3:1 read:$((end - 7)):7:1)" \
		"$((end - 7)) $((end - 7)) OK OK OK"
	tap_is "at 1 EiB: no further" "$(io r direct write:$end:1:1)" ENOSPC
	tap_is "at 1 EiB: read(2) and lseek" "$(char r r get:9:1 "seek:$((end - 1 << 12)):0" \
		get:1:1 seek:-8192:2 get:9:1)" \
		"$((end - 7))+7 $((end - 1 << 12)) $((end - 1))+1 $((end - 2 << 12)) $((end - 2))+2"
	detach r
	is_sound "$disk"
	tap $? "at 1 EiB: sound"
}

walk 1
walk 2,growth=1
walk 16
walk 16 reserve=1
walk 16 reserve=16
walk 17,growth=4 sync
walk 301,growth=7 reserve=100
walk 301 reserve=1 max_inflight=4096
walk 1000,growth=100,policy=stop
walk 5,growth=2,policy=stop commit_ms=1
walk 2000 reserve=1000000000 commit_ms=1
walk 4000 discard
wraps 1500 700
wraps 100 64
crowded 16 1
crowded 100 7
crowded 1 1
buffered
table_ends
far_away
tap_done

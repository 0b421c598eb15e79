#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A stream starts with nothing allocated and grows by its increment as it is written, to
# its capacity and no further; what it has grown to stays, and a sparse file beneath is no
# larger than that.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0

# grown HEAD CAPACITY GROWTH: blocks that must be allocated
grown() {
	local want=$((($1 + $3 - 1) / $3 * $3))
	echo $((want < $2 ? want : $2))
}

nothing() {
	format_stream "$disk" 30,growth=4
	attach_stream r "$disk"
	tap_is "empty: the status line" "$(dmsetup status r)" \
		"0 $longest vde 0 0 0 0/30 0 0 0 0 0 0 0 rw"
	tap_is "empty: sysfs" "$(in_sysfs r kind capacity_blocks allocated_blocks \
		allocation_percent write_head read_tail entries lost_entries growth_increment policy)" \
		"stream 30 0 0 0 0 0 0 4 overwrite"
	tap_is "empty: the command says the same" "$(char r r ring)" "mode=0 policy=0 growth=4 \
capacity=30 allocated=0 head=0 tail=0 committed=0 lost=0 reserve=1 inflight=0 sealed=0 gap=0 \
full=0 op=0 position=0 overrun=0"
	tap_is "empty: nothing can be read" "$(io r direct read:0:1:1 read:29:1:1 fsync)" \
		"ENODATA ENODATA OK"
	tap_is "flushing allocates nothing" "$(ring r allocated)" 0
	detach r
}

# by_one CAPACITY GROWTH: block by block, past the end of the ring
by_one() {
	local capacity=$1 growth=$2 head words=() expected=()
	format_stream "$disk" "$capacity,growth=$growth"
	attach_stream r "$disk"
	for ((head = 1; head <= capacity + 3; head++)); do
		words+=(put:1:1 ring)
		expected+=("$head:$(grown $head "$capacity" "$growth")")
	done
	tap_is "capacity $capacity, growth $growth: each step" "$(char r rw "${words[@]}" |
		grep -o 'allocated=[0-9]* head=[0-9]*' | sed 's/[a-z]*=//g' |
		awk '{ print $2 ":" $1 }' | paste -sd' ' -)" "${expected[*]}"
	tap_is "capacity $capacity, growth $growth: sysfs" \
		"$(in_sysfs r allocated_blocks allocation_percent)" "$capacity 100"
	detach r
}

percents() {
	local words
	format_stream "$disk" 150,growth=4
	attach_stream r "$disk"
	for words in 1:2 3:2 1:5 142:98 2:100; do
		fill r "${words%:*}" 1
		tap_is "percent allocated at $(ring r head) of 150" \
			"$(in_sysfs r allocation_percent)" "${words#*:}"
	done
	detach r
}

# at_once CAPACITY GROWTH BLOCKS...: appends of several increments each, in one bio
at_once() {
	local capacity=$1 growth=$2 blocks saw="" want="" head=0
	shift 2
	format_stream "$disk" "$capacity,growth=$growth"
	attach_stream r "$disk"
	for blocks in "$@"; do
		saw+=" $(io r direct "onebio:$head:$blocks:1") $(ring r allocated)"
		head=$((head + blocks))
		want+=" OK $(grown $head "$capacity" "$growth")"
	done
	tap_is "capacity $capacity, growth $growth: bios of $* blocks" "$saw" "$want"
	tap_is "growing moved nothing" \
		"$(io r direct "read:$(ring r tail):$((head - $(ring r tail))):1")" OK
	detach r
}

# What is grown stays, over a clean close, a change of the table and a crash
kept() {
	format_stream "$disk" 100,growth=7 50
	attach_stream r "$disk"
	fill r 10 1
	detach r
	attach_stream r "$disk"
	tap_is "another activation keeps what is allocated" "$(ring r head allocated)" "10 14"
	must dmsetup suspend r
	live "$(stream_table "$disk" 80000)" r
	tap_is "so does another table" "$(ring r head allocated)" "10 14"
	tap_is "it goes on growing" \
		"$(char r rw put:4:1 ring | grep -o ' allocated=[0-9]*') $(char r rw put:1:1 ring |
			grep -o ' allocated=[0-9]*')" " allocated=14  allocated=21"
	fill r 20 1
	tap_is "fsync" "$(io r direct fsync)" OK
	copy_disk "$disk" "$LAB_DISK1"
	fill r 50 1
	detach r
	is_sound "$disk"
	tap $? "vdectl finds nothing wrong"
	attach_stream r "$LAB_DISK1"
	tap_is "after a crash all is allocated that was written" \
		"$(ring r head allocated) $(io r direct read:0:35:1)" "35 35 OK"
	fill r 1 1
	tap_is "and it goes on growing by the increment" "$(ring r allocated)" 42
	detach r
	is_sound "$LAB_DISK1"
	tap $? "vdectl finds nothing wrong after the crash"
	attach_stream s "$disk" region=1
	tap_is "another stream of the volume is still empty" "$(ring s head allocated)" "0 0"
	detach s
}

# used FILE: KiB that it takes
used() { du -k "$1" | cut -f1; }

# A file that is sparse takes what was written, and less than 200 KiB of metadata
sparse() {
	local file=/tmp/sparse node empty now want
	truncate -s 40M $file
	node=$(losetup -f --show $file) || bail "no loop device"
	format_stream "$node" 2048,growth=16
	attach_stream r "$node"
	sync "$node"
	empty=$(used $file)
	[ "$empty" -lt 200 ]
	tap $? "a sparse file is small when the stream is empty ($empty KiB)"
	for want in 100 1000 2048; do
		fill r $((want - $(ring r head))) 1 128
		tap_is "fsync at $want blocks" "$(io r direct fsync)" OK
		now=$(used $file)
		[ "$now" -ge $((want * 4)) ] && [ "$now" -lt $((want * 4 + 200)) ]
		tap $? "$want blocks: it holds them and little else ($now KiB)"
	done
	fill r 1000 1 128
	tap_is "fsync after a lap" "$(io r direct fsync)" OK
	now=$(used $file)
	[ "$now" -lt $((2048 * 4 + 200)) ]
	tap $? "another lap takes nothing more ($now KiB)"
	detach r
	is_sound "$node"
	tap $? "vdectl finds nothing wrong with it"
	must losetup -d "$node"
	rm $file
}

nothing
percents
by_one 30 4
by_one 20 1
by_one 17 16
by_one 9 3
by_one 5 1000
by_one 1 1
by_one 16 16
at_once 200 16 1 40 15 100 200
at_once 50 7 50 1 50
at_once 300 2147483647 1 299 1
kept
sparse
tap_done

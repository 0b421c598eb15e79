#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes that arrive in another order than that of their blocks: held for reorder_ms, as
# far as 16 MiB, then refused; and what a suspend does with those that are held.
#
# lab: --disk 80M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=16384

# blocks_from FIRST LAST STEP: a list for vdeio
blocks_from() { seq -s, "$1" "$3" "$2"; }

# counts: how often each answer was given
counts() { tr ' ' '\n' | sort | uniq -c | tr -s ' ' | paste -sd, -; }

fresh() {
	format "$LAB_DISK0" $blocks
	attach w "$LAB_DISK0" $blocks "$@"
}

reversed() {
	fresh reorder_ms=10000
	tap_is "200 writes in reverse order are all accepted" \
		"$(io w direct "order:1:1:$(blocks_from 199 0 -1)" | counts)" " 200 OK"
	tap_is "they are where they belong" "$(io w direct read:0:200:1)" OK
	tap_is "nothing was refused, 199 were held" \
		"$(status w refused) $(stat_of w held) $(status w hwm)" "0 0 0 0 199 200"
	tap_is "odd blocks first, then even ones" "$(io w direct \
		"order:1:1:$(blocks_from 201 329 2),$(blocks_from 200 328 2)" read:200:130:1 |
		counts)" " 131 OK"
	tap_is "writes of many blocks, last first" \
		"$(io w direct order:64:1:522,458,394,330 read:330:256:1)" "OK OK OK OK OK"
	tap_is "two writes to one place: the first wins" \
		"$(io w direct order:1:1:587,587,586 read:586:2:1)" "OK EOPNOTSUPP OK OK"
	tap_is "a held write that is overtaken is refused whole" \
		"$(io w direct order:2:1:589,588) $(status w hwm)" "EOPNOTSUPP OK 590"
	detach w
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong"
}

limits() {
	local first
	# 16 writes of 1 MiB are held, one more is not; when that comes again after
	# block 0 it fits, and frees all the others
	fresh reorder_ms=10000
	first=$(blocks_from 4352 512 -256)
	tap_is "16 MiB are held, what is beyond is refused at once" \
		"$(io w direct "order:256:2:$first,256,0,256")" \
		"$(printf 'OK %.0s' {1..16})EIO OK OK"
	tap_is "counted as a gap, once" "$(status w refused)" "0 1 0 0"
	tap_is "all that was accepted is there" \
		"$(io w direct read:0:4608:2 zeros:4608:256) $(status w hwm)" "OK OK 4608"
	detach w

	fresh reorder_ms=0
	tap_is "reorder_ms=0: a gap is refused at once" "$(io w direct order:1:1:1,0)" "EIO OK"
	tap_is "and nothing is held" "$(stat_of w held) $(status w refused)" "0 0 1 0 0"
	detach w
	fresh reorder_ms=30
	tap_is "a gap that nobody fills is refused in the end" \
		"$(io w direct order:1:1:5,4,3,2 zeros:0:8)" "EIO EIO EIO EIO OK"
	tap_is "each counted" "$(status w refused) $(stat_of w held)" "0 4 0 0 4"
	live "$(table "$LAB_DISK0" $blocks reorder_ms=10000)"
	tap_is "then all of them can be written" "$(io w direct order:1:1:5,4,3,2,1,0)" \
		"OK OK OK OK OK OK"
	detach w
}

# held_is NUMBER
held_is() { [ "$(stat_of w held)" = "$1" ]; }

suspended() {
	local pid
	fresh reorder_ms=300
	io w direct order:1:1:3,2 >/run/answer &
	pid=$!
	wait_until held_is 2 || bail "nothing is held"
	dmsetup suspend w
	tap_is "a suspend does not wait for a gap for ever" $? 0
	wait $pid
	tap_is "held writes are refused then" "$(cat /run/answer) $(status w refused)" \
		"EIO EIO 0 2 0 0"
	must dmsetup resume w
	fill_in_time
	tap_is "the mark is where it should be" "$(status w hwm)" 6
	detach w
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong"
}

# A write that fills the gap while the suspend waits saves the held ones
fill_in_time() {
	live "$(table "$LAB_DISK0" $blocks reorder_ms=10000)"
	io w direct order:1:1:5,4,3,2,1 >/run/answer &
	wait_until held_is 7 || bail "nothing is held"
	dmsetup suspend --noflush w &
	io w direct write:0:1:1 >/run/filler
	wait
	must dmsetup resume w
	tap_is "a gap filled in time: all are accepted" "$(cat /run/filler /run/answer |
		paste -sd' ' -)" "OK OK OK OK OK OK"
}

# A noflush suspend that a signal ends: from then on dm takes nothing back
given_up() {
	local pid writer status
	must dmsetup create below \
		--table "0 $(blockdev --getsz "$LAB_DISK0") linear $LAB_DISK0 0"
	format /dev/mapper/below $blocks
	attach w /dev/mapper/below $blocks reorder_ms=30
	must dmsetup suspend --nolockfs below
	io w direct write:0:1:1 >/run/answer &
	writer=$!
	wait_until status_is w inflight 1
	tap $? "a write is in flight"
	dmsetup suspend --noflush w &
	pid=$!
	wait_until sleeps $pid /dev/mapper/control S
	# What a page of the program is read from makes it sleep too, but not for long
	sleep 0.3
	wait_until sleeps $pid /dev/mapper/control S
	tap $? "a suspend waits for it"
	kill $pid
	wait $pid
	status=$?
	must dmsetup resume below
	wait $writer
	tap_is "it is given up, and costs nothing" "$status $(cat /run/answer) $(
		dmsetup info -c --noheadings -o suspended w)" "143 OK Active"
	tap_is "then a gap is refused as one" \
		"$(io w direct order:1:1:3) $(status w refused)" "EIO 0 1 0 0"
	detach w
	must dmsetup remove below
}

reversed
limits
suspended
given_up
tap_done

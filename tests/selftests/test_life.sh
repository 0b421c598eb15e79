#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tables are replaced and devices suspended in the middle of appends: none is lost, none
# refused.
#
# lab: --disk 8G --timeout 200
set -u
. "$(dirname "$0")/lib.sh"

blocks=2000000		# more than any machine appends in that time
at=0

# worm_table [OPTION...]: where writes that come in another order are given the time that a
# slow machine takes
worm_table() {
	[[ $* == *reorder_ms=* ]] || set -- "$@" reorder_ms=10000
	table "$LAB_DISK0" $blocks "$@"
}

# begin [retry]: an appender in the background, eight writes of a block in flight
begin() {
	at=$(status w hwm)
	appender /dev/mapper/w "$at" $blocks 3 1 8 "$@" >/run/appender &
	pid=$!
	grows
}

# has_grown FROM
has_grown() { [ "$(status w hwm)" -gt "$1" ]; }

# grows: waits until something more has been appended
grows() {
	wait_until has_grown "$(status w hwm)" ||
		bail "nothing is appended any more: $(dmsetup status w), $(cat /run/appender)"
}

# finish NAME [eio]: none of the appends failed, or none but with EIO; all that was
# acknowledged is there
finish() {
	local name=$1 acked
	kill -0 $pid 2>/dev/null
	tap $? "$name: appending all the time"
	kill -TERM $pid 2>/dev/null
	wait $pid
	acked=$(sed -n 's/^acked=\([0-9]*\) .*/\1/p' /run/appender)
	if [ "${2-}" = eio ]; then
		tap_is "$name: no errors but EIO" "$(sed 's/^[^ ]* eio=[0-9]* //' /run/appender)" \
			other=OK
	else
		tap_is "$name: no append failed" "$(cut -d' ' -f2- /run/appender)" "eio=0 other=OK"
		tap_is "$name: nothing was refused" "$(status w refused)" "0 0 0 0"
	fi
	tap_is "$name: the mark is what was acknowledged" "$(status w hwm)" $((at + acked))
	tap_is "$name: all that was acknowledged is there" "$(io w direct "read:$at:$acked:3")" OK
}

load() { must dmsetup reload w --table "$1"; }

same_table() {
	local i
	begin
	for ((i = 0; i < 8; i++)); do
		live "$(worm_table)"
		grows
	done
	finish "reload of the same table"
}

other_options() {
	local option
	begin
	for option in sync commit_ms=1 reorder_ms=5000 max_inflight=4096 max_inflight=1048576 \
		commit_ms=10; do
		live "$(worm_table "$option")"
		grows
		tap_is "reload with $option: it is in force" \
			"$(dmsetup table w | grep -o "$option")" "$option"
	done
	finish "reload with other options"
	live "$(worm_table)"
}

# is_error: has the error table taken over?
is_error() { dmsetup table w | grep -q error; }

error_table() {
	local i
	begin retry
	for ((i = 0; i < 5; i++)); do
		live "0 $((blocks * 8)) error"
		is_error || bail "no error table"
		if [ $i = 2 ]; then
			is_sound "$LAB_DISK0"
			tap $? "behind an error table the volume is closed and sound"
		fi
		live "$(worm_table)"
		grows
	done
	finish "error table" eio
	tap_is "the counters begin anew with the region" "$(status w refused)" "0 0 0 0"
}

suspends() {
	local i hwm
	begin
	for ((i = 0; i < 8; i++)); do
		if [ $((i % 3)) = 0 ]; then
			must dmsetup suspend --noflush w
		else
			must dmsetup suspend w
		fi
		hwm=$(status w hwm)
		[ "$(status w committed) $(status w inflight)" = "$hwm 0" ] ||
			bail "suspended with $(dmsetup status w)"
		must dmsetup resume w
		grows
	done
	tap 0 "a suspend commits and leaves nothing in flight, eight times"
	finish "suspend and resume"
}

cleared_table() {
	begin
	load "$(worm_table sync)"
	must dmsetup clear w
	load "0 $((blocks * 8)) error"
	must dmsetup clear w
	grows
	finish "tables that are loaded and cleared"
}

busy() {
	local got
	begin
	got=$(dmsetup remove w 2>&1)
	tap_is "dmsetup remove while writing: busy" "$?$(grep -o 'resource busy' <<<"$got")" \
		"1resource busy"
	grows
	finish "after that"
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks reorder_ms=10000
same_table
other_options
suspends
cleared_table
busy
error_table
tap_is "all of it, from the first block on" "$(io w direct "read:0:$(status w hwm):3")" OK
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reads are verified while appends go on at the high-water mark: records are in memory, on
# their way to the disk, or there. Whatever the reader hits, it matches.
#
# lab: --disk 160M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"

count=12000	# a multiple of each size
[ -z "${LAB_SHORT-}" ] || count=3000
blocks=$((3 * count))

# round NAME SIZE DEPTH OPTION...: $count blocks more, in such writes, with four readers
round() {
	local name=$1 size=$2 depth=$3 at pids=() writer i
	shift 3
	attach w "$LAB_DISK0" $blocks "$@"
	at=$(status w hwm)
	for i in 1 2 3; do
		reader /dev/mapper/w follow "$at" $count 1 >"/run/read$i" &
		pids+=($!)
	done
	reader /dev/mapper/w follow 0 $((at + count)) 1 >/run/read4 &
	pids+=($!)
	appender /dev/mapper/w "$at" $count 1 "$size" "$depth" >/run/appended &
	writer=$!
	# Commits write full blocks of records, again and again
	while kill -0 $writer 2>/dev/null; do
		commit w
		sleep 0.02
	done
	wait $writer
	kill "${pids[@]}"
	wait "${pids[@]}"
	tap_is "$name: all is appended" "$(cat /run/appended)" "acked=$count eio=0 other=OK"
	for i in 1 2 3 4; do
		grep -qx 'reads=[1-9][0-9]* OK' "/run/read$i"
		tap $? "$name: reader $i: $(cat "/run/read$i")"
	done
	tap_is "$name: nothing counts as damage" "$(status w corrupt) $(status w mode)" "0 rw"
	detach w
}

format "$LAB_DISK0" $blocks
round "small writes" 1 64 commit_ms=5
round "middling writes" 24 16 commit_ms=3600000
round "large writes" 250 8 commit_ms=50
attach w "$LAB_DISK0" $blocks
tap_is "everything can be read" "$(io w direct read:0:$blocks:1) $(status w corrupt)" "OK 0"
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

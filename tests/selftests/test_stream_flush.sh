#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What makes the head of a stream durable, on a disk with a write cache and on one that
# claims to have none; when the tail is committed; what a power cut leaves.
#
# lab: --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
never=commit_ms=3600000

# flushing WHAT DISK: a new volume each time
flushing() {
	local what=$1 disk=$2 commits
	format_stream "$disk" 256
	attach_stream r "$disk" $never reserve=16
	tap_is "$what: an empty flush writes no block" "$(io r direct fsync) $(ring r head \
		committed refused)" "OK 0 0 0 0 0 0"
	tap_is "$what: a durable write is committed" "$(io r direct dsync:0:1:1) $(ring r head \
		committed)" "OK 1 1"
	tap_is "$what: no flush, no commit" "$(io r direct write:1:100:1) $(ring r head committed)" \
		"OK 101 1"
	tap_is "$what: a flush commits all" "$(io r direct fsync) $(ring r head committed)" \
		"OK 101 101"
	commits=$(stat_of r commits)
	tap_is "$what: a flush with nothing new is no commit" \
		"$(io r direct fsync fsync) $(stat_of r commits)" "OK OK $commits"
	tap_is "$what: fsync commits what is in the page cache" \
		"$(io r buffered write:101:33:1 fsync) $(ring r head committed)" "OK OK 134 134"
	tap_is "$what: a call, and fsync of its file" "$(char r w write:24576:1) $(ring r \
		head committed) $(char r w fsync) $(ring r committed)" "24576 140 134 OK 140"
	tap_is "$what: fdatasync" "$(char r w write:4096:1 fdatasync) $(ring r committed)" \
		"4096 OK 141"
	tap_is "$what: a durable call, a durable file" "$(char r w dsync:4096:1) $(ring r committed) \
$(char r w,dsync write:4096:1) $(ring r committed) $(char r w append:4096:1:1) $(ring r committed)" \
		"4096 142 4096 143 143+1 144"
	tap_is "$what: the message" "$(char r w write:4096:1) $(dmsetup message r 0 commit) $(
		ring r committed)" "4096  145"
	detach r
	is_sound "$disk"
	tap $? "$what: vdectl finds nothing wrong"
}

# Overwriting needs a durable tail: it is moved ahead in steps, not by each write
steps() {
	local commits
	format_stream "$disk" 1000
	attach_stream r "$disk" $never reserve=100
	fill r 2000 1 1
	commits=$(stat_of r commits)
	[ "$commits" -ge 10 ] && [ "$commits" -le 24 ]
	tap $? "1000 writes over what was there take a commit for each 100 or 50 ($commits)"
	tap_is "with the tail their head becomes durable" \
		"$(($(ring r committed) >= 1900 && $(ring r committed) <= 2000))" 1
	detach r
}

with_cache() {
	null_disk cache 8 cache_size=16
	flushing "cache" /dev/cache
	power_cuts
	drop_null_disk cache
}

# cut: the power goes and comes back
cut() {
	echo 0 >/sys/kernel/config/nullb/cache/power
	detach r
	echo 1 >/sys/kernel/config/nullb/cache/power
	attach_stream r /dev/cache $never reserve=10
}

# kept NAME LEAST MOST: the head that a cut leaves lies there, and behind it is what a ring of
# 100 can hold, less its reserve and what was in flight
kept() {
	local head tail
	head=$(ring r head)
	tail=$(ring r tail)
	[ "$head" -ge "$2" ] && [ "$head" -le "$3" ] &&
		[ $((tail == 0 || head - tail >= 75)) = 1 ] &&
		[ "$(io r direct "read:$tail:$((head - tail)):1")" = OK ]
	tap $? "$1: head $head of $2..$3, tail $tail"
}

power_cuts() {
	format_stream /dev/cache 100
	attach_stream r /dev/cache $never reserve=10
	fill r 50 1
	tap_is "fsync" "$(io r direct fsync)" OK
	fill r 20 1
	cut
	kept "a cut behind an fsync" 50 70
	fill r 100 1 7
	tap_is "fsync by call" "$(char r w fsync)" OK
	cut
	kept "a cut after a lap" "$(ring r head)" "$(ring r head)"
	tap_is "a durable write" "$(io r direct "dsync:$(ring r head):60:1")" OK
	at=$(ring r head)
	fill r 3 1
	cut
	kept "a cut behind a durable write" "$at" $((at + 3))
	at=$(ring r head)
	fill r 300 1 11
	cut
	kept "a cut with nothing flushed" "$at" $((at + 300))
	[ "$(ring r head)" -ge $((at + 190)) ]
	tap $? "what the tail needed is durable ($(ring r head) of $((at + 300)))"
	detach r
	is_sound /dev/cache
	tap $? "sound after the cuts"
}

no_cache() {
	null_disk nocache 8
	flushing "no cache" /dev/nocache
	drop_null_disk nocache
}

# reload OPTION...: the same stream with other options
reload() {
	live "$(stream_table "$disk" "$longest" "$@")" r
}

options() {
	local at got
	format_stream "$disk" 64 64
	attach_stream r "$disk" sync $never
	for at in 0 40 80; do
		got=$(io r direct "write:$at:40:1")
		tap_is "sync: a write is committed when it completes" "$got $(ring r committed)" \
			"OK $((at + 40))"
	done
	tap_is "sync: so are four at once" "$(io r direct order:8:1:120,128,136,144) $(ring r \
		committed)" "OK OK OK OK 152"
	tap_is "sync: and a call" "$(char r rw put:9:1) $(ring r committed)" "152+9 161"
	reload $never
	fill r 10 1
	tap_is "commit_ms: long, so no commit yet" "$(ring r committed)" 161
	reload commit_ms=20
	tap_is "a suspend commits" "$(ring r committed)" 171
	fill r 10 1
	wait_until ring_is r committed 181
	tap $? "commit_ms: short, so a commit follows"
	reload $never
	attach_stream s "$disk" commit_ms=20 region=1
	fill r 10 1
	fill s 10 1
	wait_until ring_is s committed 10
	tap $? "another stream has its own"
	tap_is "which is not that of the first" "$(ring r committed)" 181
	detach s
	detach r
}

# A commit that says "clean" and does not image the header was no clean close, whoever made
# it: what comes after it is closed as ever
not_clean() {
	local at
	format_stream "$disk" 256
	attach_stream r "$disk" $never
	fill r 30 1
	io r direct fsync >/dev/null
	save "$disk" /run/active
	detach r
	restore /run/active "$disk"
	# One block of metadata, then the slots
	at=$(newest_slot "$disk" $((meta_start + 1)))
	must reseal "$disk" "$at" 0x0C=01
	attach_stream r "$disk"
	tap_is "a clean flag without the header: recovered" "$(ring r head mode)" "30 rw"
	detach r
	is_sound "$disk"
	tap $? "a clean flag without the header: closed soundly"
	attach_stream r "$disk"
	tap_is "a clean flag without the header: writable again" "$(ring r head mode)" "30 rw"
	detach r
}

no_cache
with_cache
steps
options
not_clean
tap_done

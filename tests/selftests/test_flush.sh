#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a flush means, on a disk with a write cache and on one that claims to have none;
# what is committed without a flush; the messages "commit" and "stats".
#
# lab: --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=512
never=commit_ms=3600000

numbers() { echo "$(status w hwm) $(status w committed)"; }

# flushing WHAT DISK: a new volume each time
flushing() {
	local what=$1 disk=$2 commits
	format "$disk" $blocks
	attach w "$disk" $blocks $never
	tap_is "$what: an empty flush at mark 0 writes no block" \
		"$(io w direct fsync) $(numbers) $(status w refused)" "OK 0 0 0 0 0 0"
	tap_is "$what: a durable write at block 0 is an append, and committed" \
		"$(io w direct dsync:0:1:1) $(numbers)" "OK 1 1"
	tap_is "$what: the next one there is a rewrite" \
		"$(io w direct dsync:0:1:1) $(status w refused)" "EOPNOTSUPP 1 0 0 0"
	tap_is "$what: an empty flush above mark 0 is no rewrite" \
		"$(io w direct fsync fsync) $(numbers) $(status w refused)" "OK OK 1 1 1 0 0 0"
	tap_is "$what: without a flush nothing is committed" \
		"$(io w direct write:1:100:1) $(numbers)" "OK 101 1"
	tap_is "$what: with one all is" "$(io w direct fsync) $(numbers)" "OK 101 101"
	commits=$(stat_of w commits)
	tap_is "$what: a flush with nothing new is no commit" \
		"$(io w direct fsync fsync) $(stat_of w commits)" "OK OK $commits"
	tap_is "$what: a buffered append is committed by fsync" \
		"$(io w buffered write:101:33:1 fsync) $(numbers)" "OK OK 134 134"
	tap_is "$what: so is what others appended" \
		"$(io w direct write:134:9:1) $(io w buffered fsync) $(numbers)" "OK OK 143 143"
	cached_pages "$what"
	detach w
	is_sound "$disk"
	tap $? "$what: vdectl finds nothing wrong"
}

# Pages that another process left dirty, written by somebody else's fsync
cached_pages() {
	local got
	got=$(io w buffered write:143:5:1)
	sync /dev/mapper/w
	tap_is "$1: sync commits what others left in the page cache" "$got $(numbers)" \
		"OK 148 148"
}

# The kernel sends a flush behind a durable write; a caller that sends none relies on FUA
# alone. So the commit must come before that flush does.
fua_alone() {
	local device seen
	device=$(dmsetup info -c --noheadings -o major,minor w)
	device=${device/:/,}
	seen=$(traced "block/block_bio_queue vde/vde_commit" \
		io w direct "dsync:$(status w hwm):1:1")
	tap_is "a durable write waits for its commit, not for the flush behind it" \
		"$(cat /run/said) $(grep -oE "vde_commit|$device (WFS|FWS)" <<<"$seen" |
			paste -sd' ' -)" "OK $device WFS vde_commit $device FWS"
}

no_cache() {
	null_disk nocache 8
	tap_is "a disk without a cache claims none" "$(cat /sys/block/nocache/queue/write_cache)" \
		"write through"
	flushing "no cache" /dev/nocache
	drop_null_disk nocache
}

with_cache() {
	null_disk cache 8 cache_size=4
	tap_is "a disk with a cache claims one" "$(cat /sys/block/cache/queue/write_cache)" \
		"write back"
	flushing "cache" /dev/cache
	# Now what is not flushed is lost: only what was promised counts
	attach w /dev/cache $blocks $never
	io w direct write:148:50:1 fsync write:198:50:1 | all_ok || bail "appends"
	power_cut
	drop_null_disk cache
}

power_cut() {
	echo 0 >/sys/kernel/config/nullb/cache/power
	detach w
	echo 1 >/sys/kernel/config/nullb/cache/power
	attach w /dev/cache $blocks $never
	tap_is "a power cut keeps what a flush covered" "$(io w direct read:0:198:1)" OK
	[ "$(status w hwm)" -ge 198 ] && [ "$(status w hwm)" -le 248 ]
	tap $? "and no more than was written"
	detach w
}

# reload OPTION...: the same region with other options
reload() {
	live "$(table "$LAB_DISK0" $blocks "$@")"
}

sync_option() {
	local at got
	reload sync $never
	for at in 0 1 2; do
		got=$(io w direct "write:$((at * 40)):40:1")
		tap_is "sync: write $at is committed when it completes" "$got $(numbers)" \
			"OK $((at * 40 + 40)) $((at * 40 + 40))"
	done
	got=$(io w direct order:8:1:120,128,136,144)
	tap_is "sync: so are four at once" "$got $(numbers)" "OK OK OK OK 152 152"
	got=$(io w direct write:0:1:2 fsync)
	tap_is "sync: a rewrite is refused all the same" "$got" "EOPNOTSUPP OK"
}

commit_interval() {
	reload $never
	append w 10 1
	tap_is "commit_ms: long, so no commit yet" "$(numbers)" "162 152"
	reload commit_ms=20
	tap_is "commit_ms: a suspend commits" "$(numbers)" "162 162"
	append w 10 1
	wait_until status_is w committed 172
	tap $? "commit_ms: short, so a commit follows without a flush"
	reload $never
	append w 10 1
	attach other "$LAB_DISK0" 64 region=1 commit_ms=20
	append other 10 1
	wait_until status_is other committed 10
	tap $? "commit_ms: another region has its own"
	tap_is "commit_ms: which is not that of the first" "$(numbers)" "182 172"
	detach other
}

messages() {
	local said
	reload $never
	append w 10 1
	dmsetup message w 0 commit
	tap_is "message commit: all is committed when it returns" "$? $(numbers)" "0 192 192"
	said=$(dmsetup message w 0 COMMIT 2>&1)
	tap_is "message commit: nothing to do is fine" "$?$said" 0
	tap_is "message stats: all the totals" \
		"$(dmsetup message w 0 stats | tr ' ' '\n' | sed 's/=[0-9]*$//' | paste -sd' ' -)" \
		"appends held rollbacks flushes commits log_blocks refused_sealed refused_gap \
refused_full refused_op corrupted_blocks"
	tap_is "message stats: appends and refusals are counted" \
		"$(stat_of w appends) $(stat_of w refused_sealed) $(stat_of w rollbacks)" "11 1 0"
	for said in reset "commit now" "stats 1"; do
		# shellcheck disable=SC2086
		tap_is "message '$said' is unknown" \
			"$(dmsetup message w 0 $said 2>&1 | grep -o 'Invalid argument')" \
			"Invalid argument"
	done
}

no_cache
with_cache
format "$LAB_DISK0" $blocks 64
attach w "$LAB_DISK0" $blocks
sync_option
commit_interval
messages
fua_alone
detach w
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# WORM regions and streams of one volume, all of them busy at once: none sees anything of
# the others, and the volume is clean when the last has been closed.
#
# lab: --disk 64M --disk 64M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0

make_volume() {
	must vdectl format "$disk" --worm 16M --stream 1M,growth=5 --worm 1M \
		--stream 2M,policy=stop --force --destroy-sealed-data >/dev/null
}

attach_all() {
	attach w "$1" 4096
	attach_stream r "$1"
	attach v "$1" 256 region=1 commit_ms=3600000
	attach_stream s "$1" region=1 commit_ms=3600000
}

detach_all() {
	local name
	for name in "$@"; do detach "$name"; done
}

is_dirty() { vdectl dump "$1" --json | jq .primary.dirty; }

is_full() { [ "$(ring s head)" = 512 ]; }

busy() {
	local pids=() writer stopped
	appender /dev/mapper/w 0 4096 1 4 16 >/run/w &
	pids+=($!)
	appender /dev/mapper/r 0 4000 2 4 8 >/run/r &
	pids+=($!)
	appender /dev/mapper/v 0 256 3 1 4 >/run/v &
	pids+=($!)
	appender /dev/mapper/s 0 4000 4 1 4 >/run/s &
	stopped=$!
	wait "${pids[@]}"
	wait $stopped
	tap_is "all four written at once" "$(cat /run/[wrvs] | paste -sd' ' -)" \
		"acked=4000 eio=0 other=OK $(cat /run/s) acked=256 eio=0 other=OK \
acked=4096 eio=0 other=OK"
	[[ $(cat /run/s) =~ ^acked=512\ .*other=ENOSPC ]]
	tap $? "the stream that stops has stopped ($(cat /run/s))"
	tap_is "each has its own marks" "$(status w hwm) $(ring r head allocated) $(status v hwm) $(
		ring s head tail allocated)" "4096 4000 256 256 512 0 512"
	tap_is "each its own data" "$(io w direct read:0:4096:1) $(io r direct "read:$(
		ring r tail):$((4000 - $(ring r tail))):2") $(io v direct read:0:256:3) $(
		io s direct read:0:512:4)" "OK OK OK OK"
	tap_is "a commit of one is none of another" "$(io r direct fsync) $(ring r committed) $(
		status v committed)" "OK 4000 0"
	tap_is "a reset of one is none of another" "$(char r rw anew) $(ring r head) $(
		ring s head) $(status w hwm) $(io s direct read:0:512:4)" "OK 0 512 4096 OK"
	# Writes that followed the one that found the ring full were gaps.
	local others
	others="$(ring s refused) $(status w refused)"
	tap_is "a refusal in one is none in another" "$(io r direct write:3:1:1) $(
		ring r refused) $(ring s refused) $(status w refused)" "EIO 0 1 0 0 $others"
}

closing() {
	fill r 300 5 100
	detach_all w v r
	tap_is "while one is active the volume stays dirty" "$(is_dirty "$disk")" true
	tap_is "and it goes on" "$(char s rw consume:100 put:100:4 get:10:4 get:10:4)" \
		"100-100 512+100 ENODATA 100+10"
	detach s
	tap_is "closed with the last" "$(is_dirty "$disk")" false
	is_sound "$disk"
	tap $? "vdectl finds nothing wrong"
	attach_all "$disk"
	tap_is "all as they were left" "$(status w hwm) $(ring r head) $(status v hwm) $(
		ring s head tail)" "4096 300 256 612 100"
	tap_is "with their data" "$(io w direct read:0:4096:1) $(io r direct "read:$(
		ring r tail):$((300 - $(ring r tail))):5") $(io v direct read:0:256:3) $(
		io s direct read:100:512:4)" "OK OK OK OK"
	detach_all s r v w
	is_sound "$disk"
	tap $? "closed in another order, it is sound, too"
}

# Some closed cleanly, some not
unclean() {
	make_volume
	attach_all "$disk"
	append w 100 1
	fill r 400 2 100
	append v 10 3
	fill s 50 4
	detach_all w r
	tap_is "what is durable of those that stay" "$(io s direct fsync) $(io v direct fsync)" "OK OK"
	fill s 9 4
	copy_disk "$disk" "$LAB_DISK1"
	detach_all v s
	disk=$LAB_DISK1
	attach_stream r "$disk"
	tap_is "the stream that was closed" "$(ring r head) $(io r direct "read:$(
		ring r tail):$((400 - $(ring r tail))):2")" "400 OK"
	detach r
	tap_is "the volume stays dirty until all were recovered" "$(is_dirty "$disk")" true
	attach_stream s "$disk" region=1
	tap_is "the one that was not" "$(ring s head tail) $(io s direct read:0:50:4)" "50 0 OK"
	detach s
	tap_is "one is missing" "$(is_dirty "$disk")" true
	attach v "$disk" 256 region=1
	detach v
	tap_is "then it is clean" "$(is_dirty "$disk")" false
	is_sound "$disk"
	tap $? "and sound"
}

# More streams than one, all of them small, written and read by everybody
many() {
	local i words=() spec=()
	for ((i = 0; i < 12; i++)); do spec+=("$((i + 1)),growth=$((i + 2))"); done
	format_stream "$disk" "${spec[@]}"
	for ((i = 0; i < 12; i++)); do attach_stream "r$i" "$disk" region=$i reorder_ms=1; done
	for ((i = 0; i < 12; i++)); do
		ringwalk "/dev/mapper/r$i" "$(char_node "r$i")" $i 20 >"/run/walk$i" &
	done
	wait
	tap_is "twelve streams at once" "$(grep -c 'OK$' /run/walk* | cut -d: -f2 | sort | uniq -c |
		tr -s ' ')" " 12 1"
	cat /run/walk* | sed 's/^/# /'
	for ((i = 0; i < 12; i++)); do words+=("r$i"); done
	detach_all "${words[@]}"
	tap_is "closed" "$(is_dirty "$disk")" false
	is_sound "$disk"
	tap $? "and sound"
}

make_volume
attach_all "$disk"
busy
closing
unclean
many
tap_done

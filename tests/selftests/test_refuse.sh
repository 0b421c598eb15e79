#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that would change sealed data or skip ahead is refused, with the errno the
# design names, and leaves every byte of the disk as it was.
#
# lab: --disk 24M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=4096
sealed=1000
want_refused="0 0 0 0"

# A digest of all there is: the whole disk, the log, the numbers but the counters
everything() {
	disk_sum "$LAB_DISK0"
	vdectl log w --json | sha256sum
	dmsetup status w | cut -d' ' -f1-7,12-
	io w direct "read:0:$sealed:1" "zeros:$sealed:$((blocks - sealed))"
}

# refused NAME "OPERATION..." "ERRNO..." [SEALED GAP FULL OP]: these answers, and no other
# difference than that the counters have grown by as much
refused() {
	local name=$1 operations errnos=$3 got i
	local -a sum
	read -ra operations <<<"$2"
	shift 3
	read -ra sum <<<"$want_refused"
	for i in 0 1 2 3; do
		sum[i]=$((sum[i] + ${1:-0}))
		[ $# = 0 ] || shift
	done
	want_refused="${sum[*]}"
	got=$(io w direct "${operations[@]}")
	tap_is "$name: ${errnos%% *}" "$got" "$errnos"
	tap_is "$name: counters are exact" "$(status w refused)" "$want_refused"
	tap_is "$name: nothing has changed" "$(everything)" "$before"
}

writes() {
	refused "rewrite of the first block" write:0:1:2 EOPNOTSUPP 1
	refused "rewrite of the first block with what it holds" write:0:1:1 EOPNOTSUPP 1
	refused "rewrite of a middle block" write:500:1:2 EOPNOTSUPP 1
	refused "rewrite of the last sealed block" write:$((sealed - 1)):1:2 EOPNOTSUPP 1
	refused "rewrite of all sealed blocks in one bio" onebio:0:$sealed:2 EOPNOTSUPP 1
	refused "one bio across the mark" write:$((sealed - 2)):4:2 EOPNOTSUPP 1
	refused "one large bio across the mark" onebio:$((sealed - 1)):1024:2 EOPNOTSUPP 1
	refused "write with a gap of one block" write:$((sealed + 1)):1:2 EIO 0 1
	refused "write of the last block" write:$((blocks - 1)):1:2 EIO 0 1
	refused "durable rewrite" dsync:3:2:2 EOPNOTSUPP 1
	refused "durable write with a gap" dsync:$((sealed + 9)):2:2 EIO 0 1
	refused "write past the end" write:$blocks:1:2 ENOSPC
}

# The limits say that there are no discards, so the kernel refuses before the target sees
# them; zeroing falls back to writing zeros
operations() {
	local op
	for op in discard secdiscard; do
		refused "$op below the mark" "$op:0:1 $op:500:100 $op:$((sealed - 1)):1" \
			"EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP"
		refused "$op at and above the mark" "$op:$sealed:1 $op:$((sealed + 100)):8" \
			"EOPNOTSUPP EOPNOTSUPP"
		refused "$op of everything" $op:0:$blocks EOPNOTSUPP
	done
	refused "zeroout of the first blocks" zeroout:0:8 EOPNOTSUPP 1
	refused "zeroout across the mark" zeroout:$((sealed - 1)):2 EOPNOTSUPP 1
	refused "zeroout above the mark" zeroout:$((sealed + 1)):8 EIO 0 1
	refused "SG_IO" sg ENOTTY
	tap_is "the node says that it cannot discard" "$(
		cat /sys/block/dm-0/queue/{discard_max_bytes,write_zeroes_max_bytes} | paste -sd' ' -
	)" "0 0"
}

# Refusals as a burst: counted each, though the messages are rate-limited
burst() {
	local list=0 i
	for ((i = 1; i < 200; i++)); do list+=,$((i * 3)); done
	tap_is "200 rewrites at once are each refused" \
		"$(io w direct "order:1:2:$list" | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" \
		" 200 EOPNOTSUPP"
	read -ra i <<<"$want_refused"
	want_refused="$((i + 200)) ${want_refused#* }"
	tap_is "and counted" "$(status w refused)" "$want_refused"
	tap_is "and have changed nothing" "$(everything)" "$before"
}

# A read that comes right behind the failed fsync, fifty times
buffered() {
	local i got stale=0 other=0
	for ((i = 0; i < 50; i++)); do
		got=$(io w buffered "write:$((i * 20)):8:2" fsync "read:$((i * 20)):8:1")
		case $got in
		"OK EIO OK" | "OK EOPNOTSUPP OK") ;;
		"OK E"*" DIFFERS@"*) stale=$((stale + 1)) ;;
		*) other=$((other + 1)); echo "# $got" ;;
		esac
	done
	tap_is "a refused buffered write is an error at fsync" "$other" 0
	tap_is "no later read shows its bytes" "$stale of 50" "0 of 50"
	got=$(status w refused)
	[ "${got%% *}" -gt "${want_refused%% *}" ]
	tap $? "each was counted as sealed"
	tap_is "none as anything else" "${got#* }" "${want_refused#* }"
	tap_is "none has changed anything" "$(everything)" "$before"
	want_refused=$got
	got=$(io w buffered "write:$((sealed + 4)):1:2" fsync "zeros:$((sealed + 4)):1")
	tap_is "a buffered write with a gap, too, and zeros are read" "${got#OK E* }" OK
	tap_is "and has changed nothing" "$(everything)" "$before"
}

# shows BLOCK SEED: does a read through the page cache return what is sealed?
shows() { io w buffered "read:$1:8:$2" | all_ok; }

# Pages that somebody has mapped go as soon as a worker has unmapped them
mapped() {
	local got
	got=$(io w buffered mapped:40:8:1 write:40:8:2 fsync)
	tap_is "mapped pages: refused at fsync" "${got%E*}" "OK OK "
	wait_until shows 40 1
	tap $? "mapped pages: readers see sealed data again"
	tap_is "mapped pages: mappings, too" "$(io w buffered mapped:40:8:1)" OK
	want_refused=$(status w refused)
}

appends_go_on() {
	local got
	got=$(io w direct "zeroout:$sealed:16" "zeros:$sealed:16")
	tap_is "zeroout at the mark appends zeros" "$got $(status w hwm)" "OK OK $((sealed + 16))"
	got=$(io w direct "write:$((sealed + 15)):1:3")
	tap_is "which are sealed like other data" "$got" EOPNOTSUPP
	got=$(io w buffered "write:$((sealed + 16)):8:3" fsync "read:$((sealed + 16)):8:3")
	tap_is "a buffered append after all that" "$got $(status w hwm)" \
		"OK OK OK $((sealed + 24))"
	tap_is "no write is left in flight" "$(status w inflight) $(status w mode)" "0 rw"
	detach w
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong"
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks reorder_ms=20
append w $sealed 1 300
commit w
before=$(everything)
tap_is "before: all is sealed" "$(tail -n 1 <<<"$before")" "OK OK"
writes
operations
burst
hold w
buffered
mapped
release
appends_go_on
tap_done

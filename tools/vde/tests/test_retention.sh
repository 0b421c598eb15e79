#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on image files: retention at format, what a reset leaves behind, and the newest
# commit as a source of both. The volumes are those of tests/volume.py.
#
# host: --timeout 200
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

day=864000000000 # ticks

# periods: retention of each region as its newest commit has it, in ticks
periods() {
	"$vdectl" dump image --json |
		jq -c '[.regions[] | .commits[] | select(.newest) | .retention_ticks]'
}

# Retention at format -----------------------------------------------------------------

# retention_is NAME WANT OPTION...
retention_is() {
	local name=$1 want=$2
	shift 2
	fresh 1M
	status_is "format: $name" 0 "$vdectl" format image "$@"
	tap_is "retention: $name" "$(periods)" "$want"
	status_is "sound: $name" 0 "$vdectl" check --data image
}
retention_is "none is for ever" "[0,0]" --worm 4K --worm 8K
retention_is "one for all" "[$((7 * day)),$((7 * day))]" --worm 4K --worm 8K --retention 7d
retention_is "each its own" "[$day,$((2 * day)),$((7 * day))]" \
	--worm 4K,retention=1d --worm 8K,retention=2d --worm rest,retention=1w
retention_is "its own goes before that for all, wherever that stands" \
	"[$((3 * day)),$day,$((3 * day)),0]" --worm 4K --worm 8K,retention=1d \
	--retention 3d --worm 4K --worm rest,retention=forever
retention_is "0 and forever are for ever" "[0,0,0]" --retention forever --worm 4K \
	--worm 4K,retention=0 --worm 4K,retention=forever
grep -qF "worm region 1: 4 KiB (1 blocks, 8 sectors), retention for ever" \
	<("$vdectl" format image --force --worm 4K,retention=1d --worm 4K)
tap $? "format prints each region's retention"

fresh 1M
for region in "4K," "4K,," 4K,retention 4K,retention= 4K,retention=1 4K,=1d 4K,retention=1d,x \
	4K,retention=1d,retention=1d 4K,growth=1 4K,Retention=1d ,retention=1d \
	"4K, retention=1d" "4K,retention=1d ," retention=1d; do
	status_is "region '$region' is an error" 2 "$vdectl" format image --worm "$region"
done
status_is "a key of another kind of region" 2 "$vdectl" format image --worm 4K,policy=stop
says "is named" "a worm region has no 'policy'"
status_is "a key given twice" 2 \
	"$vdectl" format image --worm 4K,retention=1d,retention=2d
says "is named, too" "give retention once"
cmp -s image <(head -c 1M /dev/zero)
tap $? "none of these has written a byte"

# What is left behind by a reset, and by an extension ---------------------------------

# reset_is HWM HOW: a volume that was reset 21 times
reset_is() {
	local name="reset, then $1 blocks, left $2"
	volume reset image "$1" "$2"
	status_is "check --data: $name" 0 "$vdectl" check --data image
	grep -q "note\|warning\|error" out
	tap_is "finds nothing: $name" $? 1
	tap_is "log: $name" "$("$vdectl" log image | wc -l)" "$1"
	"$vdectl" log --resets image --json >out && volume reset_lines out
	tap $? "log --resets --json: $name"
	tap_is "log --resets: $name" "$("$vdectl" log --resets image | cut -d' ' -f1 | paste -sd' ')" \
		"21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6"
	tap_is "retention counts them: $name" \
		"$("$vdectl" retention image --json | jq -c '[.resets, .retention_ticks]')" \
		"[21,50000000]"
	tap_is "the other region has none: $name" \
		"$("$vdectl" log --resets image --region 1)" ""
}
for how in active closed; do
	for hwm in 0 1 77 78 233 300; do reset_is $hwm $how; done
done
volume reset image 233 closed
"$vdectl" log --resets image >out
says "who, when, and how much" \
	"20 2023-11-14T22:13:20.0000009Z clock 0d 00:03:20 records 0..18 uid 1019 vdectl??"
status_is "format sees sealed data after a reset" 2 "$vdectl" format image --force --worm 4K
volume reset image 0 closed
status_is "format sees none right after one" 0 "$vdectl" format image --force --worm 4K
status_is "log --resets lists no records" 2 "$vdectl" log --resets image --from 1
volume extended image
status_is "retention in a commit that is newer than the header" 0 "$vdectl" check --data image
tap_is "counts" "$("$vdectl" retention image --json | jq .retention_ticks)" 1000000000000

# Retention of a volume that is not active --------------------------------------------

volume reset image 5 closed
"$vdectl" retention image --json >out
tap_is "clock, sealed and remaining ticks" \
	"$(jq -c '[.clock_ticks, .sealed_clock_ticks, .remaining_ticks, .expired, .held]' out)" \
	"[10000000000,9990000000,40000000,false,false]"
tap_is "as of the commit" "$(jq -r .commit_time out)" "2023-11-14T22:13:20.0000000Z"
left=$(($(date -d "$(jq -r .expires out)" +%s) - EPOCHSECONDS))
[ $left -ge 0 ] && [ $left -le 5 ]
tap $? "expiry counts from now on ($left s)"
"$vdectl" retention image >out
says "in words" "remaining:        0d 00:00:04"
volume reset image 0 closed
"$vdectl" retention image >out
says "nothing is sealed" "may expire:       nothing is sealed"
tap_is "and no date" "$("$vdectl" retention image --json | jq -c '[.expires, .expired]')" \
	"[null,false]"
volume closed image
"$vdectl" retention image >out
says "for ever is never" "may expire:       never"
tap_is "and no date, either" "$("$vdectl" retention image --json |
	jq -c '[.remaining_ticks, .expires, .expired]')" "[null,null,false]"
status_is "a volume that is not active cannot be extended" 2 \
	"$vdectl" retention image --extend 1d
says "which it says" "is not active"
for period in 0 1 -1d "" never; do
	status_is "period '$period' is an error" 2 "$vdectl" retention image --extend "$period"
done
status_is "a missing region is an error" 2 "$vdectl" retention image --region 2
tap_done

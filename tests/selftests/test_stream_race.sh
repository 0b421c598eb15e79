#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_stream_race.sh [SECONDS]: readers and a writer that laps them, so long in each case:
# a read gives its position's own data or none, also where it was on its way to a slow disk
# while the position was overwritten; longer if that did not happen. make crash races
# for longer.
#
# also: uml-6.12-debug
# lab: --timeout 240
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

seconds=${1:-2}
[ -z "${LAB_SHORT-}" ] || seconds=1
disk=/dev/mapper/slow

# reads_take MILLISECONDS: writes take no time
reads_take() { must dmsetup create slow --table "0 65536 delay /dev/fast 0 $1 /dev/fast 0 0"; }

# race NAME SPEC OPTION WHO...
race() {
	local name=$1 spec=$2 option=$3 seed=$SRANDOM said
	shift 3
	format_stream $disk "$spec"
	attach_stream r $disk "$option"
	said=$(ringrace /dev/mapper/r "$(char_node r)" "$seconds" $seed "$@")
	[[ $said == *" OK" ]]
	tap $? "$name (seed $seed): $said"
	[[ $said =~ \ data=[1-9] && $said =~ nodata=[1-9] ]]
	tap $? "$name: some were in time, some not"
	tap_is "$name: nothing refused, nothing in flight" "$(ring r refused inflight mode)" \
		"0 0 0 0 0 rw"
	detach r
	is_sound $disk
	tap $? "$name: sound"
}

null_disk fast 32
reads_take 0
race "a fast disk" 300 reserve=1 direct direct buffered call call
race "a fast disk, blocks are consumed" 300 reserve=20 direct buffered call consumer
race "a ring of 3" 3,growth=1 reserve=1 direct buffered call
detach slow
reads_take 3
race "slow reads" 4000 reserve=1 direct direct direct buffered call
race "slow reads, a small ring" 100 reserve=1 direct direct buffered call
race "slow reads, blocks are consumed" 2000 reserve=100 direct buffered call consumer
detach slow
tap_done

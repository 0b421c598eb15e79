#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A single flipped bit in a used metadata block or a sealed data block of a volume that
# the driver has left is found by vdectl check: a random sample, and the trailers, whose
# tags and generations no checksum covers. SEED=N repeats a run.
#
# host: --timeout 240
set -u
. "$(dirname "$0")/lib.sh"

blocks=700
hwm=555
disk=$LAB_SCRATCH/disk
seed=${SEED:-$EPOCHSECONDS}

# What the machine does; its appends span several log blocks
inside() {
	format "$LAB_DISK0" $blocks 100
	attach w "$LAB_DISK0" $blocks commit_ms=3600000
	append w 200 1 7
	commit w
	append w 300 1
	commit w
	detach w
	attach w "$LAB_DISK0" $blocks commit_ms=3600000
	for i in 1 2 3 4 5; do
		append w 11 1
		commit w
	done
	detach w
}

# flips NAME FIRST COUNT PLAN...: misses that match $unprotected do not count
unprotected='^$'
flips() {
	local name=$1 said tried missed
	shift
	said=$(python3 tests/selftests/flip_bits.py tools/vde/vdectl/vdectl "$disk" "$seed" "$@") ||
		bail "flip_bits.py $*"
	tried=$(tail -n 1 <<<"$said")
	[[ $tried == [1-9]*" bits" ]] || bail "no bits were flipped"
	missed=$(grep missed <<<"$said" | grep -vcE "$unprotected")
	tap_is "$name: found" "$missed of $tried" "0 of $tried"
	grep missed <<<"$said" | sed 's/^/# /'
}

if [ "${1-}" = inside ]; then
	inside
	exit
fi
truncate -s 8M "$disk"
must tests/lab/run --kernel "$KERNEL" --disk "$disk" -- "$0" inside
is_sound_here() { vdectl check "$disk" --data >"$LAB_SCRATCH/check" 2>&1; }
is_sound_here
tap $? "an image that the driver has left is sound"
tap_is "it holds what was appended" "$(vdectl log "$disk" --json | jq .hwm)" $hwm
before=$(sha256sum <"$disk")
echo "# SEED=$seed"
log_blocks=$((1 + hwm / 78))
commits=$(commit_start_of $blocks)
flips "superblocks and directory" 0 10 every 10
flips "commits" "$commits" 16 every 8
flips "sealed data" "$(data_start_of $blocks)" $hwm any 100
flips "trailers of superblocks and directory" 0 10 trailers
flips "trailers of commits" "$commits" 16 trailers
# No checksum of the format covers a generation. That of a full log block is found wrong
# only when it breaks the order of its neighbours; no rule of recovery reads it.
unprotected='byte 408[4-7] '
flips "write records" $meta_start $log_blocks every 12
flips "trailers of write records" $meta_start $log_blocks trailers
tap_is "the image is as it was" "$(sha256sum <"$disk")" "$before"
is_sound_here
tap $? "and sound"
tap_done

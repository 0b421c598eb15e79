# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests, with lib.sh: what lies where on a volume that is not active, and
# noise, old blocks and forged numbers in its place.

# Where things lie on a volume whose first region is a WORM region of $1 blocks
meta_start=10
commit_start_of() { echo $((meta_start + 1 + $1 / 78)); }
data_start_of() { echo $(($(commit_start_of "$1") + 16)); }

# uuid_on DISK [REGION]: of a region of a volume
uuid_on() { vdectl dump "$1" --json | jq -r ".regions[${2:-0}].uuid"; }

# peek DISK BLOCK OFFSET BYTES: a little-endian number on the disk as it is now
peek() {
	dd if="$1" bs=4096 skip="$2" count=1 iflag=direct status=none |
		od -An -v -tu"$4" -j"$3" -N"$4" | tr -d ' '
}

# poke DISK BLOCK [OFFSET [BYTES]]: noise
poke() {
	head -c "${4:-16}" /dev/urandom |
		dd of="$1" bs=1 seek=$(($2 * 4096 + ${3:-100})) conv=notrunc,fsync status=none
	blockdev --flushbufs "$1"
}

# put_blocks IMAGE DISK BLOCK [COUNT]: the image's version of these blocks
put_blocks() {
	dd if="$1" of="$2" bs=4096 skip="$3" seek="$3" count="${4:-1}" oflag=direct \
		conv=notrunc status=none || bail "cannot write $2"
}

# save DISK IMAGE and restore IMAGE DISK: a whole disk as it is now
save() { must dd if="$1" of="$2" bs=1M iflag=direct status=none; }
restore() { must dd if="$1" of="$2" bs=1M oflag=direct conv=notrunc status=none; }

# newest_slot DISK FIRST: the first block of the newest commit of the slots that begin there.
# The shell reads byte by byte: it gets no more than it needs.
newest_slot() {
	local at=$2 best=0 where=0 sequence
	while read -r sequence; do
		[ "$sequence" -le "$best" ] || { best=$sequence; where=$at; }
		((at += 2))
	done < <(dd if="$1" bs=4096 skip="$2" count=16 iflag=direct status=none |
		od -An -v -td8 -w8192 | awk '{ print $1 }')
	echo "$where"
}

# newest_commit DISK BLOCKS: that of a first region, a WORM region
newest_commit() { newest_slot "$1" "$(commit_start_of "$2")"; }

# hex_of NUMBER: its eight bytes as they are stored
hex_of() {
	local i
	for ((i = 0; i < 64; i += 8)); do printf '%02x' $(($1 >> i & 255)); done
}

# set_sequence DISK NUMBER: the checkpoint sequence of both superblock groups
set_sequence() {
	local block hex
	hex=$(hex_of "$2")
	for block in 1 2 3 5 6 7; do must reseal "$1" $block "4084=${hex:0:8}"; done
	for block in 0 4; do must reseal "$1" $block "0xf0=$hex" "4084=${hex:0:8}"; done
}

# set_commit_sequences DISK BLOCKS NUMBER: those of a first region, a WORM region, so that the
# newest is NUMBER, or the next below that its slot allows; its header block's, too
set_commit_sequences() {
	local disk=$1 first slot newest number hex
	first=$(commit_start_of "$2")
	newest=$((($(newest_commit "$disk" "$2") - first) / 2))
	number=$(($3 - ($3 - newest) % 8))
	for ((slot = 0; slot < 8; slot++)); do
		[ "$(peek "$disk" $((first + 2 * slot)) 0 8)" != 0 ] || continue
		hex=$(hex_of $((number - (newest - slot + 8) % 8)))
		must reseal "$disk" $((first + 2 * slot)) "0=$hex" "4084=${hex:0:8}"
		must reseal "$disk" $((first + 2 * slot + 1)) "4084=${hex:0:8}"
	done
	must reseal "$disk" "$meta_start" "4084=$(hex_of $number | cut -c1-8)"
}

# set_retention DISK BLOCKS TICKS: the period of a first region, closed cleanly; also one
# that no tool would accept
set_retention() {
	local at hex
	at=$(newest_commit "$1" "$2")
	hex=$(hex_of "$3")
	must reseal "$1" $meta_start "16=$hex"
	must reseal "$1" $((at + 1)) "16=$hex"
	must reseal "$1" "$at" "0x40=$hex" \
		"0x28=$(hex_of "$(peek "$1" $((at + 1)) 4088 8)")"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Verified reads: what was changed beneath is never returned, what was not is, whatever is
# read and however; and nothing is taken for damage that is none. SEED=N repeats a run.
#
# damages: disks
# also: stock-6.1
# lab: --disk 48M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/scrub.sh

disk=$LAB_DISK0
blocks=4096
hwm=3000
data=$(data_start_of $blocks)
seed=${SEED:-$EPOCHSECONDS}

# flip FIRST COUNT BITS: and back, when called again; prints the blocks
flip() { python3 tests/selftests/flip_below.py "$disk" "$seed" "$@" || bail "cannot flip bits"; }

# wrong_ones: the blocks of w that cannot be read, one by one; OK if there is none
wrong_ones() { reader /dev/mapper/w singly 0 $hwm 1 | xargs; }

# with_error ERRNO BLOCK...: what wrong_ones says of these
with_error() {
	local block errno=$1
	shift
	for block; do echo "$block:$errno"; done | xargs
}

# first_of LOG-BLOCK: the first of the blocks whose records are there; the next one's for
# the end
first_of() { echo $(($1 ? 77 + ($1 - 1) * 78 : 0)); }

# described_by LOG-BLOCK...: the blocks whose records are there
described_by() {
	local block to
	for block; do
		to=$(first_of $((block + 1)))
		seq "$(first_of "$block")" $(((to > hwm ? hwm : to) - 1))
	done
}

start() {
	format "$disk" $blocks 500
	attach w "$disk" $blocks
	append w $hwm 1 256
	detach w
}

flips_in_data() {
	local flipped
	attach w "$disk" $blocks
	tap_is "all is well" "$(wrong_ones) $(status w corrupt)" "OK 0"
	flipped=$(flip "$data" $hwm 60)
	# shellcheck disable=SC2086
	tap_is "each flipped bit in data is found, nothing else" "$(wrong_ones)" \
		"$(with_error EILSEQ $flipped)"
	tap_is "each is counted" "$(status w corrupt) $(stat_of w corrupted_blocks)" "60 60"
	dd if=/dev/mapper/w bs=64k count=$((hwm / 16)) of=/dev/null iflag=direct 2>/run/dd
	grep -q 'Invalid or incomplete' /run/dd
	tap $? "reads of several blocks fail with it"
	vdeio /dev/mapper/w buffered "read:${flipped%% *}:1:1" | grep -qx EIO
	tap $? "buffered reads fail, too"
	flip "$data" $hwm 60 >/dev/null
	tap_is "flipped back, all can be read" "$(wrong_ones)" OK
	tap_is "the mode is not changed" "$(status w mode)" rw
	detach w
}

# Records that are read from their place: of any block but the first and the newest
flips_in_records() {
	local flipped last=$(((hwm - 77) / 78))
	flipped=$(flip $((meta_start + 1)) $((last - 1)) 5 | xargs -n 1 | sed 's/$/+1/' | bc)
	attach w "$disk" $blocks
	# shellcheck disable=SC2046,SC2086
	tap_is "where the records are damaged, their blocks cannot be read, all others can" \
		"$(wrong_ones)" "$(with_error EILSEQ $(described_by $flipped))"
	# shellcheck disable=SC2086
	tap_is "each is counted" "$(status w corrupt) $(status w mode)" \
		"$(described_by $flipped | wc -l) rw"
	detach w
	flip $((meta_start + 1)) $((last - 1)) 5 >/dev/null
	flip $((meta_start + last + 1)) 1 1 >/dev/null
	attach w "$disk" $blocks
	# shellcheck disable=SC2046
	tap_is "the newest records are damaged: read-only, only their blocks cannot be read" \
		"$(status w mode) $(wrong_ones)" "ro $(with_error EILSEQ $(described_by $((last + 1))))"
	detach w
	flip $((meta_start + last + 1)) 1 1 >/dev/null
	flip $meta_start 1 1 >/dev/null
	attach w "$disk" $blocks
	tap_is "the first records are damaged: read-only, and the last commit has a copy of them" \
		"$(status w mode) $(wrong_ones)" "ro OK"
	detach w
	flip $meta_start 1 1 >/dev/null
}

# What one activation has cached must not serve the next, though the volume stays open
cached_records() {
	attach other "$disk" 500 region=1
	attach w "$disk" $blocks
	tap_is "all records are cached" "$(wrong_ones)" OK
	detach w
	poke "$disk" $((meta_start + 20))
	attach w "$disk" $blocks
	# shellcheck disable=SC2046
	tap_is "a new activation reads them anew" "$(wrong_ones)" \
		"$(with_error EILSEQ $(described_by 20))"
	detach w other
	start
}

# says NAME MESSAGE BLOCK
says() {
	forget_messages
	attach w "$disk" $blocks
	tap_is "$1: the read fails" "$(io w direct "read:$3:1:1")" EILSEQ
	kernel_says "vde w: $2"
	tap $? "$1: '$2'"
	detach w
}

# little COUNT NUMBER: its bytes in hexadecimal, least significant first
little() { printf "%0$((2 * $1))x" "$2" | fold -w 2 | tac | tr -d '\n'; }

# A record that somebody has forged, with a sound checksum; block 1000 is in log block 12
forged() {
	local at=$((52 * ((1000 - 77) % 78))) place=$((meta_start + 12))
	save "$disk" /run/saved
	must reseal "$disk" $place $((at))="$(little 8 1001)"
	says "index" "block 1000 has no sound write record: write record has the wrong index" 1000
	restore /run/saved "$disk"
	must reseal "$disk" $place $((at + 16))="$(little 4 4097)"
	says "length" "block 1000 has no sound write record: write record length is out of range" \
		1000
	restore /run/saved "$disk"
	must reseal "$disk" $place $((at + 8))="$(little 8 1)"
	says "time" "block 1000 has no sound write record: write record is older than the one before" \
		1000
	restore /run/saved "$disk"
	must reseal "$disk" $place $((at + 20))="$(little 8 1)"
	says "digest" "block 1000 does not match its write record" 1000
	restore /run/saved "$disk"
	poke "$disk" $place 4088 8
	says "checksum" "block 1000 has no sound write record: block checksum mismatch" 1000
	restore /run/saved "$disk"
}

# A block of which only the first bytes are data, as the character device appends it
short_block() {
	local at=$((52 * ((1000 - 77) % 78))) place=$((meta_start + 12)) length digest
	attach w "$disk" $blocks
	for length in 1 511 512 513 4095; do
		head -c $length /dev/urandom >/run/short
		digest=$(sha256sum </run/short | cut -d' ' -f1)
		truncate -s 4096 /run/short
		must dd if=/run/short of="$disk" bs=4096 seek=$((data + 1000)) oflag=direct \
			conv=notrunc status=none
		must reseal "$disk" $place $((at + 16))="$(little 4 $length)$digest"
		detach w
		attach w "$disk" $blocks
		dd if=/dev/mapper/w bs=4096 skip=1000 count=1 iflag=direct status=none |
			cmp -s /run/short -
		tap $? "a block of $length bytes can be read"
		detach w
		poke "$disk" $((data + 1000)) $length 1
		printf '\1' | dd of="$disk" bs=1 seek=$(((data + 1000) * 4096 + length)) \
			conv=notrunc,fsync status=none
		blockdev --flushbufs "$disk"
		says "garbage after $length bytes" \
			"block 1000: garbage after the data of a short block" 1000
		attach w "$disk" $blocks
	done
	detach w
	restore /run/saved "$disk"
}

unverified() {
	local flipped
	attach w "$disk" $blocks no_verify_reads
	flipped=$(flip "$data" $hwm 20)
	# shellcheck disable=SC2086
	tap_is "no_verify_reads returns what is there" "$(wrong_ones)" \
		"$(with_error DIFFERS $flipped)"
	tap_is "and counts nothing" "$(status w corrupt)" 0
	must dmsetup suspend w
	must dmsetup load w --table "$(table "$disk" $blocks on_corruption=error)"
	must dmsetup resume w
	# shellcheck disable=SC2086
	tap_is "after a reload without it, reads are verified" "$(wrong_ones)" \
		"$(with_error EILSEQ $flipped)"
	tap_is "what has its default is not in the table" \
		"$(dmsetup table w | cut -d' ' -f5-)" "worm 1 region=0"
	detach w
	flip "$data" $hwm 20 >/dev/null
	attach w "$disk" $blocks on_corruption=restart no_verify_reads
	tap_is "the rest is" "$(dmsetup table w | cut -d' ' -f5-)" \
		"worm 3 region=0 no_verify_reads on_corruption=restart"
	detach w
}

# The clean commit was written, the block that it images was not: dirty, and half a block
torn_header() {
	save "$disk" /run/saved
	must reseal "$disk" 0 0x1C="$(little 4 $((64 | $(peek "$disk" 0 28 4))))"
	must reseal "$disk" 4 0x1C="$(little 4 $((64 | $(peek "$disk" 4 28 4))))"
	poke "$disk" $meta_start 2048 2048
	must dmsetup create w --readonly --table "$(table "$disk" $blocks)"
	tap_is "where nothing is written, the commit's image serves" \
		"$(status w mode) $(wrong_ones)" "ro OK"
	detach w
	attach w "$disk" $blocks
	tap_is "where it can be, it is put in its place" "$(status w mode) $(wrong_ones)" "rw OK"
	detach w
	is_sound "$disk"
	tap $? "and all is sound"
	restore /run/saved "$disk"
}

odd_reads() {
	local i said=""
	attach w "$disk" $blocks
	for i in 1 2 3 4; do said+="$(reader /dev/mapper/w ragged 0 $hwm 1) "; done
	tap_is "reads into pieces at odd addresses" "$said" "OK OK OK OK "
	dd if=/dev/mapper/w bs=8M iflag=direct status=none count=1 |
		cmp -s - <(dd if=/dev/mapper/w bs=4k iflag=direct status=none count=2048)
	tap $? "one large read is the same as many small ones"
	said=""
	for i in 1 2 3 4; do said+="$(reader /dev/mapper/w restless 0 $hwm 1) "; done
	tap_is "reads whose buffer changes in flight do not fail" "$said" "OK OK OK OK "
	tap_is "nor do they count as damage" "$(status w corrupt)" 0
	# Two different blocks into one place
	tap_is "a buffer that is read into twice" "$(python3 -c '
import mmap, os
fd = os.open("/dev/mapper/w", os.O_RDONLY | os.O_DIRECT)
one = mmap.mmap(-1, 4096)
print(os.preadv(fd, [one] * 64, 0))')" 262144
	tap_is "is no damage" "$(status w corrupt)" 0
	detach w
}

# layered: dm device "weak" beneath the volume, its records on "records"
layered() {
	truncate -s 16M /run/weak
	must losetup /dev/loop0 /run/weak
	must dmsetup create records --table "0 $((40 * 8)) linear /dev/loop0 $((meta_start * 8))"
	must dmsetup create weak --table "0 $((meta_start * 8)) linear /dev/loop0 0
$((meta_start * 8)) $((40 * 8)) linear /dev/mapper/records 0
$(((meta_start + 40) * 8)) $((32768 - (meta_start + 40) * 8)) linear /dev/loop0 $(((meta_start + 40) * 8))"
}

drop_layers() {
	must dmsetup remove weak records
	losetup -d /dev/loop0
}

# Nothing can be read from the place of the records, nor be written there, for now
records_on_their_way() {
	local disk=/dev/mapper/weak size
	layered
	format $disk 3000
	attach w $disk 3000 commit_ms=3600000
	must dmsetup suspend --noflush --nolockfs records
	for size in 250 7 100 400 3 250 77 1 78 312; do append w $size 1; done
	hwm=1478
	tap_is "records that are being written are found in memory" "$(wrong_ones)" OK
	# Not from the first one: the time of a complete scrub could not be stored
	scrub 1
	tap_is "by a scrub, too" "$(tells state position corrupted)" "3 1478 0"
	must dmsetup resume records
	commit w
	tap_is "and then on the disk" "$(wrong_ones) $(status w mode) $(status w corrupt)" "OK rw 0"
	detach w
	is_sound $disk
	tap $? "which is sound"
	drop_layers
}

# The commit worker cannot write the records: they stay in memory, and can be used
kept_records() {
	local disk=/dev/mapper/weak
	layered
	format $disk 1000
	attach w $disk 1000 commit_ms=3600000
	append w 100 1
	commit w
	must dmsetup load records --table "0 8 linear /dev/loop0 $((meta_start * 8))
8 8 error
16 $((38 * 8)) linear /dev/loop0 $(((meta_start + 2) * 8))"
	must dmsetup resume --noflush --nolockfs records
	append w 60 1
	tap_is "records cannot be written" \
		"$(dmsetup message w 0 commit 2>&1 | grep -c 'Input/output') $(status w mode)" \
		"1 failed"
	hwm=160
	tap_is "what was acknowledged can be read, verified" "$(wrong_ones)" OK
	scrub
	tap_is "and scrubbed, of which nothing is stored" \
		"$(tells state error position corrupted last_scrub)" "3 5 160 0 0"
	must dmsetup load records --table "0 $((40 * 8)) linear /dev/loop0 $((meta_start * 8))"
	must dmsetup resume --noflush --nolockfs records
	detach w
	drop_layers
}

echo "# SEED=$seed"
start
flips_in_data
flips_in_records
cached_records
forged
short_block
unverified
torn_header
odd_reads
records_on_their_way
kept_records
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on image files, without the kernel module. What it writes is compared with, and
# what it reads is made by, tests/volume.py: an implementation of its own of the format.
# THOROUGH=1 flips every bit instead of a sample.
#
# host: --timeout 900
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
torn() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/torn.py" "$@"; }

make -s -C "$here/.." tests/flip >&2 || exit 1

volume golden
tap $? "the test's own format agrees with golden values"

# What format writes ------------------------------------------------------------------

formatted_is() {
	local name=$1 size=$2 sizes=$3 blocks=$4 options=() s
	fresh "$size"
	for s in $sizes; do options+=(--worm "$s"); done
	# shellcheck disable=SC2086
	"$vdectl" format image "${options[@]}" --uuid "$uuid" --label "Tr\303\266g" \
		--retention 7d >out 2>&1 && volume compare image "Tr\303\266g" 604800 $blocks
	tap $? "format writes every byte as the format says: $name"
	status_is "check finds nothing: $name" 0 "$vdectl" check --data image
}
formatted_is "one block" 112K 4K 1
formatted_is "full header block" 2M 308K 77
formatted_is "one record more" 2M 312K 78
formatted_is "second log block full" 2M 620K 155
formatted_is "third log block" 2M 624K 156
formatted_is "two regions and the rest" 4M "1M 4096 rest" "256 1 695"
formatted_is "rest of a size between blocks" 1000001 rest 215

# 127 slots hold 42 WORM regions and no more
many() { local i; for ((i = 0; i < $1; i++)); do echo --worm 4K; done; }
fresh 8M
# shellcheck disable=SC2046
status_is "42 regions fill 126 slots" 0 "$vdectl" format image $(many 42)
status_is "and are fine" 0 "$vdectl" check image
# shellcheck disable=SC2046
status_is "43 regions are refused" 2 "$vdectl" format image --force $(many 43)
status_is "and the volume before stays" 0 "$vdectl" check image

# What format refuses -----------------------------------------------------------------

fresh 1M
for size in 0 4095 4097 1.5M -4K +4K " 4K" 4Q 4KB "" 16777216T 99999999999999999999; do
	status_is "size '$size' is an error" 2 "$vdectl" format image --worm "$size"
done
for duration in -1d 1 d 1dd 1.5h 99999999999y "" for-ever; do
	status_is "retention '$duration' is an error" 2 \
		"$vdectl" format image --worm 4K --retention "$duration"
done
status_is "65 bytes of label are an error" 2 \
	"$vdectl" format image --worm 4K --label "$(printf %065d 0)"
status_is "a label that is not UTF-8 is an error" 2 \
	"$vdectl" format image --worm 4K --label $'\xff'
status_is "a bad UUID is an error" 2 "$vdectl" format image --worm 4K --uuid 123
status_is "no region is an error" 2 "$vdectl" format image
status_is "no device is an error" 2 "$vdectl" format --worm 4K
status_is "a missing device is an error" 2 "$vdectl" format nothing --worm 4K
status_is "a directory is no device" 2 "$vdectl" format . --worm 4K
mkfifo fifo
status_is "a FIFO is no device" 2 "$vdectl" format fifo --worm 4K
status_is "a region larger than the device is an error" 2 "$vdectl" format image --worm 1M
says "which says what would fit" "would still fit"
status_is "nothing after 'rest' fits" 2 "$vdectl" format image --worm rest --worm 4K
cmp -s image <(head -c 1M /dev/zero)
tap $? "none of these has written a byte"

fresh 1M
volume edit image 1024 0100000010000000
volume edit image 4086 535741505350414345 # SWAPSPACE, and the version
volume edit image 4095 32
status_is "a known signature is refused" 2 "$vdectl" format image --worm 4K
says "by its name" "signature of swap"
status_is "unless --force" 0 "$vdectl" format image --worm 4K --force
status_is "and then there is a volume" 0 "$vdectl" check image
fresh 1M
volume edit image 510 55aa
volume edit image 446 0000000083000000010000000f000000
status_is "a partition table is refused" 2 "$vdectl" format image --worm 4K
says "by its name, too" "signature of dos"
fresh 64M
volume edit image $((64 * 1048576 - 65536)) fc4e2ba9 # md 0.90, at the end of the disk
status_is "--force removes a signature elsewhere" 0 "$vdectl" format image --worm 4K --force
if command -v wipefs >/dev/null; then
	tap_is "so that nothing else claims the disk" "$(wipefs image)" ""
fi

fresh 1M
"$vdectl" format image --worm 100K --label first >out
status_is "an existing volume is refused" 2 "$vdectl" format image --worm 4K
says "by its label" "label first"
status_is "--destroy-sealed-data alone is not enough" 2 \
	"$vdectl" format image --worm 4K --destroy-sealed-data
status_is "--force is" 0 "$vdectl" format image --worm 200K --force
volume active image
cp image before
status_is "sealed data is refused" 2 "$vdectl" format image --worm 4K
says "with how much there is" "holds 300 sealed blocks"
status_is "even with --force" 2 "$vdectl" format image --worm 4K --force
cmp image before
tap $? "and not touched"
status_is "a volume nobody can read may have sealed data" 2 \
	bash -c "dd if=/dev/urandom of=image bs=4088 seek=1 count=9 conv=notrunc 2>&1 &&
		$vdectl format image --worm 4K --force"
says "which it says" "may have sealed data"
cp before image
for slot in 17 19 21 23 25 27 29 31; do volume edit image $((slot * 4096 + 99)) 55; done
status_is "a region without a commit may have sealed data" 2 \
	"$vdectl" format image --worm 4K --force
says "which it says, too" "may hold sealed data"
cp before image
status_is "--force --destroy-sealed-data destroys it" 0 "$vdectl" format image \
	--worm 1M --worm 4K --uuid "$uuid" --force --destroy-sealed-data
volume compare image "" 0 256 1
tap $? "and no commit outlives it"

# Usage -------------------------------------------------------------------------------

status_is "no command is an error" 2 "$vdectl"
status_is "an unknown command is an error" 2 "$vdectl" frobnicate
status_is "help" 0 "$vdectl" help
status_is "--version" 0 "$vdectl" --version
for verb in format attach detach status append cat log scrub retention reset check dump; do
	status_is "$verb --help" 0 "$vdectl" "$verb" --help
	says "tells the usage of $verb" "Usage: vdectl $verb"
	status_is "help $verb" 0 "$vdectl" help "$verb"
	status_is "$verb with an unknown option is an error" 2 "$vdectl" "$verb" --nonsense
	[ "$verb" = status ] ||
		status_is "$verb without arguments is an error" 2 "$vdectl" "$verb"
done
status_is "output that cannot be written is an error" 2 \
	bash -c "$vdectl dump image >/dev/full"
status_is "attach wants a region" 2 "$vdectl" attach image name
status_is "attach wants a block device" 2 "$vdectl" attach image name --worm
says "and says how to get one" losetup
for name in "" . .. a/b "a b" 'a\x20b' dm-0 dm-17x; do
	status_is "attach: the name '$name' is refused" 2 "$vdectl" attach image "$name" --worm
	says "because of itself" "name '$name'"
done
status_is "attach: the region is not an option" 2 "$vdectl" attach image name --worm -o region=1
status_is "attach: an option is one word" 2 "$vdectl" attach image name --worm -o "a b"
for verb in append cat scrub retention reset; do
	status_is "$verb of no active device" 2 "$vdectl" "$verb" no-such-device
done
status_is "append of two files is an error" 2 "$vdectl" append name a b
status_is "append of a missing file is an error" 2 "$vdectl" append name missing
says "which is named" "missing: No such file"
status_is "append of a directory is an error" 2 "$vdectl" append name .
says "which is said" "Is a directory"
status_is "cat: a block is a number" 2 "$vdectl" cat name --from -1
status_is "scrub: a rate is a number" 2 "$vdectl" scrub name --rate fast
status_is "scrub: a rate of 0 is none" 2 "$vdectl" scrub name --rate 0
status_is "scrub begins or resumes" 2 "$vdectl" scrub name --from 1 --resume
status_is "scrub stops or shows" 2 "$vdectl" scrub name --stop --status
status_is "scrub does not start what it stops" 2 "$vdectl" scrub name --stop --rate 1M
status_is "reset without a terminal wants --yes" 2 "$vdectl" reset name
says "and says so" "give --yes"
for verb in check dump log retention; do
	fresh 1M
	status_is "$verb of no volume" 2 "$vdectl" "$verb" image
	fresh 8K
	status_is "$verb of a file that is too short" 2 "$vdectl" "$verb" image
done

# Sealed volumes ----------------------------------------------------------------------

for kind in active closed full_header; do
	volume $kind image
	status_is "check --data of a volume left $kind" 0 "$vdectl" check --data image
	status_is "check --json, $kind" 0 "$vdectl" check --json image
	json_is_valid "is JSON, $kind"
	status_is "dump, $kind" 0 "$vdectl" dump image
	status_is "dump --json, $kind" 0 "$vdectl" dump --json image
	json_is_valid "is JSON, too, $kind"
done
for kind in active closed; do
	volume $kind image
	"$vdectl" log image --json >out && volume log_lines out 300
	tap $? "log lists every record, $kind"
done
tap_is "log --from --count" "$("$vdectl" log image --from 298 --count 1 | cut -d' ' -f1)" 298
tap_is "log beyond the end" "$("$vdectl" log image --from 300)" ""
tap_is "log of another region" "$("$vdectl" log image --region 1)" ""
status_is "log of a missing region" 2 "$vdectl" log image --region 2
tap_is "time is UTC" "$("$vdectl" log image --count 1 | cut -d' ' -f2)" \
	"2023-11-14T22:13:20.0000000Z"

# Superblock updates that were cut: legal, a note -------------------------------------

for group in mirror primary; do
	bad=""
	for ((sectors = 0; sectors <= 32; sectors++)); do
		torn superblock image $group $sectors
		"$vdectl" check image >out 2>&1 || bad+=" $sectors"
		"$vdectl" log image >/dev/null 2>&1 || bad+=" $sectors(log)"
	done
	tap_is "a superblock update cut in the $group is in order" "$bad" ""
done
torn superblock image mirror 8
status_is "a cut update" 0 "$vdectl" check image
says "is noted" "note: superblock update was interrupted"
for what in append reset; do
	bad=""
	for ((sectors = 0; sectors <= 16; sectors++)); do
		torn commit image $sectors $what
		"$vdectl" check --data image >out 2>&1 || bad+=" $sectors"
	done
	tap_is "a commit that was cut is in order, $what" "$bad" ""
done
torn commit image 4
status_is "a cut commit" 0 "$vdectl" check image
says "is noted, too" "note: worm region 0: commit was interrupted"

# Damage ------------------------------------------------------------------------------

volume closed image
volume edit image 0x8010 77
status_is "damage to the directory is found" 1 "$vdectl" check image
says "as a warning with its block" "warning: block checksum mismatch (volume block 8)"
status_is "the copy serves" 0 "$vdectl" dump image
status_is "for the log, too" 0 "$vdectl" log image
volume closed image
volume edit image 0x0010 77
status_is "damage to the primary superblock is found" 1 "$vdectl" check image
status_is "the mirror serves" 0 "$vdectl" log image
volume edit image 0x4010 77
status_is "damage to both superblocks is an error" 1 "$vdectl" check image
status_is "for log, too" 1 "$vdectl" log image
volume closed image
truncate -s -4K image
status_is "a device that became shorter is found" 1 "$vdectl" check image
says "which is said" "device is smaller than the volume"
volume closed image
volume edit image $((33 * 4096 + 5)) 00
status_is "changed data is not noticed without --data" 0 "$vdectl" check image
status_is "but with it" 1 "$vdectl" check --data image
says "and its place is told" "data block 0: data does not match its write record (volume block 33)"
volume closed image
volume edit image $(((33 + 3) * 4096 + 4000)) 01
status_is "garbage after a short block is found" 1 "$vdectl" check --data image

# missed IMAGE FIRST COUNT STEP: bits whose flip goes unnoticed
flips_found() {
	local name=$1 step=$5
	[ -z "${THOROUGH-}" ] || step=1
	"$here/flip" "$2" "$3" "$4" "$step" >out
	tap $? "every flipped bit of $name is found"
	sed -n 's/^/# missed: /p' out | head -n 20
}
fresh 2M
"$vdectl" format image --worm 400K >out # header in block 10, commit slots from 12
flips_found "both superblock groups" image 0 8 37
flips_found "the directory" image 8 2 8
flips_found "the header block" image 10 1 8
flips_found "the only commit" image 14 2 8
volume closed image
flips_found "a closed volume's head, header and log" image 0 14 203
flips_found "its commits" image 17 16 509
flips_found "its data" image 33 300 40009
volume active image
flips_found "a dirty volume's head, header and full log blocks" image 0 13 203
flips_found "its commits, with the only copy of the open log block" image 17 16 509

# Nothing read is trusted: no crash, whatever lies there ------------------------------

bad=""
for ((seed = 0; seed < 150; seed++)); do
	volume garbage image $seed
	for verb in "check --data" "dump --json" log "format --worm 4K"; do
		# shellcheck disable=SC2086
		timeout 20 "$vdectl" $verb image >out 2>&1
		[ $? -le 2 ] || bad+=" $seed($verb)"
	done
done
tap_is "damaged volumes under valid checksums" "$bad" ""
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on image files with vaults, without the kernel module: format, check and dump,
# as test_streams.sh does for streams. test_passport.sh has keys and passports.
#
# host: --timeout 600
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
make -s -C "$here/.." tests/flip >&2 || exit 1

vaults() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/vaults.py" "$@"; }
torn_vaults() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/torn_vaults.py" "$@"; }

# What format writes ------------------------------------------------------------------

# formatted_is NAME SIZE REGIONS OPTION...: REGIONS as vaults.py has them
formatted_is() {
	local name=$1 size=$2 regions=$3
	shift 3
	fresh "$size"
	# shellcheck disable=SC2086
	"$vdectl" format image "$@" --uuid $uuid --label safe >out 2>&1 &&
		vaults compare image safe $regions
	tap $? "format writes every byte as the format says: $name"
	status_is "check finds nothing: $name" 0 "$vdectl" check --data image
}
formatted_is "one block" 112K v1 --vault 4K
formatted_is "many" 2M v256 --vault 1M
formatted_is "the rest" 1M v230 --vault rest
formatted_is "beside WORM regions" 4M "v16 100 v1 77 v10" --vault 64K --worm 400K \
	--vault 4096 --worm 308K --vault 40K
formatted_is "a WORM region has the rest" 4M "v2 967" --vault 8K --worm rest

many() { local i; for ((i = 0; i < $1; i++)); do echo --vault 4K; done; }
fresh 8M
# shellcheck disable=SC2046
status_is "63 vaults fill 126 slots" 0 "$vdectl" format image $(many 63)
status_is "and are fine" 0 "$vdectl" check image
# shellcheck disable=SC2046
status_is "64 are refused" 2 "$vdectl" format image --force $(many 64)

fresh 4M
"$vdectl" format image --vault 8K --worm 4K --vault 1M >out
says "format tells of a vault" "  vault region 0: 8 KiB (2 blocks, 16 sectors), 14 passports at least"
says "and of the next" "  vault region 1: 1 MiB (256 blocks, 2048 sectors), 1792 passports at least"

# What format and attach refuse -------------------------------------------------------

fresh 1M
for region in "" 0 4095 "4K," 4K,growth=1 4K,retention=1d 4K,x; do
	status_is "vault '$region' is an error" 2 "$vdectl" format image --vault "$region"
done
status_is "a vault larger than the device is an error" 2 "$vdectl" format image --vault 1M
says "which says what would fit" "920 KiB of passports would still fit"
status_is "so much fits" 0 "$vdectl" format image --vault 920K
fresh 1M
status_is "and no block more" 2 "$vdectl" format image --vault 924K
cmp -s image <(head -c 1M /dev/zero)
tap $? "which writes nothing"
status_is "an empty vault is nothing to lose" 0 "$vdectl" format image --vault 4K
status_is "but a volume" 2 "$vdectl" format image --vault 4K
vaults signatures image
status_is "one with passports is refused" 2 "$vdectl" format image --vault 4K --force
says "for them" "vault 0 holds 7 passports, which would be lost for ever"
status_is "unless they are given up" 0 "$vdectl" format image --vault 4K --force \
	--destroy-sealed-data
vaults signatures image
volume edit image $((34 * 4096 + 9)) 55
status_is "a vault that may have more is refused, too" 2 "$vdectl" format image --vault 4K --force

key=$(vaults key)
for bad in "" 00 "${key}00" "${key:2}" "x${key:1}"; do
	status_is "attach: issuer key '${bad:0:9}' of ${#bad} digits is none" 2 \
		"$vdectl" attach image x --vault --issuer-key "$bad"
done
status_is "attach takes one kind of keys" 2 "$vdectl" attach image x --vault \
	--keyring k --issuer-key "$key"
status_is "once" 2 "$vdectl" attach image x --vault --keyring k --keyring l
status_is "a keyring is one word" 2 "$vdectl" attach image x --vault --keyring "a b"
status_is "a WORM region has no keys" 2 "$vdectl" attach image x --worm --keyring k
says "as is said" "a worm region has no issuers"
status_is "one region is attached" 2 "$vdectl" attach image x --vault --stream
status_is "a file is not attached" 2 "$vdectl" attach image x --vault --issuer-key "$key"
says "which says how to" "losetup"

# Vaults with passports ---------------------------------------------------------------

# newest FIELD...: of the newest commit of each vault
newest() {
	local field filter=
	for field in "$@"; do filter+=",.$field"; done
	"$vdectl" dump image --json | jq -c "[.regions[] | select(.kind == \"vault\") |
		.commits[] | select(.newest) | [${filter#,}]]"
}

for kind in active closed removing reopened edges "edges closed" signatures; do
	# shellcheck disable=SC2086
	set -- $kind
	vaults "$1" image ${2+"$2"}
	status_is "check of vaults left $kind" 0 "$vdectl" check --data image
	status_is "check --json, $kind" 0 "$vdectl" check --data --json image
	json_is_valid "is JSON, $kind"
	status_is "dump --json, $kind" 0 "$vdectl" dump --json image
	json_is_valid "is JSON, too, $kind"
	status_is "dump, $kind" 0 "$vdectl" dump image
done
vaults active image
status_is "check counts passports" 0 "$vdectl" check image
says "in its summary" "3 region(s), 30 sealed blocks, 61 passports in vaults"
tap_is "and in JSON" "$("$vdectl" check --json image | jq .passports)" 61
tap_is "dump shows the state of vaults" "$(newest passports used_blocks imaged clean)" \
	'[[60,3,2,false],[1,1,0,false]]'
vaults closed image
tap_is "and a clean close" "$(newest imaged clean)" "[[0,true],[0,true]]"

# Cut commits: legal, a note ----------------------------------------------------------

for kind in active closed idle; do
	bad=""
	for ((sectors = 0; sectors <= 16; sectors++)); do
		torn_vaults cut image $sectors $kind
		"$vdectl" check --data image >out 2>&1 || bad+=" $sectors"
	done
	tap_is "a commit that was cut is in order, $kind" "$bad" ""
done
for how in but only; do
	bad=""
	for sectors in {0..15} 7,8 0,8 8,15 0,7,8; do
		torn_vaults torn image "$sectors" $how
		"$vdectl" check image >out 2>&1 || bad+=" $sectors"
	done
	tap_is "a commit that was torn is in order, $how some sectors" "$bad" ""
done
all=$(seq -s, 0 15) # sectors of the commit, which replaces one of 2 passports by one of 10
count=$((29 * 4096))

# flip_bit OFFSET: the lowest of a byte
flip_bit() {
	local byte
	byte=$(od -An -tu1 -j "$1" -N 1 image)
	volume edit image "$1" "$(printf %02x $((byte ^ 1)))"
}

# both_say NAME STATUS: the two checkers, which share nothing
both_say() {
	status_is "$1, vdectl" "$2" "$vdectl" check image
	status_is "$1, vde-verify" "$2" "$here/../vde-verify.py" image
}

# counts HOW STATUS HEX...: of the passports that the image in the slot may have
counts() {
	local how=$1 status=$2 byte
	shift 2
	for byte; do
		torn_vaults torn image "$all" "$how"
		volume edit image $count "$byte"
		both_say "count $byte in the image, $how" "$status"
	done
}
torn_vaults torn image "$all" but
tap_is "the commit that is replaced counts two" "$(od -An -tu4 -j $count -N 4 image)" "          2"
counts but 0 0a
counts but 1 00 03 06 12
counts only 0 02
counts only 1 08 0b 0e 1a
for first in close add; do
	torn_vaults cut_twice image $first
	both_say "a slot that was cut twice, $first first" 0
done

for at in 4080 4088; do # tag and checksum of the image
	torn_vaults torn image "$all" but
	flip_bit $((count + at))
	both_say "no cut leaves a flipped bit of its trailer, at $at" 1
done
torn_vaults steady image
flip_bit $((count + 4088))
both_say "no cut leaves one where no count differs" 1
torn_vaults bad_slot image
both_say "no cut leaves a passport that cannot be" 1
torn_vaults cut image 4
status_is "a cut commit" 0 "$vdectl" check image
says "is noted" "note: vault region 0: commit was interrupted"

# Damage ------------------------------------------------------------------------------

# damage KIND TEXT: check says so of the first vault
damage() {
	vaults wrong image "$1"
	status_is "damage is found, $1" 1 "$vdectl" check image
	says "and named, $1" "error: vault region 0: $2"
}
damage twice "passport id is there twice"
damage twice_removed "passport id is there twice"
for what in count fewer too_many said said_less gone; do
	damage $what "vault does not hold as many passports as it says"
done
damage used "block has the wrong type tag (volume block 13)"
damage future "block has the wrong generation (volume block 11)"
damage order "block has the wrong generation (volume block 12)"
damage framework "passport framework or status is unknown (volume block 11)"
damage status "passport framework or status is unknown (volume block 11)"
damage blank "removed passport is not blank (volume block 11)"
damage issuer "passport text is too long (volume block 11)"
damage notes "passport text is too long (volume block 11)"
damage negative "passport text is too long (volume block 11)"
damage time "passport time is negative (volume block 11)"
damage utf8 "passport text is not UTF-8 without NUL (volume block 11)"
damage nul "passport text is not UTF-8 without NUL (volume block 11)"
damage zero "garbage after the passports (volume block 11)"
damage padding "garbage after the passports (volume block 11)"

# flips_found NAME IMAGE FIRST COUNT STEP
flips_found() {
	local name=$1 step=$5
	[ -z "${THOROUGH-}" ] || step=1
	"$here/flip" "$2" "$3" "$4" "$step" >out
	# Where several generations would do, one is as good as another
	grep -v "byte 408[4-7] of block 1[0-2]$" out >missed
	[ ! -s missed ]
	tap $? "every flipped bit of $name is found"
	sed -n 's/^/# missed: /p' missed | head -n 20
}
fresh 2M
"$vdectl" format image --vault 16K >out # blocks 10..13, commit slots from 14
flips_found "a new vault's first block" image 10 1 8
flips_found "its only commit" image 16 2 8
vaults active image # blocks 10..21, commit slots from 22; block 12 is in its commit
flips_found "a vault's blocks" image 10 2 31
flips_found "its commits" image 22 16 509
vaults closed image
flips_found "a closed vault's blocks" image 10 3 31
flips_found "its commits, the header's among them" image 22 16 509
vaults active image
volume edit image $((14 * 4096 + 7)) 7777
status_is "what lies above the used blocks is nobody's" 0 "$vdectl" check image

# Nothing read is trusted: no crash, whatever lies there ------------------------------

bad=""
for ((seed = 0; seed < 40; seed++)); do
	vaults garbage image $seed
	for verb in "check --data" "dump --json" "passport list --json --image" \
		"passport verify --issuer-key $key --image" "format --vault 4K"; do
		# shellcheck disable=SC2086
		timeout 20 "$vdectl" $verb image >out 2>&1
		[ $? -le 2 ] || bad+=" $seed($verb)"
	done
done
tap_is "damaged vaults under valid checksums" "$bad" ""
tap_done

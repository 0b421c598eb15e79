#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vde-verify on images: sound volumes are accepted, every kind of damage is found where it
# is, and it agrees with vdectl check, with which it shares nothing. The images are made by
# vdectl and by the formats of these tests. THOROUGH=1 tries much more of each.
#
# host: --timeout 1200
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
verify=$here/../vde-verify.py
export PYTHONDONTWRITEBYTECODE=1

made_by() { python3 "$here/$1.py" "${@:2}"; }
by_itself() { made_by verify "$@"; }

# A step for what is tried many times
few=4
[ -z "${THOROUGH-}" ] || few=1

# Given by whoever has them, like those of tests/selftests/test_signature.sh
vectors=${VDE_VECTORS:-$here/../../../../shared/vectors/ecdsa_secp256r1_sha256_p1363_test.json}
if [ -e "$vectors" ]; then
	by_itself vectors "$vectors"
	tap $? "signatures, right and wrong in every way"
else
	tap_skip "signatures" "no file ${vectors##*/}; VDE_VECTORS= names it"
fi
by_itself golden
tap $? "golden values of an independent implementation"

# agree: the same exit status; what either says is kept
agree() {
	local theirs=0 ours=0
	"$vdectl" check --data image >theirs 2>&1 || theirs=$?
	"$verify" image >out 2>&1 || ours=$?
	[ $ours = $theirs ] && return
	echo "# $1: vdectl check $theirs, vde-verify $ours"
	grep -hE '^(error|warning|note):' theirs out | sed 's/^/#   /'
	return 1
}

# agrees NAME FORMAT ARG...: about images made with these
disagreements=0
images=0
agrees() {
	local format=$1 kind=$2
	shift 2
	made_by "$format" "$kind" image "$@"
	images=$((images + 1))
	agree "$format $kind $*" || disagreements=$((disagreements + 1))
}

agreed() {
	tap_is "agrees with vdectl check about $images images: $1" $disagreements 0
	disagreements=0
	images=0
}

# Sound volumes -----------------------------------------------------------------------

sound() {
	status_is "sound: $1" 0 "$verify" image
	says "and nothing to complain about: $1" "0 error(s), 0 warning(s)"
}
fresh 4M
"$vdectl" format image --worm 400K,retention=1y --worm 4K --stream 400K,policy=stop \
	--vault 64K --label "Tr"$'\303\266'"g" >out
sound "as vdectl format makes it"
"$verify" --json image >out
json_is_valid "the report of that"
tap_is "its facts" "$(jq -c '[.sound, .volume.label, .volume.dirty,
	[.regions[] | [.kind, .number, .capacity, .commit, .clean]]]' <out)" \
	'[true,"Trög",false,[["worm",0,100,1,true],["worm",1,1,1,true],["stream",0,100,1,true],["vault",0,16,1,true]]]'
for kind in active closed full_header; do
	made_by volume $kind image
	sound "WORM regions left $kind"
done
made_by volume closed image
tap_is "a closed region's mark" \
	"$("$verify" --json image | jq -c '[.regions[] | [.hwm, .clean]]')" \
	"$("$vdectl" dump --json image | jq -c '[.regions[] |
		[(.commits[] | select(.newest) | [.hwm, .clean])] | add]')"
for kind in active closed reopened far; do agrees streams $kind; done
for how in active closed; do
	agrees streams reset $how
	agrees volume reset 0 $how
	agrees volume reset 5 $how
	agrees volume reset 100 $how
	agrees vaults edges $how
done
for kind in active closed removing reopened; do agrees vaults $kind; done
for how in active closed; do
	# Generations have 32 bits, and go round
	for sequence in 0x80000000 0x100000000 0x180000000 0x4000000000000000; do
		for format in volume vaults; do agrees $format late $sequence $how; done
	done
done
agrees vaults released
agreed "sound ones"
for sequence in 0x80000000 0x100000000 0x180000000; do
	for format in volume vaults; do
		made_by $format late image $sequence closed
		sound "$format, commits around $sequence"
	done
done
made_by vaults released image
status_is "a release in capitals" 0 "$verify" image
made_by volume late image 0x7fffffffffffffe0
status_is "commits that leave no room for others" 1 "$verify" image
says "which is a warning" "warning: worm region 0: sequence 9223372036854775784 leaves no room"
made_by volume worn image 0x7ffffffffffffffe
agree "a superblock that leaves no room for others"
tap $? "agrees about the last superblock"
says "which is a warning, too" "checkpoint sequence 9223372036854775806 leaves no room"
for how in active closed; do agrees volume flagged $how; done
agrees volume unborn
agreed "clean flags, and times before 0"
status_is "a region made before time 0" 1 "$verify" image
says "has no commit" "worm region 0: no valid commit"
made_by volume flagged image closed
status_is "a clean flag without the header" 1 "$verify" image
says "which is said of it" "the volume was closed cleanly, but not commit"
made_by volume strange image
agree "a feature that this version may only read with"
tap $? "agrees about a read-only compatible feature"
says "which is a warning" "read-only compatible features 0x8 are not known"

# What a power cut leaves -------------------------------------------------------------

for ((sectors = 0; sectors <= 32; sectors += few)); do
	agrees torn superblock mirror $sectors
	agrees torn superblock primary $sectors
done
agreed "cut updates of the superblock"
for ((sectors = 0; sectors <= 16; sectors += few)); do
	agrees torn commit $sectors
	for kind in active closed lapped; do agrees streams commit_cut $sectors $kind; done
	for kind in active closed idle; do agrees torn_vaults cut $sectors $kind; done
	for how in but only; do agrees torn_vaults torn $sectors $how; done
	agrees torn beside $sectors
done
for how in but only; do
	for sectors in 0 7 8 15 7,8 8,15; do agrees torn idle $sectors $how; done
done
agreed "cut commits"
made_by torn superblock image mirror 8
"$verify" image >out
says "a cut update is noted" "note: mirror superblock group: an update of it was interrupted"
made_by torn commit image 4
"$verify" image >out
says "a cut commit, too" "was interrupted (volume block 23)"
made_by torn beside image 4
"$verify" image >out
says "also under a clean superblock" "note: worm region 0: commit 12 was interrupted"
made_by torn idle image 15
"$verify" image >out
says "and one whose image is the one before" "note: worm region 0: commit 25 was interrupted"

# no_cut NAME OFFSET HEX [OFFSET HEX]: the slot of the next commit, here of blocks 21 and
# 22, has this
no_cut() {
	made_by torn idle image "$(seq -s, 0 15)" but busy
	volume edit image $((21 * 4096 + $2)) "$3"
	[ $# = 3 ] || volume edit image $((21 * 4096 + $4)) "$5"
	status_is "no cut leaves $1" 1 "$verify" image
	status_is "which vdectl knows, $1" 1 "$vdectl" check image
}
made_by torn idle image "$(seq -s, 8 15)" but busy
volume edit image $((21 * 4096 + 0x918)) 01
agree "a tear, and a bit of a record that is whole but for it"
tap $? "agrees about a flipped bit in a tear"
status_is "which is damage" 1 "$verify" image
made_by torn refilled image
agree "reset between two commits with as many blocks"
tap $? "agrees about a region that was reset and filled"
status_is "whose image no cut leaves" 1 "$verify" image
no_cut "one bit of the sequence" 0 1a
no_cut "one bit of the record's generation" 4084 1a
no_cut "one bit of the image's" $((4096 + 4084)) 1a
no_cut "that and an image of another" 4084 1a 4100 ffffff
no_cut "a sequence of another slot" 0 55
no_cut "a strange tag" 4080 ffff
no_cut "a strange generation" $((4096 + 4084)) 77
no_cut "garbage in both" $((4096 - 64)) "$(printf '%0256d' 0 | tr 0 7)"

# States that cannot be ---------------------------------------------------------------

for what in twice twice_removed count fewer too_many said said_less gone used future order \
	framework status blank issuer notes negative time utf8 nul zero padding; do
	agrees vaults wrong $what
done
agreed "vaults that cannot be"
for what in capacity allocated negative tail too_many entries beyond growth policy; do
	agrees streams wrong $what
done
for what in head tail shrunk growth policy; do agrees streams history $what; done
for what in future allocated padding growth; do agrees streams header $what; done
agreed "streams that cannot be"
made_by volume extended image
status_is "what was for ever is shortened" 1 "$verify" image
says "which is said" "error: worm region 0: retention is shortened at commit"

# Damage, and where -------------------------------------------------------------------

damaged() {
	local name=$1 block=$2 text=$3
	volume edit image "$4" "$5"
	status_is "damage is found: $name" 1 "$verify" image
	says "and located: $name" "$text"
	says "by its block: $name" "(volume block $block)"
}
made_by volume closed image
damaged "data" 33 "error: worm region 0: data block 0: SHA-256" $((33 * 4096 + 5)) 00
status_is "not with --no-data" 0 "$verify" --no-data image
made_by volume closed image
damaged "after a short block" 36 "data block 3: something follows" $((36 * 4096 + 4000)) 01
made_by volume closed image
damaged "directory" 8 "warning: region directory: checksum" 0x8010 77
damaged "superblock" 0 "warning: primary superblock group: superblock: checksum" 0x10 77
damaged "both superblocks" 4 "error: mirror superblock group" 0x4010 77
for what in closed active; do
	made_by volume $what image
	truncate -s -4K image
	agree "short device, $what"
	tap $? "agrees about a device that became shorter, $what"
done

# flips_found NAME FIRST COUNT STEP
flips_found() {
	local step=$4
	[ -z "${THOROUGH-}" ] || step=$((step / 16 + 1))
	by_itself flips image "$2" "$3" "$step" >out
	# Where several generations would do, one is as good as another
	grep -v "byte 408[4-7] of block" out >missed
	[ ! -s missed ]
	tap $? "every flipped bit of $1 is found where it is"
	sed -n 's/^/# /p' missed | head -n 20
}
made_by volume closed image
flips_found "superblock groups and directory" 0 10 8011
flips_found "a closed volume's log" 10 4 5003
flips_found "its commits" 17 16 20011
flips_found "its data" 33 300 600011
made_by volume active image
flips_found "a dirty volume's log" 10 3 5003
flips_found "its commits" 17 16 20011
made_by streams closed image
flips_found "a stream" 10 17 20011
made_by vaults closed image
flips_found "a vault" 10 3 5003
flips_found "its commits" 22 16 20011

# Passports ---------------------------------------------------------------------------

made_by vaults signatures image
by_itself pem issuer.pem "$(made_by vaults key)"
status_is "signatures, one of them bad, a hold and no flag" 1 "$verify" image --key issuer.pem
says "the bad one is named" "the signature is not by the key of issuer"
says "the hold is" "error: worm region 0: not held, although passport"
by_itself pem golden.pem "$(jq -r .issuer_key_uncompressed_hex "$here/golden.json")"
golden_image() {
	# shellcheck disable=SC2046
	made_by vaults golden_image image $(jq -r '.passports[].serialized_hex' \
		"$here/golden.json")
}
golden_image
status_is "golden signatures" 0 "$verify" image --key golden.pem
says "are good" "good signatures 3, bad signatures 0, unverified signatures 0"
status_is "without a key they are not verified" 0 "$verify" image
says "which is noted" "note: vault region 0: 3 signatures not verified"
status_is "a key of one issuer only" 1 "$verify" image --key acme-audit=golden.pem
says "leaves the others" "warning: vault region 0: 2 passports of issuers without a key"
openssl ecparam -name prime256v1 -genkey -noout -out other.pem
status_is "another key" 1 "$verify" image --key other.pem
says "finds them bad" "bad signatures 3"
openssl genpkey -algorithm RSA -out rsa.pem 2>/dev/null
status_is "a key of another kind is refused" 2 "$verify" image --key rsa.pem
status_is "no key at all, too" 2 "$verify" image --key image
"$verify" --json --passports image --key golden.pem >out
tap_is "passports in JSON" "$(jq -c '[.regions[] | select(.number == 0 and .kind == "vault") |
	.list[] | [.id, .issuer, .status, .signature]][1]' <out)" \
	'["00112233-4455-6677-8899-aabbccddee01","acme-audit","non-compliant","good"]'

# Usage, and garbage ------------------------------------------------------------------

status_is "--help" 0 "$verify" --help
says "tells the exit status" "exit status: 0 sound"
status_is "no device is an error" 2 "$verify"
status_is "a missing one is" 2 "$verify" nothing
status_is "a directory is" 2 "$verify" .
status_is "output that cannot be written is" 2 bash -c "$verify image >/dev/full"
fresh 1M
status_is "no volume" 2 "$verify" image
says "says so" "no DWVD volume"
fresh 8K
status_is "a file too short" 2 "$verify" image
bad=""
for ((seed = 0; seed < 24; seed += few)); do
	for format in volume streams vaults; do
		made_by $format garbage image $seed
		timeout 120 "$verify" --json image >out 2>err
		status=$?
		[ $status -le 1 ] && jq . <out >/dev/null 2>&1 && [ ! -s err ] ||
			bad+=" $format:$seed($status)"
	done
done
tap_is "damaged volumes under valid checksums" "$bad" ""
tap_done

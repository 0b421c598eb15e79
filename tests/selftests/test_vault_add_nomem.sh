#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that runs out, at each allocation, while a passport is added to a vault that does
# something to a WORM region. Whoever hears OK finds that it has done so, and whoever hears
# ENOMEM that nothing has changed. EIO:
# - a hold, which keeps the region before it is stored, is not stored, and the region is free
#   when the vault is activated again;
# - a release, for which the other vault of the volume, which is detached, has to be searched
#   for holds, is stored, and lets the region go when its vault is activated again;
# - a time attestation, of a region that is detached, is stored, and moves its clock on when
#   it is added again.
#
# only: *-debug
# also: uml-6.12-debug
# lab: --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=100
vault_blocks=100
second=10000000
day=$((86400 * second))
step=${LAB_SHORT:+4}
step=${step:-1}
base=$((($(date +%s) + 100) * second + 621355968000000000))

held() { char_of w retention state; }

# add_now FILE: what could not be added can be
add_now() {
	local said
	said=$(vault v rw "add:$1")
	[ "$said" = OK ] || echo "ENOMEM, and then $said"
}

# add_release NTH: sets answer and reached; what was wrong is printed
add_release() {
	local hold release
	hold=$(guid $((2 * $1))) release=$(guid $((2 * $1 + 1)))
	passport /run/hold id="$hold" object="$region" status=5
	passport /run/release id="$release" object="$region" status=6 notes="$hold"
	must_add v /run/hold
	read -r answer reached < <(vault v rw "addfail:$1:/run/release")
	case $answer in
	OK) [ "$(held)" = 0 ] || echo "OK, and it is held still" ;;
	ENOMEM)
		[ "$(held) $(vault v r get:"$release")" = "1 ENOENT" ] ||
			echo "ENOMEM, and it is let go or the release is stored"
		add_now /run/release
		;;
	EIO)
		[ "$(held)" = 1 ] || echo "EIO, and it is let go"
		again=$((again + 1))
		detach v
		attach_vault v "$LAB_DISK0" $vault_blocks
		;;
	*) echo "$answer" ;;
	esac
	[ "$(held)" = 0 ] || echo "it is held in the end"
}

# commit_of OFFSET BYTES: of the region's newest commit, while it is detached
commit_of() { peek "$LAB_DISK0" "$(newest_commit "$LAB_DISK0" $blocks)" "$1" "$2"; }

region_held() { echo $(($(commit_of 12 4) >> 1 & 1)); }

# close_cleanly: where something has failed there may be no clean close, which takes more
close_cleanly() {
	[ "$answer" != OK ] || return
	attach w "$LAB_DISK0" $blocks
	detach w
}

# add_hold NTH: as add_release; of a region that is detached
add_hold() {
	local hold release want=0
	hold=$(guid $((20000 + 2 * $1))) release=$(guid $((20001 + 2 * $1)))
	passport /run/hold id="$hold" object="$region" status=5
	passport /run/release id="$release" object="$region" status=6 notes="$hold"
	read -r answer reached < <(vault v rw "addfail:$1:/run/hold")
	case $answer in
	OK) want=1 ;;
	ENOMEM) ;;
	EIO)
		again=$((again + 1))
		detach v
		attach_vault v "$LAB_DISK0" $vault_blocks
		;;
	*) echo "$answer" ;;
	esac
	[ "$(region_held) $(vault_of v holds)" = "$want $want" ] ||
		echo "$answer, and the region is held or not, but as it should not be"
	[ $want = 0 ] || must_add v /run/release
	close_cleanly
}

# days: how far the clocks of the region and of the vault were moved on
days() { echo "$(($(commit_of 24 8) / day)) $((($(vault_of v attested) - base) / day))"; }

# attestation: of the day that is $today; sets id
attestation() {
	id=$(guid $((10000 + today)))
	passport /run/attestation id="$id" object="$region" status=7 \
		issued=$((base + today * day))
}

# add_attestation NTH: as add_release; of the next day
add_attestation() {
	local before=$today
	today=$((today + 1))
	attestation
	read -r answer reached < <(vault v rw "addfail:$1:/run/attestation")
	case $answer in
	OK) ;;
	ENOMEM)
		[ "$(days) $(vault v r get:"$id")" = "$before $before ENOENT" ] ||
			echo "ENOMEM, and a clock has moved or the attestation is stored"
		add_now /run/attestation
		;;
	EIO)
		again=$((again + 1))
		[ "$(vault v rw add:/run/attestation)" = EEXIST ] ||
			echo "EIO, and it is not stored"
		;;
	*) echo "$answer" ;;
	esac
	[ "$(days)" = "$today $today" ] ||
		echo "$answer, and the clocks are not moved on in the end"
	close_cleanly
}

# each_allocation ADD [EIO]: in the short form one of four, and more of them until ENOMEM,
# and EIO if it is asked for, have been seen
each_allocation() {
	local first
	again=0 refused=0 bad=0 tried=0
	for ((first = 1; first <= step; first++)); do
		for ((nth = first; ; nth += step)); do
			"$1" $nth >/run/wrong
			[ ! -s /run/wrong ] || {
				bad=$((bad + 1))
				sed "s/^/# allocation $nth: /" /run/wrong
			}
			[ "$reached" = 1 ] || break
			tried=$((tried + 1))
			[ "$answer" != ENOMEM ] || refused=$((refused + 1))
		done
		((refused && (again || $# == 1))) && break
	done
	echo "# $1: $tried allocations: ENOMEM $refused times, EIO $again times"
}

releases() {
	attach_vault u "$LAB_DISK0" 10 region=1
	passport /run/other id="$(guid 0)" object="$(guid 0)"
	must_add u /run/other
	detach u
	each_allocation add_release EIO
	tap $((refused == 0)) "memory is needed to store a release"
	tap $((again == 0)) "and to search the other vault"
	tap $bad "the region is free when the release has taken effect, and only then"
	tap_is "with memory all is well" "$answer $(held)" "OK 0"
}

holds() {
	detach w
	each_allocation add_hold
	tap $((refused == 0)) "memory is needed to store a hold"
	tap $bad "the region is held by what is stored, and by nothing else"
	tap_is "with memory all is well" "$answer $(region_held)" "OK 0"
}

attestations() {
	# The first one is kept only
	today=0
	attestation
	must_add v /run/attestation
	each_allocation add_attestation EIO
	tap $((refused == 0)) "memory is needed to store an attestation"
	tap $((again == 0)) "and to move the clock of a region that is detached"
	tap $bad "the clocks are moved on by what is stored, and by nothing else"
	tap_is "with memory all is well" "$answer $(days)" "OK $today $today"
}

make_issuer
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --vault $((vault_blocks * 4096)) \
	--vault 40960 --force >/dev/null
attach w "$LAB_DISK0" $blocks
attach_vault v "$LAB_DISK0" $vault_blocks
region=$(region_uuid w)
let_slabs_fail
releases
holds
attestations
tap_done

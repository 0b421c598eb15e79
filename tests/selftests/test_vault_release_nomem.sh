#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that runs out, at each allocation, while a release is added to a vault and the
# other vault of the volume, which is detached, has to be searched for holds: whoever hears
# OK finds the region free, and whoever does not finds it free once the vault was activated
# again, if the release is stored at all.
#
# only: uml-6.12-debug uml-7.2-debug
# also: uml-6.12-debug
# lab: --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=100
vault_blocks=100

held() { char_of w retention state; }

# attempt NTH: sets answer and reached; what was wrong is printed
attempt() {
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
		must_add v /run/release
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

make_issuer
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --vault $((vault_blocks * 4096)) \
	--vault 40960 --force >/dev/null
attach w "$LAB_DISK0" $blocks
attach_vault v "$LAB_DISK0" $vault_blocks
attach_vault u "$LAB_DISK0" 10 region=1
region=$(region_uuid w)
passport /run/other id="$(guid 0)" object="$(guid 0)"
must_add u /run/other
detach u
let_slabs_fail
again=0 refused=0 bad=0
for ((nth = 1; ; nth++)); do
	attempt $nth >/run/wrong
	[ "$reached" = 1 ] || break
	[ "$answer" != ENOMEM ] || refused=$((refused + 1))
	[ ! -s /run/wrong ] || {
		bad=$((bad + 1))
		sed "s/^/# allocation $nth: /" /run/wrong
	}
done
echo "# $((nth - 1)) allocations: ENOMEM $refused times, EIO $again times"
tap $((refused == 0)) "memory is needed to store a release"
tap $((again == 0)) "and to search the other vault"
tap $bad "the region is free when the release has taken effect, and only then"
tap_is "with memory all is well" "$answer $(held)" "OK 0"
tap_done

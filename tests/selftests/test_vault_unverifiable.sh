#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A vault on a kernel without ECDSA: what another kernel has stored is there, listed as
# unverifiable, nothing is added, and a legal hold holds as before.
#
# only: stock-6.1
# also: stock-6.1
# host: --timeout 120
set -u
top=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
any_kernel=1
vault_blocks=10
worm_blocks=100

# up: both regions of the volume, active
up() {
	attach w "$LAB_DISK0" $worm_blocks
	attach_vault v "$LAB_DISK0" $vault_blocks
}

# The kernel that can: a passport, and a hold on the WORM region
store() {
	make_issuer
	echo "$point" >"$LAB_SCRATCH/point"
	must vdectl format "$LAB_DISK0" --worm $((worm_blocks * 4096)) \
		--vault $((vault_blocks * 4096)) --retention 1s --force >/dev/null
	up
	append w 3 1
	passport "$LAB_SCRATCH/stored" id="$(guid 1)" object="$(guid 7)"
	passport "$LAB_SCRATCH/hold" id="$(guid 2)" object="$(region_uuid w)" status=5
	passport "$LAB_SCRATCH/new" id="$(guid 3)" object="$(guid 7)"
	must_add v "$LAB_SCRATCH/stored" "$LAB_SCRATCH/hold"
	tap_is "a kernel with ECDSA stores" "$(vault_line v)" \
		"0 2 2 0 0 0 1/$vault_blocks 1 rw"
	detach w
	detach v
}

# The kernel that cannot
look() {
	read -r point <"$LAB_SCRATCH/point"
	has_ecdsa
	tap $(($? == 0)) "this kernel has no ECDSA"
	forget_messages
	up
	kernel_says "kernel has no ECDSA: passports cannot be verified"
	tap $? "the vault says so in the kernel's log"
	wait_until vault_of_is v unverifiable 2
	tap $? "what is stored counts as unverifiable"
	tap_is "and is there as it was" "$(vault v r get:"$(guid 1)":/run/back >/run/answer
		cut -d' ' -f2 /run/answer; cmp "$LAB_SCRATCH/stored" /run/back 2>&1)" no-key
	tap_is "listed, too" "$(vdevault "$(char_node v)" r list | cut -d' ' -f1,8 |
		paste -sd' ')" "$(guid 1) no-key $(guid 2) no-key"
	tap_is "nothing is added" "$(vault v rw add:"$LAB_SCRATCH/new")" ENOPKG
	tap_is "that was counted" "$(vault_line v)" "0 2 0 2 0 1 1/$vault_blocks 1 rw"
	wait_until released
	tap $? "retention is over"
	tap_is "the hold holds all the same" "$(char w rw reset)" EACCES
	append w 2 9
	tap_is "the WORM region goes on" "$(status w hwm) $(io w direct read:3:2:9)" "5 OK"
	detach w
	detach v
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong"
}

released() { [ "$(char_of w retention remaining)" = 0 ]; }

guest() {
	. "$top/tests/selftests/lib.sh"
	. "$top/tests/selftests/vault.sh"
	"$1"
	tap_done
}

# machine KERNEL STEP: its results, numbered on
machine() {
	"$top/tests/lab/run" --kernel "$1" --disk "$LAB_SCRATCH/disk" --rw "$LAB_SCRATCH" -- \
		"$0" "$2" >"$LAB_SCRATCH/said" 2>&1
	tap $? "$2 on $1"
	sed 's/^\(not \)\?ok [0-9]*/#   &/; s/^[^#]/#   &/' "$LAB_SCRATCH/said"
}

case ${1-} in
store | look)
	guest "$1"
	exit
	;;
esac

# shellcheck source=tests/lab/tap.sh
. "$top/tests/lab/tap.sh"
truncate -s 8M "$LAB_SCRATCH/disk"
machine uml-6.12 store
machine "$KERNEL" look
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whoever chooses the keys of a vault: another key in its table, or put into its keyring,
# lets a hold go or moves the compliance clock on. With the right key what was added so is
# found to be bad, and a reset has left its entry; what it did is not undone.
#
# lab: --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/vault.sh

disk=$LAB_DISK0
blocks=100
second=10000000
now=638700000000000000

held() { char_of w retention state; }
resets() { char_of w retention resets; }

# keys OPTION: the vault goes on with another table
keys() { live "0 80 vde $disk vault 1 $1" v; }

# forged FILE [FIELD=VALUE...]: signed by somebody who says that he is acme
forged() {
	local file=$1
	shift
	must vdepassport make /run/mallory.pem issuer=acme "$@" >"$file"
}

# begin RETENTION: a volume whose WORM region holds five blocks
begin() {
	must vdectl format "$disk" --worm $((blocks * 4096)),retention="$1" --vault 40960 \
		--force --destroy-sealed-data >/dev/null
	attach w "$disk" $blocks
	append w 5 1
	region=$(region_uuid w)
}

finish() {
	detach v w
	is_sound "$disk"
	tap $? "$1: what is left is a sound volume"
}

# place_hold: on a region whose retention has passed
place_hold() {
	passport /run/hold id="$(guid 1)" object="$region" status=5
	forged /run/release id="$(guid 2)" object="$region" status=6 notes="$(guid 1)"
	must_add v /run/hold
	sleep 1.5
	tap_is "$1: a forged release changes nothing" "$(vault v rw add:/run/release) $(held) $(
		char w rw reset)" "EKEYREJECTED 1 EACCES"
}

let_go() {
	tap_is "$1: it lets the hold go, and the region be reset" \
		"$(vault v rw add:/run/release) $(held) $(char w rw reset)" "OK 0 5"
}

# told NAME: by the right key, and by the region
told() {
	tap_is "$1: with the right key the hold is valid, and the release is bad" \
		"$(vault v r verify:"$(guid 1)" verify:"$(guid 2)" | cut -d' ' -f2,5)" "valid bad"
	tap_is "$1: which does not bring the hold back" "$(held) $(vault_of v holds)" "0 0"
	tap_is "$1: the reset has left an entry" "$(resets)" 1
}

other_issuer_key() {
	local name="another issuer_key="
	begin 1s
	attach_vault v "$disk" 10
	place_hold "$name"
	keys "issuer_key=$other"
	let_go "$name"
	wait_until vault_of_is v bad 1
	tap $? "$name: meanwhile what the issuer has signed is bad"
	tap_is "$name: the table tells of it" "$(dmsetup table v | grep -o 'issuer_key=.*')" \
		"issuer_key=$other"
	keys "issuer_key=$point"
	told "$name"
	finish "$name"
}

# Once the key is out of it again, neither table nor keyring tells
other_keyring_key() {
	local name="another key in the keyring" ring
	begin 1s
	ring=$(must keyctl newring vde-test @u)
	give acme vde:acme >/dev/null
	attach_vault v "$disk" 10 keyring=vde-test
	place_hold "$name"
	give mallory vde:acme >/dev/null
	let_go "$name"
	give acme vde:acme >/dev/null
	told "$name"
	finish "$name"
}

# Two attestations, of which the later one is after the end of the retention
other_clock() {
	local name="a clock by another key"
	begin 100d
	attach_vault v "$disk" 10
	tap_is "$name: retention has not passed" "$(char w rw reset)" EAGAIN
	forged /run/t0 id="$(guid 1)" object="$region" status=7 issued=$now
	forged /run/t1 id="$(guid 2)" object="$region" status=7 \
		issued=$((now + 101 * 86400 * second))
	tap_is "$name: forged attestations change nothing" \
		"$(vault v rw add:/run/t0 add:/run/t1) $(char w rw reset)" \
		"EKEYREJECTED EKEYREJECTED EAGAIN"
	keys "issuer_key=$other"
	tap_is "$name: they move it on, and the region can be reset" \
		"$(vault v rw add:/run/t0 add:/run/t1) $(char w rw reset)" "OK OK 5"
	keys "issuer_key=$point"
	wait_until vault_of_is v bad 2
	tap $? "$name: with the right key both are bad"
	tap_is "$name: the reset has left an entry" "$(resets)" 1
	finish "$name"
}

make_issuer
certificate acme "$key"
ec_key mallory
other=$(vdepassport point /run/mallory.pem)
other_issuer_key
other_keyring_key
other_clock
tap_done

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A volume with a region of each kind: w, s and v, with what streams and vaults need. Source
# lib.sh first.
# shellcheck disable=SC2154

. tests/selftests/stream.sh
. tests/selftests/vault.sh

worm_blocks=200
ring_blocks=100
vault_blocks=5
# What a vault holds, answers, answers when the disk fails, and what mode it is in then.
# Without ECDSA it stores nothing, so that nothing of that fails.
stored=20 found=236 taken=OK lost=EIO broken=failed
has_ecdsa || stored=0 found=ENOENT taken=ENOPKG lost=ENOPKG broken=rw

# three DISK: formatted and attached, with something durable in each
three() {
	new_three "$1"
	append w 160 1 40
	fill s 130 2 10
	add_first
	commit w
	commit s
	forget_messages
}

# new_three DISK: formatted, attached, nothing in it; with passports to add
new_three() {
	make_issuer
	passport /run/first id="$(guid 1)" count=20 notes="$(printf %0100d 1)"
	passport /run/second id="$(guid 101)"
	passport /run/third id="$(guid 102)"
	must vdectl format "$1" --worm $((worm_blocks * 4096)) --stream $((ring_blocks * 4096)) \
		--vault $((vault_blocks * 4096)) --force --destroy-sealed-data >/dev/null
	attach_three "$1"
}

add_first() {
	! has_ecdsa || vault v rw addall:/run/first | grep -qx "OK $stored" || bail "no passports"
}

attach_three() {
	attach w "$1" $worm_blocks
	attach_stream s "$1"
	attach_vault v "$1" $vault_blocks
}

# modes: of w, s and v
modes() { echo "$(status w mode) $(ring s mode) $(vault_line v | cut -d' ' -f9)"; }

# intact NAME: what three has put there is, and no other data is shown
intact() {
	tap_is "$1: what was durable is there" "$(io w direct read:0:160:1) $(
		io s direct read:100:30:2) $(vault v r get:"$(guid 1)" | cut -d' ' -f1)" "OK OK $found"
}

# go_on NAME: each of them takes more
go_on() {
	tap_is "$1: all three go on" "$(modes) $(io w direct "write:$(status w hwm):5:1" fsync) $(
		io s direct "write:$(ring s head):5:2" fsync) $(vault v rw add:/run/third)" \
		"rw rw rw OK OK OK OK $taken"
}

# where_is KIND KEY: a block number that vdectl dump tells of the first region of that kind
where_is() {
	vdectl dump "$three_disk" --json |
		jq -r ".regions[] | select(.kind == \"$1\") | .$2" | head -n 1
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A vault's life: passports are added, found, listed, removed, and there again after the
# next activation. The block node shows the metadata and cannot be written.
#
# lab: --disk 8M --disk 8M --timeout 180
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=40
object=$(guid 7777)

setup() {
	make_issuer
	must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
	attach_vault v "$LAB_DISK0" $blocks
}

empty() {
	tap_is "a new vault is empty" "$(vault_line v)" "0 0 0 0 0 0 1/$blocks 0 rw"
	tap_is "nothing is listed" "$(vault v r list)" ""
	tap_is "nothing is verified" "$(vault v r verifyall)" ""
	tap_is "an id that is not there" "$(vault v rw get:"$(guid 1)" verify:"$(guid 1)" \
		remove:"$(guid 1)")" "ENOENT ENOENT ENOENT"
	tap_is "all of it is free" "$(vault_of v free_bytes)" $((blocks * 4080 - 16))
}

adding() {
	passport /run/1 id="$(guid 1)" object="$object" framework=1 status=1 issued=now notes=one
	passport /run/2 id="$(guid 2)" object="$object" framework=2 status=2 issued=now
	passport /run/3 id="$(guid 3)" object="$(guid 8888)" framework=1 status=3 expires=now-10
	passport /run/4 id="$(guid 4)" object="$(guid 9999)" framework=8 status=4 \
		expires=now+3600
	tap_is "passports are added" "$(vault v rw add:/run/1 add:/run/2 add:/run/3 add:/run/4)" \
		"OK OK OK OK"
	tap_is "they count as verified" "$(vault_line v)" "0 4 4 0 0 0 1/$blocks 0 rw"
	vault v r get:"$(guid 1)":/run/1.back >/run/answer
	tap_is "one is read as it was added" "$(cat /run/answer) $(cmp /run/1 /run/1.back 2>&1)" \
		"$(stat -c %s /run/1) valid -  "
	tap_is "a small buffer" "$(vault v r getroom:"$(guid 1)":131)" "EMSGSIZE"
	tap_is "one that is there" "$(vault v rw add:/run/1)" "EEXIST"
	tap_is "was refused, and counted" "$(vault_line v)" "0 4 4 0 0 1 1/$blocks 0 rw"
}

lists() {
	tap_is "all, in order" "$(vault_ids v | paste -sd' ')" \
		"$(guid 1) $(guid 2) $(guid 3) $(guid 4)"
	tap_is "one at a time" "$(vault_ids v batch=1 | paste -sd' ')" \
		"$(guid 1) $(guid 2) $(guid 3) $(guid 4)"
	tap_is "by object" "$(vault_ids v "object=$object" | paste -sd' ')" "$(guid 1) $(guid 2)"
	tap_is "by framework" "$(vault_ids v framework=1 | paste -sd' ')" "$(guid 1) $(guid 3)"
	tap_is "by status" "$(vault_ids v status=4)" "$(guid 4)"
	tap_is "by issuer" "$(vault_ids v issuer=acme | wc -l) $(vault_ids v issuer=acm | wc -l)" \
		"4 0"
	tap_is "expired ones" "$(vault_ids v expired)" "$(guid 3)"
	tap_is "by all of that" "$(vault_ids v "object=$object:framework=2:status=2:batch=1")" \
		"$(guid 2)"
	tap_is "an object that is not there" "$(vault_ids v "object=$(guid 5)")" ""
	tap_is "tombstones, of which there are none" "$(vault_ids v status=65535)" ""
}

removal() {
	tap_is "only what has expired can be removed" "$(vault v rw remove:"$(guid 1)" \
		remove:"$(guid 4)" remove:"$(guid 3)" remove:"$(guid 3)")" "EAGAIN EAGAIN OK ENOENT"
	tap_is "it is not listed any more" "$(vault_ids v | paste -sd' ')" \
		"$(guid 1) $(guid 2) $(guid 4)"
	tap_is "a tombstone is, on request" "$(vault_ids v removed | wc -l) $(
		vault_ids v status=65535)" "4 $(guid 3)"
	tap_is "and can be read" "$(vault v r get:"$(guid 3)":/run/3.back)" \
		"$(stat -c %s /run/3) removed removed "
	tap_is "its id stays in use" "$(vault v rw add:/run/3)" "EEXIST"
	tap_is "it has no signature to verify" "$(vault v r verify:"$(guid 3)")" \
		"$(guid 3) removed removed"
}

privileges() {
	passport /run/5 id="$(guid 5)"
	tap_is "changing it needs CAP_SYS_ADMIN" "$(vault v rw nobody add:/run/5 \
		remove:"$(guid 1)")" "OK EPERM EPERM"
	tap_is "and write access" "$(vault v r add:/run/5 remove:"$(guid 1)")" "EBADF EBADF"
	tap_is "a bad address" "$(vault v rw addraw:0:200 addraw:0:131 addraw:0:517)" \
		"EFAULT EINVAL EINVAL"
}

# The block node and vdectl agree on every block
node() {
	local node=/dev/mapper/v
	tap_is "the block node cannot be written" "$(io v direct write:0:1:1)" "EOPNOTSUPP"
	tap_is "nor discarded" "$(blkdiscard $node 2>&1 | grep -c 'not supported')" 1
	tap_is "a flush is no write" "$(io v direct fsync)" "OK"
	dd if=$node bs=4096 count=1 iflag=direct status=none >/run/block
	tap_is "it shows what no disk holds in place yet" "$(
		grep -qa acme /run/block; echo $?) $(od -An -tx4 -j4080 -N4 /run/block | tr -d ' ')" \
		"0 434d5654"
	tap_is "blocks not in use are zero" "$(dd if=$node bs=4096 skip=1 iflag=direct status=none |
		tr -d '\0' | wc -c) $(blockdev --getsize64 $node)" "0 $((blocks * 4096))"
}

again() {
	local before after
	before=$(vault v r list:removed)
	detach v
	is_sound "$LAB_DISK0"
	tap $? "closed cleanly, vdectl finds nothing wrong"
	attach_vault v "$LAB_DISK0" $blocks
	after=$(vault v r list:removed | sed 's/unchecked/valid/g')
	tap_is "all of it is there again" "$after" "$before"
	wait_until vault_of_is v state 0
	tap_is "and verified in the background" "$(vault_line v)" "0 3 3 0 0 0 1/$blocks 0 rw"
	tap_is "one can still be added" "$(vault v rw add:/run/5)" "OK"
	dmsetup suspend v
	tap_is "a suspend makes it wait" "$(timeout 1 vdevault "$(char_node v)" r \
		get:"$(guid 5)"; echo $?)" "124"
	dmsetup resume v
	tap_is "until it is resumed" "$(vault v r verify:"$(guid 5)")" "$(guid 5) valid -"
}

other_keys() {
	make_key /run/other.pem
	live "0 $((blocks * 8)) vde $LAB_DISK0 vault 1 \
issuer_key=$(vdepassport point /run/other.pem)" v
	wait_until vault_of_is v bad 4
	tap_is "with another key all signatures are bad" "$(vault_line v)" \
		"0 4 0 0 4 0 1/$blocks 0 rw"
	live "0 $((blocks * 8)) vde $LAB_DISK0 vault" v
	wait_until vault_of_is v unverifiable 4
	tap_is "without a key nobody can say" "$(vault_line v)" "0 4 0 4 0 0 1/$blocks 0 rw"
	tap_is "and nothing is added" "$(vault v rw add:/run/6)" "ENOKEY"
	live "0 $((blocks * 8)) vde $LAB_DISK0 vault 1 issuer_key=$point" v
	wait_until vault_of_is v verified 4
	tap_is "with the right one they are valid" "$(vault_line v)" "0 4 4 0 0 1 1/$blocks 0 rw"
}

full() {
	local many added
	passport /run/many id="$(guid 1000)" count=2000 notes="$(head -c 120 /dev/zero | tr '\0' n)"
	many=$(vault v rw addall:/run/many)
	added=$(vault_of v passports)
	tap_is "it takes what fits" "$many $((added - 4))" "OK $((added - 4)) ENOSPC 1 $((added - 4))"
	tap_is "all blocks are in use" "$(vault_of v used_blocks)" $blocks
	tap_is "what is left is too little" "$(($(vault_of v free_bytes) < 132 + 4 + 120))" 1
	tap_is "a short one may fit yet" "$(vdevault "$(char_node v)" r count)" "$added"
	detach v
	is_sound "$LAB_DISK0"
	tap $? "a full vault is sound"
	attach_vault v "$LAB_DISK0" $blocks
	tap_is "all of them are there" "$(vault_of v passports) $(vault v r count:framework=0)" \
		"$added $((added - 3))"
	tap_is "each of them" "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" "$added"
	# What lies in the middle goes into the image, and out of it again
	vault v r "verify:$(vault_ids v | sed -n 300p)" | grep -q ' valid '
	tap $? "one from the middle"
}

tables() {
	local table
	detach v
	for table in "$((blocks * 8 - 8)) vde $LAB_DISK0 vault" \
		"$((blocks * 8)) vde $LAB_DISK0 vault 1 sync" \
		"$((blocks * 8)) vde $LAB_DISK0 vault 1 commit_ms=10" \
		"$((blocks * 8)) vde $LAB_DISK0 vault 1 issuer_key=04" \
		"$((blocks * 8)) vde $LAB_DISK0 vault 2 keyring=x issuer_key=$point" \
		"$((blocks * 8)) vde $LAB_DISK0 vault 1 keyring=no-such-keyring"; do
		! dmsetup create v --table "0 $table" 2>/dev/null
		tap $? "refused: ${table#* }"
	done
	attach_vault v "$LAB_DISK0" $blocks "uuid=$(dmsetup create --readonly r --table \
		"0 $((blocks * 8)) vde $LAB_DISK0 vault" >/dev/null && region_uuid r; dmsetup remove r)"
	tap_is "the table says what it was given" "$(dmsetup table v | grep -o 'issuer_key=.*')" \
		"issuer_key=$point"
	detach v
	must dmsetup create --readonly v --table \
		"0 $((blocks * 8)) vde $LAB_DISK0 vault 1 issuer_key=$point"
	tap_is "read-only: it can be looked at" "$(vault v r "get:$(guid 1)" | cut -d' ' -f2)" \
		"valid"
	tap_is "but not changed" "$(vault v rw add:/run/6)" "EROFS"
}

setup
empty
adding
lists
removal
privileges
node
again
passport /run/6 id="$(guid 6)"
other_keys
full
tables
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Damage to a stored vault, each kind of it: the vault is read-only, says which block and
# what is wrong with it, lists what is sound, and writes nothing. A changed signature is
# found, counted and told.
#
# damages: disks
# lab: --disk 8M --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

disk=$LAB_DISK0
other=$LAB_DISK1
blocks=10
size=236		# of a passport; 17 of them fill a block
many=40			# so that block 2 has six
damaged_state=4		# VDE_IOC_VAULT_DAMAGED

# slots DISK: sets meta and commits of its first vault
slots() {
	{ read -r meta _; read -r commits _; } < <(vdectl dump "$1" --json |
		python3 tests/selftests/vault_slots.py vault)
	[ "$commits" ] || bail "no vault"
}

# newest DISK: the first block of the newest commit
newest() {
	dd if="$1" bs=4096 skip="$commits" count=16 iflag=direct status=none |
		od -An -v -tu8 -w8192 | awk -v first="$commits" '
			$1 > best { best = $1; where = first + 2 * (NR - 1) }
			END { print where }'
}

# setup: the clean volume as /run/clean, the one of a crash as /run/crashed
setup() {
	make_issuer
	must vdectl format "$disk" --worm 409600 --vault $((blocks * 4096)) --force >/dev/null
	save "$disk" /run/empty
	slots "$disk"
	attach_vault v "$disk" $blocks
	passport /run/many id="$(guid 1)" count=$many notes="$(printf %0100d 1)"
	passport /run/next id="$(guid 2)"
	tap_is "$many passports in three blocks" "$(vault v rw addall:/run/many) $(
		vault_of v used_blocks)" "OK $many 3"
	save "$disk" /run/crashed
	detach v
	save "$disk" /run/clean
}

# fresh [IMAGE]: an undamaged volume
fresh() { restore "${1:-/run/clean}" "$disk"; forget_messages; }

# reports NAME LISTED MESSAGE [DISK]: damaged, but what is sound is there
reports() {
	local name=$1 listed=$2 message=$3 at=${4:-$disk} before
	before=$(disk_sum "$disk")
	attach_vault v "$at" $blocks
	kernel_says "v: $message"
	tap $? "$name: the kernel says \"$message\""
	tap_is "$name: read-only, damaged" "$(vault_line v | cut -d' ' -f9) $((
		$(vault_of v state) & damaged_state))" "ro $damaged_state"
	tap_is "$name: what is sound is listed" "$(vault v r count)" "$listed"
	tap_is "$name: and verified" "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" \
		"$listed"
	tap_is "$name: nothing is added or removed" "$(vault v rw add:/run/next \
		remove:"$(guid 1)")" "EROFS EROFS"
	detach v
	tap_is "$name: nothing was written" "$(disk_sum "$disk")" "$before"
}

# check_finds NAME: so does the offline check
check_finds() {
	is_damaged "$disk"
	tap $? "$1: vdectl check finds it"
}

# in_block_1 NAME LISTED MESSAGE WORD...: block 1 resealed with these bytes
in_block_1() {
	fresh
	must reseal "$disk" $((meta + 1)) "${@:4}"
	reports "$1" "$2" "metadata block 1: $3"
	check_finds "$1"
}

# block_1 NUMBER: where that passport of it begins
block_1() { echo $(($1 * size)); }

block() {
	fresh
	poke "$disk" $((meta + 1)) 100
	reports "a flipped byte" 23 "metadata block 1: block checksum mismatch"
	check_finds "a flipped byte"
	in_block_1 "a passport cut short" 39 "passport is cut short" \
		$(($(block_1 16) + 68))=00010000
	in_block_1 "too long a text" 39 "passport text is too long" \
		$(($(block_1 16) + 60))=81000000
	in_block_1 "a zero id in the middle" 28 "garbage after the passports" \
		"$(block_1 5)=$(printf %032d 0)"
	in_block_1 "garbage behind the last passport" 40 "garbage after the passports" \
		$((17 * size + 30))=01
	in_block_1 "garbage where a passport could be" 40 "garbage after the passports" 4079=01
	in_block_1 "an id that is there twice" 39 "passport id is there twice" \
		"$(block_1 3)=01000000111122428333444444444444"
	in_block_1 "a removed passport that is not blank" 26 "removed passport is not blank" \
		$(($(block_1 3) + 34))=ffff
	in_block_1 "a framework that is none" 23 "passport framework or status is unknown" \
		32=0900
	in_block_1 "a status that is none" 23 "passport framework or status is unknown" \
		34=0800
	in_block_1 "a negative time" 23 "passport time is negative" 43=80
	in_block_1 "a text that is none" 23 "passport text is not UTF-8 without NUL" 64=ff
}

# Of block 0 the newest commit has an image, unless that is of another block
first_block() {
	fresh /run/crashed
	must reseal "$disk" "$meta" 5=01
	reports "a header that is not blank" $many "metadata block 0: garbage after the passports"
	check_finds "a header that is not blank"
	fresh /run/crashed
	poke "$disk" "$meta" 100
	reports "block 0 of an unclean vault" 23 "metadata block 0: block checksum mismatch"
}

# state WORD...: the newest commit's record resealed with these bytes. It images block 0,
# which counts passports as well.
state() {
	local at
	at=$(newest "$disk")
	must reseal "$disk" "$at" "$@"
}

# count_is N: wherever it is said
count_is() {
	local at hex
	at=$(newest "$disk")
	hex=$(hex_of "$1")
	must reseal "$disk" "$meta" "0=${hex:0:8}"
	must reseal "$disk" $((at + 1)) "0=${hex:0:8}"
	must reseal "$disk" "$at" "0x30=$hex" "0x28=$(hex_of "$(peek "$disk" $((at + 1)) 4088 8)")"
}

wrong_commits() {
	local block
	for block in 39 41 2147483647; do
		fresh
		count_is $block
		reports "a commit that counts $block" $many "$many of $block stored passports found"
		check_finds "a commit that counts $block"
	done
	fresh
	state "0x38=$(hex_of 2)"
	reports "a commit with a block less" 34 "34 of $many stored passports found"
	fresh
	state "0x38=$(hex_of 4)"
	reports "a commit with a block more" $many "metadata block 3: "
	check_finds "a commit with a block more"
	fresh
	state "0x38=$(hex_of 11)"
	attach_vault v "$disk" $blocks
	kernel_says "v: 1 of 8 commit slots are damaged"
	tap $? "a commit with more blocks than there are is none"
	tap_is "the one before it counts" "$(vault_of v passports)" $many
	detach v
}

# broken START COUNT: the disk as /dev/mapper/d, with blocks that cannot be read
broken() {
	local all
	all=$(blockdev --getsz "$disk")
	must dmsetup create d --table "0 $(($1 * 8)) linear $disk 0
$(($1 * 8)) $(($2 * 8)) error
$((($1 + $2) * 8)) $((all - ($1 + $2) * 8)) linear $disk $((($1 + $2) * 8))"
}

unreadable() {
	fresh
	broken $((meta + 1)) 1
	reports "a block that cannot be read" 23 "metadata block 1: cannot be read" /dev/mapper/d
	detach d
	fresh
	broken "$(newest "$disk")" 2
	attach_vault v /dev/mapper/d $blocks
	kernel_says "v: the newest commit may be unreadable"
	tap $? "the newest commit cannot be read: the kernel says so"
	tap_is "read-only, and what is known is there" "$(vault_line v | cut -d' ' -f9) $(
		vault v r count)" "ro $many"
	tap_is "nothing is added" "$(vault v rw add:/run/next)" EROFS
	detach v
	detach d
	fresh
	broken "$commits" 16
	! dmsetup create v --table "0 $((blocks * 8)) vde /dev/mapper/d vault" 2>/dev/null
	tap $? "no commit can be read: refused"
	detach d
}

# forget_blocks: what is cached is read again
forget_blocks() {
	echo 0 >/sys/module/dm_bufio/parameters/retain_bytes
	echo 2 >/proc/sys/vm/drop_caches
}

# went_bad NAME: block 1 cannot be read, after activation
went_bad() {
	forget_blocks
	tap_is "$1: every passport is listed, those as damaged" "$(vault v r count) $(
		vault v r list | tr ' ' '\n' | grep -c '^damaged$')" "$many 17"
	tap_is "$1: whoever's are asked for" "$(vault v r count:issuer=nobody)" 17
	tap_is "$1: every one is verified" "$(vault v r verifyall | tr ' ' '\n' |
		grep -E '^(valid|damaged)$' | sort | uniq -c | xargs)" \
		"17 damaged $((many - 17)) valid"
	tap_is "$1: all are counted" "$(vault_of v passports) $(vault_of v damaged) $((
		$(vault_of v state) & damaged_state))" "$many 17 $damaged_state"
	tap_is "$1: one of them cannot be got" \
		"$(vault v r get:"$(guid 1 | sed 's/44$/57/')" verify:"$(guid 1 | sed 's/44$/57/')")" \
		"$2 $(guid 1 | sed 's/44$/57/') damaged -"
	kernel_says "in block 1 cannot be read"
	tap $? "$1: the kernel's log tells"
	tap_is "$1: read-only" "$(vault v rw add:/run/next) $(vault_line v | cut -d' ' -f9)" \
		"EROFS ro"
	vdectl passport list v >/run/listed
	tap_is "$1: vdectl lists, and ends with 1" "$? $(grep -c ' damaged ' /run/listed)" "1 17"
}

later() {
	local all
	all=$(blockdev --getsz "$disk")
	fresh
	must dmsetup create d --table "0 $all linear $disk 0"
	attach_vault v /dev/mapper/d $blocks
	wait_until vault_of_is v verified $many || bail "not verified"
	poke "$disk" $((meta + 1)) 100
	went_bad "a byte that flips later" EUCLEAN
	detach v
	detach d
	fresh
	must dmsetup create d --table "0 $all linear $disk 0"
	attach_vault v /dev/mapper/d $blocks
	wait_until vault_of_is v verified $many || bail "not verified"
	must dmsetup suspend d
	must dmsetup load d --table "0 $(((meta + 1) * 8)) linear $disk 0
$(((meta + 1) * 8)) 8 error
$(((meta + 2) * 8)) $((all - (meta + 2) * 8)) linear $disk $(((meta + 2) * 8))"
	must dmsetup resume d
	went_bad "a block that goes bad later" EIO
	must dmsetup suspend d
	must dmsetup load d --table "0 $all linear $disk 0"
	must dmsetup resume d
	tap_is "it comes back: all is there again" \
		"$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$') $(vault_of v damaged)" \
		"$many 0"
	detach v
	detach d
}

is_listening() { grep -q ready /run/uevent; }

signature() {
	local at listener
	fresh
	# The last byte of the third passport of block 1
	at=$(($(block_1 3) - 1))
	must reseal "$disk" $((meta + 1)) "$at=$(printf %02x $((
		$(dd if="$disk" bs=1 skip=$(((meta + 1) * 4096 + at)) count=1 status=none |
			od -An -tu1) ^ 1)))"
	uevents 30 VDE_EVENT=corrupt >/run/uevent &
	listener=$!
	wait_until is_listening || bail "no listener"
	attach_vault v "$disk" $blocks
	wait_until vault_of_is v bad 1
	tap $? "a changed signature is found in the background"
	wait $listener
	tap $? "a uevent tells of it"
	tap_is "and of its block" "$(grep -c '^VDE_BLOCK=1$' /run/uevent)" 1
	kernel_says "passport $(guid 1 | sed 's/44$/57/') in block 1 has a bad signature"
	tap $? "the kernel's log tells its id"
	wait_until vault_of_is v state 0
	tap_is "it counts as bad, all others as verified" "$(vault_line v)" \
		"0 $many $((many - 1)) 0 1 0 3/$blocks 0 rw"
	tap_is "the list tells" "$(vault v r list | tr ' ' '\n' | grep -c '^bad$') $(
		vault v r verify:"$(guid 1 | sed 's/44$/57/')")" "1 $(guid 1 | sed 's/44$/57/') bad -"
	tap_is "the vault goes on" "$(vault v rw add:/run/next)" OK
	detach v
}

# What was read of a vault must not be shown when it comes back with other blocks
replaced() {
	passport /run/other id="$(guid 500)" count=$many notes="$(printf %0100d 2)"
	restore /run/empty "$other"
	attach_vault v "$other" $blocks
	tap_is "another state of the vault" "$(vault v rw addall:/run/other)" "OK $many"
	detach v
	fresh
	attach w "$disk" 100
	attach_vault v "$disk" $blocks
	tap_is "all of it is read" "$(vault v r verifyall | wc -w)" $((many * 3))
	detach v
	must dd if="$other" of="$disk" bs=4096 skip="$meta" seek="$meta" count=$((blocks + 16)) \
		iflag=direct oflag=direct conv=notrunc status=none
	attach_vault v "$disk" $blocks
	tap_is "put there while the volume is in use: it counts" \
		"$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" $many
	tap_is "all of it" "$(vault_ids v | head -n 1) $(vault_line v | cut -d' ' -f9)" \
		"$(guid 500) rw"
	detach v
	detach w
}

# open_again: so that the next change reads the block that it goes to from the disk; and that
# gives an earlier version of it
open_again() {
	detach v
	save "$disk" /run/new
	attach_vault v "$disk" $blocks
	wait_until vault_of_is v state 0 || bail "not verified"
	put_blocks /run/clean "$disk" $((meta + 2))
	forget_messages
}

# is_refused NAME OPERATION ANSWER MESSAGE: by a vault that knew better, and is whole when
# its disk is
is_refused() {
	tap_is "$1" "$(vault v rw "$2" add:/run/next) $(vault_line v | cut -d' ' -f9)" \
		"$3 EIO failed"
	kernel_says "v: $4"
	tap $? "$1: the kernel says \"$4\""
	detach v
	put_blocks /run/new "$disk" $((meta + 2))
	attach_vault v "$disk" $blocks
	tap_is "$1: nothing was lost" "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$') $(
		vault_line v | cut -d' ' -f9)" "$((many + 1)) rw"
}

# A write that was lost: what the disk gives is sound, and not what was there
earlier_version() {
	local message="metadata block 2 is not what it was when it was read or written"
	fresh
	attach_vault v "$disk" $blocks
	passport /run/expired id="$(guid 700)" expires=now-10
	tap_is "one more" "$(vault v rw add:/run/expired)" OK
	open_again
	is_refused "a passport behind one that is lost" add:/run/next EUCLEAN "$message"
	open_again
	is_refused "the removal of one that is lost" remove:"$(guid 700)" EUCLEAN "$message"
	tap_is "it can be removed" "$(vault v rw remove:"$(guid 700)")" OK
	open_again
	put_blocks /run/new "$disk" $((meta + 2))
	tap_is "and others added" "$(vault v rw add:/run/next)" OK
	detach v
}

# A vault that is damaged elsewhere still sets the holds that it knows of
missing_hold() {
	local region start count
	fresh
	attach w "$disk" 100
	attach_vault v "$disk" $blocks
	region=$(region_uuid w)
	detach w
	passport /run/hold id="$(guid 900)" object="$region" status=5
	save "$disk" /run/free
	tap_is "a hold on a region" "$(vault v rw add:/run/hold)" OK
	detach v
	# The region as it was before
	read -r start count < <(vdectl dump "$disk" --json |
		python3 tests/selftests/vault_slots.py worm | sed -n 2p)
	put_blocks /run/free "$disk" "$start" "$count"
	start=$(vdectl dump "$disk" --json | python3 tests/selftests/vault_slots.py worm |
		sed -n '1s/ .*//p')
	put_blocks /run/free "$disk" "$start"
	poke "$disk" $((meta + 1)) 100
	attach w "$disk" 100
	tap_is "that the region has lost" "$(char_of w retention state)" 0
	attach_vault v "$disk" $blocks
	tap_is "is set by a vault that is damaged elsewhere" "$(vault_line v |
		cut -d' ' -f7,9) $(char_of w retention state)" "3/$blocks ro 1"
	detach v
	detach w
}

setup
block
first_block
wrong_commits
unreadable
later
signature
replaced
earlier_version
missing_hold
tap_done

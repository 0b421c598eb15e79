#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A vault on a disk that fails: what cannot be stored is refused and not listed, nothing
# that was acknowledged is lost, nobody is told that all is well in mode failed, and legal
# holds stay where nobody can know.
#
# lab: --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"
. tests/crash/faults.sh

vault_blocks=10
worm_blocks=100

# slots KIND [NR]: sets meta and commits of that region
slots() {
	{ read -r meta _; read -r commits _; } < <(vdectl dump $weak --json |
		python3 tests/selftests/vault_slots.py "$1")
	[ "$commits" ] || bail "no $1"
}

begin() {
	must vdectl format $weak --worm $((worm_blocks * 4096)),retention=1s \
		--vault $((vault_blocks * 4096)) --vault $((vault_blocks * 4096)) --force \
		--destroy-sealed-data >/dev/null
	slots vault
	attach_vault v $weak $vault_blocks
	passport /run/first id="$(guid 1000)" count=5 notes=first
	tap_is "$1: five passports" "$(vault v rw addall:/run/first)" "OK 5"
	forget_messages
}

# next_slot: where the next commit of the first vault goes
next_slot() {
	dd if=$weak bs=4096 skip="$commits" count=16 iflag=direct status=none |
		od -An -v -tu8 -w8192 | awk -v first="$commits" '
			$1 > best { best = $1 }
			END { print first + 2 * ((best + 1) % 8) }'
}

mode() { vault_line v | cut -d' ' -f9; }

# failed NAME PASSPORTS: and what was there is
failed() {
	tap_is "$1: mode is failed" "$(mode)" failed
	kernel_says "mode is now failed"
	tap $? "$1: the kernel's log says so"
	tap_is "$1: the list has what was acknowledged" "$(vault v r count) $(vault_of v passports)" \
		"$2 $2"
	tap_is "$1: it can be read and verified" "$(vault v r verifyall | tr ' ' '\n' |
		grep -c '^valid$')" "$2"
	tap_is "$1: nothing is added or removed" "$(vault v rw add:/run/one remove:"$(guid 1000)")" \
		"EIO EIO"
}

# recovers NAME PASSPORTS: at least, after a crash, on a sound disk
recovers() {
	local there
	swap "$(segment 0 4096 error)"
	detach v
	heal
	is_sound $weak
	tap $? "$1: vdectl check is content with what is left"
	attach_vault v $weak $vault_blocks
	there=$(vault_of v passports)
	tap $((there < $2)) "$1: what was acknowledged is there ($there of $2)"
	tap_is "$1: and verified" "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" "$there"
	tap_is "$1: another can be added" "$(vault v rw add:/run/other)" OK
	detach v
	is_sound $weak
	tap $? "$1: and leaves a sound volume"
}

all_slots() {
	begin "no commit can be written"
	fail error_writes "$commits" 16
	tap_is "no commit can be written: an add fails" "$(vault v rw add:/run/one)" EIO
	tap_is "it is not there" "$(vault v r get:"$(guid 1)")" ENOENT
	failed "no commit can be written" 5
	recovers "no commit can be written" 5
}

removal() {
	begin "a removal that fails"
	must_add v /run/expired
	fail error_writes "$commits" 16
	tap_is "a removal that fails" "$(vault v rw remove:"$(guid 3)")" EIO
	tap_is "the passport is still there" "$(vault v r list:expired | cut -d' ' -f1)" "$(guid 3)"
	failed "a removal that fails" 6
	recovers "a removal that fails" 5
}

suspending() {
	begin "a suspend"
	fail error_writes "$commits" 16
	must dmsetup suspend v
	must dmsetup resume v
	failed "a suspend" 5
	recovers "a suspend" 5
}

one_slot() {
	local i=0
	begin "one bad slot"
	fail error_writes $((commits + 4)) 2
	passport /run/next id="$(guid 2000)" count=8
	i=$(vault v rw addall:/run/next | sed -nE 's/.*OK ([0-9]+).*/\1/p')
	tap $((${i:-0} >= 8)) "one bad slot of eight is met within eight commits (${i:-0})"
	failed "one bad slot" $((5 + ${i:-0}))
	recovers "one bad slot" $((5 + ${i:-0}))
}

# The first block is full, and cannot be written in place
metadata() {
	local got
	begin "a block in place"
	fail error_writes "$meta" 1
	passport /run/next id="$(guid 2000)" count=40 notes="$(printf %0100d 1)"
	got=$(vault v rw addall:/run/next | sed -nE 's/.*OK ([0-9]+).*/\1/p')
	tap $((got < 5 || got > 35)) "a block in place cannot be written when it is full ($got)"
	failed "a block in place" $((5 + got))
	recovers "a block in place" $((5 + got))
}

# One that must be read before it can be changed
unreadable() {
	begin "a block that cannot be read"
	must_add v /run/expired
	passport /run/next id="$(guid 2000)" count=40 notes="$(printf %0100d 1)"
	tap_is "two blocks" "$(vault v rw addall:/run/next) $(vault_of v used_blocks)" "OK 40 3"
	fail error_reads "$meta" 1
	tap_is "a passport in it cannot be removed" "$(vault v rw remove:"$(guid 3)")" EIO
	tap_is "mode is failed" "$(mode)" failed
	heal
	recovers "a block that cannot be read" 46
}

is_waiting() { [ "$(cut -d' ' -f3 /proc/"$1"/stat)" = D ]; }

# Two at once: the first one's commit fails, the second one's could be written
two_adders() {
	local node one two slot
	begin "two at once"
	passport /run/long id="$(guid 100)" notes="$(printf %0200d 1)"
	node=$(char_node v)
	slot=$(next_slot)
	must dmsetup suspend --noflush --nolockfs weak
	vdevault "$node" rw add:/run/long >/run/answer1 &
	one=$!
	wait_until is_waiting $one || bail "no first add"
	vdevault "$node" rw add:/run/one >/run/answer2 &
	two=$!
	wait_until is_waiting $two || bail "no second add"
	fail error_writes "$slot" 2
	wait $one $two
	tap_is "two at once, the first one's commit fails: none is acknowledged" \
		"$(cat /run/answer1 /run/answer2 | paste -sd' ')" "EIO EIO"
	failed "two at once" 5
	recovers "two at once" 5
}

# A hold that does not fit must not leave its region held
full() {
	local region
	begin "a full vault"
	attach w $weak $worm_blocks
	region=$(region_uuid w)
	passport /run/many id="$(guid 2000)" count=400 notes="$(printf %0200d 1)"
	vault v rw addall:/run/many | grep -q ENOSPC || bail "not full"
	passport /run/few id="$(guid 3000)" count=4
	vault v rw addall:/run/few >/dev/null
	passport /run/hold id="$(guid 10)" object="$region" status=5 notes="$(printf %0200d 1)"
	tap_is "a hold that does not fit" "$(vault v rw add:/run/hold)" ENOSPC
	tap_is "does not hold its region" "$(char_of w retention state) $(vault_of v holds)" "0 0"
	detach w
	tap_is "nor one that is detached" "$(vault v rw add:/run/hold)" ENOSPC
	attach w $weak $worm_blocks
	tap_is "when it is attached" "$(char_of w retention state)" 0
	detach w
	detach v
	is_sound $weak
	tap $? "a full vault: sound"
}

# A vault that failed while it stored a hold may have it
unknown_hold() {
	local region
	begin "a hold that may be stored"
	attach w $weak $worm_blocks
	attach_vault u $weak $vault_blocks region=1
	region=$(region_uuid w)
	passport /run/a id="$(guid 10)" object="$region" status=5
	passport /run/b id="$(guid 11)" object="$region" status=5
	passport /run/rb id="$(guid 12)" object="$region" status=6 notes="$(guid 11)"
	tap_is "another vault holds the region" "$(vault u rw add:/run/b)" OK
	fail error_writes "$commits" 16
	tap_is "this one fails when it stores a hold" "$(vault v rw add:/run/a)" EIO
	tap_is "the other one's hold is released" "$(vault u rw add:/run/rb)" OK
	tap_is "the region stays held" "$(char_of w retention state)" 1
	detach v
	heal
	attach_vault v $weak $vault_blocks
	tap_is "until the vault knows" "$(char_of w retention state) $(vault_of v holds)" "0 0"
	detach u
	detach v
	detach w
	is_sound $weak
	tap $? "a hold that may be stored: sound"
}

weak_disk
make_issuer
passport /run/one id="$(guid 1)"
passport /run/other id="$(guid 2)"
passport /run/expired id="$(guid 3)" expires=now-10
all_slots
removal
suspending
one_slot
metadata
unreadable
two_adders
full
unknown_hold
drop_weak_disk
tap_done

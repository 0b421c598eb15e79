#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A caller whose memory does not come, of each call that touches it: the device can be
# suspended, get another table and be removed meanwhile, and the volume be closed cleanly.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh

first_id=01000000111122428333444444444444

# call NAME CALL: begun, and waiting for its memory
call() {
	local node
	node=$(char_node "$1")
	must dmsetup suspend stuck
	python3 tests/selftests/slow_memory.py /dev/mapper/stuck "$node" "$2" $first_id >/run/said &
	caller=$!
	until_sleeps $caller "$node" D
}

# done_within COMMAND...: it does not wait for the memory; that comes in any case
done_within() {
	local status
	"$@" &
	wait_until ended $!
	status=$?
	must dmsetup resume stuck
	wait $!
	return $status
}

ended() { [[ $(cat "/proc/$1/stat" 2>/dev/null) != *") "[!Z]* ]]; }

# removed NAME CALL ANSWER: OK where something was there to tell
removed() {
	call "$1" "$2"
	done_within dmsetup remove "$1"
	tap $? "$2: the device can be removed"
	wait "$caller"
	tap_is "$2: what the caller is told" "$(cat /run/said)" "$3"
}

# replaced NAME CALL: its table is another's now
replaced() {
	local table
	table=$(dmsetup table "$1")
	must dmsetup load "$1" --table "0 8 zero"
	call "$1" "$2"
	done_within dmsetup resume "$1"
	tap $? "$2: the table can be replaced"
	wait "$caller"
	detach "$1"
	must dmsetup create "$1" --table "$table"
}

# suspended NAME CALL
suspended() {
	call "$1" "$2"
	done_within dmsetup suspend "$1"
	tap $? "$2: the device can be suspended"
	must dmsetup resume "$1"
	wait "$caller"
	tap_is "$2: and the call comes to its end" "$(cat /run/said)" OK
}

must dmsetup create stuck --table "0 2048 linear $LAB_DISK1 0"
three "$LAB_DISK0"
suspended w records
suspended s read
! has_ecdsa || suspended v list
! has_ecdsa || suspended v verify
replaced w records
replaced s read
replaced v add
removed w records OK
removed s read ENODEV
removed v add ENODEV
for call in list verify get; do
	attach_vault v "$LAB_DISK0" $vault_blocks
	if has_ecdsa; then removed v $call OK; else detach v; fi
done
is_sound "$LAB_DISK0"
tap $? "all were closed cleanly"
detach stuck
tap_done

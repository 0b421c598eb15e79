#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Activation at and around the borders of log blocks (77 records, then 78 each): after a
# clean close, and on a copy of the disk as a crash after the last commit would leave it.
#
# lab: --disk 4M --disk 4M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=400
seed=7

# clean_at N: close with N blocks, open again
clean_at() {
	attach w "$LAB_DISK0" $blocks
	append w $(($1 - $(status w hwm))) $seed 20
	detach w
	is_sound "$LAB_DISK0" && attach w "$LAB_DISK0" $blocks
	tap_is "$1 blocks, closed cleanly: all there" \
		"$(status w hwm) $(status w committed) $(io w direct "read:0:$1:$seed" \
			"zeros:$1:$((blocks - $1))")" "$1 $1 OK OK"
	detach w
}

# crash_at N: what the disk holds after a commit, without a close, on another disk
crash_at() {
	attach w "$LAB_DISK0" $blocks commit_ms=3600000
	append w $(($1 - $(status w hwm))) $seed 13
	commit w
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	detach w
	vdectl check "$LAB_DISK1" --data >/run/check
	tap_is "$1 blocks, not closed: vdectl finds no damage" $? 0
	attach copy "$LAB_DISK1" $blocks
	tap_is "$1 blocks, not closed: all there" \
		"$(status copy hwm) $(status copy committed) $(io copy direct "read:0:$1:$seed" \
			"zeros:$1:$((blocks - $1))")" "$1 $1 OK OK"
	append copy 2 $seed 1
	detach copy
	is_sound "$LAB_DISK1" && attach copy "$LAB_DISK1" $blocks
	tap_is "$1 blocks, not closed: appending goes on" \
		"$(status copy hwm) $(io copy direct "read:0:$(($1 + 2)):$seed")" "$(($1 + 2)) OK"
	detach copy
}

format "$LAB_DISK0" $blocks
for count in 0 1 76 77 78 79 154 155 156 157; do clean_at $count; done
tap_is "each record is of its block" \
	"$(vdectl log "$LAB_DISK0" --json | jq '[.records[].index] == [range(0; 157)]')" true

format "$LAB_DISK0" $blocks
for count in 0 1 76 77 78 154 155 156 233 398; do crash_at $count; done
tap_done

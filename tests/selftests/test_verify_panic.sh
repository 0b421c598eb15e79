#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# on_corruption=panic and restart do that, and only when damage is found.
#
# damages: disks
# host: --timeout 240
set -u
. "$(dirname "$0")/lib.sh"

disk=$LAB_SCRATCH/disk
log=$LAB_SCRATCH/log

# What the machine does; it may boot a second time
inside() {
	[ ! -e "$LAB_SCRATCH/here" ] || { echo again; exit; }
	format "$LAB_DISK0" 500
	attach w "$LAB_DISK0" 500 "on_corruption=$1"
	append w 300 1
	io w direct read:0:300:1
	poke "$LAB_DISK0" $(($(data_start_of 500) + 123))
	io w direct read:0:123:1 read:124:176:1
	echo here | tee "$LAB_SCRATCH/here"
	sync
	io w direct read:123:1:1
	echo there
}

# machine CHOICE: leaves what it said in $said
machine() {
	rm -f "$disk" "$LAB_SCRATCH/here"
	truncate -s 4M "$disk"
	said=$(tests/lab/run --kernel "$KERNEL" --disk "$disk" --rw "$LAB_SCRATCH" --log "$log" \
		-- "$0" inside "$1" 2>/dev/null | paste -sd' ')
}

if [ "${1-}" = inside ]; then
	inside "$2"
	exit
fi
machine error
tap_is "error: the read fails, nothing else" "$said" "OK OK OK here EILSEQ there"
machine panic
tap_is "panic: the machine stops at the damaged block" "$said" "OK OK OK here"
grep -q 'Kernel panic - not syncing: vde w: block 123 is corrupted' "$log"
tap $? "panic: which says so"
machine restart
tap_is "restart: the machine boots once more" "$said" "OK OK OK here again"
grep -q 'vde w: block 123 is corrupted, restarting' "$log"
tap $? "restart: it said so"
! grep -q 'Kernel panic' "$log"
tap $? "restart: that is no panic"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Requests that are not of whole blocks: a device that was stacked above while another table
# took sectors still passes them on. Each region refuses them, shows nothing and changes
# nothing; whole blocks pass.
#
# lab: --disk 8M
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh

# below_stale NAME SECTORS: detaches it, and attaches it again below a device that was made
# for sectors, "up"
below_stale() {
	local table
	table=$(dmsetup table "$1")
	detach "$1"
	must dmsetup create "$1" --table "0 $2 linear $LAB_DISK0 0"
	must dmsetup create up --table "0 $2 linear /dev/mapper/$1 0"
	must dmsetup load "$1" --table "$table"
	must dmsetup resume "$1"
}

# sector AT: a sum of what is read, and the error, if there is one
sector() {
	dd if=/dev/mapper/up bs=512 skip="$1" count=1 iflag=direct 2>/run/said | md5sum |
		cut -d' ' -f1
	grep -o 'Input/output error' /run/said
}

none=$(md5sum </dev/null | cut -d' ' -f1)

# refused NAME KIND BLOCK...: single sectors of these blocks
refused() {
	local name=$1 kind=$2 block at
	must [ "$(blockdev --getss /dev/mapper/up)" = 512 ]
	for block in "${@:3}"; do
		for at in $((block * 8)) $((block * 8 + 3)) $((block * 8 + 7)); do
			tap_is "$kind: sector $at" "$(sector "$at")" "$none
Input/output error"
		done
	done
	must dd if=/dev/urandom of=/run/sector bs=512 count=1 status=none
	! dd if=/run/sector of=/dev/mapper/up bs=512 seek=$(($3 * 8 + 1)) oflag=direct \
		conv=notrunc status=none 2>/run/said
	tap $? "$kind: none is written"
	tap_is "$kind: a whole block is read" "$(dd if=/dev/mapper/up bs=4096 skip="$3" count=1 \
		iflag=direct status=none | md5sum)" "$(dd if="/dev/mapper/$name" bs=4096 \
		skip="$3" count=1 iflag=direct status=none | md5sum)"
	must dmsetup remove up
}

three "$LAB_DISK0"
below_stale w $((worm_blocks * 8))
refused w "a WORM region" 5 159 160
below_stale s $((131 * 8))
refused s "a stream" 120 129 130
below_stale v $((vault_blocks * 8))
! has_ecdsa || refused v "a vault" 0 1
[ ! -e /dev/mapper/up ] || must dmsetup remove up
intact "afterwards"
go_on "afterwards"
detach v
detach s
detach w
tap_done

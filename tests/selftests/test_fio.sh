#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fio writes and verifies: buffered and O_DIRECT, block sizes 4 KiB to 4 MiB, queue depths
# 1 to 64. Then the table of a device, with every option set, makes the same device.
#
# lab: --disk 220M --timeout 180
set -u
. "$(dirname "$0")/lib.sh"

blocks=51200 # 200 MiB
node=/dev/mapper/w

# fio_case ENGINE DIRECT BS DEPTH MEBIBYTES: appends and verifies
fio_case() {
	local engine=$1 direct=$2 bs=$3 depth=$4 size=$5 at name
	at=$(status w hwm)
	name="fio $engine direct=$direct bs=$bs iodepth=$depth"
	fio --name=w --filename=$node --rw=write --ioengine="$engine" --direct="$direct" \
		--bs="$bs" --iodepth="$depth" --offset=$((at * 4096)) --size="${size}M" \
		--verify=crc32c --do_verify=1 --verify_fatal=1 --end_fsync=1 --thread \
		--allow_mounted_write=1 --minimal >/run/fio 2>&1
	tap_is "$name verifies" "$?" 0
	tap_is "$name: counters are exact" \
		"$(status w hwm) $(status w committed) $(status w refused) $(status w inflight)" \
		"$((at + size * 256)) $((at + size * 256)) 0 0 0 0 0"
}

matrix() {
	fio_case psync 0 4k 1 4
	fio_case psync 0 64k 1 8
	fio_case psync 0 4M 1 16
	fio_case io_uring 0 128k 16 16
	fio_case psync 1 4M 1 16
	fio_case libaio 1 4k 1 2
	fio_case libaio 1 4k 64 4
	fio_case libaio 1 64k 8 8
	fio_case libaio 1 1M 16 32
	fio_case libaio 1 4M 8 48
	fio_case io_uring 1 4k 32 4
	fio_case io_uring 1 256k 64 24
}

# sealed_blocks: each record against the data, by another program than the driver
sealed_blocks() {
	local hwm
	hwm=$(status w hwm)
	detach w
	vdectl check "$LAB_DISK0" --data >/run/check 2>&1
	tap_is "vdectl finds nothing wrong" $? 0
	grep -q "^$hwm blocks of data" /run/check
	tap $? "vdectl compared every sealed block"
	tap_is "as many records as blocks" \
		"$(vdectl log "$LAB_DISK0" --json | jq '.records | length')" "$hwm"
}

# round_trip OPTION...: a table that dmsetup prints makes the device that printed it
round_trip() {
	local printed
	attach w "$LAB_DISK0" $blocks "$@"
	printed=$(dmsetup table w)
	detach w
	dmsetup create w --table "$printed"
	tap_is "dmsetup takes back '${printed#* vde }'" "$?" 0
	tap_is "and prints the same again" "$(dmsetup table w)" "$printed"
	detach w
}

round_trips() {
	local uuid
	uuid=$(uuid_on "$LAB_DISK0")
	round_trip
	tap_is "region=0 is printed although it was not given" "$(
		attach w "$LAB_DISK0" $blocks
		dmsetup table w | cut -d' ' -f5-
		detach w
	)" "worm 1 region=0"
	round_trip region=0 reorder_ms=0 sync
	round_trip sync commit_ms=1 max_inflight=4096 "uuid=$uuid" reorder_ms=10000 region=0
	attach w "$LAB_DISK0" $blocks sync commit_ms=77 max_inflight=65536 "uuid=$uuid" \
		reorder_ms=5 region=0
	tap_is "every option is printed with its value" \
		"$(dmsetup table w | cut -d' ' -f6- | tr ' ' '\n' | sort | paste -sd' ' -)" \
		"6 commit_ms=77 max_inflight=65536 region=0 reorder_ms=5 sync uuid=$uuid"
	append w 100 9 3
	tap_is "a device with every option set works" "$(io w direct \
		"read:$(($(status w hwm) - 100)):100:9" fsync)" "OK OK"
	detach w
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks
matrix
sealed_blocks
round_trips
tap_done

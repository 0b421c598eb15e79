#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is appended can be read back, is recorded, and nothing else shows: with dd, to the
# last block of a region.
#
# also: stock-6.1
# lab: --disk 40M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=4096
node=/dev/mapper/w

# garbage DISK: other bytes, so that a zero is never an accident
garbage() {
	tr '\0' '\252' </dev/zero | dd of="$1" bs=1M oflag=direct iflag=fullblock \
		status=none count=$(($(blockdev --getsize64 "$1") >> 20)) || bail "cannot fill $1"
}

# sums FILE: SHA-256 of each block of a file
sums() {
	python3 -c '
import hashlib, sys
data = open(sys.argv[1], "rb").read()
for at in range(0, len(data), 4096):
    print(hashlib.sha256(data[at:at + 4096]).hexdigest())' "$1"
}

dd_write() { dd if=/run/payload of=$node conv=notrunc status=none "$@"; }

# dd_case NAME WRITE-OPTIONS READ-OPTIONS: 2 MiB more
dd_case() {
	local name=$1 write=$2 read=$3 at
	at=$(status w hwm)
	dd if=/dev/urandom of=/run/payload bs=1M count=2 status=none
	# shellcheck disable=SC2086
	dd_write oflag=seek_bytes,$write seek=$((at * 4096)) conv=notrunc,fsync ||
		bail "dd $write"
	# shellcheck disable=SC2086
	cmp -s /run/payload <(dd if=$node iflag=skip_bytes,count_bytes,$read \
		skip=$((at * 4096)) count=2M status=none)
	tap $? "dd $name: what was written is read back"
	cat /run/payload >>/run/all
	tap_is "dd $name: counters are exact" "$(dmsetup status w)" \
		"0 $((blocks * 8)) vde 0 $((at + 512))/$blocks $((at + 512)) $((at + 512)) 0 0 0 0 0 0 rw"
}

appending() {
	: >/run/all
	hold w
	tap_is "an empty region reads as zeros, whatever the disk held" \
		"$(io w direct zeros:0:$blocks)" OK
	dd_case "4 KiB, direct" "direct bs=4k" "direct bs=1M"
	dd_case "64 KiB, direct" "direct bs=64k" "direct bs=4k"
	dd_case "2 MiB, direct" "direct bs=2M" "direct bs=2M"
	dd_case "buffered" "append bs=1M" "fullblock bs=1M"
	tap_is "above the mark: zeros, directly" \
		"$(io w direct zeros:2048:$((blocks - 2048)))" OK
	tap_is "above the mark: zeros, buffered" \
		"$(io w buffered zeros:2048:$((blocks - 2048)))" OK
	cmp -s <(dd if=$node bs=1M iflag=direct,skip_bytes skip=$(((2048 - 100) * 4096)) count=1 \
		status=none) <(tail -c 409600 /run/all; head -c $((1048576 - 409600)) /dev/zero)
	tap $? "one read across the mark is data, then zeros"
	append w 1 5
	tap_is "a page that was read above the mark shows what was appended there" \
		"$(io w buffered read:2048:1:5)" OK
	dd if=$node bs=4k skip=2048 count=1 status=none >>/run/all
	release
}

records() {
	local count
	vdectl log w --json >/run/log || bail "vdectl log w"
	count=$(jq '.records | length' /run/log)
	tap_is "as many records as sealed blocks" "$count" "$(status w hwm)"
	tap_is "the log's mark is the device's" "$(jq .hwm /run/log)" "$(status w hwm)"
	cmp -s <(jq -r '.records[].sha256' /run/log) <(sums /run/all)
	tap $? "records hold the SHA-256 of their blocks"
	tap_is "records are numbered from 0" \
		"$(jq '[.records[].index] == [range(0; .records | length)]' /run/log)" true
	tap_is "records are of whole blocks" \
		"$(jq '[.records[].length] | unique == [4096]' /run/log)" true
	tap_is "no record is older than the one before" \
		"$(jq '[.records[].ticks] | . == sort' /run/log)" true
}

again() {
	detach w
	is_sound "$LAB_DISK0"
	tap $? "vdectl finds nothing wrong with the volume"
	attach w "$LAB_DISK0" $blocks
	cmp -s /run/all <(dd if=$node bs=4k iflag=direct count=2049 status=none)
	tap $? "all of it is there after another activation"
	vdectl log w >/run/records
	[ -s /run/records ] && vdectl log "$LAB_DISK0" | cmp -s - /run/records
	tap $? "so are the records"
	tap_is "an activation changes no number" "$(dmsetup status w)" \
		"0 $((blocks * 8)) vde 0 2049/$blocks 2049 2049 0 0 0 0 0 0 rw"
	detach w
}

# What is hashed must be what is stored, whatever the caller does to the buffer meanwhile
restless() {
	local at words=()
	attach w "$LAB_DISK0" $blocks
	for ((at = 2049; at < 2049 + 10 * 128; at += 128)); do
		words+=("restless:$at:128:1")
	done
	io w direct "${words[@]}" | all_ok
	tap $? "writes whose buffer changes in flight are accepted"
	detach w
	is_sound "$LAB_DISK0"
	tap $? "and their records match their data"
}

# A region that is no multiple of anything
filling() {
	garbage "$LAB_DISK1"
	format "$LAB_DISK1" 201
	attach small "$LAB_DISK1" 201
	append small 196 3 7
	tap_is "a write across the end is cut there" "$(io small direct write:196:7:3)" SHORT
	tap_is "a write at the end has no space" "$(io small direct write:201:1:3)" ENOSPC
	tap_is "a full region holds what was written" "$(io small direct read:0:201:3)" OK
	tap_is "a full region is full" "$(status small hwm) $(status small capacity)" "201 201"
	tap_is "a full region refuses a rewrite" "$(io small direct write:200:1:4)" EOPNOTSUPP
	tap_is "a full region can be flushed" "$(io small direct fsync)" OK
	detach small
	attach small "$LAB_DISK1" 201
	tap_is "a full region is full after another activation" \
		"$(status small hwm) $(io small direct read:0:201:3)" "201 OK"
	detach small
	is_sound "$LAB_DISK1"
	tap $? "vdectl finds nothing wrong with a full volume"
}

garbage "$LAB_DISK0"
format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks
appending
records
again
restless
filling
tap_done

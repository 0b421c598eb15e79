#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Appends through the character device: every length, every way to write, its limits, what
# must not be sealed, and what a reader of the block node sees.
#
# lab: --disk 256M --disk 4M --timeout 150
set -u
. "$(dirname "$0")/lib.sh"

blocks=50000
most=16777216

# appends NAME LENGTH OPERATION: it takes them all, and they can be read back
appends() {
	local at
	at=$(status w hwm)
	tap_is "$1" "$(char w rw "$3" "holds:$at:$2:7") $(($(status w hwm) - at))" \
		"$2 OK $((($2 + 4095) / 4096))"
}

# refuses NAME WANT MODE OPERATION...: and nothing is sealed
refuses() {
	local name=$1 want=$2 at
	shift 2
	at=$(status w hwm)
	tap_is "$name: $want" "$(char w "$@") $(status w hwm)" "$want $at"
}

each_length() {
	local at
	at=$(status w hwm)
	tap_is "write(2) of each length from 1 to 8193" "$(char w w lengths:1:8193)" OK
	tap_is "so many blocks are sealed" $(($(status w hwm) - at)) 12291
	tap_is "each reads back, padded with zeros, and is recorded so" \
		"$(char w r "holds_lengths:$at:1:8193")" OK
}

# sample NAME BLOCK LENGTH: openssl says the same of the bytes that dd reads
sample() {
	local digest
	digest=$(dd if=/dev/mapper/w iflag=direct bs=4096 skip="$2" count=1 status=none |
		head -c "$3" | openssl dgst -sha256 -r | cut -d' ' -f1)
	tap_is "$1: openssl's digest" "$(char w r "record:$2" | sed 's/time=[0-9]* //')" \
		"length=$3 digest=$digest"
}

samples() {
	sample "length 1" 0 1
	sample "length 100" 99 100
	sample "length 4096" 4095 4096
	sample "the end of length 4097" 4097 1
}

ways() {
	local at
	appends "write(2)" 5000 write:5000:7
	appends "writev(2)" 9000 writev:7:1:4094:2:0:4096:807
	appends "writev(2) of 1300 bytes in 13 pieces" 1300 \
		writev:7:100:100:100:100:100:100:100:100:100:100:100:100:100
	at=$(status w hwm)
	tap_is "VDE_IOC_APPEND tells where" \
		"$(char w rw append:10000:7 append:1:8 "holds:$at:10000:7" "holds:$((at + 3)):1:8")" \
		"$at+3 $((at + 3))+1 OK OK"
	at=$(status w hwm)
	tap_is "splice(2) from a pipe" \
		"$(char w rw splice:300000:7 "holds_pieces:$at:300000:7")" "300000 OK"
	at=$(status w hwm)
	tap_is "sendfile(2) from a file" \
		"$(char w rw sendfile:200001:7 "holds_pieces:$at:200001:7")" "200001 OK"
	appends "write(2) of 1 MiB and a byte" 1048577 write:1048577:7
}

limits() {
	local at
	appends "write(2) of 16 MiB" $most write:$most:7
	at=$(status w hwm)
	tap_is "write(2) of a byte more is short" \
		"$(char w rw write:$((most + 1)):7 "holds:$at:$most:7") $(status w hwm)" \
		"$most OK $((at + 4096))"
	at=$(status w hwm)
	tap_is "VDE_IOC_APPEND of 16 MiB" "$(char w rw append:$most:7 "holds:$at:$most:7")" \
		"$at+4096 OK"
	refuses "VDE_IOC_APPEND of a byte more" EMSGSIZE w append:$((most + 1)):7
	refuses "VDE_IOC_APPEND of 2^64-1 bytes" EMSGSIZE w append:0xffffffffffffffff:7
	refuses "VDE_IOC_APPEND of nothing" EINVAL w append:0:7
	refuses "write(2) of nothing" 0 w write:0:7
	refuses "writev(2) of nothing" 0 w writev:7:0:0
}

bad_memory() {
	refuses "write(2), no memory" EFAULT w halfwrite:0:100
	refuses "write(2), half a block of memory" EFAULT w halfwrite:100:100
	refuses "write(2), the last byte is missing" EFAULT w halfwrite:8192:1
	refuses "write(2), the last of many bytes is missing" EFAULT w halfwrite:3000000:1
	refuses "writev(2), a piece is missing" EFAULT w halfwritev:5000:10
	refuses "VDE_IOC_APPEND, no memory" EFAULT w halfappend:0:5000
	refuses "VDE_IOC_APPEND, the last byte is missing" EFAULT w halfappend:1000000:1
	appends "an append after those" 5000 write:5000:7
}

bad_files() {
	refuses "write(2), open for reading" EBADF r write:100:7
	refuses "VDE_IOC_APPEND, open for reading" EBADF r append:100:7
	refuses "read(2)" EINVAL rw read
}

# durable NAME WANT MODE OPERATION: is all of it durable after that?
durable() {
	local got
	got=$(char w "$3" "$4")
	[ "$(status w committed)" = "$(status w hwm)" ]
	tap_is "$1: durable" "$got $?" "$2 0"
}

durability() {
	local at
	commit w
	at=$(status w hwm)
	char w w write:5000:7 append:5000:7 >/dev/null
	tap_is "an append is not durable at once" "$(status w committed) $(status w hwm)" \
		"$at $((at + 4))"
	durable "fsync" OK w fsync
	char w w write:100:7 >/dev/null
	durable "fdatasync" OK w fdatasync
	durable "write(2), O_DSYNC" 5000 w,dsync write:5000:7
	durable "writev(2), O_DSYNC" 15 w,dsync writev:7:5:10
	durable "RWF_DSYNC" 5000 w dsync:5000:7
	at=$(status w hwm)
	durable "VDE_IOC_APPEND_DURABLE" "$at+2" w append:5000:7:1
	durable "an fsync with nothing to do" OK w fsync
}

# A page cache that holds zeros, kept by an open node
cached() {
	local at
	at=$(status w hwm)
	hold w
	tap_is "above the mark: zeros, and the page cache knows them" \
		"$(io w buffered "zeros:$at:100")" OK
	tap_is "appended there" "$(char w w write:81920:7 append:4000:9)" \
		"81920 $((at + 20))+1"
	cmp -s <(dd if=/dev/mapper/w bs=4096 skip="$at" count=21 status=none) \
		<(dd if=/dev/mapper/w bs=4096 skip="$at" count=21 iflag=direct status=none)
	tap $? "a buffered reader sees it at once"
	tap_is "behind it there are zeros still" "$(io w buffered "zeros:$((at + 21)):50")" OK
	tap_is "a mapping that has shown zeros shows it" \
		"$(char w rw mapped:40000:7 mapped:100:8)" "OK OK"
	release
}

full() {
	format "$LAB_DISK1" 20
	must dmsetup create s --table "$(table "$LAB_DISK1" 20 commit_ms=3600000)"
	tap_is "18 of 20 blocks" "$(char s w write:73728:7)" 73728
	tap_is "3 blocks do not fit: all or nothing" \
		"$(char s w write:8193:7 append:12288:7 writev:7:4096:4097) $(status s hwm)" \
		"ENOSPC ENOSPC ENOSPC 18"
	tap_is "nor does what write(2) would cut" "$(char s w write:20000000:7) $(status s hwm)" \
		"ENOSPC 18"
	tap_is "too long comes before no space" "$(char s w append:$((most + 1)):7)" EMSGSIZE
	tap_is "they are counted as refused" "$(status s refused)" "0 0 4 0"
	tap_is "2 blocks fit" "$(char s rw write:8191:7 holds:18:8191:7) $(status s hwm)" \
		"8191 OK 20"
	tap_is "nothing fits in a full region" "$(char s w write:1:7 append:1:7)" "ENOSPC ENOSPC"
	tap_is "but it can be made durable" "$(char s w fsync) $(status s committed)" "OK 20"
	detach s
	is_sound "$LAB_DISK1"
	tap $? "vdectl finds nothing wrong with it"
}

read_only() {
	must dmsetup create s -r --table "$(table "$LAB_DISK1" 20)"
	tap_is "read-only: no append" \
		"$(char s rw write:1:7 append:1:7 append:5000:7:1 | sed 's/^open: //')" \
		"EROFS EROFS EROFS"
	tap_is "read-only: records and data" "$(char s r holds:0:73728:7)" OK
	detach s
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks commit_ms=3600000
each_length
samples
ways
limits
bad_memory
bad_files
durability
cached
commit w
tap_is "nothing was refused by the region" "$(status w refused) $(status w mode)" "0 0 0 0 rw"
hwm=$(status w hwm)
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
attach w "$LAB_DISK0" $blocks
tap_is "all of it is there after another activation" \
	"$(status w hwm) $(char w r holds_lengths:0:1:8193)" "$hwm OK"
detach w
full
read_only
tap_done

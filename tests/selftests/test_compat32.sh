#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 32-bit programs: each command and call of the character device does for them what it does
# for others. User-Mode Linux cannot run them, nor can every stock kernel.
#
# only: stock-6.1 stock-6.12
# also: stock-6.1
# lab: --disk 8M --disk 8M --timeout 100
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

blocks=1000
hour=36000000000

# char32 NAME MODE OPERATION...: what the 32-bit vdechar answers, in one line
char32() {
	local node
	node=$(char_node "$1")
	shift
	vdechar32 "$node" "$@" 2>&1 | paste -sd' ' -
}

# same NAME DEVICE OPERATION: both programs are told the same, but for the time
same() {
	tap_is "$1" "$(char32 "$2" r "$3" | without_time)" "$(char "$2" r "$3" | without_time)"
}

without_time() { sed -E 's/ (clock|remaining)=[0-9]+//g'; }

tells() {
	local word
	for word in info status retention scrub record:0 record:6 records:0:7 records:2:3:64; do
		same "$word" w "$word"
	done
	tap_is "errors are the same" "$(char32 w r record:999 records:999:1 extend:1)" \
		"$(char w r record:999 records:999:1 extend:1)"
}

appends() {
	tap_is "write(2), with RWF_DSYNC, writev(2)" \
		"$(char32 w rw write:5000:7 dsync:100:7 writev:7:1:4094:2)" "5000 100 4097"
	tap_is "VDE_IOC_APPEND" "$(char32 w rw append:4097:7 append:1:8)" "5+2 7+1"
	tap_is "what it has appended is there, and its digests are" \
		"$(char w r holds:0:5000:7 holds:2:100:7 holds:3:4097:7 holds:5:4097:7 holds:7:1:8)" \
		"OK OK OK OK OK"
	tap_is "memory that is not there" \
		"$(char32 w rw halfwrite:4096:4096 halfappend:4096:4096) $(status w hwm)" \
		"EFAULT EFAULT 8"
	tap_is "fsync(2), fdatasync(2)" \
		"$(char32 w rw fsync fdatasync) $(status w committed)" "OK OK 8"
}

changes() {
	tap_is "a period is extended, and cannot be shortened" \
		"$(char32 w rw extend:$((2 * hour)) extend:1) $(char_of w retention retention)" \
		"OK EINVAL $((2 * hour))"
	tap_is "the region cannot be reset" "$(char32 w rw reset)" EAGAIN
	tap_is "a scrub" "$(char32 w rw start:99999:0 start:0:0:1)" "ENODATA OK"
	wait_until scrub_has_ended
	tap_is "the scrub has ended" "$(char32 w r scrub | grep -o 'corrupted=[0-9]*')" "corrupted=0"
	same "its result" w scrub
}

scrub_has_ended() { [[ $(char w r scrub) != state=1* ]]; }

streams() {
	tap_is "put, commit and get" \
		"$(char32 r rw put:9:1 fsync seek:0:0 get:3:1 get:9:1)" "0+9 OK 0 0+3 3+6"
	tap_is "an offset beyond 4 GiB is refused as such" "$(char32 r r seek:0x200000000:0)" ENXIO
	same "ring" r ring
	tap_is "wait: what is there" "$(char32 r r wait:3 wait:9:1)" "0-9 ETIMEDOUT"
	tap_is "poll(2), with data and without" \
		"$(char32 r rw await:0 nonblock get:9:1 get:1:1 poll)" "0x1 OK 0+9 EAGAIN 0x4"
	tap_is "a count is consumed, then up to a position" "$(char32 r rw count:4 consume:6)" "4-4 6-2"
	tap_is "a reset" "$(char32 r rw anew) $(ring r head tail)" "OK 0 0"
}

tap_is "the program is a 32-bit one" \
	"$(od -An -tu1 -j4 -N1 "$(command -v vdechar32)" | tr -d ' ')" 1
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1h >/dev/null
attach w "$LAB_DISK0" $blocks
appends
tells
changes
detach w
is_sound "$LAB_DISK0"
tap $? "the volume is sound"
format_stream "$LAB_DISK1" 500
attach_stream r "$LAB_DISK1"
streams
detach r
is_sound "$LAB_DISK1"
tap $? "the stream is sound"
tap_done

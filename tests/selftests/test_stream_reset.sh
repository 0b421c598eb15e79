#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Positions that start at 0 again: nothing of what was there can be read any more, what is
# allocated stays, and all of that is durable, whoever uses the stream meanwhile.
#
# lab: --disk 8M --disk 8M --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
node=/dev/mapper/r

# From all sides; the page cache is kept by an open file
once() {
	format_stream "$disk" 20,growth=4
	attach_stream r "$disk" reserve=2
	hold r
	fill r 35 1 5
	tap_is "before: what is there is in the page cache" \
		"$(io r buffered "read:$(ring r tail):$((35 - $(ring r tail))):1")" OK
	tap_is "a reset" "$(char r rw anew)" OK
	tap_is "the status line" "$(dmsetup status r)" \
		"0 $longest vde 0 0 0 20/20 0 $(ring r lost) 0 0 0 0 0 rw"
	tap_is "sysfs" "$(in_sysfs r write_head read_tail entries allocated_blocks \
		allocation_percent)" "0 0 0 20 100"
	tap_is "what was there cannot be read" "$(io r direct read:0:1:1 read:20:5:1 read:34:1:1) $(
		io r buffered read:20:1:1 read:34:1:1) $(char r r nonblock get:1:1)" \
		"ENODATA ENODATA ENODATA EIO EIO OK EAGAIN"
	tap_is "the first position is 0" "$(io r direct write:35:1:2 write:0:7:2 write:0:1:2)" \
		"EIO OK EOPNOTSUPP"
	tap_is "new data is read, also where a page held the old" "$(io r direct read:0:7:2) $(io r \
		buffered read:0:7:2 read:7:1:1 read:20:1:1) $(char r r get:20:2)" \
		"OK OK EIO EIO 0+7"
	fill r 38 2 3
	tap_is "over the places where the old pages were" "$(io r buffered "read:$(
		ring r tail):$((45 - $(ring r tail))):2")" OK
	tap_is "what was lost before is not forgotten" "$(in_sysfs r lost_entries)" \
		"$(ring r lost)"
	release
	detach r
	is_sound "$disk"
	tap $? "sound"
}

# durable: at once, and by a clean close
durable() {
	format_stream "$disk" 20,growth=4
	attach_stream r "$disk" commit_ms=3600000
	fill r 9 1
	tap_is "a reset" "$(char r rw fsync anew)" "OK OK"
	copy_disk "$disk" "$LAB_DISK1"
	fill r 3 2
	detach r
	attach_stream r "$LAB_DISK1"
	tap_is "a crash keeps it" "$(ring r head tail allocated) $(io r direct read:0:1:1)" \
		"0 0 12 ENODATA"
	detach r
	is_sound "$LAB_DISK1"
	tap $? "and what is left is sound"
	attach_stream r "$disk"
	tap_is "so does another activation" "$(ring r head tail allocated) $(io r direct read:0:3:2)" \
		"3 0 12 OK"
	tap_is "a reset, closed at once" "$(char r rw anew)" OK
	detach r
	attach_stream r "$disk"
	tap_is "is kept" "$(ring r head tail allocated) $(char r rw put:13:3 get:13:3)" \
		"0 0 12 0+13 0+13"
	tap_is "growing goes on" "$(ring r allocated)" 16
	detach r
}

full() {
	format_stream "$disk" 20,policy=stop
	attach_stream r "$disk"
	fill r 20 1
	tap_is "a full stream that stops" "$(char r rw put:1:1 consume:5 anew anew put:21:1 put:20:2 \
		put:1:1)" "ENOSPC 5-5 OK OK ENOSPC 0+20 ENOSPC"
	tap_is "has room again" "$(ring r head tail lost) $(io r direct read:0:20:2)" "20 0 0 OK"
	detach r
	format_stream "$disk" 20
	attach_stream r "$disk"
	tap_is "an empty one" "$(char r rw anew) $(ring r head tail allocated)" "OK 0 0 0"
	detach r
	is_sound "$disk"
	tap $? "sound"
}

# Who may not, and when; nothing happens then
refusals() {
	format_stream "$disk" 20
	attach_stream r "$disk"
	fill r 10 1
	tap_is "not allowed to" "$(char r rw nobody anew)" "OK EPERM"
	tap_is "another user with the capability" "$(char r rw uid:1000 count:1)" "OK 1-1"
	tap_is "open for reading" "$(char r r anew)" EBADF
	tap_is "nothing has happened" "$(ring r head tail) $(io r direct read:1:9:1)" "10 1 OK"
	tap_is "another user with the capability may" "$(char r rw uid:1000 anew)" "OK OK"
	detach r
	must dmsetup create r -r --table "$(stream_table "$disk" "$longest")"
	tap_is "read-only" "$(char r rw anew)" EROFS
	detach r
}

# The disk fails under it
failing() {
	null_disk flaw 8
	must dmsetup create weak --table "0 16384 linear /dev/flaw 0"
	format_stream /dev/mapper/weak 20
	attach_stream r /dev/mapper/weak
	fill r 10 1
	must [ "$(char r rw fsync)" = OK ]
	must dmsetup load weak --table "0 80 linear /dev/flaw 0
80 16304 flakey /dev/flaw 80 0 1 1 error_writes"
	must dmsetup resume --noflush weak
	tap_is "the disk fails: EIO, mode is failed" "$(char r rw anew anew) $(ring r mode)" \
		"EIO EIO failed"
	tap_is "the disk fails: reads go on, writes do not" "$(ring r head tail) $(io r direct \
		read:0:10:1 write:10:1:1) $(char r r get:20:1)" "10 0 OK EIO 0+10"
	must dmsetup load weak --table "0 16384 linear /dev/flaw 0"
	must dmsetup resume weak
	detach r
	attach_stream r /dev/mapper/weak
	tap_is "the disk is sound again: nothing was reset" \
		"$(ring r head tail mode) $(io r direct read:0:10:1)" "10 0 rw OK"
	detach r
	is_sound /dev/mapper/weak
	tap $? "and what is left is sound"
	must dmsetup remove weak
	drop_null_disk flaw
}

suspended() {
	local node
	format_stream "$disk" 20
	attach_stream r "$disk"
	fill r 10 1
	must dmsetup suspend r
	node=$(char_node r)
	vdechar "$node" rw anew >/run/anew &
	until_sleeps $! "$node"
	tap_is "suspended: a reset waits" "$(ring r head) $(cat /run/anew)" "10 "
	must dmsetup resume r
	wait $!
	tap_is "resumed: it goes on" "$(cat /run/anew) $(ring r head)" "OK 0"
	detach r
}

# While a reset waits for the resume, the node's page cache is empty already: a reader waits
# as well, who would get the old page otherwise
no_old_pages() {
	local node anew reader
	format_stream "$disk" 20
	attach_stream r "$disk"
	hold r
	fill r 10 1
	tap_is "in the page cache" "$(io r buffered read:0:10:1)" OK
	must dmsetup suspend r
	node=$(char_node r)
	vdechar "$node" rw anew >/run/anew &
	anew=$!
	until_sleeps $anew "$node"
	vdeio /dev/mapper/r buffered read:3:1:1 >/run/read &
	reader=$!
	until_sleeps $reader /dev/mapper/r
	tap_is "none is shown any more when the ring is emptied" "$(cat /run/read)" ""
	must dmsetup resume r
	wait $anew $reader
	tap_is "and none is afterwards" "$(cat /run/anew /run/read) $(ring r head)" "OK
EIO 0"
	release
	detach r
}

# under_load SPEC READ-DELAY: everybody at once
under_load() {
	local said
	must dmsetup create slow --table "0 49152 delay /dev/busy 0 $2 /dev/busy 0 0"
	format_stream /dev/mapper/slow "$1"
	attach_stream r /dev/mapper/slow reorder_ms=1
	said=$(ringanew $node "$(char_node r)" 2)
	[[ $said == *OK ]]
	tap $? "resets under load, $1, reads take $2 ms: $said"
	[[ $said =~ ^resets:\ [1-9].*calls:\ [1-9].*writes:\ [1-9].*direct:\ [1-9].*reads:\ [1-9] ]]
	tap $? "each has done something"
	# Between two resets a slow disk may let no buffered read come to its end
	if [ "$2" = 0 ]; then
		[[ $said =~ buffered:\ [1-9] ]]
		tap $? "buffered readers, too"
	fi
	tap_is "and nothing is stuck" "$(ring r inflight mode) $(io r direct fsync) $(
		char r rw anew put:3:1 get:9:1 get:9:1)" "0 rw OK OK 0+3 ENODATA 0+3"
	detach r
	is_sound /dev/mapper/slow
	tap $? "sound"
	detach slow
}

once
durable
full
refusals
failing
suspended
no_old_pages
null_disk busy 24
under_load 300 0
under_load 20,policy=stop 0
under_load 4000 3
drop_null_disk busy
tap_done

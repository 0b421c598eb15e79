#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reading a stream by its character device: waiting for more in each way, what ends a wait,
# being overrun, where a file can be; and writing it, with the tools that everybody has.
#
# also: stock-6.1
# lab: --disk 40M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
node=/dev/mapper/r

# still_waits: the open file has not answered
still_waits() {
	sleep 0.2
	! read -rt 0 <&"$char_out"
}

# where_is: position and overrun of the open file
where_is() {
	local said
	said=$(ask ring)
	echo "position=${said##*position=}"
}

at_the_head() {
	open_char r rw
	asks "no data: read(2) that may not wait, poll(2), epoll" "OK EAGAIN 0x4 0 0 OK" \
		nonblock get:1:1 poll await:0 epoll:0 block
	asks "no data: STREAM_WAIT that may not, or not long" "ETIMEDOUT ETIMEDOUT ETIMEDOUT" \
		wait:0:0 wait:0:20 wait:5:0
	asks "data: each says so" "0+3 0x5 0x1 0x1 0-3 0-3" \
		put:3:1 poll await epoll wait:2 wait:0:0
	asks "data: as much as there is, and no more" "0+2 2+1 0x4 ETIMEDOUT" get:2:1 get:9:1 \
		poll wait:3:0
	asks "none asked for: none given" 0 get:0:1
}

# wakes OPERATION WANT WRITE...: what waits ends when there is something to read
wakes() {
	local operation=$1 want=$2
	shift 2
	tell "$operation"
	still_waits
	tap $? "$operation waits"
	"$@" | all_ok || bail "$*"
	tap_is "$operation is woken by $*" "$(hear)" "$want"
}

write_call() { char r rw put:1:1 | sed 's/.*+.*/OK/'; }

write_node() { io r direct "write:$(ring r head):1:1"; }

write_pages() { io r buffered "write:$(ring r head):1:1" fsync; }

woken() {
	local at
	wakes get:4:1 3+1 write_call
	wakes await 0x1 write_call
	asks "then it can be read" 4+1 get:4:1
	wakes epoll 0x1 write_node
	asks "then it can be read" 5+1 get:4:1
	wakes await:60000 0x1 write_pages
	wakes wait:7 0-8 write_node
	wakes wait:8:60000 0-9 write_call
	asks "all of it can be read" 6+3 get:9:1
	wakes get:1:1 9+1 write_pages
	tell wait:12
	for at in 10 11; do
		write_call | all_ok || bail "write"
		still_waits
		tap $? "STREAM_WAIT for position 12 does not end at $at"
	done
	write_call | all_ok
	tap_is "but behind it" "$(hear)" 0-13
}

crowd() {
	local i pids=() node=/dev/vde/none
	node=$(char_node r)
	for ((i = 0; i < 8; i++)); do
		vdechar "$node" r "wait:13" await >/run/waiter$i &
		pids+=($!)
		vdechar "$node" r seek:0:2 get:2:1 >/run/reader$i &
		pids+=($!)
	done
	wait_until sleeping "${pids[@]}"
	tap $? "sixteen wait"
	write_call | all_ok
	wait "${pids[@]}"
	tap_is "one block wakes them all" "$(sort -u /run/waiter* /run/reader* | paste -sd' ' -)" \
		"0-14 0x1 13+1 53248"
	asks "and the one that was not reading" 10+4 get:9:1
}

# sleeping PID...: are all of them?
sleeping() {
	local pid state
	for pid in "$@"; do
		read -r _ _ state _ <"/proc/$pid/stat"
		[ "$state" = S ] || return
	done
}

heard() {
	kill -USR1 "$char_pid"
	read -rt 0.1 answer <&"$char_out"
}

signals() {
	local word
	for word in get:1:1 wait:14 wait:14:60000 await epoll; do
		tell "$word"
		still_waits
		wait_until heard
		tap_is "a signal ends $word" "$answer" EINTR
	done
	asks "the file is still good" "14+1 14+1" put:1:1 get:1:1
}

# Nothing that waits for data keeps the device from being suspended, and no data comes
# meanwhile
suspended() {
	tell get:1:1
	must dmsetup suspend r
	must dmsetup resume r
	still_waits
	tap $? "a read waits over suspend and resume"
	write_call | all_ok
	tap_is "and gets what comes" "$(hear)" 15+1
	write_call | all_ok
	must dmsetup suspend r
	tell get:1:1
	still_waits
	tap $? "suspended: reading what is there waits"
	must dmsetup resume r
	tap_is "resumed: it goes on" "$(hear)" 16+1
	must dmsetup suspend r
	tell get:1:1
	tap_is "suspended: what needs no disk goes on" "$(char r r wait:0 await:0 | cut -d' ' -f1)" \
		0-17
	must dmsetup resume r
	write_call | all_ok
	tap_is "resumed: so does all else" "$(hear)" 17+1
}

resets() {
	local word
	for word in wait:100=ECANCELED wait:100:60000=ECANCELED get:1:1=ENODATA await=0x1 epoll=0x1; do
		tell "${word%=*}"
		still_waits
		tap $? "${word%=*} waits"
		must [ "$(char r rw anew)" = OK ]
		tap_is "a reset ends ${word%=*}" "$(hear)" "${word#*=}"
		# Once it is told of that
		ask nonblock >/dev/null
		ask get:1:1 >/dev/null
		ask block >/dev/null
	done
	close_char
}

# A ring of 64 that is overrun again and again
overruns() {
	local tail at lost=0
	format_stream "$disk" 64
	attach_stream r "$disk" reserve=4
	open_char r rw
	fill r 10 1
	asks "before: nothing is lost" "0+4 OK" get:4:1 fsync
	tap_is "before: nothing was" "$(where_is)" "position=4 overrun=0"
	for _ in 1 2 3; do
		read -r at _ < <(where_is)
		at=${at#*=}
		fill r 100 1 3
		tail=$(ring r tail)
		lost=$((lost + tail - at))
		asks "overrun: told without waiting" 0x5 poll
		tap_is "overrun: it is still where it was" "$(where_is)" \
			"position=$at overrun=$((lost - tail + at))"
		tap_is "overrun: which cannot be asked for by lseek" "$(ask seek:0:1)" ENXIO
		asks "overrun: ENODATA, once" "ENODATA $tail+5" get:5:1 get:5:1
		tap_is "overrun: the count" "$(where_is)" \
			"position=$((tail + 5)) overrun=$lost"
	done
	tap_is "another file has its own" "$(char r r ring | sed 's/.*position=/position=/')" \
		"position=$tail overrun=0"
	asks "consumed" "$((tail + 9))-9" "consume:$((tail + 9))"
	asks "what was consumed is lost for others" "ENODATA $((tail + 9))+1" get:1:1 get:1:1
	tap_is "and is counted as well" "$(where_is)" \
		"position=$((tail + 10)) overrun=$((lost + 4))"
	at=$((tail + 10))
	tap_is "in the middle of a block" "$(ask seek:$((at * 4096 + 100)):0)" $((at * 4096 + 100))
	fill r 100 1 10
	tail=$(ring r tail)
	asks "the block it was in is lost, too" "ENODATA $tail+1" get:1:1 get:1:1
	tap_is "it counts as one" "$(where_is)" \
		"position=$((tail + 1)) overrun=$((lost + 4 + tail - at))"
	reset_is_no_overrun
	close_char
}

reset_is_no_overrun() {
	local before
	before=$(where_is)
	before=${before#*overrun=}
	tap_is "a reset" "$(char r rw anew put:2:1)" "OK 0+2"
	asks "is told once, too" "ENODATA 0+2" get:5:1 get:5:1
	tap_is "but nothing is counted" "$(where_is)" "position=2 overrun=$before"
	tap_is "nobody else is told" "$(char r r get:5:1)" 0+2
}

seeks() {
	format_stream "$disk" 64
	attach_stream r "$disk" reserve=4
	fill r 20 1
	must [ "$(char r rw consume:5)" = 5-5 ]
	open_char r rw
	asks "a file begins at the tail" "20480 5+1" seek:0:1 get:1:1
	asks "from the first" "20480 81920 40960 ENXIO ENXIO ENXIO" \
		seek:20480:0 seek:81920:0 seek:40960:0 seek:20479:0 seek:0:0 seek:81921:0
	asks "from here" "45056 40960 ENXIO ENXIO 10+1" \
		seek:4096:1 seek:-4096:1 seek:-40960:1 seek:90000:1 get:1:1
	asks "from the end" "81920 77824 ENXIO ENXIO 19+1" \
		seek:0:2 seek:-4096:2 seek:1:2 seek:-81920:2 get:8:1
	asks "no other way" "EINVAL EINVAL EINVAL" seek:40960:3 seek:40960:4 seek:40960:9
	asks "no further than numbers go" "ENXIO ENXIO ENXIO" seek:0x7fffffffffffffff:2 \
		seek:0x8000000000000000:0 seek:0x8000000000000000:1
	asks "any byte" "50001 50001b+1000b 51001b+14535b 16+1" seek:50001:0 \
		getbytes:1000:1 getbytes:14535:1 getbytes:4096:1
	asks "across many blocks" "20481 20481b+61439b" seek:20481:0 getbytes:100000:1
	asks "not with pread(2)" ESPIPE pread
	asks "not to memory that is not there, which moves nothing" "20480 EFAULT 5+1" \
		seek:20480:0 halfget:0 get:1:1
	asks "as much as there is memory" "4096 7+1" halfget:1 get:1:1
	close_char
	detach r
}

# Whole blocks only
sizes() {
	format_stream "$disk" 6000
	attach_stream r "$disk"
	tap_is "write(2) of other sizes" "$(char r w write:1:1 write:4095:1 write:4097:1 write:0:1 \
		writev:1:100:100)" "EINVAL EINVAL EINVAL 0 EINVAL"
	tap_is "VDE_IOC_APPEND of other sizes" "$(char r w append:1:1 append:4097:1 append:0:1 \
		append:16777217:1)" "EINVAL EINVAL EINVAL EMSGSIZE"
	tap_is "memory that is not there" "$(char r w halfwrite:4000:96 halfappend:4096:4096)" \
		"EFAULT EFAULT"
	tap_is "none of that was written" "$(ring r head)" 0
	tap_is "in pieces that make a block" "$(char r rw writev:1:100:3996 get:1:1)" "4096 0+1"
	tap_is "by splice and sendfile" "$(char r w splice:40960:1 sendfile:40960:1) $(ring r head)" \
		"40960 40960 21"
	tap_is "VDE_IOC_APPEND" "$(char r rw append:8192:1 append:4096:1:1) $(ring r head committed)" \
		"21+2 23+1 24 24"
	tap_is "write(2) that is durable" "$(char r w dsync:4096:1) $(ring r head committed) $(
		char r w,dsync write:8192:1) $(ring r head committed)" "4096 25 25 8192 27 27"
	tap_is "more than a call takes" "$(char r w write:20971520:1) $(ring r head)" \
		"16777216 $((27 + 4096))"
	tap_is "a file for reading only, a file for writing only" \
		"$(char r r write:4096:1) $(char r w read) $(char r w wait:0 ring)" \
		"EBADF EBADF EBADF EBADF"
	detach r
}

has_bytes() { [ "$(stat -c %s "$1")" -ge "$2" ]; }

# The tools that everybody has
tools() {
	local device pid
	format_stream "$disk" 200
	attach_stream r "$disk"
	device=$(char_node r)
	head -c $((150 * 4096)) /dev/urandom >/run/payload
	dd if=/run/payload bs=4096 iflag=fullblock of="$device" status=none
	tap_is "dd writes it" "$? $(ring r head)" "0 150"
	cat "$device" >/run/out &
	pid=$!
	wait_until has_bytes /run/out $((150 * 4096))
	tap $? "cat reads it"
	head -c 40960 /dev/urandom >/run/more
	(head -c 1000; sleep 0.1; cat) </run/more | dd bs=4096 iflag=fullblock of="$device" \
		status=none
	tap_is "dd from a pipe" "${PIPESTATUS[1]} $(ring r head)" "0 160"
	wait_until has_bytes /run/out $((160 * 4096))
	cmp -s /run/out <(cat /run/payload /run/more)
	tap $? "cat follows"
	must kill $pid
	wait $pid 2>/dev/null
	head -c 5000 /run/payload | dd bs=4096 iflag=fullblock of="$device" 2>/run/dd
	tap_is "dd of a part of a block" \
		"${PIPESTATUS[1]} $(grep -o 'Invalid argument' /run/dd) $(ring r head)" \
		"1 Invalid argument 161"
	cmp -s <(dd if="$device" bs=64k count=10 iflag=fullblock status=none) \
		<(head -c 655360 /run/out)
	tap $? "dd reads it"
	cmp -s <(head -c 100000 "$device") <(head -c 100000 /run/payload)
	tap $? "head reads it"
	cp /run/more "$device" && [ "$(ring r head)" = 171 ] && cat /run/more >"$device"
	tap_is "cp and cat write it" "$? $(ring r head)" "0 181"
	detach r
}

# What splice(2) does to the file's position is not where it reads
spliced() {
	format_stream "$disk" 64
	attach_stream r "$disk"
	fill r 10 1
	open_char r rw
	asks "reading, then splicing into the same file" "0+2 40960 8192 40960 2+3" \
		get:2:1 splice:40960:1 seek:0:1 sendfile:40960:1 get:3:1
	asks "also when the splice began before that" "20480 5+4 9+1" seek:0:1 spliceget:4:1 \
		get:1:1
	tap_is "all was appended" "$(ring r head)" 31
	close_char
	detach r
}

# A reset is told once, also to one who asks where he is
told_where() {
	format_stream "$disk" 64
	attach_stream r "$disk"
	fill r 10 1
	open_char r rw
	asks "before a reset" "0+2 8192" get:2:1 seek:0:1
	tap_is "a reset" "$(char r rw anew put:5:1)" "OK 0+5"
	asks "where it was is nowhere, and asking does not hide the reset" \
		"ENXIO ENXIO ENODATA 0 0+5" seek:0:1 seek:4096:1 get:1:1 seek:0:1 get:9:1
	tap_is "a reset" "$(char r rw anew put:5:1)" "OK 0+5"
	asks "but one may choose another position" "8192 2+3" seek:8192:0 get:9:1
	close_char
	detach r
}

# memory_of_the_node NAME OPERATION WANT: a call whose memory only the device can give; a
# read in flight keeps a suspend waiting, so that the memory is read after the resume
memory_of_the_node() {
	local name=$1 operation=$2 want=$3 char reader suspend caller
	must dmsetup create beneath --table "0 $(blockdev --getsz "$disk") linear $disk 0"
	format_stream /dev/mapper/beneath 2000
	attach_stream r /dev/mapper/beneath
	fill r 64 1
	must dmsetup suspend beneath
	char=$(char_node r)
	vdeio $node direct read:0:1:1 >/run/read &
	reader=$!
	until_sleeps $reader $node
	dmsetup suspend r &
	suspend=$!
	until_sleeps $suspend /dev/mapper/control
	vdechar "$char" rw "$operation" >/run/called &
	caller=$!
	until_sleeps $caller "$char"
	must dmsetup resume beneath
	wait $suspend
	tap $? "$name: a suspend does not wait for that memory"
	tap_is "$name: who has got nothing yet" "$(cat /run/called) $(ring r head)" " 64"
	must dmsetup resume r
	wait $reader $caller
	tap_is "$name: after the resume he has" "$(cat /run/read /run/called) $(ring r head)" "OK
$want"
	detach r
	must dmsetup remove beneath
}

# What ends when the device does
removals() {
	local word
	for word in get:1:1=ENODEV wait:100=ENODEV wait:100:60000=ENODEV await=0x18 epoll=0x18; do
		format_stream "$disk" 16
		attach_stream r "$disk"
		open_char r rw
		tell "${word%=*}"
		still_waits
		tap $? "${word%=*} waits"
		dmsetup remove r
		tap_is "the device is removed all the same, which ends ${word%=*}" "$? $(hear)" \
			"0 ${word#*=}"
		asks "and so it stays" "ENODEV ENODEV ENODEV ENODEV ENODEV ENODEV ENODEV 0x18" \
			get:1:1 seek:0:0 ring consume:0 anew wait:0:0 write:4096:1 await:0
		close_char
	done
	replaced
}

replaced() {
	format_stream "$disk" 16 16
	attach_stream r "$disk"
	open_char r rw
	tell get:1:1
	still_waits
	tap $? "a read waits"
	live "$(stream_table "$disk" "$longest" region=1)" r
	tap_is "a table with another stream ends it" "$(hear)" ENODEV
	close_char
	open_char r rw
	tell get:1:1
	still_waits
	live "$(stream_table "$disk" 8000 region=1)" r
	still_waits
	tap $? "one with the same stream does not"
	write_call | all_ok
	tap_is "and the file is good" "$(hear)" 0+1
	must dmsetup reload r -r --table "$(stream_table "$disk" 8000 region=1)"
	must dmsetup resume r
	asks "read-only: reading goes on, the rest does not" "0 0+1 EROFS EROFS EROFS OK" \
		seek:0:0 get:1:1 put:1:1 count:1 anew fsync
	close_char
	detach r
}

# Commands of one kind of region are unknown to the other
kinds() {
	must vdectl format "$LAB_DISK1" --worm 64K --stream 64K --force >/dev/null
	attach w "$LAB_DISK1" 16
	tap_is "a WORM region knows no command of streams" \
		"$(char w rw ring consume:0 anew wait:0:0 seek:0:0)" \
		"ENOTTY ENOTTY ENOTTY ENOTTY ESPIPE"
	detach w
	attach_stream r "$LAB_DISK1"
	tap_is "a stream knows none of WORM regions" \
		"$(char r rw status record:0 records:0:1 retention extend:0 reset start:0:0 stop scrub)" \
		"ENOTTY ENOTTY ENOTTY ENOTTY ENOTTY ENOTTY ENOTTY ENOTTY ENOTTY"
	tap_is "it says what it is" "$(char_of r info kind) $(char_of r info capacity)" "1 16"
	detach r
}

format_stream "$disk" 64
attach_stream r "$disk"
at_the_head
woken
crowd
signals
suspended
resets
detach r
overruns
detach r
seeks
sizes
tools
spliced
told_where
memory_of_the_node "appending" fromnode:8192 "8192 66"
memory_of_the_node "reading" intonode:8192 "8192 64"
removals
kinds
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on active streams: every verb, what it says when something is in the way, and the
# udev rule that keeps others away.
#
# lab: --disk 64M --disk 16M --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh

disk=$LAB_DISK0
work=/run/stream
must mkdir -p $work
must dd if=/dev/urandom of=$work/data bs=4096 count=2048 status=none

# part FROM COUNT: blocks of the data that is appended
part() { dd if=$work/data bs=4096 skip="$1" count="$2" status=none; }

# run STATUS COMMAND...: what it says, on both outputs, is in $said
said=''
run() {
	local name=$1 want=$2 got
	shift 2
	said=$("$@" 2>&1 </dev/null)
	got=$?
	[ $got = "$want" ] || echo "# ${said//$'\n'/$'\n# '}"
	tap_is "$name" "status $got" "status $want"
}

# says NAME TEXT: all that the last command said
says() { tap_is "$1" "$said" "$2"; }

# holds NAME FROM COUNT [OPTION...]: the ring of r has these blocks of the data
holds() {
	local name=$1 from=$2 count=$3
	shift 3
	vdectl stream cat r "$@" >$work/out 2>$work/err
	tap_is "$name: status, errors" "$? $(cat $work/err)" "0 "
	cmp $work/out <(part "$from" "$count") >&2
	tap $? "$name: every byte"
}

# put NAME FROM COUNT: appends blocks of the data
put() { must vdectl stream append "$1" --no-sync < <(part "$2" "$3") >/dev/null; }

# json NAME FIELD...: of its status
json() {
	local name=$1 field filter=
	shift
	for field in "$@"; do filter+=",.$field"; done
	vdectl stream status "$name" --json | jq -c "[${filter#,}]"
}

is_running() { kill -0 "$1" 2>/dev/null; }

has_size() { [ "$(stat -c %s "$1")" = "$2" ]; }

# Asleep, so that it has said all that it has to say by now
is_waiting() { [ "$(cut -d' ' -f3 "/proc/$1/stat")" = S ]; }

attaching() {
	must vdectl format "$disk" --stream 1M --stream 64K,policy=stop,growth=5 --worm 64K \
		--force --destroy-sealed-data >/dev/null
	run "attach" 0 vdectl attach "$disk" r --stream
	tap_is "the table is 1 EiB long" "$(dmsetup table r | cut -d' ' -f1-3)" "0 $longest vde"
	tap_is "the device-mapper UUID is the region's" "$(dmsetup info -c --noheadings -o uuid r)" \
		"VDE-$(in_sysfs r uuid)"
	[ -c /dev/vde/r ]
	tap $? "the character device has a link"
	run "attach the second stream" 0 vdectl attach "$disk" s --stream=1 --length 1G \
		--reserve 3 --discard --commit-ms 500
	tap_is "with a length and options" "$(dmsetup table s | cut -d' ' -f2,5-)" \
		"2097152 stream 4 region=1 commit_ms=500 reserve=3 discard"
	tap_is "which it has" "$(json s capacity growth policy reserve)" '[16,5,"stop",3]'
	run "the WORM region beside them" 0 vdectl attach "$disk" w --worm
	run "there is no third stream" 2 vdectl attach "$disk" x --stream=2
	says "which is said" "vdectl: $disk: volume has no such region"
	run "a stream is attached once" 2 vdectl attach "$disk" x --stream
	detach s
	detach w
}

appending() {
	tap_is "empty: cat" "$(vdectl stream cat r | wc -c)" 0
	part 0 10 >$work/file
	run "append a file" 0 vdectl stream append r $work/file
	says "positions from 0" "positions 0..9: 10 blocks"
	tap_is "which are durable" "$(ring r head committed)" "10 10"
	said=$(part 10 5 | vdectl stream append r)
	says "standard input goes on" "positions 10..14: 5 blocks"
	said=$(part 15 5 | vdectl stream append r - --json | jq -c .)
	says "as JSON" '{"name":"r","complete":true,"durable":true,"blocks":5,"first":15,"end":20,"padding_bytes":0}'
	said=$(vdectl stream append r </dev/null)
	says "nothing" "nothing was appended"
	said=$( (part 20 1 | head -c 4000; sleep 0.2; part 20 1 | tail -c 96; part 21 2 |
		head -c 8191; sleep 0.2; part 22 1 | tail -c 1) | vdectl stream append r)
	says "blocks that come in pieces" "positions 20..22: 3 blocks"
	said=$({ must dd bs=4096 count=1 status=none of=/dev/null; vdectl stream append r; } \
		< <(part 22 2))
	says "what is left of standard input" "positions 23..23: 1 blocks"
	exec {input}<$work/data
	must dd bs=4096 count=24 status=none of=/dev/null <&"$input"
	said=$(vdectl stream append r <&"$input")
	says "what is left of a file, in many pieces" "positions 24..2047: 2024 blocks"
	exec {input}<&-
	holds "the ring has the last of it" $((2048 - $(json r entries | tr -d '[]'))) \
		"$(json r entries | tr -d '[]')"
	tap_is "and says what it has lost" "$(json r lost)" "$(json r tail)"
}

padding() {
	local before
	must vdectl stream reset r --yes >/dev/null
	part 0 3 | head -c 10000 >$work/file
	run "a file with a partial last block" 2 vdectl stream append r $work/file
	says "is refused at once" "vdectl: $work/file ends with a partial block of 1808 bytes, \
which --pad would fill with zeros: 0 blocks were appended"
	run "with --pad" 0 vdectl stream append r $work/file --pad
	says "it is not" "positions 0..2: 3 blocks, the last one with 2288 bytes of padding"
	cmp <(vdectl stream cat r) <(cat $work/file; head -c 2288 /dev/zero) >&2
	tap $? "the padding is zeros"
	before=$(ring r head)
	said=$(vdectl stream append r <$work/file 2>&1)
	tap_is "standard input that is a file is looked at first, too" "$? $(ring r head)" "2 $before"
	said=$(cat $work/file | vdectl stream append r 2>$work/err)
	tap_is "of a pipe the whole blocks are written" "$? $said" "2 positions 3..4: 2 blocks"
	tap_is "and the rest is told" "$(cat $work/err)" "vdectl: standard input ends with a \
partial block of 1808 bytes, which --pad would fill with zeros: 2 blocks were appended"
	said=$(head -c 1 $work/file | vdectl stream append r --pad --json |
		jq -c '[.blocks, .first, .padding_bytes]')
	says "a single byte" "[1,5,4095]"
}

reading() {
	must vdectl stream reset r --yes >/dev/null
	put r 0 100
	holds "cat" 0 100
	holds "cat --from" 90 10 --from 90
	holds "cat --count" 0 10 --count 10
	holds "cat both" 50 10 --from 50 --count 10
	holds "cat --count beyond the head" 90 10 --from 90 --count 11
	holds "cat --from the head" 0 0 --from 100
	holds "cat --from head, by name" 0 0 --from head
	holds "cat --count 0" 0 0 --count 0
	run "cat beyond the head" 2 vdectl stream cat r --from 101
	says "says what there is" \
		"vdectl: r: position 101 is not in the stream, which holds 0 up to 100"
	run "consume" 0 vdectl stream consume r --to 10
	run "cat before the tail" 2 vdectl stream cat r --from 9
	says "says so, too" "vdectl: r: position 9 is not in the stream, which holds 10 up to 100"
	holds "cat from the tail" 10 90
	run "output that cannot be written" 2 bash -c "vdectl stream cat r >/dev/full"
	says "is said" "vdectl: writing output: No space left on device"
	run "a reader that leaves" 141 bash -c 'vdectl stream cat r | head -c 1 >/dev/null
		exit "${PIPESTATUS[0]}"'
}

# slow_cat [OPTION...]: a cat that has got its first piece, and cannot write it
slow_cat() {
	mkfifo $work/fifo
	vdectl stream cat r "$@" >$work/fifo 2>$work/err &
	cat_pid=$!
	exec {slow}<$work/fifo
	must wait_until has_bytes
	must wait_until is_waiting $cat_pid
}

has_bytes() { python3 -c 'import fcntl, struct, termios, sys
n = struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, bytes(4)))[0]
sys.exit(n != 65536)' <&"$slow"; }

# cat_ends NAME STATUS ERRORS COMMAND...: the command makes what it must have written
cat_ends() {
	local name=$1 status=$2 errors=$3
	shift 3
	cat <&"$slow" >$work/out
	wait $cat_pid
	tap_is "$name: status, errors" "$? $(cat $work/err)" "$status $errors"
	exec {slow}<&-
	rm $work/fifo
	cmp $work/out <("$@") >&2
	tap $? "$name: every byte"
}

# The pieces of 256 blocks: the second one is lost in part, the third is there. A full
# ring has moved its tail ahead already.
overrunning_cat() {
	local first last lost
	must vdectl format "$LAB_DISK1" --stream 4M --force >/dev/null
	detach r
	must vdectl attach "$LAB_DISK1" r --stream --reserve 100
	put r 0 1024
	first=$(ring r tail)
	last=$((first + 256))
	slow_cat
	put r 1024 500
	lost=$(($(ring r tail) - last))
	[ $lost -gt 0 ] && [ $((last + lost)) -lt 1024 ]
	tap $? "some of what is to be read was overwritten, not all"
	cat_ends "a cat that is overrun goes on" 1 \
		"vdectl: r: $lost block(s) from position $last were lost before they could be read" \
		eval "part $first 256; part $((last + lost)) $((1024 - last - lost))"
	tap_is "the kernel counts as many" "$(json r lost)" "[$((last + lost))]"

	must vdectl stream reset r --yes >/dev/null
	put r 0 1024
	slow_cat --from 100
	must vdectl stream reset r --yes >/dev/null
	put r 0 7
	cat_ends "a cat of what is reset ends" 1 "vdectl: r was reset: positions start at 0 again" \
		part 100 256
}

# start_tail [OPTION...]: one that waits
start_tail() {
	vdectl stream tail r "$@" >$work/out 2>$work/err &
	tail_pid=$!
	must wait_until is_waiting $tail_pid
}

# tail_ends NAME SIGNAL STATUS ERRORS
tail_ends() {
	[ "$2" = none ] || must kill -"$2" $tail_pid
	wait $tail_pid
	tap_is "$1: status, errors" "$? $(cat $work/err)" "$3 $4"
}

following() {
	must vdectl stream reset r --yes >/dev/null
	put r 0 20
	start_tail
	tap_is "tail begins at the head" "$(stat -c %s $work/out)" 0
	put r 20 1
	must wait_until has_size $work/out 4096
	put r 21 30
	must wait_until has_size $work/out $((31 * 4096))
	tail_ends "a signal ends tail" TERM 0 ""
	cmp $work/out <(part 20 31) >&2
	tap $? "it has all that was written since"

	run "tail --from --count" 0 bash -c "vdectl stream tail r --from 7 --count 40 >$work/out"
	cmp $work/out <(part 7 40) >&2
	tap $? "ends by itself"
	run "tail --from tail" 0 bash -c "vdectl stream tail r --from tail --count 51 >$work/out"
	cmp $work/out <(part 0 51) >&2
	tap $? "begins with the oldest"
	start_tail --from 50 --count 3
	put r 51 10
	tail_ends "tail waits for the rest of its count" none 0 ""
	cmp $work/out <(part 50 3) >&2
	tap $? "and takes no more"
}

overrunning_tail() {
	local head lost
	must vdectl stream reset r --yes >/dev/null
	put r 0 10
	start_tail --from tail
	must kill -STOP $tail_pid
	put r 10 1990
	head=$(ring r head)
	lost=$(($(ring r tail) - 10))
	must kill -CONT $tail_pid
	must wait_until has_size $work/out $(((head - lost) * 4096))
	tail_ends "a tail that is overrun goes on, but tells" TERM 1 \
		"vdectl: r: $lost block(s) from position 10 were lost before they could be read"
	cmp $work/out <(part 0 10; part $((10 + lost)) $((head - lost - 10))) >&2
	tap $? "it has what there was"

	start_tail
	must vdectl stream reset r --yes >/dev/null
	put r 100 3
	must wait_until has_size $work/out $((3 * 4096))
	tail_ends "a tail is told of a reset and goes on" TERM 0 \
		"vdectl: r was reset: positions start at 0 again"
	cmp $work/out <(part 100 3) >&2
	tap $? "with what is new"
}

ending_tail() {
	mkfifo $work/fifo
	vdectl stream tail r >$work/fifo 2>$work/err &
	tail_pid=$!
	exec {reader}<$work/fifo
	must wait_until is_waiting $tail_pid
	exec {reader}<&-
	wait $tail_pid
	tap_is "tail ends with its reader, though nothing is written" "$?" 141
	rm $work/fifo
	start_tail
	must dmsetup remove r
	tail_ends "tail ends with its device" none 2 "vdectl: r: cannot read: the device was removed"
	must vdectl attach "$disk" r --stream
}

consuming() {
	must vdectl stream reset r --yes >/dev/null
	put r 0 100
	run "consume --to" 0 vdectl stream consume r --to 10
	says "tells how many" "10 blocks consumed, the tail is 10"
	run "again" 0 vdectl stream consume r --to 10
	says "there are none" "0 blocks consumed, the tail is 10"
	run "before the tail" 0 vdectl stream consume r --to 3
	says "there are none, either" "0 blocks consumed, the tail is 10"
	run "beyond the head" 2 vdectl stream consume r --to 101
	says "is refused" "vdectl: r: position 101 is beyond the head, 100"
	run "--count" 0 vdectl stream consume r --count 15
	says "counts from the tail" "15 blocks consumed, the tail is 25"
	run "--count 0" 0 vdectl stream consume r --count 0
	says "is nothing" "0 blocks consumed, the tail is 25"
	run "as JSON" 0 vdectl stream consume r --to 30 --json
	tap_is "that says it is durable" "$(jq -c . <<<"$said")" \
		'{"name":"r","consumed":5,"tail":30,"durable":true}'
	run "and not when that is not waited for" 0 vdectl stream consume r --to 31 --no-sync --json
	tap_is "either" "$(jq .durable <<<"$said")" false
	holds "the rest stays" 31 69
	run "--count of more than there is" 0 vdectl stream consume r --count 70
	says "is all" "69 blocks consumed, the tail is 100"
	put r 100 5
	run "--all" 0 vdectl stream consume r --all
	says "is all, too" "5 blocks consumed, the tail is 105"
	tap_is "nothing of it counts as lost" "$(json r entries lost)" "[0,0]"
	detach r
	must vdectl attach "$disk" r --stream
	tap_is "and it stays so" "$(ring r head tail)" "105 105"
}

stopping() {
	must vdectl attach "$disk" s --stream=1
	said=$(part 0 20 | vdectl stream append s 2>$work/err)
	tap_is "a full stream that stops" "$? $said" "2 positions 0..15: 16 blocks"
	tap_is "says so" "$(cat $work/err)" "vdectl: s is full until blocks are consumed: \
16 blocks were appended, and the rest of standard input was not"
	said=$(part 16 4 | vdectl stream append s --json 2>/dev/null)
	tap_is "and takes nothing" "$? $(jq -c '[.complete, .blocks, .first]' <<<"$said")" \
		"2 [false,0,null]"
	must vdectl stream consume s --count 3 >/dev/null
	part 16 4 >$work/file
	run "what fits of a file" 2 vdectl stream append s $work/file
	tap_is "is appended" "$(ring s head tail)" "19 3"
	cmp <(vdectl stream cat s) <(part 3 16) >&2
	tap $? "and all of it is there"
	must vdectl stream consume s --all >/dev/null
	said=$(part 19 16 | vdectl stream append s)
	says "an empty one takes its capacity" "positions 19..34: 16 blocks"
	detach s
}

resetting() {
	put r 0 50
	run "reset without a terminal" 2 vdectl stream reset r
	says "is not asked" "vdectl: r: nobody is there to confirm it: give --yes"
	said=$(script -qec "vdectl stream reset r" /dev/null <<<"R" | tr -d '\r')
	tap_is "another name does not confirm" "$(ring r head) ${said: -21}" \
		"155 vdectl: not confirmed"
	script -qec "vdectl stream reset r" /dev/null <<<"r" >$work/out
	tap_is "its name does" "$(ring r head tail)" "0 0"
	grep -qF "all 50 blocks will be given up" $work/out
	tap $? "and is asked for with how much there is"
	put r 0 1
	run "without CAP_SYS_ADMIN" 2 setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		vdectl stream reset r --yes
	says "it is refused" "vdectl: r: a reset takes CAP_SYS_ADMIN"
	run "--yes" 0 vdectl stream reset r --yes
	says "does it" "r: empty, positions start at 0 again"
}

telling() {
	local line
	must vdectl stream consume r --all >/dev/null
	must vdectl stream reset r --yes >/dev/null
	put r 0 300
	commit r
	read -ra line < <(dmsetup status r)
	tap_is "status says what the status line does" "$(json r head tail allocated capacity \
		committed_head lost refused_sealed refused_gap refused_full refused_op \
		inflight_blocks mode)" "[${line[4]},${line[5]},${line[6]%/*},${line[6]#*/}$(
		printf ,%s "${line[@]:7:7}"),\"${line[14]}\"]"
	tap_is "and sysfs" "$(json r head tail allocated capacity entries lost growth policy)" \
		"[$(in_sysfs r write_head read_tail allocated_blocks capacity_blocks entries \
		lost_entries growth_increment | tr ' ' ,),\"$(in_sysfs r policy)\"]"
	tap_is "vdectl status --json says the same of it" \
		"$(vdectl status r --json | jq -cS 'del(.kind, .device, .suspended, .status, .region,
			.label, .volume_uuid, .region_uuid, .last_scrub)')" \
		"$(vdectl stream status r --json | jq -cS .)"
	tap_is "and which stream it is" "$(vdectl status r --json |
		jq -c '[.kind, .region, .device, .region_uuid]')" \
		"[\"stream\",0,\"$disk\",\"$(in_sysfs r uuid)\"]"
	run "status as text" 0 vdectl stream status r
	grep -qx "head:             300 (committed .*)" <<<"$said"
	tap $? "has the head"
	tap_is "vdectl status has the same lines" "$(vdectl status r | tail -n 11)" \
		"$(tail -n 11 <<<"$said")"
	must vdectl attach "$disk" w --worm
	run "a table of streams" 0 vdectl status
	tap_is "beside that of WORM regions" "$(tr -s ' ' <<<"$said" | cut -d' ' -f1-5)" \
		"NAME KIND REGION HWM/CAPACITY COMMITTED
w worm 0 0/16 0
NAME KIND REGION HEAD TAIL
r stream 0 300 $(ring r tail)"
	tap_is "JSON has both" "$(vdectl status --json | jq -c '[.[] | .kind] | sort')" \
		'["stream","worm"]'
}

mistaking() {
	for verb in append cat tail status watch "consume --all" "reset --yes"; do
		# shellcheck disable=SC2086
		run "a WORM region: $verb" 2 vdectl stream $verb w
		says "is no stream, $verb" "vdectl: w is no stream"
		# shellcheck disable=SC2086
		run "no device: $verb" 2 vdectl stream $verb nothing
		says "is not there, $verb" "vdectl: nothing: no such device is active"
	done
	run "a stream has no records" 2 vdectl log r
	says "which is said" "vdectl: r is a stream region: it has no write records"
	for verb in append retention "reset --yes"; do
		# shellcheck disable=SC2086
		run "vdectl $verb of a stream" 2 vdectl $verb r
		says "is for WORM regions, $verb" "vdectl: r is no WORM region"
	done
	detach w
	run "check of what is active" 2 vdectl check "$disk"
	run "names may be paths" 0 vdectl stream status /dev/mapper/r
}

watching() {
	run "watch, three looks" 0 vdectl stream watch r --interval 0.05 --count 3
	tap_is "are three lines" "$(grep -c '^r: ' <<<"$said")" 3
	must vdectl stream reset r --yes >/dev/null
	put r 0 128
	run "one look" 0 vdectl stream watch r --count 1
	says "tells of the fill" "r: 0..128 holds 512 KiB of 1 MiB (50%), allocated 100%, lost $(ring r lost), \
in 0 KiB/s, rw"
	vdectl stream watch r --interval 60 >$work/out &
	must wait_until grep -q '^r: ' $work/out
	must kill -TERM $!
	wait $!
	tap_is "a signal ends it" "$?" 0
	vdectl stream watch r --interval 0.05 >$work/out &
	watch_pid=$!
	must wait_until grep -q '^r: ' $work/out
	put r 0 100
	wait_until grep -q "in [1-9][0-9.]* [KM]iB/s" $work/out
	tap $? "it tells a rate"
	must kill -TERM $watch_pid
	wait $watch_pid
	script -qec "vdectl stream watch r --interval 0.05 --count 3" /dev/null </dev/null >$work/out
	tap_is "on a terminal it is one line" "$(wc -l <$work/out) $(grep -o $'\rr: ' $work/out | wc -l)" \
		"1 3"
}

reading_only() {
	detach r
	must vdectl attach "$disk" r --stream --read-only
	part 0 1 >$work/file
	run "read-only: append" 2 vdectl stream append r $work/file
	run "read-only: consume" 2 vdectl stream consume r --all
	says "says why" "vdectl: r is read-only"
	run "read-only: reset" 2 vdectl stream reset r --yes
	run "read-only: status" 0 vdectl stream status r
	tap_is "read-only: cat" "$(vdectl stream cat r --from 0 --count 128 | cksum)" \
		"$(part 0 128 | cksum)"
	detach r
}

# reads_of COMMAND...: how often anything reads r when it appears and udev is asked again
reads_of() {
	local dev stat
	must "$@"
	dev=$(readlink -f /dev/mapper/r)
	must udevadm trigger --action=change --settle "/sys/class/block/${dev##*/}"
	: >>/dev/mapper/r
	must udevadm settle
	read -ra stat <"/sys/class/block/${dev##*/}/stat"
	echo "${stat[0]}"
	must dmsetup remove r
}

# The same with and without the rule, so that it is the rule that matters
probing() {
	local daemon=/lib/systemd/systemd-udevd
	if [ ! -x $daemon ] || ! ls /usr/lib/udev/rules.d/*dm*.rules >/dev/null 2>&1; then
		tap 0 "udev # SKIP no udev with rules of device-mapper"
		return
	fi
	unset DM_DISABLE_UDEV
	must mkdir -p /run/udev/rules.d
	must $daemon --daemon >/dev/null 2>&1
	[ "$(reads_of vdectl attach "$disk" r --stream)" -gt 0 ]
	tap $? "udev: a stream is probed"
	must cp tools/vde/udev/*.rules /run/udev/rules.d/
	must udevadm control --reload
	tap_is "udev: not with our rule" "$(reads_of vdectl attach "$disk" r --stream)" 0
	tap_is "udev: whoever loaded the table" "$(reads_of dmsetup create r --table \
		"$(stream_table "$disk" 800000)")" 0
	[ "$(reads_of vdectl attach "$disk" r --worm)" -gt 0 ]
	tap $? "udev: a WORM region is probed as before"
	must vdectl attach "$disk" r --stream
	[ /dev/vde/r -ef "$(char_node r)" ]
	tap $? "udev: the character device has its link"
	[ -L "/dev/disk/by-id/dm-uuid-VDE-$(in_sysfs r uuid)" ]
	tap $? "udev: and the block device those by its identity"
	must vdectl detach r
	udevadm control --exit
	export DM_DISABLE_UDEV=1
}

attaching
appending
padding
reading
overrunning_cat
detach r
must vdectl attach "$disk" r --stream
following
overrunning_tail
ending_tail
consuming
stopping
resetting
telling
mistaking
watching
reading_only
probing
run "closed, it is in order" 0 vdectl check "$disk" --data
tap_done

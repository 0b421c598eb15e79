#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl stream cat and tail: every byte, and what they tell when the stream is overrun or
# reset in the middle, when their reader leaves, and when the device goes.
#
# lab: --disk 64M --disk 16M --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh
. tests/selftests/vdectl_stream.sh

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

# The pieces of 256 blocks: the second one is lost in part, the third is there
overrunning_cat() {
	local first lost
	must vdectl format "$LAB_DISK1" --stream 4M --force >/dev/null
	detach r
	must vdectl attach "$LAB_DISK1" r --stream --reserve 100
	put r 0 1024
	first=$(ring r tail)
	slow_cat
	put r 1024 400
	lost=$(($(ring r tail) - first - 256))
	[ $lost -gt 0 ] && [ $lost -lt 768 ]
	tap $? "some of what is to be read was overwritten, not all"
	cat_ends "a cat that is overrun goes on" 1 \
		"vdectl: r: $lost block(s) from position $((first + 256)) were lost before they \
could be read" eval "part $first 256; part $((first + 256 + lost)) $((768 - first - lost))"
	tap_is "the kernel counts as many" "$(json r lost)" "[$((first + 256 + lost))]"

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

must vdectl format "$disk" --stream 1M --force --destroy-sealed-data >/dev/null
must vdectl attach "$disk" r --stream
reading
overrunning_cat
detach r
must vdectl attach "$disk" r --stream
following
overrunning_tail
ending_tail
detach r
run "closed, it is in order" 0 vdectl check "$disk" --data
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random calls of the character device of a WORM region and of a stream: whatever the numbers,
# sizes, flags and pointers, a call that fails changes nothing, nothing is damaged, and the
# kernel has nothing to report. SEED=N repeats a run.
#
# lab: --disk 512M --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stream.sh"

blocks=120000
seed=${SEED:-$((SRANDOM % 32768))}
calls=10000
[ -z "${LAB_SHORT-}" ] || calls=1000
[[ $LAB_KERNEL != *debug* ]] || calls=3000

# marks: what only a call that succeeds may change; the extends are allowed to
marks() { char w r retention | tr ' ' '\n' | grep -E '^(state|resets)='; }

# fuzz DEVICE NAME MODE [nobody]: nobody else uses the device
fuzz() {
	local device=$1 name=$2 mode=$3 got
	shift 3
	got=$(charfuzz "$(char_node "$device")" "$mode" $calls "$seed" alone "$@")
	echo "# $device: $name: $got"
	[[ $got == "calls=$calls succeeded="*" OK" ]]
	tap $? "$device: $name: a call that fails changes nothing"
	seed=$((seed + 1))
}

alone() {
	fuzz "$1" "open for reading and writing" rw
	fuzz "$1" "open for reading" r
	fuzz "$1" "open for ioctl(2) only" none
}

unprivileged() {
	fuzz "$1" "an unprivileged user, open for reading and writing" rw nobody
	fuzz "$1" "an unprivileged user, open for writing" w nobody
}

worm_alone() {
	local period
	alone w
	period=$(char_of w retention retention)
	unprivileged w
	tap_is "an unprivileged user has extended nothing" \
		"$(char_of w retention retention)" "$period"
	char w rw stop >/dev/null
}

# disturb DEVICE: false as soon as a suspend or a resume fails, or when there was none
disturb() {
	local suspends=0
	while [ ! -e /run/over ]; do
		dmsetup suspend "$1" && dmsetup resume "$1" || return
		suspends=$((suspends + 1))
	done
	[ $suspends -gt 0 ]
}

# crowd DEVICE OPERATION...: four at once, with appends and suspends
crowd() {
	local device=$1 node pids=() bad=0 pid mode
	shift
	node=$(char_node "$device")
	rm -f /run/over /run/crowd
	disturb "$device" &
	disturber=$!
	for mode in rw r w; do
		charfuzz "$node" $mode $calls "$seed" crowd >>/run/crowd &
		pids+=($!)
		seed=$((seed + 1))
	done
	charfuzz "$node" rw $calls "$seed" crowd nobody >>/run/crowd &
	pids+=($!)
	# Lets itself be joined by what the others append
	vdechar "$node" rw "$@" >/dev/null || bad=1
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	: >/run/over
	wait $disturber
	tap $? "$device: suspended and resumed all the time"
	sed "s/^/# $device, crowd: /" /run/crowd
	tap_is "$device: four at once, with suspends" "$bad $(grep -c "calls=$calls .* OK" /run/crowd)" "0 4"
}

sound() {
	local hwm
	hwm=$(status w hwm)
	tap_is "$1: rw, nothing in flight" "$(status w mode) $(status w inflight)" "rw 0"
	tap_is "$1: not held, no reset" "$(marks)" "state=0
resets=0"
	tap_is "$1: appending goes on" "$(char w rw write:5000:7 fsync "holds:$hwm:5000:7")" \
		"5000 OK OK"
	tap_is "$1: what was there first is still there" "$(char w r holds:0:100000:1)" OK
}

# ring_sound NAME: the stream goes on from where it is
ring_sound() {
	local head
	tap_is "$1: the stream is rw, nothing in flight" "$(ring r mode inflight)" "rw 0"
	head=$(ring r head)
	tap_is "$1: it goes on, and is read from there" \
		"$(char r rw put:9:7 fsync seek:$((head * 4096)):0 get:9:7)" \
		"$head+9 OK $((head * 4096)) $head+9"
}

streams() {
	local node waiting
	format_stream "$LAB_DISK1" 200
	attach_stream r "$LAB_DISK1"
	node=$(char_node r)
	alone r
	# A reset would end it
	vdechar "$node" r wait:$((1 << 50)) >/dev/null &
	waiting=$!
	until_sleeps $waiting "$node"
	unprivileged r
	sleeps $waiting "$node"
	tap $? "an unprivileged user has reset no stream"
	kill $waiting
	wait $waiting
	ring_sound "after them"
	crowd r append:8192:7 put:9:7 count:1 fsync
	ring_sound "after the crowd"
	detach r
	is_sound "$LAB_DISK1"
	tap $? "vdectl finds nothing wrong with the stream"
}

echo "# seed $seed"
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1y >/dev/null
attach w "$LAB_DISK0" $blocks
char w w write:100000:1 >/dev/null
worm_alone
sound "after them"
crowd w append:5000:7 write:100:7 write:100000:7 fsync
sound "after the crowd"
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
streams
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random calls of the character device: whatever the numbers, sizes, flags and pointers, a
# call that fails changes nothing, nothing is damaged, and the kernel has nothing to report.
# SEED=N repeats a run.
#
# lab: --disk 512M --timeout 200
set -u
. "$(dirname "$0")/lib.sh"

blocks=120000
seed=${SEED:-$((SRANDOM % 32768))}
calls=10000
[ -z "${LAB_SHORT-}" ] || calls=1000
[[ $LAB_KERNEL != *debug* ]] || calls=3000

# marks: what only a call that succeeds may change; the extends are allowed to
marks() { char w r retention | tr ' ' '\n' | grep -E '^(state|resets)='; }

# fuzz NAME MODE [nobody]: nobody else uses the device
fuzz() {
	local name=$1 mode=$2 got
	shift 2
	got=$(charfuzz "$(char_node w)" "$mode" $calls "$seed" alone "$@")
	echo "# $name: $got"
	[[ $got == "calls=$calls succeeded="*" OK" ]]
	tap $? "$name: a call that fails changes nothing"
	seed=$((seed + 1))
}

alone() {
	local period
	fuzz "open for reading and writing" rw
	fuzz "open for reading" r
	fuzz "open for ioctl(2) only" none
	period=$(char_of w retention retention)
	fuzz "an unprivileged user, open for reading and writing" rw nobody
	fuzz "an unprivileged user, open for writing" w nobody
	tap_is "an unprivileged user has extended nothing" \
		"$(char_of w retention retention)" "$period"
	char w rw stop >/dev/null
}

# disturb: false as soon as a suspend or a resume fails, or when there was none
disturb() {
	local suspends=0
	while [ ! -e /run/over ]; do
		dmsetup suspend w && dmsetup resume w || return
		suspends=$((suspends + 1))
	done
	[ $suspends -gt 0 ]
}

# Four at once, with appends and suspends
crowd() {
	local node pids=() bad=0 pid
	node=$(char_node w)
	disturb &
	disturber=$!
	for mode in rw r w; do
		charfuzz "$node" $mode $calls "$seed" crowd >>/run/crowd &
		pids+=($!)
		seed=$((seed + 1))
	done
	charfuzz "$node" rw $calls "$seed" crowd nobody >>/run/crowd &
	pids+=($!)
	# Lets itself be joined by what the others append
	vdechar "$node" rw append:5000:7 write:100:7 write:100000:7 fsync >/dev/null || bad=1
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	: >/run/over
	wait $disturber
	tap $? "suspended and resumed all the time"
	sed 's/^/# crowd: /' /run/crowd
	tap_is "four at once, with suspends" "$bad $(grep -c "calls=$calls .* OK" /run/crowd)" "0 4"
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

echo "# seed $seed"
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1y >/dev/null
attach w "$LAB_DISK0" $blocks
char w w write:100000:1 >/dev/null
alone
sound "after them"
crowd
sound "after the crowd"
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

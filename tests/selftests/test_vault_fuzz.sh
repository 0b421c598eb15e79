#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random calls of a vault's character device: whatever the numbers, sizes, flags and pointers,
# a call that fails changes nothing, nothing is damaged, and the kernel has nothing to report.
# SEED=N repeats a run.
#
# lab: --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=500
seed=${SEED:-$((SRANDOM % 32768))}
calls=3000
[[ $LAB_KERNEL != *debug* && -z ${LAB_SHORT-} ]] || calls=600

# fuzz NAME MODE [nobody]: nobody else uses the device
fuzz() {
	local name=$1 mode=$2 got
	shift 2
	got=$(charfuzz "$(char_node v)" "$mode" $calls "$seed" alone "$@" /run/passports)
	echo "# $name: $got"
	[[ $got == "calls=$calls succeeded="*" OK" ]]
	tap $? "$name: a call that fails changes nothing"
	seed=$((seed + 1))
}

# disturb: false as soon as a suspend or a resume fails, or when there was none
disturb() {
	local suspends=0
	while [ ! -e /run/over ]; do
		dmsetup suspend v && dmsetup resume v || return
		suspends=$((suspends + 1))
		sleep 0.01
	done
	[ $suspends -gt 0 ]
}

# Four at once, with suspends
crowd() {
	local node pids=() bad=0 pid mode
	node=$(char_node v)
	disturb &
	disturber=$!
	for mode in rw r w; do
		charfuzz "$node" $mode $calls "$seed" crowd /run/more >>/run/crowd &
		pids+=($!)
		seed=$((seed + 1))
	done
	charfuzz "$node" rw $calls "$seed" crowd nobody /run/more >>/run/crowd &
	pids+=($!)
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	: >/run/over
	wait $disturber
	tap $? "suspended and resumed all the time"
	sed 's/^/# crowd: /' /run/crowd
	tap_is "four at once, with suspends" "$bad $(grep -c "calls=$calls .* OK" /run/crowd)" "0 4"
}

sound() {
	tap_is "$1: rw" "$(vault_line v | cut -d' ' -f9)" rw
	[ "$(vault_of v passports)" -gt "$2" ]
	tap $? "$1: passports were added ($(vault_of v passports))"
	tap_is "$1: all of them are valid" "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" \
		"$(vault_of v passports)"
}

echo "# seed $seed"
make_issuer
must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
attach_vault v "$LAB_DISK0" $blocks
passport /run/passports id="$(guid 1)" count=400 mixed=1 notes="$(printf %0200d 1)"
passport /run/more id="$(guid 2)" count=400 mixed=1 notes="$(printf %0200d 1)"
fuzz "open for reading and writing" rw
sound "after that" 2
before=$(vault_of v stored)
fuzz "open for reading" r
fuzz "an unprivileged user, open for reading and writing" rw nobody
fuzz "an unprivileged user, open for writing" w nobody
tap_is "nothing was added by those" "$(vault_of v stored)" "$before"
crowd
sound "after the crowd" "$before"
detach v
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Hostile callers: processes of root and of others that call whatever can be called, with
# arguments that are wrong in single places, while devices come and go: nothing sealed or
# acknowledged changes, the unprivileged change nothing, nothing is left behind, and there
# is nothing for the kernel to report. "make fuzz" does it for longer. SEED=N repeats the
# choices.
#
# also: uml-6.12-debug
# lab: --timeout 400
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

calls=10000
[ -z "${LAB_SHORT-}" ] || calls=2000
[[ $LAB_KERNEL != stock-* ]] || calls=1000
seed=${SEED:-$((SRANDOM % 32768))}

# plant WHAT COMPLAINT: the fuzzer complains of wrong that it does itself
plant() {
	tests/fuzz/callers-guest callfuzz 16 --seed "$seed" --calls 400 --plant "$1" >/run/said 2>&1
	grep -q "^wrong: $2" /run/said && grep -qE '^wrong [1-9]' /run/said && return
	sed 's/^/# /' /run/said
	return 1
}

# crowd PROGRAM: the real thing
crowd() {
	tests/fuzz/callers-guest "$1" 32 --seed "$seed" --calls $calls >/run/said 2>&1
	local status=$?
	sed 's/^/# /' /run/said
	tap $status "$1: nothing is wrong"
	grep -q '^wrong 0$' /run/said && grep -q '^left behind: nothing' /run/said
	tap $? "$1: to its end"
	# One whose calls all fail, or never, would prove little; few may by chance
	awk -v few="${LAB_SHORT-}" '/^all together: .* calls, / {
			n++; for (i = 1; $i != "calls,"; i++) ; \
			tried = $(i - 1); good = $(i + 1)
			bad += !tried || (!few && (!good || good >= tried)) }
		END { exit bad || n != 7 }' /run/said
	tap $? "$1: on each surface some calls succeeded, and some did not"
	[ "$(grep '^succeeded:' /run/said | tr ' ' '\n' | grep -c '=[1-9]')" -ge 8 ]
	tap $? "$1: so did several ioctls"
}

# plants: once is enough
plants() {
	plant worm "worm0: block [0-9]* is another"
	tap $? "a sealed block that changes is found"
	plant stream "stream0: block [0-9]* is another"
	tap $? "a block of a stream that changes is found"
	plant quiet "worm0: unprivileged users changed the disk"
	tap $? "an append among the unprivileged is found"
	if grep -q '^name *: ecdsa-nist-p256' /proc/crypto; then
		plant vault "vault0: "
		tap $? "a passport that changes is found"
	else
		tap_skip "a passport that changes is found" "a kernel without ECDSA P-256"
	fi
}

[ -n "${LAB_SHORT-}" ] || plants
program=callfuzz
# A 32-bit program, where kernel and compiler know such
if [[ $LAB_KERNEL != stock-6.* ]]; then
	:
elif [ -e out/fuzz/guest/callfuzz32 ]; then
	program=callfuzz32
else
	tap_skip "32-bit callers" "this compiler builds no 32-bit programs"
fi
crowd $program
tap_done

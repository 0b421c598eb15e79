#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Damaged volumes, as a forger or a bad disk would make them, each activated and read: no
# wrong block, no refusal without a reason, nothing acknowledged that is lost, and nothing
# for the kernel to report. "make fuzz" does it for longer. SEED=N repeats a run.
#
# also: uml-6.12-debug
# lab: --timeout 600
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

count=300
[[ $LAB_KERNEL != *debug* ]] || count=100
tests/fuzz/images-guest "${SEED:-$((SRANDOM % 32768))}" 0 $count >/run/said 2>&1
status=$?
sed 's/^/# /' /run/said
tap $status "no damage leads to a wrong answer"
grep -q "^$count activations" /run/said && grep -q '^wrong 0$' /run/said
tap $? "all of them were tried"
# A mutator that breaks everything, or nothing, would prove little
awk '/refused/ && /rw/ { gsub(",", ""); r += $4 + $7; w += $11; o += $9 }
	END { exit !(r > 10 && w > 10 && o > 5) }' /run/said
tap $? "some were refused, some read-only, some writable"
# A driver that cannot read anything gives no wrong answer
awk '/^blocks / { gsub("[,;]", ""); exit !($3 > $5 && $NF > 0) }' /run/said
tap $? "most blocks were read and right, some passports valid"
tap_done

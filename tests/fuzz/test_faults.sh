#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Allocations from slabs and of pages, and requests to the disk, fail in turn: in the task
# that calls and in the kernel's workers, for every call of every kind of region, loads,
# resumes and removals among them, also after a power cut and with a read-only table, and
# refused writes and damaged blocks. An error changes nothing, nothing acknowledged is
# lost, and there is nothing for the kernel to report. "make fuzz" tries every fault, with a
# disk that loses requests too, and this some of many. SEED=N repeats a run.
#
# only: *-debug
# also: uml-6.12-debug
# lab: --disk 16M --timeout 600
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

tests/fuzz/faults-guest "${SEED:-$((SRANDOM % 32768))}" worm stream vault >/run/said 2>&1
status=$?
sed 's/^/# /' /run/said
# Each kind of fault was there, and there were errors
n='[1-9][0-9]*'
for kind in worm stream vault; do
	grep -qE "^$kind: $n calls, $n slab, $n page, $n disk, $n errors, .* wrong 0\$" /run/said
	tap $? "$kind: everything may fail"
done
tap $status "the volumes are sound, and the module can be removed"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The debug kernel notices what it is for: each fault is planted once, and a module
# without one must pass.
#
# host: --timeout 120
# only: *-debug
# also: uml-6.12-debug
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

build=$(tests/lab/kernel "$KERNEL") || exit 1
cp tests/lab/faulty/* "$LAB_SCRATCH"
make -s -C "$build" ARCH=um M="$LAB_SCRATCH" modules || exit 1

# faulty FAULT: runs a machine with that fault; leaves $status and the log in $out
out=$LAB_SCRATCH/out
faulty() {
	status=0
	tests/lab/run --kernel "$KERNEL" --rw "$LAB_SCRATCH" -- \
		insmod "$LAB_SCRATCH/vde-faulty.ko" fault="$1" >"$out" 2>&1 || status=$?
}

# noticed FAULT TEXT: that fault fails the run, and its log says so
noticed() {
	faulty "$1"
	tap_is "$1 fails the run" $status 125
	grep -q -- "$2" "$out" || { tail -20 "$out" | sed 's/^/# /'; false; }
	tap $? "$1 is in the log"
}

# unscanned: a detector that is off has found nothing because it has not looked
unscanned() {
	status=0
	tests/lab/run --kernel "$KERNEL" -- sh -c 'echo off >/sys/kernel/debug/kmemleak' \
		>"$out" 2>&1 || status=$?
	tap_is "kmemleak that is off fails the run" $status 125
	grep -q "kmemleak has switched itself off" "$out"
	tap $? "which says so"
}

faulty none
tap_is "no fault passes" $status 0
unscanned
noticed leak "kmemleak reports"
noticed stale "KASAN: .*use-after-free"
noticed page "pagealloc: memory corruption"
noticed sleep "scheduling while atomic"
noticed order "possible circular locking"
tap_done

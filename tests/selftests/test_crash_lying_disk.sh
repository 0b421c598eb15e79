#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The test of power cuts can fail: where a disk has a cache but does not do what flushes
# ask for, each cut loses what an fsync covered, and the test finds that each time.
#
# lab: --timeout 900
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/tap.sh
. "$here/../lab/tap.sh"

# lies SCRIPT MEDIUM WHAT [OPTION]...
lies() {
	local script=$1 medium=$2 name="$1 $2${4:+ $4}: $3"
	shift 3
	"$here/../crash/$script" --lying "$@" "$medium" 8 >/tmp/cuts 2>&1
	tap $((! $?)) "$name fails the test of power cuts"
	tap_is "$name: cuts found to have lost something" "$(grep -c '^# cut ' /tmp/cuts)" 8
	[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
	[ ! -d /sys/kernel/config/nullb/cut ] || rmdir /sys/kernel/config/nullb/cut
}

lies disk-cuts null_blk "a disk that claims to have no cache, so that no flushes are sent,"
lies disk-cuts nbd "a disk that ignores flushes"
lies disk-cuts nbd "a disk that ignores flushes" --stream overwrite
lies mixed-cuts null_blk "a disk that claims to have no cache"
lies mixed-cuts nbd "a disk that ignores flushes"

"$here/../crash/log-cuts" --lying 1 30 >/tmp/cuts 2>&1
tap $((! $?)) "a disk that is behind what it says fails the test by logs of writes"
lost=$(grep -cE 'lost: |were acknowledged' /tmp/cuts)
tap $((lost < 10)) "which says what is lost"
[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
tap_done

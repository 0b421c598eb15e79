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

# lies MEDIUM WHAT [OPTION]...
lies() {
	local name="$1${3:+ $3}: $2" medium=$1
	shift 2
	"$here/../crash/disk-cuts" --lying "$@" "$medium" 8 >/tmp/cuts 2>&1
	tap $((! $?)) "$name fails the test of power cuts"
	tap_is "$name: cuts found to have lost something" "$(grep -c '^# cut ' /tmp/cuts)" 8
	[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
}

lies null_blk "a disk that claims to have no cache, so that no flushes are sent,"
lies nbd "a disk that ignores flushes"
lies nbd "a disk that ignores flushes" --stream overwrite

"$here/../crash/log-cuts" --lying 1 30 >/tmp/cuts 2>&1
tap $((! $?)) "a disk that is behind what it says fails the test by logs of writes"
lost=$(grep -cE 'lost: |were acknowledged' /tmp/cuts)
tap $((lost < 10)) "which says what is lost"
[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
tap_done

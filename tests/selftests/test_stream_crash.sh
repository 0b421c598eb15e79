#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_stream_crash.sh [CUTS]: power cuts of disks with a volatile cache under a writer that
# goes round a small ring and knows what each of its fsyncs covered, and under resets: each
# position of the ring holds what was written there, and nothing is missing that was
# promised. make crash makes many more, and one at each write and flush.
#
# lab: --timeout 300
set -u
. "$(dirname "$0")/lib.sh"

cuts=${1:-8}
[ -z "${LAB_SHORT-}" ] || cuts=2

# part NAME COMMAND...: a script that prints TAP of its own
part() {
	local name=$1
	shift
	"$@" >/run/part 2>&1
	tap_is "$name" "$? $(grep -c '^ok' /run/part) $(grep -c '^not ok' /run/part)" \
		"0 $(sed -n 's/^1\.\.//p' /run/part) 0"
	sed 's/^/# /' /run/part
	[ ! -d /sys/kernel/config/nullb/cut ] || drop_null_disk cut
}

part "overwriting" tests/crash/disk-cuts --stream overwrite null_blk "$cuts"
part "overwriting, any part of the cache survives" \
	tests/crash/disk-cuts --stream overwrite nbd "$cuts"
part "stopping and consuming" tests/crash/disk-cuts --stream stop null_blk "$cuts"
part "stopping and consuming, any part of the cache survives" \
	tests/crash/disk-cuts --stream stop nbd "$cuts"
part "resets" tests/crash/reset-cuts --stream null_blk "$cuts"
part "resets, any part of the cache survives" tests/crash/reset-cuts --stream nbd "$cuts"
tap_done

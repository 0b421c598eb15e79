#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A power cut at each write and flush of starting a region anew, and at random moments of
# it: there is the whole old or the whole new region then.
#
# lab: --timeout 600
set -u
. "$(dirname "$0")/lib.sh"

cuts=12
[ -z "${LAB_SHORT-}" ] || cuts=2

# part NAME COMMAND...: a script that prints TAP of its own
part() {
	local name=$1
	shift
	"$@" >/run/part 2>&1
	tap_is "$name" "$? $(grep -c '^ok' /run/part) $(grep -c '^not ok' /run/part)" \
		"0 $(sed -n 's/^1\.\.//p' /run/part) 0"
	sed 's/^/# /' /run/part
}

part "a cut at each request" tests/crash/disk-steps $((SRANDOM % 32768)) reset unclean-reset
part "cuts at random moments" tests/crash/reset-cuts null_blk $cuts
part "cuts at random moments, any part of the cache survives" tests/crash/reset-cuts nbd $cuts
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_vault_crash.sh [CUTS]: power cuts of disks with a volatile cache while passports are
# added and removed, and legal holds placed and lifted: added means durable. make crash
# makes many more cuts.
#
# lab: --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

cuts=${1:-6}

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

part "a cache that gives up what it must" tests/crash/vault-cuts null_blk "$cuts"
part "any part of the cache survives" tests/crash/vault-cuts nbd "$cuts"
tap_done

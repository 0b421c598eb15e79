#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark of the vault runs and prints a line for each number of passports. How long
# anything takes is no result here.
#
# lab: --rw --timeout 120
set -u
. "$(dirname "$0")/../selftests/lib.sh"

tests/bench/vault 10 300 >/run/table 2>&1
tap $? "the benchmark runs"
sed 's/^/# /' /run/table
tap_is "a line for each number of passports" \
	"$(grep -cE '^ *(10|300)( +[0-9]+\.[0-9]){6}$' /run/table)" 2
tap_done

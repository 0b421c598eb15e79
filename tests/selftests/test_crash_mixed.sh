#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20 power cuts of a disk with a volatile cache, while a WORM region, a stream and a vault of
# one volume are all in use.
#
# lab: --timeout 900
cuts=20
[ -z "${LAB_SHORT-}" ] || cuts=8
exec "$(dirname "$(readlink -f "$0")")/../crash/mixed-cuts" null_blk $cuts

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whole machines killed while all kinds of regions are used; make crash kills 50.
#
# host: --timeout 900
cuts=8
[ -z "${LAB_SHORT-}" ] || cuts=2
exec "$(dirname "$(readlink -f "$0")")/../crash/machine-cuts" $cuts

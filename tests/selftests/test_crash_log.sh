#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# States that power cuts could have left, made from a log of dm-log-writes; make crash tries
# all that such a log has.
#
# lab: --timeout 900
states=40
[ -z "${LAB_SHORT-}" ] || states=25
exec "$(dirname "$(readlink -f "$0")")/../crash/log-cuts" $((SRANDOM % 32768)) $states

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 60 power cuts of a disk that answers in any order and keeps any part of its cache, under
# a writer that knows what each of its fsyncs covered; make crash makes 500.
#
# lab: --timeout 600
cuts=60
[ -z "${LAB_SHORT-}" ] || cuts=8
exec "$(dirname "$(readlink -f "$0")")/../crash/disk-cuts" nbd $cuts

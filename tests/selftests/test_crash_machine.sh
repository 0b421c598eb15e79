#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whole machines killed while they append; make crash kills 50.
#
# host: --timeout 900
exec "$(dirname "$(readlink -f "$0")")/../crash/machine-cuts" 8

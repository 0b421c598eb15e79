#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# "make lint" has nothing to say.
#
# host: --timeout 1200
# only: uml-6.12
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

if git ls-files --error-unmatch tests/lint >/dev/null 2>&1; then
	make -s lint >"$LAB_SCRATCH/log" 2>&1
	status=$?
	sed 's/^/# /' "$LAB_SCRATCH/log"
	tap $status "static checks"
else
	tap_skip "static checks" "what is to be checked, git must tell"
fi
tap_done

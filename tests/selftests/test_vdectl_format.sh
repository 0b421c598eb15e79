#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on image files, against a second implementation of the format.
#
# host: --timeout 600
exec "$(dirname "$(readlink -f "$0")")/../../tools/vde/tests/test_format.sh"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A power cut at each write and flush of attaching, appending, detaching and formatting.
#
# lab: --timeout 600
exec "$(dirname "$(readlink -f "$0")")/../crash/disk-steps" $((SRANDOM % 32768)) \
	append unclean-append format

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Samples: what the programs in the machine leave in $LAB_SCRATCH/samples for the report,
# a line each:
#
#   rate WORKLOAD DEVICE ROUND KIB MILLISECONDS OPERATIONS
#   value WHAT DEVICE ROUND NUMBER
#   fact WHAT TEXT...

samples=${LAB_SCRATCH:?}/samples

sample() { echo "$*" >>"$samples"; }

# facts: what the figures belong to
facts() {
	sample fact kernel "$LAB_KERNEL $(uname -r) $(uname -v)"
	sample fact cpus "$(nproc)"
}

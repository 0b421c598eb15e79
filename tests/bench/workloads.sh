# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is measured, and on which devices: the one table of it.
#
#   WORKLOAD: append|fsync|calls|read|randread-<block size>-<depth, or writers>

writers_compared="raw linear crypt integrity-J integrity-B integrity-D worm stream"
readers_compared="raw linear crypt integrity-J verity worm-read worm-unverified stream"

list_workloads() {
	local size depth
	for size in 4k 128k 1M; do
		for depth in 1 8 32; do echo "append-$size-$depth"; done
	done
	echo fsync-4k-1
	echo calls-4k-4 calls-128k-4 | tr ' ' '\n'
	for size in 4k 128k 1M; do echo "read-$size-8" "randread-$size-8" | tr ' ' '\n'; done
	echo read-128k-1
}

# devices_of WORKLOAD
devices_of() {
	case $1 in
	append-4k-32 | append-128k-8) echo "$writers_compared worm-sync" ;;
	append-* | fsync-*) echo "$writers_compared" ;;
	calls-*) echo "worm stream" ;;
	*) echo "$readers_compared" ;;
	esac
}

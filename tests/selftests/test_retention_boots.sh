#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two machines, one after the other, on the same disk: retention does not come nearer while
# the disk lies in a drawer, whatever date the second machine has.
#
# host: --timeout 100
set -u
top=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
# shellcheck source=tests/lab/tap.sh
. "$top/tests/lab/tap.sh"

blocks=100
second=10000000
disk=$LAB_SCRATCH/disk

# guest STEP: inside a machine; prints key=value
guest() {
	. "$top/tests/selftests/lib.sh"
	local up rest
	[ "$1" != later ] || must date -s "+20 years" >/dev/null
	attach w "$LAB_DISK0" $blocks
	[ "$1" = later ] || append w 10 1
	char w r retention | tr ' ' '\n'
	read -r up rest </proc/uptime
	echo "seen=$((10#${up/./} * second / 100))"
	detach w
	read -r up rest </proc/uptime
	# shellcheck disable=SC2034
	echo "ended=$((10#${up/./} * second / 100))"
}

# machine PREFIX STEP: sets PREFIX_clock and so on from what it prints
machine() {
	local line
	"$top/tests/lab/run" --kernel "$KERNEL" --disk "$disk" -- \
		"$0" guest "$2" >"$LAB_SCRATCH/said" 2>&1 || sed 's/^/# /' "$LAB_SCRATCH/said"
	while read -r line; do
		[[ ! $line =~ ^[a-z_]+=[0-9]+$ ]] || declare -g "$1_$line"
	done < <(tr -d '\r' <"$LAB_SCRATCH/said")
}

case ${1-} in
guest)
	guest "$2"
	exit
	;;
esac

first_clock=0 first_seen=0 first_ended=0 first_sealed_clock=0
second_clock=0 second_seen=0 second_remaining=0 second_sealed_clock=0
truncate -s 4M "$disk"
"$top/tools/vde/vdectl/vdectl" format "$disk" --worm $((blocks * 4096)) --retention 4s \
	>/dev/null || exit
machine first first
sleep 5
machine second later
ran=$((first_ended - first_seen + second_seen))
tap_is "the second machine knows when the newest block was sealed" \
	"$second_sealed_clock" "$first_sealed_clock"
tap $((second_clock < first_clock)) "the clock has not gone back"
tap $((second_clock - first_clock > ran + second / 10)) \
	"nor run for longer than the machines have, though it is 20 years later"
tap $((second_remaining == 0 && first_clock - first_sealed_clock + ran < 4 * second)) \
	"retention of 4 s has not passed in 5 s without power"
"$top/tools/vde/vdectl/vdectl" check "$disk" --data >"$LAB_SCRATCH/said" ||
	sed 's/^/# /' "$LAB_SCRATCH/said"
tap "${PIPESTATUS[0]}" "vdectl finds nothing wrong"
tap_done

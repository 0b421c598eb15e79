#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmarks run, and their report is whole. How fast anything is is no result here.
#
# host: --timeout 600
# only: uml-6.12 uml-7.2
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh
out=$LAB_SCRATCH/bench

# medians TABLE NAME: devices with a median above zero, in a line
medians() {
	jq -r --arg table "$1" --arg name "$2" '.[$table][$name] // {} | to_entries[] |
		select(.value.median > 0 and (.value.samples | length) > 0) | .key' \
		"$out/performance.json" | sort | paste -sd' ' -
}

SHORT=1 tests/bench/run --kernel "$KERNEL" --out "$out" >"$LAB_SCRATCH/log" 2>&1
tap $? "the benchmarks run"
sed 's/^/# /' "$LAB_SCRATCH/log"
jq empty "$out/performance.json"
tap $? "the figures are JSON"
tap_is "it says whose figures they are" \
	"$(jq -r '.machine | keys | join(" ")' "$out/performance.json")" "cpu cpus kernel"
tap_is "every device has been written to" \
	"$(medians megabytes_per_second append-128k-8 | tr ' ' '\n' | grep -vE '^(sha256|memcpy)-' |
		paste -sd' ' -)" \
	"crypt integrity-B integrity-D integrity-J linear raw stream worm worm-sync"
tap_is "every device has been read" \
	"$(medians megabytes_per_second read-128k-8 | tr ' ' '\n' | grep -vE '^(sha256|memcpy)-' |
		paste -sd' ' -)" \
	"crypt integrity-J linear raw stream verity worm-read worm-unverified"
tap_is "both sizes have been activated" \
	"$(medians values activation-us-1GiB) $(medians values activation-us-16TiB)" \
	"linear stream verity worm linear stream verity worm"
tap_is "writes were counted" "$(medians values amplification-1M)" \
	"integrity-B integrity-D integrity-J linear stream worm"
tap_is "both vaults were asked" "$(medians values vault-get-ns)" "10 100"
jq -e '.goals | length > 20 and all(has("goal") and has("figure") and has("reached"))' \
	"$out/performance.json" >/dev/null
tap $? "the goals are judged"
grep -q '^Goals$' "$out/performance.txt"
tap $? "there is a table"
head -n 2 "$out/performance.svg" | grep -q '^<?xml' && tail -n 1 "$out/performance.svg" | grep -q '</svg>'
tap $? "there is a chart"
tap_done

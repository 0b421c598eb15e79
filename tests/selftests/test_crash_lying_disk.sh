#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The test of power cuts can fail: where a disk has a cache but does not do what flushes
# ask for, each cut loses what an fsync covered, and the test finds that each time; but a
# reset is one commit, which may survive on a disk that keeps any part of its cache.
#
# SEED=N makes the choices the same again.
#
# lab: --timeout 900
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/tap.sh
. "$here/../lab/tap.sh"
# shellcheck source=tests/lab/guest.sh
. "$here/../lab/guest.sh"

seed=${SEED:-$((SRANDOM % 32768))}
lied=0
found=0

# add_up: what a script says that it has tried
add_up() {
	local states violations
	read -r _ _ states _ violations _ < <(grep '^# tried ' /tmp/cuts)
	lied=$((lied + states))
	found=$((found + violations))
}

# lies SCRIPT MEDIUM WHAT [OPTION]...: $least cuts must be found to have lost something
least=8
lies() {
	local cuts script=$1 medium=$2 name="$1 $2${4:+ $4}: $3"
	shift 3
	"$here/../crash/$script" --lying "$@" "$medium" 8 "$seed" >/tmp/cuts 2>&1
	tap $((! $?)) "$name fails the test of power cuts"
	cuts=$(grep -c '^# cut ' /tmp/cuts)
	tap $((cuts < least || cuts > 8)) "$name: cuts found to have lost something ($cuts)"
	[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
	add_up
	[ ! -d /sys/kernel/config/nullb/cut ] || rmdir /sys/kernel/config/nullb/cut
}

# loses WORDS WHAT: the last ones say that of what they have found
loses() {
	local found
	found=$(grep -c "$1" /tmp/cuts)
	tap $((found == 0)) "among what is lost are $2 ($found)"
	[ "$found" != 0 ] || sed 's/^/# /' /tmp/cuts
}

echo "# SEED=$seed"
lies disk-cuts null_blk "a disk that claims to have no cache, so that no flushes are sent,"
lies disk-cuts nbd "a disk that ignores flushes"
lies disk-cuts nbd "a disk that ignores flushes" --stream overwrite
lies mixed-cuts null_blk "a disk that claims to have no cache"
lies mixed-cuts nbd "a disk that ignores flushes"
# null_blk never loses what overwrites something
least=3
lies reset-cuts nbd "a disk that ignores flushes"
loses "the reset was lost" "resets"
lies reset-cuts nbd "a disk that ignores flushes" --stream
loses "the reset was lost" "resets"
least=8
if has_ecdsa; then
	lies vault-cuts null_blk "a disk that claims to have no cache"
	loses "were acknowledged" "passports"
fi

"$here/../crash/log-cuts" --lying "$seed" 30 >/tmp/cuts 2>&1
tap $((! $?)) "a disk that is behind what it says fails the test by logs of writes"
lost=$(grep -cE 'lost: |were acknowledged' /tmp/cuts)
tap $((lost < 10)) "which says what is lost"
[ "$tap_failed" = 0 ] || sed 's/^/# /' /tmp/cuts
add_up
# For the sums of crash/run
echo "# of $lied states of disks that lie $found were found"
tap_done

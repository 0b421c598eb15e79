#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that runs out, at each allocation, while a vault is recovered again since its new
# table allows writing: whatever that comes to, the next table shows all passports. In short
# form from the 100th on.
#
# only: *-debug
# also: uml-6.12-debug
# lab: --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=10
many=2

table() { echo "0 $((blocks * 8)) vde $LAB_DISK0 vault 1 issuer_key=$point"; }

# again read-only: the vault is closed and recovered if it was not so
read_only() {
	must dmsetup load --readonly v --table "$(table)"
	must dmsetup resume v
}

is_whole() {
	[ "$(vault v r count "get:$id" | cut -d' ' -f1,3)" = "$many valid" ] ||
		[ "$(vault v r count "get:$id" | cut -d' ' -f1,3)" = "$many unchecked" ]
}

make_issuer
must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
attach_vault v "$LAB_DISK0" $blocks
passport /run/passports id="$(guid 1)" count=$many
tap_is "passports" "$(vault v rw addall:/run/passports)" "OK $many"
id=$(guid 1)
let_slabs_fail
failed=0
bad=0
read_only
first=1
[ -z "${LAB_SHORT-}" ] || first=100
for ((nth = first; ; nth++)); do
	must dmsetup load v --table "$(table)"
	read -r status reached < <(python3 tests/selftests/fail_nth.py v $nth)
	[ "$reached" = 1 ] || break
	[ "$status" = 0 ] || failed=$((failed + 1))
	read_only
	is_whole || {
		bad=$((bad + 1))
		echo "# allocation $nth, $status: $(vault v r status count)"
	}
	# It may be in another mode now: from the disk again
	detach v
	must dmsetup create --readonly v --table "$(table)"
done
echo "# $((nth - 1)) allocations, $failed of them make the resume fail"
tap $((nth < 150)) "there are allocations to fail"
tap $((failed == 0)) "some are needed"
tap $bad "all passports are there whichever fails"
tap_is "with memory all is well" "$status $(vault v rw add:/run/passports)" "0 EINVAL"
tap_done

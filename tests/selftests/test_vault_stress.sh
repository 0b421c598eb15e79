#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_vault_stress.sh [PASSPORTS]: two adders, two who list, one who verifies, and suspends,
# resumes and other tables, all at once: no passport comes twice in a list, none is left out,
# and the order stays.
#
# also: uml-6.12-debug
# lab: --disk 16M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

each=${1:-600} # passports of each adder
[[ $LAB_KERNEL != *debug* && -z ${LAB_SHORT-} ]] || each=$((each / 3))
blocks=500
over=/run/over

# disturb: nothing of this may be noticed but for its time; every other time there is a new
# table
disturb() {
	local i
	for ((i = 0; ; i++)); do
		[ ! -e $over ] || break
		must dmsetup suspend v
		[ $((i % 2)) = 0 ] || must dmsetup load v --table \
			"0 $((blocks * 8)) vde $LAB_DISK0 vault 1 issuer_key=$point"
		must dmsetup resume v
		sleep 0.0$((RANDOM % 10))
	done
	echo $i >/run/suspends
	[ $i -gt 0 ]
}

# in_order FILE LIST: are the passports of the adder in the list in that order?
in_order() {
	local id
	id=$(vdepassport id "$1")
	id=${id%0000}
	[ "$(grep "^$id" "$2")" = "$(grep "^$id" "$2" | sort)" ] &&
		[ "$(grep -c "^$id" "$2")" = "$each" ]
}

make_issuer
must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
attach_vault v "$LAB_DISK0" $blocks
for adder in 1 2; do
	passport /run/passports$adder id="$(printf %08x $adder)-1111-4222-8333-444444440000" \
		object="$(guid 7)" count="$each" mixed=1 notes="$(printf %0250d 1)"
done
node=$(char_node v)
watchers=()
for what in list list verify; do
	vaultwatch "$node" $what $over >/run/watcher${#watchers[@]} &
	watchers+=($!)
done
disturb &
disturber=$!
vdevault "$node" rw each:/run/passports1 >/run/answers1 &
one=$!
vdevault "$node" rw each:/run/passports2 >/run/answers2 &
two=$!
wait $one $two
: >$over
tap_is "all passports of both adders were taken" \
	"$(sort /run/answers1 | uniq -c | xargs) $(sort /run/answers2 | uniq -c | xargs)" \
	"$each OK $each OK"
bad=0
for pid in "${watchers[@]}"; do wait "$pid" || bad=$((bad + 1)); done
tap $bad "no list had a passport twice, in another order, or left one out"
wait $disturber
tap $? "there were suspends, resumes and other tables all the time"
tap_is "those who looked saw all of them in the end" \
	"$(grep -c "passports=$((2 * each)) OK" /run/watcher0 /run/watcher1 /run/watcher2 |
		sed 's/.*://' | paste -sd' ')" "1 1 1"
sed 's/^/# /' /run/watcher?
echo "# $(cat /run/suspends) suspends and resumes"
vault_ids v >/run/list
in_order /run/passports1 /run/list && in_order /run/passports2 /run/list
tap $? "each adder's passports are in its order"
tap_is "the number of them" "$(vault_of v passports) $(sort -u /run/list | wc -l)" \
	"$((2 * each)) $((2 * each))"
detach v
is_sound "$LAB_DISK0"
tap $? "sound"
attach_vault v "$LAB_DISK0" $blocks
vault_ids v | cmp - /run/list
tap $? "the same list after the next activation"
tap_done

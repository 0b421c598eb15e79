#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_vault_many.sh [PASSPORTS]: many passports, added with power cuts in between: all of
# them are there, in each list where they belong, and a list goes on from any cursor.
#
# lab: --timeout 1200
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

many=${1:-10000}
[[ $LAB_KERNEL != *debug* && -z ${LAB_SHORT-} ]] || many=$((many / 10))
cuts=4
blocks=$((many / 8))
disk=/dev/many

power() { echo "$1" >/sys/kernel/config/nullb/many/power || bail "power"; }

# check NAME [OPTION]: all that was acknowledged is there; says how many there are
check() {
	tap_is "$1" "$(vaultcheck ${2:+"$2"} "$(char_node v)" /run/passports /run/model /run/adds |
		sed 's/there=[0-9]*/there/')" "there tombstones=0 OK"
	read -r model </run/model
	there=${#model}
}

# add_some: until the power goes, or to the end
add_some() {
	vdevault "$(char_node v)" rw "each:/run/passports:$there" >/run/adds 2>&1 &
	adder=$!
}

enough() { [ -e /run/adds ] && [ "$(wc -l </run/adds)" -ge "$1" ] || [ ! -e "/proc/$adder" ]; }

make_issuer
null_disk many $((blocks * 4096 / 1048576 + 4)) cache_size=4
must vdectl format $disk --vault $((blocks * 4096)) --force >/dev/null
passport /run/passports id=00000001-1111-4222-8333-444444440000 object="$(guid 7)" \
	count="$many" mixed=1 notes="$(printf %0250d 1)"
there=0
for ((cut = 1; cut <= cuts; cut++)); do
	attach_vault v $disk $blocks
	[ $cut = 1 ] || check "after power cut $((cut - 1))" -b
	echo "# $there passports"
	add_some
	[ $cut -lt $cuts ] || break
	wait_until enough $((many * (50 + RANDOM % 100) / cuts / 100))
	power 0
	wait "$adder"
	must dmsetup remove --retry v
	power 1
done
wait "$adder"
check "all were added"
tap_is "$many passports" "$there $(vault_of v verified) $(vault_line v | cut -d' ' -f9)" \
	"$many $many rw"
# Most are of this object, but not the one that the cursor lies behind
last=$((many / 21 * 21 - 18))
want=0
for ((nr = last + 1; nr < many; nr++)); do
	[ $((nr % 3)) = 0 ] && [ $((nr / 3 % 7)) != 0 ] || want=$((want + 1))
done
tap_is "the list of an object goes on from a cursor of another list" \
	"$(timeout 60 vdevault "$(char_node v)" r "count:object=$(guid 7):from=$((last + 1))"
		echo $?)" "$want
0"
detach v
is_sound $disk
tap $? "closed cleanly, vdectl finds nothing wrong"
attach_vault v $disk $blocks
rm /run/adds
check "after the next activation" -b
detach v
drop_null_disk many
tap_done

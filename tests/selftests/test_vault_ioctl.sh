#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands of a vault's character device: structures that grow, unknown flags, bad pointers,
# who may do what, filters and cursors that cannot be, numbers in sysfs.
#
# lab: --disk 8M --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=100
many=400

growth() {
	local verdict name
	chargrow "$(char_node v)" >/run/grow || bail "chargrow"
	while read -r verdict name; do
		case $verdict in
		ok) tap 0 "$name" ;;
		not) tap 1 "${name#ok }" ;;
		*) echo "# $name" ;;
		esac
	done </run/grow
}

# may COMMAND READ WRITE BOTH OPERATION: what it answers by how the file is open, "ok" for
# all that is no errno
may() {
	local mode got answers=""
	for mode in r w rw; do
		got=$(vault v $mode "${*: -1}")
		[[ $got == E* ]] || got=ok
		answers+=" $got"
	done
	tap_is "$1, open for reading, writing, both: ${*:2:3}" "$answers" " ${*:2:3}"
}

permissions() {
	may VAULT_ADD EBADF EEXIST EEXIST add:/run/one
	may VAULT_GET ok EBADF ok get:"$(guid 1)"
	may VAULT_LIST ok EBADF ok list
	may VAULT_VERIFY ok EBADF ok verify:"$(guid 1)"
	may VAULT_REMOVE EBADF EAGAIN EAGAIN remove:"$(guid 1)"
	may VAULT_STATUS ok EBADF ok status
	tap_is "without CAP_SYS_ADMIN all but adding and removing" \
		"$(vault v rw nobody add:/run/one remove:"$(guid 1)" count:status=5)" "OK EPERM EPERM 0"
	tap_is "commands of other kinds" "$(char v rw record:0 scrub start:0:0 retention reset \
		ring anew append:10:1 | tr ' ' '\n' | sort | uniq -c | xargs)" "8 ENOTTY"
	tap_is "write(2) and read(2)" "$(char v rw write:10:1)" EINVAL
}

# list_is NAME WANT FILTER: how many, or an errno
list_is() { tap_is "list, $1: $2" "$(vault v r "count:$3")" "$2"; }

lists() {
	local size
	list_is "a framework that is none" EINVAL framework=9
	list_is "a status that is none" EINVAL status=8
	list_is "a status that is none, again" EINVAL status=65534
	list_is "all" $((many + 2)) batch=64
	list_is "one at a time" $((many + 2)) batch=1
	list_is "all at once" $((many + 2)) batch=4096
	list_is "no room" 0 batch=0
	for size in 0 8 207; do list_is "entries of $size bytes" EINVAL entry=$size; done
	for size in 208 209 216 1000 4096; do
		list_is "entries of $size bytes" $((many + 2)) entry=$size
	done
	list_is "entries of 4097 bytes" E2BIG entry=4097
	list_is "entries of 4 GiB" E2BIG entry=4294967295 2>/dev/null
	list_is "from the end" 0 from=$((many + 2))
	list_is "from behind the end" EINVAL from=$((many + 3))
	list_is "from 2^32" EINVAL from=4294967296
	list_is "from 2^64 - 1" EINVAL from=18446744073709551615
}

# A cursor of one list used with another: what is there behind it, and an end
cursors() {
	local node
	node=$(char_node v)
	tap_is "an object's list from a cursor of the whole one" \
		"$(timeout 60 vdevault "$node" r "count:object=$(guid 7):from=$((many + 1))" 2>&1; echo $?)" \
		"1
0"
	tap_is "a framework's" \
		"$(timeout 60 vdevault "$node" r "count:framework=1:from=$((many + 1))" 2>&1; echo $?)" \
		"1
0"
	tap_is "from the first one on" "$(vault v r "count:object=$(guid 7):from=1")" $many
}

in_sysfs() { cat "/sys/class/vde/$(basename "$(char_node v)")/$1"; }

numbers() {
	local name
	for name in passports removed verified unverifiable bad unchecked damaged rejected_adds \
		used_blocks free_bytes holds; do
		tap_is "sysfs: $name" "$(in_sysfs $name)" "$(vault_of v $name)"
	done
	! in_sysfs hwm >/dev/null 2>&1
	tap $? "no file of other kinds"
}

make_issuer
must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
attach_vault v "$LAB_DISK0" $blocks
passport /run/one id="$(guid 1)" object="$(guid 7)"
passport /run/many id="$(guid 2)" count=$((many - 1)) object="$(guid 7)"
passport /run/other id="$(guid 3)" object="$(guid 8)" framework=1
passport /run/last id="$(guid 4)" object="$(guid 7)" framework=1
tap_is "passports" "$(vault v rw add:/run/one addall:/run/many add:/run/other add:/run/last)" \
	"OK OK $((many - 1)) OK OK"
growth
permissions
lists
cursors
numbers
detach v
is_sound "$LAB_DISK0"
tap $? "sound"
tap_done

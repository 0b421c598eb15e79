# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Power cuts of a volume with a WORM region and two vaults, for tests in a lab machine.
# Source lib.sh and disks.sh first. One vault takes passports, of which some have expired;
# in the other, each hold on the WORM region is followed by its release.
# shellcheck disable=SC2154

PATH=$crash_top/out/selftests:$PATH
image=/tmp/image
passports=/tmp/passports
holds=/tmp/holds
many=300		# passports, and holds with their releases: then all starts over
added=0
swept=0
held_or_lifted=0
unsaid=0
users=()

# attach_region worm|vault|holds BLOCKS
attach_region() {
	local options="1 issuer_key=$point" kind=vault
	case $1 in
	worm) kind=worm options= ;;
	holds) options="2 region=1 issuer_key=$point" ;;
	esac
	dmsetup create "$1" --table "0 $(($2 * 8)) vde $disk $kind $options"
}

remove_all() {
	local name
	for name in vault holds worm; do
		[ ! -e /dev/mapper/$name ] || dmsetup remove --retry $name
	done
}

# prepare: an image of the empty volume, and everything that will be added to it
prepare() {
	local uuid
	"${medium}_new" 4 && "${medium}_on" || return
	vdectl format "$disk" --worm 400K --vault 160K --vault 80K --force \
		--destroy-sealed-data && dd if="$disk" of=$image bs=1M iflag=direct status=none &&
		make_key /tmp/key.pem &&
		point=$(vdepassport point /tmp/key.pem) && attach_region worm 100 || return
	uuid=$(region_uuid worm)
	remove_all
	vdepassport make /tmp/key.pem count=$many mixed=1 issuer=acme id="$(guid 1)" \
		object="$(guid 7)" notes="$(printf %0250d 1)" >$passports &&
		vdepassport holds /tmp/key.pem count=$((many / 2)) issuer=acme id="$(guid 2)" \
			object="$uuid" >$holds && start_over && "${medium}_off"
}

guid() { printf '%08x-1111-4222-8333-444444440000' "$1"; }

# start_over: the empty volume
start_over() {
	rm -f /tmp/model /tmp/holds-model /tmp/adds /tmp/sweeps /tmp/hold-adds
	"${medium}_fill" $image
}

# model FILE: what was there when it was looked at last
model() {
	local line=
	[ ! -e "$1" ] || read -r line <"$1"
	echo "$line"
}

# first_left MODEL: the first expired passport that is no tombstone, every third expires
first_left() {
	local i
	for ((i = 2; i < ${#1}; i += 3)); do [ "${1:i:1}" = x ] || break; done
	echo "$i"
}

# is_promised: does this cut wait until something has been acknowledged in both vaults?
is_promised() { [ "${lying:-}" ] || [ $((cut % 3)) = 1 ]; }

# start_users: an adder, one who removes, and one who places and lifts holds, as $users
start_users() {
	local vault holder there held
	vault=$(char_node vault)
	holder=$(char_node holds)
	there=$(model /tmp/model)
	held=$(model /tmp/holds-model)
	# They may be killed before they have opened these
	tee /tmp/adds /tmp/sweeps /tmp/hold-adds </dev/null
	vdevault "$vault" rw "each:$passports:${#there}" >/tmp/adds 2>&1 &
	users=($!)
	vdevault "$vault" rw "sweep:$passports:$(first_left "$there")" >/tmp/sweeps 2>&1 &
	users+=($!)
	is_promised || [ $((RANDOM % 3)) != 0 ] || return 0
	vdevault "$holder" rw "each:$holds:${#held}" >/tmp/hold-adds 2>&1 &
	users+=($!)
}

count_ok() { grep -c 'OK$' "$1"; }

# agrees: the WORM region is held if and only if the last of the second vault is a hold
agrees() {
	local held there
	there=$(model /tmp/holds-model)
	held=$(vdechar "$(char_node worm)" r retention | tr ' ' '\n' | sed -n 's/^state=//p')
	[ "$held" = $((${#there} % 2)) ] && return
	echo "held $held after ${#there} holds and releases"
	return 1
}

# tally: what the users have done, for the report
tally() {
	local before=$1 holds_before=$2 there held
	there=$(model /tmp/model)
	held=$(model /tmp/holds-model)
	added=$((added + ${#there} - before))
	held_or_lifted=$((held_or_lifted + ${#held} - holds_before))
	swept=$((swept + $(count_ok /tmp/sweeps)))
	unsaid=$((unsaid + ${#there} - before - $(count_ok /tmp/adds) +
		${#held} - holds_before - $(count_ok /tmp/hold-adds)))
}

# look: everything is as it must be, also after a clean close. What one vault has lost does
# not hide what the other has.
look() {
	local there held lost=0 first=$((RANDOM % 2))
	there=$(model /tmp/model)
	held=$(model /tmp/holds-model)
	[ $first = 0 ] || attach_region worm 100 || return
	attach_region vault 40 && attach_region holds 20 || return
	[ $first = 1 ] || attach_region worm 100 || return
	vaultcheck "$(char_node vault)" $passports /tmp/model /tmp/adds /tmp/sweeps || lost=1
	vaultcheck "$(char_node holds)" $holds /tmp/holds-model /tmp/hold-adds || lost=1
	[ $lost = 0 ] && agrees && all_writable || return
	tally ${#there} ${#held}
	remove_all
	check_image || return
	there=$(model /tmp/model)
	held=$(model /tmp/holds-model)
	[ ${#there} -lt $((many - 20)) ] && [ ${#held} -lt $((many - 20)) ] || start_over
}

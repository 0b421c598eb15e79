#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Legal holds and time attestations: what a passport does to a WORM region, whether that
# is active, suspended or detached, and what is left after a crash between the two
# commits.
#
# lab: --disk 16M --disk 16M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=100
second=10000000
hold=$(guid 1)

# volume DISK: two WORM regions and two vaults
volume() {
	must vdectl format "$1" --worm 409600,retention=1s --worm 409600 --vault 40960 \
		--vault 40960 --force --destroy-sealed-data >/dev/null
}

up() { attach w "$LAB_DISK0" $blocks; }
up_vault() { attach_vault v "$LAB_DISK0" 10; }
held() { char_of w retention state; }

# hold_passport FILE ID REGION [FIELD=VALUE...]
hold_passport() { passport "$1" id="$2" object="$3" status=5 "${@:4}"; }
release_passport() { passport "$1" id="$2" object="$3" status=6 notes="$4" "${@:5}"; }

setup() {
	make_issuer
	volume "$LAB_DISK0"
	up
	up_vault
	region=$(region_uuid w)
	append w 5 1
	hold_passport /run/hold "$hold" "$region"
	release_passport /run/release "$(guid 2)" "$region" "$hold"
	sleep 1.5
}

placing() {
	tap_is "no hold, retention has passed" "$(held) $(char_of w retention remaining)" "0 0"
	tap_is "a hold is placed" "$(vault v rw add:/run/hold)" "OK"
	tap_is "the region is held" "$(held) $(vault_of v holds) $(vault_line v | cut -d' ' -f8)" \
		"1 1 1"
	tap_is "and cannot be reset" "$(char w rw reset)" "EACCES"
	tap_is "the hold cannot be removed" "$(vault v rw remove:"$hold")" "EACCES"
	detach v
	tap_is "nor with the vault detached" "$(char w rw reset) $(held)" "EACCES 1"
	detach w
	is_sound "$LAB_DISK0"
	tap $? "both are closed cleanly"
	up
	tap_is "nor after the next activation" "$(char w rw reset) $(held)" "EACCES 1"
	up_vault
	tap_is "the vault knows" "$(vault_of v holds)" 1
}

# What must not lift it, and what cannot be a hold
forged() {
	local other
	other=$(region_uuid v)
	must make_key /run/forger.pem
	must vdepassport make /run/forger.pem issuer=acme id="$(guid 20)" object="$region" status=6 \
		notes="$hold" >/run/forged
	tap_is "a forged release" "$(vault v rw add:/run/forged)" "EKEYREJECTED"
	must vdepassport make $key issuer=other id="$(guid 21)" object="$region" status=6 \
		notes="$hold" >/run/another
	tap_is "a release by another issuer" "$(vault v rw add:/run/another)" "EINVAL"
	release_passport /run/wrong "$(guid 22)" "$region" "$(guid 99)"
	tap_is "a release of no hold" "$(vault v rw add:/run/wrong)" "EINVAL"
	release_passport /run/wrong "$(guid 23)" "$region" "$hold "
	tap_is "a release with more in its notes" "$(vault v rw add:/run/wrong)" "EINVAL"
	release_passport /run/wrong "$(guid 24)" "$(guid 5)" "$hold"
	tap_is "a release of an object elsewhere" "$(vault v rw add:/run/wrong)" "EINVAL"
	release_passport /run/wrong "$(guid 25)" "$region" "$hold" expires=now+9
	tap_is "a release that expires" "$(vault v rw add:/run/wrong)" "EINVAL"
	hold_passport /run/wrong "$(guid 26)" "$(guid 5)"
	tap_is "a hold on another volume's region" "$(vault v rw add:/run/wrong)" "EINVAL"
	hold_passport /run/wrong "$(guid 27)" "$other"
	tap_is "a hold on a vault" "$(vault v rw add:/run/wrong)" "EINVAL"
	hold_passport /run/wrong "$(guid 28)" "$region" expires=now+9
	tap_is "a hold that expires" "$(vault v rw add:/run/wrong)" "EINVAL"
	tap_is "the region is still held" "$(held) $(char w rw reset)" "1 EACCES"
}

releasing() {
	hold_passport /run/second "$(guid 3)" "$region"
	release_passport /run/release3 "$(guid 4)" "$region" "$(guid 3)"
	tap_is "a second hold, and the first is lifted" "$(vault v rw add:/run/second \
		add:/run/release)" "OK OK"
	tap_is "one hold is enough" "$(held) $(vault_of v holds) $(char w rw reset)" "1 1 EACCES"
	tap_is "the list tells the lifted one" "$(vdevault "$(char_node v)" r list:status=5 |
		cut -d' ' -f1,9 | paste -sd' ')" "$hold released $(guid 3) -"
	tap_is "the second is lifted" "$(vault v rw add:/run/release3)" "OK"
	tap_is "the region is free" "$(held) $(vault_of v holds)" "0 0"
	tap_is "a lifted hold cannot be removed, nor a release" \
		"$(vault v rw remove:"$hold" remove:"$(guid 2)")" "EACCES EACCES"
	tap_is "a replay does not hold it again" "$(vault v rw add:/run/hold) $(held)" "EEXIST 0"
	tap_is "it can be reset" "$(char w rw reset) $(status w hwm)" "5 0"
}

# A region that is not active is changed in its commits
detached() {
	local file
	append w 3 2
	detach w
	hold_passport /run/h "$(guid 10)" "$region"
	release_passport /run/r "$(guid 11)" "$region" "$(guid 10)"
	tap_is "a hold on a detached region" "$(vault v rw add:/run/h)" "OK"
	up
	sleep 1.5
	tap_is "holds when it is attached" "$(held) $(char w rw reset) $(status w hwm)" \
		"1 EACCES 3"
	detach w
	tap_is "and is lifted while it is detached" "$(vault v rw add:/run/r)" "OK"
	detach v
	is_sound "$LAB_DISK0"
	tap $? "the volume is clean and sound"
	up
	tap_is "so that it is free" "$(held) $(char w rw reset)" "0 3"
	up_vault
	# The other region has never been active
	file=$(char_node v)
	detach w
	attach w "$LAB_DISK0" $blocks region=1
	second_region=$(region_uuid w)
	detach w
	hold_passport /run/h "$(guid 12)" "$second_region"
	tap_is "a region that was never written" "$(vdevault "$file" rw add:/run/h)" "OK"
	attach w "$LAB_DISK0" $blocks region=1
	tap_is "is held" "$(held)" 1
	detach w
	up
	tap_is "and no other" "$(held)" 0
}

# refused_detached NAME: a region that could not be written to is not, while it is detached
refused_detached() {
	local before
	before=$(worm_sum)
	up_vault
	passport /run/t id="$(guid 15)" object="$region" status=7 issued=now
	tap_is "$1: no hold, no attestation" \
		"$(vault v rw add:/run/h get:"$(guid 14)" add:/run/t)" "EROFS ENOENT EROFS"
	detach v
	tap_is "$1: it is as it was" "$(worm_sum)" "$before"
	up
	tap_is "$1: it is read-only" "$(status w mode) $(held) $(io w direct read:0:5:1)" "ro 0 OK"
	detach w
}

worm_sum() {
	dd if="$LAB_DISK0" bs=4096 skip=$meta_start count=$(($(data_start_of $blocks) + blocks - \
		meta_start)) iflag=direct status=none | sha256sum
}

unwritable() {
	volume "$LAB_DISK0"
	up
	region=$(region_uuid w)
	append w 5 1
	detach w
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	hold_passport /run/h "$(guid 14)" "$region"
	set_commit_sequences "$LAB_DISK0" $blocks 0x7ffffffffffffffe
	refused_detached "no room for another commit"
	copy_disk "$LAB_DISK1" "$LAB_DISK0"
	# Another time of creation than the newest commit's
	must reseal "$LAB_DISK0" $meta_start 24=0001
	refused_detached "a header that contradicts its commit"
	copy_disk "$LAB_DISK1" "$LAB_DISK0"
	up_vault
	tap_is "as it should be: a hold" "$(vault v rw add:/run/h)" OK
	detach v
}

suspended() {
	hold_passport /run/h "$(guid 13)" "$region"
	must dmsetup suspend w
	tap_is "a suspended region makes nobody wait" "$(vault v rw add:/run/h)" "EBUSY"
	must dmsetup resume w
	tap_is "and nothing was stored" "$(vault v r get:"$(guid 13)") $(held)" "ENOENT 0"
	tap_is "resumed it can be held" "$(vault v rw add:/run/h) $(held)" "OK 1"
}

# After a crash between the two commits: the flag is set and no vault has the hold
between_hold() {
	volume "$LAB_DISK0"
	up
	up_vault
	region=$(region_uuid w)
	hold_passport /run/h "$(guid 1)" "$region"
	release_passport /run/r "$(guid 2)" "$region" "$(guid 1)"
	detach v
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
	up_vault
	must_add v /run/h
	detach v
	detach w
	# The vault as it was before, the WORM region as it is now
	transplant_vault "$LAB_DISK1" "$LAB_DISK0"
	up
	tap_is "crash before the vault's commit: held while the vault is detached" "$(held)" 1
	forget_messages
	up_vault
	kernel_says "vde v: legal hold of region $region cleared"
	tap $? "the kernel's log says that the hold is cleared"
	tap_is "the vault has no such hold and lets it go" "$(held) $(vault_of v holds)" "0 0"
	tap_is "the hold can be placed again" "$(vault v rw add:/run/h) $(held)" "OK 1"
	detach v
	detach w
	copy_disk "$LAB_DISK0" "$LAB_DISK1"
}

# The release is stored and the flag is still set
between_release() {
	up
	up_vault
	must_add v /run/r
	detach v
	detach w
	# The WORM region as it was, held; the vault as it is now
	transplant_worm "$LAB_DISK1" "$LAB_DISK0"
	up
	tap_is "crash before the flag was cleared: held while the vault is detached" "$(held)" 1
	up_vault
	tap_is "the vault has the release and lets it go" "$(held)" 0
	detach w
	detach v
}

# Who writes to the disk can let a region go, until its vault is activated
cleared() {
	volume "$LAB_DISK0"
	up
	up_vault
	region=$(region_uuid w)
	append w 5 1
	hold_passport /run/h "$(guid 1)" "$region"
	must_add v /run/h
	sleep 1.5
	clear_flag
	tap_is "a flag that was cleared on the disk is no hold" "$(held)" 0
	up_vault
	tap_is "its vault sets it again" "$(held) $(vault_of v holds) $(char w rw reset)" \
		"1 1 EACCES"
	clear_flag
	tap_is "a reset that comes before" "$(char w rw reset) $(held)" "5 0"
	up_vault
	tap_is "leaves an entry" "$(held) $(char_of w retention resets)" "1 1"
	racing
	is_sound "$LAB_DISK0"
	tap $? "the volume is clean and sound"
}

# A reset while its vault is activated: the hold comes before or after it, and is durable
racing() {
	local i node resets=0 lost=0
	for ((i = 0; i < 12; i++)); do
		clear_flag
		[ "$(status w hwm)" != 0 ] || { append w 5 1; sleep 1.2; }
		node=$(char_node w)
		vdechar "$node" rw reset >/run/reset &
		[ $((i % 2)) = 0 ] || sleep 0.0$((RANDOM % 9))
		up_vault
		wait $!
		[ "$(cat /run/reset)" != 5 ] || resets=$((resets + 1))
		copy_disk "$LAB_DISK0" "$LAB_DISK1"
		detach v
		detach w
		attach w "$LAB_DISK1" $blocks
		[ "$(held)" = 1 ] || lost=$((lost + 1))
		detach w
		up
		up_vault
	done
	tap $lost "holds are durable, whether a reset was first ($resets times) or not"
	tap_is "each reset has left an entry" "$(char_of w retention resets)" $((1 + resets))
	detach v
	detach w
}

# clear_flag: of the first region, active again behind that
clear_flag() {
	detach v
	detach w
	must reseal "$LAB_DISK0" "$(newest_commit "$LAB_DISK0" $blocks)" 0x0C=01
	up
}

# slots DISK KIND: START COUNT of what makes up the first region of that kind
slots() { vdectl dump "$1" --json | python3 "$(dirname "$0")/vault_slots.py" "$2"; }

transplant() {
	local from=$1 to=$2 kind=$3 start count
	while read -r start count; do
		must dd if="$from" of="$to" bs=4096 skip="$start" seek="$start" count="$count" \
			iflag=direct oflag=direct conv=notrunc status=none
	done < <(slots "$from" "$kind")
}

transplant_vault() { transplant "$1" "$2" vault; }
transplant_worm() { transplant "$1" "$2" worm; }

# A vault that cannot be read completely lifts nothing
damaged() {
	local start count
	up
	up_vault
	hold_passport /run/h3 "$(guid 30)" "$region"
	must_add v /run/h3
	tap_is "held once more" "$(held)" 1
	detach v
	detach w
	read -r start count < <(slots "$LAB_DISK0" vault)
	printf 'x' | dd of="$LAB_DISK0" bs=1 seek=$((start * 4096 + 200)) conv=notrunc,fsync \
		status=none
	up
	up_vault
	tap_is "a damaged vault is read-only" "$(vault_line v | cut -d' ' -f9) $(vault v rw \
		add:/run/hold)" "ro EROFS"
	tap_is "and lets nothing go" "$(held)" 1
	detach v
	detach w
}

several() {
	volume "$LAB_DISK0"
	up
	up_vault
	attach_vault u "$LAB_DISK0" 10 region=1
	region=$(region_uuid w)
	hold_passport /run/a "$(guid 1)" "$region"
	hold_passport /run/b "$(guid 2)" "$region"
	release_passport /run/ra "$(guid 3)" "$region" "$(guid 1)"
	release_passport /run/rb "$(guid 4)" "$region" "$(guid 2)"
	tap_is "two vaults, each with a hold" "$(vault v rw add:/run/a) $(vault u rw add:/run/b)" \
		"OK OK"
	tap_is "a release belongs to the vault of its hold" "$(vault v rw add:/run/rb)" "EINVAL"
	tap_is "one lifts its own" "$(vault v rw add:/run/ra)" "OK"
	tap_is "the other still holds" "$(held)" 1
	detach v
	up_vault
	tap_is "also when the first is activated again" "$(held)" 1
	detach u
	detach v
	up_vault
	tap_is "and while it is detached" "$(held)" 1
	attach_vault u "$LAB_DISK0" 10 region=1
	tap_is "until it lets go, too" "$(vault u rw add:/run/rb) $(held)" "OK 0"
	detach u
	detach v
	detach w
	is_sound "$LAB_DISK0"
	tap $? "the volume is clean and sound"
}

# Time attestations: now and later, by the issuer's clock
attest() {
	local base now=638700000000000000
	volume "$LAB_DISK0"
	attach w "$LAB_DISK0" $blocks region=0
	must vdectl retention w --extend 100d >/dev/null
	up_vault
	region=$(region_uuid w)
	append w 3 1
	base=$(date +%s)
	now=$(((base + 100) * second + 621355968000000000))
	passport /run/t0 id="$(guid 1)" object="$region" status=7 issued=$now
	passport /run/t1 id="$(guid 2)" object="$region" status=7 \
		issued=$((now + 50 * 86400 * second))
	passport /run/t2 id="$(guid 3)" object="$region" status=7 \
		issued=$((now + 101 * 86400 * second))
	passport /run/old id="$(guid 4)" object="$region" status=7 issued=$((now - 9 * second))
	passport /run/zero id="$(guid 5)" object="$region" status=7 issued=0
	tap_is "time 0 is none" "$(vault v rw add:/run/zero get:"$(guid 5)")" "EINVAL ENOENT"
	tap_is "the first attestation is kept only" "$(vault v rw add:/run/t0) $((
		$(char_of w retention clock) < 100 * second))" "OK 1"
	tap_is "a later one moves the clock on" "$(vault v rw add:/run/t1) $((
		$(char_of w retention clock) / 86400 / second))" "OK 50"
	tap_is "an older one does not move it back" "$(vault v rw add:/run/old) $((
		$(char_of w retention clock) / 86400 / second))" "OK 50"
	tap_is "retention has not passed" "$(char w rw reset)" "EAGAIN"
	tap_is "what the vault believes" "$((($(vault_of v attested) - now) / 86400 / second))" 50
	tap_is "a replay has no effect of its own" "$(vault v rw add:/run/t1) $((
		$(char_of w retention clock) / 86400 / second))" "EEXIST 50"
	detach w
	tap_is "a detached region is moved on, too" "$(vault v rw add:/run/t2)" "OK"
	attach w "$LAB_DISK0" $blocks region=0
	tap_is "as far" "$(($(char_of w retention clock) / 86400 / second))" 101
	tap_is "so that retention has passed" "$(char w rw reset)" "3"
	detach w
	detach v
	is_sound "$LAB_DISK0"
	tap $? "the volume is clean and sound"
}

# A first attestation that was kept back must not count the time before it twice
kept_back() {
	volume "$LAB_DISK0"
	up
	up_vault
	region=$(region_uuid w)
	local created day=$((86400 * second)) start clock spent
	created=$(char_of w info created)
	passport /run/t0 id="$(guid 1)" object="$region" status=7 issued=$((created + second))
	passport /run/t1 id="$(guid 2)" object="$region" status=7 issued=$((created + day))
	sleep 3
	start=${EPOCHREALTIME/[.,]/}
	tap_is "a base from the first second, given late" "$(vault v rw add:/run/t0 add:/run/t1)" \
		"OK OK"
	clock=$(char_of w retention clock)
	# It has run on since, in ticks
	spent=$(((${EPOCHREALTIME/[.,]/} - start) * 10))
	tap_is "the clock is the age of the region, no more" \
		"$((clock >= day)) $((clock <= day + spent + second / 10))" "1 1"
	detach w
	detach v
}

setup
placing
forged
releasing
detached
suspended
detach w
detach v
between_hold
between_release
cleared
damaged
several
attest
kept_back
unwritable
tap_done

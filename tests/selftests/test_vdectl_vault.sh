#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on active vaults: issuers' certificates in keyrings of the kernel, passports that
# openssl or vdectl signed, legal holds and attestations, and what each verb says when the
# kernel refuses.
#
# lab: --disk 16M --disk 16M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

disk=$LAB_DISK0
work=/run/passports
must mkdir -p $work
cd $work || exit 1
object=ffeeddcc-bbaa-9988-7766-554433221100

# run NAME STATUS COMMAND...: what it says, on both outputs, is in $said
said=''
run() {
	local name=$1 want=$2 got
	shift 2
	said=$("$@" 2>&1 </dev/null)
	got=$?
	[ $got = "$want" ] || echo "# ${said//$'\n'/$'\n# '}"
	tap_is "$name" "status $got" "status $want"
}

# says NAME TEXT: part of what the last command said
says() {
	[[ $said == *"$2"* ]]
	tap $? "$1" || echo "# $said"
}

# make FILE ID ISSUER KEY [OPTION...]: a signed passport
make_passport() {
	local file=$1 id=$2 issuer=$3 key=$4
	shift 4
	must vdectl passport new --object $object --framework GDPR --status compliant \
		--id "$(id "$id")" --issuer "$issuer" "$@" >unsigned
	must vdectl passport sign unsigned --key "$key" >"$file"
}

id() { printf '%08x-0000-4000-8000-000000000000' "$1"; }

# of NAME FIELD...: of its status
of() {
	local name=$1 field filter=
	shift
	for field in "$@"; do filter+=",.$field"; done
	vdectl status "$name" --json | jq -c "[${filter#,}]"
}

making() {
	local name
	for name in acme beta; do
		must vdectl key generate $name.pem --cert $name.der --issuer $name >/dev/null
	done
	must make_key gamma.pem
	must openssl req -x509 -key gamma.pem -days 9 -subj /CN=gamma -outform DER -out gamma.der
	must openssl req -x509 -key gamma.pem -days 9 -subj /CN=gamma -out gamma.crt
	ring=$(must keyctl newring issuers @u)
	must vdectl format "$disk" --worm 400K,retention=1s --vault 64K --vault 4K --force >/dev/null
}

keyrings() {
	run "a certificate is imported" 0 vdectl key import acme.der --keyring issuers
	tap_is "described by its issuer" "$(keyctl rdescribe "$said" ';' | cut -d';' -f1,5)" \
		"asymmetric;vde:acme"
	tap_is "it is in that keyring" "$(keyctl search "$ring" asymmetric vde:acme)" "$said"
	run "one that openssl made, as PEM, to a serial number" 0 \
		vdectl key import gamma.crt --keyring "$ring"
	run "by another name" 0 vdectl key import gamma.der --keyring issuers --issuer "delta ltd"
	keyctl padd asymmetric vde:epsilon "$ring" <acme.der >/dev/null
	tap $? "keyctl takes the certificate, too"
	run "no such keyring" 2 vdectl key import acme.der --keyring nothing
	says "is told" "there is no keyring 'nothing' that can be reached from here"
	run "no such serial number" 2 vdectl key import acme.der --keyring 123456789
	long=$(printf 'é%.0s' {1..64})
	must vdectl key generate long.pem --cert long.der --issuer "$long" >/dev/null
	run "the longest issuer" 0 vdectl key import long.der --keyring issuers
}

attaching() {
	run "attach by the keyring's name" 0 vdectl attach "$disk" v --vault --keyring issuers
	tap_is "the table has it" "$(dmsetup table v | cut -d' ' -f2,5-)" \
		"128 vault 2 region=0 keyring=issuers"
	must vdectl detach v
	run "by its serial number" 0 vdectl attach "$disk" v --vault=0 --keyring "$ring"
	run "no such keyring" 2 vdectl attach "$disk" s --vault=1 --keyring nothing
	run "with a key" 0 vdectl attach "$disk" s --vault=1 --issuer-key \
		"$(vdectl key show acme.pem --json | jq -r .issuer_key)"
	run "there is no third vault" 2 vdectl attach "$disk" x --vault=2
	must vdectl attach "$disk" w --worm
	tap_is "a new vault is empty" "$(of v passports verified unverifiable bad rejected_adds \
		used_blocks blocks holds mode)" '[0,0,0,0,0,1,16,0,"rw"]'
}

adding() {
	local id n
	make_passport one 1 acme acme.pem --notes "naïve"
	run "a passport is added" 0 vdectl passport add v one
	tap_is "its id is told" "$said" "$(id 1)"
	vdectl passport get v "$(id 1)" --json | jq -cS 'del(.verdict, .expired, .released)' >back
	tap_is "it is as it was" "$(cat back)" "$(jq -cS . one)"
	vdectl passport get v "$(id 1)" --binary >back
	vdectl passport sign one --key acme.pem --binary | head -c -64 | cmp - <(head -c -64 back)
	tap $? "in its stored form, too"
	run "again" 2 vdectl passport add v one
	says "there is one" "passport $(id 1) was not added: there is a passport of this id already"
	make_passport two 2 gamma gamma.pem --expires 2020-01-01 --issued 2019-01-01
	make_passport three 3 "delta ltd" gamma.pem
	make_passport four 4 epsilon acme.pem
	make_passport five 5 "$long" long.pem --notes "$(printf %0256d 5)"
	run "several files at once" 0 vdectl passport add v two three four five
	tap_is "are added in order" "${said//$'\n'/ }" "$(id 2) $(id 3) $(id 4) $(id 5)"
	for n in {16..55}; do
		must vdectl passport new --object $object --framework $((n % 9)) --status 2 \
			--issuer acme --id "$(id "$n")"
	done >many
	must vdectl passport sign many --key acme.pem --binary >many.bin
	said=$(vdectl passport add v --json <many.bin)
	tap_is "many from standard input" "$? $(jq length <<<"$said") \
$(jq 'map(select(.added)) | length' <<<"$said")" "0 40 40"
	tap_is "all are verified" "$(of v passports verified unverifiable bad)" "[45,45,0,0]"
}

refusing() {
	make_passport six 6 beta beta.pem
	run "an issuer without a key" 2 vdectl passport add v six
	says "is told" "passport $(id 6) was not added: there is no key of its issuer"
	make_passport seven 7 acme beta.pem
	run "another's key" 2 vdectl passport add v seven
	says "is told, too" "its signature is not by the issuer's key"
	make_passport eight 8 acme acme.pem
	jq '.notes = "x"' eight >changed
	run "a passport that was changed" 2 vdectl passport add v changed
	says "is not by its issuer" "its signature is not by the issuer's key"
	run "what fails keeps nothing from being tried" 2 vdectl passport add v seven eight
	tap_is "the other was added" "$(vdectl passport get v "$(id 8)" --json | jq -r .verdict)" valid
	tap_is "rejected adds are counted" "$(of v rejected_adds)" "[5]"
	run "without CAP_SYS_ADMIN" 2 setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		vdectl passport add v six
	says "it is refused" "adding takes CAP_SYS_ADMIN"
	run "an object that is no WORM region" 2 vdectl passport hold v --region $object \
		--issuer acme --key acme.pem
	says "cannot be held" "the object of a legal hold is a WORM region of the same volume"
	run "a WORM region is no vault" 2 vdectl passport list w
	says "as is said" "vdectl: w is no vault"
	for n in {101..112}; do
		make_passport "$n" "$n" acme acme.pem --notes "$(printf %0256d 1)"
	done
	run "a small vault" 2 vdectl passport add s {101..112}
	says "is full one day" "was not added: the vault is full"
}

listing() {
	run "list" 0 vdectl passport list v
	tap_is "has a line for each" "$(wc -l <<<"$said")" 47
	says "with its issuer" "delta ltd"
	tap_is "as JSON" "$(vdectl passport list v --json | jq length)" 46
	tap_is "by status" "$(vdectl passport list v --status 2 --json | jq length)" 40
	tap_is "by framework" "$(vdectl passport list v --framework fedramp --json | jq length)" 5
	tap_is "by issuer" "$(vdectl passport list v --issuer "$long" --json | jq -r .[].id)" "$(id 5)"
	tap_is "expired" "$(vdectl passport list v --expired --json | jq -c '.[] | [.id, .expired]')" \
		"[\"$(id 2)\",true]"
	tap_is "by object" "$(vdectl passport list v --object $object --json | jq length) \
$(vdectl passport list v --object "$(id 1)" --json | jq length)" "46 0"
	run "no such passport" 2 vdectl passport get v "$(id 9)"
	says "is told by get" "v: there is no passport $(id 9)"
}

verifying() {
	run "verify" 0 vdectl passport verify v
	says "all" "46 valid, 0 bad, 0 without a key"
	run "verify one" 0 vdectl passport verify v "$(id 2)"
	tap_is "that has expired" "$said" "$(id 2) valid, expired"
	run "one that is not there" 2 vdectl passport verify v "$(id 9)"
	must keyctl unlink "$(keyctl search "$ring" asymmetric vde:epsilon)" "$ring"
	run "a key that is gone" 1 vdectl passport verify v
	says "is missed" "$(id 4) no-key"
	must vdectl key import beta.der --keyring issuers --issuer epsilon >/dev/null
	run "another in its place" 1 vdectl passport verify v "$(id 4)"
	tap_is "did not sign it" "$said" "$(id 4) bad"
	run "status tells of that" 1 vdectl status v
	says "with numbers" "signatures:       45 verified, 0 unverifiable, 1 bad"
	must vdectl key import acme.der --keyring issuers --issuer epsilon >/dev/null
	run "the right one again" 0 vdectl passport verify v
	tap_is "status is fine again" "$(of v verified bad)" "[46,0]"
}

removing() {
	run "what has not expired" 2 vdectl passport remove v "$(id 1)"
	says "is not removed" "cannot remove passport $(id 1): it has not expired"
	run "what has, is" 0 vdectl passport remove v "$(id 2)"
	run "once" 2 vdectl passport remove v "$(id 2)"
	says "and then is not there" "there is no passport $(id 2)"
	tap_is "a tombstone stays" "$(vdectl passport list v --status removed --json |
		jq -r '.[] | .id + .verdict')" "$(id 2)removed"
	tap_is "which get shows" "$(vdectl passport get v "$(id 2)" --json |
		jq -c '[.status, .notes, .signature]')" '["removed",null,null]'
	run "its id is not used again" 2 vdectl passport add v two
	tap_is "status counts it" "$(of v passports removed stored)" "[45,1,46]"
}

holding() {
	local hold other
	append w 5 1
	sleep 1.5
	hold=$(vdectl passport hold v --region w --issuer acme --key acme.pem --notes "case 17")
	tap $? "a hold by the region's name"
	tap_is "it is on the region" "$(vdectl retention w --json | jq .held) $(of v holds)" "true [1]"
	run "which cannot be reset" 2 vdectl reset w --yes
	says "because of it" "w is under legal hold"
	run "a hold is not removed" 2 vdectl passport remove v "$hold"
	says "as is said" "legal holds and releases cannot be removed"
	other=$(vdectl passport hold v --region "$(vdectl status w --json | jq -r .region_uuid)" \
		--issuer gamma --key gamma.pem)
	tap $? "another one, by its UUID"
	run "a release by somebody else" 2 vdectl passport release v "$hold" --key gamma.pem
	says "is none" "its signature is not by the issuer's key"
	run "for somebody else" 2 vdectl passport release v "$hold" --key gamma.pem --issuer gamma
	says "neither" "only the issuer of a hold can release it"
	run "what is no hold" 2 vdectl passport release v "$(id 1)" --key acme.pem
	run "a release" 0 vdectl passport release v "$hold" --key acme.pem
	tap_is "leaves the other" "$(vdectl retention w --json | jq .held) $(of v holds)" "true [1]"
	tap_is "list tells which" "$(vdectl passport list v --status legal-hold --json |
		jq -c 'map(.released)')" "[true,false]"
	run "once is enough" 2 vdectl passport release v "$hold" --key acme.pem
	says "as is said of it" "this hold was released already"
	run "the other one, printed" 0 vdectl passport release v "$other" --key gamma.pem --print
	said=$(vdectl passport add v <<<"$said")
	tap $? "and added"
	tap_is "lifts it" "$(vdectl retention w --json | jq .held) $(of v holds)" "false [0]"
	run "and the region is reset" 0 vdectl reset w --yes
}

attesting() {
	local before
	run "an attestation" 0 vdectl passport attest v --region w --issuer acme --key acme.pem \
		--time 2030-01-01T00:00:00Z
	before=$(vdectl retention w --json | jq .clock_ticks)
	run "a year later" 0 vdectl passport attest v --region w --issuer acme --key acme.pem \
		--time 2031-01-01T00:00:00Z
	tap_is "the clock has moved on by about that" \
		"$(($(vdectl retention w --json | jq .clock_ticks) - before >= 360 * 86400 * 10000000))" 1
	run "status as text" 0 vdectl status v
	says "has the numbers" "legal holds:      0"
	says "and the attested time" "attested time:    2031-01-01T"
	run "the table of all" 0 vdectl status
	says "has vaults" "PASSPORTS"
	tap_is "JSON has both kinds" "$(vdectl status --json | jq -c 'map(.kind) | sort')" \
		'["vault","vault","worm"]'
}

offline() {
	local device
	vdectl passport list v --json --removed | jq -c 'map(.verdict = "")' >active.json
	vdectl passport list --image "$disk" --json --removed | jq -c 'map(.verdict = "")' >disk.json
	[ -s active.json ] && cmp active.json disk.json
	tap $? "the disk beneath lists the same"
	for device in v s w; do must vdectl detach $device; done
	run "the volume is in order" 0 vdectl check "$disk" --data
	run "its signatures are good without the kernel, too" 0 vdectl passport verify \
		--image "$disk" --cert acme.der --cert gamma.crt --cert long.der \
		--issuer "delta ltd" --key gamma.pem --issuer epsilon --key acme.pem
	says "all of them" " valid, 0 bad, 0 without a key"
	must vdectl attach "$disk" v --vault --keyring issuers --read-only
	run "read-only: add" 2 vdectl passport add v one
	says "read-only: says so" "the vault is read-only"
	run "read-only: verify" 0 vdectl passport verify v
	must vdectl detach v
}

making
keyrings
attaching
adding
refusing
listing
verifying
removing
holding
attesting
offline
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whose passports a vault believes: keys of a keyring, made with openssl and put there with
# keyctl, or the one key of the table. Keys come and go while the vault is active.
#
# lab: --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vault.sh"

blocks=40
serial=1000

# new NAME [FIELD=VALUE...]: a passport with an id of its own, signed with /run/NAME.pem;
# sets made and id
new() {
	local name=$1
	shift
	serial=$((serial + 1))
	id=$(guid $serial)
	made=/run/passport.$serial
	must vdepassport make "/run/$name.pem" id="$id" "$@" >$made
}

# adds WANT NAME [FIELD=VALUE...]: what becomes of such a passport
adds() {
	local want=$1 label=$2
	shift 2
	new "$@"
	tap_is "$label" "$(vault v rw add:$made)" "$want"
}

# line [OPTION...]: a table
line() { echo "0 $((blocks * 8)) vde $LAB_DISK0 vault${1:+ $# $*}"; }

# with_keys [OPTION...]: the vault goes on with another table
with_keys() { live "$(line "$@")" v; }

# proc_key SERIAL: what the kernel tells of a key; false if there is none
proc_key() { grep "^0*$(printf '%x' "$1") " /proc/keys; }

is_gone() { ! proc_key "$1" >/dev/null; }

has_expired() { proc_key "$1" | grep -qw expd; }

setup() {
	must vdectl format "$LAB_DISK0" --vault $((blocks * 4096)) --force >/dev/null
	ec_key acme
	ec_key mallory
	ec_key p384 secp384r1
	must openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out /run/rsa.pem
	certificate rsa
	ring=$(must keyctl newring vde-test @u)
	must dmsetup create v --table "$(line keyring=vde-test)"
}

names() {
	local key_id issuer
	adds ENOKEY "an empty keyring" acme issuer=acme
	acme=$(give acme vde:acme)
	tap_is "a key that came after activation counts" "$(vault v rw add:$made)" OK
	adds OK "its issuer" acme issuer=acme notes="annual review"
	adds ENOKEY "an issuer without a key" acme issuer=other
	adds ENOKEY "a name that is longer" acme issuer=acme2
	adds ENOKEY "a name that is shorter" acme issuer=acm
	adds ENOKEY "another case" acme issuer=Acme
	adds ENOKEY "no issuer" acme
	adds EKEYREJECTED "another's key" mallory issuer=acme
	give acme bare >/dev/null
	adds ENOKEY "a key without the prefix" acme issuer=bare
	give acme vde: >/dev/null
	adds OK "a key for passports that name nobody" acme
	# The asymmetric type finds keys by their ids too, which must not work from here
	key_id=$(proc_key "$acme" | sed -n 's/.*X509.ecdsa[^ ]* \([0-9a-f]*\).*/\1/p')
	tap $((${#key_id} < 8)) "the key has an id"
	adds ENOKEY "the key's id as issuer" acme "issuer=id:$key_id"
	give mallory vde:id:1234 >/dev/null
	adds OK "an issuer that looks like a pattern" mallory issuer=id:1234
	give mallory "vde:Société Générale: conformité" >/dev/null
	adds OK "blanks, colons, UTF-8" mallory "issuer=Société Générale: conformité"
	issuer=$(head -c 128 /dev/zero | tr '\0' x)
	give mallory "vde:$issuer" >/dev/null
	adds OK "the longest name" mallory "issuer=$issuer" notes="$issuer$issuer"
	adds ENOKEY "a byte shorter" mallory "issuer=${issuer%x}"
}

kinds() {
	give rsa vde:rsa >/dev/null
	adds ENOKEY "an RSA key is no key" acme issuer=rsa
	give p384 vde:p384 >/dev/null
	adds ENOKEY "nor is one of P-384" acme issuer=p384
	must keyctl add user vde:user secret "$ring" >/dev/null
	adds ENOKEY "nor one of another type" acme issuer=user
	inner=$(must keyctl newring inner "$ring")
	give acme vde:inner "$inner" >/dev/null
	adds ENOKEY "nor one in a keyring within" acme issuer=inner
}

# A passport of acme's, and the verdict on it, as the key comes and goes
verdict() { vault v r "verify:$kept" | cut -d' ' -f2; }

life() {
	new acme issuer=acme
	kept=$id
	must_add v $made
	tap_is "valid" "$(verdict)" valid
	must keyctl revoke "$acme"
	tap_is "its key is revoked" "$(verdict)" no-key
	adds ENOKEY "a revoked key is no key" acme issuer=acme
	acme=$(give acme vde:acme)
	tap_is "the key is there again" "$(verdict)" valid
	must keyctl timeout "$acme" 1
	must wait_until has_expired "$acme"
	tap_is "it has expired" "$(verdict)" no-key
	tap_is "an expired key is no key" "$(vault v rw add:$made)" ENOKEY
	acme=$(give acme vde:acme)
	tap_is "a new one" "$(verdict)" valid
	must keyctl unlink "$acme" "$ring"
	tap_is "it was taken out" "$(verdict)" no-key
	acme=$(give mallory vde:acme)
	tap_is "there is another one" "$(verdict)" bad
	acme=$(give acme vde:acme)
	tap_is "and the right one in its place" "$(verdict)" valid
	must keyctl setperm "$acme" 0x37370000
	tap_is "it may not be searched for" "$(verdict)" no-key
	must keyctl setperm "$acme" 0x3f3f0000
	tap_is "it may" "$(verdict)" valid
	must keyctl invalidate "$acme"
	tap_is "it is invalidated" "$(verdict)" no-key
	acme=$(give acme vde:acme)
	tap_is "whoever may read the vault may ask" "$(vault v r nobody "verify:$kept")" \
		"OK $kept valid -"
}

keyrings() {
	tap_is "the table names it" "$(dmsetup table v | cut -d' ' -f5-)" \
		"vault 2 region=0 keyring=vde-test"
	with_keys "keyring=$ring"
	tap_is "by its serial number" "$(verdict) $(dmsetup table v | grep -o 'keyring=.*')" \
		"valid keyring=$ring"
	detach v
	must dmsetup create v --table "$(line keyring=vde-test)"
	wait_until vault_of_is v state 0
	tap_is "the background finds the keys too" "$(vault_of v verified)" \
		"$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')"
	tap $(($(vault_of v verified) < 5)) "several"
	with_keys
	wait_until vault_of_is v verified 0
	tap_is "no keys at all" "$(verdict)" no-key
	with_keys "keyring=$ring"
	must keyctl unlink "$ring" @u
	tap_is "the vault keeps a keyring that nobody else has" "$(verdict)" valid
	adds OK "and adds with it" acme issuer=acme
	with_keys "issuer_key=$(vdepassport point /run/acme.pem)"
	tap_is "a keyring without a user goes away" "$(wait_until is_gone "$ring"; echo $?)" 0
	ring=$(must keyctl newring vde-test @u)
	give acme vde:acme >/dev/null
	with_keys keyring=vde-test
	tap_is "one of the same name is another" "$(verdict)" valid
	must keyctl revoke "$ring"
	tap_is "a revoked keyring holds no keys" "$(verdict)" no-key
	ring=$(must keyctl newring vde-test2 @u)
	give acme vde:acme >/dev/null
	with_keys "keyring=$ring"
	must keyctl timeout "$ring" 1
	must wait_until has_expired "$ring"
	tap_is "nor does one that has expired" "$(verdict)" no-key
}

# What the documentation says against those who would add keys of their own
guarded() {
	local authority
	ring=$(must keyctl newring vde-guarded @u)
	give acme vde:acme >/dev/null
	with_keys keyring=vde-guarded
	must keyctl setperm "$ring" 0x0b0b0000
	tap_is "a keyring that nobody may write to" "$(verdict) $(keyctl padd asymmetric vde:mallory \
		"$ring" </run/mallory.der 2>&1)" "valid add_key: Permission denied"
	tap_is "for ever" "$(keyctl setperm "$ring" 0x3f3f0000 2>&1)" \
		"keyctl_setperm: Permission denied"
	ring=$(must keyctl newring vde-restricted @u)
	with_keys keyring=vde-restricted
	authority=$(give acme authority @u)
	must keyctl restrict_keyring "$ring" asymmetric "key_or_keyring:$authority"
	tap_is "a keyring of an authority takes nobody else's certificates" "$(keyctl padd \
		asymmetric vde:mallory "$ring" </run/mallory.der 2>&1)" \
		"add_key: Required key not available"
	must openssl req -new -key /run/mallory.pem -subj /CN=mallory -out /run/request
	must openssl x509 -req -in /run/request -CA <(openssl x509 -inform DER -in /run/acme.der) \
		-CAkey /run/acme.pem -set_serial 2 -days 10 -outform DER -out /run/mallory.der \
		2>/dev/null
	give mallory vde:mallory >/dev/null
	adds OK "but those that it has signed" mallory issuer=mallory
}

# refused NAME PHRASE OPTION...
refused() {
	local name=$1 phrase=$2
	shift 2
	forget_messages
	! dmsetup create x --table "$(line "$@")" 2>/dev/null
	tap $? "refused: $name"
	kernel_says "$phrase"
	tap $? "because '$phrase'"
	dmsetup remove x 2>/dev/null
}

tables() {
	local bad="option has a malformed value" none="there is no such keyring" point other
	detach v
	point=$(vdepassport point /run/acme.pem)
	ring=$(must keyctl newring vde-test3 @u)
	other=$(give acme vde:acme)
	refused "a name that is not there" "$none" keyring=nonesuch
	refused "a serial number that is not there" "$none" keyring=2147483647
	refused "one beyond 31 bits" "$none" keyring=2147483648
	refused "serial number 0" "$none" keyring=0
	refused "a name that a key has" "$none" keyring=vde:acme
	refused "the serial number of a key" "keyring= names a key that is no keyring" \
		"keyring=$other"
	refused "no name" "$bad" keyring=
	refused "no value" "$bad" keyring
	refused "a comma in it" "$bad" keyring=a,b
	refused "a semicolon" "$bad" "keyring=a;b"
	refused "an equals sign" "$bad" keyring=a=b
	refused "another script" "$bad" keyring=clé
	refused "128 bytes" "$bad" "keyring=$(head -c 128 /dev/zero | tr '\0' k)"
	refused "127 bytes that name nothing" "$none" "keyring=$(head -c 127 /dev/zero | tr '\0' k)"
	refused "a key that is too short" "$bad" "issuer_key=${point%??}"
	refused "too long" "$bad" "issuer_key=${point}00"
	refused "not of digits" "$bad" "issuer_key=${point%?}g"
	refused "compressed" "$bad" "issuer_key=02${point:2}"
	refused "no point of the curve" "issuer_key is not a point of P-256" \
		"issuer_key=$(printf '%s' "${point:0:129}" ; printf '%x' $((0x${point:129} ^ 1)))"
	refused "nowhere" "issuer_key is not a point of P-256" "issuer_key=04$(head -c 128 /dev/zero |
		tr '\0' 0)"
	refused "both" "keyring and issuer_key exclude each other" keyring=vde-test3 \
		"issuer_key=$point"
	refused "twice" "option given twice" keyring=vde-test3 keyring=vde-test3
	must keyctl setperm "$ring" 0x37370000
	refused "a keyring that may not be searched" "it may not be searched" "keyring=$ring"
	must keyctl setperm "$ring" 0x3f3f0000
	must dmsetup create v --table "$(line "issuer_key=${point^^}")"
	tap_is "one key for every issuer" "$(verdict) $(dmsetup table v | grep -o 'issuer_key=.*')" \
		"valid issuer_key=$point"
	adds OK "whatever the issuer" acme issuer=whoever
	adds OK "or none" acme
	adds EKEYREJECTED "but with that key" mallory issuer=acme
}

signatures() {
	local size before
	must vdepassport payload id="$(guid 1)" issuer=acme >/run/payload
	must openssl dgst -sha256 -sign /run/acme.pem -out /run/signature /run/payload
	must vdepassport joinder /run/payload /run/signature >/run/der
	tap_is "DER, cut to 64 bytes" "$(vault v rw add:/run/der)" EKEYREJECTED
	cat /run/payload /run/signature >/run/der
	tap_is "DER, all of it" "$(vault v rw add:/run/der)" EINVAL
	must vdepassport join /run/payload /run/signature >/run/raw
	must vdepassport twin /run/raw >/run/twin
	tap_is "what openssl's command has signed" "$(vault v rw add:/run/raw)" OK
	tap_is "again" "$(vault v rw add:/run/raw)" EEXIST
	tap_is "with n - s, which is no other passport" "$(vault v rw add:/run/twin)" EEXIST
	! cmp -s /run/raw /run/twin
	tap $? "though these bytes differ"
	new acme issuer=acme
	must vdepassport twin $made >/run/twin
	tap_is "n - s first" "$(vault v rw add:/run/twin add:$made)" "OK EEXIST"
	new mallory id="$(guid 1)"
	tap_is "an id that is there, but a false signature" "$(vault v rw add:$made)" EKEYREJECTED
	head -c $(($(stat -c %s /run/raw) - 1)) /run/raw >/run/short
	tap_is "a byte short" "$(vault v rw add:/run/short)" EINVAL
	{ cat /run/raw; printf '\0'; } >/run/long
	tap_is "a byte long" "$(vault v rw add:/run/long)" EINVAL
	new acme
	size=$(stat -c %s $made)
	before=$(vault_of v passports)
	vault v rw flips:$made >/run/flips
	tap_is "each bit of the shortest passport flipped: $(cat /run/flips)" \
		"$(($(tr ' ' '\n' </run/flips | grep -E '^[0-9]+$' | paste -sd+))) $(
		tr ' ' '\n' </run/flips | grep '^[A-Z]' | sort | paste -sd' ')" \
		"$((size * 8)) EINVAL EKEYREJECTED"
	tap_is "nothing was added" "$(vault_of v passports)" "$before"
	tap_is "but what was signed" "$(vault v rw add:$made)" OK
}

# The issuer's name is signed too: a flipped bit of it names nobody
flipped_issuer() {
	with_keys keyring=vde-test3
	new acme issuer=acme notes=x
	vault v rw flips:$made >/run/flips
	tap_is "each bit of one with texts: $(cat /run/flips)" \
		"$(tr ' ' '\n' </run/flips | grep '^[A-Z]' | sort | paste -sd' ')" \
		"EINVAL EKEYREJECTED ENOKEY"
}

setup
names
kinds
life
keyrings
guarded
tables
signatures
flipped_issuer
tap_done

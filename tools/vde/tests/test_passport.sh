#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl key and passport without the kernel module: openssl, SoftHSM and vaults.py, which
# has ECDSA of its own, must agree with what vdectl signs, verifies and derives.
#
# host: --timeout 300
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

vaults() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/vaults.py" "$@"; }

# Keys --------------------------------------------------------------------------------

status_is "a key is made" 0 "$vdectl" key generate key.pem --cert cert.der --issuer acme
point=$(cat out)
tap_is "for its owner only" "$(stat -c %a key.pem)" 600
cp key.pem before
status_is "no key is overwritten" 2 "$vdectl" key generate key.pem
says "as is said" "key.pem exists already, and is not overwritten"
cmp key.pem before
tap $? "it is as before"
status_is "nor a certificate" 2 "$vdectl" key generate other.pem --cert cert.der --issuer acme
[ ! -e other.pem ]
tap $? "and then no key is made"
status_is "--cert needs --issuer" 2 "$vdectl" key generate other.pem --cert other.der
status_is "an issuer has 128 bytes" 2 "$vdectl" key generate other.pem --cert other.der \
	--issuer "$(printf %0129d 0)"
long=$(printf 'é%.0s' {1..64})
status_is "at most" 0 "$vdectl" key generate other.pem --cert other.der --issuer "$long"
tap_is "which its certificate has" "$("$vdectl" key show other.der --json | jq -r .issuer)" \
	"$long"
openssl verify -CAfile <(openssl x509 -in cert.der -inform DER) \
	<(openssl x509 -in cert.der -inform DER) >out 2>&1
tap $? "openssl accepts the certificate"
tap_is "it is of that key" "$(openssl x509 -in cert.der -inform DER -noout -pubkey)" \
	"$(openssl pkey -in key.pem -pubout)"
openssl pkey -in key.pem -pubout -out public.pem
openssl x509 -in cert.der -inform DER -out cert.pem
openssl ec -in key.pem -out sec1.pem 2>/dev/null
openssl ec -in key.pem -conv_form compressed -out compressed.pem 2>/dev/null
openssl ecparam -name prime256v1 -genkey -out params.pem # with parameters before it
openssl pkcs8 -topk8 -in key.pem -out locked.pem -passout pass:x -v2 aes256
for file in key.pem public.pem cert.pem cert.der sec1.pem compressed.pem; do
	tap_is "the point of $file" "$("$vdectl" key show $file --json | jq -r .issuer_key)" \
		"$point"
done
tap_is "as openssl has it" "$(openssl pkey -in key.pem -pubout -outform DER | tail -c 65 |
	xxd -p -c 65)" "$point"
tap_is "and the fingerprint" "$("$vdectl" key show key.pem --json | jq -r .sha256)" \
	"$(openssl pkey -in key.pem -pubout -outform DER | sha256sum | cut -d' ' -f1)"
status_is "a key after its parameters" 0 "$vdectl" key show params.pem
status_is "show, as text" 0 "$vdectl" key show cert.pem
says "has the issuer" "issuer:       acme"
status_is "an encrypted key" 2 "$vdectl" key show locked.pem
says "needs a passphrase" "the key is encrypted, and its passphrase was not given"
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
openssl ecparam -name secp256k1 -genkey -noout -out k256.pem
openssl genpkey -algorithm ed25519 -out ed.pem
openssl genpkey -algorithm RSA -out rsa.pem 2>/dev/null
for file in p384 k256 ed rsa; do
	status_is "no other kind of key: $file" 2 "$vdectl" key show $file.pem
	says "says so, $file" "the key is not on the curve P-256"
done
head -c 100 key.pem >cut.pem
: >empty
head -c 2000 /dev/urandom >random
for file in cut.pem empty random; do
	status_is "no key is in $file" 2 "$vdectl" key show $file
	says "as is said, $file" "no key or certificate can be read from it"
done
status_is "no such file" 2 "$vdectl" key show nothing
status_is "a directory" 2 "$vdectl" key show .
status_is "import wants a keyring" 2 "$vdectl" key import cert.der
status_is "and a certificate" 2 "$vdectl" key import key.pem --keyring @s
says "of which it tells" "key.pem is no certificate"

# Passports ---------------------------------------------------------------------------

object=ffeeddcc-bbaa-9988-7766-554433221100
# new [OPTION]...: an unsigned passport
new() {
	"$vdectl" passport new --object $object --framework HIPAA --status exempt \
		--issuer acme "$@"
}

new --notes "naïve" --issued 2026-01-31T12:00:00.0000001+02:00 --expires 30d >one.json
tap_is "new has what was said" "$(jq -c 'del(.id)' one.json)" "{\"object\":\"$object\",\
\"framework\":\"HIPAA\",\"status\":\"exempt\",\"issued\":\"2026-01-31T10:00:00.0000001Z\",\
\"expires\":\"2026-03-02T10:00:00.0000001Z\",\
\"last_verified\":\"2026-01-31T10:00:00.0000001Z\",\"issuer\":\"acme\",\"notes\":\"naïve\",\
\"signature\":null}"
[ "$(jq -r .id one.json)" != "$(new | jq -r .id)" ]
tap $? "and an id of its own"
for time in 2026 2026-13-01 2026-02-30 2026-1-1 2026-01-01T00 2026-01-01T00:00 \
	2026-01-01T24:00Z 2026-01-01T00:00:00.00000001Z 2026-01-01T00:00:00.Z 0000-01-01 \
	"2026-01-01 " yesterday ""; do
	status_is "'$time' is no time" 2 new --issued "$time"
done
tap_is "the first time of all" "$(new --issued 0001-01-01T00:00:00.0000001Z |
	jq -r .issued)" 0001-01-01T00:00:00.0000001Z
tap_is "the last" "$(new --issued 9999-12-31T23:59:59.9999999Z | jq -r .issued)" \
	9999-12-31T23:59:59.9999999Z
tap_is "a day is its beginning" "$(new --issued 2024-02-29 | jq -r .issued)" \
	2024-02-29T00:00:00.0000000Z
status_is "it expires later than it was issued" 2 new --expires 2020-01-01
for words in "--framework GDPRX" "--framework 9" "--status removed" "--status 8" \
	"--object 1" "--object-file key.pem" "--id x" extra; do
	# shellcheck disable=SC2086
	status_is "new $words is an error" 2 new $words
done
status_is "a text that is no UTF-8" 2 new --notes $'\xff'
says "is told" "passport text is not UTF-8"
status_is "an issuer of 129 bytes" 2 new --issuer "$(printf %0129d 0)"
status_is "notes of 257 bytes" 2 new --notes "$(printf %0257d 0)"
says "are told, too" "notes of 257 bytes: at most 256 fit"
new --issuer "$long" --notes "$(printf %0256d 0)" >longest.json
tap $? "the longest are fine"
status_is "a passport needs an object" 2 "$vdectl" passport new --framework 0 --status 0 \
	--issuer a

# Ids of objects ----------------------------------------------------------------------

digest=$(sha256sum <key.pem | cut -d' ' -f1)
derived=$("$vdectl" passport new --object-file key.pem --framework 0 --status 0 --issuer a |
	jq -r .object)
tap_is "a file's id begins with the digits of its SHA-256" "${derived//-/}" \
	"${digest:0:12}8${digest:13:3}${derived:19:1}${digest:17:15}"
[[ ${derived:19:1} == [89ab] ]]
tap $? "its variant is that of a UUID"
vaults active image
region=$("$vdectl" log image --json | tee log.json | jq -r .region_uuid)
for range in 0+1 3+20 0+30; do
	tap_is "id of blocks $range" "$("$vdectl" passport new --object-range image:$range \
		--framework 0 --status 0 --issuer a | jq -r .object)" \
		"$(vaults range_object log.json "$region" ${range%+*} ${range#*+})"
done
for range in image image:1 image: :1+1 image:1+0 image:+1 image:0+31 image:31+1 \
	image:18446744073709551615+2 image:0x1+1 nothing:0+1; do
	status_is "range '$range' is an error" 2 "$vdectl" passport new \
		--object-range $range --framework 0 --status 0 --issuer a
done

# Signatures --------------------------------------------------------------------------

"$vdectl" passport sign one.json --key key.pem >one.signed
"$vdectl" passport sign one.json --key sec1.pem --binary >one.bin
tap_is "sign changes nothing else" "$(jq -cS 'del(.signature)' one.signed)" \
	"$(jq -cS 'del(.signature)' one.json)"
vaults verified one.bin "$point"
tap $? "vaults.py accepts the signature"
vaults split one.bin data signature.der
openssl dgst -sha256 -verify public.pem -signature signature.der data >out
tap $? "and so does openssl"
openssl dgst -sha256 -sign key.pem -out signature.der data
vaults join data signature.der joined.bin
vaults golden_image image "$(xxd -p joined.bin | tr -d '\n')"
status_is "vdectl accepts what openssl signed" 0 "$vdectl" passport verify --image image \
	--cert cert.der
"$vdectl" passport sign one.bin --key key.pem | jq -c 'del(.signature)' >out
tap_is "the stored form is read, too" "$(cat out)" "$(jq -c 'del(.signature)' one.json)"
cat one.json longest.json >many.json
jq -s . one.json longest.json >array.json
vaults stored many.bin 1 2 3
for file in many.json array.json; do
	tap_is "several of $file" "$("$vdectl" passport sign $file --key key.pem | jq length)" 2
done
"$vdectl" passport sign many.json --key key.pem --binary >out
vaults verified out "$point"
tap $? "each is signed"
tap_is "several in their stored form" \
	"$("$vdectl" passport sign - --key key.pem <many.bin | jq length)" 3
status_is "a public key does not sign" 2 "$vdectl" passport sign one.json --key public.pem
says "as is said of it" "public.pem has no private key to sign with"

# bad_json NAME TEXT SAYS
bad_json() {
	printf '%s' "$2" >bad.json
	status_is "JSON: $1" 2 "$vdectl" passport sign bad.json --key key.pem
	says "is told: $1" "$3"
}
# with FILTER: the passport changed by jq
with() { jq -c "$1" one.json; }
bad_json "nothing" "" "there is no passport in it"
bad_json "an empty array" "[]" "there is no passport in it"
bad_json "cut" "$(head -c 50 one.json)" "it ends too early"
bad_json "no JSON" "passport" "neither JSON nor"
bad_json "garbage after it" "$(with .)}" "neither JSON nor"
bad_json "a number" "17 " "a passport is a JSON object"
bad_json "no UTF-8" "$(with . | sed $'s/na/\xff/')" "neither JSON nor"
for key in id object framework status issued issuer; do
	bad_json "no $key" "$(with "del(.$key)")" "bad.json: passport 1: '$key' is missing"
done
bad_json "an unknown member" "$(with '.x = 1')" "a passport has no 'x'"
bad_json "id that is no UUID" "$(with '.id = "1"')" "'id' is not a UUID"
bad_json "id that is a number" "$(with '.id = 1')" "'id' is not a UUID"
bad_json "id of zeros" "$(with '.id = "00000000-0000-0000-0000-000000000000"')" \
	"passport has no id"
bad_json "framework" "$(with '.framework = "X"')" "'framework' is none that"
bad_json "framework number" "$(with '.framework = 9')" "'framework' is none that"
bad_json "status removed" "$(with '.status = "removed"')" "it was removed from its vault"
bad_json "status null" "$(with '.status = null')" "'status' is none that"
bad_json "time" "$(with '.issued = "soon"')" "'issued' is not a time"
bad_json "negative ticks" "$(with '.issued = -1')" "'issued' is not a time"
bad_json "ticks beyond 2^63" "$(with '.issued = "X"' | sed 's/"X"/9223372036854775808/')" \
	"'issued' is not a time"
bad_json "ticks beyond 2^64" "$(with '.issued = "X"' | sed 's/"X"/99999999999999999999/')" ""
bad_json "ticks with decimals" "$(with '.issued = 1.5')" "'issued' is not a time"
bad_json "long issuer" "$(with '.issuer = "é" * 65')" "'issuer' has 130 bytes, and at most 128 fit"
bad_json "long notes" "$(with '.notes = "n" * 257')" "'notes' has 257 bytes"
bad_json "NUL in notes" "$(with '.notes = "a\u0000b"')" "not UTF-8 without NUL"
bad_json "issuer null" "$(with '.issuer = null')" "'issuer' is not a text"
bad_json "short signature" "$(with '.signature = "00"')" "'signature' is not of 128"
for ticks in 0 1 9223372036854775807; do
	tap_is "ticks are read exactly: $ticks" "$(with '.issued = "X"' |
		sed "s/\"X\"/$ticks/" | "$vdectl" passport sign --key key.pem --binary |
		od -An -tu8 -j36 -N8 | tr -d ' ')" $ticks
done

# Values of an independent implementation ---------------------------------------------

issuer=04fd0be345e95d70299addc2d411ac45a90d0ed6b1c7d38715342aebd8968b496fadf538927eb383e5f7b79\
750d9287a9d09b949ba5379f734f32c87d06a412a83
first=33221100554477668899aabbccddee00ccddeeffaabb889977665544332211000000010000c00a1a441edd08\
000000000000000001c00a1a441edd080000000000000000
first+=9a3957d60b1427ead7ca350e0fbf855483a1be280c55e25e22ef0aa6d3df923be003f1b9e77ba6fcce64145\
bf3a21339b5c3c4d9fd6053894c27a48ce30e4943
second=33221100554477668899aabbccddee01ccddeeffaabb889977665544332211010100020001c00a1a441edd0\
8000040f09bbce10801c00a1a441edd080a00000061636d652d61756469740d000000616e6e75616c20726576696577
second+=ab37aa9220a5b0f5f193e5ba1903efd0f1bbacb2ff15e0eeb281bab74788ef359eefc3e33d9855eae1bb41\
6943a302999b2a6ae37a51cf06883b24d06aefb7d2
third=33221100554477668899aabbccddee02ccddeeffaabb889977665544332211020200030002c00a1a441edd08\
000040f09bbce10801c00a1a441edd0880000000$(printf 'c3a9%.0s' {1..64})00010000$(
	printf '6e%.0s' {1..256})e860282a3e9f7120725eda3adc1fdaa678e90620288c191547a59c12c666a0f\
12a72a45842bd06703a15f4f06093ec0a66a84eab82fa908bbf2725263ad1ea73
vaults golden_image image "$first" "$second" "$third"
status_is "golden signatures are valid" 0 "$vdectl" passport verify --image image \
	--issuer-key $issuer
says "all three" "3 valid, 0 bad, 0 without a key"
n=0
for text in "$first" "$second" "$third"; do
	id=00112233-4455-6677-8899-aabbccddee0$((n++))
	"$vdectl" passport get --image image $id --binary >out
	tap_is "golden passport $n, stored" "$(xxd -p out | tr -d '\n')" "$text"
	"$vdectl" passport get --image image $id --json >golden.json
	"$vdectl" passport sign golden.json --key key.pem --binary | head -c -64 >again
	head -c -64 out | cmp - again
	tap $? "golden passport $n, through JSON and back"
done
tap_is "golden fields" "$(jq -c 'del(.signature, .notes, .issuer)' golden.json)" \
	'{"id":"00112233-4455-6677-8899-aabbccddee02","object":"ffeeddcc-bbaa-9988-7766-554433221102","framework":"SOX","status":"exempt","issued":"2024-12-17T02:40:00.0000002Z","expires":"2029-01-29T17:46:40.0000000Z","last_verified":"2024-12-17T02:40:00.0000001Z","verdict":"unchecked","expired":false,"released":false}'

# Verifying without the kernel --------------------------------------------------------

# verdicts NAME WANT OPTION...: of the first vault
verdicts() {
	local name=$1 want=$2
	shift 2
	tap_is "$name" "$("$vdectl" passport verify --image image "$@" --json |
		jq -r '.[] | (.id[35:] + "=" + .verdict)' | paste -sd' ')" "$want"
}
signer=$(vaults key)
for how in active closed; do
	vaults signatures image $how
	status_is "a bad signature is a problem, $how" 1 "$vdectl" passport verify \
		--image image --issuer-key "$signer"
	says "they are counted, $how" "5 valid, 2 bad, 0 without a key"
	verdicts "each has its verdict, $how" \
		"1=valid 2=valid 7=bad 3=bad 4=valid 5=valid 6=valid" --issuer-key "$signer"
done
verdicts "a key can be one issuer's" \
	"1=valid 2=no-key 7=bad 3=bad 4=valid 5=valid 6=valid" --issuer acme --issuer-key "$signer"
verdicts "another key" "1=bad 2=bad 7=bad 3=bad 4=bad 5=bad 6=bad" --key key.pem
verdicts "one of several keys will do" \
	"1=valid 2=valid 7=bad 3=bad 4=valid 5=valid 6=valid" --key key.pem --issuer-key "$signer"
verdicts "a certificate is its issuer's" \
	"1=bad 2=no-key 7=bad 3=bad 4=bad 5=bad 6=bad" --cert cert.pem
status_is "one passport" 0 "$vdectl" passport verify --image image \
	00000000-0000-4000-8000-000000000002 --issuer-key "$signer"
says "has expired, and its signature is good" "00000000-0000-4000-8000-000000000002 valid, expired"
status_is "the other root of a signature" 0 "$vdectl" passport verify --image image \
	--region 1 --issuer-key "$signer"
says "is one, and no identity" "1 valid, 0 bad, 0 without a key"
status_is "no such passport" 2 "$vdectl" passport verify --image image $object --key key.pem
says "as is told" "there is no passport $object"
status_is "no such vault" 2 "$vdectl" passport verify --image image --region 2 --key key.pem
status_is "no keys" 2 "$vdectl" passport verify --image image
status_is "keys and a device" 2 "$vdectl" passport verify x --key key.pem
status_is "a key that is no point" 2 "$vdectl" passport verify --image image \
	--issuer-key "${signer:0:129}$(((0x${signer:129} + 1) % 10))"
says "as is told of it" "is no point of the curve P-256"
stored=$(vaults flipped image)
status_is "every flipped bit is rejected" 1 "$vdectl" passport verify --image image \
	--issuer-key "$signer"
says "all $stored" "0 valid, $stored bad, 0 without a key"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod a+rx . && chmod a+r image
	status_is "nobody can do that" 1 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$vdectl" passport verify --image image --issuer-key "$signer"
fi
vaults wrong image framework
status_is "a damaged vault is a problem" 1 "$vdectl" passport verify --image image \
	--issuer-key "$signer"
says "and its damage is named" "image: passport framework or status is unknown"

# Lists -------------------------------------------------------------------------------

# listed NAME WANT OPTION...
listed() {
	local name=$1 want=$2
	shift 2
	"$vdectl" passport list --image image --json "$@" >out
	tap_is "list: $name" "$(jq -r '.[].id[33:]' out | paste -sd' ')" "$want"
}
vaults signatures image
listed "all" "001 002 007 003 004 005 006"
listed "by status" "004 006" --status legal-hold
listed "by framework" "002" --framework sox
listed "by issuer" "002" --issuer étude
listed "expired" "002" --expired
listed "by object" "003" --object 00000000-0000-4000-8000-0000000003e8
listed "both hold" "" --expired --issuer acme
tap_is "a released hold" "$("$vdectl" passport list --image image --json |
	jq -c '[.[] | select(.released) | .id[33:]]')" '["004"]'
vaults active image
tap_is "list: one was removed" "$("$vdectl" passport list --image image --json | jq length) \
$("$vdectl" passport list --image image --json --removed | jq length)" "59 60"
listed "the removed" 003 --status removed
"$vdectl" passport get --image image 00000000-0000-4000-8000-000000000003 --json >out
tap_is "a tombstone" "$(jq -c '[.status, .notes, .signature, .verdict, .removed]' out)" \
	'["removed",null,null,"removed","2023-11-14T22:13:20.0000077Z"]'
status_is "is not added again" 2 "$vdectl" passport add x out
status_is "list as a table" 0 "$vdectl" passport list --image image --removed
tap_is "has a line for each" "$(wc -l <out)" 61
status_is "get as text" 0 "$vdectl" passport get --image image \
	00000000-0000-4000-8000-000000000010
says "says what there is" "notes:          nnnnnnnnnnnnnnnn"
for filter in "--status x" "--framework 9" "--object 1" "--region x"; do
	# shellcheck disable=SC2086
	status_is "list $filter is an error" 2 "$vdectl" passport list --image image $filter
done

# Holds, releases and attestations ----------------------------------------------------

"$vdectl" passport hold --print --region "$region" --issuer acme --key key.pem \
	--notes "case 17" >hold.json
tap_is "a hold" "$(jq -c '[.object, .status, .expires, .notes, .framework]' hold.json)" \
	"[\"$region\",\"legal-hold\",null,\"case 17\",\"GDPR\"]"
"$vdectl" passport attest --print --region "$region" --issuer acme --key key.pem \
	--time 2030-01-01T00:00:00Z >attest.json
tap_is "an attestation" "$(jq -c '[.object, .status, .issued]' attest.json)" \
	"[\"$region\",\"time-attestation\",\"2030-01-01T00:00:00.0000000Z\"]"
"$vdectl" passport sign hold.json --key other.pem | jq -r .signature >out
[ "$(cat out)" != "$(jq -r .signature hold.json)" ]
tap $? "a passport can be signed again"
status_is "a hold has a region" 2 "$vdectl" passport hold x --issuer acme --key key.pem
status_is "and an issuer" 2 "$vdectl" passport hold x --region "$region" --key key.pem
status_is "and a key" 2 "$vdectl" passport hold x --region "$region" --issuer acme
status_is "and no time" 2 "$vdectl" passport hold x --region "$region" --issuer acme \
	--key key.pem --time now
status_is "a release has a hold" 2 "$vdectl" passport release x --key key.pem
for option in "--region $region" "--notes x" "--framework SOX" "--time now"; do
	# shellcheck disable=SC2086
	status_is "a release has no $option" 2 "$vdectl" passport release x $object \
		--key key.pem $option
	says "as is said of it: $option" "the hold says what the release must be"
done

# Usage -------------------------------------------------------------------------------

for command in "key generate" "key show" "key import" "passport new" "passport sign" \
	"passport add" "passport get" "passport list" "passport verify" "passport remove" \
	"passport hold" "passport release" "passport attest" key passport; do
	# shellcheck disable=SC2086
	status_is "$command --help" 0 "$vdectl" $command --help
	says "tells its usage, $command" "Usage: vdectl $command"
	# shellcheck disable=SC2086
	status_is "$command with an unknown option" 2 "$vdectl" $command --nonsense
done
status_is "key without a verb" 2 "$vdectl" key
status_is "passport with an unknown verb" 2 "$vdectl" passport frobnicate
status_is "an unsigned passport is not added" 2 "$vdectl" passport add x one.json
says "as is said before the vault is looked for" "is not signed: see 'vdectl passport sign'"
status_is "no vault of that name" 2 "$vdectl" passport add x one.signed
says "is told" "vdectl: x: "

# A key that never leaves its token ---------------------------------------------------

module=/usr/lib/softhsm/libsofthsm2.so
uri='pkcs11:token=audit;object=signer'
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\n' "$PWD/tokens" >softhsm.conf
export SOFTHSM2_CONF=$PWD/softhsm.conf
softhsm2-util --init-token --free --label audit --pin 1234 --so-pin 5678 >out 2>&1 &&
	pkcs11-tool --module $module --login --pin 1234 --token-label audit --keypairgen \
		--key-type EC:prime256v1 --id 01 --label signer >>out 2>&1 &&
	pkcs11-tool --module $module --login --pin 1234 --token-label audit --keypairgen \
		--key-type EC:secp384r1 --id 02 --label large >>out 2>&1
tap $? "a token of SoftHSM has keys"
printf 1234 >pin
status_is "its public key is shown" 0 "$vdectl" key show "$uri?pin-value=1234" --module $module
token_point=$("$vdectl" key show "$uri?pin-source=$PWD/pin" --module $module --json |
	jq -r .issuer_key)
tap_is "as pkcs11-tool has it" "$(pkcs11-tool --module $module --token-label audit \
	--read-object --type pubkey --label signer 2>/dev/null | openssl pkey -pubin \
	-inform DER -outform DER | tail -c 65 | xxd -p -c 65)" "$token_point"
"$vdectl" passport sign many.json --key "$uri?pin-value=1234" --module $module \
	--binary >token.bin
tap $? "it signs"
vaults verified token.bin "$token_point"
tap $? "vaults.py accepts what it signed"
vaults golden_image image "$("$vdectl" passport sign one.json --module $module \
	--key "$uri?pin-value=1234" --binary | xxd -p | tr -d '\n')"
status_is "and so does vdectl" 0 "$vdectl" passport verify --image image \
	--issuer-key "$token_point"
status_is "a wrong PIN" 2 "$vdectl" passport sign one.json --key "$uri?pin-value=4321" \
	--module $module
says "is told" "vdectl: $uri: no such private key, or the PIN"
! grep -q 4321 out
tap $? "but not what it was"
status_is "no such key in the token" 2 "$vdectl" passport sign one.json \
	--key "${uri/signer/nobody}?pin-value=1234" --module $module
status_is "a key of another curve" 2 "$vdectl" passport sign one.json \
	--key "${uri/signer/large}?pin-value=1234" --module $module
says "is told, too" "the key is not on the curve P-256"
status_is "no such module" 2 "$vdectl" passport sign one.json --key "$uri" --module /nothing
status_is "other URIs are OpenSSL's" 0 "$vdectl" passport sign one.json --key "file:$PWD/key.pem"
tap_done

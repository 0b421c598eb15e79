# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests of vaults, after lib.sh: an issuer's key, passports, questions.

[ -n "${any_kernel-}" ] || has_ecdsa || skip_all "a kernel without ECDSA P-256"

# The issuer of the tests: one key, known to the table as issuer_key=
make_issuer() {
	mkdir -p /run/vault
	key=/run/vault/key.pem
	must make_key $key
	point=$(vdepassport point $key)
}

# ec_key NAME [CURVE]: makes /run/NAME.pem and its certificate /run/NAME.der
ec_key() {
	must make_key "/run/$1.pem" "${2-}"
	certificate "$1"
}

# certificate NAME [PEM]: /run/NAME.der, of /run/NAME.pem or another key
certificate() {
	must openssl req -x509 -new -sha256 -key "${2:-/run/$1.pem}" -subj "/CN=$1" -days 3650 \
		-outform DER -out "/run/$1.der"
}

# give NAME DESCRIPTION [KEYRING]: puts a certificate into $ring or another keyring; prints
# the serial number
give() { must keyctl padd asymmetric "$2" "${3:-$ring}" <"/run/$1.der"; }

# attach_vault NAME DISK BLOCKS [OPTION...]: with the issuer's key unless another is given
attach_vault() {
	local name=$1 disk=$2 blocks=$3
	shift 3
	[[ "$*" == *key* ]] || set -- "$@" "issuer_key=$point"
	must dmsetup create "$name" --table "0 $((blocks * 8)) vde $disk vault $# $*"
}

# passport FILE [FIELD=VALUE...]: signed by the issuer
passport() {
	local file=$1
	shift
	must vdepassport make "$key" issuer=acme "$@" >"$file"
}

# vault NAME MODE OPERATION...: see vdevault
vault() { answer_of vdevault "$@"; }

# vault_of NAME KEY: one number of its status
vault_of() { vault "$1" r status | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# vault_of_is NAME KEY VALUE
vault_of_is() { [ "$(vault_of "$1" "$2")" = "$3" ]; }

# vault_ids NAME [FILTER]: ids of a list
vault_ids() { vdevault "$(char_node "$1")" r "list${2:+:$2}" | cut -d' ' -f1; }

# vault_line NAME: its status line without the kind
vault_line() { dmsetup status "$1" | cut -d' ' -f4-; }

# guid N: an id that is easy to tell
guid() { printf '%08x-1111-4222-8333-444444444444' "$1"; }

# must_add NAME FILE...
must_add() {
	local name=$1
	shift
	vault "$name" rw "${@/#/add:}" | all_ok || bail "add to $name"
}

# let_slabs_fail: where /proc/.../fail-nth asks for it; most allocations may wait for memory
let_slabs_fail() {
	mountpoint -q /sys/kernel/debug || must mount -t debugfs debugfs /sys/kernel/debug
	echo N >/sys/kernel/debug/failslab/ignore-gfp-wait || bail "no fault injection"
}

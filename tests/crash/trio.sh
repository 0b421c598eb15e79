# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A volume with a WORM region, a stream and a vault, all three written to at the same time,
# for tests in a lab machine. Source lib.sh first, and set how large they are:
# $worm_blocks, $ring, $vault_blocks.
# shellcheck disable=SC2154

PATH=$crash_top/out/selftests:$PATH
journals=/tmp/journals
passports=/tmp/passports
issuer=/tmp/key.pem
use_streams
stream_options=("${append_options[@]}")

# passports_of [FIELD=VALUE...]: signed by the issuer that the vault's table names
passports_of() { vdepassport make "$issuer" issuer=acme "$@"; }

make_issuer() { make_key "$issuer" && point=$(vdepassport point "$issuer"); }

# issue_many: an issuer, and $many passports in one file
issue_many() {
	make_issuer && passports_of count="$many" notes="$(printf %0250d 1)" >"$passports"
}

# format_all DISK: nothing is there, and nothing promised
format_all() {
	rm -rf "$journals"
	mkdir "$journals"
	touch "$journals"/{worm,ring,safe}
	vdectl format "$1" --worm $((worm_blocks * 4))K --stream $((ring * 4))K \
		--vault $((vault_blocks * 4))K --force --destroy-sealed-data >/dev/null
}

# attach_all DISK: one process, for there are thousands of cuts
attach_all() {
	dmsetup create --concise "worm,,,rw,0 $((worm_blocks * 8)) vde $1 worm;\
ring,,,rw,0 $((1 << 51)) vde $1 stream 3 discard reserve=16 max_inflight=$((64 * 4096));\
safe,,,rw,0 $((vault_blocks * 8)) vde $1 vault 1 issuer_key=$point"
}

remove_all() {
	local name names=()
	for name in safe ring worm; do
		[ ! -e /dev/mapper/$name ] || names+=("$name")
	done
	[ ${#names[@]} = 0 ] || dmsetup remove --retry "${names[@]}"
}

# write_worm and write_ring JOURNAL [OPTION=N]...: see crash-writer; marks go with CRASH_LOG
write_worm() {
	CRASH_NAME=worm crash-writer /dev/mapper/worm "$1" depth=8 size=6 fsync=10 dsync=12 \
		"${@:2}"
}

write_ring() {
	CRASH_NAME=ring crash-writer /dev/mapper/ring "$1" "${stream_options[@]}" depth=8 \
		fsync=10 dsync=12 "${@:2}"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Published vectors of ECDSA P-256 with raw signatures through the function that the vault
# calls. They are not part of the project: $VDE_VECTORS names the file; by default it is
# looked for beside the project. The module that calls it is built where KUnit is.
#
# only: uml-*
# host: --timeout 120
set -u
top=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
# shellcheck source=tests/lab/tap.sh
. "$top/tests/lab/tap.sh"
vectors=${VDE_VECTORS:-$top/../shared/vectors/ecdsa_secp256r1_sha256_p1363_test.json}

# verdict WORD...: what the kernel says of POINT DIGEST SIGNATURE
verdict() {
	local said
	# An echo that fails names the errno
	if said=$({ LC_ALL=C echo "$*" >/sys/kernel/debug/vde-signature; } 2>&1); then
		echo OK
	else
		echo "${said##*: }"
	fi
}

# guest CASES: inside a machine; one line a case: number, what must come of it, what did
guest() {
	local number result words
	insmod "${LAB_KUNIT%/*}/dm-vde-signature.ko" || exit
	while read -r number result words; do
		echo "case $number $result $(verdict "$words")"
	done <"$1" || exit
	rmmod dm-vde-signature
}

# agrees RESULT LENGTH SAID: a valid signature is one; an invalid one of 64 bytes is
# rejected as false, one of another length as malformed
agrees() {
	case $1.$2 in
	valid.128) [ "$3" = OK ] ;;
	invalid.128) [ "$3" = "Key was rejected by service" ] ;;
	invalid.*) [ "$3" = "Invalid argument" ] ;;
	*) false ;;
	esac
}

# judge CASES SAID: compares them line by line
judge() {
	local number result point digest signature word heard expected said
	agreed=0
	cases=0
	while read -r number result point digest signature && read -r word heard expected said <&3; do
		cases=$((cases + 1))
		if [ "$word $heard $expected" = "case $number $result" ] &&
			agrees "$result" "$([ "$signature" = - ] || echo ${#signature})" "$said"; then
			agreed=$((agreed + 1))
		else
			echo "# case $number is $result; the kernel says: $said ($point $digest)"
		fi
	done <"$1" 3<"$2"
}

if [ "${1-}" = guest ]; then
	guest "$2"
	exit
fi
if [ ! -e "$vectors" ]; then
	tap_skip "vectors" "no file ${vectors##*/}; VDE_VECTORS= names it"
	tap_done
	exit
fi
python3 "$top/tests/selftests/signature_cases.py" "$vectors" >"$LAB_SCRATCH/cases" || exit
"$top/tests/lab/run" --kernel "$KERNEL" --rw "$LAB_SCRATCH" -- \
	"$0" guest "$LAB_SCRATCH/cases" >"$LAB_SCRATCH/output" 2>&1
tap $? "a machine runs them"
grep -v '^case ' "$LAB_SCRATCH/output" | sed 's/^/# /'
tr -d '\r' <"$LAB_SCRATCH/output" | grep '^case ' >"$LAB_SCRATCH/said"
judge "$LAB_SCRATCH/cases" "$LAB_SCRATCH/said"
tap_is "agreements in $cases cases" "$agreed" "$(wc -l <"$LAB_SCRATCH/cases")"
tap $((cases == 0)) "there were some"
tap_done

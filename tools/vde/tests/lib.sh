# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the tests of vdectl on image files. Source it first; it changes to an empty
# directory, where "image" is the volume under test and "out" what the last command said.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/tap.sh
. "$here/../../../tests/lab/tap.sh"
vdectl=$here/../vdectl/vdectl
uuid=00112233-4455-6677-8899-aabbccddeeff
work=$(mktemp -d "${LAB_SCRATCH:-${TMPDIR:-/tmp}}/vdectl.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

make -s -C "$here/.." all >&2 || exit 1

volume() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/volume.py" "$@"; }

# status_is NAME STATUS COMMAND...: keeps what it says in $work/out
status_is() {
	local name=$1 want=$2 got=0
	shift 2
	"$@" >out 2>&1 </dev/null || got=$?
	[ "$got" = "$want" ] || sed 's/^/# /' out
	tap_is "$name" "status $got" "status $want"
}

# says NAME TEXT: did the last command say so?
says() {
	grep -qF -- "$2" out
	tap $? "$1"
}

fresh() { rm -f image; truncate -s "$1" image; }

json_is_valid() {
	python3 -c 'import json, sys; json.load(sys.stdin)' <out
	tap $? "$1"
}

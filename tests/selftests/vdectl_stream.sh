# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests of vdectl on active streams. Source stream.sh first.

disk=$LAB_DISK0
work=/run/stream
must mkdir -p $work
must dd if=/dev/urandom of=$work/data bs=4096 count=2048 status=none

# part FROM COUNT: blocks of the data that is appended
part() { dd if=$work/data bs=4096 skip="$1" count="$2" status=none; }

# run STATUS COMMAND...: what it says, on both outputs, is in $said
said=''
run() {
	local name=$1 want=$2 got
	shift 2
	said=$("$@" 2>&1 </dev/null)
	got=$?
	[ $got = "$want" ] || echo "# ${said//$'\n'/$'\n# '}"
	tap_is "$name" "status $got" "status $want"
}

# says NAME TEXT: all that the last command said
says() { tap_is "$1" "$said" "$2"; }

# holds NAME FROM COUNT [OPTION...]: the ring of r has these blocks of the data
holds() {
	local name=$1 from=$2 count=$3
	shift 3
	vdectl stream cat r "$@" >$work/out 2>$work/err
	tap_is "$name: status, errors" "$? $(cat $work/err)" "0 "
	cmp $work/out <(part "$from" "$count") >&2
	tap $? "$name: every byte"
}

# put NAME FROM COUNT: appends blocks of the data. On the terminal that standard error is,
# the progress would be shown in the middle of the results.
put() {
	vdectl stream append "$1" --no-sync < <(part "$2" "$3") >/dev/null 2>&1 ||
		bail "appending to $1"
}

# json NAME FIELD...: of its status
json() {
	local name=$1 field filter=
	shift
	for field in "$@"; do filter+=",.$field"; done
	vdectl stream status "$name" --json | jq -c "[${filter#,}]"
}

has_size() { [ "$(stat -c %s "$1")" = "$2" ]; }

# Asleep with the stream r open, so that it has said all that it has to say by now: what is
# still being loaded can sleep, too
is_waiting() { sleeps "$1" "$(char_node r)" S; }

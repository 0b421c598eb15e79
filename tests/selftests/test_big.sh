#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Bios of 64 MiB and more, which no limit on memory in flight may stop, and their records.
#
# lab: --disk 420M --timeout 150
set -u
. "$(dirname "$0")/lib.sh"

blocks=98304 # 384 MiB

# big NAME BLOCKS: one append in one bio
big() {
	local name=$1 count=$2 at seen
	at=$(status w hwm)
	seen=$(traced vde/vde_admit io w direct "onebio:$at:$count:1")
	tap_is "$name: appended" "$(cat /run/said) $(status w hwm)" "OK $((at + count))"
	tap_is "$name: the bio was really that large" \
		"$(sed -n 's/.*vde_admit: [0-9:]* //p' <<<"$seen")" "block $at + $count"
	tap_is "$name: what was written is read back" "$(io w direct "read:$at:$count:1")" OK
}

# around NAME: small appends before and behind
around() {
	append w 5 1
	big "$1" "$2"
	append w 5 1
}

# refused_whole: a large rewrite is refused as one, and costs nothing
refused_whole() {
	local got hwm
	hwm=$(status w hwm)
	got=$(io w direct "onebio:$((hwm - 1)):16384:2")
	tap_is "64 MiB across the mark are refused as one" "$got $(status w hwm) $(status w refused)" \
		"EOPNOTSUPP $hwm 1 0 0 0"
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks
around "64 MiB" 16384
commit w
around "96 MiB" 24576
refused_whole
detach w
attach w "$LAB_DISK0" $blocks max_inflight=4096 commit_ms=1
around "64 MiB with one block in flight" 16384
detach w
attach w "$LAB_DISK0" $blocks sync max_inflight=1048576
around "64 MiB, durable, with 1 MiB in flight" 16384
tap_is "committed when it completes" "$(status w committed)" "$(status w hwm)"
tap_is "all of it" "$(io w direct "read:0:$(status w hwm):1")" OK
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

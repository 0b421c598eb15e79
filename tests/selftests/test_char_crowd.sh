#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many processes append at once through the character device, while another one tries the
# block node: records tile the range exactly, each append lies in one piece.
#
# also: uml-6.12-debug
# lab: --disk 512M --timeout 150
set -u
. "$(dirname "$0")/lib.sh"

blocks=120000

# crowd NAME WRITERS COUNT [LARGEST]
crowd() {
	local name=$1 got refused
	shift
	refused=$(status w refused)
	got=$(chartile "$(char_node w)" "$1" "$2" $RANDOM "${@:3}")
	echo "# $got, refused: $refused before, $(status w refused) after"
	tap_is "$name: appends lie one after the other, in one piece each" \
		"$(cut -d' ' -f1,4- <<<"$got")" "appends=$(($1 * $2)) OK"
	tap_is "$name: the region is rw, nothing in flight" \
		"$(status w mode) $(status w inflight)" "rw 0"
}

# Tables are replaced under them
disturb() {
	local i
	for ((i = 0; i < 12; i++)); do
		must dmsetup suspend w
		must dmsetup resume w
		live "$(table "$LAB_DISK0" $blocks)"
	done
}

format "$LAB_DISK0" $blocks
attach w "$LAB_DISK0" $blocks
crowd "1 process" 1 300
crowd "8 processes" 8 300
crowd "8 processes, large appends" 8 20 3000000
disturb &
crowd "8 processes, suspends and reloads" 8 300
wait $!
tap $? "suspended and reloaded meanwhile"
reload_options=max_inflight=4096
live "$(table "$LAB_DISK0" $blocks $reload_options)"
crowd "8 processes, a block in flight" 8 100
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done

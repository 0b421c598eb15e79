#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# /sys/class/vde/dm-N: one value a file, the right one, and nothing to write.
#
# lab: --disk 8M --disk 8M --timeout 60
set -u
. "$(dirname "$0")/lib.sh"

blocks=500
second=10000000
files="capacity_blocks committed_high_water_mark compliance_clock corrupted_blocks expires
high_water_mark kind label last_scrub mode records refused_full refused_gap refused_op
refused_sealed region retention_seconds scrub_corrupted scrub_position scrub_state uuid
volume_uuid"

# value FILE: without the newline, which must be there, and the only one
value() {
	local lines=("")
	mapfile lines <"$dir/$1"
	[ ${#lines[@]} = 1 ] && [[ ${lines[0]} == *$'\n' ]] || echo "not one line: "
	echo -n "${lines[*]%$'\n'}"
}

# shows FILE WANT
shows() { tap_is "$1" "$(value "$1")" "$2"; }

# uuid_text HEX: a guid_t as its text
uuid_text() {
	python3 -c 'import sys, uuid; print(uuid.UUID(bytes_le=bytes.fromhex(sys.argv[1])))' "$1"
}

attributes() {
	local file missing="" writable="" bad=""
	for file in $files; do
		[ -f "$dir/$file" ] || missing+=" $file"
	done
	tap_is "all files are there" "$missing" ""
	for file in "$dir"/*; do
		file=${file##*/}
		[ -f "$dir/$file" ] && [ "$file" != uevent ] || continue
		[ "$(stat -c %a "$dir/$file")" = 444 ] || writable+=" $file"
		! echo 1 2>/dev/null >"$dir/$file" || writable+=" $file"
		[ "$(wc -l <"$dir/$file")" = 1 ] || bad+=" $file"
	done
	tap_is "none can be written" "$writable" ""
	tap_is "each holds one line" "$bad" ""
	tap_is "it is the child of its block device" \
		"$(readlink -f "$dir/device")" "$(readlink -f "/sys/block/${dir##*/}")"
	tap_is "its number is that of the device node" "$(<"$dir/dev")" \
		"$(stat -c '%Hr:%Lr' "/dev/vde/${dir##*/}")"
}

constants() {
	shows kind worm
	shows region 1
	shows label "my label"
	shows capacity_blocks $blocks
	shows uuid "$(uuid_text "$(char_of w info uuid)")"
	shows volume_uuid 00112233-4455-6677-8899-aabbccddeeff
	shows retention_seconds 3600
}

# same_marks NAME: as the status line says
same_marks() {
	tap_is "$1: marks, records, mode" "$(value high_water_mark) $(value \
		committed_high_water_mark) $(value records) $(value mode)" \
		"$(status w hwm) $(status w committed) $(status w records) $(status w mode)"
	tap_is "$1: refusals, corruption" "$(value refused_sealed) $(value refused_gap) $(value \
		refused_full) $(value refused_op) $(value corrupted_blocks)" \
		"$(status w refused) $(status w corrupt)"
}

marks() {
	local sealed before clock after
	same_marks "empty"
	shows expires -
	append w 40 1
	same_marks "after appends"
	commit w
	same_marks "after a commit"
	io w direct write:0:1:1 write:300:1:1 >/dev/null
	char w w write:3000000:1 >/dev/null
	same_marks "after refusals"
	tap_is "refused: sealed, gap, full" \
		"$(value refused_sealed) $(value refused_gap) $(value refused_full)" "1 1 1"
	sealed=$(char_of w retention sealed_clock)
	shows expires $(((sealed + 3600 * second + second - 1) / second))
	before=$(char_of w retention clock)
	clock=$(value compliance_clock)
	after=$(char_of w retention clock)
	tap_is "the compliance clock" \
		$((before / second <= clock && clock <= after / second)) 1
	must [ "$(char w w extend:$((7200 * second + 1)))" = OK ]
	shows retention_seconds 7200
	must [ "$(char w w extend:0)" = OK ]
	shows retention_seconds 0
	shows expires never
}

scrub_has_ended() { [ "$(value scrub_state)" != running ]; }

scrubs() {
	local last
	tap_is "no scrub yet" "$(value scrub_state) $(value scrub_position) $(value \
		scrub_corrupted) $(value last_scrub)" "never 0 0 0"
	must [ "$(char w w start:0:4096)" = OK ]
	shows scrub_state running
	must [ "$(char w w stop)" = OK ]
	shows scrub_state stopped
	must [ "$(char w w start:0:0)" = OK ]
	wait_until scrub_has_ended || bail "the scrub does not end"
	tap_is "a scrub" "$(value scrub_state) $(value scrub_position) $(value scrub_corrupted)" \
		"done 40 0"
	last=$(value last_scrub)
	[[ $last =~ ^[0-9]+$ ]] && [ "$last" -gt 0 ]
	tap $? "the time of the last scrub ($last)"
}

# A file that is open while the device goes
removal() {
	local text
	exec {file}<"$dir/high_water_mark"
	detach w
	[ ! -e "$dir" ]
	tap $? "gone with the device"
	text=$(cat <&"$file" 2>&1)
	tap_is "an open file gives ENODEV" "$? ${text##*: }" "1 No such device"
	exec {file}<&-
}

# On a label that is none of the tool's making
strange_label() {
	local hex
	hex=$(printf 'a\nb\xff' | od -An -tx1 | tr -d ' ')
	for at in 0 4; do must reseal "$LAB_DISK1" $at "0x98=$hex$(printf '0%.0s' {1..80})"; done
	attach w "$LAB_DISK1" $blocks region=1
	dir=/sys/class/vde/$(basename "$(char_node w)")
	tap_is "a label with a newline is one line" "$(wc -l <"$dir/label")" 1
	detach w
	for at in 0 4; do must reseal "$LAB_DISK1" $at 0x98=6f6b0000; done
}

must vdectl format "$LAB_DISK1" --worm 512K --worm $((blocks * 4096)) --retention 1h \
	--label "my label" --uuid 00112233-4455-6677-8899-aabbccddeeff >/dev/null
attach w "$LAB_DISK1" $blocks region=1 commit_ms=3600000 reorder_ms=1
dir=/sys/class/vde/$(basename "$(char_node w)")
attributes
constants
marks
scrubs
removal
strange_label
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Open files of a character device while tables are replaced, devices suspended, renamed
# and removed, and the module is to be unloaded.
#
# lab: --disk 512M --disk 8M --timeout 100
set -u
. "$(dirname "$0")/lib.sh"

blocks=120000

every_call=(write:10:1 writev:1:5:5 append:10:1 append:10:1:1 fsync info status record:0
	records:0:1 retention extend:0 reset start:0:0 stop scrub)

all_enodev() {
	local name=$1 word answers=""
	for word in "${every_call[@]}"; do answers+="$word=$(ask "$word") "; done
	tap_is "$name: each call gives ENODEV" "$answers" "$(printf '%s=ENODEV ' "${every_call[@]}")"
	asks "$name: poll(2) reports a hangup" 0x18 poll
}

has_node() { [ -c "$1" ]; }

gone() { [ ! -e "$1" ]; }

births() {
	local node
	must dmsetup create w --notable
	# Not in sysfs yet
	node=/dev/vde/dm-$(dmsetup info -c --noheadings -o minor w)
	gone "$node"
	tap $? "no table, no character device"
	must dmsetup load w --table "$(table "$LAB_DISK0" $blocks)"
	gone "$node"
	tap $? "a table that was only loaded has none"
	must dmsetup resume w
	has_node "$node"
	tap $? "an active region has one"
	tap_is "only root may open it" "$(stat -c '%a %u' "$node")" "600 0"
	detach w
	gone "$node"
	tap $? "it goes with the region"
}

removals() {
	local at
	attach w "$LAB_DISK0" $blocks
	open_char w rw
	asks "open" "10 OK" write:10:1 fsync
	dmsetup remove w
	tap_is "dmsetup remove with an open file" $? 0
	all_enodev "removed"
	is_sound "$LAB_DISK0"
	tap $? "removed: the volume is closed"
	attach w "$LAB_DISK0" $blocks
	at=$(status w hwm)
	all_enodev "removed and made again"
	tap_is "the new one works" "$(char w rw append:10:1) $(status w hwm)" \
		"$at+1 $((at + 1))"
	close_char
	detach w
}

# A table changes, the region stays: so do open files
replacements() {
	attach w "$LAB_DISK0" $blocks
	open_char w rw
	asks "before" 10 write:10:1
	must dmsetup suspend w
	must dmsetup resume w
	asks "after suspend and resume" "10 OK" write:10:1 fsync
	must dmsetup suspend --noflush w
	must dmsetup resume w
	asks "after suspend without flush and resume" "10 OK" write:10:1 fsync
	must dmsetup reload w --table "$(table "$LAB_DISK0" $blocks sync)"
	asks "while another table is loaded" 10 write:10:1
	must dmsetup resume w
	asks "after a reload" "10 OK" write:10:1 fsync
	# Not after a clear: then a rename and a reload make kernels with dm-ima use freed memory
	must dmsetup rename w v
	asks "after a rename" 10 write:10:1
	tap_is "after a rename, opened anew" "$(char v rw write:10:1)" 10
	must dmsetup rename v w
	must dmsetup reload w --table "$(table "$LAB_DISK0" $blocks)"
	must dmsetup clear w
	asks "after a table that was cleared" 10 write:10:1
	must dmsetup reload w -r --table "$(table "$LAB_DISK0" $blocks)"
	must dmsetup resume w
	asks "after a reload to read-only" "EROFS 10 OK" write:10:1 records:0:10 fsync
	live "$(table "$LAB_DISK0" $blocks)"
	asks "and back" "10 OK" write:10:1 fsync
	error_table
	close_char
	detach w
}

# When no table names the region any more it is closed
error_table() {
	live "0 $((blocks * 8)) error"
	gone "$(char_node w)"
	tap $? "an error table has no character device"
	all_enodev "after an error table"
	live "$(table "$LAB_DISK0" $blocks)"
	tap_is "back again, opened anew" "$(char w rw write:10:1)" 10
	all_enodev "back again"
}

# Another region on the same device
other_region() {
	attach w "$LAB_DISK0" $blocks
	format "$LAB_DISK1" 100
	open_char w rw
	live "$(table "$LAB_DISK1" 100)"
	all_enodev "after a table with another region"
	tap_is "opened anew it is the other one" \
		"$(char_of w info capacity) $(char w rw append:10:1)" "100 0+1"
	close_char
	detach w
}

# waits OPERATION: in a suspended device nothing happens
waits() {
	local at
	at=$(status w hwm)
	tell "$1"
	sleep 0.3
	! read -rt 0 <&"$char_out" && [ "$(status w hwm)" = "$at" ]
	tap $? "suspended: $1 waits"
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }

heard() {
	kill -USR1 "$char_pid"
	read -rt 0.1 answer <&"$char_out"
}

suspensions() {
	local word at
	attach w "$LAB_DISK0" $blocks
	open_char w rw
	for word in write:10:1=10 fsync=OK write:1000000:1=1000000 extend:0=OK; do
		must dmsetup suspend w
		waits "${word%=*}"
		must dmsetup resume w
		tap_is "resumed: ${word%=*} goes on" "$(hear)" "${word#*=}"
	done
	at=$(status w hwm)
	for word in write:10:1 append:10:1:1 fsync extend:0; do
		must dmsetup suspend w
		tell "$word"
		wait_until heard
		tap_is "suspended: a signal ends $word" "$answer" EINTR
		must dmsetup resume w
	done
	tap_is "nothing was sealed by those" "$(status w hwm)" "$at"
	asks "the file is still good" "10 OK" write:10:1 fsync
	killed
	removed_while_waiting
	close_char
}

killed() {
	local at node pid
	at=$(status w hwm)
	node=$(char_node w)
	must dmsetup suspend w
	vdechar "$node" w write:10:1 >/run/written &
	pid=$!
	until_sleeps $pid "$node"
	kill -KILL $pid
	wait $pid 2>/dev/null
	tap_is "suspended: SIGKILL ends who waits" "$? $(cat /run/written)" "137 "
	must dmsetup resume w
	tap_is "and seals nothing" "$(status w hwm)" "$at"
}

removed_while_waiting() {
	local node pid
	node=$(char_node w)
	must dmsetup suspend w
	vdechar "$node" w write:10:1 >/run/written &
	pid=$!
	until_sleeps $pid "$node"
	tap_is "suspended: a write waits" "$(cat /run/written)" ""
	dmsetup remove w
	tap_is "removed meanwhile" $? 0
	wait $pid
	tap_is "which ends the write" "$(cat /run/written)" ENODEV
	all_enodev "removed while suspended"
}

has_grown() { [ "$(status w hwm)" -gt "$1" ]; }

# Appenders that do not stop by themselves
under_load() {
	local i pid errors=""
	for ((i = 0; i < 5; i++)); do
		format "$LAB_DISK0" $blocks
		attach w "$LAB_DISK0" $blocks
		chartile "$(char_node w)" 4 0 $i 20000 >/run/errors &
		pid=$!
		wait_until has_grown 50 || bail "nothing is appended"
		must dmsetup remove w
		wait $pid
		errors+=" $(cat /run/errors)"
		is_sound "$LAB_DISK0" || bail "the volume is damaged"
	done
	tap_is "removed under four appenders, five times" "$errors" \
		"$(printf ' %s' ENODEV{,,,}{,,,,})"
}

# A fresh device for each, the file of the one before still open
many() {
	local i bad=0
	for ((i = 0; i < 20; i++)); do
		attach w "$LAB_DISK1" 100
		open_char w rw
		[ "$(ask write:1:1)" = 1 ] || bad=1
		must dmsetup remove w
		[ "$(ask write:1:1)" = ENODEV ] || bad=1
		close_char
	done
	tap $bad "twenty devices that were removed with an open file"
}

unload() {
	attach w "$LAB_DISK1" 100
	open_char w rw
	must dmsetup remove w
	rmmod dm_vde 2>/dev/null
	tap_is "the module stays while a file is open" "$? $(ask write:1:1)" "1 ENODEV"
	close_char
	rmmod dm_vde
	tap_is "and can go after that" $? 0
	gone /sys/class/vde
	tap $? "with its class"
}

format "$LAB_DISK0" $blocks
births
removals
replacements
other_region
suspensions
under_load
many
unload
tap_done

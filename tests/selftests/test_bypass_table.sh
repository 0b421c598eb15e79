#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ways round a WORM region through device-mapper's own commands: another table in its place,
# other options, a second device on its disk. What the page cache of the node held under
# another table is not shown for sealed data.
#
# damages: disks
# lab: --disk 16M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

disk=$LAB_DISK0
blocks=512
hwm=300
sectors=$((blocks * 8))
data=$(data_start_of $blocks)

worm() { table "$disk" $blocks "$@"; }

# Where the region's data lies, as a table that knows no rules
bare() { echo "0 $sectors linear $disk $((data * 8))"; }

start() {
	format "$disk" $blocks $blocks
	attach w "$disk" $blocks
	append w $hwm 1
	commit w
}

# What is written through another table is found as soon as the region is back
other_target() {
	local node
	node=$(char_node w)
	live "$(bare)"
	tap_is "a linear table takes its place, and writes what it likes" \
		"$(io w direct write:7:1:9 fsync)" "OK OK"
	tap_is "dmsetup tells which table it is" "$(dmsetup table w | cut -d' ' -f3)" linear
	[ ! -e "$node" ] && [ ! -e "/sys/class/vde/${node##*/}" ]
	tap $? "its character device and its directory in sysfs are gone"
	live "0 $sectors error"
	is_damaged "$disk"
	tap $? "vdectl check finds it, as soon as it can have the disk"
	tap_is "it says where" "$(grep -c "data block 7: data does not match" /run/check)" 1
	live "$(worm)"
	tap_is "the region is back: so does a read" "$(io w direct read:7:1:1 read:8:292:1)" \
		"EILSEQ OK"
	live "$(bare)"
	io w direct write:7:1:1 | all_ok || bail "cannot mend block 7"
	live "$(worm)"
}

# Half of it an error segment, so that nothing of it looks like the region
linear_and_error() {
	live "0 800 linear $disk $((data * 8))
800 $((sectors - 800)) error"
	tap_is "linear and an error segment are accepted, too" \
		"$(io w direct write:7:1:9 read:150:1:1)" "OK EIO"
	live "$(worm)"
	tap_is "and found" "$(io w direct read:7:1:1 read:150:1:1)" "EILSEQ OK"
	live "$(bare)"
	io w direct write:7:1:1 | all_ok || bail "cannot mend block 7"
	live "$(worm)"
	tap_is "a table of which a region is only a part is not" "$(dmsetup reload w --table "$(worm)
$sectors 8 error" 2>&1 | grep -c 'Invalid argument')" 1
	must dmsetup clear w
}

# cached NAME: readers of the node see what is sealed
cached() { tap_is "$1" "$(io w buffered read:0:$hwm:1 "zeros:$hwm:$((blocks - hwm))")" "OK OK"; }

# While somebody has the node open its page cache stays, whatever table comes and goes
page_cache() {
	hold w
	must dd if=/dev/zero of="$LAB_DISK1" bs=4096 count=$blocks oflag=direct status=none
	live "0 $sectors linear $LAB_DISK1 0"
	io w buffered zeros:0:$blocks | all_ok || bail "cannot read the other disk"
	live "$(worm)"
	cached "what was read through another table is not shown"
	live "0 $sectors linear $LAB_DISK1 0"
	io w buffered write:0:64:9 write:400:8:9 | all_ok || bail "cannot write to the other disk"
	live "$(worm)"
	# Their write-back is refused, which is when they go
	io w buffered fsync >/dev/null
	cached "nor what was written to one and is still in memory"
	tap_is "and none of that is sealed" "$(status w hwm) $(status w mode)" "$hwm rw"
	live "$(worm region=1)"
	tap_is "another region of the volume shows nothing of the first" \
		"$(io w buffered zeros:0:$blocks)" OK
	live "$(worm)"
	cached "and the first nothing of the other"
	release
}

shows_sealed() { [ "$(io w buffered read:0:64:1)" = OK ]; }

# Who has mapped them does not keep them
mapped() {
	local seen line
	live "0 $sectors linear $LAB_DISK1 0"
	io w direct write:0:64:9 fsync | all_ok || bail "cannot write to the other disk"
	coproc vdeio /dev/mapper/w buffered mapped:0:64:9 line mapped:0:64:1
	read -r seen <&"${COPROC[0]}"
	live "$(worm)"
	wait_until shows_sealed || bail "still shown to readers"
	echo >&"${COPROC[1]}"
	while read -r line; do seen+=" $line"; done <&"${COPROC[0]}"
	tap_is "pages of another table that are mapped are not shown" "$seen" "OK OK OK"
}

# A block that was changed beneath must not get past verification by way of the cache
unverified() {
	hold w
	poke "$disk" $((data + 9)) 0 4096
	live "$(worm no_verify_reads)"
	tap_is "no_verify_reads shows what was changed" "$(io w buffered read:9:1:1)" "DIFFERS@9"
	tap_is "and the table tells of it" "$(dmsetup table w | grep -c no_verify_reads)" 1
	live "$(worm)"
	tap_is "without it, it is found" "$(io w buffered read:9:1:1)" EIO
	tap_is "... past the page cache, too" "$(io w direct read:9:1:1)" EILSEQ
	release
	detach w
	start
}

# Arguments do not widen what a region allows
other_arguments() {
	local length
	for length in $((sectors - 8)) $((sectors + 8)); do
		! dmsetup reload w --table "0 $length vde $disk worm" 2>/dev/null
		tap $? "another length is refused ($length)"
	done
	for kind in stream vault; do
		! dmsetup reload w --table "0 $sectors vde $disk $kind" 2>/dev/null
		tap $? "so is another kind ($kind)"
	done
	! dmsetup reload w --table "$(worm uuid=00112233-4455-8677-8899-aabbccddeeff)" 2>/dev/null
	tap $? "and another uuid"
	live "$(worm reorder_ms=0 max_inflight=4096 sync commit_ms=1 no_verify_reads)"
	tap_is "whatever the options, what is sealed stays so" \
		"$(io w direct write:0:1:9 write:$((hwm + 1)):1:9 read:0:$hwm:1)" "EOPNOTSUPP EIO OK"
	live "$(worm)"
}

# Read-only means read-only, whatever the block layer is told
set_writable() {
	must dmsetup reload w -r --table "$(worm)"
	must dmsetup resume w
	blockdev --setrw /dev/mapper/w 2>/dev/null
	tap_is "a read-only table appends nothing after BLKROSET" \
		"$(io w direct "write:$hwm:1:1" | grep -cE '^(open: )?(EPERM|EIO)$') $(
		status w mode) $(status w hwm)" "1 ro $hwm"
	live "$(worm)"
}

second_device() {
	! dmsetup create v --table "$(worm)" 2>/dev/null
	tap $? "a second device on the region is refused"
	dmsetup remove v 2>/dev/null
	must dmsetup create v --table "$(bare)"
	tap_is "a linear device on its disk is not, and writes what it likes" \
		"$(io v direct write:11:1:9 write:$hwm:1:9)" "OK OK"
	tap_is "a read finds it, and shows nothing of what is not sealed" \
		"$(io w direct read:11:1:1 zeros:$hwm:1)" "EILSEQ OK"
	tap_is "it is counted" "$(status w corrupt)" 1
	tap_is "appending goes on over it" "$(io w direct write:$hwm:1:1 fsync read:$hwm:1:1)" \
		"OK OK OK"
	io v direct write:11:1:1 | all_ok || bail "cannot mend block 11"
	detach v
}

messages() {
	local word
	for word in "reset" "hwm 0" "set mode rw" "retention 0"; do
		# shellcheck disable=SC2086
		! dmsetup message w 0 $word 2>/dev/null
		tap $? "there is no message '$word'"
	done
	hwm=$(status w hwm)
	for word in commit stats; do must dmsetup message w 0 $word >/dev/null; done
	tap_is "those that there are change no data" \
		"$(status w hwm) $(io w direct "read:0:$hwm:1")" "$hwm OK"
}

unload() {
	! rmmod dm_vde 2>/dev/null
	tap $? "the module cannot be unloaded while a region is active"
	must dmsetup remove --force w
	tap_is "a removal by force closes it" "$(is_sound "$disk"; echo $?)" 0
}

start
other_target
linear_and_error
page_cache
mapped
unverified
other_arguments
set_writable
second_device
messages
unload
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A thin pool that is out of space beneath a WORM region, a stream and a vault: what cannot
# be stored is an error, what was acknowledged stays, and with more space all go on.
#
# damages: disks
# lab: --disk 32M --disk 8M --timeout 300
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/stream.sh
. tests/selftests/vault.sh

thin=/dev/mapper/thin
chunk=16		# blocks; the pool has twelve times as many for itself
small=$((144 * chunk * 8))
large=$((400 * chunk * 8))

# pool_table SECTORS
pool_table() {
	echo "0 $1 thin-pool $LAB_DISK1 $LAB_DISK0 $((chunk * 8)) 0 1 error_if_no_space"
}

make_pool() {
	must dd if=/dev/zero of="$LAB_DISK1" bs=4096 count=1 oflag=direct status=none
	must dmsetup create pool --table "$(pool_table $small)"
	must dmsetup message pool 0 "create_thin 0"
	must dmsetup message pool 0 "create_thin 1"
	must dmsetup create thin --table "0 $((8192 * 8)) thin /dev/mapper/pool 0"
	must dmsetup create hog --table "0 $((8192 * 8)) thin /dev/mapper/pool 1"
}

drop_pool() {
	must dmsetup remove hog
	must dmsetup remove thin
	must dmsetup remove pool
}

# exhaust: another volume takes what is left
exhaust() {
	dd if=/dev/zero of=/dev/mapper/hog bs=$((chunk * 4096)) oflag=direct 2>/dev/null
	dmsetup status pool | grep -q out_of_data_space || bail "the pool has space"
	forget_messages
}

extend() {
	live "$(pool_table $large)" pool
	wait_until writes_again || bail "the pool takes no writes"
}

writes_again() { dmsetup status pool | grep -qw rw; }

# allocate BLOCK COUNT: of the volume, so that these take no more space
allocate() {
	must dd if=/dev/zero of=$thin bs=4096 seek="$1" count="$2" oflag=direct status=none
}

worm_data() {
	local at
	make_pool
	format $thin 3000
	attach w $thin 3000
	append w 100 1
	commit w
	exhaust
	# What the last chunk has room for can still be written
	at=$((100 + (chunk - ($(data_start_of 3000) + 100) % chunk) % chunk))
	[ $at = 100 ] || append w $((at - 100)) 1
	tap_is "no space for data: an error, the mark stays, mode rw" \
		"$(io w direct "write:$at:1:1" fsync) $(status w hwm) $(status w mode)" \
		"$1 OK $at rw"
	tap_is "... so for a call" "$(char w rw append:10:1) $(status w hwm)" "$2 $at"
	tap_is "... and for a buffered writer at fsync()" "$(io w buffered "write:$at:1:1" fsync)" \
		"OK $3"
	tap_is "nothing was refused, all can be read" \
		"$(status w refused) $(io w direct "read:0:$at:1" "zeros:$at:20")" "0 0 0 0 OK OK"
	extend
	tap_is "with more space appending goes on" \
		"$(io w direct "write:$at:200:1" fsync "read:0:$((at + 200)):1")" "OK OK OK"
	detach w
	is_sound $thin
	tap $? "sound"
	drop_pool
}

# Log block 22 is the first of another chunk, and is written when 1793 blocks are sealed
worm_records() {
	local data
	make_pool
	format $thin 8000
	data=$(data_start_of 8000)
	attach w $thin 8000
	append w 1780 1 256
	commit w
	allocate $((data + 1780)) 40
	exhaust
	forget_messages
	io w direct write:1780:20:1 >/dev/null
	wait_until status_is w mode failed
	tap $? "no space for records: mode is failed"
	kernel_says "cannot write records"
	tap $? "and the kernel says why"
	tap_is "reads go on, flushes do not" "$(io w direct read:0:1780:1 fsync)" "OK EIO"
	extend
	detach w
	is_sound $thin
	tap $? "what is left is sound"
	attach w $thin 8000
	tap_is "with more space all that was committed is there, and appending goes on" \
		"$(($(status w hwm) >= 1780)) $(status w mode) $(io w direct read:0:1780:1 \
			"write:$(status w hwm):30:1" fsync)" "1 rw OK OK OK"
	detach w
	is_sound $thin
	tap $? "sound"
	drop_pool
}

# What was consumed is given back, and may be gone when the ring comes round
stream() {
	local head
	make_pool
	format_stream $thin 320
	attach_stream s $thin discard
	fill s 320 1 16
	commit s
	exhaust
	fill s 160 1 16
	tap_is "a ring that has its space needs no more" "$(ring s head mode)" "480 rw"
	tap_is "what is consumed goes back to the pool" "$(char s rw consume:400 fsync)" \
		"400-235 OK"
	wait_until writes_again || bail "nothing was given back"
	exhaust
	head=$(ring s head)
	tap_is "and when another has taken it: an error, the head stays, mode rw" \
		"$(io s direct write:480:100:1 fsync) $(ring s head mode)" "$1 OK $head rw"
	tap_is "what is in the ring can be read" "$(io s direct read:400:80:1)" OK
	extend
	tap_is "with more space appending goes on" \
		"$(io s direct write:480:200:1 fsync read:480:200:1)" "OK OK OK"
	detach s
	is_sound $thin
	tap $? "sound"
	drop_pool
}

# Block 22 of the vault is the first of another chunk; 17 passports fill a block
passports() {
	local got
	make_pool
	must vdectl format $thin --vault $((40 * 4096)) --force >/dev/null
	attach_vault v $thin 40
	passport /run/many id="$(guid 1)" count=374 notes="$(printf %0100d 1)"
	passport /run/more id="$(guid 1001)" count=40 notes="$(printf %0100d 1)"
	tap_is "374 passports" "$(vault v rw addall:/run/many)" "OK 374"
	exhaust
	got=$(vault v rw addall:/run/more | sed -nE 's/.*OK ([0-9]+).*/\1/p')
	tap_is "no space for the next block: adding fails, mode is failed" \
		"$((${got:-0} < 40)) $(vault_line v | cut -d' ' -f9)" "1 failed"
	tap_is "all that was acknowledged is there" "$(vault v r count)" $((374 + ${got:-0}))
	extend
	detach v
	is_sound $thin
	tap $? "what is left is sound"
	attach_vault v $thin 40
	tap_is "with more space it is all there, and adding goes on" \
		"$(($(vault_of v passports) >= 374 + ${got:-0})) $(vault v rw addall:/run/new)" "1 OK 40"
	detach v
	is_sound $thin
	tap $? "sound"
	drop_pool
}

make_issuer
passport /run/new id="$(guid 2001)" count=40 notes="$(printf %0100d 1)"
worm_data EIO EIO EIO
worm_records
stream EIO
! has_ecdsa || passports
tap_done

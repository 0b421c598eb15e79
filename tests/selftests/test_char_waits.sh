#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Who waits for whom: memory of a caller that only the device itself can give, and users
# that come while a reset waits, never leave anybody waiting for ever.
#
# lab: --disk 64M --timeout 90
set -u
. "$(dirname "$0")/lib.sh"

blocks=4096
sectors=$(blockdev --getsz "$LAB_DISK0")

# A read in flight keeps a suspend waiting; what is mapped is read only after the resume
payload_from_the_node() {
	local node reader suspend writer
	must dmsetup create beneath --table "0 $sectors linear $LAB_DISK0 0"
	format /dev/mapper/beneath $blocks
	attach w /dev/mapper/beneath $blocks
	append w 64 1
	must dmsetup suspend beneath
	node=$(char_node w)
	vdeio /dev/mapper/w direct read:0:1:1 >/run/read &
	reader=$!
	until_sleeps $reader /dev/mapper/w
	dmsetup suspend w &
	suspend=$!
	until_sleeps $suspend /dev/mapper/control
	vdechar "$node" rw fromnode:8192 >/run/written &
	writer=$!
	until_sleeps $writer "$node"
	must dmsetup resume beneath
	wait $suspend
	tap $? "a suspend does not wait for the memory of a writer"
	tap_is "who has written nothing yet" "$(cat /run/written) $(status w hwm)" " 64"
	must dmsetup resume w
	wait $reader $writer
	tap_is "after the resume he has" "$(cat /run/read /run/written) $(status w hwm)" "OK
8192 66"
	detach w
	must dmsetup remove beneath
}

# Opened while a reset waits for the resume
opened_meanwhile() {
	local node reset
	must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1s --force \
		--destroy-sealed-data >/dev/null
	attach w "$LAB_DISK0" $blocks
	append w 10 1
	sleep 1.2
	must dmsetup suspend w
	node=$(char_node w)
	vdechar "$node" rw reset >/run/reset &
	reset=$!
	until_sleeps $reset "$node"
	open_char w rw
	tap_is "a reset waits for the resume" "$(cat /run/reset)" ""
	must dmsetup resume w
	wait $reset
	tap_is "opened while a reset waits: it is busy" "$(cat /run/reset) $(status w hwm)" "EBUSY 10"
	close_char
	tap_is "then it is not" "$(char w rw reset) $(status w hwm)" "10 0"
	detach w
}

# One that must be refused does not keep appends waiting
refused_at_once() {
	format "$LAB_DISK0" $blocks
	attach w "$LAB_DISK0" $blocks
	append w 10 1
	must dmsetup suspend w
	tap_is "a reset that must be refused does not wait" "$(char w rw reset)" EOPNOTSUPP
	must dmsetup resume w
	detach w
}

set_read_only() {
	format "$LAB_DISK0" $blocks
	attach w "$LAB_DISK0" $blocks
	must blockdev --setro /dev/mapper/w
	tap_is "a node that was set read-only" "$(char w rw write:10:1 append:10:1)" "EROFS EROFS"
	must blockdev --setrw /dev/mapper/w
	tap_is "and back" "$(char w rw write:10:1)" 10
	detach w
}

payload_from_the_node
opened_meanwhile
refused_at_once
set_read_only
tap_done

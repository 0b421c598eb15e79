#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks that vanish under an active device, and disks that say yes and do nothing.
#
# lab: --timeout 500
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh
. tests/crash/faults.sh

power() { echo "$1" >/sys/kernel/config/nullb/flaw/power; }

length=8192

# begin_two [ATTRIBUTE=VALUE...]: the device "w" on the disk itself, and a second region "v"
begin_two() {
	null_disk flaw 48 "$@"
	format /dev/flaw $length 1024
	attach w /dev/flaw $length
	attach v /dev/flaw 1024 region=1
	answers "two regions on a disk" "OK OK" write:0:64:1 fsync
	append v 10 2
	commit v
	watch
}

vanish_idle() {
	begin_two
	power 0
	answers "a disk that is gone: writes and reads fail, and all that was written is durable" \
		"EIO EIO OK" write:64:1:1 read:0:8:1 fsync
	answers "a disk that is gone: above the mark are zeros all the same" OK zeros:64:8
	vanished "when idle" 64
}

# At 10 ms for each request, to append all would take ten seconds
vanish_under_load() {
	local appender
	begin_two irqmode=2 completion_nsec=10000000
	appender /dev/mapper/w 64 $((length - 64)) 1 1 8 >/run/appender &
	appender=$!
	wait_until appended_some || bail "nothing is appended"
	power 0
	wait "$appender"
	grep -q ' eio=[1-9][0-9]* other=OK$' /run/appender
	tap $? "a disk that vanishes under load: nothing acknowledged behind a failure"
	sed 's/^/# /' /run/appender
	[ "$(status w hwm)" = "$(status w committed)" ] ||
		answers "a disk that vanishes under load: fsync fails" EIO fsync
	vanished "under load" 64
}

appended_some() { [ "$(status w hwm)" -gt 100 ]; }

# vanished NAME COMMITTED: both devices can be removed, and the disk holds what it must
vanished() {
	must dmsetup suspend w
	! dmsetup resume w 2>/dev/null
	tap $? "vanished $1: it cannot be resumed"
	must dmsetup remove v
	must dmsetup remove w
	power 1
	is_sound /dev/flaw
	tap $? "vanished $1: what is left is sound"
	attach w /dev/flaw $length
	attach v /dev/flaw 1024 region=1
	[ "$(status w hwm)" -ge "$2" ]
	tap $? "vanished $1: what had been committed is there"
	answers "vanished $1: it reads back, appending goes on" "OK OK OK" \
		"read:0:$(status w hwm):1" "write:$(status w hwm):1:1" fsync
	tap_is "vanished $1: the other region too" "$(io v direct read:0:10:2)" OK
	detach v
	detach w
	is_sound /dev/flaw
	tap $? "vanished $1: sound when it is closed"
	drop_null_disk flaw
}

# With a region of each kind; a vault's commit fails, which the other two have not tried
vanish_under_three() {
	local name="vanished under all kinds"
	null_disk flaw 16
	three /dev/flaw
	power 0
	tap_is "$name: nothing can be written" "$(io w direct write:160:1:1) $(
		io s direct write:130:1:2) $(vault v rw add:/run/second)" "EIO EIO $lost"
	tap_is "$name: modes" "$(modes)" "rw rw $broken"
	must dmsetup suspend s
	! dmsetup resume s 2>/dev/null
	tap $? "$name: a stream cannot be resumed"
	detach w s v
	power 1
	attach_three /dev/flaw
	intact "$name"
	go_on "$name"
	detach w s v
	is_sound /dev/flaw
	tap $? "$name: sound when it is closed"
	drop_null_disk flaw
}

# A disk that drops all writes from some moment on is, when that is over, as it was then

drops_everything() {
	begin
	answers "64 blocks" "OK OK" write:0:64:1 fsync
	fail drop_writes 0 4096
	answers "a disk that drops writes" "OK OK" write:64:100:1 fsync
	detach w
	heal
	unharmed
	tap $? "drops everything: what is left is sound"
	attach w $weak $blocks
	tap_is "drops everything: back to what was before" \
		"$(status w hwm) $(status w mode)" "64 rw"
	answers "drops everything: it reads back, appending goes on" "OK OK OK" \
		read:0:64:1 write:64:8:1 fsync
	detach w
	is_sound $weak
	tap $? "drops everything: sound when it is closed"
}

# ... or only what goes to one place: that must be found

# drops NAME START COUNT ERROR: after appending 200 blocks and a clean close
drops() {
	begin
	answers "64 blocks" "OK OK" write:0:64:1 fsync
	fail drop_writes "$2" "$3"
	answers "$1 are dropped" "OK OK" write:64:200:1 fsync
	detach w
	heal
	is_damaged $weak
	tap $? "$1 are dropped: vdectl check finds it"
	grep -q "error: .*$4" /run/check
	tap $? "$1 are dropped: it says '$4'"
	[ "$tap_failed" = 0 ] || sed 's/^/# /' /run/check
	attach w $weak $blocks
	answers "$1 are dropped: what was there before can be read" OK read:0:64:1
	detach w
}

drops_parts() {
	drops "data blocks" $((data + 64)) 200 "data does not match its write record"
	drops "log blocks" $((meta + 1)) 2 "volume block $((meta + 1))"
	drops "commits" "$commits" 16 "newest commit"
}

# dropped_commits_are_met: nothing is built on a clean volume whose commits are missing
dropped_commits_are_met() {
	attach w $weak $blocks
	tap_is "commits are dropped: only for reading" "$(status w mode)" ro
	answers "commits are dropped: no appending" EIO "write:$(status w hwm):1:1"
	detach w
}

vanish_idle
vanish_under_load
vanish_under_three
weak_disk
drops_everything
drops_parts
dropped_commits_are_met
drop_weak_disk
tap_done

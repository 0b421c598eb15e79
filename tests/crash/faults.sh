# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A disk that fails where and how a test wants: null_blk beneath the dm device "weak",
# beneath the WORM device "w". For tests in a lab machine; source selftests/lib.sh first.
#
# Unless a test asks for a cache, the disk has none, so that no flushes are sent: a
# segment that fails writes would fail each flush as well.

weak=/dev/mapper/weak
node=/dev/mapper/w
blocks=2048

# shellcheck disable=SC2120
# weak_disk [ATTRIBUTE=VALUE]...: the disk, sound for now
weak_disk() {
	null_disk flaw 16 "$@"
	must dmsetup create weak --table "$(segment 0 4096)"
}

drop_weak_disk() {
	must dmsetup remove weak
	drop_null_disk flaw
}

# segment START COUNT [FAULT]: a line of its table, in blocks of the disk. FAULT is one of
# error_writes, error_reads, drop_writes (dm-flakey) and error (all of it)
segment() {
	[ "$2" -gt 0 ] || return 0
	case ${3:-sound} in
	sound) echo "$(($1 * 8)) $(($2 * 8)) linear /dev/flaw $(($1 * 8))" ;;
	error) echo "$(($1 * 8)) $(($2 * 8)) error" ;;
	*) echo "$(($1 * 8)) $(($2 * 8)) flakey /dev/flaw $(($1 * 8)) 0 1 1 $3" ;;
	esac
}

# reads_alone: can dm-flakey fail reads and not writes? That of Linux 6.1 cannot
reads_alone() {
	local status=0
	dmsetup load weak --table "$(segment 0 1 error_reads)" 2>/dev/null || status=1
	must dmsetup clear weak
	return $status
}

# swap TABLE: also with I/O in flight, which then meets the new one
swap() {
	must dmsetup load weak --table "$1"
	must dmsetup resume --noflush --nolockfs weak
}

heal() { swap "$(segment 0 4096)"; }

# fail FAULT START COUNT: those blocks of the disk; the rest of it is sound
fail() {
	swap "$(segment 0 "$2")
$(segment "$2" "$3" "$1")
$(segment $(($2 + $3)) $((4096 - $2 - $3)))"
}

# fail_both BLOCK BLOCK: writes of these two. Between one place and the next of an error that
# moves ahead of a writer: it has many writes in flight, of which one could reach the
# second place before the error did, and one before it the first when that had gone
fail_both() {
	[ "$1" -lt "$2" ] || set -- "$2" "$1"
	swap "$(segment 0 "$1")
$(segment "$1" 1 error_writes)
$(segment $(($1 + 1)) $(($2 - $1 - 1)))
$(segment "$2" 1 error_writes)
$(segment $(($2 + 1)) $((4096 - $2 - 1)))"
}

# locate: sets meta, commits and data: where the region's parts begin
locate() {
	meta=$(place meta_start)
	commits=$(place commit_start)
	data=$(place data_start)
}

# place KEY: a block number that vdectl dump tells
place() {
	local number
	number=$(vdectl dump $weak --json | sed -nE "s/.*\"$1\": *([0-9]+).*/\1/p")
	[ "$number" ] || bail "vdectl dump tells no $1"
	echo "$number"
}

# begin [OPTION...]: a fresh volume, attached as "w"
# shellcheck disable=SC2120
begin() {
	format $weak $blocks
	locate
	attach w $weak $blocks "$@"
}

# crash: the device goes without a chance to write anything
crash() {
	swap "$(segment 0 4096 error)"
	must dmsetup remove w
	heal
}

# unharmed: nothing is wrong with the volume that an intact double does not make up for
unharmed() {
	vdectl check $weak --data >/run/check 2>&1 || grep -q '^0 error(s)' /run/check ||
		{ sed 's/^/# /' /run/check; false; }
}

events() { dmsetup info -c --noheadings -o events w; }

# answers NAME WANT OPERATION...: what O_DIRECT operations on w must answer, in a line
answers() {
	local name=$1 want=$2
	shift 2
	tap_is "$name" "$(io w direct "$@")" "$want"
}

# repeat N WORD: in a line
repeat() {
	local i words=()
	for ((i = 0; i < $1; i++)); do words+=("$2"); done
	echo "${words[*]}"
}

# has_failed NAME: mode failed, as everybody is told; reads go on, nothing else does. The
# volume's first 64 blocks were appended with seed 1.
has_failed() {
	local at
	wait_until status_is w mode failed
	tap $? "$1: mode is failed"
	wait_until told
	tap $? "$1: an event is raised"
	kernel_says "mode is now failed"
	tap $? "$1: the kernel's log says so"
	at=$(status w hwm)
	answers "$1: reads go on, writes and flushes do not" "OK EIO EIO EIO" \
		read:0:64:1 "write:$at:1:9" "dsync:$at:1:9" fsync
	tap_is "$1: nothing is in flight" "$(status w inflight)" 0
}

# told: has there been an event since $events_before was read?
told() { [ "$(events)" -gt "$events_before" ]; }

watch() {
	forget_messages
	events_before=$(events)
}

# recovers NAME COMMITTED: once the disk is sound again, the region holds all that had been
# committed and goes on
recovers() {
	local at
	must dmsetup remove w
	heal
	is_sound $weak
	tap $? "$1: vdectl check is content with what is left"
	attach w $weak $blocks
	at=$(status w hwm)
	[ "$at" -ge "$2" ]
	tap $? "$1: what had been committed is there ($at of $2)"
	answers "$1: it reads back, and appending goes on" "OK OK OK" \
		"read:0:$2:1" "write:$at:8:1" fsync
	detach w
	is_sound $weak
	tap $? "$1: and leaves a sound volume"
}

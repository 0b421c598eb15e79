#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A bad spot that moves through a whole volume with a WORM region, a stream and a vault:
# superblocks, directory, records, commit slots, passports, data. At each place the disk
# fails reads, writes or both, before activation or after it. Whatever it does, no wrong
# data is shown, nothing is taken for corruption, and what was acknowledged as durable is
# there when the disk is sound again.
#
# Each run takes every seventh block, and one of the six ways at each. SEED=N chooses which:
# 42 numbers in a row try all.
#
# lab: --timeout 900
set -u
any_kernel=1
. "$(dirname "$0")/lib.sh"
. tests/selftests/three.sh
. tests/crash/faults.sh

seed=${SEED:-$EPOCHSECONDS}
worm_blocks=100
ring_blocks=50
total=216
step=7
answer="($taken|EIO|EROFS)"
[ -z "${LAB_SHORT-}" ] || step=35

setup() {
	weak_disk
	new_three $weak
	append w 79 1
	fill s 70 2 10
	add_first
	detach w s v
	is_sound $weak || bail "not sound"
	must dd if=$weak of=/run/clean bs=4096 count=$total iflag=direct status=none
}

fresh() {
	must dd if=/run/clean of=$weak bs=4096 oflag=direct conv=notrunc status=none
}

# try_attach: what can be attached
try_attach() {
	dmsetup create w --table "$(table $weak $worm_blocks)" 2>/dev/null || dmsetup remove w 2>/dev/null
	dmsetup create s --table "$(stream_table $weak "$longest")" 2>/dev/null ||
		dmsetup remove s 2>/dev/null
	dmsetup create v --table "0 $((vault_blocks * 8)) vde $weak vault 1 issuer_key=$point" \
		2>/dev/null || dmsetup remove v 2>/dev/null
}

is_there() { [ -e "/dev/mapper/$1" ]; }

# durable FROM ANSWER...: how far that many writes of five blocks, a flush behind each, are
# durable
durable() {
	local at=$1
	shift
	while [ $# -ge 2 ] && [ "$1 $2" = "OK OK" ]; do
		at=$((at + 5))
		shift 2
	done
	echo "$at"
}

# sane ANSWER...: what a disk that fails may lead to, and nothing else
sane() {
	local word
	for word; do [[ $word =~ ^(OK|EIO)$ ]] || return 1; done
}

# use: what is durable then is in $acked_w, $acked_s and $acked_v; false when anything was
# answered that must not be
use() {
	local got good=0
	acked_w=79
	acked_s=70
	acked_v=$stored
	if is_there w; then
		got=$(io w direct write:79:5:1 fsync write:84:5:1 fsync read:0:40:1 read:40:39:1)
		# shellcheck disable=SC2086
		sane $got || { echo "# w: $got"; good=1; }
		# shellcheck disable=SC2086
		acked_w=$(durable 79 ${got% * *})
		[ "$(status w corrupt)" = 0 ] || { echo "# w: corrupt"; good=1; }
	fi
	if is_there s; then
		got=$(io s direct write:70:5:2 fsync write:75:5:2 fsync read:40:30:2)
		# shellcheck disable=SC2086
		sane $got || { echo "# s: $got"; good=1; }
		# shellcheck disable=SC2086
		acked_s=$(durable 70 ${got% *})
	fi
	if is_there v; then
		got=$(vault v rw add:/run/second add:/run/third)
		[[ $got =~ ^(open: EROFS|$answer $answer)$ ]] ||
			{ echo "# v: $got"; good=1; }
		acked_v=$((stored + $(tr ' ' '\n' <<<"$got" | grep -c OK)))
		got=$(vault v r get:"$(guid 1)")
		[[ $got == "$found"* || $got == EIO ]] || { echo "# v: get: $got"; good=1; }
		[ "$(vault_line v | cut -d' ' -f5)" = 0 ] || { echo "# v: bad"; good=1; }
	fi
	return $good
}

# recovered: all that was durable is there, and appending goes on
recovered() {
	local got want good=0
	attach_three $weak
	want="rw rw rw"
	got="$(status w mode) $(ring s mode) $(vault_line v | cut -d' ' -f9)"
	[ "$got" = "$want" ] || { echo "# modes: $got"; good=1; }
	[ "$(status w hwm)" -ge "$acked_w" ] && [ "$(ring s head)" -ge "$acked_s" ] &&
		[ "$(vault_of v passports)" -ge "$acked_v" ] || {
		echo "# $(status w hwm) of $acked_w, $(ring s head) of $acked_s," \
			"$(vault_of v passports) of $acked_v"
		good=1
	}
	got="$(io w direct "read:0:$(status w hwm):1" "write:$(status w hwm):1:1" fsync) $(
		io s direct "read:$(ring s tail):$(($(ring s head) - $(ring s tail))):2" \
			"write:$(ring s head):1:2" fsync)"
	[ "$got" = "OK OK OK OK OK OK" ] || { echo "# after: $got"; good=1; }
	[ "$(vault v r verifyall | tr ' ' '\n' | grep -c '^valid$')" = "$(vault_of v passports)" ] ||
		{ echo "# vault: not all valid"; good=1; }
	detach w s v
	is_sound $weak || good=1
	return $good
}

faults=(error_reads error_writes error)

# at BLOCK WAY
at() {
	local fault=${faults[$2 % 3]} when=after bad=0
	[ "$2" -lt 3 ] || when=before
	fresh
	if [ $when = after ]; then
		attach_three $weak
		fail "$fault" "$1" 1
	else
		fail "$fault" "$1" 1
		try_attach
	fi
	use || bad=1
	remove_all
	heal
	unharmed || bad=1
	recovered || bad=1
	tap $bad "block $1: $fault, $when activation"
}

remove_all() {
	local name
	for name in w s v; do
		! is_there $name || dmsetup remove $name || bail "cannot remove $name"
	done
}

setup
reads_alone || faults[0]=error
echo "# SEED=$seed"
for ((block = seed % step; block < total; block += step)); do
	at $block $(((block + seed / 7) % 6))
done
drop_weak_disk
# For the sums of crash/run
echo "# tried $tap_count places, $tap_failed violations"
tap_done

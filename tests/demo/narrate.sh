# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How the demo talks: a step, the commands as one would type them, what they must answer.

device=/dev/mapper/archive
vdectl=tools/vde/vdectl/vdectl
archive=$LAB_SCRATCH/archive.tar
PATH=$(dirname "$(readlink -f "$vdectl")"):$PATH

fail() {
	echo "    FAILED: $*"
	exit 1
}

step() { printf '\n== %s\n' "$*"; }

note() { printf '   %s\n' "$*"; }

# as_typed COMMAND...: words with blanks quoted, without the name of the scratch directory
as_typed() {
	local word line=
	for word in "$@"; do
		[[ $word != *' '* ]] || word="\"$word\""
		line+=" ${word/"$LAB_SCRATCH/"/}"
	done
	echo "${line# }"
}

# show COMMAND...: prints the command, runs it, indents what it says
show() {
	local status=0
	note "\$ $(as_typed "$@")"
	"$@" >/run/said 2>&1 || status=$?
	sed 's/^/     /' /run/said
	return $status
}

must() { show "$@" || fail "$1 ended with status $?"; }

# refused ERROR COMMAND...: it must fail, with that error; then what the kernel says
refused() {
	local error=$1
	shift
	dmesg --clear
	! show "$@" || fail "this should have been refused"
	grep -q "$error" /run/said || fail "the error should have been: $error"
	dmesg --notime | grep -i vde | sed 's/^/     kernel: /' ||
		note "  (the kernel says nothing: the device offers no such operation)"
}

# checksum: of what the device returns for the archive's length
checksum() {
	dd if="$device" bs=1M iflag=direct,count_bytes count="$(stat -c %s "$archive")" \
		status=none | sha256sum | cut -d' ' -f1
}

# same_as_archive: reads from the disk, not from the page cache
same_as_archive() {
	local want got
	want=$(cut -d' ' -f1 "$LAB_SCRATCH/sha256")
	got=$(checksum)
	note "sha256 of the archive  $want"
	note "sha256 read back       $got"
	[ "$want" = "$got" ] || fail "they differ"
}

# high_water_mark: in the status line it stands before the capacity
high_water_mark() { dmsetup status archive | grep -oE '[0-9]+/[0-9]+' | head -1 | cut -d/ -f1; }

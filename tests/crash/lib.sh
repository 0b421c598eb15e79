# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the crash tests that run in a lab machine: a WORM device on $disk, or a stream,
# and a writer that knows what it was promised.

crash_top=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..")
# shellcheck source=tests/lab/guest.sh
. "$crash_top/tests/lab/guest.sh"
# shellcheck source=tests/crash/torn.sh
. "$crash_top/tests/crash/torn.sh"
PATH=$crash_top/out/crash:$crash_top/tools/vde/vdectl:$PATH
disk=
worm=crash
region_kind=worm
attach_options=()
append_options=()
journal=/tmp/journal
promised=0
said=
span=1
never=

# pause MILLISECONDS: without starting a process
pause() {
	local seconds
	printf -v seconds 0.%03d "$1"
	[ -e /tmp/never ] || mkfifo /tmp/never
	[ "$never" ] || exec {never}<>/tmp/never
	read -rt "$seconds" -u "$never" _ || true
}

# time_of COMMAND...: sets $span to the milliseconds that it takes here, from 1 to 999
time_of() {
	local start=${EPOCHREALTIME/[.,]/} status=0
	"$@" || status=$?
	span=$(((${EPOCHREALTIME/[.,]/} - start) / 1000 + 1))
	[ $span -lt 1000 ] || span=999
	return $status
}

# count_lines FILE: sets $said, without starting a process
count_lines() {
	local all=()
	mapfile -t all <"$1"
	said=${#all[@]}
}

# await_lines FILE COUNT PID: or the end of who writes them
await_lines() {
	count_lines "$1"
	while [ "$said" -lt "$2" ] && kill -0 "$3" 2>/dev/null; do
		pause 5
		count_lines "$1"
	done
}

attach() { vdectl attach "$disk" $worm --$region_kind "${attach_options[@]}"; }

# remove: whatever state the device is in; it may not exist
remove() {
	[ ! -e /dev/mapper/$worm ] || dmsetup remove --retry $worm
}

# append [OPTION=N]...: see crash-writer, which first checks every promise made before
append() { crash-writer /dev/mapper/$worm "$journal" "${append_options[@]}" "$@"; }

# promises: how many lines the journal has, without starting a process
promises() {
	local lines=()
	[ ! -e "$journal" ] || mapfile -t lines <"$journal"
	promised=${#lines[@]}
}

# last_word NAME: of the line that crash-writer left in /tmp/writer
last_word() {
	local line
	read -r line </tmp/writer
	[[ " $line " =~ \ $1=([^ ]+)\  ]] && said=${BASH_REMATCH[1]}
}

# use_streams: rings of 256, which the writer goes round again and again. What they hold at
# least, whatever happens, follows from what can be in flight.
ring_blocks=256
use_streams() {
	region_kind=stream
	attach_options=(--max-inflight $((64 * 4096)) --reserve 16 --discard)
	append_options=(size=32 consume=40 keep=$((ring_blocks - 64 - 32 - 16)))
}

# format SIZE: an empty volume, and nothing promised yet
format() {
	rm -f "$journal"
	vdectl format "$disk" --$region_kind "$1" --force --destroy-sealed-data >/tmp/said 2>&1 ||
		{ cat /tmp/said; return 1; }
}

# all_writable: is each device? Leaves the mark of the WORM region "worm" in $mark
all_writable() {
	local name place rest status
	status=$(dmsetup status)
	while read -r name _ _ _ _ place rest; do
		[ "${rest##* }" = rw ] || { echo "$name is not writable: $status"; return 1; }
		[ "$name" != worm: ] || mark=${place%/*}
	done <<<"$status"
}

# tried STATES VIOLATIONS: for the sums that run makes
tried() { echo "# tried $1 states, $2 violations"; }

# check_image: the offline check agrees with what the disk holds
check_image() { no_damage /tmp/said vdectl check "$disk" --data; }

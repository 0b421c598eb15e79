# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests: set-up, questions about a device, clean-up. Source it first;
# it changes to the top of the project, and has on_disk.sh with it.

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." || exit 1
. tests/lab/tap.sh
. tests/lab/guest.sh
. tests/selftests/on_disk.sh
PATH=$PWD/out/selftests:$PWD/tools/vde/vdectl:$PATH

# Every command that changes state must succeed, or the results would mean nothing
bail() {
	echo "Bail out! $*"
	exit 1
}

must() { "$@" || bail "status $? of: $*"; }

# skip_all REASON: this kernel or machine cannot run the test
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

cleanup() {
	local jobs
	jobs=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$jobs" ] || kill $jobs 2>/dev/null
	wait
	while dmsetup info -c --noheadings -o name 2>/dev/null | grep -vq '^No devices'; do
		remove_once || break
	done
}
trap cleanup EXIT

# remove_once: removes what nothing stands on; false when that is nothing
remove_once() {
	local name any=1
	for name in $(dmsetup info -c --noheadings -o name); do
		dmsetup resume "$name" 2>/dev/null
		dmsetup remove "$name" 2>/dev/null && any=0
	done
	return $any
}

# format DISK BLOCKS...: a new volume with a WORM region of each size
format() {
	local disk=$1 blocks regions=()
	shift
	for blocks in "$@"; do regions+=(--worm $((blocks * 4096))); done
	must vdectl format "$disk" "${regions[@]}" --force --destroy-sealed-data >/dev/null
}

# table DISK BLOCKS [OPTION...]: the line for dmsetup
table() {
	local disk=$1 blocks=$2
	shift 2
	echo "0 $((blocks * 8)) vde $disk worm${1:+ $# $*}"
}

# attach NAME DISK BLOCKS [OPTION...]
attach() {
	local name=$1
	shift
	must dmsetup create "$name" --table "$(table "$@")"
}

detach() { must dmsetup remove "$@"; }

# live TABLE [NAME]: takes the place of what w, or NAME, is
live() {
	must dmsetup reload "${2:-w}" --table "$1"
	must dmsetup resume "${2:-w}"
}

commit() { must dmsetup message "$1" 0 commit; }

# status NAME FIELD: one word of the status line
status() {
	local word
	read -ra word < <(dmsetup status "$1")
	case $2 in
	region) echo "${word[3]}" ;;
	hwm) echo "${word[4]%/*}" ;;
	capacity) echo "${word[4]#*/}" ;;
	committed) echo "${word[5]}" ;;
	records) echo "${word[6]}" ;;
	refused) echo "${word[*]:7:4}" ;;
	corrupt) echo "${word[11]}" ;;
	inflight) echo "${word[12]}" ;;
	mode) echo "${word[13]}" ;;
	*) bail "no field '$2' in a status line" ;;
	esac
}

# stat_of NAME KEY: one number of the message "stats"
stat_of() { dmsetup message "$1" 0 stats | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# io NAME direct|buffered OPERATION...: what vdeio answers, in one line; KILLED is the last
# word when a signal ended it
io() {
	local name=$1
	shift
	{
		vdeio "/dev/mapper/$name" "$@" 2>&1
		[ $? -lt 128 ] || echo KILLED
	} | paste -sd' ' -
}

# answer_of PROGRAM NAME MODE OPERATION...: what it answers of a device, in one line
answer_of() {
	local program=$1 node lines
	node=$(char_node "$2")
	shift 2
	mapfile -t lines < <(exec "$program" "$node" "$@" 2>&1)
	echo "${lines[*]}"
}

# char NAME MODE OPERATION...: see vdechar
char() { answer_of vdechar "$@"; }

# char_of NAME OPERATION KEY: one value of what info, status, retention or scrub tells
char_of() { char "$1" r "$2" | tr ' ' '\n' | sed -n "s/^$3=//p"; }

# open_char NAME MODE: a file that stays open; ask OPERATION: what it answers
open_char() {
	local node
	node=$(char_node "$1")
	coproc CHAR { exec vdechar "$node" "$2" - 2>&1; }
	# Bash forgets these as soon as the program has ended
	char_in=${CHAR[1]}
	char_out=${CHAR[0]}
	# shellcheck disable=SC2153
	char_pid=$CHAR_PID
	ask poll >/dev/null
}

tell() { echo "$1" >&"$char_in"; }

hear() {
	local line=
	read -rt 60 line <&"$char_out"
	echo "$line"
}

ask() {
	tell "$1"
	hear
}

close_char() {
	exec {char_in}>&- {char_out}<&-
	wait "$char_pid"
}

# asks NAME WANT OPERATION...
asks() {
	local name=$1 want=$2 word got=()
	shift 2
	for word in "$@"; do got+=("$(ask "$word")"); done
	tap_is "$name" "${got[*]}" "$want"
}

# hold NAME and release: keep the node open, since the last close empties its page cache
hold() { exec {held_open}<"/dev/mapper/$1" || bail "cannot open $1"; }
release() { exec {held_open}<&-; }

# append NAME BLOCKS SEED [STEP]: appends at the mark, in writes of STEP blocks
append() {
	local name=$1 left=$2 step=${4:-$2} at words=()
	at=$(status "$name" hwm)
	while [ "$left" -gt 0 ]; do
		[ "$step" -le "$left" ] || step=$left
		words+=("write:$at:$step:$3")
		at=$((at + step))
		left=$((left - step))
	done
	[ ${#words[@]} = 0 ] || io "$name" direct "${words[@]}" | all_ok || bail "append to $name"
}

# all_ok: does stdin hold the word OK, and nothing else?
all_ok() { ! tr ' ' '\n' | grep -qvx OK; }

# disk_sum DISK: of every byte, past the page cache
disk_sum() { dd if="$1" bs=1M iflag=direct status=none | sha256sum | cut -d' ' -f1; }

# copy_disk FROM TO: as they are now, past the page cache
copy_disk() {
	must dd if="$1" of="$2" bs=1M iflag=direct oflag=direct conv=notrunc status=none
}

# wait_until COMMAND...: until it succeeds; false after half a minute
wait_until() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.01
	done
}

# sleeps PID FILE [STATES]: does the process, which has opened FILE, wait in the kernel? In
# one of STATES, by default D or S
sleeps() {
	local state
	readlink "/proc/$1/fd/"* | grep -qxF "$2" || return
	read -r _ _ state _ <"/proc/$1/stat"
	[[ $state == [${3:-DS}] ]]
}

# until_sleeps PID FILE
until_sleeps() { wait_until sleeps "$@" || bail "process $1 does not wait with $2"; }

# status_is NAME FIELD VALUE
status_is() { [ "$(status "$1" "$2")" = "$3" ]; }

# traced EVENTS COMMAND...: what these tracepoints say meanwhile, in its order: not every clock
# of a trace tells which of two processors was first. What COMMAND says is left in /run/said.
traced() {
	local dir=/sys/kernel/tracing event events=$1
	shift
	echo counter >$dir/trace_clock
	: >$dir/trace
	for event in $events; do echo 1 >"$dir/events/$event/enable"; done
	"$@" >/run/said
	for event in $events; do echo 0 >"$dir/events/$event/enable"; done
	grep -v '^#' $dir/trace
}

# is_sound DISK: what vdectl says of a volume that is not active, data included
is_sound() { vdectl check "$1" --data >/run/check 2>&1 || { sed 's/^/# /' /run/check; false; }; }

# is_damaged DISK: does vdectl find something wrong with it, rather than fail for another reason?
is_damaged() {
	local status=0
	vdectl check "$1" --data >/run/check 2>&1 || status=$?
	[ $status = 1 ] || { sed 's/^/# /' /run/check; false; }
}

# warns_once DISK TEXT: does vdectl find nothing wrong with it but one thing to warn of, this?
warns_once() {
	local status=0
	vdectl check "$1" --data >/run/check 2>&1 || status=$?
	[ "$status $(grep -cF -- "$2" /run/check) $(tail -n 1 /run/check)" = \
		"1 1 0 error(s), 1 warning(s)" ] || { sed 's/^/# /' /run/check; false; }
}

# null_disk NAME MEBIBYTES [ATTRIBUTE=VALUE...]: a disk in memory as /dev/NAME
null_disk() {
	local name=$1 dir=/sys/kernel/config/nullb/$1 word
	mkdir "$dir" || bail "no null_blk"
	for word in memory_backed=1 blocksize=4096 size="$2" "${@:3}" power=1; do
		echo "${word#*=}" >"$dir/${word%%=*}" || bail "null_blk: $word"
	done
	[ -b "/dev/$name" ] || bail "null_blk: no /dev/$name"
}

drop_null_disk() {
	echo 0 >"/sys/kernel/config/nullb/$1/power"
	rmdir "/sys/kernel/config/nullb/$1"
}

# kernel_says TEXT: has the kernel said so since the last forget_messages?
kernel_says() { dmesg --notime | grep -qF -- "$1"; }

forget_messages() { dmesg --clear; }

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests of streams. Source lib.sh first.

longest=$((1 << 51)) # sectors: 1 EiB

# format_stream DISK BLOCKS[,growth=N][,policy=...]...: a new volume with a stream of each
# size
format_stream() {
	local disk=$1 word regions=()
	shift
	for word in "$@"; do
		regions+=(--stream "$((${word%%,*} * 4096))${word#"${word%%,*}"}")
	done
	must vdectl format "$disk" "${regions[@]}" --force --destroy-sealed-data >/dev/null
}

# stream_table DISK SECTORS [OPTION...]: the line for dmsetup
stream_table() {
	local disk=$1 sectors=$2
	shift 2
	echo "0 $sectors vde $disk stream${1:+ $# $*}"
}

# attach_stream NAME DISK [OPTION...]: as long as can be
attach_stream() {
	local name=$1 disk=$2
	shift 2
	must dmsetup create "$name" --table "$(stream_table "$disk" "$longest" "$@")"
}

# ring NAME FIELD...: words of a stream's status line
ring() {
	local word field got=()
	read -ra word < <(dmsetup status "$1")
	shift
	for field in "$@"; do
		case $field in
		region) got+=("${word[3]}") ;;
		head) got+=("${word[4]}") ;;
		tail) got+=("${word[5]}") ;;
		allocated) got+=("${word[6]%/*}") ;;
		capacity) got+=("${word[6]#*/}") ;;
		committed) got+=("${word[7]}") ;;
		lost) got+=("${word[8]}") ;;
		refused) got+=("${word[*]:9:4}") ;;
		inflight) got+=("${word[13]}") ;;
		mode) got+=("${word[14]}") ;;
		*) bail "no field '$field' in a status line" ;;
		esac
	done
	echo "${got[*]}"
}

# ring_is NAME FIELD VALUE
ring_is() { [ "$(ring "$1" "$2")" = "$3" ]; }

# in_sysfs NAME FILE...: values in a line
in_sysfs() {
	local dir file value got=()
	dir=$(char_node "$1")
	dir=/sys/class/vde/${dir##*/}
	shift
	for file in "$@"; do
		read -r value <"$dir/$file"
		got+=("$value")
	done
	echo "${got[*]}"
}

# fill NAME BLOCKS SEED [STEP]: appends at the head through the node, STEP blocks at once
fill() {
	local left=$2 step=${4:-$2} at words=()
	at=$(ring "$1" head)
	while [ "$left" -gt 0 ]; do
		[ "$step" -le "$left" ] || step=$left
		words+=("write:$at:$step:$3")
		at=$((at + step))
		left=$((left - step))
	done
	io "$1" direct "${words[@]}" | all_ok || bail "appending to $1"
}

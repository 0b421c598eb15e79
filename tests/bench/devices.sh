# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The devices that are compared, each on a RAM disk of its own (raw, linear and crypt share
# one), and all there at the same time. Source it after selftests/lib.sh and stream.sh.
#
# make_device NAME makes it; $range bytes of it are used. node_of NAME: its block device.
# shellcheck disable=SC2154

crypt_key=0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210

# disk_of NAME: its RAM disk
disk_of() {
	case $1 in
	raw | linear | crypt) echo /dev/ram0 ;;
	integrity-J) echo /dev/ram1 ;;
	integrity-B) echo /dev/ram2 ;;
	integrity-D) echo /dev/ram3 ;;
	verity) echo /dev/ram4 ;;
	worm | worm-sync) echo /dev/ram5 ;;
	worm-read | worm-unverified) echo /dev/ram6 ;;
	stream) echo /dev/ram7 ;;
	*) bail "no device '$1'" ;;
	esac
}

node_of() {
	case $1 in
	raw) disk_of raw ;;
	worm-unverified) echo /dev/mapper/worm-read ;;
	*) echo "/dev/mapper/$1" ;;
	esac
}

# fill_disk DISK: every page of it is there from now on
fill_disk() { dd if=/dev/zero of="$1" bs=1M oflag=direct status=none 2>/run/dd; }

sectors=$((range / 512))
blocks=$((range / 4096))

make_integrity() {
	local name=$1 mode=$2 disk size
	disk=$(disk_of "$name")
	# Its own way of formatting: a first device of one block tells how large it can be
	local line="integrity $disk 0 - $mode 2 internal_hash:sha256 block_size:4096"
	must dmsetup create "$name" --table "0 8 $line"
	read -r _ _ _ _ size _ < <(dmsetup status "$name")
	must dmsetup remove "$name"
	[ "$size" -ge $sectors ] || bail "$name: $size sectors"
	must dmsetup create "$name" --table "0 $sectors $line"
	# Bitmap mode begins by hashing everything
	until [ "$(dmsetup status "$name" | cut -d' ' -f6)" = - ]; do sleep 0.1; done
	must dd if=/dev/zero of="/dev/mapper/$name" bs=1M count=$((range >> 20)) \
		oflag=direct status=none
}

make_verity() {
	local disk root salt
	disk=$(disk_of verity)
	must veritysetup format --hash=sha256 --data-block-size=4096 --hash-block-size=4096 \
		--data-blocks=$blocks --hash-offset="$range" "$disk" "$disk" >/run/verity
	root=$(sed -n 's/^Root hash:[[:space:]]*//p' /run/verity)
	salt=$(sed -n 's/^Salt:[[:space:]]*//p' /run/verity)
	must dmsetup create verity --readonly --table "0 $sectors verity 1 $disk $disk 4096 \
4096 $blocks $((blocks + 1)) sha256 $root $salt"
}

# renew_worm NAME [OPTION...]: an empty region
renew_worm() {
	local name=$1
	shift
	[ ! -e "/dev/mapper/$name" ] || detach "$name"
	format "$(disk_of "$name")" $blocks
	attach "$name" "$(disk_of "$name")" $blocks "$@"
}

make_worm_read() {
	renew_worm worm-read
	must dd if=/dev/zero of=/dev/mapper/worm-read bs=1M count=$((range >> 20)) \
		oflag=direct status=none
}

# reread_worm worm-read|worm-unverified: the same region, with another table
reread_worm() {
	local options=()
	[ "$1" = worm-read ] || options=(no_verify_reads)
	must dmsetup load worm-read --table "$(table "$(disk_of worm-read)" $blocks \
		"${options[@]}")"
	must dmsetup suspend worm-read
	must dmsetup resume worm-read
}

make_device() {
	case $1 in
	raw | worm | worm-sync) ;;
	linear) must dmsetup create linear --table "0 $sectors linear $(disk_of linear) 0" ;;
	crypt)
		must dmsetup create crypt --table "0 $sectors crypt aes-xts-plain64 \
$crypt_key$crypt_key 0 $(disk_of crypt) 0 1 sector_size:4096"
		;;
	integrity-*) make_integrity "$1" "${1#*-}" ;;
	verity) make_verity ;;
	worm-read) make_worm_read ;;
	stream)
		format_stream "$(disk_of stream)" "$blocks,growth=$blocks"
		attach_stream stream "$(disk_of stream)"
		must dd if=/dev/zero of=/dev/mapper/stream bs=1M count=$((range >> 20)) \
			oflag=direct status=none
		;;
	*) bail "no device '$1'" ;;
	esac
}

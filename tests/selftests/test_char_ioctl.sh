#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands of the character device: structures that grow, unknown flags, bad pointers, who
# may do what, errors by errno, batches of records, the same layout for all programs.
#
# also: stock-6.1
# lab: --disk 8M --disk 8M --timeout 100
set -u
. "$(dirname "$0")/lib.sh"

blocks=1000
hour=36000000000

growth() {
	local verdict name
	chargrow "$(char_node w)" >/run/grow || bail "chargrow"
	while read -r verdict name; do
		case $verdict in
		ok) tap 0 "$name" ;;
		not) tap 1 "${name#ok }" ;;
		*) echo "# $name" ;;
		esac
	done </run/grow
}

# may COMMAND READ WRITE BOTH NONE OPERATION: what it answers by how the file is open, "ok"
# for all that is no errno
may() {
	local mode got answers=""
	for mode in r w rw none; do
		got=$(char w $mode "${*: -1}")
		[[ $got == E* ]] || got=ok
		answers+=" $got"
	done
	tap_is "$1, open for reading, writing, both, ioctl: ${*:2:4}" "$answers" " ${*:2:4}"
}

permissions() {
	may INFO ok EBADF ok EBADF info
	may STATUS ok EBADF ok EBADF status
	may APPEND EBADF ok ok EBADF append:10:1
	may RECORD ok EBADF ok EBADF record:0
	may RECORDS ok EBADF ok EBADF records:0:4
	may SCRUB_START EBADF ENODATA ENODATA EBADF start:99999:0
	may SCRUB_STOP EBADF ESRCH ESRCH EBADF stop
	may SCRUB_STATUS ok EBADF ok EBADF scrub
	may RETENTION_GET ok EBADF ok EBADF retention
	may RETENTION_EXTEND EBADF ok ok EBADF extend:$hour
	may RESET EBADF EAGAIN EAGAIN EBADF reset
	may "write(2)" EBADF ok ok EBADF write:10:1
}

capability() {
	local at
	at=$(status w hwm)
	tap_is "without CAP_SYS_ADMIN no extend" \
		"$(char w rw nobody extend:$((2 * hour)) extend:0 extend:1)" "OK EPERM EPERM EPERM"
	tap_is "without CAP_SYS_ADMIN no reset" "$(char w rw nobody reset)" "OK EPERM"
	tap_is "nothing was extended" "$(char_of w retention retention)" $hour
	tap_is "open for reading comes before that" "$(char w r nobody extend:$hour reset)" \
		"OK EBADF EBADF"
	tap_is "CAP_SYS_ADMIN is enough" "$(char w rw uid:1234 extend:$hour reset)" \
		"OK OK EAGAIN"
	tap_is "all else needs an open file only" \
		"$(char w rw nobody append:10:1 write:10:1 record:0 start:99999:0 stop fsync |
			sed 's/length=[^E]*/record /')" \
		"OK $at+1 10 record ENODATA ESRCH OK"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v vdechar)" "$(char_node w)" r info >/run/said 2>&1
	tap_is "a user cannot open the device" "$(cat /run/said)" "open: EACCES"
}

unknown() {
	tap_is "commands that are none" "$(python3 - "$(char_node w)" <<'PYTHON'
import errno, fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
known = range(0x0B)
requests = [0xDE00 | nr for nr in range(0x0B, 0x100)]
# A size or direction makes another command of each
requests += [0xDE00 | nr | high << 16 for nr in known
             for high in (0x0008, 0x4008, 0x8008, 0xC008, 0x4000, 0x8000, 1)]
requests += [0x5401, 0x1260, 0x80081272, 0x2285, 0xC138FD00, 0xDD00, 0xDF00]
wrong = []
for request in requests:
    try:
        fcntl.ioctl(fd, request, bytearray(256))
        wrong.append("%#x=0" % request)
    except OSError as error:
        if error.errno != errno.ENOTTY:
            wrong.append("%#x=%s" % (request, errno.errorcode[error.errno]))
print(len(requests), " ".join(wrong))
PYTHON
)" "329 "
}

errors() {
	local at
	at=$(status w hwm)
	tap_is "RECORD below, at and above the mark" \
		"$(char w r "record:$((at - 1))" "record:$at" "record:$blocks" \
			record:0xffffffffffffffff record:0x8000000000000000 | sed 's/length=[^E]*//')" \
		"ENODATA ENODATA ENODATA ENODATA"
	tap_is "SCRUB_START at the mark, above, with RESUME" \
		"$(char w w "start:$((at + 1)):0" start:0xffffffffffffffff:0 start:1:0:1)" \
		"ENODATA ENODATA EINVAL"
	tap_is "SCRUB_STOP of none" "$(char w w stop)" ESRCH
}

records() {
	local at size
	at=$(status w hwm)
	[ "$at" -gt 300 ] || char w w "write:$(((301 - at) * 4096)):1" >/dev/null
	at=$(status w hwm)
	tap_is "RECORDS: all, a part, one, none" \
		"$(char w r "records:0:$at" records:3:100 "records:$((at - 1)):1" records:5:0)" \
		"$at 100 1 0"
	tap_is "RECORDS across log blocks" "$(char w r records:76:3 records:154:3 records:70:200)" \
		"3 3 200"
	tap_is "RECORDS up to the mark and beyond" \
		"$(char w r "records:$((at - 5)):100" "records:$at:10" "records:$((at + 1)):10" \
			records:0xffffffffffffffff:10 records:0x7ffffffffffffffe:10)" "5 0 0 0 0"
	for size in 56 57 60 64 100 4096; do
		tap_is "RECORDS, $size bytes each" "$(char w r "records:10:90:$size")" 90
	done
	tap_is "RECORDS, entries too small" \
		"$(char w r records:0:9:55 records:0:9:0 records:0:9:8)" "EINVAL EINVAL EINVAL"
	tap_is "RECORDS, entries too large" "$(char w r records:0:9:4097 records:0:9:5000)" "E2BIG E2BIG"
	tap_is "RECORDS and RECORD agree" "$(records_agree "$at")" "$at"
}

# records_agree COUNT: RECORDS, RECORD and the log of vdectl, by numbers
records_agree() {
	commit w
	vdectl log w --json >/run/log
	python3 - "$(char_node w)" "$1" <<'PYTHON'
import ctypes, fcntl, json, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
count = int(sys.argv[2])
array = ctypes.create_string_buffer(56 * count)
call = bytearray(struct.pack("<IIQIIQ", 32, 0, 0, count, 56,
                             ctypes.addressof(array)))
fcntl.ioctl(fd, 0xDE04, call)
log = json.load(open("/run/log"))["records"]
good = 0
for number in range(struct.unpack_from("<I", call, 16)[0]):
    one = bytearray(struct.pack("<IIQ", 64, 0, number) + bytes(48))
    fcntl.ioctl(fd, 0xDE03, one)
    entry = array.raw[56 * number:56 * number + 56]
    index, ticks, length, reserved = struct.unpack_from("<QqII", entry)
    good += one[8:] == entry and index == number and reserved == 0 and \
        log[number]["ticks"] == ticks and log[number]["length"] == length and \
        log[number]["sha256"] == entry[24:].hex()
print(good)
PYTHON
}

# Records whose block is damaged
damaged() {
	local at=$((meta_start + 2))
	format "$LAB_DISK1" 500
	attach d "$LAB_DISK1" 500
	append d 400 1
	detach d
	poke "$LAB_DISK1" $at
	attach d "$LAB_DISK1" 500
	# Log block 2 has records 155 to 232
	tap_is "RECORD of a damaged block" \
		"$(char d r record:154 record:155 record:232 record:233 |
			sed 's/length=\([0-9]*\) [^ ]* [^ ]*/\1/g')" "4096 EILSEQ EILSEQ 4096"
	tap_is "RECORDS stop before it" \
		"$(char d r records:0:400 records:154:2 records:155:1 records:200:200 \
			records:233:167)" "155 1 EILSEQ EILSEQ 167"
	detach d
}

# Kinds, sizes and times of INFO and STATUS
descriptions() {
	local got uuids
	got=$(char w r info)
	uuids=${got#* uuid=}
	uuids=${uuids%% label=*}
	tap_is "INFO" "$(sed 's/ uuid=.*label/ label/; s/ created=.*//' <<<"$got")" \
		"kind=0 region=0 block_size=4096 capacity=$blocks label=some name"
	tap_is "INFO: UUID of the region and of the volume" \
		"${uuids/volume_uuid=/}" \
		"$(dd if="$LAB_DISK0" bs=4096 skip="$(commit_start_of $blocks)" count=1 \
			iflag=direct status=none | od -An -v -tx1 -w16 -j112 -N16 | tr -d ' ') $(
			dd if="$LAB_DISK0" bs=4096 count=1 iflag=direct status=none |
			od -An -v -tx1 -w16 -j88 -N16 | tr -d ' ')"
	tap_is "INFO: created" "${got##*created=}" "$(peek "$LAB_DISK0" $meta_start 24 8)"
	got=$(char w r status)
	tap_is "STATUS: mode, marks, records" "${got%% sealed*}" \
		"mode=0 hwm=$(status w hwm) committed=$(status w committed) records=$(
			status w records) inflight=0"
	got=sealed${got#* sealed}
	tap_is "STATUS: refusals, damage" "${got% appends*}" \
		"sealed=0 gap=0 full=0 op=0 corrupted=0"
	tap_is "STATUS: totals" "${got#* corrupted=0 }" \
		"appends=$(stat_of w appends) held=$(stat_of w held) rollbacks=$(
			stat_of w rollbacks) flushes=$(stat_of w flushes) commits=$(stat_of w commits)"
	io w direct write:0:1:1 >/dev/null
	tap_is "STATUS: a refusal" "$(char_of w status sealed)" 1
}

# The header is the same for 32-bit and 64-bit programs, and hides no padding
layout() {
	local bits
	for bits in 32 64; do
		if ! gcc "-m$bits" -ffreestanding -fsyntax-only -xc /dev/null 2>/dev/null; then
			tap_skip "layout of the structures, $bits-bit" "no compiler for it"
			continue
		fi
		gcc "-m$bits" -std=c11 -ffreestanding -Wall -Wextra -Wpadded -Werror \
			-fsyntax-only -Iinclude/uapi "-I/usr/include/$(gcc -print-multiarch)" \
			tests/selftests/uapi_layout.c >/run/said 2>&1 || sed 's/^/# /' /run/said
		tap_is "layout of the structures, $bits-bit" "$(wc -l </run/said)" 0
	done
}

must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1h --label "some name" \
	>/dev/null
attach w "$LAB_DISK0" $blocks
append w 5 1
layout
growth
permissions
capability
unknown
errors
records
descriptions
damaged
detach w
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
# What is damaged here is damaged on purpose
poke "$LAB_DISK1" 0 0 4096
poke "$LAB_DISK1" 4 0 4096
tap_done

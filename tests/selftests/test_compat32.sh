#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 32-bit programs: each command and call of the character device does for them what it does
# for others. User-Mode Linux cannot run them, nor can every stock kernel. What changes a
# vault needs ECDSA, which stock-6.1 does not have.
#
# only: stock-*
# also: stock-6.1
# lab: --disk 8M --disk 8M --disk 8M --timeout 300
set -u
. "$(dirname "$0")/lib.sh"
any_kernel=1
. tests/selftests/vault.sh
. tests/selftests/stream.sh

blocks=1000
hour=36000000000
many=150

char32() { answer_of vdechar32 "$@"; }
vault32() { answer_of vdevault32 "$@"; }

# same NAME DEVICE OPERATION: both programs are told the same, but for the time
same() {
	tap_is "$1" "$(char32 "$2" r "$3" | without_time)" "$(char "$2" r "$3" | without_time)"
}

without_time() { sed -E 's/ (clock|remaining)=[0-9]+//g'; }

tells() {
	local word
	for word in info status retention scrub record:0 record:6 records:0:7 records:2:3:64; do
		same "$word" w "$word"
	done
	tap_is "errors are the same" "$(char32 w r record:999 records:999:1 extend:1)" \
		"$(char w r record:999 records:999:1 extend:1)"
}

appends() {
	tap_is "write(2), with RWF_DSYNC, writev(2)" \
		"$(char32 w rw write:5000:7 dsync:100:7 writev:7:1:4094:2)" "5000 100 4097"
	tap_is "VDE_IOC_APPEND" "$(char32 w rw append:4097:7 append:1:8)" "5+2 7+1"
	tap_is "what it has appended is there, and its digests are" \
		"$(char w r holds:0:5000:7 holds:2:100:7 holds:3:4097:7 holds:5:4097:7 holds:7:1:8)" \
		"OK OK OK OK OK"
	tap_is "memory that is not there" \
		"$(char32 w rw halfwrite:4096:4096 halfappend:4096:4096) $(status w hwm)" \
		"EFAULT EFAULT 8"
	tap_is "fsync(2), fdatasync(2)" \
		"$(char32 w rw fsync fdatasync) $(status w committed)" "OK OK 8"
}

# same_in_vault NAME OPERATION...: both programs are told the same, and that is something
same_in_vault() {
	local name=$1 got
	shift
	got=$(vault32 v r "$@")
	[ "$got" ] || got="nothing"
	tap_is "$name" "$got" "$(vault v r "$@")"
}

changes() {
	tap_is "a period is extended, and cannot be shortened" \
		"$(char32 w rw extend:$((2 * hour)) extend:1) $(char_of w retention retention)" \
		"OK EINVAL $((2 * hour))"
	tap_is "the region cannot be reset" "$(char32 w rw reset)" EAGAIN
	tap_is "a scrub, which is stopped and goes on" \
		"$(char32 w rw start:99999:0 start:0:1 stop start:0:0:1)" "ENODATA OK OK OK"
	wait_until scrub_has_ended
	tap_is "the scrub has ended" "$(char32 w r scrub | grep -o 'corrupted=[0-9]*')" "corrupted=0"
	same "its result" w scrub
}

scrub_has_ended() { [[ $(char w r scrub) != state=1* ]]; }

streams() {
	tap_is "put, commit and get" \
		"$(char32 r rw put:9:1 fsync seek:0:0 get:3:1 get:9:1)" "0+9 OK 0 0+3 3+6"
	tap_is "an offset beyond 4 GiB is refused as such" "$(char32 r r seek:0x200000000:0)" ENXIO
	same "ring" r ring
	same "what it is" r info
	tap_is "wait: what is there" "$(char32 r r wait:3 wait:9:1)" "0-9 ETIMEDOUT"
	tap_is "poll(2), with data and without" \
		"$(char32 r rw await:0 nonblock get:9:1 get:1:1 poll)" "0x1 OK 0+9 EAGAIN 0x4"
	tap_is "a count is consumed, then up to a position" "$(char32 r rw count:4 consume:6)" "4-4 6-2"
	tap_is "VDE_IOC_APPEND" "$(char32 r rw append:8192:1 append:100:1)" "9+2 EINVAL"
	tap_is "a reset" "$(char32 r rw anew) $(ring r head tail)" "OK 0 0"
}

# A vault is read by any kernel
vault_tells() {
	same "what it is" v info
	same_in_vault "its status" status
	same_in_vault "nothing to read, to verify or to remove" get:"$(guid 99)" \
		verify:"$(guid 99)" remove:"$(guid 99)"
	same_in_vault "how many there are" count
}

adds() {
	tap_is "VAULT_ADD, of what is there already, of what nobody signed, of no memory" \
		"$(vault32 v rw add:/run/1 add:/run/1 add:/run/forged addraw:4096:200)" \
		"OK EEXIST EKEYREJECTED EFAULT"
	tap_is "many" "$(vault32 v rw addall:/run/many)" "OK $many"
	tap_is "without CAP_SYS_ADMIN" "$(vault32 v rw nobody add:/run/2 remove:"$(guid 1)")" \
		"OK EPERM EPERM"
	tap_is "a file that is not open for it" \
		"$(vault32 v r add:/run/2) $(vault32 v w get:"$(guid 1)" list status)" \
		"EBADF EBADF EBADF EBADF"
	tap_is "all of them are there" "$(vault v r count) $(vault_of v verified)" \
		"$((many + 1)) $((many + 1))"
}

finds() {
	local filter
	tap_is "VAULT_GET: what was added" \
		"$(vault32 v r get:"$(guid 1)":/run/1.back) $(cmp /run/1 /run/1.back && echo same)" \
		"$(stat -c %s /run/1) valid expired  same"
	same_in_vault "the same for both" get:"$(guid 1)"
	same_in_vault "too small a buffer" getroom:"$(guid 1)":131
	same_in_vault "VAULT_STATUS" status
	same_in_vault "VAULT_LIST" list
	for filter in batch=7 object="$(guid 7)" framework=3 status=2 issuer=acme2 expired \
		removed entry=1000 from=$many; do
		same_in_vault "... with $filter" list:"$filter"
	done
	same_in_vault "... with what cannot be" count:framework=9 count:entry=207 \
		count:entry=4097 count:from=18446744073709551615
	same_in_vault "VAULT_VERIFY of one" verify:"$(guid 1)"
	same_in_vault "... of all" verifyall
	same_in_vault "... of a few at a time" verifyall:7
}

holds() {
	append w 3 1
	# Then nothing but the hold is in the way of a reset
	sleep 1.5
	tap_is "a hold" "$(vault32 v rw add:/run/hold) $(char32 w r retention | grep -o 'state=.')" \
		"OK state=1"
	tap_is "the region cannot be reset, nor the hold removed" \
		"$(char32 w rw reset) $(vault32 v rw remove:"$(guid 3)")" "EACCES EACCES"
	tap_is "its release" \
		"$(vault32 v rw add:/run/release) $(char32 w r retention | grep -o 'state=.')" "OK state=0"
	same_in_vault "both are listed" list:status=5 list:status=6
}

removes() {
	tap_is "VAULT_REMOVE, of what has expired and has not" \
		"$(vault32 v rw remove:"$(guid 1)" remove:"$(guid 2)" remove:"$(guid 1)")" \
		"OK EAGAIN ENOENT"
	same_in_vault "what is left of it" get:"$(guid 1)" list:removed:status=65535
	same_in_vault "the status after all that" status
}

vaults() {
	local name
	for name in adding "getting, listing and verifying" "a hold and its release" removing; do
		has_ecdsa || tap_skip "$name" "no ECDSA"
	done
	has_ecdsa || return 0
	passport /run/1 id="$(guid 1)" object="$(guid 7)" expires=now-10 notes=one
	passport /run/2 id="$(guid 2)" object="$(guid 7)" expires=now+9999
	passport /run/many id="$(guid 100)" object="$(guid 7)" count=$many mixed=1 \
		notes="$(printf %0100d 1)"
	passport /run/hold id="$(guid 3)" object="$(region_uuid w)" status=5
	passport /run/release id="$(guid 4)" object="$(region_uuid w)" status=6 notes="$(guid 3)"
	{ head -c -1 /run/2; printf x; } >/run/forged
	adds
	finds
	must_add v /run/2
	holds
	removes
}

tap_is "the programs are 32-bit ones" "$(for name in vdechar32 vdevault32; do
	od -An -tu1 -j4 -N1 "$(command -v $name)"
done | xargs)" "1 1"
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --retention 1h >/dev/null
attach w "$LAB_DISK0" $blocks
appends
tells
changes
detach w
is_sound "$LAB_DISK0"
tap $? "the volume is sound"
format_stream "$LAB_DISK1" 500
attach_stream r "$LAB_DISK1"
streams
detach r
is_sound "$LAB_DISK1"
tap $? "the stream is sound"
must vdectl format "$LAB_DISK2" --worm 409600,retention=1s --vault 409600 >/dev/null
make_issuer
attach w "$LAB_DISK2" 100
attach_vault v "$LAB_DISK2" 100
vault_tells
vaults
detach v
detach w
is_sound "$LAB_DISK2"
tap $? "the vault is sound"
tap_done

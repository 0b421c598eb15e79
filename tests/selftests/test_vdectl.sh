#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl with an active region: append and cat to the byte, scrub, retention, reset, the
# links in /dev/vde, and what each of them says when it is refused.
#
# lab: --disk 256M --disk 8M --timeout 300
# damages: disks
set -u
. "$(dirname "$0")/lib.sh"
# No terminal, and so no progress, but where a test makes one
exec 2>/run/stderr

out=/run/said
big=20971521 # 20 MiB and a byte: two calls

# does NAME STATUS COMMAND...: what it says is kept in $out
does() {
	local name=$1 want=$2 status=0
	shift 2
	"$@" >$out 2>&1 </dev/null || status=$?
	[ "$status" = "$want" ] || sed 's/^/# /' $out
	tap_is "$name: exit status" "$status" "$want"
}

says() {
	grep -qF -- "$2" $out
	tap $? "$1: says so"
	grep -qF -- "$2" $out || sed 's/^/# said: /' $out
}

# new DISK OPTION...: a fresh volume, its first region active as w
new() {
	local disk=$1
	shift
	! dmsetup info w >/dev/null 2>&1 || must vdectl detach w
	must vdectl format "$disk" "$@" --force --destroy-sealed-data >/dev/null
	must vdectl attach "$disk" w --worm
}

sum() { sha256sum | cut -d' ' -f1; }
sum_of() { sum <"$1"; }

# ranges FILE: "block blocks length" of each range in a report of append
ranges() { jq -r '.ranges[] | "\(.block) \(.blocks) \(.length)"' "$1"; }

# cat_ranges FILE: what lies where a report of append says
cat_ranges() {
	local block blocks length
	while read -r block blocks length; do
		vdectl cat w --from "$block" --count "$blocks" || return 1
	done < <(ranges "$1")
}

# Links -------------------------------------------------------------------------------

numbers() { stat -Lc %t:%T "$1"; }

links() {
	local node
	new "$LAB_DISK1" --worm 1M
	node=$(readlink /dev/vde/w)
	[ -c /dev/vde/w ] && [ "$(numbers /dev/mapper/w)" = "$(numbers "/dev/$node")" ]
	tap $? "attach links /dev/vde/w to the character device ($node)"
	must vdectl detach w
	[ ! -L /dev/vde/w ]
	tap $? "detach removes the link"
	ln -s dm-77 /dev/vde/w
	must vdectl attach "$LAB_DISK1" w --worm
	tap_is "a link that was left over is replaced" "$(readlink /dev/vde/w)" "$node"
	rm /dev/vde/w
	ln -s dm-77 /dev/vde/w
	vdectl detach w
	tap_is "somebody else's link stays" "$(readlink /dev/vde/w)" dm-77
	rm /dev/vde/w
	mkdir /dev/vde/w
	does "a directory in the way" 0 vdectl attach "$LAB_DISK1" w --worm
	says "a directory in the way" "cannot link /dev/vde/w: File exists"
	does "no link is needed" 0 vdectl append /dev/vde/w /etc/os-release
	must vdectl detach w
	rmdir /dev/vde/w
	must dmsetup create other --table "0 8 zero"
	must vdectl attach "$LAB_DISK1" w --worm
	ln -sf dm-0 /dev/vde/other
	does "another target's device is no vde device" 2 vdectl append other /etc/os-release
	says "another target's device" "no active vde device"
	must dmsetup remove other
	does "a stale link names nothing" 2 vdectl append other /etc/os-release
	says "a stale link" "no such device is active"
	rm /dev/vde/other
}

# udev, where it is installed, makes the same link for whoever uses dmsetup alone
udev_rule() {
	local daemon=/lib/systemd/systemd-udevd pid
	must vdectl detach w
	if [ ! -x $daemon ] || ! command -v udevadm >/dev/null; then
		tap_skip "the rule for udev" "udev is not installed"
		return
	fi
	mkdir -p /run/udev/rules.d
	# Only what is tested here: the machine's own rules are none of our business
	mount -t tmpfs tmpfs /lib/udev/rules.d
	must cp tools/vde/udev/90-vde.rules /run/udev/rules.d/
	echo 'SUBSYSTEM=="vde", MODE="0640"' >/run/udev/rules.d/91-local.rules
	$daemon >/run/udevd 2>&1 &
	pid=$!
	must wait_until udevadm control --ping --timeout=5 2>/dev/null
	attach u "$LAB_DISK1" 256 2>/run/err
	wait_until [ -L /dev/vde/u ]
	tap_is "udev links the name" "$(readlink -f /dev/vde/u)" "$(char_node u)"
	must udevadm settle
	tap_is "a local rule gives a group access" "$(stat -c %a "$(char_node u)")" 640
	detach u 2>/run/err
	wait_until [ ! -L /dev/vde/u ]
	tap $? "and removes the link"
	attach dm-99 "$LAB_DISK1" 256 2>/run/err
	must udevadm settle
	[ ! -L /dev/vde/dm-99 ]
	tap $? "a name that looks like a node's gets none"
	detach dm-99 2>/run/err
	must udevadm settle
	kill $pid
	wait $pid
	umount /lib/udev/rules.d
	rm -r /run/udev
}

# Append and cat ----------------------------------------------------------------------

# Fills a pipe with pieces that fit nothing
dribble() {
	dd if="$1" bs=1009 status=none
}

round_trips() {
	local size at=0 name blocks
	new "$LAB_DISK0" --worm 200M,retention=1s
	head -c $big /dev/urandom >/tmp/source
	: >/tmp/all
	for size in 1 4095 4096 4097 8192 $big; do
		head -c "$size" /tmp/source >/tmp/part
		for name in file stdin pipe dribble; do
			case $name in
			file) vdectl append w /tmp/part --json ;;
			stdin) vdectl append w --json </tmp/part ;;
			pipe) head -c "$size" /tmp/source | vdectl append w - --json ;;
			dribble) dribble /tmp/part | vdectl append --no-sync --json w ;;
			esac >/run/report
			blocks=$(((size + 4095) / 4096))
			tap_is "$size bytes by $name: blocks and length" "$(ranges /run/report)" \
				"$at $blocks $size"
			tap_is "$size bytes by $name: come back" \
				"$(vdectl cat w --from $at --count $blocks | sum)" "$(sum_of /tmp/part)"
			cat /tmp/part >>/tmp/all
			at=$((at + blocks))
		done
	done
	tap_is "all of it" "$(vdectl cat w | sum)" "$(sum_of /tmp/all)"
	tap_is "the mark" "$(status w hwm)" $at
	tap_is "nothing was read wrong, or refused" "$(status w corrupt) $(status w refused)" \
		"0 0 0 0 0"
	marks=$at
}

cat_ranges_of_blocks() {
	local from count
	for from in 0 1 4 5 17 $((marks - 1)); do
		for count in 0 1 2 3 5000; do
			must vdectl cat w --from $from --count $count >/run/data
			must vdectl log w --from $from --count $count >/run/records
			[ $count = 0 ] || [ -s /run/data ]
			tap $? "cat --from $from --count $count: there is something, if it is asked for"
			tap_is "cat --from $from --count $count: the records' lengths in all" \
				"$(wc -c </run/data)" \
				"$(awk '{ n += $3 } END { print n + 0 }' /run/records)"
		done
	done
	tap_is "cat from the mark on is empty" "$(vdectl cat w --from "$marks" | wc -c) $?" "0 0"
	does "cat from above the mark" 2 vdectl cat w --from $((marks + 1))
	says "cat from above the mark" "above the high-water mark, $marks"
	# Nobody says a word when head has seen enough
	{ vdectl cat w 2>/run/err; echo $? >/run/status; } | head -c 10 >/dev/null
	tap_is "cat into a closed pipe" "$(cat /run/status /run/err)" 141
	{ (trap '' PIPE; vdectl cat w 2>/run/err); echo $? >/run/status; } | head -c 10 >/dev/null
	tap_is "cat into a closed pipe, without the signal" "$(cat /run/status /run/err)" 2
	does "cat to a full disk" 2 bash -c 'vdectl cat w >/dev/full'
	says "cat to a full disk" "writing output: No space left on device"
}

words() {
	head -c 5 /tmp/source >/tmp/part
	does "append in words" 0 vdectl append w /tmp/part
	tap_is "what it says" "$(cat $out)" "blocks $marks..$marks: 5 bytes"
	marks=$((marks + 1))
	does "append of nothing" 0 vdectl append w /dev/null
	tap_is "what it says of nothing" "$(cat $out)" "nothing was appended"
	tap_is "nothing, as JSON" \
		"$(vdectl append w --json </dev/null | jq -c '[.length, .ranges, .complete]')" \
		"[0,[],true]"
	tap_is "the mark stays" "$(status w hwm)" $marks
}

# Several at once: each range is whole, together they leave no gap
writers() {
	local n from pids=()
	from=$(status w hwm)
	for n in 1 2 3 4; do
		head -c $((big - n)) /tmp/source | tail -c +$n >/tmp/source$n
		cat /tmp/source$n | vdectl append w --json >/run/report$n &
		pids+=($!)
	done
	wait "${pids[@]}"
	for n in 1 2 3 4; do
		tap_is "writer $n of 4: all comes back" "$(cat_ranges /run/report$n | sum)" \
			"$(sum_of /tmp/source$n)"
	done
	tap_is "the writers' ranges tile what is new" \
		"$(for n in 1 2 3 4; do ranges /run/report$n; done | sort -n | awk -v at="$from" '
			$1 != at { print "gap at", at } { at = $1 + $2 } END { print at }')" \
		"$(status w hwm)"
}

# Too much: a file is refused before anything is sealed, a pipe when it does not fit
full() {
	local size=$((9 << 20)) before
	new "$LAB_DISK1" --worm 4M
	must vdectl append w /etc/os-release >/dev/null
	before=$(status w hwm)
	head -c $size /tmp/source >/tmp/part
	does "a file that does not fit" 2 vdectl append w /tmp/part
	says "a file that does not fit" "nothing was appended"
	does "a pipe that does not fit" 2 bash -c 'cat /tmp/part | vdectl append w'
	says "a pipe that does not fit" "no room"
	tap_is "neither has sealed anything" "$(status w hwm)" "$before"
	new "$LAB_DISK0" --worm 40M
	cat /tmp/source /tmp/source /tmp/source | vdectl append w --json >/run/report 2>$out
	tap_is "a pipe that does not fit after two pieces: exit status" "${PIPESTATUS[3]-$?}" 2
	says "a pipe that does not fit after two pieces" "33554432 bytes were sealed, 8 MiB are left"
	tap_is "what was sealed is told" \
		"$(ranges /run/report) $(jq -c '[.complete, .durable]' /run/report)" \
		"0 8192 33554432 [false,true]"
	tap_is "and durable" "$(status w committed)" 8192
	tap_is "and right" "$(vdectl cat w | sum)" \
		"$(cat /tmp/source /tmp/source | head -c 33554432 | sum)"
}

# Interrupted while it waits for input: told how far it got
interrupted() {
	local fifo=/run/fifo pid
	new "$LAB_DISK0" --worm 40M
	mkfifo $fifo
	exec {hold_fifo}<>$fifo
	vdectl append w --json <$fifo >/run/report 2>$out &
	pid=$!
	cat /tmp/source >$fifo
	wait_until status_is w hwm 4096
	kill -TERM $pid
	wait $pid
	tap_is "an append that is interrupted: exit status" $? 2
	says "an append that is interrupted" "interrupted: 16777216 bytes were sealed"
	tap_is "what was sealed is told" "$(ranges /run/report)" "0 4096 16777216"
	tap_is "and no short block" "$(status w hwm) $(status w committed)" "4096 4096"
	exec {hold_fifo}<&-
}

refused() {
	must vdectl detach w
	must vdectl attach "$LAB_DISK0" w --worm --read-only
	does "append to a read-only region" 2 vdectl append w /etc/os-release
	says "append to a read-only region" "read-only"
	tap_is "cat of one" "$(vdectl cat w --count 10 | sum)" "$(head -c 40960 /tmp/source | sum)"
	must vdectl detach w
	does "append to a device that is gone" 2 vdectl append w /etc/os-release
	says "append to a device that is gone" "no such device is active"
	does "cat of one that is gone" 2 vdectl cat w
}

# The disk beneath fails: EIO, and what was sealed before is told
failing() {
	local sectors
	sectors=$(blockdev --getsz "$LAB_DISK1")
	must dmsetup create below --table "0 $sectors linear $LAB_DISK1 0"
	new /dev/mapper/below --worm 1M
	must vdectl append w /etc/os-release >/dev/null
	must dmsetup load below --table "0 $sectors error"
	must dmsetup suspend --noflush below
	must dmsetup resume below
	does "append to a failed disk" 2 vdectl append w /etc/os-release
	says "append to a failed disk" "the disk beneath failed"
	vdectl detach w
	must dmsetup remove below
}

# Rights: the device's own mode decides, not those of device-mapper
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }

rights() {
	new "$LAB_DISK1" --worm 1M
	does "append by nobody" 2 nobody vdectl append w /etc/os-release
	says "append by nobody" "Permission denied"
	chmod 666 "$(char_node w)"
	does "append by nobody, allowed" 0 nobody vdectl append w /etc/os-release
	does "retention by nobody" 0 nobody vdectl retention w
	does "extension by nobody" 2 nobody vdectl retention w --extend forever
	says "extension by nobody" "takes CAP_SYS_ADMIN"
	does "reset by nobody" 2 nobody vdectl reset w --yes
	says "reset by nobody" "takes CAP_SYS_ADMIN"
}

# Scrub -------------------------------------------------------------------------------

scrub_of() { vdectl scrub w --status --json | jq -c "$1"; }
is_running() { [ "$(scrub_of '.state')" = '"running"' ]; }
has_moved() { [ "$(scrub_of '.position')" -gt 0 ]; }

scrubs() {
	local pid hwm
	new "$LAB_DISK0" --worm 100M,retention=1s
	cat /tmp/source /tmp/source /tmp/source | vdectl append w >/dev/null
	hwm=$(status w hwm)
	tap_is "no scrub yet" "$(scrub_of '[.state, .last_scrub]')" '["never",null]'
	does "scrub" 0 vdectl scrub w
	says "scrub" "damaged blocks:   0"
	tap_is "the scrub in JSON" \
		"$(scrub_of '[.state, .error, .from, .position, .end, .corrupted, .blocks]')" \
		"[\"done\",null,0,$hwm,$hwm,0,[]]"
	vdectl scrub w --status --json >/run/scrub
	tap_is "its time is kept" "$(jq .last_scrub /run/scrub)" \
		"$(vdectl status w --json | jq .last_scrub)"
	jq -e .last_scrub /run/scrub >/dev/null
	tap $? "... and known ($(jq -r .last_scrub /run/scrub))"
	script -qec "vdectl scrub w --rate 30M" /run/typescript >/dev/null
	grep -q "%.*MiB/s.*left" /run/typescript
	tap $? "a bar with rate and time left on a terminal"

	env --default-signal=INT vdectl scrub w --rate 1M >$out 2>&1 &
	pid=$!
	wait_until is_running && wait_until has_moved
	tap_is "a second scrub: exit status" "$(vdectl scrub w 2>&1; echo $?)" \
		"vdectl: w: a scrub is running; see 'vdectl scrub w --status' or '--stop'
2"
	kill -INT $pid
	wait $pid
	tap_is "Ctrl-C: exit status, state" "$? $(scrub_of .state)" '2 "stopped"'
	says "Ctrl-C" "'vdectl scrub w --resume' goes on at block"
	does "--stop when none runs" 2 vdectl scrub w --stop
	says "--stop when none runs" "no scrub is running"
	does "--resume" 0 vdectl scrub w --resume --json
	tap_is "--resume gets to the end" "$(jq -c '[.state, .position]' $out)" "[\"done\",$hwm]"

	does "--background" 0 vdectl scrub w --rate 1M --background
	says "--background" "scrub:            running"
	does "--stop" 0 vdectl scrub w --stop
	says "--stop" "scrub:            stopped"
	does "--from above the mark" 2 vdectl scrub w --from $((hwm + 1))
	says "--from above the mark" "above the high-water mark"
	does "--from" 0 vdectl scrub w --from $((hwm - 5)) --json
	tap_is "--from begins there" "$(jq -c '[.from, .position]' $out)" "[$((hwm - 5)),$hwm]"
}

# Twenty bad data blocks, then a bad block of records
damage() {
	local data n
	new "$LAB_DISK0" --worm 100M
	must vdectl append w /tmp/source >/dev/null
	must vdectl detach w
	data=$(data_start_of 25600)
	for ((n = 0; n < 20; n++)); do poke "$LAB_DISK0" $((data + 3000 + 7 * n)); done
	must vdectl attach "$LAB_DISK0" w --worm
	does "scrub of damaged data" 1 vdectl scrub w --json
	tap_is "the damaged blocks are counted, 16 are named" \
		"$(jq -c '[.state, .corrupted, .blocks]' $out)" \
		"[\"done\",20,$(jq -nc '[range(16) | 3000 + 7 * .]')]"
	does "in words" 1 vdectl scrub w
	says "in words" "damaged blocks:   20: 3000 3007"
	does "status of a scrub with damage" 1 vdectl scrub w --status
	vdectl cat w >/tmp/part 2>$out
	tap_is "cat of damaged data: exit status" $? 1
	says "cat of damaged data" "block 3000: data does not match its write record"
	tap_is "it gives what lies before" "$(sum_of /tmp/part)" \
		"$(head -c $((3000 * 4096)) /tmp/source | sum)"
	tap_is "and what lies after" "$(vdectl cat w --from 3134 | sum)" \
		"$(tail -c +$((3134 * 4096 + 1)) /tmp/source | sum)"
	must vdectl detach w
	poke "$LAB_DISK0" $((meta_start + 2))
	must vdectl attach "$LAB_DISK0" w --worm
	vdectl cat w >/tmp/part 2>$out
	tap_is "cat with damaged records: exit status" $? 1
	says "cat with damaged records" "the write record of block 155 is damaged"
	tap_is "it gives what lies before them" "$(sum_of /tmp/part)" \
		"$(head -c $((155 * 4096)) /tmp/source | sum)"
}

# Retention and reset -----------------------------------------------------------------

period() { vdectl retention "$1" --json | jq -r .retention_ticks; }
is_expired() { [ "$(vdectl retention w --json | jq .expired)" = true ]; }

retention() {
	new "$LAB_DISK1" --worm 1M,retention=1h
	does "reset of an empty region" 2 vdectl reset w --yes
	says "reset of an empty region" "is empty"
	must vdectl append w /etc/os-release >/dev/null
	tap_is "retention" "$(period w)" 36000000000
	does "a shorter period" 2 vdectl retention w --extend 59m
	says "a shorter period" "retention is 1h and can only be extended"
	does "a longer one" 0 vdectl retention w --extend 2h
	says "a longer one" "retention:        2h"
	tap_is "counts" "$(period w)" 72000000000
	vdectl status w >$out
	says "status" "may expire:       not before 20"
	tap_is "status in JSON" \
		"$(vdectl status w --json | jq -c '[.retention_ticks, .expired, .held, .resets]')" \
		"[72000000000,false,false,0]"
	does "reset too early" 2 vdectl reset w --yes
	says "reset too early" "the compliance clock must run for another 0d 0"
	does "for ever" 0 vdectl retention w --extend forever
	says "for ever" "may expire:       never"
	does "reset when it is for ever" 2 vdectl reset w --yes
	says "reset when it is for ever" "can never be reset"
	does "for ever stays" 2 vdectl retention w --extend 100y
	says "for ever stays" "retention is for ever and can only be extended"
	must vdectl detach w
	tap_is "offline" "$(period "$LAB_DISK1")" 0
}

held() {
	new "$LAB_DISK1" --worm 1M,retention=1s
	must vdectl append w /etc/os-release >/dev/null
	must vdectl detach w
	must reseal "$LAB_DISK1" "$(newest_commit "$LAB_DISK1" 256)" 0x0C=03
	must vdectl attach "$LAB_DISK1" w --worm
	does "reset under legal hold" 2 vdectl reset w --yes
	says "reset under legal hold" "is under legal hold"
	vdectl retention w >$out
	says "retention under legal hold" "legal hold:       yes"
}

# asks ANSWER: reset on a terminal
asks() {
	echo "$1" | script -qec "vdectl reset w" /run/typescript >/dev/null
}

resets() {
	new "$LAB_DISK1" --worm 1M,retention=1s
	must vdectl append w /etc/os-release >/dev/null
	wait_until is_expired
	hold w
	does "reset while it is open" 2 vdectl reset w --yes
	says "reset while it is open" "open or mounted elsewhere"
	release
	asks x
	tap_is "reset with another name typed: exit status" $? 2
	grep -q "1 sealed blocks will be given up" /run/typescript &&
		grep -q "not confirmed" /run/typescript
	tap $? "it asks, and is not confirmed"
	tap_is "nothing is lost" "$(vdectl cat w | sum)" "$(sum_of /etc/os-release)"
	asks w
	tap_is "reset with its name typed: exit status" $? 0
	grep -q "w: 1 records removed" /run/typescript
	tap $? "it says what it removed"
	tap_is "the region is empty" "$(status w hwm) $(vdectl cat w | wc -c)" "0 0"
	tap_is "an entry stays" "$(vdectl log --resets w --json |
		jq -c '.resets, (.entries[] | [.number, .records, .uid, .comm])' | paste -sd' ')" \
		'1 [1,1,0,"vdectl"]'
	vdectl append w /etc/passwd >/dev/null
	tap_is "the next append begins at 0" "$(vdectl cat w --from 0 | sum)" \
		"$(sum_of /etc/passwd)"
	wait_until is_expired
	does "another reset" 0 vdectl reset w --yes
	must vdectl detach w
	tap_is "two entries, offline" \
		"$(vdectl log --resets "$LAB_DISK1" | cut -d' ' -f1 | paste -sd' ')" "2 1"
	is_sound "$LAB_DISK1"
	tap $? "what is left is sound"
	must vdectl attach "$LAB_DISK1" w --worm --read-only
	does "reset of a read-only region" 2 vdectl reset w --yes
	says "reset of a read-only region" "read-only"
	does "extension of a read-only region" 2 vdectl retention w --extend 1y
	says "extension of a read-only region" "read-only"
}

links
udev_rule
round_trips
cat_ranges_of_blocks
words
writers
full
interrupted
refused
failing
rights
scrubs
damage
retention
held
resets
sed 's/^/# /' /run/stderr
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Scrub: finds what was changed beneath, also where reads are served from memory, and
# nothing else; keeps to its rate, stops, goes on; survives suspend, reload and removal;
# stores its time when all was looked at. SEED=N repeats a run.
#
# lab: --disk 48M --timeout 240
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/scrub.sh

disk=$LAB_DISK0
blocks=4096
hwm=3000
data=$(data_start_of $blocks)
seed=${SEED:-$EPOCHSECONDS}

# flip FIRST COUNT BITS: and back, when called again; prints the blocks
flip() { python3 tests/selftests/flip_below.py "$disk" "$seed" "$@" || bail "cannot flip bits"; }

# first_of LOG-BLOCK: the first of the blocks whose records are there
first_of() { echo $(($1 ? 77 + ($1 - 1) * 78 : 0)); }

# last_scrub_on BLOCK: of a superblock on the disk
last_scrub_on() { peek "$disk" "$1" $((0xE8)) 8; }

start() {
	format "$disk" $blocks 500
	attach w "$disk" $blocks
	append w $hwm 1 256
}

sound_region() {
	local before
	tap_is "there was no scrub" "$(tells state from position end corrupted last_scrub blocks)" \
		"0 0 0 0 0 0 "
	before=$(($(date +%s) * 10000000 + 621355968000000000))
	scrub
	tap_is "a scrub of a sound region" "$(tells state error from position end corrupted)" \
		"3 0 0 $hwm $hwm 0"
	[ "$(tells last_scrub)" -ge "$before" ] && [ "$(tells ended)" -ge "$(tells started)" ] &&
		[ "$(tells started)" -ge "$before" ]
	tap $? "its times are those of now"
	tap_is "the last is in the superblock, and in its mirror" \
		"$(last_scrub_on 0) $(last_scrub_on 4)" "$(tells last_scrub) $(tells last_scrub)"
	tap_is "which is dirty as before" "$(($(peek "$disk" 0 28 4) & 64))" 64
	before=$(tells last_scrub)
	scrub 1000
	tap_is "a part of it" "$(tells state error from position end)" "3 0 1000 $hwm $hwm"
	scrub $hwm
	tap_is "an empty part" "$(tells state error from position end)" "3 0 $hwm $hwm $hwm"
	tap_is "no part is a complete scrub" "$(tells last_scrub) $(last_scrub_on 0)" \
		"$before $before"
	tap_is "above the mark: ENODATA" "$(char w rw start:$((hwm + 1)):0)" ENODATA
	tap_is "resume from somewhere: EINVAL" "$(char w rw start:5:0:1)" EINVAL
	tap_is "stop what does not run: ESRCH" "$(char w rw stop)" ESRCH
	tap_is "that changes nothing" "$(tells state from corrupted)" "3 $hwm 0"
	detach w
	attach w "$disk" $blocks
	tap_is "after another activation there was none, but the time is there" \
		"$(tells state position last_scrub)" "0 0 $before"
}

# What nobody has read yet, and then what is in the cache
damage() {
	local flipped first log
	flipped=$(flip "$data" $hwm 10)
	scrub
	tap_is "each flipped bit in data is found" "$(tells state corrupted blocks)" \
		"3 10 ${flipped// /,}"
	tap_is "and counted" "$(status w corrupt) $(status w mode)" "10 rw"
	flip "$data" $hwm 10 >/dev/null
	scrub 0 0 1
	tap_is "resumed after its end, it looks at all of it again" \
		"$(tells state from corrupted)" "3 0 0"
	flipped=$(flip "$data" $hwm 40)
	scrub
	tap_is "of many the first are named" "$(tells corrupted blocks)" \
		"40 $(tr ' ' '\n' <<<"$flipped" | head -n 16 | paste -sd,)"
	flip "$data" $hwm 40 >/dev/null
	scrub
	tap_is "flipped back, there is none" "$(tells state corrupted blocks)" "3 0 "
	tap_is "all can be read" "$(reader /dev/mapper/w singly 0 $hwm 1)" OK
	poke "$disk" $((meta_start + 20))
	tap_is "damaged records: what is cached goes on to be read" \
		"$(reader /dev/mapper/w singly 0 $hwm 1)" OK
	scrub
	first=$(first_of 20)
	tap_is "a scrub finds them" "$(tells state corrupted blocks)" \
		"3 78 $(seq -s, "$first" $((first + 15)))"
	detach w
	restore /run/saved "$disk"
	attach w "$disk" $blocks on_corruption=panic
	# Each block is sound by itself, but the times of one go back
	log=$((meta_start + 12))
	# shellcheck disable=SC2046
	must reseal "$disk" $log $(seq 8 52 4063 | sed 's/$/=0100000000000000/')
	first=$(first_of 12)
	tap_is "records older than those before them can be read" \
		"$(io w direct "read:$first:1:1")" OK
	forget_messages
	scrub
	tap_is "a scrub finds them, and never panics" "$(tells state corrupted blocks)" \
		"3 78 $(seq -s, "$first" $((first + 15)))"
	kernel_says "block $first has no sound write record: write record is older than the one before"
	tap $? "and says what it is"
	detach w
	restore /run/saved "$disk"
	attach w "$disk" $blocks
}

is_past() { [ "$(tells position)" -gt "$1" ]; }

rate() {
	local from position
	from=$EPOCHREALTIME
	scrub 2900 409600
	tap_is "100 blocks at 100 a second" "$(tells state rate corrupted)" "3 409600 0"
	[ $((${EPOCHREALTIME/[.,]/} - ${from/[.,]/})) -ge 800000 ]
	tap $? "take their time"
	tap_is "start one at a block an hour" "$(char w rw start:0:1)" OK
	tap_is "a second one: EBUSY" "$(char w rw start:0:0 start:0:0:1)" "EBUSY EBUSY"
	wait_until is_past 0
	tap_is "stop it" "$(char w rw stop)" OK
	tap_is "it stopped at once" "$(tells state error from position end)" "2 0 0 1 $hwm"
	position=$(tells last_scrub)
	tap_is "resumed, it goes on" "$(char w rw start:0:1:1)" OK
	wait_until is_past 1
	must char w rw stop >/dev/null
	tap_is "where it was" "$(tells state from position end)" "2 0 2 $hwm"
	flip "$data" 2 2 >/dev/null
	scrub 0 0 1
	tap_is "and gets to the end, leaving out what it had" \
		"$(tells state from position corrupted)" "3 0 $hwm 0"
	flip "$data" 2 2 >/dev/null
	[ "$(tells last_scrub)" -gt "$position" ]
	tap $? "which is a complete scrub"
	append w 96 1
	tap_is "its end was the mark at the start" "$(tells end) $(status w hwm)" "$hwm 3096"
	flip $((data + hwm)) 96 5 >/dev/null
	scrub 0 0 1
	tap_is "resumed, it looks at what has come" "$(tells state from position end corrupted)" \
		"3 0 3096 3096 5"
	flip $((data + hwm)) 96 5 >/dev/null
	hwm=3096
}

suspended() {
	local position
	char w rw start:0:819200 >/dev/null
	wait_until is_past 0
	must dmsetup suspend w
	position=$(tells position)
	sleep 0.5
	tap_is "nothing is looked at while the device is suspended" "$(tells state position)" \
		"1 $position"
	must dmsetup resume w
	wait_until is_past "$position"
	tap $? "after the resume it goes on"
	must dmsetup suspend w
	tap_is "it can be stopped meanwhile" "$(char w rw stop) $(tells state)" "OK 2"
	must dmsetup resume w
	char w rw start:0:819200 >/dev/null
	must dmsetup reload w --readonly --table "$(table "$disk" $blocks)"
	must dmsetup suspend w
	must dmsetup resume w
	position=$(tells position)
	wait_until is_past "$position"
	tap $? "reloaded read-only, it goes on"
	must dmsetup reload w --table "$(table "$disk" $blocks)"
	must dmsetup suspend w
	must dmsetup resume w
	wait_until has_ended
	tap_is "and read-write again, to the end" "$(tells state error corrupted) $(status w mode)" \
		"3 0 0 rw"
	char w rw start:0:1 >/dev/null
	detach w
	tap_is "a device can be removed under it" "$(dmsetup info w 2>&1 | grep -c 'does not exist')" 1
	attach w "$disk" $blocks
	char w rw start:0:819200 >/dev/null
	must dmsetup suspend w
	detach w
	tap_is "a suspended one, too" "$(dmsetup info w 2>&1 | grep -c 'does not exist')" 1
}

read_only() {
	local before
	before=$(disk_sum "$disk")
	must dmsetup create w --readonly --table "$(table "$disk" $blocks)"
	flip "$data" $hwm 3 >/dev/null
	scrub
	# EROFS: the time cannot be stored
	tap_is "a read-only region" "$(tells state error position corrupted)" "3 30 $hwm 3"
	flip "$data" $hwm 3 >/dev/null
	detach w
	tap_is "nothing is written to it" "$(disk_sum "$disk")" "$before"
}

empty() {
	attach w "$disk" 500 region=1
	scrub
	tap_is "an empty region" "$(tells state error position end corrupted)" "3 0 0 0 0"
	append w 10 1
	scrub
	tap_is "records that are in memory only" "$(tells state error position end corrupted)" \
		"3 0 10 10 0"
	detach w
}

echo "# SEED=$seed"
start
sound_region
detach w
save "$disk" /run/saved
attach w "$disk" $blocks
damage
rate
suspended
read_only
empty
is_sound "$disk"
tap $? "vdectl finds nothing wrong"
tap_done

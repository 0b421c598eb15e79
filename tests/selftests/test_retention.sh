#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Retention and the clock it goes by: nobody can set it, it runs while a region is active
# and at no other time, periods only grow, and all that survives.
#
# lab: --disk 8M --disk 8M --timeout 120
set -u
. "$(dirname "$0")/lib.sh"

blocks=500
second=10000000
never=9223372036854775807
# The period of most regions here: an hour, much more than any machine takes for this, much
# less than any of the dates is away
most=$((3600 * second))
# How far two readings of clocks that run at the same rate may be apart
slack=$((second / 10))

# new NAME DISK PERIOD: a fresh region, attached
new() {
	must vdectl format "$2" --worm $((blocks * 4096)) --retention "$3" --force \
		--destroy-sealed-data >/dev/null
	attach "$1" "$2" $blocks
}

# What VDE_IOC_RETENTION_GET has last told
state='' retention='' clock='' sealed_clock='' remaining='' resets=''

# look NAME: sets retention, clock, sealed_clock, remaining, resets, state
look() {
	local word
	for word in $(char "$1" r retention); do
		[[ $word == *=* ]] || bail "retention of $1: $word"
		declare -g "$word"
	done
}

# uptime: sets ticks, which no date can move
uptime() {
	local up rest
	# shellcheck disable=SC2034
	read -r up rest </proc/uptime
	ticks=$((10#${up/./} * second / 100))
}

# adds_up NAME: remaining follows from the rest
adds_up() {
	local want=$((sealed_clock + retention - clock))
	[ $want -gt 0 ] || want=0
	tap_is "$1: remaining is sealed clock + retention - clock" "$remaining" "$want"
}

getting() {
	new w "$LAB_DISK0" 1h
	look w
	tap_is "empty" "$state $retention $sealed_clock $remaining $resets" \
		"0 $((3600 * second)) 0 0 0"
	append w 1 1
	look w
	[ "$sealed_clock" -gt 0 ] && [ "$sealed_clock" -le "$clock" ]
	tap $? "something was sealed: the clock of then is kept"
	adds_up "something was sealed"
	tap_is "an hour at most" \
		$((remaining > most / 2 && remaining <= most)) 1
	before=$sealed_clock
	char w w write:10:1 >/dev/null
	look w
	[ "$sealed_clock" -gt "$before" ]
	tap $? "the newest block counts"
	detach w
	new w "$LAB_DISK0" 0
	append w 1 1
	look w
	tap_is "for ever" "$retention $remaining" "0 $never"
	detach w
}

# sealed_seconds BLOCK: the time in its record, in seconds since 1970
sealed_seconds() {
	local time
	time=$(char_of w "record:$1" time)
	echo $(((time - 621355968000000000) / second))
}

# dates: whatever the date, the clock goes on as before
dates() {
	local now from_ticks from_clock date passed early late newest=0
	new w "$LAB_DISK0" 1h
	append w 1 1
	now=$(date +%s)
	uptime
	from_ticks=$ticks
	look w
	from_clock=$clock
	for date in "+10 years" "-10 years" "1980-01-01" "+100 years"; do
		must date -s "@$(date -d "@$now" +%s -d "$date")" >/dev/null
		look w
		uptime
		passed=$((ticks - from_ticks))
		tap_is "date -s '$date': the clock has run as long as the machine" \
			$((clock - from_clock >= 0 && clock - from_clock <= passed + slack)) 1
		adds_up "date -s '$date'"
		append w 1 1
		early=$(sealed_seconds $newest)
		passed=$(date +%s)
		late=$(sealed_seconds $((newest + 1)))
		newest=$((newest + 1))
		[ "$early" -gt "$passed" ] || early=$passed
		tap_is "date -s '$date': the record tells that date, or that of the one before" \
			$((early - late < 3600 && late - early <= 1)) 1
		look w
		tap_is "date -s '$date': what is sealed then must stay as long" \
			$((remaining > most / 2)) 1
		detach w
		attach w "$LAB_DISK0" $blocks
		look w
		uptime
		passed=$((ticks - from_ticks))
		tap_is "date -s '$date': so after another activation" $((remaining > most / 2 && \
			clock - from_clock >= 0 && clock - from_clock <= passed + slack)) 1
	done
	must date -s "@$now" >/dev/null
	look w
	tap_is "back to the present: as if nothing had been" \
		$((remaining > most / 2 && remaining <= most)) 1
	detach w
}

may_expire() {
	look w
	[ "$remaining" = 0 ]
}

# The clock has to run for it
expiry() {
	new w "$LAB_DISK0" 1s
	append w 1 1
	look w
	tap_is "one second to go" $((remaining > 0 || clock - sealed_clock >= second)) 1
	wait_until may_expire
	tap $? "it passes"
	tap_is "when the clock has really run that long" $((clock - sealed_clock >= second)) 1
	append w 1 1
	look w
	tap_is "with the next block it begins anew" \
		$((remaining > 0 || clock - sealed_clock >= second)) 1
	detach w
}

# Detached for as long as the period, it has not come nearer
switched_off() {
	local from_clock from_ticks off_ticks active
	new w "$LAB_DISK0" 3s
	append w 1 1
	uptime
	from_ticks=$ticks
	look w
	from_clock=$clock
	detach w
	uptime
	off_ticks=$ticks
	sleep 3.5
	uptime
	off_ticks=$((ticks - off_ticks))
	attach w "$LAB_DISK0" $blocks
	look w
	uptime
	active=$((ticks - from_ticks - off_ticks))
	tap_is "off for $((off_ticks / second)) s: the clock stood still" \
		$((clock - from_clock >= 0 && clock - from_clock <= active + slack)) 1
	tap_is "off: retention has not passed" \
		$((remaining > 0 || active + slack >= 3 * second)) 1
	adds_up "off"
	detach w
}

# Suspended, the region is active all the same
suspended() {
	local from_clock from_ticks passed
	new w "$LAB_DISK0" 1h
	look w
	uptime
	from_ticks=$ticks
	from_clock=$clock
	must dmsetup suspend w
	sleep 1
	must dmsetup resume w
	uptime
	passed=$((ticks - from_ticks))
	look w
	tap_is "suspended: the clock runs on" $((clock - from_clock >= passed - slack)) 1
	live "$(table "$LAB_DISK0" $blocks sync)"
	before=$clock
	look w
	tap_is "another table: the clock runs on" \
		$((clock > before && clock - before < 3600 * second)) 1
	detach w
}

never_back() {
	local i bad=0 before=0
	new w "$LAB_DISK0" 1h
	for ((i = 0; i < 10; i++)); do
		look w
		[ "$clock" -ge "$before" ] || bad=1
		before=$clock
		detach w
		attach w "$LAB_DISK0" $blocks
	done
	tap $bad "the clock never goes back from one activation to the next"
	detach w
}

# extend NAME WANT PERIOD...: and what the period is then
extend() {
	local name=$1 want=$2
	shift 2
	tap_is "$name" "$(char w rw "${@/#/extend:}") $(char_of w retention retention)" "$want"
}

extending() {
	local hour=$((3600 * second))
	new w "$LAB_DISK0" 1h
	append w 1 1
	extend "as long as it is" "OK $hour" $hour
	extend "a tick less" "EINVAL $hour" $((hour - 1))
	extend "one tick" "EINVAL $hour" 1
	extend "negative" "EINVAL EINVAL EINVAL $hour" 0xffffffffffffffff 0x8000000000000000 \
		$((hour | 1 << 63))
	extend "a tick more" "OK $((hour + 1))" $((hour + 1))
	extend "back again" "EINVAL $((hour + 1))" $hour
	look w
	adds_up "extended"
	detach w
	tap_is "the header block in place has it" "$(peek "$LAB_DISK0" $meta_start 16 8)" \
		$((hour + 1))
	is_sound "$LAB_DISK0"
	tap $? "extended: sound"
	attach w "$LAB_DISK0" $blocks
	look w
	tap_is "extended: still so after another activation" "$retention" $((hour + 1))
	extend "as long as can be" "OK $never" $never
	look w
	tap_is "as long as can be: nothing wraps around" $((remaining > 100 * hour)) 1
	append w 1 1
	look w
	tap_is "as long as can be: nor for what is sealed now" $((remaining > 100 * hour)) 1
	extend "for ever" "OK 0" 0
	extend "for ever stays for ever" "EINVAL EINVAL OK 0" $hour $never 0
	look w
	tap_is "for ever: remaining" "$remaining" $never
	detach w
	attach w "$LAB_DISK0" $blocks
	extend "for ever after another activation" "EINVAL 0" $never
	detach w
	is_sound "$LAB_DISK0"
	tap $? "for ever: sound"
}

read_only() {
	new w "$LAB_DISK0" 1h
	append w 1 1
	detach w
	must dmsetup create w -r --table "$(table "$LAB_DISK0" $blocks)"
	look w
	adds_up "read-only"
	tap_is "read-only: no extend" "$(char w rw extend:0 | sed 's/^open: //')" EROFS
	detach w
}

# Durable when the call returns: the disk then loses what was not flushed
power_cut() {
	local hour=$((3600 * second)) before
	null_disk cut 8 cache_size=16
	new w /dev/cut 1h
	append w 30 1
	tap_is "power cut: extended" "$(char w w extend:$((2 * hour)))" OK
	look w
	before=$sealed_clock
	append w 5 1
	echo 0 >/sys/kernel/config/nullb/cut/power
	must dmsetup remove w
	echo 1 >/sys/kernel/config/nullb/cut/power
	attach w /dev/cut $blocks
	look w
	tap_is "power cut: the period is the longer one" "$retention" $((2 * hour))
	tap_is "power cut: the clock is not before what is sealed" \
		$((clock >= sealed_clock && sealed_clock >= before)) 1
	tap_is "power cut: what was committed is there" $(($(status w hwm) >= 30)) 1
	adds_up "power cut"
	detach w
	is_sound /dev/cut
	tap $? "power cut: sound"
	drop_null_disk cut
}

# Each region has its own
two_regions() {
	must vdectl format "$LAB_DISK1" --worm 512K --worm 512K --retention 1h >/dev/null
	attach a "$LAB_DISK1" 128 region=0
	attach b "$LAB_DISK1" 128 region=1
	tap_is "two regions" "$(char a w extend:$((7200 * second)))" OK
	look b
	tap_is "each has its own period" "$(char_of a retention retention) $retention" \
		"$((7200 * second)) $((3600 * second))"
	detach a
	detach b
	is_sound "$LAB_DISK1"
	tap $? "two regions: sound"
}

getting
dates
expiry
switched_off
suspended
never_back
extending
read_only
power_cut
two_regions
tap_done

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Power cuts while a region is started anew, for tests in a lab machine. Source lib.sh and
# disks.sh first. A WORM region has records in two log blocks, and their retention has passed;
# a stream has gone round its ring.
# shellcheck disable=SC2154

PATH=$crash_top/out/selftests:$PATH
old=/tmp/old-journal
reset_answer=/tmp/reset

# resets_of_KIND: sets what is there before, what asks for a reset and what that answers, and
# how appending begins afterwards
resets_of_worm() {
	old_end=150
	reset_command=reset
	reset_says=$old_end
	reset_appends=(first=85 size=85)
}

resets_of_stream() {
	old_end=$((ring_blocks * 3 / 2))
	reset_command=anew
	reset_says=OK
	reset_appends=(first=20)
}

# char OPERATION...: what vdechar answers
char() { vdechar "$(char_node "$worm")" rw "$@" 2>&1; }

# char_of OPERATION KEY: one value of what it answers
char_of() { char "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# make_resettable: a volume on $disk with an attached region that can be started anew
make_resettable() {
	rm -f $reset_answer
	"resets_of_$region_kind" && "make_old_$region_kind"
}

make_old_stream() {
	format $((ring_blocks * 4))K && attach && append blocks="$old_end" "seed=$seed" >/dev/null
}

# The newest commit says that retention has passed: extending the period by nothing stores
# the clock
make_old_worm() {
	rm -f "$journal"
	vdectl format "$disk" --worm 2M --retention 1s --force --destroy-sealed-data \
		>/tmp/said 2>&1 || { cat /tmp/said; return 1; }
	attach && append blocks="$old_end" "seed=$seed" >/dev/null || return
	until [ "$(char_of retention remaining)" = 0 ]; do pause 100; done
	[ "$(char extend:10000000)" = OK ]
}

# has_returned: was the reset promised?
has_returned() { grep -qx "$reset_says" $reset_answer 2>/dev/null; }

do_reset() {
	rm -f $reset_answer
	attach && char "$reset_command" >$reset_answer && has_returned || return
	# What was promised before is gone, and that is promised now
	rm -f "$journal"
	append size=85 blocks=85 "${reset_appends[@]}" "seed=$seed" && remove
}

# state_of_KIND: old, if all is as before, new if it is empty, or else what there is
state_of_worm() {
	case $(char_of retention resets):$(char_of status hwm) in
	0:"$old_end") echo old ;;
	1:0) echo new ;;
	*) char status retention ;;
	esac
}

state_of_stream() {
	local state
	state=$(char ring)
	case $state in
	*" allocated=$ring_blocks head=$old_end "*) echo old ;;
	*" allocated=$ring_blocks head=0 tail=0 "*) echo new ;;
	*) echo "$state" ;;
	esac
}

# look_at_reset: the whole old region, or a new one; a new one if the reset has returned,
# with what was appended since
look_at_reset() {
	local state
	check_image && attach || return
	state=$("state_of_$region_kind")
	if has_returned; then
		[ "$state" != old ] || { echo "the reset was lost"; return 1; }
	elif [ "$state" = new ]; then
		rm -f "$journal"
	elif [ "$state" != old ]; then
		echo "neither old nor new: $state"
		return 1
	fi
	append blocks=90 "seed=$seed" && remove && check_image
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Power cuts while a region is started anew, for tests in a lab machine. Source lib.sh and
# disks.sh first. The volume has records in two log blocks, and their retention has passed.

PATH=$crash_top/out/selftests:$PATH
old=/tmp/old-journal
reset_answer=/tmp/reset
reset_records=150

char_node() {
	local file name
	for file in /sys/block/dm-*/dm/name; do
		read -r name <"$file" && [ "$name" = $worm ] || continue
		file=${file%/dm/name}
		echo "/dev/vde/${file##*/}"
	done
}

# char OPERATION...: what vdechar answers
char() { vdechar "$(char_node)" rw "$@" 2>&1; }

# char_of OPERATION KEY: one value of what it answers
char_of() { char "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# make_expired: a volume on $disk with an attached region whose newest commit says that
# retention has passed. Extending the period by nothing stores the clock.
make_expired() {
	rm -f "$journal"
	vdectl format "$disk" --worm 2M --retention 1s --force --destroy-sealed-data \
		>/tmp/said 2>&1 || { cat /tmp/said; return 1; }
	attach && append blocks=$reset_records "seed=$seed" >/dev/null || return
	until [ "$(char_of retention remaining)" = 0 ]; do pause 100; done
	[ "$(char extend:10000000)" = OK ]
}

do_reset() {
	rm -f $reset_answer
	attach && char reset >$reset_answer && grep -qx $reset_records $reset_answer || return
	# What was promised before is gone, and that is promised now
	rm -f "$journal"
	append first=85 size=85 blocks=85 "seed=$seed" && remove
}

# look_at_reset: the whole old region, or a new one; a new one if the reset has returned
look_at_reset() {
	local resets
	check_image && attach || return
	resets=$(char_of retention resets)
	if [ "$resets" = 0 ]; then
		! grep -qx $reset_records $reset_answer 2>/dev/null ||
			{ echo "the reset was lost"; return 1; }
		[ "$(char_of status hwm)" = $reset_records ] ||
			{ echo "not the whole old region"; return 1; }
	elif ! grep -qx $reset_records $reset_answer 2>/dev/null; then
		rm -f "$journal"
		[ "$resets $(char_of status hwm)" = "1 0" ] ||
			{ echo "neither old nor new: $(char status retention)"; return 1; }
	fi
	append blocks=90 "seed=$seed" && remove && check_image
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The steps of long tests run side by side, each is told of once, and nothing is left.
#
# host: --timeout 60
# only: uml-6.12
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

# script LINES: runs LINES with what the long tests have in front of theirs
script() {
	printf 'me=steps\n. tests/lab/lib.sh\n. tests/lab/steps.sh\n%s\n' "$1" >"$LAB_SCRATCH/script"
	# cat ends after all that the script prints through
	TMPDIR=$LAB_SCRATCH timeout -k 5 20 bash -u "$LAB_SCRATCH/script" 2>&1 |
		cat >"$LAB_SCRATCH/out"
	return "${PIPESTATUS[0]}"
}

# told: what "ended" said, and the status of the script
told() { echo "$(sed -n 's/^ended: //p' "$LAB_SCRATCH/out" | paste -sd' ' -), status $status"; }

ended='ended() {
	local seconds=$4
	[[ $4 != [0-9]* ]] || seconds=s
	echo "ended: $1=$3,$seconds,$(cat "$2" 2>/dev/null)"
}'

script "$ended
steps_begin
step one echo 1
step two bash -c 'echo 2; exit 3'
step three bash -c 'sleep 1; echo 3'
step four bash -c 'kill -KILL \$PPID; sleep 1'
step five echo 5
steps_end ended
exit \$failed"
status=$?
tap_is "each is told of in turn, failures are counted" "$(told)" \
	"one=0,s,1 two=3,s,2 three=0,s,3 four=killed,-, five=0,s,5, status 2"
tap_is "what each printed is there once" \
	"$(grep '^[1-5]$' "$LAB_SCRATCH/out" | sort | paste -sd' ' -)" "1 2 3 5"

# As make fuzz, which keeps all that it prints
script "$ended
exec > >(cat)
steps_begin
step one echo 1
steps_end ended
exit \$failed"
status=$?
tap_is "a script that prints through another process ends" "$(told)" "one=0,s,1, status 0"
script 'exec > >(cat)
steps_begin
exit 3'
tap_is "so does one that has no steps" $? 3

# Each waits for the other
meet="$ended"'
meet() {
	touch "$TMPDIR/$1"
	for ((i = 0; i < 20; i++)); do
		[ ! -e "$TMPDIR/$2" ] || return 0
		sleep 0.1
	done
	return 1
}
steps_begin
step one meet a b
step two meet b a
steps_end ended
rm "$TMPDIR"/[ab]
exit $failed'
JOBS=2 script "$meet"
status=$?
tap_is "JOBS=2 is two at a time" "$(told)" "one=0,s, two=0,s,, status 0"
JOBS=1 script "$meet"
status=$?
tap_is "JOBS=1 is one at a time" "$(told)" "one=1,s, two=0,s,, status 1"
JOBS=none script steps_begin
tap_is "JOBS must be a number" "$?, $(cat "$LAB_SCRATCH/out")" \
	"1, steps: JOBS=none is not a number of steps"

# As the runs of a campaign, one after the other
nap=4711.$$
JOBS=2 script "naps() { sleep $nap; sleep $nap; }
steps_begin
step one sleep $nap
step two naps
(sleep 1; kill -TERM \$\$) &
steps_end :"
tap_is "a script can be stopped" $? 143
tap_is "then nothing goes on" "$(sleep 0.5; pgrep -fx "sleep $nap")" ""
tap_is "and no scratch directory is left" "$(find "$LAB_SCRATCH" -name 'vde-steps*')" ""
tap_done

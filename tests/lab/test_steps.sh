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
	TMPDIR=$LAB_SCRATCH timeout 20 bash -u "$LAB_SCRATCH/script" >"$LAB_SCRATCH/out" 2>&1
}

# told: what "ended" said, and the status of the script
told() { echo "$(sed -n 's/^ended: //p' "$LAB_SCRATCH/out" | paste -sd' ' -), status $status"; }

ended='ended() { echo "ended: $1=$3,$(cat "$2" 2>/dev/null)"; }'

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
	"one=0,1 two=3,2 three=0,3 four=killed, five=0,5, status 2"
tap_is "what each printed is there once" "$(grep -c '^[1235]$' "$LAB_SCRATCH/out")" 4

# As make fuzz, which keeps all that it prints
script "$ended
exec > >(cat)
steps_begin
step one echo 1
steps_end ended
exit \$failed"
status=$?
tap_is "a script that prints through another process ends" "$(told)" "one=0,1, status 0"

# Each waits for the other
meet='meet() {
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
steps_end :
rm -f "$TMPDIR"/[ab]
exit $failed'
JOBS=2 script "$meet"
tap_is "JOBS=2 is two at a time" $? 0
JOBS=1 script "$meet"
tap_is "JOBS=1 is one at a time" $? 1
JOBS=none script steps_begin
tap_is "JOBS must be a number" "$?, $(cat "$LAB_SCRATCH/out")" \
	"1, steps: JOBS=none is not a number of steps"

script 'steps_begin
step one sleep 4711
step two sleep 4711
(sleep 1; kill -TERM $$) &
steps_end :'
status=$?
left=$(pgrep -fx "sleep 4711")
tap_is "when it is stopped nothing goes on" "$status, $left" "143, "
tap_is "no scratch directory is left" "$(find "$LAB_SCRATCH" -name 'vde-steps*')" ""
tap_done

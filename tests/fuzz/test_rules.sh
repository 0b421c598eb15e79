#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A few seconds of coverage-guided fuzzing of each parser, and a parser with a planted
# mistake, which must be found: "make fuzz" does it for longer.
#
# host: --timeout 900
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. tests/lab/tap.sh

# mutant HARNESS FILE SED: the harness finds the mistake that SED makes in FILE
mutant() {
	local dir=$LAB_SCRATCH/$1
	mkdir "$dir"
	cp drivers/md/dm-vde/*.[ch] "$dir"
	sed -i "$3" "$dir/$2"
	! cmp -s "$dir/$2" "drivers/md/dm-vde/$2" || return
	make -s -C tests/fuzz RULES="$dir" OUT="$dir/out" "$dir/out/fuzz-$1" || return
	# So many that it is certain, however slow the machine
	! "$dir/out/fuzz-$1" "out/fuzz/seeds/$1" -runs=1000000 -artifact_prefix="$dir/" \
		-max_len=65536 >"$dir/log" 2>&1 && grep -q 'Test unit written to' "$dir/log"
}

SHORT=1 tests/fuzz/rules >"$LAB_SCRATCH/said" 2>&1
status=$?
sed 's/^/# /' "$LAB_SCRATCH/said"
tap $status "no parser is at fault"
tap_is "all harnesses ran" "$(awk '$2 > 100 && $3 > 50 && $4 == 0' "$LAB_SCRATCH/said" | wc -l)" 9
mutant passport passport.c 's/room < VDE_PASSPORT_MIN + passport->issuer_length/room < 70/'
tap $? "an issuer that is cut short would be found"
mutant ring ring.c 's/head > allocated)/head > allocated + 9)/'
tap $? "a head beyond what is allocated would be found"
mutant directory layout.c 's/other < end)/other > end)/'
tap $? "slots that overlap would be found"
tap_done

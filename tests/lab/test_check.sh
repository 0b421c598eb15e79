#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/check counts right, above all what went wrong. It runs in a tree of its own, with
# a lab that runs commands on the spot.
#
# host: --timeout 60
# only: uml-6.12
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

tree=$LAB_SCRATCH/tree
mkdir -p "$tree/tests/lab" "$tree/tests/unit"
cp tests/check "$tree/tests/"
cp tests/lab/lib.sh "$tree/tests/lab/"
for stub in kernel module packages; do
	printf '#!/bin/sh\n' >"$tree/tests/lab/$stub"
done
cat >"$tree/tests/lab/run" <<'STUB'
#!/bin/bash
echo "# run $*"
while [ "$1" != -- ]; do shift; done
shift
"$@"
STUB
chmod +x "$tree"/tests/lab/*

# case_is NAME SCRIPT LAST-LINE STATUS: one test with SCRIPT as its body
case_is() {
	local name=$1 status
	rm -f "$tree"/tests/unit/*
	printf '#!/bin/bash\n# lab: --mem 64M --disk 1M --rw --timeout 5\n%s\n' "$2" \
		>"$tree/tests/unit/test_one.sh"
	chmod +x "$tree/tests/unit/test_one.sh"
	"$tree/tests/check" >"$LAB_SCRATCH/out" 2>&1
	status=$?
	tap_is "$name" "$(tail -n 1 "$LAB_SCRATCH/out"), status $status" "$3, status $4"
}

case_is "results are counted" 'echo 1..2; echo ok 1 a; echo ok 2 b' \
	"2 passed, 0 failed, 0 skipped" 0
case_is "a plan may come last" 'echo ok 1 a; echo 1..1' "1 passed, 0 failed, 0 skipped" 0
case_is "a failed result" 'echo 1..2; echo ok 1 a; echo not ok 2 b; exit 1' \
	"1 passed, 1 failed, 0 skipped" 1
case_is "a skipped result" 'echo 1..2; echo ok 1 a; echo "ok 2 b # SKIP no disk"' \
	"1 passed, 0 failed, 1 skipped" 0
case_is "nothing but skipped is no success" 'echo "1..0 # SKIP no kernel"' \
	"0 passed, 0 failed, 1 skipped" 1
case_is "nor is a plan of nothing" 'echo 1..0' "0 passed, 1 failed, 0 skipped" 1
case_is "a loop that bash left" $'for i in 1 2; do : $((1 + $(:))); done\necho ok 1 a; echo 1..1' \
	"1 passed, 1 failed, 0 skipped" 1
case_is "fewer results than planned" 'echo 1..3; echo ok 1 a' "1 passed, 1 failed, 0 skipped" 1
case_is "no plan" 'echo ok 1 a' "1 passed, 1 failed, 0 skipped" 1
case_is "no output" 'true' "0 passed, 1 failed, 0 skipped" 1
case_is "a status that no result explains" 'echo 1..1; echo ok 1 a; exit 1' \
	"1 passed, 1 failed, 0 skipped" 1
case_is "a machine that had something to report" 'echo 1..1; echo not ok 1 a; exit 125' \
	"0 passed, 2 failed, 0 skipped" 1
case_is "carriage returns of a terminal" 'printf "1..1\r\nok 1 a\r\n"' \
	"1 passed, 0 failed, 0 skipped" 0
grep -q 'ok .*unit/one .* s' "$LAB_SCRATCH/out"
tap $? "a test is one line with its time"

case_is "output of a failing test" 'echo 1..1; echo "# the reason"; echo not ok 1 a' \
	"0 passed, 1 failed, 0 skipped" 1
grep -q '| # the reason' "$LAB_SCRATCH/out"
tap $? "is shown"
grep -qE -- 'run --kernel [^ ]* --timeout 5 --mem 64M --disk [^ ]*/disk0 --rw [^ ]*/scratch -- ' \
	"$LAB_SCRATCH/out"
tap $? "the head of a test becomes the lab's options"

printf '#!/bin/bash\n# host:\necho 1..1; echo ok 1 $LAB_SCRATCH\n' >"$tree/tests/unit/test_two.sh"
chmod +x "$tree/tests/unit/test_two.sh"
tap_is "a pattern selects" "$("$tree/tests/check" two 2>&1 | tail -n 1)" \
	"1 passed, 0 failed, 0 skipped"
tap_is "no test selected is no success" "$("$tree/tests/check" zzz 2>&1; echo $?)" \
	"0 passed, 0 failed, 0 skipped
1"

# last_line [PATTERN]: of checking a test for stock kernels, with KERNEL= or none
last_line() { "$tree/tests/check" "$@" 2>&1 | tail -n 1; }
rm "$tree/tests/unit/"*
printf '#!/bin/bash\n# only: stock-*\n# also: stock-6.1\necho 1..1; echo ok 1 $KERNEL\n' \
	>"$tree/tests/unit/test_two.sh"
chmod +x "$tree/tests/unit/test_two.sh"
tap_is "a test for other kernels is skipped" "$(last_line two)" "0 passed, 0 failed, 1 skipped"
tap_is "and run on those" "$(KERNEL=stock-7.2 last_line two)" "1 passed, 0 failed, 0 skipped"
tap_is "with all tests on another kernel besides" "$(unset KERNEL; last_line)" \
	"1 passed, 0 failed, 0 skipped"
printf '#!/bin/sh\n[ $1 != stock-6.1 ] || exit 3\n' >"$tree/tests/lab/kernel"
tap_is "unless that is gone" "$(unset KERNEL; last_line)" "0 passed, 0 failed, 1 skipped"
printf '#!/bin/sh\necho no; exit 1\n' >"$tree/tests/lab/module"
tap_is "a module that does not build is a failure" \
	"$(KERNEL=stock-7.2 last_line two)" "1 passed, 1 failed, 0 skipped"
tap_done

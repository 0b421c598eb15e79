#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module's KUnit suites, run by inserting dm-vde-kunit.ko; each case (and each
# parameter of a case) is one result.
#
# also: uml-6.12-debug
# lab: --timeout 300

# flatten: KTAP as the kernel logs it, to plain TAP without nesting. A case with
# parameters counts by its parameters, and by itself only if they do not explain it.
flatten() {
	awk '
	function result(good, name) {
		printf "%s %d %s\n", good ? "ok" : "not ok", ++count, name
	}
	{ match($0, /^ */); depth = RLENGTH / 4; line = substr($0, RLENGTH + 1) }
	line ~ /^# Subtest: / {
		if (depth == 1) suite = substr(line, 12)
		if (depth == 2) { test = substr(line, 12); parameters = bad_parameters = 0 }
		next
	}
	line ~ /^(not )?ok [0-9]+ / {
		good = line !~ /^not/
		name = line
		sub(/^(not )?ok [0-9]+ (- )?/, "", name)
		if (depth == 2) {
			parameters++
			bad_parameters += !good
			result(good, suite "." test "." name)
		} else if (depth == 1) {
			if (!parameters || (!good && !bad_parameters))
				result(good, suite "." name)
			parameters = bad_parameters = 0
			any = 1
		} else if (!good && !any) {
			result(0, name)
		}
		if (depth == 0) any = 0
		next
	}
	line ~ /^#/ { print line; next }
	line !~ /^(KTAP|1\.\.)/ { print "# " line }
	END { print "1.." count + 0 }'
}

case $LAB_KERNEL in
stock-*)
	echo "1..0 # SKIP stock kernels do not export KUnit"
	exit 0
	;;
esac
if [ -z "$LAB_KUNIT" ]; then
	echo "not ok 1 dm-vde-kunit.ko is built for $LAB_KERNEL"
	echo "1..1"
	exit 1
fi
dmesg --clear
if ! insmod "$LAB_KUNIT"; then
	echo "not ok 1 dm-vde-kunit.ko can be inserted"
	echo "1..1"
	exit 1
fi
dmesg --notime >/tmp/ktap
flatten </tmp/ktap | tee /tmp/tap
# Without a single result the module has not run what it is for
grep -q '^ok' /tmp/tap && ! grep -q '^not ok' /tmp/tap

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The steps of a long test, side by side: $JOBS of them at a time, two if that is not given
# and there are as many CPUs. What one prints appears when it has ended. Source lab/lib.sh
# first.

failed=0
names=()
pids=()

# steps_begin: sets jobs, and work to a scratch directory
steps_begin() {
	jobs=${JOBS:-$(nproc)}
	[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "JOBS=$jobs is not a number of steps"
	# As many as there are CPUs might be too many: a machine takes a gigabyte
	[ -n "${JOBS-}" ] || [ "$jobs" -le 2 ] || jobs=2
	work=$(mktemp -d "${TMPDIR:-/tmp}/vde-${me:-lab}.XXXXXX")
	trap stop_steps EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# step NAME COMMAND...: as soon as less than $jobs of those before are running
step() {
	names+=("$1")
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	echo "== $1: begun"
	# In a process group of its own, so that all of it can be stopped
	set -m
	take_step $((${#names[@]} - 1)) "$@" &
	set +m
	pids+=($!)
}

# take_step NUMBER NAME COMMAND...
take_step() {
	local said=$work/$1 name=$2 start=$SECONDS status=0
	shift 2
	("$@") >"$said" 2>&1 </dev/null || status=$?
	echo "$status $((SECONDS - start))" >"$said.status"
	{
		flock 9
		echo "== $name"
		cat "$said"
		echo "== status $status after $((SECONDS - start)) s"
	} 9>"$work/lock"
}

# A bare wait would also wait for the caller's tee, which ends after the caller
wait_for_steps() { [ ${#pids[@]} = 0 ] || wait "${pids[@]}"; }

stop_steps() {
	local pid
	trap '' INT TERM HUP
	for pid in $(jobs -rp); do kill -TERM -- "-$pid" 2>/dev/null; done
	wait_for_steps
	rm -rf "$work"
}

# steps_end FUNCTION: calls it with NAME FILE STATUS SECONDS of each step in turn, FILE being
# what it printed; sets failed to the number of those that failed
steps_end() {
	local nr status seconds
	wait_for_steps
	for nr in "${!names[@]}"; do
		status=killed seconds=-
		[ ! -e "$work/$nr.status" ] || read -r status seconds <"$work/$nr.status"
		[ "$status" = 0 ] || failed=$((failed + 1))
		"$1" "${names[nr]}" "$work/$nr" "$status" "$seconds"
	done
}

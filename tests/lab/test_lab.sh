#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab keeps its promises: a test that relies on a status, an output or a splat being
# noticed is worth nothing otherwise.
#
# host: --timeout 300
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/tap.sh

work=$LAB_SCRATCH
out=$work/out
err=$work/err
status=0

# lab ARG...: runs the lab without the module; leaves $status, $out and $err
lab() {
	tests/lab/run --kernel "$KERNEL" --no-module "$@" >"$out" 2>"$err"
	status=$?
}

# says TEXT: is it in the lab's own messages?
says() { grep -qF -- "$1" "$err"; }

statuses() {
	lab -- true
	tap_is "status 0 is passed on" "$status" 0
	lab -- sh -c 'exit 41'
	tap_is "status 41 is passed on" "$status" 41
	lab -- sh -c 'kill -SEGV $$'
	tap_is "death by a signal is passed on" "$status" 139
	lab -- /nonexistent
	tap_is "a command that does not exist" "$status" 127
}

output() {
	local want
	want=$({ seq 1 100000; printf '\r\n\0\177\377 end'; } | sha256sum)
	lab -- sh -c 'seq 1 100000; printf "\r\n\0\177\377 end"'
	tap_is "output arrives byte for byte" "$(sha256sum <"$out")" "$want"
	lab -- sh -c 'echo to stderr >&2; echo chatter >/dev/kmsg'
	tap_is "stderr is output, the kernel's log is not" "$(cat "$out" "$err")" "to stderr"
	lab -- pwd
	tap_is "the current directory is the caller's" "$(cat "$out")" "$PWD"
	(cd "$work" && "$OLDPWD/tests/lab/run" --kernel "$KERNEL" --no-module -- pwd) >"$out" 2>&1
	tap_is "also when it is below /tmp" "$(cat "$out")" "$(readlink -f "$work")"
}

endings() {
	local start
	lab --timeout 2 -- sleep 1000
	tap_is "a time-out is 124" "$status" 124
	start=$SECONDS
	lab --power-cut-after 2 -- sh -c 'echo on; sleep 1000'
	tap_is "a power cut is 137" "$status" 137
	tap_is "output before the cut arrives" "$(cat "$out")" on
	lab --power-cut-after 1000 -- true
	tap_is "no cut when the command is faster" "$status" 0
	lab -- sh -c 'echo o >/proc/sysrq-trigger; sleep 1000'
	tap_is "a machine that goes down by itself is a failure" "$status" 125
}

mistakes() {
	lab --cpus 64 -- true
	tap_is "more CPUs than the kernel can is an error" "$status" 125
	says 'has at most'
	tap $? "which says how many there are"
	tests/lab/run --kernel nonesuch -- true 2>"$err"
	tap_is "an unknown kernel is an error" $? 125
	says "uml-6.12-debug"
	tap $? "which lists the known ones"
	lab --disk "$work/nonesuch" -- true
	tap_is "a disk that is not there is an error" "$status" 125
	lab
	tap_is "no command is an error" "$status" 125
	lab --frobnicate -- true
	tap_is "an unknown option is an error" "$status" 125
}

# splat COMMAND...: the machine must be judged broken although COMMAND says 0
splat() {
	local name=$1
	shift
	lab --timeout 60 -- "$@"
	tap_is "$name fails the run" "$status" 125
	grep -q '^  | ' "$err"
	tap $? "$name shows the log"
}

splats() {
	splat "a panic" sh -c 'echo c >/proc/sysrq-trigger; sleep 1000'
	splat "a warning" sh -c 'echo "------------[ cut here ]------------" >/dev/kmsg'
	splat "a bug line" sh -c 'echo "BUG: sleeping function called" >/dev/kmsg'
	splat "a hung task" sh -c 'echo "INFO: task dd:1 blocked for more than 9 s" >/dev/kmsg'
	splat "a lock report" sh -c 'echo "WARNING: possible circular locking" >/dev/kmsg'
	splat "a memory report" sh -c 'echo "BUG: KASAN: use-after-free in x" >/dev/kmsg'
	splat "a slab report" sh -c \
		'echo "BUG kmalloc-64 (Not tainted): Left Redzone overwritten" >/dev/kmsg'
	lab -- sh -c 'echo "all is well, no warning: none" >/dev/kmsg'
	tap_is "an ordinary line does not" "$status" 0
}

# left KERNEL SED: what is left of a log with the report that is known, edited
left() {
	sed "$2" >"$work/log" <<-LOG
	[    1.000000] before
	[    2.000000] WARNING: suspicious RCU usage
	[    2.000000] lib/maple_tree.c:835 suspicious rcu_dereference_check() usage!
	[    2.000000] Call Trace:
	[    2.000000]  [<6005a990>] ? dump_trace+0x0/0x450
	[    2.000000]  [<61a4056d>] mas_find+0x17d/0x480
	[    2.000000]  [<61a403f0>] ? mas_find+0x0/0x480
	[    2.000000]  [<6005aa61>] flush_tlb_mm+0xd1/0x2b0
	[    2.000000]  [<6061dca6>] tlb_flush+0x156/0x210
	[    2.000000]  [<6061e977>] tlb_finish_mmu+0x197/0x430
	[    3.000000] after
	LOG
	tests/lab/reports "$1" "$work/log" | cut -c16- | paste -sd, -
}

known_reports() {
	local whole
	whole=$(left uml-6.12 "")
	tap_is "a report that is the kernel's own mistake does not count" \
		"$(left uml-6.12-debug "")" "before,after"
	tap_is "nor does the end of a log that it is" \
		"$(left uml-6.12-debug '$d')" "before"
	[[ $whole == *"suspicious RCU"*after ]]
	tap $? "it does for another kernel"
	tap_is "and for another caller" "$(left uml-6.12-debug s/flush_tlb_mm/vde_flush/)" \
		"${whole/flush_tlb_mm/vde_flush}"
	tap_is "and for another report" "$(left uml-6.12-debug s/suspicious/possible/)" \
		"${whole//suspicious/possible}"
	tap_is "and where it only lies on the stack" \
		"$(left uml-6.12-debug 's/] flush_tlb_mm/] ? flush_tlb_mm/')" \
		"${whole/flush_tlb_mm/? flush_tlb_mm}"
}

storage() {
	truncate -s 8M "$work/disk 0,a:b"
	truncate -s 4M "$work/disk1"
	lab --disk "$work/disk 0,a:b" --disk "$work/disk1" -- sh -c '
		printf first | dd of=$LAB_DISK0 conv=notrunc status=none
		printf second | dd of=$LAB_DISK1 conv=notrunc status=none
		blockdev --getsize64 $LAB_DISK0 $LAB_DISK1'
	tap_is "disks have the size of their files" "$(paste -sd' ' "$out")" "8388608 4194304"
	tap_is "what is written to a disk is in its file" \
		"$(head -c 5 "$work/disk 0,a:b")$(head -c 6 "$work/disk1")" firstsecond
	lab --disk "$work/disk1" --power-cut-after 3 -- sh -c \
		'printf flushed | dd of=$LAB_DISK0 conv=fsync,notrunc status=none; sleep 100'
	tap_is "so is what was flushed before a cut" "$(head -c 7 "$work/disk1")" flushed

	mkdir -p "$work/rw"
	lab --rw "$work/rw" -- sh -c "echo data >'$work/rw/file'; echo \$LAB_SCRATCH"
	tap_is "a --rw directory is the host's" "$(cat "$work/rw/file")" data
	tap_is "and is LAB_SCRATCH" "$(cat "$out")" "$(readlink -f "$work/rw")"
	lab -- sh -c "touch '$PWD/written' /etc/written 2>/dev/null; echo x >/tmp/x && echo x >/run/x"
	tap_is "/tmp and /run are writable" "$status" 0
	[ ! -e written ] && [ ! -e /etc/written ]
	tap $? "nothing else is"
	lab --mem 256M -- sh -c 'awk "/MemTotal/ { exit !(\$2 < 262144) }" /proc/meminfo'
	tap_is "--mem limits memory" "$status" 0
}

machine() {
	lab --disk "$work/disk1" -- sh -c '
		dmsetup create t --table "0 8 linear $LAB_DISK0 0" && [ -b /dev/mapper/t ] &&
		dmsetup targets | grep -q dust && dmsetup targets | grep -q log-writes'
	tap_is "dmsetup makes nodes, dm has its test targets" "$status" 0
	lab -- sh -c 'mkdir /sys/kernel/config/nullb/a && [ -e /sys/kernel/tracing/events/block ]'
	tap_is "configfs, null_blk and tracefs" "$status" 0
	lab -- sh -c 'modprobe scsi_debug dev_size_mb=9 && [ -b /dev/sda ]'
	tap_is "modprobe finds the kernel's own modules" "$status" 0
	lab -- sh -c 'grep -q "^name *: ecdsa-nist-p256" /proc/crypto'
	tap_is "ECDSA P-256" "$status" 0
}

together() {
	local a b
	tests/lab/run --kernel "$KERNEL" --no-module -- sh -c 'sleep 1; exit 3' &
	a=$!
	tests/lab/run --kernel "$KERNEL" --no-module -- sh -c 'sleep 1; exit 4' &
	b=$!
	wait $a
	tap_is "the first of two machines at once" $? 3
	wait $b
	tap_is "the second of two machines at once" $? 4
}

# interrupted: a run that is terminated leaves no process and no directory behind
interrupted() {
	local run tries=0
	mkdir -p "$work/tmp" "$work/rw"
	rm -f "$work/rw/on"
	TMPDIR=$work/tmp tests/lab/run --kernel "$KERNEL" --no-module --rw "$work/rw" -- \
		sh -c "touch '$work/rw/on'; sleep 1000" >"$out" 2>"$err" &
	run=$!
	while [ ! -e "$work/rw/on" ] && [ $((tries++)) -lt 600 ]; do sleep 0.1; done
	kill -TERM $run
	wait $run
	tap_is "SIGTERM ends a run" $? 143
	tap_is "no directory is left" "$(ls "$work/tmp")" ""
	sleep 0.2
	tap_is "no process is left" "$(pgrep -fa "lab=$work/tmp")" ""
}

# The cache: a build that was interrupted has no marker and must not be used. Of other
# kernels the source would have to be downloaded first
half_built() {
	local cache=$work/cache real key builder
	real=$(tests/lab/kernel "$KERNEL" 2>/dev/null)
	key=$(basename "$real")
	mkdir -p "$cache/dm-vde/kernel/$key" "$cache/dm-vde/kernel/$key.partial"
	XDG_CACHE_HOME=$cache tests/lab/kernel "$KERNEL" >"$out" 2>"$err" &
	builder=$!
	while ! says unpacking && kill -0 $builder 2>/dev/null; do sleep 0.1; done
	kill -TERM $builder
	wait $builder
	tap_is "a directory without the marker is not trusted" $? 143
	tap_is "nothing is printed for it" "$(cat "$out")" ""
	[ -z "$(find "$cache/dm-vde" -name '*.partial')" ]
	tap $? "an interrupted build is removed"
}

statuses
output
endings
mistakes
splats
known_reports
storage
machine
together
interrupted
[[ $KERNEL != uml-6.12* ]] || half_built
tap_done

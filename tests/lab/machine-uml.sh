# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A machine that is User-Mode Linux; sourced by run, whose variables it uses.
# shellcheck disable=SC2154

machine_tty() { echo /dev/tty1; }

# machine_disk NUMBER: its block device
machine_disk() {
	local letters=abcdefghijklmnop
	echo "/dev/ubd${letters:$1:1}"
}

# UML keeps the machine's memory in an unlinked file, which must be on a file system that
# allows executing and has room. A container's /dev/shm is often too small.
memory_dir() {
	local need free
	need=$(numfmt --from=iec "${mem^^}") || die "--mem $mem: not a size"
	free=$(df --output=avail -B1 /dev/shm 2>/dev/null | tail -1)
	if [ "${free:-0}" -gt "$need" ] && [ -w /dev/shm ] &&
		! findmnt -no OPTIONS -T /dev/shm | grep -q noexec; then
		echo /dev/shm
	else
		echo "$work"
	fi
}

# machine_has_panicked: then it has ended as well
machine_has_panicked() { return 1; }

machine_start() {
	local i args=(mem="$mem" root=host rootfstype=hostfs ro init="$LAB_DIR/guest-init" lab="$work")
	args+=(umid=lab uml_dir="$work/uml/" panic=-1 oops=panic loglevel=7)
	# The debug kernels can, and do it only when they are told
	[[ $kernel != *-debug ]] || args+=(page_poison=1)
	args+=(null_blk.nr_devices=0 "con=null" "con0=null,fd:1" "con1=null,fd:3")
	# More CPUs than one need the machine's processes to be caught with seccomp
	[ "$cpus" = 1 ] || args+=(seccomp=on ncpus="$cpus")
	for i in "${!disks[@]}"; do args+=("ubd$i=$work/disk$i"); done
	TMPDIR=$(memory_dir)
	export TMPDIR
	start_process "$build/linux" "${args[@]}" "${kernel_args[@]}" >"$log" 2>&1 3>"$work/output"
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A machine that is QEMU with one of Debian's kernels; sourced by run, whose variables it
# uses. Processors are emulated: hardware help is not to be had everywhere. They take turns:
# when each has a thread, one can run code that the kernel has just patched as it was half
# way, which ends in "Oops: int3". It also costs a quarter less time of the host. Programs
# lie at the same addresses each time (norandmaps): QEMU then knows their code, and that of
# libraries, from the last time. Without that a test that starts many takes twice as long.
# shellcheck disable=SC2154,SC2054

machine_tty() { echo /dev/hvc0; }

# machine_disk NUMBER: its block device
machine_disk() {
	local letters=abcdefghijklmnop
	echo "/dev/vd${letters:$1:1}"
}

# start_file_server: the whole file system of the host, through $work/host.socket
start_file_server() {
	local tries=0
	start_process /usr/lib/qemu/virtiofsd --socket-path="$work/host.socket" -o source=/ \
		-o sandbox=chroot -o cache=always -o log_level=err >"$work/virtiofsd.log" 2>&1
	while [ ! -S "$work/host.socket" ]; do
		[ $((tries++)) -lt 500 ] && kill -0 "${machine[0]}" 2>/dev/null ||
			die "no file server: $(cat "$work/virtiofsd.log")"
		nap
	done
}

# machine_has_panicked: asked often, answers now and then; a machine that restarts goes on
panic_asked=0
machine_has_panicked() {
	((panic_asked++ % 50 == 0)) && grep -qa 'end Kernel panic' "$log"
}

machine_start() {
	local i args
	local append=(console=ttyS0 lab_init="$LAB_DIR/guest-init" lab="$work"
		mitigations=off norandmaps panic=0 oops=panic loglevel=7 null_blk.nr_devices=0)
	start_file_server
	args=(-nodefaults -no-user-config -display none -M "q35,memory-backend=mem"
		-accel "${LAB_ACCEL:-tcg,thread=single}" -cpu max -smp "$cpus" -m "$mem"
		-object "memory-backend-memfd,id=mem,size=$mem,share=on"
		-kernel "$build/linux" -initrd "$build/initrd" -append "${append[*]} ${kernel_args[*]}"
		-serial "file:$log"
		-chardev "socket,id=host,path=$work/host.socket"
		-device vhost-user-fs-pci,chardev=host,tag=host
		-device virtio-serial-pci -chardev "file,id=output,path=$work/output"
		-device virtconsole,chardev=output)
	for i in "${!disks[@]}"; do
		args+=(-drive "if=none,id=disk$i,format=raw,file.locking=off,file=$work/disk$i"
			-device "virtio-blk-pci,drive=disk$i")
	done
	: >"$log"
	start_process qemu-system-x86_64 "${args[@]}" >"$work/qemu.log" 2>&1
	# The first is the one whose end is the machine's
	machine=("${machine[1]}" "${machine[0]}")
}

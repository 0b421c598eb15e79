# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the programs of the lab: where things are kept, which kernels there are, how
# to fail. Source it after setting "me" to the program's name for messages.

LAB_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
LAB_TOP=$(readlink -f "$LAB_DIR/../..")
LAB_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dm-vde

LAB_KERNELS="uml-6.12 uml-6.12-debug"
LAB_HEADERS="stock-6.12"

say() { echo "${me:-lab}: $*" >&2; }

die() {
	say "$*"
	exit "${DIE_STATUS:-1}"
}

# lab_kernel_spec NAME: the one table of bootable kernels. Sets
#   SPEC_PACKAGE    the package with the source
#   SPEC_TARBALL    where that package puts it
#   SPEC_FRAGMENTS  configuration on top of the defconfig, later lines win
#   SPEC_MAX_CPUS   what --cpus may ask for
#   SPEC_SLOWDOWN   how much longer than on a plain kernel a test may take
lab_kernel_spec() {
	SPEC_MAX_CPUS=1
	SPEC_SLOWDOWN=1
	case $1 in
	uml-6.12)
		SPEC_PACKAGE=linux-source-6.12
		SPEC_FRAGMENTS="uml.config"
		;;
	uml-6.12-debug)
		SPEC_PACKAGE=linux-source-6.12
		SPEC_FRAGMENTS="uml.config debug.config"
		SPEC_SLOWDOWN=8
		;;
	*)
		die "unknown kernel '$1'; known: $LAB_KERNELS"
		;;
	esac
	SPEC_TARBALL=/usr/src/$SPEC_PACKAGE.tar.xz
}

# lab_complete DIR: true when DIR was finished, not merely begun
lab_complete() { [ -e "$1/.complete" ]; }

# lab_lock KEY: waits until this process alone works on KEY; held until it exits
lab_lock() {
	mkdir -p "$LAB_CACHE/lock"
	exec {lab_lock_fd}>"$LAB_CACHE/lock/$1"
	flock --nonblock "$lab_lock_fd" && return
	say "waiting for another run that works on $1"
	flock "$lab_lock_fd"
}

# lab_publish PARTIAL FINAL: the only way a directory gets its final name
lab_publish() {
	touch "$1/.complete"
	sync -f "$1"
	rm -rf "$2"
	mv -T "$1" "$2"
}

package_version() {
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the programs of the lab: where things are kept, which kernels there are, how
# to fail. Source it after setting "me" to the program's name for messages.

LAB_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
LAB_TOP=$(readlink -f "$LAB_DIR/../..")
LAB_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dm-vde

LAB_STOCK_KERNELS="stock-6.1 stock-6.12 stock-7.2 stock-7.3"
LAB_UML_KERNELS="uml-6.12 uml-6.12-debug uml-7.2 uml-7.2-debug"
LAB_KERNELS="$LAB_UML_KERNELS $LAB_STOCK_KERNELS"
# All that are not debug kernels
LAB_MATRIX_KERNELS="$LAB_STOCK_KERNELS uml-6.12 uml-7.2"

# The status for a kernel that was in the archive once: backports replace each other
LAB_GONE=3

say() { echo "${me:-lab}: $*" >&2; }

die() {
	say "$*"
	exit "${DIE_STATUS:-1}"
}

# lab_kernel_spec NAME: the one table of bootable kernels. Sets
#   SPEC_KIND       uml: built from source; stock: Debian's own, in QEMU
#   SPEC_SUITE      where Debian has its packages: host (the release of this machine) or a
#                   suite that fetch.sh makes package lists of its own for
#   SPEC_PACKAGE    uml: the package with the source, and its tarball in /usr/src
#   SPEC_FRAGMENTS  uml: configuration on top of the defconfig, later lines win
#   SPEC_RELEASE    stock: matches the releases of the series, as a package name has them
#   SPEC_CPUS       how many CPUs a machine gets; SPEC_MAX_CPUS: what --cpus may ask for
#   SPEC_SLOWDOWN   how much longer than on a plain kernel a test may take
lab_kernel_spec() {
	SPEC_KIND=uml
	SPEC_SUITE=host
	SPEC_PACKAGE=""
	SPEC_FRAGMENTS=""
	SPEC_RELEASE=""
	SPEC_CPUS=1
	SPEC_MAX_CPUS=1
	SPEC_SLOWDOWN=1
	case $1 in
	uml-6.12*)
		SPEC_PACKAGE=linux-source-6.12
		SPEC_FRAGMENTS="uml.config"
		;;
	uml-7.2*)
		SPEC_SUITE=trixie-backports
		SPEC_PACKAGE=linux-source-7.2
		SPEC_FRAGMENTS="uml.config"
		;;
	stock-6.1) SPEC_RELEASE='6\.1\.[0-9]+-[0-9]+-cloud-amd64' ;;
	stock-6.12) SPEC_RELEASE='6\.12\.[0-9]+\+deb[0-9]+-cloud-amd64' ;;
	stock-7.*)
		SPEC_SUITE=trixie-backports
		SPEC_RELEASE="7\.${1#*.}\.[0-9]+\+deb[0-9]+-cloud-amd64"
		;;
	esac
	case $1 in
	uml-6.12) SPEC_FRAGMENTS+=" bench.config" ;;
	# Not with debugging: several CPUs make each masking of interrupts a system call of
	# the host's, and lockdep and KASAN mask them at each word of the stack
	uml-7.2)
		SPEC_FRAGMENTS+=" smp.config bench.config"
		SPEC_CPUS=2
		SPEC_MAX_CPUS=8
		SPEC_SLOWDOWN=2
		;;
	uml-6.12-debug | uml-7.2-debug)
		SPEC_FRAGMENTS+=" debug.config"
		SPEC_SLOWDOWN=8
		;;
	stock-6.1 | stock-6.12 | stock-7.2 | stock-7.3)
		SPEC_KIND=stock
		SPEC_CPUS=2
		SPEC_MAX_CPUS=8
		SPEC_SLOWDOWN=6
		;;
	*)
		die "unknown kernel '$1'; known: $LAB_KERNELS"
		;;
	esac
}

# lab_gone NAME: makes the kernel ready; true when Debian has it no longer, and says so
lab_gone() {
	local status=0
	"$LAB_DIR/kernel" "$1" >/dev/null || status=$?
	[ $status = $LAB_GONE ]
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

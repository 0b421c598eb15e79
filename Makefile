# SPDX-License-Identifier: GPL-2.0-only
#
# dm-vde: builds the module and the tools, and runs the lab. "make help" lists the targets.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
KERNEL ?=
TESTS ?=
SEED ?=

kernel_arch := $(if $(ARCH),ARCH=$(ARCH))
no_kernel = $(if $(wildcard $(KDIR)/Makefile),,no-kernel)

# Stock kernels configure KUnit without exporting it: ask the symbols, not the options.
kunit := $(shell grep -qsw __kunit_test_suites_init $(KDIR)/Module.symvers && \
	test -e $(CURDIR)/tests/kunit/Makefile && echo m)

kbuild = $(MAKE) -C $(KDIR) $(kernel_arch) M=$(CURDIR) CONFIG_DM_VDE=m VDE_KUNIT=$(kunit)

.PHONY: all
all: modules tools

.PHONY: modules
modules: $(no_kernel)
	+$(kbuild) modules

.PHONY: tools
tools:
	$(MAKE) -C tools/vde

.PHONY: install
install: $(no_kernel)
	+$(kbuild) $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) VDE_KUNIT= modules_install
	$(MAKE) -C tools/vde install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

.PHONY: demo
demo:
	@tests/demo/run

.PHONY: check
check:
	@KERNEL="$(KERNEL)" tests/check "$(TESTS)"

.PHONY: matrix
matrix:
	@KERNELS="$(KERNEL)" tests/matrix $(TESTS)

.PHONY: crash
crash:
	@tests/lab/packages build lab test
	@KERNEL="$(KERNEL)" tests/crash/run $(SEED)

.PHONY: fuzz
fuzz:
	@tests/lab/packages build lab test fuzz
	@KERNEL="$(KERNEL)" tests/fuzz/run $(SEED)

.PHONY: bench
bench:
	@KERNEL="$(KERNEL)" tests/bench/run

.PHONY: lint
lint:
	@tests/lab/packages build lint
	@tests/lint

.PHONY: clean
clean:
	rm -rf out
	+$(if $(no_kernel),,$(kbuild) clean)
	$(if $(wildcard tools/vde/Makefile),$(MAKE) -C tools/vde clean)

.PHONY: no-kernel
no-kernel:
	@echo "There is no kernel build in $(KDIR)." >&2
	@echo "Install the headers of the running kernel, name another build with KDIR=DIR" >&2
	@echo "(and ARCH=), or run 'make demo' or 'make check', which bring their own kernel." >&2
	@exit 1

.PHONY: help
help:
	@echo 'make            the module and the tools'
	@echo 'make modules    dm-vde.ko, for the running kernel or for KDIR=DIR [ARCH=um]'
	@echo 'make tools      tools/vde/vdectl/vdectl'
	@echo 'make install    both, into the system or below DESTDIR= (PREFIX=$(PREFIX))'
	@echo 'make demo       the main job, shown in a virtual machine; installs what it needs'
	@echo 'make check      every test; TESTS=PATTERN selects, KERNEL=uml-6.12-debug too'
	@echo 'make bench      how fast it is beside other dm targets: out/bench/performance.*; hours'
	@echo 'make matrix     the selftests, shortened, on every kernel that is supported'
	@echo 'make crash      thousands of power cuts, some on every kernel; SEED=N, KERNEL=NAME for one, JOBS=N'
	@echo 'make fuzz       parsers, damaged volumes and hostile callers at length; SEED=N, JOBS=N'
	@echo 'make lint       static checks of the scripts and the sources'
	@echo 'make clean      removes what was built; kernels stay in the cache'

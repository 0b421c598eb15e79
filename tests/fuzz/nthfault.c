// SPDX-License-Identifier: GPL-2.0-only
/*
 * nthfault DISK IMAGES KIND: every call that a user can make of a region, with
 * each of the allocations that the kernel makes in it failing in turn. A call
 * that returns an error must have changed nothing; what was acknowledged must
 * be there afterwards, also when the region was activated again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/dm-vde.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"
#include "fault.h"

#define MOST 2000	/* allocations in one call */

static const char *doing = "begin";
static unsigned int nth;
static struct active active;
static struct image image;
static const char *disk;
static char parameters[512];
static uint64_t sectors;
static uint64_t calls, failures, degraded;

void give_up(const char *what, ...)
{
	va_list args;

	printf("WRONG in %s, allocation %u: ", doing, nth);
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

static void check_kernel(void)
{
	const char *report = messages_read();

	if (report)
		give_up("the kernel: %s", report);
}

static enum outcome begin(void)
{
	char phrase[128] = "";

	return activate(&active, active.kind, sectors, parameters, false, phrase);
}

/* Without faults; whatever happened before, it must be possible. */
static void must_begin(void)
{
	enum outcome outcome = begin();

	if (outcome != ACCEPTED_RW)
		give_up("not active and writable afterwards: %d", outcome);
}

static void again(void)
{
	deactivate(&active);
	must_begin();
	check_promises(&active);
}

static void load_good(void)
{
	int fd = open(disk, O_RDWR | O_DIRECT | O_CLOEXEC);
	ssize_t bytes = image.blocks * BLOCK_SIZE;

	memcpy(image.now, image.good, bytes);
	if (fd < 0 || pwrite(fd, image.now, bytes, 0) != bytes)
		give_up("%s: %s", disk, strerror(errno));
	close(fd);
	forget_promises();
}

static void say(unsigned int failed, unsigned int worse)
{
	printf("# %-8s %-16s %4u allocations, %4u failures, %u degraded\n",
	       kind_names[active.kind], doing, nth - 1, failed, worse);
	calls += nth;
	failures += failed;
	degraded += worse;
}

static void each_call(const struct call *call)
{
	unsigned int failed = 0, worse = 0;
	bool reached;
	int ret;

	doing = call->name;
	for (nth = 1; nth < MOST; nth++) {
		prepare_call(&active, call);
		ret = make_call(&active, call, nth, &reached);
		check_call(&active, call, ret);
		check_kernel();
		failed += ret < 0;
		if (!reached)
			break;
		if (is_writable(&active))
			continue;
		worse++;
		again();
	}
	if (nth == MOST)
		give_up("no end of allocations");
	again();
	say(failed, worse);
}

/* A call of dm's that makes a region active or ends that */
static void each_change(const char *name, unsigned long command, bool ending)
{
	unsigned int failed = 0, worse = 0;
	enum outcome outcome;
	bool reached = true;

	doing = name;
	for (nth = 1; reached && nth < MOST; nth++) {
		/* A load makes hundreds: more than a volume has room for */
		if (nth % 16 == 1)
			make_promise(&active);
		if (ending) {
			dm_fail(command, nth);
			deactivate(&active);
			reached = dm_failed();
			must_begin();
		} else {
			deactivate(&active);
			dm_fail(command, nth);
			outcome = begin();
			reached = dm_failed();
			failed += outcome < ACCEPTED_RO;
			worse += outcome == ACCEPTED_RO;
			if (outcome >= ACCEPTED_RO)
				deactivate(&active);
			must_begin();
		}
		check_promises(&active);
		check_kernel();
	}
	nth--;
	say(failed, worse);
}

int main(int argc, char **argv)
{
	const struct call *call;
	char path[4096];

	if (argc != 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	disk = argv[1];
	while (active.kind < KINDS && strcmp(argv[3], kind_names[active.kind]))
		active.kind++;
	if (active.kind == KINDS)
		return 2;
	snprintf(path, sizeof(path), "%s/%s.img", argv[2], argv[3]);
	image_load(&image, path);
	calls_begin(argv[2], disk, active.kind, parameters, sizeof(parameters));
	sectors = active.kind == STREAM ? 1ULL << 51 :
		  image.regions[active.kind].capacity * 8;
	messages_begin();
	fault_begin();
	random_begin(1);
	load_good();
	must_begin();
	for (call = calls_of(active.kind); call->name; call++) {
		if (call->fresh) {
			deactivate(&active);
			load_good();
			must_begin();
		}
		each_call(call);
	}
	each_change("load", DM_TABLE_LOAD, false);
	each_change("resume", DM_DEV_SUSPEND, false);
	each_change("remove", DM_DEV_REMOVE, true);
	deactivate(&active);
	printf("%s: %llu calls, %llu returned errors, %llu degraded, wrong 0\n",
	       argv[3], (unsigned long long)calls, (unsigned long long)failures,
	       (unsigned long long)degraded);
	return 0;
}

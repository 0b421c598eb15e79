// SPDX-License-Identifier: GPL-2.0-only
/* Calls that WORM regions alone have. */
#include <errno.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"

static long status(const struct active *active)
{
	struct vde_ioc_status call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_STATUS, &call));
}

static long read_record(const struct active *active)
{
	struct vde_ioc_record call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_RECORD, &call));
}

static long read_records(const struct active *active)
{
	static struct vde_ioc_record_entry entries[100];
	struct vde_ioc_records call = {
		.size = sizeof(call),
		.count = 100,
		.record_size = sizeof(*entries),
		.records = (uintptr_t)entries,
	};

	return answer(ioctl(active->device, VDE_IOC_RECORDS, &call));
}

static long start_scrub(const struct active *active)
{
	struct vde_ioc_scrub_start call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_SCRUB_START, &call));
}

static long stop_scrub(const struct active *active)
{
	struct vde_ioc_scrub_stop call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_SCRUB_STOP, &call));
}

static long scrub_status(const struct active *active)
{
	struct vde_ioc_scrub_status call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_SCRUB_STATUS, &call));
}

/* The first block, whose record is long out of memory; it never changes. */
static long read_old(const struct active *active)
{
	static uint8_t old[BLOCK_SIZE];
	static bool known;
	long ret = answer(pread(active->node, seen, BLOCK_SIZE, 0));

	if (ret < 0)
		return ret;
	if (known && memcmp(seen, old, BLOCK_SIZE))
		give_up("what was read is wrong");
	memcpy(old, seen, BLOCK_SIZE);
	known = true;
	return ret;
}

/* What cannot be read counts as damage to a scrub, and to it alone. */
long scrub(const struct active *active)
{
	struct vde_ioc_scrub_status call;
	long ret = start_scrub(active);
	int left = 60000;

	if (ret < 0)
		return ret;
	do {
		call = (struct vde_ioc_scrub_status) { .size = sizeof(call) };
		if (ioctl(active->device, VDE_IOC_SCRUB_STATUS, &call))
			return -errno;
		if (call.state == VDE_IOC_SCRUB_RUNNING)
			poll(NULL, 0, 1);
	} while (call.state == VDE_IOC_SCRUB_RUNNING && --left);
	if (!left)
		give_up("a scrub does not end");
	return call.state == VDE_IOC_SCRUB_FAILED ? -(long)call.error : 0;
}

static long start_and_stop(const struct active *active)
{
	long ret = start_scrub(active);

	return ret < 0 ? ret : stop_scrub(active);
}

static long get_retention(const struct active *active)
{
	struct vde_ioc_retention call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_RETENTION_GET, &call));
}

static long extend(const struct active *active)
{
	struct vde_ioc_retention call = {
		.size = sizeof(call),
		.retention = before.retention + 1,
	};

	return answer(ioctl(active->device, VDE_IOC_RETENTION_EXTEND, &call));
}

static long reset(const struct active *active)
{
	struct vde_ioc_reset call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_RESET, &call));
}

const struct call worm_calls[] = {
	{ "ioctl status", status, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "node: read old", read_old, 0, READS | COLD, ETIMEDOUT },
	{ "record", read_record, 0, READS | COLD | NONE_IN_WORKERS, 0 },
	{ "records", read_records, 0, READS | COLD | NONE_IN_WORKERS, 0 },
	{ "scrub", scrub, 0, UNREADABLE | COLD, 0 },
	{ "start, stop", start_and_stop, 0, UNREADABLE | NONE_IN_WORKERS | MAY_REFUSE, ESRCH },
	{ "scrub status", scrub_status, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "retention", get_retention, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "extend", extend, 0, DURABLE | NONE_IN_CALLER, 0 },
	{ "reset", reset, 0, STARTS_ANEW | ALONE | NONE_IN_WORKERS, 0 },
	{ }
};

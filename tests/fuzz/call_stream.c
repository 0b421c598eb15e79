// SPDX-License-Identifier: GPL-2.0-only
/* Calls that streams alone have. */
#include <errno.h>
#include <linux/dm-vde.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"

static long status(const struct active *active)
{
	struct vde_ioc_stream_status call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_STREAM_STATUS, &call));
}

/* From the oldest block on, so that there is always one */
static long read_char(const struct active *active)
{
	if (lseek(active->device, before.tail * BLOCK_SIZE, SEEK_SET) < 0)
		return -errno;
	return answer(read(active->device, seen, BLOCK_SIZE));
}

static long consume(const struct active *active)
{
	struct vde_ioc_stream_consume call = {
		.size = sizeof(call),
		.position = before.tail + 1,
	};

	return answer(ioctl(active->device, VDE_IOC_STREAM_CONSUME, &call));
}

/* With the option "discard", what is given up is discarded after a commit. */
static long consume_and_sync(const struct active *active)
{
	long ret = consume(active);

	return ret < 0 ? ret : answer(fsync(active->device));
}

static long wait_for_head(const struct active *active)
{
	struct vde_ioc_stream_wait call = {
		.size = sizeof(call),
		.position = before.head,
		.timeout = 1,
	};

	return answer(ioctl(active->device, VDE_IOC_STREAM_WAIT, &call));
}

static long reset(const struct active *active)
{
	struct vde_ioc_stream_reset call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_STREAM_RESET, &call));
}

const struct call stream_calls[] = {
	{ "ioctl status", status, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "read(2)", read_char, 0, READS | NONE_IN_WORKERS, ETIMEDOUT },
	{ "consume", consume, 0, NEEDS_DATA | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "consume, fsync", consume_and_sync, 0, NEEDS_DATA | DURABLE | STEPS | NONE_IN_CALLER, 0 },
	{ "wait", wait_for_head, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS | MAY_REFUSE,
	  ETIMEDOUT },
	{ "reset", reset, 0, STARTS_ANEW | NONE_IN_WORKERS, 0 },
	{ }
};

// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's asynchronous I/O without a library. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

aio_context_t aio_begin(unsigned int depth)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, depth, &context)) {
		perror("io_setup");
		exit(2);
	}
	return context;
}

void aio_write(struct iocb *cb, int fd, void *buf, uint64_t block,
	       uint64_t blocks)
{
	memset(cb, 0, sizeof(*cb));
	cb->aio_lio_opcode = IOCB_CMD_PWRITE;
	cb->aio_fildes = fd;
	cb->aio_buf = (uintptr_t)buf;
	cb->aio_nbytes = blocks * BLOCK;
	cb->aio_offset = block * BLOCK;
}

/* As many as one call takes: how many, or -errno if not even the first one. */
long aio_submit_some(aio_context_t context, struct iocb **cbs, long count)
{
	long ret = syscall(SYS_io_submit, context, count, cbs);

	if (ret <= 0)
		return ret ? -errno : -EIO;
	return ret;
}

int aio_submit(aio_context_t context, struct iocb **cbs, long count)
{
	long done = 0, ret;

	while (done < count) {
		ret = aio_submit_some(context, cbs + done, count - done);
		if (ret < 0)
			return ret;
		done += ret;
	}
	return 0;
}

static int get_events(aio_context_t context, struct io_event *events, long min,
		      long max)
{
	struct timespec no_time = {};
	long ret;

	/* Restarted when a signal comes in between */
	do {
		ret = syscall(SYS_io_getevents, context, min, max, events,
			      min ? NULL : &no_time);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

int aio_reap(aio_context_t context, struct io_event *events, long max)
{
	return get_events(context, events, 1, max);
}

int aio_poll(aio_context_t context, struct io_event *event)
{
	return get_events(context, event, 0, 1);
}

void aio_end(aio_context_t context)
{
	syscall(SYS_io_destroy, context);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's asynchronous I/O without a library. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

int aio_submit(aio_context_t context, struct iocb **cbs, long count)
{
	long done = 0, ret;

	while (done < count) {
		ret = syscall(SYS_io_submit, context, count - done, cbs + done);
		if (ret <= 0)
			return ret ? -errno : -EIO;
		done += ret;
	}
	return 0;
}

/* At least one event; restarted when a signal comes in between. */
int aio_reap(aio_context_t context, struct io_event *events, long max)
{
	long ret;

	do {
		ret = syscall(SYS_io_getevents, context, 1, max, events, NULL);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : ret;
}

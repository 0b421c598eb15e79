/* SPDX-License-Identifier: GPL-2.0-only */
/* Test data that can be told from any other, and raw asynchronous I/O. */
#ifndef SELFTESTS_PATTERN_H
#define SELFTESTS_PATTERN_H

#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK 4096ULL

/* pattern.c: what block BLOCK of a device holds depends on a seed */
void pattern_fill(void *buf, uint64_t block, uint64_t blocks, uint64_t seed);
bool pattern_matches(const void *buf, uint64_t block, uint64_t seed);
void *buffer_alloc(size_t bytes);
const char *errno_name(int error);

/* aio.c: a negative errno, or how many events: one at least, or one at most */
aio_context_t aio_begin(unsigned int depth);
void aio_write(struct iocb *cb, int fd, void *buf, uint64_t block,
	       uint64_t blocks);
long aio_submit_some(aio_context_t context, struct iocb **cbs, long count);
int aio_submit(aio_context_t context, struct iocb **cbs, long count);
int aio_reap(aio_context_t context, struct io_event *events, long max);
int aio_poll(aio_context_t context, struct io_event *event);
void aio_end(aio_context_t context);

/* uring.c: one write from a registered buffer, thus in one bio */
long uring_write(int fd, void *buf, size_t bytes, uint64_t offset);

#endif /* SELFTESTS_PATTERN_H */

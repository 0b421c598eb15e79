// SPDX-License-Identifier: GPL-2.0-only
/* Calls that WORM regions and streams have in common. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "call.h"
#include "look.h"

/* <linux/fs.h> has a BLOCK_SIZE of its own */
#define BLKDISCARD _IO(0x12, 119)

static long append_with(const struct active *active, uint32_t flags,
			unsigned int blocks)
{
	struct vde_ioc_append call = {
		.size = sizeof(call),
		.flags = flags,
		.data = (uintptr_t)last_block - (blocks - 1) * BLOCK_SIZE,
		.length = blocks * BLOCK_SIZE,
	};

	return answer(ioctl(active->device, VDE_IOC_APPEND, &call));
}

static long append_durably(const struct active *active)
{
	return append_with(active, VDE_IOC_APPEND_DURABLE, 1);
}

static long append(const struct active *active)
{
	return append_with(active, 0, 1);
}

static long append_many(const struct active *active)
{
	return append_with(active, 0, MANY);
}

static long write_char(const struct active *active)
{
	return answer(write(active->device, last_block, BLOCK_SIZE));
}

static long write_durably(const struct active *active)
{
	struct iovec iovec = { .iov_base = last_block, .iov_len = BLOCK_SIZE };

	return answer(pwritev2(active->device, &iovec, 1, -1, RWF_DSYNC));
}

/* The pipe's own pages are a page of this program's, given away */
static long splice_char(const struct active *active)
{
	struct iovec iovec = { .iov_base = last_block, .iov_len = BLOCK_SIZE };
	int ends[2];
	long ret;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ret = vmsplice(ends[1], &iovec, 1, 0);
	if (ret == BLOCK_SIZE)
		ret = splice(ends[0], NULL, active->device, NULL, BLOCK_SIZE, 0);
	ret = answer(ret);
	close(ends[0]);
	close(ends[1]);
	return ret;
}

static long write_node(const struct active *active)
{
	(void)active;
	return answer(pwrite(node, last_block, BLOCK_SIZE, before.head * BLOCK_SIZE));
}

static long write_node_many(const struct active *active)
{
	(void)active;
	return answer(pwrite(node, many, sizeof(many), before.head * BLOCK_SIZE));
}

static long write_node_durably(const struct active *active)
{
	struct iovec iovec = { .iov_base = last_block, .iov_len = BLOCK_SIZE };

	(void)active;
	return answer(pwritev2(node, &iovec, 1, before.head * BLOCK_SIZE, RWF_DSYNC));
}

void set_direct(int fd, bool direct)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

/* Through the page cache, to the disk */
static long write_node_buffered(const struct active *active)
{
	long ret;

	(void)active;
	set_direct(node, false);
	ret = answer(pwrite(node, last_block, BLOCK_SIZE, before.head * BLOCK_SIZE));
	if (ret > 0)
		ret = answer(fsync(node));
	return ret;
}

static long sync_node(const struct active *active)
{
	(void)active;
	return answer(fsync(node));
}

/* What was promised last, which must be right if it can be read */
static long read_at(int fd)
{
	const struct promise *promise = newest_promise();
	uint64_t at = promise->any ? promise->at : before.head - 1;
	long ret = answer(pread(fd, seen, BLOCK_SIZE, at * BLOCK_SIZE));

	if (ret > 0 && promise->any && memcmp(seen, promise->bytes, BLOCK_SIZE))
		give_up("what was read is wrong");
	return ret;
}

static long read_node(const struct active *active)
{
	return read_at(active->node);
}

static long read_node_buffered(const struct active *active)
{
	long ret;

	posix_fadvise(active->node, 0, 0, POSIX_FADV_DONTNEED);
	set_direct(active->node, false);
	ret = read_at(active->node);
	set_direct(active->node, true);
	return ret;
}

static long read_node_many(const struct active *active)
{
	uint64_t from = before.head > MANY ? before.head - MANY : 0;

	return answer(pread(active->node, many, sizeof(many), from * BLOCK_SIZE));
}

static long discard_node(const struct active *active)
{
	uint64_t range[2] = { 0, BLOCK_SIZE };

	(void)active;
	return answer(ioctl(node, BLKDISCARD, range));
}

const struct call append_calls[] = {
	{ "append durably", append_durably, 1, FRESH | DURABLE, 0 },
	{ "append", append, 1, FRESH, 0 },
	{ "append many", append_many, MANY, FRESH, 0 },
	{ "write(2)", write_char, 1, FRESH, 0 },
	{ "write, O_DSYNC", write_durably, 1, FRESH | DURABLE, 0 },
	{ "splice(2)", splice_char, 1, FRESH, ENFILE },
	{ "node: write", write_node, 1, FRESH, 0 },
	{ "node: write many", write_node_many, MANY, FRESH, 0 },
	{ "node: O_DSYNC", write_node_durably, 1, FRESH | DURABLE, 0 },
	{ "node: buffered", write_node_buffered, 1, FRESH | DURABLE, 0 },
	{ "fsync(2)", sync_char, 0, FRESH | DIRTY | NONE_IN_CALLER, 0 },
	{ "node: fsync", sync_node, 0, FRESH | DIRTY, 0 },
	{ "commit", say_commit, 0, FRESH | DIRTY, 0 },
	{ "suspend, resume", suspend_and_resume, 0, FRESH | DIRTY | SUSPENDS | READS, 0 },
	{ "replace table", replace_table, 0, FRESH | DIRTY | SUSPENDS | READS, 0 },
	{ "node: read", read_node, 0, READS | NONE_IN_WORKERS, ETIMEDOUT },
	{ "node: read cached", read_node_buffered, 0, READS | NONE_IN_WORKERS, 0 },
	{ "node: read cold", read_node, 0, READS | COLD | NONE_IN_WORKERS, ETIMEDOUT },
	{ "node: read many", read_node_many, 0, READS | NONE_IN_WORKERS, ETIMEDOUT },
	{ "node: discard", discard_node, 0, NONE_IN_CALLER | NONE_IN_WORKERS | MAY_REFUSE, EOPNOTSUPP },
	{ }
};

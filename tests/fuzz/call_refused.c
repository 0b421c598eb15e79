// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes that WORM regions and streams refuse, and those that wait for a gap to
 * fill. What is refused changes nothing, and nobody reads it afterwards.
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/dm-vde.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <linux/fs.h> has one of its own */
#undef BLOCK_SIZE
#include "refused.h"

static uint8_t sealed[BLOCK_SIZE] __attribute__((aligned(4096)));	/* the last one */
static uint64_t counted;	/* refusals before the call */

static uint64_t refusals(const struct active *active)
{
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	struct vde_ioc_stream_status stream = { .size = sizeof(stream) };

	if (active->kind == WORM && !ioctl(active->device, VDE_IOC_STATUS, &worm))
		return worm.refused_sealed + worm.refused_gap + worm.refused_full;
	if (active->kind == STREAM &&
	    !ioctl(active->device, VDE_IOC_STREAM_STATUS, &stream))
		return stream.refused_sealed + stream.refused_gap + stream.refused_full;
	give_up("status: %s", strerror(errno));
}

static long read_block(const struct active *active, bool direct, uint64_t block)
{
	long ret;

	set_direct(active->node, direct);
	ret = answer(pread(active->node, seen, BLOCK_SIZE, block * BLOCK_SIZE));
	set_direct(active->node, true);
	return ret;
}

void prepare_refused(const struct active *active)
{
	uint64_t head = look_at(active).head;

	counted = refusals(active);
	if (!head || read_block(active, true, head - 1) != BLOCK_SIZE)
		give_up("no sealed block: %s", strerror(errno));
	memcpy(sealed, seen, BLOCK_SIZE);
}

/* Zeros in a WORM region; a stream has nothing there. */
static bool is_empty(const struct active *active, long got)
{
	if (active->kind == STREAM)
		return got < 0;
	return got == BLOCK_SIZE && !seen[0] && !memcmp(seen, seen + 1, BLOCK_SIZE - 1);
}

static void check_blocks(const struct active *active, bool direct)
{
	const char *how = direct ? "" : " cached";
	long got = read_block(active, direct, before.head - 1);

	if (got != BLOCK_SIZE || memcmp(seen, sealed, BLOCK_SIZE))
		give_up("the last%s block is another, or unreadable: %s", how,
			got < 0 ? strerror(-got) : "read");
	got = read_block(active, direct, before.head + GAP);
	if (!is_empty(active, got))
		give_up("there is something%s beyond the gap", how);
}

/* That of the call, where it was not the fault that ended it */
static void check_count(const struct active *active, const struct call *call,
			long ret, const struct doubt *doubt)
{
	uint64_t more = refusals(active) - counted;
	bool refused = ret == -call->error && !(ret == -EIO && doubt->failed);

	if (more > 1 || (refused && !more))
		give_up("refusals counted: %llu", (unsigned long long)more);
}

void check_refused(const struct active *active, const struct call *call, long ret,
		   const struct doubt *doubt)
{
	if (ret >= 0)
		give_up("it was not refused");
	check_count(active, call, ret, doubt);
	if (call->traits & FILLED)
		return;
	/* What a fault has left in the page cache goes its way, too */
	fsync(node);
	check_blocks(active, true);
	check_blocks(active, false);
}

static long write_sealed(const struct active *active)
{
	(void)active;
	return answer(pwrite(node, last_block, BLOCK_SIZE, (before.head - 1) * BLOCK_SIZE));
}

static long write_gap(const struct active *active)
{
	(void)active;
	return answer(pwrite(node, last_block, BLOCK_SIZE, (before.head + GAP) * BLOCK_SIZE));
}

/* The page cache takes it; who asks for it to be durable is told. */
static long cached(const struct active *active, long (*write_it)(const struct active *))
{
	long ret;

	set_direct(node, false);
	ret = write_it(active);
	return ret < 0 ? ret : answer(fsync(node));
}

static long write_sealed_cached(const struct active *active)
{
	return cached(active, write_sealed);
}

static long write_gap_cached(const struct active *active)
{
	return cached(active, write_gap);
}

static long append_too_much(const struct active *active)
{
	return answer(write(active->device, many, 2 * BLOCK_SIZE));
}

static aio_context_t contexts;

static long submit(struct iocb *iocb, const uint8_t *from, uint64_t block)
{
	struct iocb *one = iocb;

	*iocb = (struct iocb) {
		.aio_data = block,
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_fildes = node,
		.aio_buf = (uintptr_t)from,
		.aio_nbytes = BLOCK_SIZE,
		.aio_offset = block * BLOCK_SIZE,
	};
	return answer(syscall(SYS_io_submit, contexts, 1, &one));
}

/* How those to @first and the next block end; waits for @count */
static void reap(long results[2], uint64_t first, int count)
{
	struct io_event events[2];
	int i;

	if (syscall(SYS_io_getevents, contexts, count, count, events, NULL) != count)
		give_up("io_getevents: %s", strerror(errno));
	for (i = 0; i < count; i++)
		results[events[i].data - first] = events[i].res;
}

static void check_order(const struct active *active, const long results[2])
{
	uint64_t now = look_at(active).head, good = 0;

	if (results[1] > 0 && results[0] < 0)
		give_up("what was held is sealed, and the gap was not filled");
	good += results[0] > 0;
	good += results[1] > 0;
	if (now != before.head + good)
		give_up("of two writes %llu are good, but the head moves by %llu",
			(unsigned long long)good,
			(unsigned long long)(now - before.head));
	/* The first one alone is nothing that an error must take back. */
	if (results[1] < 0)
		before.head = now;
}

/*
 * Or a worker of the kernel's unmaps their memory when the program has ended,
 * which User-Mode Linux 7.2 does without the lock that lockdep wants to see.
 */
static void drop_contexts(void)
{
	syscall(SYS_io_destroy, contexts);
}

/* The second block, which is held, and then the one before it */
static long write_held(const struct active *active)
{
	struct iocb held, filler;
	long results[2] = { -EIO, -EIO };
	long ret;

	if (!contexts) {
		if (syscall(SYS_io_setup, 4, &contexts))
			return -errno;
		atexit(drop_contexts);
	}
	ret = submit(&held, last_block, before.head + 1);
	if (ret < 0)
		return ret;
	ret = submit(&filler, last_block - BLOCK_SIZE, before.head);
	reap(results, before.head, ret < 0 ? 1 : 2);
	if (ret < 0)
		results[0] = ret;
	check_order(active, results);
	return results[0] < 0 ? results[0] : results[1];
}

const struct call refused_calls[] = {
	{ "sealed", write_sealed, 0, FRESH | REFUSED | TOLD, EOPNOTSUPP },
	{ "sealed, cached", write_sealed_cached, 0, FRESH | REFUSED | TOLD, EIO },
	{ "gap", write_gap, 0, FRESH | REFUSED | TOLD, EIO },
	{ "gap, cached", write_gap_cached, 0, FRESH | REFUSED | TOLD, EIO },
	{ "held", write_held, 2, FRESH, EAGAIN },
	{ }
};

const struct call full_calls[] = {
	{ "full", append_too_much, 0, FRESH | REFUSED | TOLD | FILLED, ENOSPC },
	{ }
};

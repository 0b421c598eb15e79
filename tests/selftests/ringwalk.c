// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringwalk NODE CHAR SEED LAPS: random operations on a stream that nobody else
 * uses, one after the other, with a model beside it, until its head has gone
 * round LAPS times more. After each operation all numbers are compared and some
 * positions read, in each way there is; now and then all positions. What is in
 * the stream already must have been written with SEED.
 *
 * Prints "laps=N operations=N lost=N consumed=N OK" or what went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_BLOCKS 256U	/* in one bio */
#define LLU unsigned long long

/* What the stream must be like; positions in blocks */
static struct {
	uint64_t capacity, growth, reserve, seed;
	bool stop;
	uint64_t head, tail, allocated;
	uint64_t lost, consumed, lost_before;
	uint64_t sealed, gap, full;
	uint64_t operations;
} model;

/* A file that only reads on, and must be told when it has lost something */
static struct {
	int fd;
	uint64_t position, overrun;
} follower;

static int direct, buffered, character;
static char *buf, *want;

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" at operation %llu, head %llu, tail %llu\n",
	       (LLU)model.operations, (LLU)model.head, (LLU)model.tail);
	exit(1);
}

static uint64_t below(uint64_t limit)
{
	return ((uint64_t)random() << 31 | random()) % limit;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void expect(const char *what, long got, uint64_t bytes, int error)
{
	if (error ? got != -1 || errno != error : got != (long)bytes)
		fail("%s: %ld (%s), not %lld (%s)", what, got,
		     got < 0 ? errno_name(errno) : "OK",
		     error ? -1LL : (long long)bytes, errno_name(error));
}

static void ask(int fd, struct vde_ioc_stream_status *status)
{
	*status = (struct vde_ioc_stream_status){ .size = sizeof(*status) };
	expect("status", ioctl(fd, VDE_IOC_STREAM_STATUS, status), 0, 0);
}

static void same(const char *what, uint64_t got, uint64_t should)
{
	if (got != should)
		fail("%s is %llu, not %llu", what, (LLU)got, (LLU)should);
}

/* Between what must be given up for the head, and that and the reserve. */
static void check_tail(uint64_t tail)
{
	uint64_t most = model.head + model.reserve;

	if (tail < model.tail)
		fail("the tail went back to %llu", (LLU)tail);
	if (tail > model.head || model.head - tail > model.capacity)
		fail("tail %llu", (LLU)tail);
	if (tail == model.tail)
		return;
	if (model.stop || most < model.capacity || tail > most - model.capacity)
		fail("the tail moved to %llu", (LLU)tail);
	model.lost += tail - model.tail;
	model.tail = tail;
}

static void check_numbers(void)
{
	struct vde_ioc_stream_status status;

	ask(character, &status);
	same("head", status.head, model.head);
	same("allocated", status.allocated, model.allocated);
	check_tail(status.tail);
	same("lost", status.lost, model.lost + model.lost_before);
	same("refused_sealed", status.refused_sealed, model.sealed);
	same("refused_gap", status.refused_gap, model.gap);
	same("refused_full", status.refused_full, model.full);
	same("refused_op", status.refused_op, 0);
	same("inflight", status.inflight, 0);
	if (status.committed > status.head)
		fail("committed head %llu", (LLU)status.committed);
}

static void check_data(const char *what, uint64_t byte, uint64_t bytes)
{
	uint64_t first = byte / BLOCK;
	uint64_t blocks = (byte + bytes + BLOCK - 1) / BLOCK - first;

	pattern_fill(want, first, blocks, model.seed);
	if (memcmp(buf, want + byte % BLOCK, bytes))
		fail("%s of %llu bytes at %llu: wrong data", what, (LLU)bytes,
		     (LLU)byte);
}

/* The block node: all of it, or nothing. */
static void read_node(uint64_t start, uint64_t blocks)
{
	bool held = start >= model.tail && start + blocks <= model.head;
	long got = pread(direct, buf, blocks * BLOCK, start * BLOCK);

	expect("direct read", got, blocks * BLOCK, held ? 0 : ENODATA);
	if (held)
		check_data("direct read", start * BLOCK, blocks * BLOCK);
}

/*
 * Newer page caches read several blocks at once, which fails when one of them
 * is not in the ring; those that are can be read when it is tried again.
 */
static long pread_again(uint64_t byte, uint64_t bytes)
{
	uint64_t done = 0;
	int failures = 0;

	while (done < bytes && failures < 2) {
		long got = pread(buffered, buf + done, bytes - done, byte + done);

		if (got > 0)
			done += got;
		failures = got > 0 ? 0 : failures + 1;
	}
	return done ? (long)done : -1;
}

/* Through the page cache, which may hold what has left the ring. */
static void read_buffered(uint64_t start, uint64_t blocks)
{
	long got = pread_again(start * BLOCK, blocks * BLOCK);
	uint64_t whole = start < model.head ?
			 least(blocks, model.head - start) * BLOCK : 0;

	if (got > 0)
		check_data("buffered read", start * BLOCK, got);
	if (start >= model.tail && whole)
		expect("buffered read", got, whole, 0);
	else if (got >= 0 && (uint64_t)got > whole)
		fail("buffered read of %llu beyond the head", (LLU)start);
	else if (got < 0 && errno != EIO)
		fail("buffered read: %s", errno_name(errno));
}

/* Another file of the character device, from any byte. */
static void read_character(uint64_t byte, uint64_t bytes)
{
	uint64_t head = model.head * BLOCK;
	bool held = byte >= model.tail * BLOCK && byte <= head;
	long got = lseek(character, byte, SEEK_SET);

	expect("lseek", got, byte, held ? 0 : ENXIO);
	if (!held)
		return;
	got = read(character, buf, bytes);
	expect("read", got, least(bytes, head - byte),
	       byte == head ? EAGAIN : 0);
	if (got > 0)
		check_data("read", byte, got);
}

/* Around the ring's ends mostly. */
static uint64_t some_position(void)
{
	uint64_t around = below(2) ? model.tail : model.head;
	uint64_t back = below(6);

	if (below(3))
		return model.tail + below(model.head - model.tail + 1);
	return around > back ? around - back + below(8) : below(8);
}

static void read_some(void)
{
	uint64_t blocks = 1 + below(below(2) ? 4 : MAX_BLOCKS);

	read_node(some_position(), blocks);
	read_buffered(some_position(), blocks);
	read_character(some_position() * BLOCK + below(2) * below(BLOCK),
		       1 + below(blocks * BLOCK));
}

static void read_all(void)
{
	uint64_t at, step;

	for (at = model.tail; at < model.head; at += step) {
		step = least(model.head - at, MAX_BLOCKS);
		read_node(at, step);
		read_character(at * BLOCK, step * BLOCK);
	}
	read_node(model.head, 1);
	if (model.tail)
		read_node(model.tail - 1, 1);
}

static void follow(void)
{
	uint64_t blocks = 1 + below(MAX_BLOCKS);
	struct vde_ioc_stream_status status;
	uint64_t at = follower.position;
	int error = 0;
	long got;

	if (at < model.tail)
		error = ENODATA;
	else if (at == model.head)
		error = EAGAIN;
	got = read(follower.fd, buf, blocks * BLOCK);
	expect("reading on", got,
	       error ? 0 : least(blocks, model.head - at) * BLOCK, error);
	if (error == ENODATA) {
		follower.overrun += model.tail - at;
		follower.position = model.tail;
	} else if (!error) {
		check_data("reading on", at * BLOCK, got);
		follower.position += got / BLOCK;
	}
	ask(follower.fd, &status);
	same("the file's position", status.position, follower.position);
	same("overrun", status.overrun, follower.overrun);
}

/* Does an append of so many blocks fit? */
static bool fits(uint64_t blocks)
{
	return blocks <= model.capacity &&
	       (!model.stop ||
		model.head - model.tail + blocks <= model.capacity);
}

static void appended(uint64_t blocks)
{
	uint64_t end = least(model.head + blocks, model.capacity);

	while (model.allocated < end)
		model.allocated = least(model.allocated + model.growth,
					model.capacity);
	model.head += blocks;
}

static void put_at(const char *what, int fd, uint64_t blocks)
{
	bool fit = fits(blocks);
	long got;

	pattern_fill(buf, model.head, blocks, model.seed);
	if (fd == character)
		got = write(fd, buf, blocks * BLOCK);
	else
		got = pwrite(fd, buf, blocks * BLOCK, model.head * BLOCK);
	expect(what, got, blocks * BLOCK, fit ? 0 : ENOSPC);
	if (fit)
		appended(blocks);
	else
		model.full++;
}

static uint64_t some_blocks(void)
{
	uint64_t most = below(4) ? model.capacity / 8 : model.capacity + 1;

	return 1 + below(least(most, MAX_BLOCKS - 1) + 1);
}

static void put(void)
{
	put_at("write", character, some_blocks());
}

static void put_node(void)
{
	put_at("direct write", direct, some_blocks());
}

/* Behind the head; ahead of it. */
static void misplace(void)
{
	uint64_t blocks = 1 + below(3);
	long got;

	if (model.head && below(2)) {
		got = pwrite(direct, buf, blocks * BLOCK,
			     (model.head - 1) * BLOCK);
		expect("write behind the head", got, 0, EOPNOTSUPP);
		model.sealed++;
	} else {
		got = pwrite(direct, buf, blocks * BLOCK,
			     (model.head + 1 + below(3)) * BLOCK);
		expect("write ahead of the head", got, 0, EIO);
		model.gap++;
	}
}

static void consume(void)
{
	bool count = below(2);
	uint64_t to = below(8) ? model.tail + below(model.head + 1 - model.tail) :
				 model.head + 1 - below(3) % (model.head + 1);
	struct vde_ioc_stream_consume consume = {
		.size = sizeof(consume),
		.flags = count ? VDE_IOC_STREAM_COUNT : 0,
		.position = count ? to - least(to, model.tail) : to,
	};
	bool beyond = !count && to > model.head;
	uint64_t given;
	long got;

	got = ioctl(character, VDE_IOC_STREAM_CONSUME, &consume);
	expect("consume", got, 0, beyond ? ENXIO : 0);
	if (beyond)
		return;
	to = least(to, model.head);
	given = to - least(to, model.tail);
	same("consumed", consume.consumed, given);
	same("tail after consume", consume.position, model.tail + given);
	model.tail += given;
	model.consumed += given;
}

static void sync_all(void)
{
	struct vde_ioc_stream_status status;

	expect("fsync", fsync(below(2) ? direct : character), 0, 0);
	ask(character, &status);
	same("committed head", status.committed, model.head);
}

static void one_operation(void)
{
	static void (*const operations[])(void) = {
		put, put, put, put_node, put_node, put_node, consume, misplace,
		follow, follow, sync_all,
	};

	model.operations++;
	operations[below(sizeof(operations) / sizeof(operations[0]))]();
	check_numbers();
	read_some();
	if (!below(16))
		read_all();
}

static int open_or_exit(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd >= 0)
		return fd;
	perror(path);
	exit(2);
}

static void begin(char **argv)
{
	struct vde_ioc_stream_status status;

	direct = open_or_exit(argv[1], O_RDWR | O_DIRECT);
	buffered = open_or_exit(argv[1], O_RDONLY);
	character = open_or_exit(argv[2], O_RDWR | O_NONBLOCK);
	follower.fd = open_or_exit(argv[2], O_RDONLY | O_NONBLOCK);
	ask(follower.fd, &status);
	follower.position = status.position;
	model.capacity = status.capacity;
	model.growth = status.growth;
	model.reserve = status.reserve;
	model.stop = status.policy == VDE_IOC_STREAM_STOP;
	model.head = status.head;
	model.tail = status.tail;
	model.allocated = status.allocated;
	model.lost_before = status.lost;
	model.sealed = status.refused_sealed;
	model.gap = status.refused_gap;
	model.full = status.refused_full;
	model.seed = strtoull(argv[3], NULL, 0);
	srandom(model.seed);
	buf = buffer_alloc((MAX_BLOCKS + 2) * BLOCK);
	want = buffer_alloc((MAX_BLOCKS + 2) * BLOCK);
	same("the file's first position", follower.position, model.tail);
}

int main(int argc, char **argv)
{
	uint64_t laps, end;

	if (argc != 5) {
		fputs("usage: ringwalk NODE CHAR SEED LAPS; see ringwalk.c\n",
		      stderr);
		return 2;
	}
	begin(argv);
	laps = strtoull(argv[4], NULL, 0);
	end = model.head + laps * model.capacity;
	read_all();
	while (model.head < end)
		one_operation();
	read_all();
	printf("laps=%llu operations=%llu lost=%llu consumed=%llu OK\n",
	       (LLU)laps, (LLU)model.operations, (LLU)model.lost,
	       (LLU)model.consumed);
	return 0;
}

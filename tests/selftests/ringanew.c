// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringanew NODE CHAR SECONDS: resets a stream again and again while others
 * write it, through block node and character device, and read it in each way.
 * Each block holds the number of the write that it came by, and all of them are
 * noted with the time when they had been written: what had been written before
 * a reset began must not be read after it has returned, and what is read at a
 * position must have been written there. A file of the character device that has
 * not been told of a reset must not be given what was written after that.
 *
 * Prints what each has done and "OK", or what went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_WRITES (1U << 20)
#define MAX_BLOCKS 16U
#define WORDS (BLOCK / sizeof(uint64_t))
#define LLU unsigned long long

/* A write; block k of it holds number * MAX_BLOCKS + k everywhere */
struct note {
	uint64_t written;	/* when, in ns; 0 if not yet */
	uint64_t position;	/* where, plus 1; 0 if not known */
	uint64_t resets;	/* that had returned before */
};

struct user {
	const char *name;
	uint64_t good, bad;
	char wrong[120];
};

static struct shared {
	int done;
	bool stops;
	uint64_t writes;
	uint64_t last_reset;	/* when the last one that returned began */
	uint64_t begun, returned;	/* resets */
	struct user users[8];
	struct note notes[MAX_WRITES];
} *shared;

static const char *node, *character;
static uint64_t *buf;
static struct user *me;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		die(path);
	return fd;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static uint64_t load(uint64_t *where)
{
	return __atomic_load_n(where, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *where, uint64_t what)
{
	__atomic_store_n(where, what, __ATOMIC_RELEASE);
}

static bool is_done(void)
{
	return __atomic_load_n(&shared->done, __ATOMIC_ACQUIRE);
}

static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(me->wrong, sizeof(me->wrong), format, args);
	va_end(args);
	_exit(1);
}

/* Fill the buffer; UINT64_MAX when all numbers are used up. */
static uint64_t next_write(uint64_t blocks)
{
	uint64_t number = __atomic_fetch_add(&shared->writes, 1,
					     __ATOMIC_RELAXED);
	uint64_t i;

	if (number >= MAX_WRITES)
		return UINT64_MAX;
	store(&shared->notes[number].resets, load(&shared->returned));
	for (i = 0; i < blocks * WORDS; i++)
		buf[i] = number * MAX_BLOCKS + i / WORDS;
	return number;
}

static void note(uint64_t number, uint64_t position)
{
	store(&shared->notes[number].position, position + 1);
	store(&shared->notes[number].written, now());
	me->good++;
}

static void failed(int expected)
{
	if (errno != EIO && errno != expected &&
	    (errno != ENOSPC || !shared->stops))
		wrong("%s", errno_name(errno));
	me->bad++;
}

static uint32_t policy(void)
{
	struct vde_ioc_stream_status status = { .size = sizeof(status) };
	int fd = open_or_die(character, O_RDONLY);

	if (ioctl(fd, VDE_IOC_STREAM_STATUS, &status))
		die("status");
	close(fd);
	return status.policy;
}

static void write_calls(void)
{
	int fd = open_or_die(character, O_RDWR);

	while (!is_done()) {
		uint64_t blocks = 1 + random() % MAX_BLOCKS;
		uint64_t number = next_write(blocks);
		struct vde_ioc_append append = {
			.size = sizeof(append),
			.data = (uintptr_t)buf,
			.length = blocks * BLOCK,
		};

		if (number == UINT64_MAX)
			return;
		if (ioctl(fd, VDE_IOC_APPEND, &append))
			failed(EIO);
		else
			note(number, append.block);
	}
}

/* At a head that may be another already. */
static void write_blocks(void)
{
	int fd = open_or_die(node, O_RDWR | O_DIRECT);
	int asked = open_or_die(character, O_RDONLY);

	while (!is_done()) {
		uint64_t blocks = 1 + random() % MAX_BLOCKS;
		struct vde_ioc_stream_status status = {
			.size = sizeof(status),
		};
		uint64_t number = next_write(blocks);

		if (number == UINT64_MAX)
			return;
		if (ioctl(asked, VDE_IOC_STREAM_STATUS, &status))
			die("status");
		if (pwrite(fd, buf, blocks * BLOCK, status.head * BLOCK) < 0)
			failed(EOPNOTSUPP);
		else
			note(number, status.head);
		if (!(random() % 16) && fsync(fd))
			wrong("fsync: %s", errno_name(errno));
	}
}

static void check_block(const uint64_t *block, uint64_t position,
			uint64_t reset)
{
	uint64_t number = *block / MAX_BLOCKS, nth = *block % MAX_BLOCKS;
	struct note *it = &shared->notes[number];
	uint64_t written, where, i;

	for (i = 1; i < WORDS; i++)
		if (block[i] != *block)
			wrong("position %llu: a mixture", (LLU)position);
	if (number >= MAX_WRITES)
		wrong("position %llu: garbage", (LLU)position);
	written = load(&it->written);
	where = load(&it->position);
	if (written && written < reset)
		wrong("position %llu: from before a reset", (LLU)position);
	if (where && where - 1 + nth != position)
		wrong("position %llu: what was written at %llu", (LLU)position,
		      (LLU)(where - 1 + nth));
	me->good++;
}

static void read_node(int flags, int expected)
{
	int fd = open_or_die(node, O_RDONLY | flags);

	while (!is_done()) {
		uint64_t reset = load(&shared->last_reset);
		uint64_t start = random() % 64;
		uint64_t blocks = 1 + random() % MAX_BLOCKS;
		long got = pread(fd, buf, blocks * BLOCK, start * BLOCK);
		long i;

		if (got < 0)
			failed(expected);
		for (i = 0; i < got / (long)BLOCK; i++)
			check_block(buf + i * WORDS, start + i, reset);
	}
}

static void read_direct(void)
{
	read_node(O_DIRECT, ENODATA);
}

static void read_buffered(void)
{
	read_node(0, EIO);
}

/* Known: resets that had begun when the file was told of one last. */
static void check_told(const uint64_t *block, uint64_t known)
{
	uint64_t resets = load(&shared->notes[*block / MAX_BLOCKS].resets);

	if (resets > known)
		wrong("from after %llu resets, told of %llu", (LLU)resets,
		      (LLU)known);
}

static void read_calls(void)
{
	int fd = open_or_die(character, O_RDONLY | O_NONBLOCK);
	uint64_t known = load(&shared->begun);

	while (!is_done()) {
		uint64_t reset = load(&shared->last_reset);
		long got = read(fd, buf, (1 + random() % MAX_BLOCKS) * BLOCK);
		off_t at;
		long i;

		if (got < 0 && errno != EAGAIN && errno != ENODATA)
			wrong("%s", errno_name(errno));
		if (got < 0)
			me->bad++;
		if (got < 0 && errno == ENODATA)
			known = load(&shared->begun);
		at = lseek(fd, 0, SEEK_CUR);
		/* It may have lost its place since */
		for (i = 0; i < got / (long)BLOCK && at >= got; i++)
			check_block(buf + i * WORDS, (at - got) / BLOCK + i,
				    reset);
		for (i = 0; i < got / (long)BLOCK; i++)
			check_told(buf + i * WORDS, known);
	}
}

static void pause_us(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	nanosleep(&time, NULL);
}

static void reset(int fd)
{
	struct vde_ioc_stream_reset reset = { .size = sizeof(reset) };
	uint64_t begun = now();

	store(&shared->begun, shared->begun + 1);
	if (ioctl(fd, VDE_IOC_STREAM_RESET, &reset))
		wrong("%s", errno_name(errno));
	store(&shared->returned, shared->begun);
	store(&shared->last_reset, begun);
	me->good++;
}

static void report(bool ok)
{
	for (me = shared->users; me->name; me++) {
		printf("%s: %llu, %llu not%s%s; ", me->name, (LLU)me->good,
		       (LLU)me->bad, *me->wrong ? ": " : "", me->wrong);
		ok = ok && !*me->wrong;
	}
	puts(ok ? "OK" : "WRONG");
}

static void start(const char *name, void (*run)(void))
{
	me++;
	me->name = name;
	if (fork())
		return;
	srandom(getpid());
	run();
	_exit(0);
}

int main(int argc, char **argv)
{
	bool ok = true;
	int fd, ended;
	uint64_t end;

	if (argc != 4) {
		fputs("usage: ringanew NODE CHAR SECONDS; see ringanew.c\n",
		      stderr);
		return 2;
	}
	node = argv[1];
	character = argv[2];
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	buf = buffer_alloc(MAX_BLOCKS * BLOCK);
	shared->stops = policy() == VDE_IOC_STREAM_STOP;
	me = shared->users;
	me->name = "resets";
	start("calls", write_calls);
	start("writes", write_blocks);
	start("direct", read_direct);
	start("buffered", read_buffered);
	start("reads", read_calls);
	me = shared->users;
	fd = open_or_die(character, O_RDWR);
	end = now() + strtod(argv[3], NULL) * 1e9;
	while (now() < end) {
		pause_us(random() % 20000);
		reset(fd);
	}
	__atomic_store_n(&shared->done, 1, __ATOMIC_RELEASE);
	while (wait(&ended) > 0) {
		if (ended)
			printf("somebody ended with %#x; ", ended);
		ok = ok && !ended;
	}
	report(ok);
	return 0;
}

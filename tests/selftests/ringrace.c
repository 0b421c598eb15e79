// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringrace NODE CHAR SECONDS SEED WHO...: writes a stream that is empty as fast
 * as it can, through block node and character device in turn, while others use
 * it, each WHO a process:
 *
 *	direct		reads the node here and there, mostly near the tail
 *	buffered	the same through the page cache, which it drops at times
 *	call		read(2), on and on; at times it lags behind
 *	consumer	gives up blocks
 *
 * A read must give a position's own data, or fail; read(2) must go on where it
 * was, or tell how much was lost. Goes on for longer than SECONDS, but not for
 * ever, if nobody has been in time or nobody late. Prints what each has done and
 * "OK", or what went wrong.
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

#define MAX_WHO 16
#define READ_BLOCKS 128U
#define WRITE_BLOCKS 24U
#define PATIENCE_SECONDS 20
#define LLU unsigned long long

struct user {
	const char *name;
	void (*run)(struct user *user);
	uint64_t data, nodata, consumed;
	char wrong[120];
};

static struct shared {
	uint64_t head;
	uint64_t consumed;	/* what lies below was given up */
	int done;
	struct user users[MAX_WHO];
} *shared;

static const char *node, *character;
static uint64_t capacity, seed;
static char *buf;

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

static bool is_done(void)
{
	return __atomic_load_n(&shared->done, __ATOMIC_ACQUIRE);
}

static uint64_t head_now(void)
{
	return __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE);
}

static void wrong(struct user *user, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(user->wrong, sizeof(user->wrong), format, args);
	va_end(args);
	_exit(1);
}

static void pause_us(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	nanosleep(&time, NULL);
}

static void ask(int fd, struct vde_ioc_stream_status *status)
{
	*status = (struct vde_ioc_stream_status){ .size = sizeof(*status) };
	if (ioctl(fd, VDE_IOC_STREAM_STATUS, status))
		die("status");
}

static void check_blocks(struct user *user, uint64_t start, uint64_t blocks)
{
	uint64_t i;

	for (i = 0; i < blocks; i++)
		if (!pattern_matches(buf + i * BLOCK, start + i, seed))
			wrong(user, "position %llu: other data",
			      (LLU)(start + i));
	user->data += blocks;
}

/* Where the tail must be about now, or anywhere. */
static uint64_t some_position(void)
{
	uint64_t head = head_now();
	uint64_t tail = __atomic_load_n(&shared->consumed, __ATOMIC_RELAXED);

	if (head > capacity && tail < head - capacity)
		tail = head - capacity;
	if (tail > head)
		tail = head;
	if (!(random() % 4))
		return tail + random() % (head - tail + 1);
	return tail + random() % ((head - tail) / 8 + 2);
}

static void read_here_and_there(struct user *user, int fd, int error)
{
	uint64_t blocks = 1 + random() % (random() % 4 ? 8 : READ_BLOCKS);
	uint64_t start = some_position();
	long got = pread(fd, buf, blocks * BLOCK, start * BLOCK);

	if (got < 0 && errno != error)
		wrong(user, "%s", errno_name(errno));
	if (got < 0)
		user->nodata++;
	else if (got % BLOCK)
		wrong(user, "%ld bytes", got);
	else
		check_blocks(user, start, got / BLOCK);
}

static void run_direct(struct user *user)
{
	int fd = open_or_die(node, O_RDONLY | O_DIRECT);

	while (!is_done())
		read_here_and_there(user, fd, ENODATA);
}

static void run_buffered(struct user *user)
{
	int fd = open_or_die(node, O_RDONLY);

	while (!is_done()) {
		read_here_and_there(user, fd, EIO);
		if (!(random() % 4))
			posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	}
}

/* What it was told it has lost is what it will not read. */
static uint64_t overrun(struct user *user, int fd, uint64_t at,
			uint64_t lost)
{
	struct vde_ioc_stream_status status;

	ask(fd, &status);
	if (status.position <= at || status.overrun - lost !=
	    status.position - at)
		wrong(user, "at %llu, told of %llu lost, now at %llu", (LLU)at,
		      (LLU)(status.overrun - lost), (LLU)status.position);
	user->nodata++;
	return status.position;
}

static void run_call(struct user *user)
{
	int fd = open_or_die(character, O_RDONLY | O_NONBLOCK);
	struct vde_ioc_stream_status status;
	uint64_t at, lost = 0, next;
	long got;

	ask(fd, &status);
	at = status.position;
	while (!is_done()) {
		got = read(fd, buf, (1 + random() % READ_BLOCKS) * BLOCK);
		if (got > 0) {
			check_blocks(user, at, got / BLOCK);
			at += got / BLOCK;
		} else if (errno == ENODATA) {
			next = overrun(user, fd, at, lost);
			lost += next - at;
			at = next;
		} else if (errno == EAGAIN) {
			pause_us(1000);
		} else {
			wrong(user, "%s", errno_name(errno));
		}
		if (!(random() % 32))
			pause_us(random() % 30000);
	}
	ask(fd, &status);
	if (status.position != at || status.overrun != lost)
		wrong(user, "at %llu, lost %llu; it says %llu, %llu", (LLU)at,
		      (LLU)lost, (LLU)status.position, (LLU)status.overrun);
}

static void run_consumer(struct user *user)
{
	int fd = open_or_die(character, O_RDWR);

	while (!is_done()) {
		struct vde_ioc_stream_consume consume = {
			.size = sizeof(consume),
			.flags = VDE_IOC_STREAM_COUNT,
		};
		struct vde_ioc_stream_status status;

		/* A part of what is there: the readers want some, too */
		ask(fd, &status);
		consume.position = random() %
				   ((status.head - status.tail) / 4 + 2);
		if (ioctl(fd, VDE_IOC_STREAM_CONSUME, &consume))
			wrong(user, "%s", errno_name(errno));
		user->consumed += consume.consumed;
		__atomic_store_n(&shared->consumed,
				 status.tail + consume.consumed,
				 __ATOMIC_RELAXED);
		pause_us(random() % 5000);
	}
}

static void start(struct user *user, const char *name)
{
	static const struct {
		const char *name;
		void (*run)(struct user *user);
	} ways[] = {
		{ "direct", run_direct },
		{ "buffered", run_buffered },
		{ "call", run_call },
		{ "consumer", run_consumer },
	};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(name, ways[i].name))
			continue;
		user->name = name;
		if (fork())
			return;
		srandom(seed + (user - shared->users) * 1000);
		ways[i].run(user);
		_exit(0);
	}
	fprintf(stderr, "ringrace: nobody called '%s'\n", name);
	exit(2);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* How fast the disk and the readers are is not known beforehand. */
static bool some_in_time_some_not(void)
{
	uint64_t data = 0, nodata = 0;
	struct user *user;

	for (user = shared->users; user->name; user++) {
		data += __atomic_load_n(&user->data, __ATOMIC_RELAXED);
		nodata += __atomic_load_n(&user->nodata, __ATOMIC_RELAXED);
	}
	return data && nodata;
}

static bool goes_on(double since, double duration)
{
	double passed = seconds() - since;

	return passed < duration ||
	       (passed < PATIENCE_SECONDS && !some_in_time_some_not());
}

static void write_for(double duration)
{
	int calls = open_or_die(character, O_RDWR);
	int blocks = open_or_die(node, O_RDWR | O_DIRECT);
	double since = seconds();
	uint64_t head = 0, count;
	long got;

	while (goes_on(since, duration)) {
		count = 1 + random() % (random() % 8 ? 4 : WRITE_BLOCKS);
		if (count > capacity)
			count = capacity;
		pattern_fill(buf, head, count, seed);
		if (random() % 2)
			got = write(calls, buf, count * BLOCK);
		else
			got = pwrite(blocks, buf, count * BLOCK, head * BLOCK);
		if (got != (long)(count * BLOCK))
			die("write");
		head += count;
		__atomic_store_n(&shared->head, head, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&shared->done, 1, __ATOMIC_RELEASE);
}

/* Losses and what was consumed are what lies before the tail. */
static void report(bool ok)
{
	int fd = open_or_die(character, O_RDONLY);
	struct vde_ioc_stream_status status;
	uint64_t consumed = 0;
	struct user *user;

	ask(fd, &status);
	printf("laps=%llu", (LLU)(status.head / capacity));
	for (user = shared->users; user->name; user++) {
		consumed += user->consumed;
		printf(" %s: data=%llu nodata=%llu%s%s", user->name,
		       (LLU)user->data, (LLU)user->nodata,
		       *user->wrong ? " " : "", user->wrong);
		ok = ok && !*user->wrong;
	}
	if (status.lost + consumed != status.tail) {
		printf(" lost=%llu consumed=%llu tail=%llu", (LLU)status.lost,
		       (LLU)consumed, (LLU)status.tail);
		ok = false;
	}
	puts(ok ? " OK" : " WRONG");
}

int main(int argc, char **argv)
{
	struct vde_ioc_stream_status status;
	bool ok = true;
	int i, ended;

	if (argc < 6 || argc > 4 + MAX_WHO) {
		fputs("usage: ringrace NODE CHAR SECONDS SEED WHO...; see ringrace.c\n",
		      stderr);
		return 2;
	}
	node = argv[1];
	character = argv[2];
	seed = strtoull(argv[4], NULL, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	buf = buffer_alloc(READ_BLOCKS * BLOCK);
	ask(open_or_die(character, O_RDONLY), &status);
	capacity = status.capacity;
	for (i = 5; i < argc; i++)
		start(&shared->users[i - 5], argv[i]);
	srandom(seed);
	write_for(strtod(argv[3], NULL));
	while (wait(&ended) > 0) {
		if (ended)
			printf("somebody ended with %#x; ", ended);
		ok = ok && !ended;
	}
	report(ok);
	return 0;
}

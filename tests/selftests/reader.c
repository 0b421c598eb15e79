// SPDX-License-Identifier: GPL-2.0-only
/*
 * reader DEVICE HOW FROM COUNT SEED: reads blocks FROM.. directly, in one of
 * these ways, and compares them with the pattern of SEED.
 *
 *	singly		one by one; prints each that is not as it should be, as
 *			BLOCK:ERRNO or BLOCK:DIFFERS, in one line; OK if there
 *			is none
 *	ragged		up to 1 MiB at once, into pieces of some blocks each at
 *			addresses that are multiples of 512, so that blocks
 *			straddle pages; prints OK or what went wrong
 *	restless	in 512 KiB reads whose buffer changes all the time, so
 *			that only errors count; prints OK or the first one
 *	follow		here and there up to the blocks that are being appended,
 *			until SIGTERM; what has once been there must stay.
 *			Prints "reads=N" and OK or what went wrong
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define RAGGED_BLOCKS 256U
#define RESTLESS_BLOCKS 128U
#define FOLLOW_BLOCKS 300U
#define SECTOR 512U

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static int random_below(int limit)
{
	return random() % limit;
}

/* NULL if all is well */
static const char *judge(long got, const void *buf, uint64_t block,
			 uint64_t count, uint64_t seed)
{
	uint64_t i;

	if (got < 0)
		return errno_name(errno);
	if (got != (long)(count * BLOCK))
		return "SHORT";
	for (i = 0; i < count; i++)
		if (!pattern_matches(buf + i * BLOCK, block + i, seed))
			return "DIFFERS";
	return NULL;
}

static void singly(int fd, uint64_t from, uint64_t count, uint64_t seed)
{
	void *buf = buffer_alloc(BLOCK);
	const char *wrong;
	bool ok = true;
	uint64_t n;
	long got;

	for (n = from; n < from + count; n++) {
		got = pread(fd, buf, BLOCK, n * BLOCK);
		wrong = judge(got, buf, n, 1, seed);
		if (wrong)
			printf("%llu:%s ", (unsigned long long)n, wrong);
		ok = ok && !wrong;
	}
	puts(ok ? "OK" : "");
}

/* Pieces of @bytes in a buffer of twice the size, with gaps between them. */
static int scatter(struct iovec *vec, void *buf, size_t bytes)
{
	size_t left = bytes;
	int pieces = 0;

	while (left) {
		size_t len = BLOCK * (1 + random_below(12));

		if (len > left)
			len = left;
		buf += SECTOR * random_below(8);
		vec[pieces].iov_base = buf;
		vec[pieces++].iov_len = len;
		buf += len;
		left -= len;
	}
	return pieces;
}

static void gather(void *to, const struct iovec *vec, int pieces)
{
	int i;

	for (i = 0; i < pieces; i++) {
		memcpy(to, vec[i].iov_base, vec[i].iov_len);
		to += vec[i].iov_len;
	}
}

static void ragged(int fd, uint64_t from, uint64_t count, uint64_t seed)
{
	void *pieces_buf = buffer_alloc(RAGGED_BLOCKS * BLOCK * 2);
	void *buf = buffer_alloc(RAGGED_BLOCKS * BLOCK);
	struct iovec vec[RAGGED_BLOCKS];
	const char *wrong = NULL;
	uint64_t done, step;
	int pieces;
	long got;

	for (done = 0; done < count && !wrong; done += step) {
		step = 1 + random_below(RAGGED_BLOCKS);
		if (step > count - done)
			step = count - done;
		pieces = scatter(vec, pieces_buf, step * BLOCK);
		got = preadv(fd, vec, pieces, (from + done) * BLOCK);
		gather(buf, vec, pieces);
		wrong = judge(got, buf, from + done, step, seed);
	}
	puts(wrong ? wrong : "OK");
}

static void restless(int fd, uint64_t from, uint64_t count, uint64_t seed)
{
	uint64_t *words = buffer_alloc(RESTLESS_BLOCKS * BLOCK);
	aio_context_t context = aio_begin(1);
	struct io_event event;
	struct iocb cb, *cbs = &cb;
	uint64_t done, i;
	int ret;

	(void)seed;
	for (done = 0; done + RESTLESS_BLOCKS <= count;
	     done += RESTLESS_BLOCKS) {
		aio_write(&cb, fd, words, from + done, RESTLESS_BLOCKS);
		cb.aio_lio_opcode = IOCB_CMD_PREAD;
		ret = aio_submit(context, &cbs, 1);
		while (!ret) {
			for (i = 0; i < RESTLESS_BLOCKS * BLOCK / 8; i += 61)
				words[i]++;
			ret = aio_poll(context, &event);
		}
		if (ret > 0)
			ret = event.res;
		if (ret != (int)(RESTLESS_BLOCKS * BLOCK)) {
			puts(ret < 0 ? errno_name(-ret) : "SHORT");
			return;
		}
	}
	puts("OK");
}

/* Zeros are what is not sealed yet; @front is where that may begin. */
static const char *judge_growing(const void *buf, uint64_t block,
				 uint64_t count, uint64_t seed,
				 uint64_t *front)
{
	static const char zeros[BLOCK];
	uint64_t i;

	for (i = 0; i < count; i++) {
		const void *data = buf + i * BLOCK;

		if (pattern_matches(data, block + i, seed)) {
			if (block + i >= *front)
				*front = block + i + 1;
			continue;
		}
		if (block + i < *front || memcmp(data, zeros, BLOCK))
			return "DIFFERS";
	}
	return NULL;
}

static void follow(int fd, uint64_t from, uint64_t count, uint64_t seed)
{
	void *buf = buffer_alloc(FOLLOW_BLOCKS * BLOCK);
	unsigned long long reads = 0;
	const char *wrong = NULL;
	uint64_t front = from;

	while (!stop && !wrong) {
		uint64_t step = 1 + random_below(FOLLOW_BLOCKS);
		/* Mostly near the front, sometimes far behind it */
		uint64_t back = random_below(4) ? 2 * FOLLOW_BLOCKS :
				front - from + 1;
		uint64_t block = from, last = from + count - step;
		long got;

		if (front > from + back)
			block = front - back;
		block += random_below(back + 1);
		if (block > last)
			block = last;
		got = pread(fd, buf, step * BLOCK, block * BLOCK);
		if (got != (long)(step * BLOCK))
			wrong = got < 0 ? errno_name(errno) : "SHORT";
		else
			wrong = judge_growing(buf, block, step, seed, &front);
		reads++;
	}
	printf("reads=%llu %s\n", reads, wrong ? wrong : "OK");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(int fd, uint64_t from, uint64_t count,
			    uint64_t seed);
	} ways[] = {
		{ "singly", singly },
		{ "ragged", ragged },
		{ "restless", restless },
		{ "follow", follow },
	};
	struct sigaction action = { .sa_handler = on_term };
	size_t i;
	int fd;

	for (i = 0; argc == 6 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[2], ways[i].name))
			continue;
		fd = open(argv[1], O_RDONLY | O_DIRECT);
		if (fd < 0) {
			perror(argv[1]);
			return 2;
		}
		sigaction(SIGTERM, &action, NULL);
		srandom(getpid());
		ways[i].run(fd, strtoull(argv[3], NULL, 0),
			    strtoull(argv[4], NULL, 0),
			    strtoull(argv[5], NULL, 0));
		return 0;
	}
	fputs("usage: reader DEVICE HOW FROM COUNT SEED; see reader.c\n",
	      stderr);
	return 2;
}

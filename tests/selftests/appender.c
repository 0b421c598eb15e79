// SPDX-License-Identifier: GPL-2.0-only
/*
 * appender DEVICE START COUNT SEED SIZE DEPTH [retry]: appends blocks START..
 * (COUNT at most) with DEPTH writes of SIZE blocks in flight, until all are
 * written or SIGTERM asks for an end. Then it prints one line:
 *
 *	acked=BLOCKS eio=WRITES other=ERRNO [hole]
 *
 * BLOCKS were acknowledged from START on without a gap, WRITES failed with
 * EIO, ERRNO is another error that occurred, or OK. "hole" means that a write
 * was acknowledged although one before it had failed.
 *
 * With "retry" it goes on after EIO where the first failed write was; without,
 * any error ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pattern.h"

#define MAX_DEPTH 256U

struct write {
	struct iocb cb;
	void *buf;
	bool flying;
	bool done;
	long result;
};

struct appender {
	int fd;
	uint64_t start, count, seed, size;
	unsigned int depth;
	bool retry;
	aio_context_t context;
	struct write writes[MAX_DEPTH];	/* write n is writes[n % depth] */
	uint64_t next, acked;		/* in writes of size blocks */
	bool failed, hole;
	uint64_t eio;
	int other;
};

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static struct iocb *prepare_next(struct appender *a)
{
	struct write *w = &a->writes[a->next % a->depth];
	uint64_t block = a->start + a->next * a->size;

	pattern_fill(w->buf, block, a->size, a->seed);
	aio_write(&w->cb, a->fd, w->buf, block, a->size);
	w->cb.aio_data = a->next;
	w->flying = true;
	w->done = false;
	a->next++;
	return &w->cb;
}

/* Refused before it was on its way: a result like others; @unsent are behind it. */
static void refuse(struct appender *a, struct iocb *cb, unsigned int unsent,
		   long result)
{
	struct write *w = &a->writes[cb->aio_data % a->depth];

	for (; unsent; unsent--)
		a->writes[--a->next % a->depth].flying = false;
	w->flying = false;
	w->done = true;
	w->result = result;
	a->failed = true;
}

/* All that may be in flight, in as few calls as it takes. */
static void submit_more(struct appender *a)
{
	struct iocb *cbs[MAX_DEPTH];
	unsigned int count = 0, sent = 0;
	long ret;

	while (a->next < a->count / a->size && a->next - a->acked < a->depth)
		cbs[count++] = prepare_next(a);
	while (sent < count) {
		ret = aio_submit_some(a->context, cbs + sent, count - sent);
		if (ret < 0) {
			refuse(a, cbs[sent], count - sent - 1, ret);
			return;
		}
		sent += ret;
	}
}

/* Count what has ended, in order. */
static void advance(struct appender *a)
{
	struct write *w;

	while (a->acked < a->next) {
		w = &a->writes[a->acked % a->depth];
		if (!w->done || w->result != (long)(a->size * BLOCK))
			return;
		w->done = false;
		a->acked++;
	}
}

static bool any(const struct appender *a, bool flying)
{
	unsigned int i;

	for (i = 0; i < a->depth; i++)
		if (flying ? a->writes[i].flying : a->writes[i].done)
			return true;
	return false;
}

static void reap(struct appender *a)
{
	struct io_event events[MAX_DEPTH];
	int ret = aio_reap(a->context, events, a->depth);
	int i;

	if (ret < 0) {
		fprintf(stderr, "io_getevents: %s\n", strerror(-ret));
		exit(2);
	}
	for (i = 0; i < ret; i++) {
		struct write *w = &a->writes[events[i].data % a->depth];

		w->flying = false;
		w->done = true;
		w->result = events[i].res;
		if (w->result != (long)(a->size * BLOCK))
			a->failed = true;
	}
	advance(a);
}

/* Everything has ended and something failed: count, forget, go back. */
static void settle(struct appender *a)
{
	unsigned int i;

	for (i = 0; i < a->depth; i++) {
		struct write *w = &a->writes[i];

		if (!w->done)
			continue;
		w->done = false;
		if (w->result == (long)(a->size * BLOCK))
			a->hole = true;
		else if (w->result == -EIO)
			a->eio++;
		else
			a->other = w->result < 0 ? -w->result : EMSGSIZE;
	}
	a->next = a->acked;
	a->failed = false;
}

static void run(struct appender *a)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	uint64_t total = a->count / a->size;

	for (;;) {
		if (!stop && !a->failed)
			submit_more(a);
		if (any(a, true)) {
			reap(a);
			continue;
		}
		if (any(a, false)) {
			settle(a);
			if (!a->retry || a->other || a->hole)
				return;
			/* The device may stay like this for a while. */
			nanosleep(&moment, NULL);
		}
		if (stop || a->next == total)
			return;
	}
}

static void parse(struct appender *a, char **argv)
{
	a->start = strtoull(argv[2], NULL, 0);
	a->count = strtoull(argv[3], NULL, 0);
	a->seed = strtoull(argv[4], NULL, 0);
	a->size = strtoull(argv[5], NULL, 0);
	a->depth = strtoul(argv[6], NULL, 0);
	if (!a->size || !a->depth || a->depth > MAX_DEPTH) {
		fputs("appender: SIZE or DEPTH out of range\n", stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct appender a;
	struct sigaction action = { .sa_handler = on_term };
	unsigned int i;

	if (argc < 7) {
		fputs("usage: appender DEVICE START COUNT SEED SIZE DEPTH [retry]\n",
		      stderr);
		return 2;
	}
	parse(&a, argv);
	a.retry = argc > 7 && !strcmp(argv[7], "retry");
	a.fd = open(argv[1], O_WRONLY | O_DIRECT);
	if (a.fd < 0) {
		perror(argv[1]);
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	a.context = aio_begin(a.depth);
	for (i = 0; i < a.depth; i++)
		a.writes[i].buf = buffer_alloc(a.size * BLOCK);
	run(&a);
	printf("acked=%llu eio=%llu other=%s%s\n",
	       (unsigned long long)(a.acked * a.size),
	       (unsigned long long)a.eio, errno_name(a.other),
	       a.hole ? " hole" : "");
	return 0;
}

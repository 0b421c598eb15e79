// SPDX-License-Identifier: GPL-2.0-only
/*
 * crash-writer DEVICE JOURNAL [OPTION=N]...: checks that the WORM device or
 * stream DEVICE holds what JOURNAL says it was promised to hold, and then
 * appends, many writes at a time, until the device is full or fails, noting in
 * JOURNAL what each completed fsync covers. Options:
 *	blocks=N  stop after N blocks, with a last fsync; 0 only checks
 *	depth=N   writes in flight (default 16)
 *	size=N    largest write in blocks (default 64; sizes are random)
 *	fsync=N   one operation in N is an fsync or fdatasync (default 24; 0 never)
 *	dsync=N   one write in N is RWF_DSYNC (default 8; 0 never)
 *	first=N   size of the first write (default 1); it is made alone and followed
 *	          by an fsync, so that a durable line of this run in JOURNAL
 *	          tells that appending goes on
 *	consume=N of a stream: one operation in N gives up blocks (default 0:
 *		  never, unless it stops when it is full)
 *	keep=N	  of a stream: so many blocks must be there, once they were (default
 *		  0), unless they were consumed
 *	seed=N    for the choices (default 0)
 * Prints what is broken, or "start=N acked=N durable=N error=ERRNO" (blocks) and,
 * if so, first_failed=N: where the first failed write began. Exit status:
 *	0  all was appended
 *	1  a promise was broken
 *	2  an error of the test itself
 *	3  the device failed
 *	4  a write was acknowledged beyond one that failed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "content.h"
#include "device.h"
#include "journal.h"
#include "verify.h"

#define NONE UINT64_MAX
#define MAX_DEPTH 256

struct slot {
	struct iocb iocb;
	uint64_t start;
	uint64_t blocks;
	int busy;
	char *buf;
};

static struct writer {
	uint64_t blocks;
	uint64_t depth;
	uint64_t size;
	uint64_t fsync;
	uint64_t dsync;
	uint64_t first;
	uint64_t consume;
	uint64_t keep;
	uint64_t seed;
	struct device device;
	struct journal journal;
	uint64_t epoch;
	aio_context_t aio;
	struct slot slots[MAX_DEPTH];
	unsigned int busy;
	uint64_t random;
	uint64_t next;
	uint64_t end;
	uint64_t acked;
	uint64_t given;
	uint64_t first_failed;
	int error;
	int disorder;
} writer = {
	.blocks = NONE, .depth = 16, .size = 64, .fsync = 24, .dsync = 8,
	.first = 1,
	.first_failed = NONE,
};

static void fatal(const char *what)
{
	perror(what);
	exit(2);
}

static int one_in(uint64_t n)
{
	return n && !(content_random(&writer.random) % n);
}

static void note_failure(int error)
{
	if (!writer.error)
		writer.error = error;
}

/* The device has answered a write. */
static void answered(struct slot *slot, int64_t result)
{
	uint64_t end = slot->start + slot->blocks;
	int durable = slot->iocb.aio_rw_flags & RWF_DSYNC;

	slot->busy = 0;
	writer.busy--;
	if (result != (int64_t)(slot->blocks * BLOCK_BYTES)) {
		note_failure(result < 0 ? -result : EIO);
		/* A durable write may be in place and only its commit fail. */
		if (!durable && slot->start < writer.first_failed)
			writer.first_failed = slot->start;
		return;
	}
	if (slot->start > writer.first_failed)
		writer.disorder = 1;
	if (end > writer.acked)
		writer.acked = end;
	if (durable)
		journal_durable(&writer.journal, end);
}

/* Wait for at least @least answers. */
static void reap(unsigned int least)
{
	struct io_event events[MAX_DEPTH];
	long got, i;

	do {
		got = syscall(SYS_io_getevents, writer.aio, least, MAX_DEPTH,
			      events, NULL);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		fatal("io_getevents");
	for (i = 0; i < got; i++)
		answered((struct slot *)(uintptr_t)events[i].data,
			 events[i].res);
}

static void reap_all(void)
{
	while (writer.busy)
		reap(writer.busy);
}

static struct slot *free_slot(void)
{
	unsigned int i;

	if (writer.busy == writer.depth)
		reap(1);
	for (i = 0; writer.slots[i].busy; i++)
		;
	return &writer.slots[i];
}

/* Mostly small, at times as large as allowed. */
static uint64_t random_size(void)
{
	uint64_t limit = one_in(4) ? writer.size : 1 + writer.size / 8;
	uint64_t blocks = 1 + content_random(&writer.random) % limit;

	return blocks < writer.end - writer.next ?
	       blocks : writer.end - writer.next;
}

static void consume_to(uint64_t position)
{
	journal_consuming(&writer.journal, position);
	if (device_consume(&writer.device, position))
		note_failure(errno);
	else if (position > writer.given)
		writer.given = position;
}

/* Up to any position of what has been acknowledged, not too far back. */
static void consume(void)
{
	uint64_t back = content_random(&writer.random) %
			writer.device.capacity;

	consume_to(back < writer.acked ? writer.acked - back : 0);
}

/* A stream that stops needs room; only what is acknowledged can be given up. */
static void make_room(uint64_t blocks)
{
	uint64_t need = writer.next + blocks;

	if (!writer.device.stops ||
	    need - writer.device.tail <= writer.device.capacity)
		return;
	reap_all();
	need -= writer.device.capacity;
	need += content_random(&writer.random) % writer.device.capacity;
	consume_to(need < writer.acked ? need : writer.acked);
}

static void submit(uint64_t blocks)
{
	struct slot *slot = free_slot();
	struct iocb *iocb = &slot->iocb;
	uint64_t i;

	slot->start = writer.next;
	slot->blocks = blocks;
	for (i = 0; i < slot->blocks; i++)
		content_fill(slot->buf + i * BLOCK_BYTES, slot->start + i,
			     writer.epoch);
	memset(iocb, 0, sizeof(*iocb));
	iocb->aio_data = (uintptr_t)slot;
	iocb->aio_lio_opcode = IOCB_CMD_PWRITE;
	iocb->aio_fildes = writer.device.fd;
	iocb->aio_buf = (uintptr_t)slot->buf;
	iocb->aio_nbytes = slot->blocks * BLOCK_BYTES;
	iocb->aio_offset = slot->start * BLOCK_BYTES;
	iocb->aio_rw_flags = one_in(writer.dsync) ? RWF_DSYNC : 0;
	writer.next += slot->blocks;
	slot->busy = 1;
	writer.busy++;
	if (syscall(SYS_io_submit, writer.aio, 1, &iocb) != 1)
		answered(slot, -errno);
}

/* While writes are in flight: it covers those that have been acknowledged. */
static void sync_device(void)
{
	uint64_t covered = writer.acked;
	uint64_t given = writer.given;
	int err;

	err = one_in(2) ? fsync(writer.device.fd) : fdatasync(writer.device.fd);
	if (err) {
		note_failure(errno);
		return;
	}
	journal_durable(&writer.journal, covered);
	journal_consumed(&writer.journal, given);
}

static void one_operation(void)
{
	uint64_t blocks;

	if (one_in(writer.fsync)) {
		sync_device();
	} else if (one_in(writer.consume)) {
		consume();
	} else {
		blocks = random_size();
		make_room(blocks);
		if (!writer.error)
			submit(blocks);
	}
}

static void prepare(void)
{
	uint64_t start = writer.device.hwm;
	unsigned int i;

	writer.next = start;
	writer.acked = start;
	writer.end = writer.blocks < writer.device.blocks - start ?
		     start + writer.blocks : writer.device.blocks;
	writer.epoch = journal_begin(&writer.journal, start);
	writer.random = writer.seed ^ writer.epoch << 32;
	if (syscall(SYS_io_setup, MAX_DEPTH, &writer.aio))
		fatal("io_setup");
	for (i = 0; i < writer.depth; i++) {
		writer.slots[i].buf = aligned_alloc(BLOCK_BYTES,
						    writer.size * BLOCK_BYTES);
		if (!writer.slots[i].buf)
			fatal("memory");
	}
}

static void run(void)
{
	uint64_t left = writer.end - writer.next;

	make_room(writer.first);
	submit(writer.first < left ? writer.first : left);
	reap_all();
	sync_device();
	while (!writer.error && writer.next < writer.end)
		one_operation();
	reap_all();
	if (!writer.error)
		sync_device();
}

static int report(void)
{
	printf("start=%" PRIu64 " acked=%" PRIu64 " durable=%" PRIu64
	       " error=%s", writer.device.hwm, writer.acked,
	       writer.journal.durable,
	       writer.error ? strerrorname_np(writer.error) : "0");
	if (writer.first_failed != NONE)
		printf(" first_failed=%" PRIu64, writer.first_failed);
	printf("\n");
	if (writer.disorder)
		return 4;
	return writer.error ? 3 : 0;
}

static int parse_option(const char *arg)
{
	static const struct {
		const char *format;
		uint64_t *value;
	} options[] = {
		{ "blocks=%" SCNu64 "%c", &writer.blocks },
		{ "depth=%" SCNu64 "%c", &writer.depth },
		{ "size=%" SCNu64 "%c", &writer.size },
		{ "fsync=%" SCNu64 "%c", &writer.fsync },
		{ "dsync=%" SCNu64 "%c", &writer.dsync },
		{ "first=%" SCNu64 "%c", &writer.first },
		{ "consume=%" SCNu64 "%c", &writer.consume },
		{ "keep=%" SCNu64 "%c", &writer.keep },
		{ "seed=%" SCNu64 "%c", &writer.seed },
	};
	unsigned int i;
	char rest;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (sscanf(arg, options[i].format, options[i].value, &rest) == 1)
			return 0;
	return -1;
}

static void parse(int argc, char **argv)
{
	int i, err = argc < 3;

	for (i = 3; i < argc; i++)
		err |= parse_option(argv[i]);
	if (err || !writer.depth || writer.depth > MAX_DEPTH || !writer.size ||
	    writer.first > writer.size) {
		fprintf(stderr, "usage: crash-writer DEVICE JOURNAL [OPTION=N]...\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	if (device_open(&writer.device, argv[1]) ||
	    journal_open(&writer.journal, argv[2]))
		return 2;
	if (verify(&writer.device, &writer.journal, writer.keep))
		return 1;
	if (writer.blocks) {
		prepare();
		run();
	}
	return report();
}

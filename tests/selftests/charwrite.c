// SPDX-License-Identifier: GPL-2.0-only
/* vdechar: appending, and looking at what was appended. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"
#include "vdechar.h"

static uint64_t blocks_of(uint64_t length)
{
	return (length + BLOCK - 1) / BLOCK;
}

/* Bytes that depend on the seed and on their place */
static void *payload(uint64_t length, uint64_t seed)
{
	uint64_t blocks = blocks_of(length) + !length;
	void *buf = buffer_alloc(blocks * BLOCK);

	pattern_fill(buf, 0, blocks, seed);
	return buf;
}

static void drop(void *buf, uint64_t length)
{
	munmap(buf, (blocks_of(length) + !length) * BLOCK);
}

static void do_write(struct sealed *sealed, const uint64_t *arg, int count)
{
	void *buf = payload(arg[0], arg[1]);

	(void)count;
	answer_number(write(sealed->device, buf, arg[0]));
	drop(buf, arg[0]);
}

static void do_dsync(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct iovec vec = { payload(arg[0], arg[1]), arg[0] };

	(void)count;
	answer_number(pwritev2(sealed->device, &vec, 1, -1, RWF_DSYNC));
	drop(vec.iov_base, arg[0]);
}

/* One string of bytes in pieces, which lie apart */
static void do_writev(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct iovec vec[MAX_ARGS];
	uint64_t total = 0, at = 0;
	char *whole;
	int i;

	for (i = 1; i < count; i++)
		total += arg[i];
	whole = payload(total, arg[0]);
	for (i = 1; i < count; i++) {
		char *piece = buffer_alloc(arg[i] + 100);

		vec[i - 1].iov_base = piece + i * 7 % 100;
		vec[i - 1].iov_len = arg[i];
		memcpy(vec[i - 1].iov_base, whole + at, arg[i]);
		at += arg[i];
	}
	answer_number(writev(sealed->device, vec, count - 1));
}

/* Through a pipe, as full as it gets */
static void do_splice(struct sealed *sealed, const uint64_t *arg, int count)
{
	char *buf = payload(arg[0], arg[1]);
	uint64_t filled = 0, done = 0;
	int ends[2];
	ssize_t got;

	(void)count;
	if (pipe2(ends, O_NONBLOCK)) {
		answer(-1);
		return;
	}
	while (done < arg[0]) {
		got = write(ends[1], buf + filled, arg[0] - filled);
		filled += got > 0 ? got : 0;
		got = splice(ends[0], NULL, sealed->device, NULL,
			     filled - done, 0);
		if (got <= 0)
			break;
		done += got;
	}
	answer_number(done < arg[0] ? got : (long)done);
	close(ends[0]);
	close(ends[1]);
	drop(buf, arg[0]);
}

static void do_sendfile(struct sealed *sealed, const uint64_t *arg, int count)
{
	char *buf = payload(arg[0], arg[1]);
	int file = memfd_create("payload", 0);
	uint64_t done = 0;
	off_t from = 0;
	ssize_t got = 0;

	(void)count;
	if (write(file, buf, arg[0]) != (ssize_t)arg[0]) {
		answer(-1);
		return;
	}
	while (done < arg[0]) {
		got = sendfile(sealed->device, file, &from, arg[0] - done);
		if (got <= 0)
			break;
		done += got;
	}
	answer_number(done < arg[0] ? got : (long)done);
	close(file);
	drop(buf, arg[0]);
}

static int append(int fd, const void *data, uint64_t length, uint32_t flags,
		  struct vde_ioc_append *append)
{
	*append = (struct vde_ioc_append){
		.size = sizeof(*append),
		.flags = flags,
		.data = (uintptr_t)data,
		.length = length,
	};
	return ioctl(fd, VDE_IOC_APPEND, append);
}

static void answer_append(int got, const struct vde_ioc_append *done)
{
	if (got)
		answer(got);
	else
		printf("%llu+%llu\n", (unsigned long long)done->block,
		       (unsigned long long)done->blocks);
}

static void do_append(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t length = arg[0] > VDE_IOC_APPEND_MAX ? 1 : arg[0];
	void *buf = payload(length, arg[1]);
	struct vde_ioc_append done;

	(void)count;
	answer_append(append(sealed->device, buf, arg[0], arg[2], &done),
		      &done);
	drop(buf, length);
}

/* Memory of which the first bytes are there and the rest is not */
static char *half_buffer(uint64_t there, uint64_t seed)
{
	uint64_t blocks = blocks_of(there) + 1;
	char *buf = buffer_alloc(blocks * BLOCK);
	char *whole = payload(there, seed);
	char *end = buf + (blocks - 1) * BLOCK;

	memcpy(end - there, whole, there);
	mprotect(end, BLOCK, PROT_NONE);
	drop(whole, there);
	return end - there;
}

static void do_halfwrite(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	answer_number(write(sealed->device, half_buffer(arg[0], 1),
			    arg[0] + arg[1]));
}

static void do_halfwritev(struct sealed *sealed, const uint64_t *arg,
			  int count)
{
	struct iovec vec[2] = {
		{ payload(arg[0], 1), arg[0] },
		{ half_buffer(0, 1), arg[1] },
	};

	(void)count;
	answer_number(writev(sealed->device, vec, 2));
}

static void do_halfappend(struct sealed *sealed, const uint64_t *arg,
			  int count)
{
	struct vde_ioc_append done;

	(void)count;
	answer_append(append(sealed->device, half_buffer(arg[0], 1),
			     arg[0] + arg[1], 0, &done), &done);
}

/* Appends until one fails */
static void do_forever(struct sealed *sealed, const uint64_t *arg, int count)
{
	void *buf = payload(arg[0], arg[1]);

	(void)count;
	while (write(sealed->device, buf, arg[0]) == (ssize_t)arg[0])
		;
	answer(-1);
}

static void do_lengths(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t length;

	(void)count;
	for (length = arg[0]; length <= arg[1]; length++) {
		void *buf = payload(length, length);

		if (write(sealed->device, buf, length) != (ssize_t)length) {
			printf("%s at length %llu\n", errno_name(errno),
			       (unsigned long long)length);
			return;
		}
		drop(buf, length);
	}
	answer(0);
}

static void answer_phrase(const char *wrong)
{
	puts(wrong ? wrong : "OK");
}

static void do_holds(struct sealed *sealed, const uint64_t *arg, int count)
{
	void *buf = payload(arg[1], arg[2]);

	(void)count;
	answer_phrase(sealed_differs(sealed, arg[0], buf, arg[1]));
	drop(buf, arg[1]);
}

/* Each append of do_lengths(), the first of them at a block */
static void do_holds_lengths(struct sealed *sealed, const uint64_t *arg,
			     int count)
{
	const char *wrong = NULL;
	uint64_t block = arg[0];
	uint64_t length;

	(void)count;
	for (length = arg[1]; length <= arg[2] && !wrong; length++) {
		void *buf = payload(length, length);

		wrong = sealed_differs(sealed, block, buf, length);
		block += blocks_of(length);
		drop(buf, length);
	}
	answer_phrase(wrong);
}

/* A string of bytes that was cut into appends at any place */
static void do_holds_pieces(struct sealed *sealed, const uint64_t *arg,
			    int count)
{
	char *buf = payload(arg[1], arg[2]);
	struct vde_ioc_record record;
	const char *wrong = NULL;
	uint64_t at = 0, block;

	(void)count;
	for (block = arg[0]; at < arg[1] && !wrong; block++) {
		record = (struct vde_ioc_record){
			.size = sizeof(record),
			.index = block,
		};
		if (ioctl(sealed->device, VDE_IOC_RECORD, &record)) {
			answer(-1);
			return;
		}
		if (record.length > arg[1] - at)
			wrong = "more bytes than there were";
		else
			wrong = sealed_differs(sealed, block, buf + at,
					       record.length);
		at += record.length;
	}
	answer_phrase(wrong);
	drop(buf, arg[1]);
}

/* A mapping of the node that has shown zeros must show what is appended */
static void do_mapped(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t blocks = blocks_of(arg[0]), block = sealed_hwm(sealed), i;
	int node = open(sealed->path, O_RDONLY | O_CLOEXEC);
	char *map = mmap(NULL, blocks * BLOCK, PROT_READ, MAP_SHARED, node,
			 block * BLOCK);
	char *buf = payload(arg[0], arg[1]);
	bool zero = true;

	(void)count;
	if (map == MAP_FAILED) {
		answer(-1);
		return;
	}
	for (i = 0; i < blocks * BLOCK; i++)
		zero = zero && !map[i];
	if (!zero)
		puts("not zero");
	else if (write(sealed->device, buf, arg[0]) != (ssize_t)arg[0])
		answer(-1);
	else
		puts(memcmp(map, buf, arg[0]) ? "stale" : "OK");
	munmap(map, blocks * BLOCK);
	close(node);
	drop(buf, arg[0]);
}

/* The payload is read through the node when write(2) touches it */
/* A private copy of the node from block 32 on, which nobody has read yet */
static void do_intonode(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t bytes = blocks_of(arg[0]) * BLOCK;
	int node = open(sealed->path, O_RDONLY | O_CLOEXEC);
	char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, node,
			 32 * BLOCK);

	(void)count;
	if (map == MAP_FAILED) {
		answer(-1);
		return;
	}
	answer_number(read(sealed->device, map, arg[0]));
	munmap(map, bytes);
	close(node);
}

static void do_fromnode(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t blocks = blocks_of(arg[0]);
	int node = open(sealed->path, O_RDONLY | O_CLOEXEC);
	char *map = mmap(NULL, blocks * BLOCK, PROT_READ, MAP_SHARED, node, 0);

	(void)count;
	if (map == MAP_FAILED) {
		answer(-1);
		return;
	}
	answer_number(write(sealed->device, map, arg[0]));
	munmap(map, blocks * BLOCK);
	close(node);
}

const struct operation char_writes[] = {
	{ "write", 2, 2, do_write },
	{ "dsync", 2, 2, do_dsync },
	{ "writev", 2, MAX_ARGS, do_writev },
	{ "splice", 2, 2, do_splice },
	{ "sendfile", 2, 2, do_sendfile },
	{ "append", 2, 3, do_append },
	{ "halfwrite", 2, 2, do_halfwrite },
	{ "halfwritev", 2, 2, do_halfwritev },
	{ "halfappend", 2, 2, do_halfappend },
	{ "forever", 2, 2, do_forever },
	{ "lengths", 2, 2, do_lengths },
	{ "holds", 3, 3, do_holds },
	{ "holds_lengths", 3, 3, do_holds_lengths },
	{ "holds_pieces", 3, 3, do_holds_pieces },
	{ "mapped", 2, 2, do_mapped },
	{ "fromnode", 1, 1, do_fromnode },
	{ "intonode", 1, 1, do_intonode },
	{ }
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdeio DEVICE direct|buffered OPERATION...: operations on one open file, each
 * answered with one line: OK, the name of an errno, SHORT for a transfer that
 * was cut, or DIFFERS@BLOCK. Sizes and places are in blocks of 4096 bytes.
 *
 *	write:BLOCK:COUNT:SEED		pwrite
 *	dsync:BLOCK:COUNT:SEED		pwritev2 with RWF_DSYNC
 *	onebio:BLOCK:COUNT:SEED		a write in one bio, whatever its size
 *	restless:BLOCK:COUNT:SEED	a write whose buffer changes all the time
 *	order:SIZE:SEED:BLOCK,...	writes of SIZE blocks, submitted together
 *					in this order; one answer for each
 *	read:BLOCK:COUNT:SEED		read and compare with what was written
 *	mapped:BLOCK:COUNT:SEED		the same through a mapping, which stays
 *	zeros:BLOCK:COUNT		read and compare with zeros
 *	fsync
 *	discard:BLOCK:COUNT		BLKDISCARD
 *	secdiscard:BLOCK:COUNT		BLKSECDISCARD
 *	zeroout:BLOCK:COUNT		BLKZEROOUT
 *	sg				SG_IO
 *	line				waits for a line on its standard input
 *	register:OLD:NEW:FLAGS, reserve:KEY:TYPE, release:KEY:TYPE,
 *	preempt:KEY:VICTIM:TYPE, clear:KEY
 *					IOC_PR_*; DENIED is a status of the disk
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/pr.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_ARGS 3
#define MAX_WRITES 256
#define READ_BLOCKS 256ULL

struct operation {
	const char *name;
	int numbers;
	void (*run)(int fd, const uint64_t *arg);
};

static void answer(long got, uint64_t want)
{
	if (got < 0)
		puts(errno_name(errno));
	else
		puts((uint64_t)got == want ? "OK" : "SHORT");
}

static void *payload(const uint64_t *arg)
{
	void *buf = buffer_alloc(arg[1] * BLOCK);

	pattern_fill(buf, arg[0], arg[1], arg[2]);
	return buf;
}

static void do_write(int fd, const uint64_t *arg)
{
	void *buf = payload(arg);

	answer(pwrite(fd, buf, arg[1] * BLOCK, arg[0] * BLOCK), arg[1] * BLOCK);
	munmap(buf, arg[1] * BLOCK);
}

static void do_dsync(int fd, const uint64_t *arg)
{
	struct iovec vec = { payload(arg), arg[1] * BLOCK };

	answer(pwritev2(fd, &vec, 1, arg[0] * BLOCK, RWF_DSYNC), vec.iov_len);
	munmap(vec.iov_base, vec.iov_len);
}

static void do_onebio(int fd, const uint64_t *arg)
{
	void *buf = payload(arg);
	long ret = uring_write(fd, buf, arg[1] * BLOCK, arg[0] * BLOCK);

	errno = ret < 0 ? -ret : 0;
	answer(ret, arg[1] * BLOCK);
	munmap(buf, arg[1] * BLOCK);
}

static void do_restless(int fd, const uint64_t *arg)
{
	aio_context_t context = aio_begin(1);
	uint64_t *words = payload(arg);
	struct io_event event;
	struct iocb cb, *cbs = &cb;
	uint64_t i;
	int ret;

	aio_write(&cb, fd, words, arg[0], arg[1]);
	ret = aio_submit(context, &cbs, 1);
	while (!ret) {
		for (i = 0; i < arg[1] * BLOCK / sizeof(*words); i += 61)
			words[i]++;
		ret = aio_poll(context, &event);
	}
	if (ret > 0)
		ret = event.res;
	errno = ret < 0 ? -ret : 0;
	answer(ret, arg[1] * BLOCK);
	aio_end(context);
	munmap(words, arg[1] * BLOCK);
}

/* Does a read return the pattern, or zeros if seed is NULL? */
static void compare(int fd, uint64_t block, uint64_t count,
		    const uint64_t *seed)
{
	static const char zeros[BLOCK];
	void *buf = buffer_alloc(READ_BLOCKS * BLOCK);
	uint64_t done, step, i;
	bool same;
	long ret;

	for (done = 0; done < count; done += step) {
		step = count - done < READ_BLOCKS ? count - done : READ_BLOCKS;
		ret = pread(fd, buf, step * BLOCK, (block + done) * BLOCK);
		if (ret != (long)(step * BLOCK)) {
			answer(ret, step * BLOCK);
			return;
		}
		for (i = 0; i < step; i++) {
			same = seed ? pattern_matches(buf + i * BLOCK,
						      block + done + i, *seed) :
				      !memcmp(buf + i * BLOCK, zeros, BLOCK);
			if (!same) {
				printf("DIFFERS@%llu\n", (unsigned long long)
				       (block + done + i));
				return;
			}
		}
	}
	puts("OK");
	munmap(buf, READ_BLOCKS * BLOCK);
}

static void do_read(int fd, const uint64_t *arg)
{
	compare(fd, arg[0], arg[1], &arg[2]);
}

static void do_zeros(int fd, const uint64_t *arg)
{
	compare(fd, arg[0], arg[1], NULL);
}

static void do_mapped(int fd, const uint64_t *arg)
{
	void *map = mmap(NULL, arg[1] * BLOCK, PROT_READ, MAP_SHARED, fd,
			 arg[0] * BLOCK);
	uint64_t i;

	if (map == MAP_FAILED) {
		answer(-1, 0);
		return;
	}
	for (i = 0; i < arg[1]; i++) {
		if (!pattern_matches(map + i * BLOCK, arg[0] + i, arg[2])) {
			printf("DIFFERS@%llu\n",
			       (unsigned long long)(arg[0] + i));
			return;
		}
	}
	puts("OK");
}

static void do_fsync(int fd, const uint64_t *arg)
{
	(void)arg;
	answer(fsync(fd), 0);
}

static void range_ioctl(int fd, unsigned long request, const uint64_t *arg)
{
	uint64_t range[2] = { arg[0] * BLOCK, arg[1] * BLOCK };

	answer(ioctl(fd, request, range), 0);
}

static void do_discard(int fd, const uint64_t *arg)
{
	range_ioctl(fd, BLKDISCARD, arg);
}

static void do_secdiscard(int fd, const uint64_t *arg)
{
	range_ioctl(fd, BLKSECDISCARD, arg);
}

static void do_zeroout(int fd, const uint64_t *arg)
{
	range_ioctl(fd, BLKZEROOUT, arg);
}

/* A complete and harmless request: TEST UNIT READY */
static void do_sg(int fd, const uint64_t *arg)
{
	unsigned char command[6] = { 0 };
	struct sg_io_hdr header = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_NONE,
		.cmd_len = sizeof(command),
		.cmdp = command,
		.timeout = 1000,
	};

	(void)arg;
	answer(ioctl(fd, SG_IO, &header), 0);
}

static void do_line(int fd, const uint64_t *arg)
{
	int c;

	(void)fd;
	(void)arg;
	fflush(stdout);
	do {
		c = getchar();
	} while (c != '\n' && c != EOF);
	answer(0, 0);
}

/* A number above 0 is what the disk says, and kernels differ in it */
static void reservation(int fd, unsigned long request, void *arg)
{
	int got = ioctl(fd, request, arg);

	if (got > 0)
		puts("DENIED");
	else
		answer(got, 0);
}

static void do_register(int fd, const uint64_t *arg)
{
	struct pr_registration pr = {
		.old_key = arg[0],
		.new_key = arg[1],
		.flags = arg[2],
	};

	reservation(fd, IOC_PR_REGISTER, &pr);
}

static void do_reserve(int fd, const uint64_t *arg)
{
	struct pr_reservation pr = { .key = arg[0], .type = arg[1] };

	reservation(fd, IOC_PR_RESERVE, &pr);
}

static void do_release(int fd, const uint64_t *arg)
{
	struct pr_reservation pr = { .key = arg[0], .type = arg[1] };

	reservation(fd, IOC_PR_RELEASE, &pr);
}

static void do_preempt(int fd, const uint64_t *arg)
{
	struct pr_preempt pr = {
		.old_key = arg[0],
		.new_key = arg[1],
		.type = arg[2],
	};

	reservation(fd, IOC_PR_PREEMPT, &pr);
}

static void do_clear(int fd, const uint64_t *arg)
{
	struct pr_clear pr = { .key = arg[0] };

	reservation(fd, IOC_PR_CLEAR, &pr);
}

static const struct operation operations[] = {
	{ "write", 3, do_write },
	{ "dsync", 3, do_dsync },
	{ "onebio", 3, do_onebio },
	{ "restless", 3, do_restless },
	{ "read", 3, do_read },
	{ "mapped", 3, do_mapped },
	{ "zeros", 2, do_zeros },
	{ "fsync", 0, do_fsync },
	{ "discard", 2, do_discard },
	{ "secdiscard", 2, do_secdiscard },
	{ "zeroout", 2, do_zeroout },
	{ "sg", 0, do_sg },
	{ "line", 0, do_line },
	{ "register", 3, do_register },
	{ "reserve", 2, do_reserve },
	{ "release", 2, do_release },
	{ "preempt", 3, do_preempt },
	{ "clear", 1, do_clear },
};

static void usage(const char *word)
{
	fprintf(stderr, "vdeio: cannot do '%s'; see the head of vdeio.c\n",
		word);
	exit(2);
}

/* The numbers after a name, all of them or usage(); returns how many. */
static int parse(const char *word, char separator, uint64_t *numbers, int max)
{
	const char *at = word;
	int count = 0;
	char *end;

	while (*at) {
		if (count == max)
			usage(word);
		numbers[count++] = strtoull(at, &end, 0);
		if (end == at || (*end && *end != separator))
			usage(word);
		at = *end ? end + 1 : end;
	}
	return count;
}

static void give_up(const char *what, int error)
{
	fprintf(stderr, "vdeio: %s: %s\n", what, strerror(error));
	exit(2);
}

/* Submit @count writes together, in order, and wait for all of them. */
static void run_writes(struct iocb *cbs, long *results, int count)
{
	aio_context_t context = aio_begin(MAX_WRITES);
	struct io_event events[MAX_WRITES];
	struct iocb *submit[MAX_WRITES];
	int ret, i, got;

	for (i = 0; i < count; i++)
		submit[i] = &cbs[i];
	ret = aio_submit(context, submit, count);
	if (ret)
		give_up("io_submit", -ret);
	for (got = 0; got < count; got += ret) {
		ret = aio_reap(context, events, MAX_WRITES);
		if (ret <= 0)
			give_up("io_getevents", -ret);
		for (i = 0; i < ret; i++)
			results[events[i].data] = events[i].res;
	}
	aio_end(context);
}

/* SIZE:SEED:BLOCK,... */
static void do_order(int fd, char *list)
{
	static struct iocb cbs[MAX_WRITES];
	uint64_t blocks[MAX_WRITES], arg[MAX_ARGS], header[2];
	char *places = strrchr(list, ':');
	long results[MAX_WRITES];
	int count, i;

	if (!places)
		usage(list);
	*places++ = '\0';
	if (parse(list, ':', header, 2) != 2)
		usage(list);
	count = parse(places, ',', blocks, MAX_WRITES);
	for (i = 0; i < count; i++) {
		arg[0] = blocks[i];
		arg[1] = header[0];
		arg[2] = header[1];
		aio_write(&cbs[i], fd, payload(arg), arg[0], arg[1]);
		cbs[i].aio_data = i;
	}
	run_writes(cbs, results, count);
	for (i = 0; i < count; i++) {
		errno = results[i] < 0 ? -results[i] : 0;
		answer(results[i], header[0] * BLOCK);
	}
}

static void run(int fd, char *word)
{
	char *colon = strchr(word, ':');
	const char *numbers = colon ? colon + 1 : "";
	uint64_t arg[MAX_ARGS];
	size_t i;

	if (colon)
		*colon = '\0';
	if (!strcmp(word, "order") && colon) {
		do_order(fd, colon + 1);
		return;
	}
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(word, operations[i].name))
			continue;
		if (parse(numbers, ':', arg, MAX_ARGS) != operations[i].numbers)
			usage(numbers);
		operations[i].run(fd, arg);
		return;
	}
	usage(word);
}

int main(int argc, char **argv)
{
	bool direct;
	int fd, i;

	if (argc < 4)
		usage("nothing");
	direct = !strcmp(argv[2], "direct");
	if (!direct && strcmp(argv[2], "buffered"))
		usage(argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open(argv[1], O_RDWR | (direct ? O_DIRECT : 0));
	if (fd < 0 && (errno == EROFS || errno == EACCES || errno == EPERM))
		fd = open(argv[1], O_RDONLY | (direct ? O_DIRECT : 0));
	if (fd < 0) {
		perror(argv[1]);
		return 2;
	}
	for (i = 3; i < argc; i++)
		run(fd, argv[i]);
	return 0;
}

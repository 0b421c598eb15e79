// SPDX-License-Identifier: GPL-2.0-only
/*
 * chartile DEVICE WRITERS COUNT SEED [LARGEST]: so many processes append at the
 * same time through a character device, COUNT times each, up to LARGEST bytes
 * (default 200000), with write(2), writev(2) and VDE_IOC_APPEND; one more
 * process appends whole blocks through the block node, where it is let. Then
 * looks at all that was appended: appends must lie one after the other without
 * a gap, each in one piece, and so must their records. Prints one line:
 *
 *	appends=N blocks=N node=N VERDICT
 *
 * COUNT 0: the processes go on until an append fails, only the errno of each
 * is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pattern.h"
#include "sealed.h"

#define MAX_WRITERS 16U
#define MAGIC 0x656c697472616863ULL
#define NODE_BLOCKS 8ULL

/* At the beginning of each block, as far as it fits */
struct tag {
	uint64_t magic;
	uint32_t writer;
	uint32_t number;	/* of the writer's appends */
	uint64_t length;	/* of the append */
	uint64_t block;		/* within the append */
};

/* Shared by the processes: what each says of itself */
static struct shared {
	bool over;
	struct {
		uint32_t done;
		int error;
		const char *wrong;
	} writers[MAX_WRITERS + 1];
} *shared;

static struct sealed region;
static const char *device;
static uint32_t writers, count;
static uint64_t seed, largest = 200000;

static uint64_t blocks_of(uint64_t length)
{
	return (length + BLOCK - 1) / BLOCK;
}

static void fill(char *buf, uint32_t writer, uint32_t number, uint64_t length)
{
	uint64_t blocks = blocks_of(length), i;
	struct tag tag = { MAGIC, writer, number, length, 0 };

	pattern_fill(buf, 0, blocks,
		     seed ^ (uint64_t)writer << 32 ^ number);
	for (i = 0; i < blocks; i++) {
		tag.block = i;
		memcpy(buf + i * BLOCK, &tag, sizeof(tag));
	}
}

/* Mostly small, never smaller than a tag */
static uint64_t choose_length(void)
{
	uint64_t most = random() % 4 ? 9000 : largest;

	return sizeof(struct tag) + random() % (most - sizeof(struct tag) + 1);
}

static bool append_ioctl(int fd, uint32_t writer, const char *buf,
			 uint64_t length)
{
	struct vde_ioc_append append = {
		.size = sizeof(append),
		.data = (uintptr_t)buf,
		.length = length,
	};
	struct vde_ioc_record record = { .size = sizeof(record) };

	if (ioctl(fd, VDE_IOC_APPEND, &append))
		return false;
	record.index = append.block + append.blocks - 1;
	if (append.blocks != blocks_of(length))
		shared->writers[writer].wrong = "number of blocks";
	else if (ioctl(fd, VDE_IOC_RECORD, &record) ||
		 record.length != length - (append.blocks - 1) * BLOCK)
		shared->writers[writer].wrong = "last record";
	return true;
}

static bool append_writev(int fd, char *buf, uint64_t length)
{
	uint64_t first = random() % (length + 1);
	uint64_t second = random() % (length - first + 1);
	struct iovec vec[3] = {
		{ buf, first },
		{ buf + first, second },
		{ buf + first + second, length - first - second },
	};

	return writev(fd, vec, 3) == (ssize_t)length;
}

static void run_writer(uint32_t writer)
{
	char *buf = buffer_alloc((blocks_of(largest) + 1) * BLOCK);
	int fd = open(device, O_RDWR);
	uint64_t length;
	uint32_t i;
	bool good;

	srandom(seed + writer);
	for (i = 0; !count || i < count; i++) {
		length = choose_length();
		fill(buf, writer, i, length);
		switch (random() % 3) {
		case 0:
			good = write(fd, buf, length) == (ssize_t)length;
			break;
		case 1:
			good = append_writev(fd, buf, length);
			break;
		default:
			good = append_ioctl(fd, writer, buf, length);
		}
		if (!good) {
			shared->writers[writer].error = errno;
			break;
		}
		shared->writers[writer].done++;
	}
}

/* The pointer has moved on most of the time: then it is refused */
static void run_node(uint32_t writer)
{
	char *buf = buffer_alloc(NODE_BLOCKS * BLOCK);
	int fd = open(region.path, O_WRONLY | O_DIRECT);
	uint64_t length, hwm;

	while (!shared->over) {
		length = (1 + random() % NODE_BLOCKS) * BLOCK;
		fill(buf, writer, shared->writers[writer].done, length);
		hwm = sealed_hwm(&region);
		if (pwrite(fd, buf, length, hwm * BLOCK) == (ssize_t)length)
			shared->writers[writer].done++;
		else if (errno != EOPNOTSUPP && errno != EIO)
			shared->writers[writer].error = errno;
	}
}

static pid_t begin(void (*run)(uint32_t writer), uint32_t writer)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	run(writer);
	_exit(0);
}

static void run_all(void)
{
	pid_t node = 0, pids[MAX_WRITERS];
	uint32_t i;

	if (count)
		node = begin(run_node, writers);
	for (i = 0; i < writers; i++)
		pids[i] = begin(run_writer, i);
	for (i = 0; i < writers; i++)
		waitpid(pids[i], NULL, 0);
	shared->over = true;
	if (node)
		waitpid(node, NULL, 0);
}

static char said[200];

static const char *say(uint64_t block, const char *what)
{
	snprintf(said, sizeof(said), "block %llu: %s",
		 (unsigned long long)block, what);
	return said;
}

/* The append that begins at *block, which moves behind it */
static const char *check_append(uint64_t *block, uint64_t end, uint32_t *seen)
{
	struct tag *tag = buffer_alloc(BLOCK);
	const char *wrong;
	char *buf;

	if (pread(sealed_node(&region), tag, BLOCK, *block * BLOCK) !=
	    (ssize_t)BLOCK)
		return say(*block, strerror(errno));
	if (tag->magic != MAGIC || tag->writer > writers || tag->block)
		return say(*block, "no append begins there");
	if (blocks_of(tag->length) > end - *block)
		return say(*block, "the append is cut");
	if (tag->number != seen[tag->writer])
		return say(*block, "a writer's appends are out of order");
	seen[tag->writer]++;
	buf = buffer_alloc(blocks_of(tag->length) * BLOCK);
	fill(buf, tag->writer, tag->number, tag->length);
	wrong = sealed_differs(&region, *block, buf, tag->length);
	*block += blocks_of(tag->length);
	munmap(buf, blocks_of(tag->length) * BLOCK);
	munmap(tag, BLOCK);
	return wrong;
}

static const char *check_all(uint64_t start, uint64_t end)
{
	uint32_t seen[MAX_WRITERS + 1] = { 0 }, i;
	const char *wrong = NULL;
	uint64_t block = start;

	while (block < end && !wrong)
		wrong = check_append(&block, end, seen);
	for (i = 0; i <= writers && !wrong; i++) {
		wrong = shared->writers[i].wrong;
		if (!wrong && shared->writers[i].error)
			wrong = strerror(shared->writers[i].error);
		if (!wrong && seen[i] != shared->writers[i].done)
			wrong = "not as many appends as were done";
		if (!wrong && i < writers && seen[i] != count)
			wrong = "not as many appends as were asked for";
	}
	return wrong ? wrong : "OK";
}

static void report(uint64_t start)
{
	uint64_t appends = 0, end = sealed_hwm(&region);
	uint32_t i;

	for (i = 0; i < writers; i++)
		appends += shared->writers[i].done;
	printf("appends=%llu blocks=%llu node=%u %s\n",
	       (unsigned long long)appends, (unsigned long long)(end - start),
	       shared->writers[writers].done, check_all(start, end));
}

static void report_errors(void)
{
	uint32_t i;

	for (i = 0; i < writers; i++)
		printf("%s%s", i ? " " : "",
		       errno_name(shared->writers[i].error));
	puts("");
}

int main(int argc, char **argv)
{
	uint64_t start;

	if (argc < 5)
		return 2;
	device = argv[1];
	writers = strtoul(argv[2], NULL, 0);
	count = strtoul(argv[3], NULL, 0);
	seed = strtoull(argv[4], NULL, 0);
	if (argc > 5)
		largest = strtoull(argv[5], NULL, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	errno = -sealed_open(&region, device, O_RDWR);
	if (errno || shared == MAP_FAILED || writers > MAX_WRITERS ||
	    largest < 9000) {
		perror(device);
		return 2;
	}
	start = sealed_hwm(&region);
	run_all();
	if (count)
		report(start);
	else
		report_errors();
	return 0;
}

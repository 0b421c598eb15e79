// SPDX-License-Identifier: GPL-2.0-only
/* What a device holds, against what the writer was promised. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "content.h"
#include "device.h"
#include "journal.h"
#include "verify.h"

#define CHUNK 256
#define BEYOND 64
#define MAX_COMPLAINTS 10

static unsigned int complaints;

static int complain(void)
{
	return ++complaints <= MAX_COMPLAINTS;
}

static unsigned int read_blocks(const struct device *device, void *buf,
				uint64_t block, unsigned int count)
{
	ssize_t got = pread(device->fd, buf, (size_t)count * BLOCK_BYTES,
			    (off_t)block * BLOCK_BYTES);

	if (got < 0 && complain())
		printf("cannot read block %" PRIu64 ": %m\n", block);
	return got < 0 ? 0 : got / BLOCK_BYTES;
}

static void check_block(const struct journal *journal, const void *block,
			uint64_t index)
{
	const char *wrong = "something, but was never written";
	uint64_t epoch;

	if (!journal_epoch_of(journal, index, &epoch))
		wrong = content_check(block, index, epoch);
	if (wrong && complain())
		printf("block %" PRIu64 " holds %s\n", index, wrong);
}

static void check_sealed(const struct device *device, void *buf,
			 const struct journal *journal)
{
	unsigned int count, i;
	uint64_t block = device->tail;

	while (block < device->hwm) {
		count = device->hwm - block < CHUNK ?
			device->hwm - block : CHUNK;
		count = read_blocks(device, buf, block, count);
		if (!count)
			return;
		for (i = 0; i < count; i++)
			check_block(journal, (char *)buf + i * BLOCK_BYTES,
				    block + i);
		block += count;
	}
}

/* At or above the mark nothing of what the disk held may show. */
static void check_beyond(const struct device *device, void *buf)
{
	static const char zeros[BLOCK_BYTES];
	unsigned int count, i;

	count = read_blocks(device, buf, device->hwm, BEYOND);
	for (i = 0; i < count; i++)
		if (memcmp((char *)buf + i * BLOCK_BYTES, zeros, BLOCK_BYTES) &&
		    complain())
			printf("block %" PRIu64 " above the mark is no zeros\n",
			       device->hwm + i);
}

static void check_absent(const struct device *device, void *buf,
			 uint64_t position)
{
	ssize_t got = pread(device->fd, buf, BLOCK_BYTES,
			    (off_t)position * BLOCK_BYTES);

	if ((got >= 0 || errno != ENODATA) && complain())
		printf("position %" PRIu64 " is not in the ring, but: %m\n",
		       position);
}

/* What was given up durably stays so; what nobody gave up is there. */
static void check_ring(const struct device *device, void *buf,
		       const struct journal *journal, uint64_t keep)
{
	uint64_t most = device->hwm > keep ? device->hwm - keep : 0;

	if (device->stops)
		most = 0;
	if (most < journal->consuming)
		most = journal->consuming;
	if (device->tail < journal->consumed && complain())
		printf("tail %" PRIu64 ", but %" PRIu64 " was consumed\n",
		       device->tail, journal->consumed);
	if (device->tail > most && complain())
		printf("lost: tail %" PRIu64 " is above %" PRIu64 "\n",
		       device->tail, most);
	check_absent(device, buf, device->hwm);
	if (device->tail)
		check_absent(device, buf, device->tail - 1);
}

unsigned int verify(const struct device *device, const struct journal *journal,
		    uint64_t keep)
{
	void *buf = aligned_alloc(BLOCK_BYTES, CHUNK * BLOCK_BYTES);

	if (!buf)
		abort();
	if (device->hwm < journal->durable && complain())
		printf("lost: high-water mark %" PRIu64 ", but %" PRIu64
		       " blocks were durable\n", device->hwm, journal->durable);
	check_sealed(device, buf, journal);
	if (device->character >= 0)
		check_ring(device, buf, journal, keep);
	else
		check_beyond(device, buf);
	free(buf);
	return complaints;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "look.h"
#include "look_vault.h"

struct counts counts;

#define CHUNK 20

static uint8_t buffer[BLOCK_SIZE] __attribute__((aligned(4096)));
static uint8_t chunk[CHUNK * BLOCK_SIZE] __attribute__((aligned(4096)));

static uint8_t *good_block(const struct image *image, uint64_t block)
{
	return image->good + block * BLOCK_SIZE;
}

/* A whole block from the node into @buffer; false on an error */
static bool read_block(const struct active *active, uint64_t block)
{
	ssize_t got = pread(active->node, buffer, BLOCK_SIZE, block * BLOCK_SIZE);

	if (got != BLOCK_SIZE && got >= 0)
		give_up("block %llu: a short read", (unsigned long long)block);
	return got == BLOCK_SIZE;
}

static bool is_zero(const uint8_t *block)
{
	return !block[0] && !memcmp(block, block + 1, BLOCK_SIZE - 1);
}

static uint64_t worm_hwm(const struct active *active)
{
	struct vde_ioc_status status = { .size = sizeof(status) };

	if (ioctl(active->device, VDE_IOC_STATUS, &status))
		give_up("status: %s", strerror(errno));
	return status.hwm;
}

/* Durable, at the head or mark; refused or promised. */
static void append(const struct active *active, struct promise *promise)
{
	struct vde_ioc_append call = {
		.size = sizeof(call),
		.flags = VDE_IOC_APPEND_DURABLE,
		.data = (uintptr_t)promise->bytes,
		.length = BLOCK_SIZE,
	};
	unsigned int i;

	for (i = 0; i < BLOCK_SIZE; i++)
		promise->bytes[i] = 1 + random_below(255);
	if (ioctl(active->device, VDE_IOC_APPEND, &call)) {
		counts.refused_writes++;
		return;
	}
	counts.appends++;
	if (!read_block(active, call.block))
		give_up("block %llu, just appended: %s",
			(unsigned long long)call.block, strerror(errno));
	if (memcmp(buffer, promise->bytes, BLOCK_SIZE))
		give_up("block %llu, just appended, is another",
			(unsigned long long)call.block);
	promise->any = true;
	promise->at = call.block;
	promise->end = call.block + 1;
}

static void scrub(const struct active *active)
{
	struct vde_ioc_scrub_start start = { .size = sizeof(start) };
	struct vde_ioc_scrub_status status;
	int left = 60000;

	if (ioctl(active->device, VDE_IOC_SCRUB_START, &start))
		return;
	counts.scrubs++;
	do {
		memset(&status, 0, sizeof(status));
		status.size = sizeof(status);
		if (ioctl(active->device, VDE_IOC_SCRUB_STATUS, &status))
			give_up("scrub: %s", strerror(errno));
		if (status.state == VDE_IOC_SCRUB_RUNNING)
			poll(NULL, 0, 1);
	} while (status.state == VDE_IOC_SCRUB_RUNNING && --left);
	if (!left)
		give_up("a scrub does not end");
}

static void ask_records(const struct active *active)
{
	static struct vde_ioc_record_entry entries[64];
	struct vde_ioc_records records = {
		.size = sizeof(records),
		.first = random_below(300),
		.count = 64,
		.record_size = sizeof(*entries),
		.records = (uintptr_t)entries,
	};
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_info info = { .size = sizeof(info) };

	ioctl(active->device, VDE_IOC_RECORDS, &records);
	ioctl(active->device, VDE_IOC_RETENTION_GET, &retention);
	ioctl(active->device, VDE_IOC_INFO, &info);
}

/* Below the mark the right block, above it zeros. */
static void check_worm_block(const struct image *image, const uint8_t *block,
			     uint64_t nr, uint64_t hwm)
{
	const struct region *region = &image->regions[WORM];

	if (nr < hwm && (nr >= region->sealed ||
			 memcmp(block, good_block(image, region->data + nr),
				BLOCK_SIZE)))
		give_up("block %llu below the mark %llu is another",
			(unsigned long long)nr, (unsigned long long)hwm);
	if (nr >= hwm && !is_zero(block))
		give_up("block %llu, above the mark %llu, is not zero",
			(unsigned long long)nr, (unsigned long long)hwm);
	counts.right += nr < hwm;
	counts.zeros += nr >= hwm;
}

/* Many at once; one by one where that fails. */
static void read_worm(const struct active *active, const struct image *image,
		      uint64_t first, uint64_t hwm)
{
	ssize_t got = pread(active->node, chunk, sizeof(chunk),
			    first * BLOCK_SIZE), i;

	for (i = 0; i < got / BLOCK_SIZE; i++)
		check_worm_block(image, chunk + i * BLOCK_SIZE, first + i, hwm);
	for (i = 0; got < 0 && i < CHUNK; i++) {
		if (read_block(active, first + i))
			check_worm_block(image, buffer, first + i, hwm);
		else
			counts.errors++;
	}
}

static void look_worm(const struct active *active, struct image *image,
		      struct promise *promise)
{
	const struct region *region = &image->regions[WORM];
	uint64_t hwm = worm_hwm(active), i;

	for (i = 0; i < region->capacity; i += CHUNK)
		read_worm(active, image, i, hwm);
	ask_records(active);
	scrub(active);
	if (active->writable)
		append(active, promise);
}

static struct vde_ioc_stream_status ring_of(const struct active *active)
{
	struct vde_ioc_stream_status status = { .size = sizeof(status) };

	if (ioctl(active->device, VDE_IOC_STREAM_STATUS, &status))
		give_up("status: %s", strerror(errno));
	if (status.tail > status.head ||
	    status.head - status.tail > status.allocated ||
	    status.allocated > status.capacity)
		give_up("positions contradict each other");
	return status;
}

/* Nothing vouches for a stream's blocks; but they come from its place. */
static void look_at_position(const struct active *active,
			     const struct region *region,
			     const struct image *image, uint64_t position)
{
	uint64_t place = region->data + position % region->capacity;

	/* A table's end is at position 2^48 */
	if (position >= 1ULL << 48 || !read_block(active, position)) {
		counts.errors++;
		return;
	}
	if (place >= image->blocks ||
	    memcmp(buffer, image->now + place * BLOCK_SIZE, BLOCK_SIZE))
		give_up("position %llu is another block",
			(unsigned long long)position);
	counts.right++;
}

static void look_stream(const struct active *active, struct image *image,
			struct promise *promise)
{
	struct vde_ioc_stream_consume consume = {
		.size = sizeof(consume), .flags = VDE_IOC_STREAM_COUNT,
		.position = 1 + random_below(4),
	};
	struct vde_ioc_stream_status ring = ring_of(active);
	struct region regions[KINDS];
	uint64_t i;

	image_regions(image->now, image->blocks, regions);
	for (i = ring.tail; i < ring.head && i < ring.tail + 64; i++)
		if (regions[STREAM].there && regions[STREAM].capacity)
			look_at_position(active, &regions[STREAM], image, i);
	if (ring.head < 1ULL << 48 && read_block(active, ring.head))
		give_up("the head can be read");
	if (ring.tail && ring.tail <= 1ULL << 48 &&
	    read_block(active, ring.tail - 1))
		give_up("what lies before the tail can be read");
	if (!active->writable)
		return;
	append(active, promise);
	counts.consumed += !ioctl(active->device, VDE_IOC_STREAM_CONSUME, &consume);
	ring_of(active);
	append(active, promise);
}

void look(const struct active *active, struct image *image, struct promise *promise)
{
	memset(promise, 0, sizeof(*promise));
	if (active->kind == WORM)
		look_worm(active, image, promise);
	else if (active->kind == STREAM)
		look_stream(active, image, promise);
	else
		look_vault(active, image, promise);
}

void look_again(const struct active *active, const struct promise *promise)
{
	uint64_t end;

	if (!promise->any)
		return;
	if (active->kind == VAULT) {
		look_vault_again(active, promise);
		return;
	}
	end = active->kind == WORM ? worm_hwm(active) : ring_of(active).head;
	if (end < promise->end)
		give_up("mark or head went back from %llu to %llu",
			(unsigned long long)promise->end,
			(unsigned long long)end);
	if (!read_block(active, promise->at))
		give_up("acknowledged block %llu: %s",
			(unsigned long long)promise->at, strerror(errno));
	if (memcmp(buffer, promise->bytes, BLOCK_SIZE))
		give_up("acknowledged block %llu is another",
			(unsigned long long)promise->at);
}

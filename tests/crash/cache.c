// SPDX-License-Identifier: GPL-2.0-only
/* A volatile write cache that loses as much as a disk may. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "content.h"

#define SECTOR 512

struct version {
	struct version *older;
	char data[BLOCK_BYTES];
};

int cache_open(struct cache *cache, const char *path, uint64_t seed)
{
	memset(cache, 0, sizeof(*cache));
	cache->random = seed;
	cache->fd = open(path, O_RDWR);
	if (cache->fd < 0)
		return -1;
	cache->blocks = lseek(cache->fd, 0, SEEK_END) / BLOCK_BYTES;
	cache->newest = calloc(cache->blocks, sizeof(*cache->newest));
	return cache->newest ? 0 : -1;
}

static int transferred(ssize_t got)
{
	if (got == BLOCK_BYTES)
		return 0;
	if (got >= 0)
		errno = EIO;
	return -1;
}

static int medium_read(struct cache *cache, void *buf, uint64_t block)
{
	return transferred(pread(cache->fd, buf, BLOCK_BYTES,
				 block * BLOCK_BYTES));
}

static int medium_write(struct cache *cache, const void *buf, uint64_t block)
{
	return transferred(pwrite(cache->fd, buf, BLOCK_BYTES,
				  block * BLOCK_BYTES));
}

static void forget(struct cache *cache, uint64_t block)
{
	struct version *version = cache->newest[block];

	while (version) {
		struct version *older = version->older;

		free(version);
		version = older;
	}
	cache->newest[block] = NULL;
}

static int remember(struct cache *cache, const void *buf, uint64_t block)
{
	struct version *version = malloc(sizeof(*version));

	if (!version)
		return -1;
	memcpy(version->data, buf, BLOCK_BYTES);
	version->older = cache->newest[block];
	cache->newest[block] = version;
	return 0;
}

static int inside(const struct cache *cache, uint64_t block, uint64_t count)
{
	if (block <= cache->blocks && count <= cache->blocks - block)
		return 1;
	errno = ENOSPC;
	return 0;
}

int cache_read(struct cache *cache, void *buf, uint64_t block, uint64_t count)
{
	char *to = buf;

	if (!inside(cache, block, count))
		return -1;
	for (; count--; block++, to += BLOCK_BYTES) {
		if (cache->newest[block])
			memcpy(to, cache->newest[block]->data, BLOCK_BYTES);
		else if (medium_read(cache, to, block))
			return -1;
	}
	return 0;
}

int cache_write(struct cache *cache, const void *buf, uint64_t block,
		uint64_t count, int fua)
{
	const char *from = buf;
	int err = 0;

	if (!inside(cache, block, count))
		return -1;
	for (; !err && count--; block++, from += BLOCK_BYTES) {
		err = remember(cache, from, block);
		if (err || !fua || cache->lying)
			continue;
		err = medium_write(cache, from, block);
		forget(cache, block);
	}
	return err;
}

int cache_flush(struct cache *cache)
{
	uint64_t block;

	if (cache->lying)
		return 0;
	for (block = 0; block < cache->blocks; block++) {
		if (!cache->newest[block])
			continue;
		if (medium_write(cache, cache->newest[block]->data, block))
			return -1;
		forget(cache, block);
	}
	return 0;
}

static uint64_t one_of(struct cache *cache, uint64_t n)
{
	return content_random(&cache->random) % n;
}

/* Any version, or NULL for what the medium holds already. */
static const struct version *survivor(struct cache *cache, uint64_t block)
{
	const struct version *version = cache->newest[block];

	while (version && one_of(cache, 2))
		version = version->older;
	return version;
}

/* A block that is hit while it is being written: parts of two. */
static void tear(struct cache *cache, char *data, const char *other)
{
	unsigned int i;

	for (i = 0; i < BLOCK_BYTES; i += SECTOR)
		if (one_of(cache, 2))
			memcpy(data + i, other + i, SECTOR);
}

static int lose_block(struct cache *cache, uint64_t block, int torn)
{
	const struct version *version = survivor(cache, block);
	char data[BLOCK_BYTES];

	if (medium_read(cache, data, block))
		return -1;
	if (version && torn)
		tear(cache, data, version->data);
	else if (version)
		memcpy(data, version->data, BLOCK_BYTES);
	return medium_write(cache, data, block);
}

int cache_lose(struct cache *cache)
{
	/* Some cuts are kind, some take all, some tear a few blocks or many. */
	unsigned int survives = one_of(cache, 5);
	unsigned int whole = one_of(cache, 2) ? 8 : 2;
	uint64_t block;

	for (block = 0; block < cache->blocks; block++) {
		if (!cache->newest[block])
			continue;
		if (one_of(cache, 4) < survives &&
		    lose_block(cache, block, !one_of(cache, whole)))
			return -1;
		forget(cache, block);
	}
	return 0;
}

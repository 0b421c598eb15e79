/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_CACHE_H
#define CRASH_CACHE_H

#include <stdint.h>

/*
 * A disk's volatile write cache over a file. Until a flush each version of a
 * block is kept: when the power goes, any one of them may have reached the
 * medium, each block for itself, or parts of two.
 */
struct cache {
	int fd;
	uint64_t blocks;
	struct version **newest;
	uint64_t random;
	int lying;
};

/* 0, or -1 with errno set. */
int cache_open(struct cache *cache, const char *path, uint64_t seed);

/* Offsets and lengths are whole blocks. 0, or -1 with errno set. */
int cache_read(struct cache *cache, void *buf, uint64_t block, uint64_t count);
int cache_write(struct cache *cache, const void *buf, uint64_t block,
		uint64_t count, int fua);
int cache_flush(struct cache *cache);

/* The power goes: the file is left as the medium is found to be. */
int cache_lose(struct cache *cache);

#endif /* CRASH_CACHE_H */

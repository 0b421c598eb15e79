// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pattern.h"

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xBF58476D1CE4E5B9ULL;
	x ^= x >> 27;
	x *= 0x94D049BB133111EBULL;
	return x ^ x >> 31;
}

static void fill_block(uint64_t *words, uint64_t block, uint64_t seed)
{
	uint64_t x = mix(seed + 1) ^ mix(block + 0x9E3779B97F4A7C15ULL);
	size_t i;

	for (i = 0; i < BLOCK / sizeof(*words); i++)
		words[i] = mix(x + i);
}

void pattern_fill(void *buf, uint64_t block, uint64_t blocks, uint64_t seed)
{
	uint64_t i;

	for (i = 0; i < blocks; i++)
		fill_block(buf + i * BLOCK, block + i, seed);
}

bool pattern_matches(const void *buf, uint64_t block, uint64_t seed)
{
	uint64_t want[BLOCK / sizeof(uint64_t)];

	fill_block(want, block, seed);
	return !memcmp(buf, want, BLOCK);
}

void *buffer_alloc(size_t bytes)
{
	void *buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buf == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return buf;
}

const char *errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return error ? name ? name : "UNKNOWN" : "OK";
}

// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

const char *const kind_names[KINDS] = { "worm", "stream", "vault" };

static uint64_t state;

void random_begin(uint64_t seed)
{
	state = seed;
}

/* splitmix64 */
uint64_t random_below(uint64_t limit)
{
	uint64_t x = state += 0x9E3779B97F4A7C15ULL;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
	x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
	x ^= x >> 31;
	return limit ? x % limit : x;
}

uint64_t get_le(const void *from, unsigned int bytes)
{
	const uint8_t *at = from;
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

void put_le(void *to, unsigned int bytes, uint64_t value)
{
	uint8_t *at = to;

	for (; bytes--; value >>= 8)
		*at++ = value;
}

static void set_region(struct region *region, const uint8_t *slot, unsigned int nr)
{
	region->there = true;
	region->slot = nr;
	region->meta = get_le(slot + 8, 8);
	region->meta_blocks = get_le(slot + 16, 8);
	region->commits = get_le(slot + 32 + 8, 8);
	region->data = get_le(slot + 64 + 8, 8);
	region->capacity = get_le(slot + 64 + 16, 8);
}

void image_regions(const uint8_t *volume, uint64_t blocks,
		   struct region regions[KINDS])
{
	static const uint32_t tags[KINDS] = { 0x574F524D, 0x53545245, 0x434D5654 };
	const uint8_t *slot = volume + BLOCK_SIZE;
	unsigned int i, kind;

	memset(regions, 0, KINDS * sizeof(*regions));
	for (i = 0; i < 125; i++, slot += 32)
		for (kind = 0; kind < KINDS; kind++)
			if (get_le(slot, 4) == tags[kind] && !regions[kind].there)
				set_region(&regions[kind], slot, i);
	regions[VAULT].capacity = regions[VAULT].meta_blocks;
	if (regions[WORM].there && regions[WORM].meta < blocks)
		regions[WORM].sealed =
			get_le(volume + regions[WORM].meta * BLOCK_SIZE, 8);
}

void *image_memory(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		return at;
	perror("mmap");
	exit(2);
}

void image_load(struct image *image, const char *path)
{
	const char *slash = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat)) {
		perror(path);
		exit(2);
	}
	snprintf(image->name, sizeof(image->name), "%s", slash ? slash + 1 : path);
	image->blocks = stat.st_size / BLOCK_SIZE;
	image->good = image_memory(stat.st_size);
	image->now = image_memory(stat.st_size);
	if (read(fd, image->good, stat.st_size) != stat.st_size ||
	    memcmp(image->good, "DWVD", 4)) {
		fprintf(stderr, "%s: no volume\n", path);
		exit(2);
	}
	image_regions(image->good, image->blocks, image->regions);
	close(fd);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Good volumes and what can be done to them. The format is written down here
 * once more, as far as it is needed: this must not follow a mistake in the
 * project's own rules.
 */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SIZE 4096
#define PAYLOAD 4080
#define COMMIT_SLOTS 8		/* two blocks each */

enum kind { WORM, STREAM, VAULT, KINDS };

/* The first region of a kind; blocks. */
struct region {
	bool there;
	unsigned int slot;
	uint64_t meta, meta_blocks, commits, data, capacity;
	uint64_t sealed;	/* blocks of a WORM region that hold something */
};

struct image {
	char name[32];
	uint8_t *good;		/* never changed */
	uint8_t *now;		/* a damaged one: image_mutate() */
	uint64_t blocks;
	struct region regions[KINDS];	/* of @good */
};

extern const char *const kind_names[KINDS];

/* Repeatable: all that is random comes from here. */
void random_begin(uint64_t seed);
uint64_t random_below(uint64_t limit);

uint64_t get_le(const void *from, unsigned int bytes);
void put_le(void *to, unsigned int bytes, uint64_t value);

/* Exits with a message if @path is no volume. */
void image_load(struct image *image, const char *path);

/* Where the regions of @volume lie, as its directory's copy has it. */
void image_regions(const uint8_t *volume, uint64_t blocks,
		   struct region regions[KINDS]);

/* Zeroed; exits when there is none. */
void *image_memory(size_t bytes);

/* mutate.c: makes @now a damaged @good. */
void image_mutate(struct image *image);

#endif /* FUZZ_IMAGE_H */

// SPDX-License-Identifier: GPL-2.0-only
/* Contents of test blocks. */
#include <string.h>

#include "content.h"

#define MAGIC 0x6b636f6c62656476ULL
#define WORDS (BLOCK_BYTES / sizeof(uint64_t))

struct head {
	uint64_t magic;
	uint64_t index;
	uint64_t epoch;
};

uint64_t content_random(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

void content_fill(void *block, uint64_t index, uint64_t epoch)
{
	struct head head = { MAGIC, index, epoch };
	uint64_t state = index * 0x100000001b3ULL + epoch;
	uint64_t word;
	unsigned int i;

	for (i = 0; i < WORDS; i++) {
		word = content_random(&state);
		memcpy((char *)block + i * sizeof(word), &word, sizeof(word));
	}
	memcpy(block, &head, sizeof(head));
}

static int is_zero(const void *block)
{
	static const char zeros[BLOCK_BYTES];

	return !memcmp(block, zeros, BLOCK_BYTES);
}

const char *content_check(const void *block, uint64_t index, uint64_t epoch)
{
	char want[BLOCK_BYTES];
	struct head head;

	content_fill(want, index, epoch);
	if (!memcmp(block, want, BLOCK_BYTES))
		return NULL;
	memcpy(&head, block, sizeof(head));
	if (is_zero(block))
		return "zeros";
	if (head.magic != MAGIC)
		return "something else";
	if (head.index != index)
		return "another block";
	if (head.epoch != epoch)
		return "the same block of another epoch";
	return "its head, but not what follows";
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damage: fields with numbers where something may break, made to check again
 * as a forger would, wherever the same number stands; bits and blocks that are
 * just wrong.
 */
#include <string.h>
#include <xxhash.h>

#include "image.h"

struct field {
	uint16_t offset;
	uint8_t bytes;
};

static const struct field superblock[] = {
	{ 0, 4 }, { 4, 1 }, { 5, 1 }, { 6, 2 }, { 8, 4 }, { 0x10, 2 }, { 0x12, 2 },
	{ 0x14, 4 }, { 0x18, 4 }, { 0x1C, 4 }, { 0x20, 4 }, { 0x24, 8 },
	{ 0x34, 4 }, { 0x38, 8 }, { 0x40, 8 }, { 0x48, 8 }, { 0x50, 8 },
	{ 0x58, 8 }, { 0x78, 1 }, { 0x79, 1 }, { 0x7A, 1 }, { 0x7C, 2 },
	{ 0x80, 4 }, { 0x88, 8 }, { 0x98, 8 }, { 0xD8, 8 }, { 0xE8, 8 },
	{ 0xF0, 8 }, { 0xF8, 8 }, { 0x128, 8 }, { 0x130, 8 }, { 4076, 4 },
	{ 4080, 4 }, { 4084, 4 },
};

static const struct field commit[] = {
	{ 0, 8 }, { 8, 4 }, { 12, 4 }, { 0x10, 8 }, { 0x18, 8 }, { 0x20, 8 },
	{ 0x28, 8 }, { 0x30, 8 }, { 0x38, 8 }, { 0x40, 8 }, { 0x48, 8 },
	{ 0x50, 4 }, { 0x50, 8 }, { 0x54, 4 }, { 0x58, 4 }, { 0x5C, 4 },
	{ 0x70, 8 }, { 0x80, 8 }, { 0x90, 8 }, { 0x100, 8 }, { 0x108, 8 },
	{ 0x910, 8 }, { 0x918, 8 }, { 0x928, 8 }, { 0xF18, 8 }, { 0xF20, 8 },
	{ 0xF28, 8 }, { 0xF30, 8 }, { 4080, 4 }, { 4084, 4 },
};

/* Headers, and the first records or passport after them */
static const struct field meta[] = {
	{ 0, 4 }, { 0, 8 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 8 }, { 32, 4 },
	{ 32, 8 }, { 36, 4 }, { 40, 8 }, { 44, 4 }, { 48, 2 }, { 48, 8 },
	{ 50, 2 }, { 52, 8 }, { 56, 4 }, { 60, 4 }, { 60, 8 }, { 68, 8 },
	{ 76, 4 }, { 4040, 8 }, { 4072, 8 }, { 4080, 4 }, { 4084, 4 },
};

#define PICK(table) (&(table)[random_below(sizeof(table) / sizeof(*(table)))])

static uint8_t *block_of(struct image *image, uint64_t block)
{
	return image->now + block % image->blocks * BLOCK_SIZE;
}

static void reseal(uint8_t *block)
{
	put_le(block + PAYLOAD + 8, 8, XXH64(block, PAYLOAD, 0));
}

/* A number near the old one, at an edge, or any. */
static uint64_t other(uint64_t old, const struct image *image)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 15, 16, 76, 77, 78, 127, 128, 129, 256, 257,
		4095, 4096, 4097, INT32_MAX, 1ULL << 31, UINT32_MAX,
		1ULL << 32, 1ULL << 51, (1ULL << 51) - 1, 1ULL << 52, 1ULL << 62,
		INT64_MAX - 1, INT64_MAX, 1ULL << 63, UINT64_MAX - 1, UINT64_MAX,
	};

	switch (random_below(6)) {
	case 0:
		return edges[random_below(sizeof(edges) / sizeof(*edges))];
	case 1:
		return old ^ 1ULL << random_below(64);
	case 2:
		return old + 1 + random_below(9);
	case 3:
		return old - 1 - random_below(9);
	case 4:
		return random_below(image->blocks + 3);
	default:
		return random_below(0) >> random_below(64);
	}
}

static uint64_t change(uint8_t *block, const struct field *field,
		       const struct image *image)
{
	uint64_t value = other(get_le(block + field->offset, field->bytes), image);

	put_le(block + field->offset, field->bytes, value);
	return value;
}

/* One group, or both alike; torn or whole */
static void change_superblock(struct image *image)
{
	const struct field *field = PICK(superblock);
	unsigned int first = random_below(3), i, j;
	uint64_t value = other(get_le(image->now + field->offset, field->bytes),
			       image);

	for (i = 0; i < 2; i++) {
		uint8_t *group = block_of(image, 4 * i);

		if (i + 1 == first)
			continue;
		put_le(group + field->offset, field->bytes, value);
		for (j = 0; j < 4; j++) {
			/* The sequence stands in four trailers */
			if (field->offset == 0xF0 && random_below(8))
				put_le(group + j * BLOCK_SIZE + 4084, 4, value);
			reseal(group + j * BLOCK_SIZE);
		}
	}
}

/* Some of the directory, its header and its two copies */
static void change_directory(struct image *image)
{
	static const struct field fields[] = {
		{ 0, 4 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 8 },
	};
	static const unsigned int copies[] = { 1, 5, 8 };
	struct field field = *PICK(fields);
	unsigned int slots = random_below(10) ? 9 : 127, i, all = random_below(4);
	uint64_t value;
	uint8_t *block;

	field.offset += 32 * random_below(slots);
	value = other(get_le(block_of(image, 8) + field.offset, field.bytes), image);
	for (i = 0; i < 3; i++) {
		if (!all && random_below(2))
			continue;
		block = block_of(image, copies[i]);
		put_le(block + field.offset, field.bytes, value);
		reseal(block);
	}
	block = block_of(image, 9);
	if (!random_below(4))
		put_le(block + 2 * random_below(8), 2, random_below(130));
	if (random_below(8))
		put_le(block + 8, 8, XXH64(block_of(image, 8), PAYLOAD, 0));
	reseal(block);
}

static const struct region *any_region(struct image *image)
{
	unsigned int kind = random_below(KINDS);

	while (!image->regions[kind].there)
		kind = (kind + 1) % KINDS;
	return &image->regions[kind];
}

/* The newest of eight: else most changes would go unnoticed */
static uint64_t newest_commit(struct image *image, const struct region *region)
{
	uint64_t best = 0, where = region->commits, i;

	for (i = 0; i < 2 * COMMIT_SLOTS; i += 2) {
		uint64_t sequence = get_le(block_of(image, region->commits + i), 8);

		if (sequence <= best)
			continue;
		best = sequence;
		where = region->commits + i;
	}
	return where;
}

/* A sequence stands in the trailers, too, and in whose slot it is. */
static void renumber(uint8_t *record, uint8_t *picture, uint8_t *header,
		     unsigned int slot)
{
	uint64_t sequence = (get_le(record, 8) & ~7ULL) + slot;

	put_le(record, 8, sequence);
	put_le(record + PAYLOAD + 4, 4, sequence);
	put_le(picture + PAYLOAD + 4, 4, sequence);
	put_le(header + PAYLOAD + 4, 4, sequence);
	reseal(header);
}

static void change_commit(struct image *image)
{
	const struct region *region = any_region(image);
	uint64_t where = random_below(4) ? newest_commit(image, region) :
			 region->commits + 2 * random_below(COMMIT_SLOTS);
	const struct field *field = PICK(commit);
	uint8_t *record = block_of(image, where);
	uint8_t *picture = block_of(image, where + 1);
	uint8_t *header = block_of(image, region->meta);
	bool state = field->offset >= 0x30 && field->offset < 0x60;
	struct field alike = { field->offset - 0x30, field->bytes };
	uint64_t value;

	if (random_below(4)) {
		value = change(record, field, image);
		if (!field->offset && random_below(4))
			renumber(record, picture, header,
				 (where - region->commits) / 2);
		/* A header's numbers stand in three places */
		if (state && random_below(3)) {
			if (!get_le(record + 0x20, 8))
				put_le(picture + alike.offset, alike.bytes, value);
			put_le(header + alike.offset, alike.bytes, value);
			reseal(header);
		}
	} else {
		change(picture, PICK(meta), image);
	}
	reseal(picture);
	if (field->offset != 0x28)
		put_le(record + 0x28, 8, get_le(picture + PAYLOAD + 8, 8));
	reseal(record);
}

static void change_meta(struct image *image)
{
	const struct region *region = any_region(image);
	uint8_t *block = block_of(image, region->meta +
				  random_below(region->meta_blocks));
	struct field any = { random_below(PAYLOAD - 8), 1 + random_below(8) };

	change(block, random_below(2) ? PICK(meta) : &any, image);
	reseal(block);
}

/* Nobody's forgery: a disk that loses and mixes up things */
static void damage(struct image *image)
{
	static const uint8_t zeros[BLOCK_SIZE];
	uint64_t block = random_below(2) ? random_below(40) :
			 random_below(image->blocks);
	uint8_t *at = block_of(image, block);

	switch (random_below(5)) {
	case 0:
		memcpy(at, zeros, BLOCK_SIZE);
		break;
	case 1:
		memcpy(at, block_of(image, random_below(2) ? block + 1 :
						random_below(image->blocks)),
		       BLOCK_SIZE);
		break;
	case 2:
		memcpy(at + 512 * random_below(8), zeros, 512);
		break;
	default:
		at[random_below(BLOCK_SIZE)] ^= 1 << random_below(8);
	}
}

void image_mutate(struct image *image)
{
	unsigned int changes = 1 + random_below(3);

	memcpy(image->now, image->good, image->blocks * BLOCK_SIZE);
	while (changes--) {
		switch (random_below(8)) {
		case 0:
			change_superblock(image);
			break;
		case 1:
			change_directory(image);
			break;
		case 2:
		case 3:
		case 4:
			change_commit(image);
			break;
		case 5:
			change_meta(image);
			break;
		default:
			damage(image);
		}
	}
}

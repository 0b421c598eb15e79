// SPDX-License-Identifier: GPL-2.0-only
/* WORM write records: place, encoding and every field at its bounds. */
#include "fixtures.h"

struct record_place {
	const char *name;
	u64 n;
	u64 block;
	u32 offset;
};

/* Computed from the format document's formula, apart from the code. */
static const struct record_place record_places[] = {
	{ "first record", 0, 0, 40 },
	{ "record 1", 1, 0, 92 },
	{ "record 75", 75, 0, 3940 },
	{ "last of block 0", 76, 0, 3992 },
	{ "first of block 1", 77, 1, 0 },
	{ "record 78", 78, 1, 52 },
	{ "last of block 1", 154, 1, 4004 },
	{ "first of block 2", 155, 2, 0 },
	{ "record 156", 156, 2, 52 },
	{ "last of block 2", 232, 2, 4004 },
	{ "first of block 3", 233, 3, 0 },
	{ "last below 2^32", 0xFFFFFFFF, 55063683, 1144 },
	{ "record 2^32", 1ULL << 32, 55063683, 1196 },
	{ "80 below 2^51", (1ULL << 51) - 80, 28869228380579, 364 },
	{ "3 below 2^51", (1ULL << 51) - 3, 28869228380580, 312 },
	{ "2 below 2^51", (1ULL << 51) - 2, 28869228380580, 364 },
};

KUNIT_ARRAY_PARAM_DESC(record_place, record_places, name);

static void vde_record_where_table(struct kunit *test)
{
	const struct record_place *place = test->param_value;
	void *block = new_blocks(test, 1);
	u64 where = U64_MAX;
	u32 offset = U32_MAX;

	vde_record_where(place->n, &where, &offset);
	KUNIT_EXPECT_EQ(test, where, place->block);
	KUNIT_EXPECT_EQ(test, offset, place->offset);
	KUNIT_EXPECT_PTR_EQ(test, (void *)vde_record_slot(block, place->n),
			    block + place->offset);
	/* A mark just above record n opens the block with record n. */
	KUNIT_EXPECT_EQ(test, vde_record_open_block(place->n + 1),
			place->block);
}

static void vde_record_open_block_of_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vde_record_open_block(0), 0);
}

static void vde_record_block_table(struct kunit *test)
{
	static const struct {
		u64 block, first;
		u32 count;
	} blocks[] = {
		{ 0, 0, 77 },
		{ 1, 77, 78 },
		{ 2, 155, 78 },
		{ 3, 233, 78 },
		{ 55063683, 4294967273, 78 },
		{ 28869228380580, 2251799813685239, 78 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		KUNIT_EXPECT_EQ(test, vde_record_block_first(blocks[i].block),
				blocks[i].first);
		KUNIT_EXPECT_EQ(test, vde_record_block_count(blocks[i].block),
				blocks[i].count);
	}
}

/* Records tile the blocks: no gap, no overlap, none across the trailer. */
static void vde_record_places_tile(struct kunit *test)
{
	u64 block, last_block = 0;
	u32 offset, next_offset = 40;
	u64 n;

	for (n = 0; n < 10000; n++) {
		vde_record_where(n, &block, &offset);
		if (block != last_block) {
			KUNIT_ASSERT_EQ(test, block, last_block + 1);
			KUNIT_ASSERT_EQ(test, n, vde_record_block_first(block));
			KUNIT_ASSERT_GT(test, next_offset + 52, 4080);
			next_offset = 0;
		}
		KUNIT_ASSERT_EQ_MSG(test, offset, next_offset, "record %llu",
				    n);
		last_block = block;
		next_offset += 52;
	}
}

static void vde_record_encode_golden(struct kunit *test)
{
	static const u8 golden[52] = {
		0x4e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x7b, 0xc0, 0x0a, 0x1a, 0x44, 0x1e, 0xdd, 0x08,
		0x05, 0x00, 0x00, 0x00,
		0x2c, 0xf2, 0x4d, 0xba, 0x5f, 0xb0, 0xa3, 0x0e,
		0x26, 0xe8, 0x3b, 0x2a, 0xc5, 0xb9, 0xe2, 0x9e,
		0x1b, 0x16, 0x1e, 0x5c, 0x1f, 0xa7, 0x42, 0x5e,
		0x73, 0x04, 0x33, 0x62, 0x93, 0x8b, 0x98, 0x24,
	};
	u8 *block = new_blocks(test, 1);
	u8 digest[SHA256_DIGEST_SIZE];

	sha256("hello", 5, digest);
	vde_record_encode(vde_record_slot(block, 78), 78, NOW, 5, digest);
	KUNIT_EXPECT_MEMEQ(test, block + 52, golden, sizeof(golden));
	/* The neighbours are other records. */
	KUNIT_EXPECT_NULL(test, memchr_inv(block, 0, 52));
	KUNIT_EXPECT_NULL(test, memchr_inv(block + 104, 0, 4096 - 104));
	EXPECT_FAULT(test, vde_record_check(vde_record_slot(block, 78), 78, 0),
		     VDE_FAULT_NONE);
}

struct record_bound {
	const char *name;
	u64 n;
	s64 previous_time;
	u64 index;
	s64 time;
	u32 length;
	enum vde_fault want;
};

static const struct record_bound record_bounds[] = {
	{ "sound", 78, NOW, 78, NOW, 4096, VDE_FAULT_NONE },
	{ "index one low", 78, NOW, 77, NOW, 4096, VDE_FAULT_RECORD_INDEX },
	{ "index one high", 78, NOW, 79, NOW, 4096, VDE_FAULT_RECORD_INDEX },
	{ "index 0", 78, NOW, 0, NOW, 4096, VDE_FAULT_RECORD_INDEX },
	{ "index 0 of record 0", 0, 0, 0, NOW, 4096, VDE_FAULT_NONE },
	{ "index 2^32 too high", 78, NOW, (1ULL << 32) + 78, NOW, 4096,
	  VDE_FAULT_RECORD_INDEX },
	{ "index negative", 78, NOW, -78, NOW, 4096, VDE_FAULT_RECORD_INDEX },
	{ "index with bit 63", 78, NOW, (1ULL << 63) + 78, NOW, 4096,
	  VDE_FAULT_RECORD_INDEX },
	{ "largest index", (1ULL << 51) - 2, NOW, (1ULL << 51) - 2, NOW, 4096,
	  VDE_FAULT_NONE },
	{ "length 0", 78, NOW, 78, NOW, 0, VDE_FAULT_RECORD_LENGTH },
	{ "length 1", 78, NOW, 78, NOW, 1, VDE_FAULT_NONE },
	{ "length 4095", 78, NOW, 78, NOW, 4095, VDE_FAULT_NONE },
	{ "length 4097", 78, NOW, 78, NOW, 4097, VDE_FAULT_RECORD_LENGTH },
	{ "length -1", 78, NOW, 78, NOW, -1, VDE_FAULT_RECORD_LENGTH },
	{ "length -4096", 78, NOW, 78, NOW, -4096, VDE_FAULT_RECORD_LENGTH },
	{ "length smallest", 78, NOW, 78, NOW, 0x80000000,
	  VDE_FAULT_RECORD_LENGTH },
	{ "length largest", 78, NOW, 78, NOW, 0x7FFFFFFF,
	  VDE_FAULT_RECORD_LENGTH },
	{ "time a tick later", 78, NOW, 78, NOW + 1, 4096, VDE_FAULT_NONE },
	{ "time a tick earlier", 78, NOW, 78, NOW - 1, 4096,
	  VDE_FAULT_RECORD_TIME },
	{ "time 0", 78, NOW, 78, 0, 4096, VDE_FAULT_RECORD_TIME },
	{ "time 0 without record before", 0, 0, 0, 0, 4096, VDE_FAULT_NONE },
	{ "time -1 without record before", 0, 0, 0, -1, 4096,
	  VDE_FAULT_RECORD_TIME },
	{ "time smallest", 78, NOW, 78, S64_MIN, 4096, VDE_FAULT_RECORD_TIME },
	{ "time largest", 78, NOW, 78, S64_MAX, 4096, VDE_FAULT_NONE },
	{ "time after the largest", 78, S64_MAX, 78, NOW, 4096,
	  VDE_FAULT_RECORD_TIME },
};

KUNIT_ARRAY_PARAM_DESC(record_bound, record_bounds, name);

static void vde_record_check_bounds(struct kunit *test)
{
	const struct record_bound *bound = test->param_value;
	void *record = new_blocks(test, 1);

	poke_record(record, 0, bound->index, bound->time, bound->length);
	EXPECT_FAULT(test, vde_record_check(record, bound->n,
					    bound->previous_time), bound->want);
}

static struct kunit_case vde_record_cases[] = {
	KUNIT_CASE_PARAM(vde_record_where_table, record_place_gen_params),
	KUNIT_CASE(vde_record_open_block_of_nothing),
	KUNIT_CASE(vde_record_block_table),
	KUNIT_CASE(vde_record_places_tile),
	KUNIT_CASE(vde_record_encode_golden),
	KUNIT_CASE_PARAM(vde_record_check_bounds, record_bound_gen_params),
	{}
};

static struct kunit_suite vde_record_suite = {
	.name = "vde_record",
	.test_cases = vde_record_cases,
};

kunit_test_suite(vde_record_suite);

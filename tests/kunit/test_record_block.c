// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of write records: everything in them at or above the mark is a fault. */
#include "fixtures.h"

struct record_block {
	const char *name;
	u64 block;	/* holding every record below filled */
	u64 filled;
	u64 hwm;
	struct poke poke;
	enum vde_fault want;
};

/* Records of block 0 end at 4044, of the others at 4056; payload at 4080. */
static const struct record_block record_blocks[] = {
	{ "header alone", 0, 0, 0, {}, VDE_FAULT_NONE },
	{ "one record", 0, 1, 1, {}, VDE_FAULT_NONE },
	{ "block 0 open", 0, 50, 50, {}, VDE_FAULT_NONE },
	{ "block 0 full", 0, 77, 77, {}, VDE_FAULT_NONE },
	{ "block 0 full, mark far above", 0, 77, 10000, {}, VDE_FAULT_NONE },
	{ "block 1 untouched", 1, 77, 77, {}, VDE_FAULT_NONE },
	{ "block 1 with one record", 1, 78, 78, {}, VDE_FAULT_NONE },
	{ "block 1 full", 1, 155, 155, {}, VDE_FAULT_NONE },
	{ "block 1 full, mark far above", 1, 155, 10000, {}, VDE_FAULT_NONE },
	{ "block 3 wholly above the mark", 3, 77, 78, {}, VDE_FAULT_NONE },

	{ "record missing below the mark", 0, 50, 51, {},
	  VDE_FAULT_RECORD_INDEX },
	{ "last record of block 0 missing", 0, 76, 77, {},
	  VDE_FAULT_RECORD_INDEX },
	{ "first record of block 1 missing", 1, 77, 78, {},
	  VDE_FAULT_RECORD_INDEX },
	{ "block 1 in the place of block 2", 1, 155, 233, { 0, 8, 155 },
	  VDE_FAULT_RECORD_INDEX },
	{ "length out of range inside", 0, 50, 50, { 40 + 52 * 20 + 16, 4, 0 },
	  VDE_FAULT_RECORD_LENGTH },
	{ "length out of range in the last", 1, 155, 155, { 4004 + 16, 4, -1 },
	  VDE_FAULT_RECORD_LENGTH },
	{ "time back by a tick inside", 0, 50, 50,
	  { 40 + 52 * 20 + 8, 8, NOW + 18 }, VDE_FAULT_RECORD_TIME },
	{ "time same as before inside", 0, 50, 50,
	  { 40 + 52 * 20 + 8, 8, NOW + 19 }, VDE_FAULT_NONE },
	{ "time ahead of the next", 0, 50, 50,
	  { 40 + 52 * 20 + 8, 8, NOW + 22 }, VDE_FAULT_RECORD_TIME },

	{ "a record at the mark", 0, 50, 49, {}, VDE_FAULT_RECORD_BEYOND },
	{ "all records, mark 0", 0, 77, 0, {}, VDE_FAULT_RECORD_BEYOND },
	{ "last of block 0 beyond", 0, 77, 76, {}, VDE_FAULT_RECORD_BEYOND },
	{ "last of block 1 beyond", 1, 155, 154, {}, VDE_FAULT_RECORD_BEYOND },
	{ "record in a block above the mark", 2, 156, 155, {},
	  VDE_FAULT_RECORD_BEYOND },
	{ "first byte above the mark", 0, 50, 50, { 40 + 52 * 50, 1, 1 },
	  VDE_FAULT_RECORD_BEYOND },
	{ "last byte of block 0's records", 0, 50, 50, { 4043, 1, 1 },
	  VDE_FAULT_RECORD_BEYOND },
	{ "last byte of block 1's records", 1, 100, 100, { 4055, 1, 1 },
	  VDE_FAULT_RECORD_BEYOND },
	{ "first byte of an untouched block", 2, 0, 155, { 0, 1, 1 },
	  VDE_FAULT_RECORD_BEYOND },

	{ "first padding byte of block 0", 0, 77, 77, { 4044, 1, 1 },
	  VDE_FAULT_RECORD_PADDING },
	{ "last padding byte of block 0", 0, 77, 77, { 4079, 1, 1 },
	  VDE_FAULT_RECORD_PADDING },
	{ "first padding byte of block 1", 1, 155, 155, { 4056, 1, 1 },
	  VDE_FAULT_RECORD_PADDING },
	{ "last padding byte of block 1", 1, 155, 155, { 4079, 1, 1 },
	  VDE_FAULT_RECORD_PADDING },
	{ "padding of an empty block", 1, 77, 77, { 4079, 1, 1 },
	  VDE_FAULT_RECORD_PADDING },
	{ "header is not the records' affair", 0, 50, 50,
	  { 0, 8, U64_MAX }, VDE_FAULT_NONE },
	{ "trailer is not the records' affair", 1, 155, 155,
	  { 4080, 8, U64_MAX }, VDE_FAULT_NONE },
};

KUNIT_ARRAY_PARAM_DESC(record_block, record_blocks, name);

static void vde_record_block_check_table(struct kunit *test)
{
	const struct record_block *row = test->param_value;
	void *block = new_blocks(test, 1);
	s64 time = 0;

	fill_records(block, row->block, row->filled);
	poke_all(block, &row->poke, 1);
	EXPECT_FAULT(test, vde_record_check_block(block, row->block, row->hwm,
						  &time), row->want);
}

/* The time of the newest record goes from one block to the next. */
static void vde_record_block_time_is_carried(struct kunit *test)
{
	u8 *blocks = new_blocks(test, 3);
	s64 time = 0;
	u32 i;

	for (i = 0; i < 3; i++) {
		fill_records(blocks + i * VDE_BLOCK_SIZE, i, 200);
		EXPECT_FAULT(test,
			     vde_record_check_block(blocks + i * VDE_BLOCK_SIZE,
						    i, 200, &time),
			     VDE_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, time, NOW + (i == 0 ? 76 :
						   i == 1 ? 154 : 199));
	}
	/* Block 1 after block 2: its first record is too old. */
	EXPECT_FAULT(test, vde_record_check_block(blocks + VDE_BLOCK_SIZE, 1,
						  200, &time),
		     VDE_FAULT_RECORD_TIME);
	/* A tick decides. */
	time = NOW + 77;
	EXPECT_FAULT(test, vde_record_check_block(blocks + VDE_BLOCK_SIZE, 1,
						  200, &time), VDE_FAULT_NONE);
	time = NOW + 78;
	EXPECT_FAULT(test, vde_record_check_block(blocks + VDE_BLOCK_SIZE, 1,
						  200, &time),
		     VDE_FAULT_RECORD_TIME);
}

static void vde_record_block_without_record_keeps_time(struct kunit *test)
{
	void *block = new_blocks(test, 1);
	s64 time = NOW;

	EXPECT_FAULT(test, vde_record_check_block(block, 2, 155, &time),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, time, NOW);
}

/* Every byte of an open block is either a record's, or known to be zero. */
static void vde_record_block_every_byte(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);
	u32 i;

	fill_records(block, 1, 100);	/* 23 records, to byte 1196 */
	for (i = 1196; i < 4080; i++) {
		s64 time = 0;

		block[i] = 0x80;
		ASSERT_FAULT_MSG(test,
				 vde_record_check_block(block, 1, 100, &time),
				 i < 4056 ? VDE_FAULT_RECORD_BEYOND :
					    VDE_FAULT_RECORD_PADDING,
				 "byte %u", i);
		block[i] = 0;
	}
}

/* Truncating at any mark leaves what filling to that mark makes. */
static void vde_record_truncate_to_every_mark(struct kunit *test)
{
	u8 *full = new_blocks(test, 1);
	u8 *block = new_blocks(test, 1);
	u8 *want = new_blocks(test, 1);
	u64 nr, hwm;

	for (nr = 0; nr < 3; nr++) {
		memset(full, 0xEE, VDE_BLOCK_SIZE);
		fill_records(full, nr, 1000);
		for (hwm = 0; hwm < 260; hwm++) {
			memset(want, 0, VDE_BLOCK_SIZE);
			if (!nr)
				memset(want, 0xEE, 40);
			fill_records(want, nr, hwm);
			memcpy(block, full, VDE_BLOCK_SIZE);
			vde_record_truncate(block, nr, hwm);
			KUNIT_ASSERT_EQ_MSG(test, memcmp(block, want,
							 VDE_BLOCK_SIZE), 0,
					    "block %llu, mark %llu", nr, hwm);
		}
	}
}

static struct kunit_case vde_record_block_cases[] = {
	KUNIT_CASE_PARAM(vde_record_block_check_table,
			 record_block_gen_params),
	KUNIT_CASE(vde_record_block_time_is_carried),
	KUNIT_CASE(vde_record_block_without_record_keeps_time),
	KUNIT_CASE(vde_record_block_every_byte),
	KUNIT_CASE(vde_record_truncate_to_every_mark),
	{}
};

static struct kunit_suite vde_record_block_suite = {
	.name = "vde_record_block",
	.test_cases = vde_record_block_cases,
};

kunit_test_suite(vde_record_block_suite);

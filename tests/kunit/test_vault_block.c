// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of passports: where they begin and end, and what may follow them. */
#include "passports.h"

/* A passport of 132 + texts bytes */
static u32 put(void *block, u32 offset, u32 nr, u32 texts)
{
	u32 issuer = min(texts, 128U);

	return fill_passport(block, offset, nr, issuer, texts - issuer);
}

/* As many of them as are said; returns where the last one ends. */
static u32 fill_block(void *block, u32 index, u32 count, u32 texts)
{
	u32 i, end = index ? 0 : 16;

	for (i = 0; i < count; i++)
		end += put(block, end, i + 1, texts);
	return end;
}

struct block_row {
	const char *name;
	u32 index;
	u32 count, texts;	/* of the passports before the last */
	s32 last;		/* texts of a last passport, -1 for none */
	struct poke pokes[2];
	enum vde_fault want;
	u32 want_count, want_end;
};

/*
 * 4080 bytes of payload, less 16 in block 0. A last passport fills what the
 * others leave: 30 x 132 = 3960, 7 x 516 = 3612.
 */
static const struct block_row block_rows[] = {
	{ "block 0 without any", 0, 0, 0, -1, {}, VDE_FAULT_NONE, 0, 16 },
	{ "block 1 without any", 1, 0, 0, -1, {}, VDE_FAULT_NONE, 0, 0 },
	{ "one in block 0", 0, 1, 0, -1, {}, VDE_FAULT_NONE, 1, 148 },
	{ "one in block 1", 1, 1, 0, -1, {}, VDE_FAULT_NONE, 1, 132 },
	{ "block 0 full of the shortest", 0, 30, 0, -1, {}, VDE_FAULT_NONE,
	  30, 3976 },
	{ "block 1 full of the shortest", 1, 30, 0, -1, {}, VDE_FAULT_NONE,
	  30, 3960 },
	{ "block 0 full of the longest", 0, 7, 384, -1, {}, VDE_FAULT_NONE,
	  7, 3628 },
	{ "a last one that ends with block 1", 1, 7, 384, 336, {},
	  VDE_FAULT_NONE, 8, 4080 },
	{ "a last one that ends with block 0", 0, 7, 384, 320, {},
	  VDE_FAULT_NONE, 8, 4080 },
	{ "one byte left", 1, 7, 384, 335, {}, VDE_FAULT_NONE, 8, 4079 },
	{ "garbage in the byte left", 1, 7, 384, 335, { { 4079, 1, 1 } },
	  VDE_FAULT_VAULT_PADDING, 8, 4079 },
	{ "131 bytes left", 1, 7, 384, 205, {}, VDE_FAULT_NONE, 8, 3949 },
	{ "131 bytes left, first is not zero", 1, 7, 384, 205,
	  { { 3949, 1, 1 } }, VDE_FAULT_VAULT_PADDING, 8, 3949 },
	{ "131 bytes left, last is not zero", 1, 7, 384, 205,
	  { { 4079, 1, 1 } }, VDE_FAULT_VAULT_PADDING, 8, 3949 },
	{ "132 bytes left", 1, 7, 384, 204, {}, VDE_FAULT_NONE, 8, 3948 },
	{ "132 bytes left, of an empty passport", 1, 7, 384, 204,
	  { { 3948, 1, 1 } }, VDE_FAULT_NONE, 9, 4080 },
	{ "132 bytes left, for one with an issuer", 1, 7, 384, 204,
	  { { 3948, 1, 1 }, { 3948 + 60, 4, 1 } }, VDE_FAULT_PASSPORT_CUT,
	  8, 3948 },
	{ "132 bytes left, for one with notes", 1, 7, 384, 204,
	  { { 3948, 1, 1 }, { 3948 + 64, 4, 1 } }, VDE_FAULT_PASSPORT_CUT,
	  8, 3948 },
	{ "132 bytes left, garbage behind a zero id", 1, 7, 384, 204,
	  { { 3948 + 16, 1, 1 } }, VDE_FAULT_VAULT_PADDING, 8, 3948 },
	{ "133 bytes left, garbage in the last", 1, 7, 384, 203,
	  { { 3947, 1, 1 }, { 4079, 1, 1 } }, VDE_FAULT_VAULT_PADDING, 9,
	  4079 },

	{ "a zero id ends it, but more follows", 1, 3, 0, -1,
	  { { 132, 4, 0 } }, VDE_FAULT_VAULT_PADDING, 1, 132 },
	{ "the first has no id", 1, 3, 0, -1, { { 0, 4, 0 } },
	  VDE_FAULT_VAULT_PADDING, 0, 0 },
	{ "garbage right behind the last", 1, 3, 0, -1, { { 396, 1, 1 } },
	  VDE_FAULT_NONE, 4, 528 },
	{ "garbage behind a zero id", 1, 3, 0, -1, { { 396 + 16, 1, 1 } },
	  VDE_FAULT_VAULT_PADDING, 3, 396 },
	{ "garbage in the last byte", 1, 3, 0, -1, { { 4079, 1, 1 } },
	  VDE_FAULT_VAULT_PADDING, 3, 396 },
	{ "the trailer is not looked at", 1, 3, 0, -1, { { 4080, 8, -1 } },
	  VDE_FAULT_NONE, 3, 396 },
	{ "a length runs past the block", 1, 30, 0, -1,
	  { { 29 * 132 + 64, 4, 121 } }, VDE_FAULT_PASSPORT_CUT, 29, 3828 },
	{ "a length runs up to its end", 1, 30, 0, -1,
	  { { 29 * 132 + 64, 4, 120 } }, VDE_FAULT_PASSPORT_TEXT, 29, 3828 },
	{ "a length swallows the next", 1, 3, 0, -1, { { 132 + 64, 4, 132 } },
	  VDE_FAULT_PASSPORT_TEXT, 1, 132 },
	{ "a fault in the first", 1, 3, 0, -1, { { 32, 2, 9 } },
	  VDE_FAULT_PASSPORT_FIELD, 0, 0 },
	{ "a fault in the second", 1, 3, 0, -1, { { 132 + 34, 2, 8 } },
	  VDE_FAULT_PASSPORT_FIELD, 1, 132 },
	{ "a fault in the last", 1, 3, 0, -1, { { 264 + 36, 8, -1 } },
	  VDE_FAULT_PASSPORT_TIME, 2, 264 },

	{ "block 0 counts more than it has", 0, 3, 0, -1, { { 0, 4, 100 } },
	  VDE_FAULT_NONE, 3, 412 },
	{ "garbage behind the count", 0, 3, 0, -1, { { 4, 1, 1 } },
	  VDE_FAULT_VAULT_PADDING, 0, 16 },
	{ "garbage before the first", 0, 3, 0, -1, { { 15, 1, 1 } },
	  VDE_FAULT_VAULT_PADDING, 0, 16 },
};

KUNIT_ARRAY_PARAM_DESC(block_row, block_rows, name);

static void vde_vault_block_check_table(struct kunit *test)
{
	const struct block_row *row = test->param_value;
	u8 *block = new_blocks(test, 1);
	u32 count = 99, end;

	end = fill_block(block, row->index, row->count, row->texts);
	if (row->last >= 0)
		end += put(block, end, 1000, row->last);
	poke_all(block, row->pokes, ARRAY_SIZE(row->pokes));
	EXPECT_FAULT(test, vde_vault_block_check(block, row->index, &count,
						 &end), row->want);
	KUNIT_EXPECT_EQ(test, count, row->want_count);
	KUNIT_EXPECT_EQ(test, end, row->want_end);
}

/* Each byte behind the last passport must stay zero, id and the rest. */
static void vde_vault_block_padding(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);
	u32 i, count, end = fill_block(block, 1, 20, 60);

	for (i = end; i < 4080; i++) {
		block[i] = 1;
		/* An id makes it a passport: one that is all zero. */
		if (i < end + 16)
			EXPECT_FAULT(test,
				     vde_vault_block_check(block, 1, &count,
							   &end),
				     VDE_FAULT_NONE);
		else
			ASSERT_FAULT_MSG(test,
					 vde_vault_block_check(block, 1, &count,
							       &end),
					 VDE_FAULT_VAULT_PADDING, "byte %u", i);
		end = 20 * 192;
		block[i] = 0;
	}
}

static void vde_vault_block_tombstones(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);
	struct vde_passport passport;
	u32 i, count, end = fill_block(block, 0, 10, 100);

	for (i = 0; i < 10; i += 2)
		vde_passport_remove(block + 16 + 232 * i, 232, NOW);
	EXPECT_FAULT(test, vde_vault_block_check(block, 0, &count, &end),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, count, 10);
	KUNIT_EXPECT_EQ(test, end, 16 + 2320);
	for (i = 0; i < 10; i++) {
		EXPECT_FAULT(test, vde_vault_block_next(block, 16 + 232 * i,
							&passport),
			     VDE_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, passport.size, 232);
		KUNIT_EXPECT_EQ(test, passport.status, i % 2 ? 4 : 0xFFFF);
		KUNIT_EXPECT_EQ(test, peek(passport.id, 0, 4), i + 1);
	}
	EXPECT_FAULT(test, vde_vault_block_next(block, 16 + 2320, &passport),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, passport.size, 0);
}

static void vde_vault_block_golden(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);
	u32 i, size, count, end = 16;

	for (i = 0; i < GOLDEN_PASSPORTS; i++) {
		u8 *passport = golden_passport(test, i, &size);

		memcpy(block + end, passport, size);
		end += size;
	}
	poke(block, 0, 4, 3);
	EXPECT_FAULT(test, vde_vault_block_check(block, 0, &count, &end),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, count, 3);
	KUNIT_EXPECT_EQ(test, end, 16 + 132 + 155 + 516);
	KUNIT_EXPECT_EQ(test, vde_vault_block_total(block), 3);
}

/* At every place up to the payload's end, one that fits and one too long */
static void vde_vault_block_fits_everywhere(struct kunit *test)
{
	u32 end;

	for (end = 0; end <= 4080; end++) {
		u32 left = 4080 - end;

		KUNIT_ASSERT_TRUE(test, vde_vault_block_fits(end, left));
		KUNIT_ASSERT_FALSE(test, vde_vault_block_fits(end, left + 1));
	}
	KUNIT_EXPECT_TRUE(test, vde_vault_block_fits(3948, 132));
	KUNIT_EXPECT_FALSE(test, vde_vault_block_fits(3949, 132));
	KUNIT_EXPECT_EQ(test, vde_vault_block_begin(0), 16);
	KUNIT_EXPECT_EQ(test, vde_vault_block_begin(1), 0);
	KUNIT_EXPECT_EQ(test, vde_vault_block_begin(U64_MAX), 0);
}

static void vde_vault_block_set_total_alone(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);

	memset(block, 0xA5, VDE_BLOCK_SIZE);
	vde_vault_block_set_total(block, 0x12345678);
	KUNIT_EXPECT_EQ(test, peek(block, 0, 4), 0x12345678);
	KUNIT_EXPECT_EQ(test, vde_vault_block_total(block), 0x12345678);
	KUNIT_EXPECT_NULL(test, memchr_inv(block + 4, 0xA5,
					   VDE_BLOCK_SIZE - 4));
	vde_vault_block_set_total(block, S32_MAX);
	KUNIT_EXPECT_EQ(test, vde_vault_block_total(block), S32_MAX);
}

/* Noise is never taken for more passports than a block can hold. */
static void vde_vault_block_noise(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);
	u32 seed = 1, round, i, count, end;

	for (round = 0; round < 2000; round++) {
		fill_block(block, round % 2, 20, 60);
		for (i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			block[(seed >> 8) % 4080] ^= seed >> 24;
		}
		vde_vault_block_check(block, round % 2, &count, &end);
		KUNIT_ASSERT_LE(test, count, 30);
		KUNIT_ASSERT_LE(test, end, 4080);
		memset(block, 0, VDE_BLOCK_SIZE);
	}
}

static struct kunit_case vde_vault_block_cases[] = {
	KUNIT_CASE_PARAM(vde_vault_block_check_table, block_row_gen_params),
	KUNIT_CASE(vde_vault_block_padding),
	KUNIT_CASE(vde_vault_block_tombstones),
	KUNIT_CASE(vde_vault_block_golden),
	KUNIT_CASE(vde_vault_block_fits_everywhere),
	KUNIT_CASE(vde_vault_block_set_total_alone),
	KUNIT_CASE(vde_vault_block_noise),
	{}
};

static struct kunit_suite vde_vault_block_suite = {
	.name = "vde_vault_block",
	.test_cases = vde_vault_block_cases,
};

kunit_test_suite(vde_vault_block_suite);

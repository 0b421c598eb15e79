// SPDX-License-Identifier: GPL-2.0-only
/* Universal block trailer. Vectors come from an independent implementation. */
#include "fixtures.h"

#define TAG_WORM 0x574F524D

static const u8 golden_trailer[16] = {
	0x4d, 0x52, 0x4f, 0x57, 0x07, 0x00, 0x00, 0x00,
	0x9c, 0x1f, 0xd8, 0x7c, 0x48, 0x0c, 0xfe, 0x73,
};

static void *golden_block(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);

	fill_pattern(block);
	memcpy(block + 4080, golden_trailer, sizeof(golden_trailer));
	return block;
}

struct xxh64_vector {
	const char *name;
	u32 length;
	u64 hash;
};

static const struct xxh64_vector xxh64_vectors[] = {
	{ "0 bytes", 0, 0xef46db3751d8e999 },
	{ "1 byte", 1, 0xe934a84adb052768 },
	{ "3 bytes", 3, 0xe5c7bb4533bc65dd },
	{ "4 bytes", 4, 0xffced8604453cc1e },
	{ "8 bytes", 8, 0x884a173614b81b8d },
	{ "31 bytes", 31, 0xc346d2b59b4d8ee1 },
	{ "32 bytes", 32, 0xcbf59c5116ff32b4 },
	{ "33 bytes", 33, 0x0c535d1acafb8ead },
	{ "63 bytes", 63, 0xe26aa9e2a95f8e4f },
	{ "64 bytes", 64, 0xf7c67301db6713f0 },
	{ "100 bytes", 100, 0x6ac1e58032166597 },
	{ "a payload", 4080, 0x73fe0c487cd81f9c },
};

KUNIT_ARRAY_PARAM_DESC(xxh64_vector, xxh64_vectors, name);

/* The surroundings' xxh64 is not ours; the format depends on it bit by bit. */
static void vde_block_xxh64(struct kunit *test)
{
	const struct xxh64_vector *vector = test->param_value;
	void *block = golden_block(test);

	KUNIT_EXPECT_EQ(test, xxh64(block, vector->length, 0), vector->hash);
}

static void vde_block_seal_golden(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);

	fill_pattern(block);
	memset(block + 4080, 0xFF, 16);
	vde_block_seal(block, TAG_WORM, 7);
	KUNIT_EXPECT_MEMEQ(test, block, golden_block(test), VDE_BLOCK_SIZE);
}

static void vde_block_check_golden(struct kunit *test)
{
	void *block = golden_block(test);

	EXPECT_FAULT(test, vde_block_check(block, TAG_WORM), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, vde_block_generation(block), 7);
}

static void vde_block_check_wrong_tag(struct kunit *test)
{
	static const u32 tags[] = {
		0x53555042, 0x524D4150, 0x45584D44, 0x49414E54, 0x4D57414C,
		0x44415441, 0x53545245, 0x434D5654, 0x4D524F57, 0,
	};
	void *block = golden_block(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		ASSERT_FAULT_MSG(test, vde_block_check(block, tags[i]),
				 VDE_FAULT_BLOCK_TAG, "tag %08x", tags[i]);
}

static void vde_block_every_payload_bit(struct kunit *test)
{
	u8 *block = golden_block(test);
	u32 bit;

	for (bit = 0; bit < 4080 * 8; bit++) {
		block[bit / 8] ^= 1 << bit % 8;
		ASSERT_FAULT_MSG(test, vde_block_check(block, TAG_WORM),
				 VDE_FAULT_BLOCK_CHECKSUM, "bit %u", bit);
		block[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_FAULT(test, vde_block_check(block, TAG_WORM), VDE_FAULT_NONE);
}

/*
 * The checksum does not cover the trailer. A wrong generation is thus no fault
 * of the block, but must reach the caller, who knows which one belongs there.
 */
static void vde_block_every_trailer_bit(struct kunit *test)
{
	u8 *block = golden_block(test);
	u32 bit;

	for (bit = 0; bit < 128; bit++) {
		enum vde_fault want = bit < 32 ? VDE_FAULT_BLOCK_TAG :
				      bit < 64 ? VDE_FAULT_NONE :
						 VDE_FAULT_BLOCK_CHECKSUM;
		u32 generation = bit / 32 == 1 ? 7 ^ 1U << (bit - 32) : 7;

		block[4080 + bit / 8] ^= 1 << bit % 8;
		ASSERT_FAULT_MSG(test, vde_block_check(block, TAG_WORM), want,
				 "bit %u", bit);
		KUNIT_ASSERT_EQ_MSG(test, vde_block_generation(block),
				    generation, "bit %u", bit);
		block[4080 + bit / 8] ^= 1 << bit % 8;
	}
}

static void vde_block_generation_bounds(struct kunit *test)
{
	static const u32 generations[] = {
		0, 1, S32_MAX, 0x80000000, U32_MAX,
	};
	u8 *block = golden_block(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(generations); i++) {
		vde_block_seal(block, TAG_WORM, generations[i]);
		KUNIT_EXPECT_EQ(test, vde_block_generation(block),
				generations[i]);
		KUNIT_EXPECT_EQ(test, peek(block, 4084, 4), generations[i]);
		EXPECT_FAULT(test, vde_block_check(block, TAG_WORM),
			     VDE_FAULT_NONE);
	}
}

/* A discarded block must not pass as an empty one of any type. */
static void vde_block_zero_is_not_sealed(struct kunit *test)
{
	void *block = new_blocks(test, 1);

	EXPECT_FAULT(test, vde_block_check(block, TAG_WORM),
		     VDE_FAULT_BLOCK_TAG);
	EXPECT_FAULT(test, vde_block_check(block, 0), VDE_FAULT_BLOCK_CHECKSUM);
	vde_block_seal(block, TAG_WORM, 0);
	KUNIT_EXPECT_EQ(test, peek(block, 4088, 8), 0x51f6be6b0ae550f0);
	EXPECT_FAULT(test, vde_block_check(block, TAG_WORM), VDE_FAULT_NONE);
}

static void vde_block_is_zero_every_byte(struct kunit *test)
{
	u8 *block = new_blocks(test, 2);
	u32 i;

	block[VDE_BLOCK_SIZE] = 1;	/* the next block's affair */
	KUNIT_EXPECT_TRUE(test, vde_block_is_zero(block));
	for (i = 0; i < VDE_BLOCK_SIZE; i++) {
		block[i] = 1 << i % 8;
		KUNIT_ASSERT_FALSE_MSG(test, vde_block_is_zero(block),
				       "byte %u", i);
		block[i] = 0;
	}
}

static struct kunit_case vde_block_cases[] = {
	KUNIT_CASE_PARAM(vde_block_xxh64, xxh64_vector_gen_params),
	KUNIT_CASE(vde_block_seal_golden),
	KUNIT_CASE(vde_block_check_golden),
	KUNIT_CASE(vde_block_check_wrong_tag),
	KUNIT_CASE(vde_block_every_payload_bit),
	KUNIT_CASE(vde_block_every_trailer_bit),
	KUNIT_CASE(vde_block_generation_bounds),
	KUNIT_CASE(vde_block_zero_is_not_sealed),
	KUNIT_CASE(vde_block_is_zero_every_byte),
	{}
};

static struct kunit_suite vde_block_suite = {
	.name = "vde_block",
	.test_cases = vde_block_cases,
};

kunit_test_suite(vde_block_suite);

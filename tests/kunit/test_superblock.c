// SPDX-License-Identifier: GPL-2.0-only
/* Superblock: what format writes, and every field at its bounds. */
#include "fixtures.h"

#define MAX_BLOCKS ((1ULL << 51) - 1)

/* Every field that is not zero in the superblock of sample_layout(). */
static const struct poke sample_fields[] = {
	{ 0x00, 4, 0x44565744 },	/* "DWVD" */
	{ 0x04, 1, 2 },			/* major */
	{ 0x06, 2, 1 },			/* revision */
	{ 0x08, 4, 0x2F3A7764 },	/* "dw:/" */
	{ 0x0C, 1, 0x2F },		/* "/" */
	{ 0x10, 2, 2 },			/* minimum reader */
	{ 0x12, 2, 2 },			/* minimum writer */
	{ 0x14, 4, 1 << 1 },		/* incompatible: worm */
	{ 0x18, 4, 1 << 2 },		/* read-only compatible: stream */
	{ 0x1C, 4, 1 << 2 | 1 << 3 },	/* compatible: chain, vault */
	{ 0x20, 4, 1 << 1 | 1 << 6 | 1 << 11 },	/* modules */
	{ 0x34, 4, 4096 },
	{ 0x38, 8, 200 },		/* total */
	{ 0x40, 8, 26 },		/* free */
	{ 0x48, 8, 200 * 4096 },
	{ 0x50, 8, 174 },		/* allocated */
	{ 0x7A, 1, 1 },			/* checksum algorithm */
	{ 0x7C, 2, 304 },		/* inode size */
	{ 0x80, 4, 1 },			/* policy version */
	{ 0x98, 8, 0x2165766968637261 },	/* label "archive!" */
	{ 0xD8, 8, NOW },		/* created */
	{ 0xE0, 8, NOW },		/* modified */
	{ 0xF0, 8, 1 },			/* checkpoint sequence */
	{ 0x128, 8, 174 },		/* physically allocated */
};

static struct vde_disk_superblock *sample_superblock(struct kunit *test)
{
	u8 *block = new_blocks(test, 1);

	poke_all(block, sample_fields, ARRAY_SIZE(sample_fields));
	memcpy(block + 0x58, volume_uuid, sizeof(volume_uuid));
	return (struct vde_disk_superblock *)block;
}

static void vde_superblock_init_golden(struct kunit *test)
{
	struct vde_disk_superblock *sb = new_blocks(test, 1);

	memset(sb, 0xFF, VDE_BLOCK_SIZE);
	vde_superblock_init(sb, sample_layout(test), volume_uuid, "archive!",
			    NOW);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)sb, (u8 *)sample_superblock(test), 4080);
}

static void vde_superblock_init_without_regions(struct kunit *test)
{
	struct vde_disk_superblock *sb = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 10);

	vde_superblock_init(sb, layout, volume_uuid, "", NOW);
	KUNIT_EXPECT_EQ(test, peek(sb, 0x14, 4), 0);
	KUNIT_EXPECT_EQ(test, peek(sb, 0x18, 4), 0);
	KUNIT_EXPECT_EQ(test, peek(sb, 0x1C, 4), 1 << 2);
	KUNIT_EXPECT_EQ(test, peek(sb, 0x40, 8), 0);
	KUNIT_EXPECT_EQ(test, peek(sb, 0x50, 8), 10);
	EXPECT_FAULT(test, vde_superblock_check(sb, 10), VDE_FAULT_NONE);
}

/* 64 bytes of label need no end; the 65th would be the time of creation. */
static void vde_superblock_label_lengths(struct kunit *test)
{
	static const u32 lengths[] = { 0, 1, 63, 64, 65, 200 };
	u8 *sb = new_blocks(test, 1);
	char *label = new_blocks(test, 1);
	u8 want[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(label, 0, 256);
		memset(label, 'x', lengths[i]);
		memset(want, 0, sizeof(want));
		memset(want, 'x', min(lengths[i], 64U));
		vde_superblock_init((struct vde_disk_superblock *)sb,
				    sample_layout(test), volume_uuid, label,
				    NOW);
		KUNIT_EXPECT_MEMEQ(test, sb + 0x98, want, 64);
		KUNIT_EXPECT_EQ(test, peek(sb, 0x90, 8), 0);
		KUNIT_EXPECT_EQ(test, peek(sb, 0xD8, 8), NOW);
	}
}

struct field_row {
	const char *name;
	struct poke poke;
	enum vde_fault want;
	enum vde_fault unwritable;	/* may be read, but not written */
};

static const struct field_row field_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "magic 'D'", { 0, 1, 'd' }, VDE_FAULT_NOT_VDE },
	{ "magic 'W'", { 1, 1, 0 }, VDE_FAULT_NOT_VDE },
	{ "magic 'V'", { 2, 1, 'v' }, VDE_FAULT_NOT_VDE },
	{ "magic second 'D'", { 3, 1, 0xC4 }, VDE_FAULT_NOT_VDE },
	{ "scheme, first byte", { 0x08, 1, 'D' }, VDE_FAULT_NOT_VDE },
	{ "scheme, last byte", { 0x0C, 1, 0 }, VDE_FAULT_NOT_VDE },
	{ "major 1", { 0x04, 1, 1 }, VDE_FAULT_VERSION },
	{ "major 3", { 0x04, 1, 3 }, VDE_FAULT_VERSION },
	{ "minor 1", { 0x05, 1, 1 }, VDE_FAULT_NONE },
	{ "revision 2", { 0x06, 2, 2 }, VDE_FAULT_NONE },
	{ "minimum reader 0", { 0x10, 2, 0 }, VDE_FAULT_NONE },
	{ "minimum reader 3", { 0x10, 2, 3 }, VDE_FAULT_VERSION },
	{ "minimum reader 0xFFFF", { 0x10, 2, 0xFFFF }, VDE_FAULT_VERSION },
	{ "minimum writer 0", { 0x12, 2, 0 }, VDE_FAULT_NONE },
	{ "minimum writer 3", { 0x12, 2, 3 }, VDE_FAULT_NONE,
	  VDE_FAULT_WRITER },
	{ "minimum writer 0xFFFF", { 0x12, 2, 0xFFFF }, VDE_FAULT_NONE,
	  VDE_FAULT_WRITER },
	{ "no incompatible feature", { 0x14, 4, 0 }, VDE_FAULT_NONE },
	{ "unknown incompatible feature only", { 0x14, 4, 1 << 2 },
	  VDE_FAULT_FEATURES },
	{ "no compatible feature", { 0x1C, 4, 0 }, VDE_FAULT_NONE },
	{ "every compatible feature", { 0x1C, 4, U32_MAX }, VDE_FAULT_NONE },
	{ "every module", { 0x20, 4, U32_MAX }, VDE_FAULT_NONE },
	{ "block size 0", { 0x34, 4, 0 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size 512", { 0x34, 4, 512 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size 4095", { 0x34, 4, 4095 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size 4097", { 0x34, 4, 4097 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size 8192", { 0x34, 4, 8192 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size 65536", { 0x34, 4, 65536 }, VDE_FAULT_BLOCK_SIZE },
	{ "block size -4096", { 0x34, 4, -4096 }, VDE_FAULT_BLOCK_SIZE },
	{ "compression", { 0x78, 1, 1 }, VDE_FAULT_ALGORITHM },
	{ "compression 255", { 0x78, 1, 255 }, VDE_FAULT_ALGORITHM },
	{ "encryption", { 0x79, 1, 1 }, VDE_FAULT_ALGORITHM },
	{ "no checksum algorithm", { 0x7A, 1, 0 }, VDE_FAULT_ALGORITHM },
	{ "checksum algorithm 2", { 0x7A, 1, 2 }, VDE_FAULT_ALGORITHM },
	{ "total one low", { 0x38, 8, 199 }, VDE_FAULT_SIZES },
	{ "total one high", { 0x38, 8, 201 }, VDE_FAULT_SIZES },
	{ "total -200", { 0x38, 8, -200 }, VDE_FAULT_SIZES },
	{ "free one low", { 0x40, 8, 25 }, VDE_FAULT_SIZES },
	{ "free one high", { 0x40, 8, 27 }, VDE_FAULT_SIZES },
	{ "free -1", { 0x40, 8, -1 }, VDE_FAULT_SIZES },
	{ "expected a byte short", { 0x48, 8, 819199 }, VDE_FAULT_SIZES },
	{ "expected a byte long", { 0x48, 8, 819201 }, VDE_FAULT_SIZES },
	{ "expected in blocks", { 0x48, 8, 200 }, VDE_FAULT_SIZES },
	{ "expected negative", { 0x48, 8, -819200 }, VDE_FAULT_SIZES },
	{ "allocated one low", { 0x50, 8, 173 }, VDE_FAULT_SIZES },
	{ "allocated one high", { 0x50, 8, 175 }, VDE_FAULT_SIZES },
	{ "allocated negative", { 0x50, 8, -174 }, VDE_FAULT_SIZES },
	{ "physical one low", { 0x128, 8, 173 }, VDE_FAULT_SIZES },
	{ "physical one high", { 0x128, 8, 175 }, VDE_FAULT_SIZES },
	/* Their rules are the regions' and the tools', not the superblock's. */
	{ "mark of the first worm region", { 0x88, 8, 50 }, VDE_FAULT_NONE },
	{ "label with an end in it", { 0x9A, 1, 0 }, VDE_FAULT_NONE },
	{ "created late", { 0xD8, 8, S64_MAX }, VDE_FAULT_NONE },
	{ "last scrub", { 0xE8, 8, NOW }, VDE_FAULT_NONE },
	{ "sequence beyond 32 bits", { 0xF0, 8, 1ULL << 40 }, VDE_FAULT_NONE },
	{ "last sequence to write from", { 0xF0, 8, 1ULL << 62 },
	  VDE_FAULT_NONE },
	{ "first sequence without room", { 0xF0, 8, (1ULL << 62) + 1 },
	  VDE_FAULT_NONE, VDE_FAULT_SEQUENCE_SPENT },
	{ "highest sequence", { 0xF0, 8, S64_MAX - 1 }, VDE_FAULT_NONE,
	  VDE_FAULT_SEQUENCE_SPENT },
};

KUNIT_ARRAY_PARAM_DESC(field_row, field_rows, name);

static void vde_superblock_field_table(struct kunit *test)
{
	const struct field_row *row = test->param_value;
	struct vde_disk_superblock *sb = sample_superblock(test);

	poke_all(sb, &row->poke, 1);
	EXPECT_FAULT(test, vde_superblock_check(sb, 200), row->want);
	if (!row->want)
		EXPECT_FAULT(test, vde_superblock_check_writable(sb),
			     row->unwritable);
}

static void vde_superblock_every_feature_bit(struct kunit *test)
{
	struct vde_disk_superblock *sb = sample_superblock(test);
	u32 bit;

	for (bit = 0; bit < 32; bit++) {
		/* The known feature is gone then, which is no harm here. */
		poke(sb, 0x14, 4, (1 << 1) ^ 1U << bit);
		ASSERT_FAULT_MSG(test, vde_superblock_check(sb, 200),
				 bit == 1 ? VDE_FAULT_NONE : VDE_FAULT_FEATURES,
				 "incompatible bit %u", bit);
	}
	poke(sb, 0x14, 4, 1 << 1);
	for (bit = 0; bit < 32; bit++) {
		poke(sb, 0x18, 4, (1 << 2) ^ 1U << bit);
		ASSERT_FAULT_MSG(test, vde_superblock_check(sb, 200),
				 VDE_FAULT_NONE, "read-only bit %u", bit);
		ASSERT_FAULT_MSG(test, vde_superblock_check_writable(sb),
				 bit == 2 ? VDE_FAULT_NONE : VDE_FAULT_WRITER,
				 "read-only bit %u", bit);
	}
}

/* Fields 0x38, 0x40, 0x48, 0x50 and 0x128 in that order. */
struct size_row {
	const char *name;
	u64 total, free, expected, allocated, physical;
	u64 device_blocks;
	enum vde_fault want;
};

static const struct size_row size_rows[] = {
	{ "no region", 10, 0, 40960, 10, 10, 10, VDE_FAULT_NONE },
	{ "smaller than its own metadata", 9, 0, 36864, 9, 9, 9,
	  VDE_FAULT_SIZES },
	{ "empty", 0, 0, 0, 0, 0, 100, VDE_FAULT_SIZES },
	{ "all free but the metadata", 100, 90, 409600, 10, 10, 100,
	  VDE_FAULT_NONE },
	{ "metadata counted as free", 100, 91, 409600, 9, 9, 100,
	  VDE_FAULT_SIZES },
	{ "everything free", 100, 100, 409600, 0, 0, 100, VDE_FAULT_SIZES },
	{ "more free than there is", 100, 101, 409600, -1, -1, 100,
	  VDE_FAULT_SIZES },
	{ "free negative, sums agree", 100, -100, 409600, 200, 200, 100,
	  VDE_FAULT_SIZES },
	{ "largest", MAX_BLOCKS, 0, S64_MAX - 4095, MAX_BLOCKS, MAX_BLOCKS,
	  MAX_BLOCKS, VDE_FAULT_NONE },
	{ "expected size becomes negative", MAX_BLOCKS + 1, 0, S64_MIN,
	  MAX_BLOCKS + 1, MAX_BLOCKS + 1, U64_MAX, VDE_FAULT_SIZES },
	{ "expected size wraps to 0", 1ULL << 52, 0, 0, 1ULL << 52, 1ULL << 52,
	  U64_MAX, VDE_FAULT_SIZES },
	{ "expected size wraps to 100 blocks", (1ULL << 52) + 100,
	  (1ULL << 52) + 90, 409600, 10, 10, U64_MAX, VDE_FAULT_SIZES },
	{ "total negative, sums agree", -100, 0, -409600, -100, -100, U64_MAX,
	  VDE_FAULT_SIZES },
	{ "device a block short", 100, 90, 409600, 10, 10, 99,
	  VDE_FAULT_DEVICE_SHORT },
	{ "no device", 100, 90, 409600, 10, 10, 0, VDE_FAULT_DEVICE_SHORT },
	{ "device a block longer", 100, 90, 409600, 10, 10, 101,
	  VDE_FAULT_NONE },
	{ "device much longer", 100, 90, 409600, 10, 10, U64_MAX,
	  VDE_FAULT_NONE },
};

KUNIT_ARRAY_PARAM_DESC(size_row, size_rows, name);

static void vde_superblock_size_table(struct kunit *test)
{
	const struct size_row *row = test->param_value;
	struct vde_disk_superblock *sb = sample_superblock(test);

	poke(sb, 0x38, 8, row->total);
	poke(sb, 0x40, 8, row->free);
	poke(sb, 0x48, 8, row->expected);
	poke(sb, 0x50, 8, row->allocated);
	poke(sb, 0x128, 8, row->physical);
	EXPECT_FAULT(test, vde_superblock_check(sb, row->device_blocks),
		     row->want);
}

struct story_row {
	const char *name;
	struct poke pokes[3];
	enum vde_fault want;
};

/* Against the directory of sample_layout(): all three kinds, 164 blocks. */
static const struct story_row story_rows[] = {
	{ "same story", {}, VDE_FAULT_NONE },
	{ "dirty", { { 0x1C, 4, 1 << 2 | 1 << 3 | 1 << 6 } }, VDE_FAULT_NONE },
	{ "unknown compatible feature", { { 0x1C, 4, 1 << 3 | 1U << 31 } },
	  VDE_FAULT_NONE },
	{ "unknown read-only feature", { { 0x18, 4, 1 << 2 | 1U << 31 } },
	  VDE_FAULT_NONE },
	{ "worm region not declared", { { 0x14, 4, 0 } },
	  VDE_FAULT_FEATURE_MISMATCH },
	{ "stream region not declared", { { 0x18, 4, 0 } },
	  VDE_FAULT_FEATURE_MISMATCH },
	{ "vault not declared", { { 0x1C, 4, 1 << 2 } },
	  VDE_FAULT_FEATURE_MISMATCH },
	{ "a block more free", { { 0x40, 8, 27 }, { 0x50, 8, 173 },
				 { 0x128, 8, 173 } }, VDE_FAULT_FREE_BLOCKS },
	{ "a block less free", { { 0x40, 8, 25 }, { 0x50, 8, 175 },
				 { 0x128, 8, 175 } }, VDE_FAULT_FREE_BLOCKS },
};

KUNIT_ARRAY_PARAM_DESC(story_row, story_rows, name);

static void vde_superblock_directory_table(struct kunit *test)
{
	const struct story_row *row = test->param_value;
	struct vde_disk_superblock *sb = sample_superblock(test);

	poke_all(sb, row->pokes, ARRAY_SIZE(row->pokes));
	EXPECT_FAULT(test, vde_superblock_check(sb, 200), VDE_FAULT_NONE);
	EXPECT_FAULT(test, vde_superblock_check_layout(sb, sample_layout(test)),
		     row->want);
}

static void vde_superblock_declares_missing_regions(struct kunit *test)
{
	static const enum vde_region_kind kinds[] = {
		VDE_REGION_WORM, VDE_REGION_STREAM, VDE_REGION_VAULT,
	};
	static const struct poke features[] = {
		{ 0x14, 4, 1 << 1 }, { 0x18, 4, 1 << 2 }, { 0x1C, 4, 1 << 3 },
	};
	struct vde_disk_superblock *sb = new_blocks(test, 1);
	u32 has, says;

	for (has = 0; has < 3; has++) {
		struct vde_layout *layout = new_layout(test, 100);

		KUNIT_ASSERT_EQ(test, vde_layout_add(layout, kinds[has], 5), 0);
		for (says = 0; says < 3; says++) {
			vde_superblock_init(sb, layout, volume_uuid, "", NOW);
			EXPECT_FAULT(test, vde_superblock_check_layout(sb,
								       layout),
				     VDE_FAULT_NONE);
			poke_all(sb, &features[says], 1);
			EXPECT_FAULT(test, vde_superblock_check_layout(sb,
								       layout),
				     has == says ? VDE_FAULT_NONE :
				     VDE_FAULT_FEATURE_MISMATCH);
		}
	}
}

static struct kunit_case vde_superblock_cases[] = {
	KUNIT_CASE(vde_superblock_init_golden),
	KUNIT_CASE(vde_superblock_init_without_regions),
	KUNIT_CASE(vde_superblock_label_lengths),
	KUNIT_CASE_PARAM(vde_superblock_field_table, field_row_gen_params),
	KUNIT_CASE(vde_superblock_every_feature_bit),
	KUNIT_CASE_PARAM(vde_superblock_size_table, size_row_gen_params),
	KUNIT_CASE_PARAM(vde_superblock_directory_table, story_row_gen_params),
	KUNIT_CASE(vde_superblock_declares_missing_regions),
	{}
};

static struct kunit_suite vde_superblock_suite = {
	.name = "vde_superblock",
	.test_cases = vde_superblock_cases,
};

kunit_test_suite(vde_superblock_suite);

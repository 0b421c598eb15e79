// SPDX-License-Identifier: GPL-2.0-only
/*
 * Malformed region directories. Each row damages the sound directory of
 * sample_directory() in a volume of 200 blocks:
 *
 *	slot	0	1	2	3	4	5	6	7
 *	tag	WORM	MWAL	DATA	STRE	MWAL	DATA	CMVT	MWAL
 *	start	10	12	28	128	129	145	155	158
 *	count	2	16	100	1	16	10	3	16
 */
#include "fixtures.h"

#define USED_SLOTS 8

/* Offsets in the block of a slot's fields. */
#define TAG(slot) (32 * (slot))
#define FLAGS(slot) (32 * (slot) + 4)
#define START(slot) (32 * (slot) + 8)
#define COUNT(slot) (32 * (slot) + 16)
#define USED(slot) (32 * (slot) + 24)

struct slot_row {
	const char *name;
	struct poke pokes[3];
	enum vde_fault want;
};

static const struct slot_row slot_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },

	{ "starts at block 9", { { START(0), 8, 9 } }, VDE_FAULT_SLOT_RANGE },
	{ "starts at block 0", { { START(0), 8, 0 } }, VDE_FAULT_SLOT_RANGE },
	{ "starts at -1", { { START(0), 8, -1 } }, VDE_FAULT_SLOT_RANGE },
	{ "starts at -2^63", { { START(5), 8, S64_MIN } },
	  VDE_FAULT_SLOT_RANGE },
	{ "starts at 2^63 - 1", { { START(5), 8, S64_MAX } },
	  VDE_FAULT_SLOT_RANGE },
	{ "starts at the volume's end", { { START(5), 8, 200 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "ends with the volume", { { START(5), 8, 190 } }, VDE_FAULT_NONE },
	{ "ends a block behind the volume", { { START(5), 8, 191 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "last region ends behind the volume", { { START(7), 8, 185 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "count 0", { { COUNT(5), 8, 0 } }, VDE_FAULT_SLOT_RANGE },
	{ "count 0 of a vault", { { COUNT(6), 8, 0 } }, VDE_FAULT_SLOT_RANGE },
	{ "count -1", { { COUNT(5), 8, -1 } }, VDE_FAULT_SLOT_RANGE },
	{ "count larger than the volume", { { COUNT(5), 8, 201 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "count 2^63 - 1", { { COUNT(5), 8, S64_MAX } },
	  VDE_FAULT_SLOT_RANGE },
	{ "start + count = 2^63", { { START(5), 8, 190 },
				    { COUNT(5), 8, S64_MAX - 189 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "start + count wraps to 0", { { START(5), 8, -10 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "start + count wraps into the volume", { { START(5), 8, 190 },
						   { COUNT(5), 8, -20 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "used as much as there is", { { USED(5), 8, 10 } }, VDE_FAULT_NONE },
	{ "used one more than there is", { { USED(5), 8, 11 } },
	  VDE_FAULT_SLOT_RANGE },
	{ "used -1", { { USED(5), 8, -1 } }, VDE_FAULT_SLOT_RANGE },

	{ "overlap with the next by a block", { { START(2), 8, 29 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "overlap with the one before by a block", { { START(3), 8, 127 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "overlap with the own commit slots", { { START(0), 8, 11 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "one slot within another", { { START(5), 8, 50 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "one slot around all", { { START(5), 8, 10 }, { COUNT(5), 8, 190 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "two owners of the same commit slots", { { START(4), 8, 12 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "two owners of the same block", { { START(6), 8, 128 },
					    { COUNT(6), 8, 1 } },
	  VDE_FAULT_SLOT_OVERLAP },
	{ "data within a vault", { { START(5), 8, 156 }, { COUNT(5), 8, 1 } },
	  VDE_FAULT_SLOT_OVERLAP },
	/* Order on the disk is free: only what overlaps is wrong. */
	{ "moved behind the last region", { { START(5), 8, 174 } },
	  VDE_FAULT_NONE },

	{ "worm metadata one block short", { { COUNT(0), 8, 1 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "worm metadata one block long", { { START(0), 8, 180 },
					    { COUNT(0), 8, 3 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "least data for two blocks of records", { { COUNT(2), 8, 78 } },
	  VDE_FAULT_NONE },
	{ "too little data for two blocks of records", { { COUNT(2), 8, 77 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "stream metadata of two blocks", { { START(3), 8, 180 },
					     { COUNT(3), 8, 2 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "worm with 15 commit blocks", { { COUNT(1), 8, 15 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "worm with 17 commit blocks", { { START(1), 8, 180 },
					  { COUNT(1), 8, 17 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "stream with 15 commit blocks", { { COUNT(4), 8, 15 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "stream with 17 commit blocks", { { START(4), 8, 180 },
					    { COUNT(4), 8, 17 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "vault with 15 commit blocks", { { COUNT(7), 8, 15 } },
	  VDE_FAULT_SLOT_GEOMETRY },
	{ "vault with 17 commit blocks", { { COUNT(7), 8, 17 } },
	  VDE_FAULT_SLOT_GEOMETRY },

	{ "run begins with no known tag", { { TAG(0), 4, 0x53555042 } },
	  VDE_FAULT_SLOT_TAG },
	{ "run begins with tag 0", { { TAG(6), 4, 0 } }, VDE_FAULT_SLOT_TAG },
	{ "run begins with a reversed tag", { { TAG(0), 4, 0x4D524F57 } },
	  VDE_FAULT_SLOT_TAG },
	{ "run begins with commit slots", { { TAG(3), 4, 0x4D57414C } },
	  VDE_FAULT_SLOT_ORDER },
	{ "run begins with data", { { TAG(3), 4, 0x44415441 } },
	  VDE_FAULT_SLOT_ORDER },
	{ "vault's tag before a run with data", { { TAG(3), 4, 0x434D5654 } },
	  VDE_FAULT_SLOT_ORDER },
	{ "worm's tag before a vault", { { TAG(6), 4, 0x574F524D } },
	  VDE_FAULT_SLOT_ORDER },
	{ "worm's tag before a stream", { { TAG(3), 4, 0x574F524D } },
	  VDE_FAULT_SLOT_FLAGS },
	{ "stream's tag before worm data", { { TAG(0), 4, 0x53545245 } },
	  VDE_FAULT_SLOT_FLAGS },
	{ "metadata and commit slots swapped", { { TAG(0), 4, 0x4D57414C },
						 { TAG(1), 4, 0x574F524D } },
	  VDE_FAULT_SLOT_ORDER },
	{ "commit slots and data swapped", { { TAG(1), 4, 0x44415441 },
					     { TAG(2), 4, 0x4D57414C } },
	  VDE_FAULT_SLOT_ORDER },
	{ "run cut after its metadata", { { TAG(1), 4, 0x53545245 } },
	  VDE_FAULT_SLOT_ORDER },
	{ "run cut after its commit slots", { { TAG(2), 4, 0x53545245 } },
	  VDE_FAULT_SLOT_ORDER },
	{ "two data slots", { { TAG(1), 4, 0x44415441 } },
	  VDE_FAULT_SLOT_ORDER },
	{ "a fourth slot in a run", { { TAG(3), 4, 0x44415441 } },
	  VDE_FAULT_SLOT_ORDER },

	{ "read-only stream", { { FLAGS(3), 4, 17 }, { FLAGS(4), 4, 17 },
				{ FLAGS(5), 4, 17 } }, VDE_FAULT_NONE },
	{ "read-only but for its data", { { FLAGS(3), 4, 17 },
					  { FLAGS(4), 4, 17 } },
	  VDE_FAULT_SLOT_FLAGS },
	{ "worm data not marked as such", { { FLAGS(2), 4, 1 } },
	  VDE_FAULT_SLOT_FLAGS },
	{ "stream data marked as worm", { { FLAGS(5), 4, 9 } },
	  VDE_FAULT_SLOT_FLAGS },

	{ "no slot but the last is active", { { FLAGS(0), 4, 0 } },
	  VDE_FAULT_SLOT_UNUSED },
	{ "first unused slot has a tag", { { TAG(8), 4, 0x574F524D } },
	  VDE_FAULT_SLOT_UNUSED },
	{ "first unused slot is active", { { FLAGS(8), 4, 1 } },
	  VDE_FAULT_SLOT_TAG },
	{ "run behind a gap", { { TAG(9), 4, 0x434D5654 }, { FLAGS(9), 4, 1 },
				{ START(9), 8, 180 } }, VDE_FAULT_SLOT_UNUSED },
	{ "last slot has a used count", { { USED(126), 8, 1 } },
	  VDE_FAULT_SLOT_UNUSED },
};

KUNIT_ARRAY_PARAM_DESC(slot_row, slot_rows, name);

static enum vde_fault decode(struct kunit *test, const void *directory,
			     u64 total_blocks)
{
	return vde_layout_decode(directory, total_blocks, new_layout(test, 0));
}

static void vde_directory_slot_table(struct kunit *test)
{
	const struct slot_row *row = test->param_value;
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	poke_all(directory, row->pokes, ARRAY_SIZE(row->pokes));
	EXPECT_FAULT(test, decode(test, directory, 200), row->want);
}

/* Bits 0 and 4 of a run's first slot decide what its others have to carry. */
static void vde_directory_every_flag_bit(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 0);
	u32 slot, bit;

	sample_directory(directory);
	for (slot = 0; slot < USED_SLOTS; slot++) {
		bool first = slot == 0 || slot == 3 || slot == 6;
		u32 flags = peek(directory, FLAGS(slot), 4);

		for (bit = 0; bit < 32; bit++) {
			enum vde_fault want = first && !bit ?
					      VDE_FAULT_SLOT_UNUSED :
					      VDE_FAULT_SLOT_FLAGS;

			poke(directory, FLAGS(slot), 4, flags ^ 1U << bit);
			ASSERT_FAULT_MSG(test,
					 vde_layout_decode(directory, 200,
							   layout),
					 want, "slot %u bit %u", slot, bit);
		}
		poke(directory, FLAGS(slot), 4, flags);
	}
}

static void vde_directory_every_tag_bit(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 0);
	u32 slot, bit;

	sample_directory(directory);
	for (slot = 0; slot < USED_SLOTS; slot++) {
		bool first = slot == 0 || slot == 3 || slot == 6;
		u32 tag = peek(directory, TAG(slot), 4);

		for (bit = 0; bit < 32; bit++) {
			poke(directory, TAG(slot), 4, tag ^ 1U << bit);
			ASSERT_FAULT_MSG(test,
					 vde_layout_decode(directory, 200,
							   layout),
					 first ? VDE_FAULT_SLOT_TAG :
						 VDE_FAULT_SLOT_ORDER,
					 "slot %u bit %u", slot, bit);
		}
		poke(directory, TAG(slot), 4, tag);
	}
}

/* An emptied run leaves a gap; an emptied slot within a run breaks it. */
static void vde_directory_emptied_slots(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	memset((u8 *)directory + TAG(3), 0, 3 * 32);
	EXPECT_FAULT(test, decode(test, directory, 200), VDE_FAULT_SLOT_UNUSED);

	sample_directory(directory);
	memset((u8 *)directory + TAG(4), 0, 32);
	EXPECT_FAULT(test, decode(test, directory, 200), VDE_FAULT_SLOT_ORDER);

	/* The last run may be missing, but not half of it. */
	sample_directory(directory);
	memset((u8 *)directory + TAG(7), 0, 32);
	EXPECT_FAULT(test, decode(test, directory, 200), VDE_FAULT_SLOT_ORDER);
	memset((u8 *)directory + TAG(6), 0, 32);
	EXPECT_FAULT(test, decode(test, directory, 200), VDE_FAULT_NONE);

	memset(directory, 0, VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, decode(test, directory, 200), VDE_FAULT_NONE);
}

/* Slots end at 4064; a payload goes to 4080. */
static void vde_directory_every_unused_byte(struct kunit *test)
{
	u8 *directory = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 0);
	u32 i;

	sample_directory((struct vde_disk_directory *)directory);
	for (i = TAG(USED_SLOTS); i < 4080; i++) {
		directory[i] = 0x80;
		ASSERT_FAULT_MSG(test, vde_layout_decode((void *)directory, 200,
							 layout),
				 i < 4064 ? VDE_FAULT_SLOT_UNUSED :
					    VDE_FAULT_DIRECTORY_PADDING,
				 "byte %u", i);
		directory[i] = 0;
	}
}

static void vde_directory_volume_sizes(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	EXPECT_FAULT(test, decode(test, directory, 174), VDE_FAULT_NONE);
	EXPECT_FAULT(test, decode(test, directory, 173), VDE_FAULT_SLOT_RANGE);
	EXPECT_FAULT(test, decode(test, directory, 10), VDE_FAULT_SLOT_RANGE);
	EXPECT_FAULT(test, decode(test, directory, 0), VDE_FAULT_SLOT_RANGE);
	EXPECT_FAULT(test, decode(test, directory, (1ULL << 51) - 1),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, decode(test, directory, 1ULL << 51),
		     VDE_FAULT_SLOT_RANGE);
	EXPECT_FAULT(test, decode(test, directory, U64_MAX),
		     VDE_FAULT_SLOT_RANGE);
}

/* 233 data blocks need 3 blocks of records, 234 need 4, and so on. */
static void vde_directory_metadata_matches_capacity(struct kunit *test)
{
	static const struct {
		u64 capacity, metadata;
	} rows[] = {
		{ 1, 1 }, { 77, 1 }, { 78, 2 }, { 155, 2 }, { 156, 3 },
		{ 233, 3 }, { 234, 4 }, { 77 + 78 * 1000, 1001 },
		{ 78 + 78 * 1000, 1002 },
	};
	struct vde_disk_directory *directory = new_blocks(test, 1);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		sample_directory(directory);
		poke(directory, START(0), 8, 1000);
		poke(directory, START(2), 8, 10000);
		poke(directory, COUNT(2), 8, rows[i].capacity);
		poke(directory, COUNT(0), 8, rows[i].metadata);
		EXPECT_FAULT(test, decode(test, directory, 1000000),
			     VDE_FAULT_NONE);
		poke(directory, COUNT(0), 8, rows[i].metadata + 1);
		EXPECT_FAULT(test, decode(test, directory, 1000000),
			     VDE_FAULT_SLOT_GEOMETRY);
		/* A slot without blocks is out of range before it is short. */
		poke(directory, COUNT(0), 8, rows[i].metadata - 1);
		EXPECT_FAULT(test, decode(test, directory, 1000000),
			     rows[i].metadata > 1 ? VDE_FAULT_SLOT_GEOMETRY :
						    VDE_FAULT_SLOT_RANGE);
	}
}

static struct kunit_case vde_directory_cases[] = {
	KUNIT_CASE_PARAM(vde_directory_slot_table, slot_row_gen_params),
	KUNIT_CASE(vde_directory_every_flag_bit),
	KUNIT_CASE(vde_directory_every_tag_bit),
	KUNIT_CASE(vde_directory_emptied_slots),
	KUNIT_CASE(vde_directory_every_unused_byte),
	KUNIT_CASE(vde_directory_volume_sizes),
	KUNIT_CASE(vde_directory_metadata_matches_capacity),
	{}
};

static struct kunit_suite vde_directory_suite = {
	.name = "vde_directory",
	.test_cases = vde_directory_cases,
};

kunit_test_suite(vde_directory_suite);

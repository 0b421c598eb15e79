// SPDX-License-Identifier: GPL-2.0-only
/* Geometry of regions: sizes, placing, directory encoding, region UUIDs. */
#include <linux/math64.h>

#include "fixtures.h"

#define MAX_BLOCKS ((1ULL << 51) - 1)

struct capacity_row {
	const char *name;
	u64 capacity;
	u64 metadata;
};

static const struct capacity_row capacity_rows[] = {
	{ "1 block", 1, 1 },
	{ "76 blocks", 76, 1 },
	{ "77 blocks fill block 0", 77, 1 },
	{ "78 blocks", 78, 2 },
	{ "154 blocks", 154, 2 },
	{ "155 blocks fill block 1", 155, 2 },
	{ "156 blocks", 156, 3 },
	{ "233 blocks", 233, 3 },
	{ "234 blocks", 234, 4 },
	{ "2^51 - 1 blocks", MAX_BLOCKS, 28869228380581 },
};

KUNIT_ARRAY_PARAM_DESC(capacity_row, capacity_rows, name);

static void vde_layout_metadata_table(struct kunit *test)
{
	const struct capacity_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, vde_layout_worm_metadata(row->capacity),
			row->metadata);
}

struct room_row {
	const char *name;
	u64 blocks;
	u64 capacity;
};

static const struct room_row room_rows[] = {
	{ "nothing", 0, 0 },
	{ "metadata and commit slots alone", 17, 0 },
	{ "one data block", 18, 1 },
	{ "two data blocks", 19, 2 },
	{ "one short of a full block 0", 93, 76 },
	{ "a full block 0", 94, 77 },
	{ "one more is a log block", 95, 77 },
	{ "and one is its first record", 96, 78 },
	{ "a full block 1", 173, 155 },
	{ "one more is a log block again", 174, 155 },
	{ "and one is its first record again", 175, 156 },
	{ "2^51 - 1", MAX_BLOCKS, 2223296018575291 },
};

KUNIT_ARRAY_PARAM_DESC(room_row, room_rows, name);

static void vde_layout_capacity_table(struct kunit *test)
{
	const struct room_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, vde_layout_worm_capacity(row->blocks),
			row->capacity);
}

/* The format's formula: 1 + ceil(max(0, capacity - 77) / 78) + 16 + capacity */
static u64 blocks_needed(u64 capacity)
{
	u64 later = capacity > 77 ? capacity - 77 : 0;

	return 1 + div64_u64(later + 77, 78) + 16 + capacity;
}

/* Nobody loses a block: what is returned fits, one more does not. */
static void check_capacity_range(struct kunit *test, u64 from, u64 to)
{
	u64 blocks;

	for (blocks = from; blocks <= to; blocks++) {
		u64 capacity = vde_layout_worm_capacity(blocks);

		KUNIT_ASSERT_GT(test, capacity, 0);
		KUNIT_ASSERT_LE_MSG(test, blocks_needed(capacity), blocks,
				    "%llu blocks", blocks);
		KUNIT_ASSERT_GT_MSG(test, blocks_needed(capacity + 1), blocks,
				    "%llu blocks", blocks);
		KUNIT_ASSERT_EQ(test, vde_layout_worm_metadata(capacity) + 16 +
				capacity, blocks_needed(capacity));
	}
}

static void vde_layout_capacity_is_maximal(struct kunit *test)
{
	u64 blocks;

	for (blocks = 0; blocks < 18; blocks++)
		KUNIT_EXPECT_EQ(test, vde_layout_worm_capacity(blocks), 0);
	check_capacity_range(test, 18, 20000);
	check_capacity_range(test, (1ULL << 32) - 500, (1ULL << 32) + 500);
	check_capacity_range(test, MAX_BLOCKS - 1000, MAX_BLOCKS);
}

/* The whole block, hashed by another implementation. */
static void vde_layout_encode_golden(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_disk_directory *want = new_blocks(test, 1);
	struct vde_disk_directory_header *header = new_blocks(test, 1);

	memset(directory, 0xFF, VDE_BLOCK_SIZE);
	memset(header, 0xFF, VDE_BLOCK_SIZE);
	vde_layout_encode(sample_layout(test), directory, header);
	sample_directory(want);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)directory, (u8 *)want, 4080);
	KUNIT_EXPECT_EQ(test, peek(directory, 4080, 4), 0x524D4150);
	KUNIT_EXPECT_EQ(test, peek(directory, 4084, 4), 1);
	KUNIT_EXPECT_EQ(test, peek(directory, 4088, 8), 0x244eeb94c629014a);

	KUNIT_EXPECT_EQ(test, peek(header, 0, 2), 1);
	KUNIT_EXPECT_EQ(test, peek(header, 2, 2), 127);
	KUNIT_EXPECT_EQ(test, peek(header, 4, 2), 8);
	KUNIT_EXPECT_EQ(test, peek(header, 8, 8), 0x244eeb94c629014a);
	KUNIT_EXPECT_EQ(test, peek(header, 4080, 4), 0x524D4150);
	KUNIT_EXPECT_EQ(test, peek(header, 4084, 4), 1);
	KUNIT_EXPECT_EQ(test, peek(header, 4088, 8), 0x99dc122f14f67196);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_NONE);
}

static void expect_region(struct kunit *test, const struct vde_geometry *geo,
			  const struct vde_geometry *want)
{
	KUNIT_ASSERT_NOT_NULL(test, geo);
	KUNIT_EXPECT_EQ(test, geo->kind, want->kind);
	KUNIT_EXPECT_EQ(test, geo->first_slot, want->first_slot);
	KUNIT_EXPECT_EQ(test, geo->meta_start, want->meta_start);
	KUNIT_EXPECT_EQ(test, geo->meta_blocks, want->meta_blocks);
	KUNIT_EXPECT_EQ(test, geo->commit_start, want->commit_start);
	KUNIT_EXPECT_EQ(test, geo->data_start, want->data_start);
	KUNIT_EXPECT_EQ(test, geo->capacity, want->capacity);
	KUNIT_EXPECT_EQ(test, geo->read_only, want->read_only);
}

static const struct vde_geometry sample_regions[] = {
	{ VDE_REGION_WORM, 0, 10, 2, 12, 28, 100, false },
	{ VDE_REGION_STREAM, 3, 128, 1, 129, 145, 10, false },
	{ VDE_REGION_VAULT, 6, 155, 3, 158, 0, 3, false },
};

static void expect_sample(struct kunit *test, const struct vde_layout *layout)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, layout->total_blocks, 200);
	KUNIT_EXPECT_EQ(test, layout->used_slots, 8);
	KUNIT_EXPECT_EQ(test, layout->next_block, 174);
	KUNIT_EXPECT_EQ(test, layout->region_blocks, 164);
	KUNIT_ASSERT_EQ(test, layout->count, ARRAY_SIZE(sample_regions));
	for (i = 0; i < layout->count; i++)
		expect_region(test, &layout->regions[i], &sample_regions[i]);
}

static void vde_layout_add_places_regions(struct kunit *test)
{
	expect_sample(test, sample_layout(test));
}

static void vde_layout_decode_reads_regions(struct kunit *test)
{
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 0);

	/* What an earlier decode left behind must not show through. */
	memset(layout, 0xFF, sizeof(*layout));
	sample_directory(directory);
	EXPECT_FAULT(test, vde_layout_decode(directory, 200, layout),
		     VDE_FAULT_NONE);
	expect_sample(test, layout);
}

static void vde_layout_find_by_kind(struct kunit *test)
{
	struct vde_layout *layout = sample_layout(test);

	KUNIT_ASSERT_EQ(test, vde_layout_add(layout, VDE_REGION_WORM, 1), 0);
	expect_region(test, vde_layout_find(layout, VDE_REGION_WORM, 0),
		      &sample_regions[0]);
	expect_region(test, vde_layout_find(layout, VDE_REGION_STREAM, 0),
		      &sample_regions[1]);
	expect_region(test, vde_layout_find(layout, VDE_REGION_VAULT, 0),
		      &sample_regions[2]);
	KUNIT_EXPECT_PTR_EQ(test, vde_layout_find(layout, VDE_REGION_WORM, 1),
			    (const struct vde_geometry *)&layout->regions[3]);
	KUNIT_EXPECT_NULL(test, vde_layout_find(layout, VDE_REGION_WORM, 2));
	KUNIT_EXPECT_NULL(test, vde_layout_find(layout, VDE_REGION_STREAM, 1));
	KUNIT_EXPECT_NULL(test, vde_layout_find(layout, VDE_REGION_VAULT,
						U32_MAX));
}

static void vde_layout_kinds(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, vde_region_kind_name(VDE_REGION_WORM), "worm");
	KUNIT_EXPECT_STREQ(test, vde_region_kind_name(VDE_REGION_STREAM),
			   "stream");
	KUNIT_EXPECT_STREQ(test, vde_region_kind_name(VDE_REGION_VAULT),
			   "vault");
	KUNIT_EXPECT_EQ(test, vde_region_kind_tag(VDE_REGION_WORM), 0x574F524D);
	KUNIT_EXPECT_EQ(test, vde_region_kind_tag(VDE_REGION_STREAM),
			0x53545245);
	KUNIT_EXPECT_EQ(test, vde_region_kind_tag(VDE_REGION_VAULT),
			0x434D5654);
}

struct add_row {
	const char *name;
	u64 total;
	enum vde_region_kind kind;
	u64 capacity;
	enum vde_fault want;
};

/* A first region has total - 10 blocks; it needs metadata + 16 + data. */
static const struct add_row add_rows[] = {
	{ "worm fits exactly", 204, VDE_REGION_WORM, 175, VDE_FAULT_NONE },
	{ "worm one too large", 203, VDE_REGION_WORM, 175,
	  VDE_FAULT_VOLUME_FULL },
	{ "stream fits exactly", 127, VDE_REGION_STREAM, 100, VDE_FAULT_NONE },
	{ "stream one too large", 126, VDE_REGION_STREAM, 100,
	  VDE_FAULT_VOLUME_FULL },
	{ "vault fits exactly", 46, VDE_REGION_VAULT, 20, VDE_FAULT_NONE },
	{ "vault one too large", 45, VDE_REGION_VAULT, 20,
	  VDE_FAULT_VOLUME_FULL },
	{ "worm of nothing", 200, VDE_REGION_WORM, 0, VDE_FAULT_VOLUME_FULL },
	{ "stream of nothing", 200, VDE_REGION_STREAM, 0,
	  VDE_FAULT_VOLUME_FULL },
	{ "vault of nothing", 200, VDE_REGION_VAULT, 0, VDE_FAULT_VOLUME_FULL },
	{ "capacity -1", 200, VDE_REGION_STREAM, U64_MAX,
	  VDE_FAULT_VOLUME_FULL },
	{ "sum wraps to nothing", 200, VDE_REGION_STREAM, U64_MAX - 16,
	  VDE_FAULT_VOLUME_FULL },
	{ "metadata wraps", 200, VDE_REGION_VAULT, U64_MAX - 15,
	  VDE_FAULT_VOLUME_FULL },
	{ "largest volume", MAX_BLOCKS, VDE_REGION_WORM, 2223296018575281,
	  VDE_FAULT_NONE },
	{ "largest volume, one too large", MAX_BLOCKS, VDE_REGION_WORM,
	  2223296018575282, VDE_FAULT_VOLUME_FULL },
	{ "volume too large", MAX_BLOCKS + 1, VDE_REGION_WORM, 100,
	  VDE_FAULT_VOLUME_FULL },
	{ "volume of -1 blocks", U64_MAX, VDE_REGION_WORM, 100,
	  VDE_FAULT_VOLUME_FULL },
	{ "volume without room for regions", 10, VDE_REGION_STREAM, 1,
	  VDE_FAULT_VOLUME_FULL },
	{ "volume smaller than its own metadata", 9, VDE_REGION_VAULT, 1,
	  VDE_FAULT_VOLUME_FULL },
};

KUNIT_ARRAY_PARAM_DESC(add_row, add_rows, name);

static void vde_layout_add_table(struct kunit *test)
{
	const struct add_row *row = test->param_value;
	struct vde_layout *layout = new_layout(test, row->total);
	struct vde_layout *empty = new_layout(test, row->total);

	EXPECT_FAULT(test, vde_layout_add(layout, row->kind, row->capacity),
		     row->want);
	if (row->want) {
		KUNIT_EXPECT_MEMEQ(test, layout, empty, sizeof(*layout));
		return;
	}
	KUNIT_EXPECT_EQ(test, layout->next_block, row->total);
	KUNIT_EXPECT_EQ(test, layout->region_blocks, row->total - 10);
}

static void vde_layout_read_only_regions(struct kunit *test)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *layout = sample_layout(test);
	struct vde_layout *decoded = new_layout(test, 0);
	u32 i;

	layout->regions[0].read_only = true;
	layout->regions[2].read_only = true;
	vde_layout_encode(layout, directory, header);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, peek(directory, 32 * i + 4, 4) & 16,
				i < 3 || i > 5 ? 16 : 0);
	KUNIT_EXPECT_EQ(test, peek(directory, 32 * 2 + 4, 4), 1 + 8 + 16);
	EXPECT_FAULT(test, vde_layout_decode(directory, 200, decoded),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_TRUE(test, decoded->regions[0].read_only);
	KUNIT_EXPECT_FALSE(test, decoded->regions[1].read_only);
	KUNIT_EXPECT_TRUE(test, decoded->regions[2].read_only);
}

/* Digests of SHA-256(volume UUID, first slot), version bits set by hand. */
static void vde_layout_region_uuids(struct kunit *test)
{
	static const struct {
		u32 slot;
		u8 uuid[16];
	} rows[] = {
		{ 3, { 0xe0, 0xae, 0xd2, 0x0f, 0xc5, 0xd4, 0x6a, 0x85,
		       0x87, 0xe5, 0x2e, 0xf5, 0x5d, 0x14, 0x77, 0xa0 } },
		{ 126, { 0x08, 0x44, 0xf8, 0x02, 0x5c, 0x06, 0x63, 0x81,
			 0x8a, 0x67, 0x25, 0x42, 0x9a, 0x2c, 0xde, 0x19 } },
		{ 0x01020304, { 0x8a, 0x52, 0xe3, 0x7a, 0x15, 0x95, 0x2a, 0x83,
				0x92, 0x8c, 0x69, 0x65, 0x9f, 0x41, 0x62,
				0xe1 } },
	};
	u8 uuid[17];
	u32 i;

	uuid[16] = 0xA5;	/* stands behind a UUID and stays */
	vde_layout_region_uuid(volume_uuid, 0, uuid);
	KUNIT_EXPECT_MEMEQ(test, uuid, region_uuid, 16);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		vde_layout_region_uuid(volume_uuid, rows[i].slot, uuid);
		KUNIT_EXPECT_MEMEQ(test, uuid, rows[i].uuid, 16);
	}
	KUNIT_EXPECT_EQ(test, uuid[16], 0xA5);
}

static struct kunit_case vde_layout_cases[] = {
	KUNIT_CASE_PARAM(vde_layout_metadata_table, capacity_row_gen_params),
	KUNIT_CASE_PARAM(vde_layout_capacity_table, room_row_gen_params),
	KUNIT_CASE(vde_layout_capacity_is_maximal),
	KUNIT_CASE(vde_layout_encode_golden),
	KUNIT_CASE(vde_layout_add_places_regions),
	KUNIT_CASE(vde_layout_decode_reads_regions),
	KUNIT_CASE(vde_layout_find_by_kind),
	KUNIT_CASE(vde_layout_kinds),
	KUNIT_CASE_PARAM(vde_layout_add_table, add_row_gen_params),
	KUNIT_CASE(vde_layout_read_only_regions),
	KUNIT_CASE(vde_layout_region_uuids),
	{}
};

static struct kunit_suite vde_layout_suite = {
	.name = "vde_layout",
	.test_cases = vde_layout_cases,
};

kunit_test_suite(vde_layout_suite);

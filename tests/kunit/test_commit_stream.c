// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits of a stream: the first one, its state, its image and the header block.
 * Checksums hold, so that only the rules of the format can tell what is wrong.
 */
#include "fixtures.h"

#define NO_IMAGE U64_MAX
#define SEQUENCE 13	/* of most commits here, hence slot 5 */

static enum vde_fault check(const struct vde_disk_commit_slot *slot)
{
	return vde_commit_check(slot, 5, &stream_region, region_uuid);
}

static enum vde_fault check_header(const struct vde_disk_commit_slot *slot,
				   const void *header)
{
	return vde_commit_check_header(&slot->record, header, &stream_region);
}

static void vde_commit_stream_init_golden(struct kunit *test)
{
	static const struct poke record[] = {
		{ 0x00, 8, 1 },
		{ 0x08, 4, 0x53545245 },
		{ 0x0C, 4, 1 },		/* clean */
		{ 0x10, 8, NOW },
		{ 0x30, 8, 300 },	/* capacity; nothing allocated */
		{ 0x58, 4, 0x1234567 },	/* increment */
		{ 0x5C, 4, 1 },		/* policy */
	};
	static const struct poke header[] = {
		{ 0, 8, 300 }, { 40, 4, 0x1234567 }, { 44, 4, 1 },
	};
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_disk_commit_slot *want = new_blocks(test, 2);

	memset(slot, 0xFF, sizeof(*slot));
	vde_commit_init_stream(slot, &stream_region, region_uuid, NOW,
			       0x1234567, VDE_RING_STOP);
	poke_all(&want->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&want->record + 0x70, region_uuid, sizeof(region_uuid));
	poke_all(&want->image, header, ARRAY_SIZE(header));
	seal_slot(want);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->record, (u8 *)&want->record,
			   VDE_BLOCK_SIZE);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->image, (u8 *)&want->image,
			   VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, vde_commit_check(slot, 1, &stream_region,
					    region_uuid), VDE_FAULT_NONE);
	vde_block_seal(&slot->image, 0x53545245, 1);
	EXPECT_FAULT(test, check_header(slot, &slot->image), VDE_FAULT_NONE);
}

struct state_row {
	const char *name;
	struct poke pokes[2];
	enum vde_fault want;
};

/* On fill_stream_commit(): 300 blocks, all allocated, 750..999 live. */
static const struct state_row state_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "capacity one low", { { 0x30, 8, 299 } }, VDE_FAULT_RING_STATE },
	{ "capacity one high", { { 0x30, 8, 301 } }, VDE_FAULT_RING_STATE },
	{ "capacity and allocation one high", { { 0x30, 8, 301 },
						{ 0x38, 8, 301 } },
	  VDE_FAULT_RING_STATE },
	{ "allocated one low", { { 0x38, 8, 299 } }, VDE_FAULT_RING_STATE },
	{ "allocated one high", { { 0x38, 8, 301 } }, VDE_FAULT_RING_STATE },
	{ "head one low", { { 0x40, 8, 999 } }, VDE_FAULT_RING_STATE },
	{ "head one high", { { 0x40, 8, 1001 } }, VDE_FAULT_RING_STATE },
	{ "tail one low", { { 0x48, 8, 749 } }, VDE_FAULT_RING_STATE },
	{ "tail one high", { { 0x48, 8, 751 } }, VDE_FAULT_RING_STATE },
	{ "entries one low", { { 0x50, 8, 249 } }, VDE_FAULT_RING_STATE },
	{ "entries one high", { { 0x50, 8, 251 } }, VDE_FAULT_RING_STATE },
	{ "tail and entries agree", { { 0x48, 8, 700 }, { 0x50, 8, 300 } },
	  VDE_FAULT_NONE },
	{ "tail and entries agree, one too many", { { 0x48, 8, 699 },
						    { 0x50, 8, 301 } },
	  VDE_FAULT_RING_STATE },
	{ "head and tail negative", { { 0x47, 1, 0x80 }, { 0x4F, 1, 0x80 } },
	  VDE_FAULT_RING_STATE },
	{ "increment one low", { { 0x58, 4, 15 } }, VDE_FAULT_NONE },
	{ "increment 0", { { 0x58, 4, 0 } }, VDE_FAULT_RING_STATE },
	{ "increment -1", { { 0x58, 4, -1 } }, VDE_FAULT_RING_STATE },
	{ "policy 0", { { 0x5C, 4, 0 } }, VDE_FAULT_NONE },
	{ "policy 2", { { 0x5C, 4, 2 } }, VDE_FAULT_RING_STATE },
	{ "clock 0", { { 0x18, 8, 0 } }, VDE_FAULT_NONE },
	{ "clock -1", { { 0x18, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "sealed clock, as of a WORM region", { { 0xF18, 8, 4000 } },
	  VDE_FAULT_COMMIT_PADDING },
	{ "a reset, as of a WORM region", { { 0x910, 8, 1 } },
	  VDE_FAULT_COMMIT_PADDING },
	{ "imaged block 1", { { 0x20, 8, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "imaged block 2^32", { { 0x20, 8, 1ULL << 32 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "imaged block -2", { { 0x20, 8, -2 } }, VDE_FAULT_COMMIT_STATE },
	{ "owner is a WORM region", { { 0x08, 4, 0x574F524D } },
	  VDE_FAULT_COMMIT_OWNER },
	{ "owner is a vault", { { 0x08, 4, 0x434D5654 } },
	  VDE_FAULT_COMMIT_OWNER },
};

KUNIT_ARRAY_PARAM_DESC(state_row, state_rows, name);

static void vde_commit_stream_state_table(struct kunit *test)
{
	const struct state_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_stream_commit(slot, SEQUENCE, NO_IMAGE);
	poke_all(&slot->record, row->pokes, ARRAY_SIZE(row->pokes));
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), row->want);
}

static void vde_commit_stream_padding(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_stream_commit(slot, SEQUENCE, NO_IMAGE);
	seal_slot(slot);
	expect_padding(test, slot, &stream_region, 0x60, 0x70);
	/* Behind the UUID: tree, resets, clock of the newest seal */
	expect_padding(test, slot, &stream_region, 0x80, 0xF20);
	expect_padding(test, slot, &stream_region, 0xF30, 4080);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

/* The image of block 0 is the state, each byte of it, then zeros. */
static void vde_commit_stream_image(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *image = (u8 *)&slot->image;
	u32 i;

	fill_stream_commit(slot, SEQUENCE, 0);
	for (i = 0; i < 4080; i++) {
		image[i] ^= 1 << i % 8;
		seal_slot(slot);
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_IMAGE,
				 "byte %u", i);
		image[i] ^= 1 << i % 8;
	}
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	/* An image that agrees does not make a state sound, */
	poke(&slot->record, 0x40, 8, 1001);
	poke(&slot->image, 16, 8, 1001);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_RING_STATE);
	/* nor a sound state an image of another one, */
	poke(&slot->record, 0x50, 8, 251);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
	poke(&slot->image, 32, 8, 251);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	/* nor is there one that images nothing. */
	memset(image, 0, 4080);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
}

static void vde_commit_stream_no_image_is_zero(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *image = (u8 *)&slot->image;
	u32 i;

	fill_stream_commit(slot, SEQUENCE, NO_IMAGE);
	for (i = 0; i < 4080; i++) {
		image[i] = 1;
		seal_slot(slot);
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_IMAGE,
				 "byte %u", i);
		image[i] = 0;
	}
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

/* A region of one kind is not led astray by the commit of another. */
static void vde_commit_stream_other_kind(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_stream_commit(slot, SEQUENCE, 0);
	seal_slot(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 5, &worm_region, region_uuid),
		     VDE_FAULT_COMMIT_OWNER);
	fill_commit(slot, SEQUENCE, 100, 0);
	seal_slot(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 5, &worm_region, region_uuid),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_OWNER);
}

/* The header block in place has its own tag and repeats a clean commit. */
static void vde_commit_stream_header_every_byte(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *header = (u8 *)&slot->image;
	u32 i;

	fill_stream_commit(slot, SEQUENCE, 0);
	seal_slot(slot);
	for (i = 0; i < 4080; i++) {
		header[i] ^= 1 << i % 8;
		vde_block_seal(header, 0x53545245, SEQUENCE);
		ASSERT_FAULT_MSG(test, check_header(slot, header),
				 VDE_FAULT_HEADER_DIFFERS, "byte %u", i);
		header[i] ^= 1 << i % 8;
	}
	vde_block_seal(header, 0x53545245, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_NONE);
}

static void vde_commit_stream_header_block(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *header = (u8 *)&slot->image;

	fill_stream_commit(slot, (1ULL << 32) + SEQUENCE, 0);
	seal_slot(slot);
	/* The slot's image itself is not a block in place. */
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_BLOCK_TAG);
	vde_block_seal(header, 0x574F524D, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_BLOCK_TAG);
	vde_block_seal(header, 0x53545245, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_NONE);
	vde_block_seal(header, 0x53545245, SEQUENCE - 1);
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_HEADER_DIFFERS);
	vde_block_seal(header, 0x53545245, SEQUENCE + 1);
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_HEADER_DIFFERS);
	vde_block_seal(header, 0x53545245, SEQUENCE);
	header[2000] = 1;
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_BLOCK_CHECKSUM);
}

/* A newest commit that contradicts itself does not count. */
static void vde_commit_stream_newest(struct kunit *test)
{
	struct vde_disk_commit_slot *slots = new_blocks(test, 16);
	enum vde_fault faults[8];
	u32 newest = 8;

	fill_stream_commit(&slots[5], SEQUENCE, 0);
	seal_slot(&slots[5]);
	fill_stream_commit(&slots[6], SEQUENCE + 1, NO_IMAGE);
	seal_slot(&slots[6]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &stream_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 6);
	poke(&slots[6].record, 0x40, 8, 1001);
	seal_slot(&slots[6]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &stream_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 5);
	EXPECT_FAULT(test, faults[6], VDE_FAULT_RING_STATE);
	EXPECT_FAULT(test, faults[4], VDE_FAULT_COMMIT_EMPTY);
}

static struct kunit_case vde_commit_stream_cases[] = {
	KUNIT_CASE(vde_commit_stream_init_golden),
	KUNIT_CASE_PARAM(vde_commit_stream_state_table, state_row_gen_params),
	KUNIT_CASE(vde_commit_stream_padding),
	KUNIT_CASE(vde_commit_stream_image),
	KUNIT_CASE(vde_commit_stream_no_image_is_zero),
	KUNIT_CASE(vde_commit_stream_other_kind),
	KUNIT_CASE(vde_commit_stream_header_every_byte),
	KUNIT_CASE(vde_commit_stream_header_block),
	KUNIT_CASE(vde_commit_stream_newest),
	{}
};

static struct kunit_suite vde_commit_stream_suite = {
	.name = "vde_commit_stream",
	.test_cases = vde_commit_stream_cases,
};

kunit_test_suite(vde_commit_stream_suite);

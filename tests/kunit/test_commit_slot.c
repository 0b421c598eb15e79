// SPDX-License-Identifier: GPL-2.0-only
/* Commit slots: place, first commit, seal, and damage to every byte. */
#include "fixtures.h"

static enum vde_fault check(const struct vde_disk_commit_slot *slot)
{
	return vde_commit_check(slot, SLOT_SEQUENCE % 8, &worm_region,
				region_uuid);
}

/* Slot s = sequence mod 8 begins at block 2s of the 16. */
static void vde_commit_slot_places(struct kunit *test)
{
	static const struct {
		u64 sequence, block;
	} rows[] = {
		{ 1, 16 }, { 2, 18 }, { 7, 28 }, { 8, 14 }, { 9, 16 },
		{ 15, 28 }, { 16, 14 }, { 0xFFFFFFFF, 28 }, { 1ULL << 32, 14 },
		{ U64_MAX, 28 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, vde_commit_block(&worm_region,
						       rows[i].sequence),
				rows[i].block);
}

static void vde_commit_slot_init_golden(struct kunit *test)
{
	static const struct poke record[] = {
		{ 0x00, 8, 1 },
		{ 0x08, 4, 0x574F524D },
		{ 0x0C, 4, 1 },		/* clean */
		{ 0x10, 8, NOW },
		{ 0x38, 8, 300 },	/* capacity */
		{ 0x40, 8, 36000000000 },
		{ 0x48, 8, NOW },	/* created */
	};
	static const struct poke header[] = {
		{ 8, 8, 300 }, { 16, 8, 36000000000 }, { 24, 8, NOW },
	};
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_disk_commit_slot *want = new_blocks(test, 2);

	memset(slot, 0xFF, sizeof(*slot));
	vde_commit_init_worm(slot, &worm_region, region_uuid, NOW, 36000000000);
	poke_all(&want->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&want->record + 0x70, region_uuid, sizeof(region_uuid));
	poke_all(&want->image, header, ARRAY_SIZE(header));
	seal_slot(want);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->record, (u8 *)&want->record,
			   VDE_BLOCK_SIZE);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->image, (u8 *)&want->image,
			   VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, vde_commit_check(slot, 1, &worm_region, region_uuid),
		     VDE_FAULT_NONE);
}

static void vde_commit_slot_seal(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_disk_commit_slot *want = new_blocks(test, 2);

	fill_commit(want, 0x123456789BULL, 100, 1);
	memcpy(slot, want, sizeof(*slot));
	memset((u8 *)&slot->record + 4080, 0xFF, 16);
	memset((u8 *)&slot->image + 4080, 0xFF, 16);
	vde_commit_seal(slot);
	seal_slot(want);
	KUNIT_EXPECT_EQ(test, peek(&slot->record, 4080, 4), 0x4D57414C);
	KUNIT_EXPECT_EQ(test, peek(&slot->record, 4084, 4), 0x3456789B);
	KUNIT_EXPECT_EQ(test, peek(&slot->image, 4080, 4), 0x4D57414C);
	KUNIT_EXPECT_EQ(test, peek(&slot->image, 4084, 4), 0x3456789B);
	KUNIT_EXPECT_EQ(test, memcmp(slot, want, sizeof(*slot)), 0);
}

static void vde_commit_slot_never_written(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_disk_commit_slot *sound = sample_commit(test);

	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_EMPTY);
	/* Half a slot is not an empty one. */
	memcpy(&slot->image, &sound->image, VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_BLOCK_TAG);
	memset(&slot->image, 0, VDE_BLOCK_SIZE);
	memcpy(&slot->record, &sound->record, VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
}

static void vde_commit_slot_every_record_byte(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u8 *block = (u8 *)&slot->record;
	u32 i;

	for (i = 0; i < VDE_BLOCK_SIZE; i++) {
		enum vde_fault want = i < 4080 || i >= 4088 ?
				      VDE_FAULT_BLOCK_CHECKSUM : i < 4084 ?
				      VDE_FAULT_BLOCK_TAG :
				      VDE_FAULT_COMMIT_SEQUENCE;

		block[i] ^= 1 << i % 8;
		ASSERT_FAULT_MSG(test, check(slot), want, "byte %u", i);
		block[i] ^= 1 << i % 8;
	}
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

static void vde_commit_slot_every_image_byte(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u8 *block = (u8 *)&slot->image;
	u32 i;

	for (i = 0; i < VDE_BLOCK_SIZE; i++) {
		block[i] ^= 1 << i % 8;
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_IMAGE,
				 "byte %u", i);
		block[i] ^= 1 << i % 8;
	}
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

static void vde_commit_slot_every_record_bit(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u8 *block = (u8 *)&slot->record;
	u32 bit;

	/* The fields up to the end of the region's UUID, bit by bit. */
	for (bit = 0; bit < 0x80 * 8; bit++) {
		block[bit / 8] ^= 1 << bit % 8;
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_BLOCK_CHECKSUM,
				 "bit %u", bit);
		block[bit / 8] ^= 1 << bit % 8;
	}
}

/* A torn write leaves the record of one commit and the image of another. */
static void vde_commit_slot_torn(struct kunit *test)
{
	struct vde_disk_commit_slot *old = sample_commit(test);
	struct vde_disk_commit_slot *new = new_blocks(test, 2);
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_commit(new, SLOT_SEQUENCE + 8, SLOT_HWM, 1);
	seal_slot(new);
	EXPECT_FAULT(test, check(new), VDE_FAULT_NONE);
	/* Even where both images hold the same records. */
	KUNIT_ASSERT_EQ(test, memcmp(&old->image, &new->image, 4080), 0);
	memcpy(&slot->record, &new->record, VDE_BLOCK_SIZE);
	memcpy(&slot->image, &old->image, VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
	memcpy(&slot->record, &old->record, VDE_BLOCK_SIZE);
	memcpy(&slot->image, &new->image, VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
}

static void vde_commit_slot_wrong_place(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u32 i;

	for (i = 0; i < 8; i++)
		EXPECT_FAULT(test, vde_commit_check(slot, i, &worm_region,
						    region_uuid),
			     i == 3 ? VDE_FAULT_NONE :
				      VDE_FAULT_COMMIT_SEQUENCE);
}

/*
 * Sequences begin at 1, though a commit 0 would belong into slot 0. Whoever
 * writes needs room for those that follow.
 */
static void vde_commit_slot_sequence_bounds(struct kunit *test)
{
	static const struct {
		u64 sequence;
		enum vde_fault want;
		enum vde_fault unwritable;
	} rows[] = {
		{ 0, VDE_FAULT_COMMIT_SEQUENCE },
		{ 1, VDE_FAULT_NONE },
		{ 8, VDE_FAULT_NONE },
		{ 0xFFFFFFFF, VDE_FAULT_NONE },
		{ 1ULL << 32, VDE_FAULT_NONE },
		{ 1ULL << 62, VDE_FAULT_NONE },
		{ (1ULL << 62) + 1, VDE_FAULT_NONE, VDE_FAULT_SEQUENCE_SPENT },
		{ S64_MAX - 1, VDE_FAULT_NONE, VDE_FAULT_SEQUENCE_SPENT },
		{ S64_MAX, VDE_FAULT_COMMIT_SEQUENCE },
		{ (1ULL << 63) + 5, VDE_FAULT_COMMIT_SEQUENCE },
		{ U64_MAX, VDE_FAULT_COMMIT_SEQUENCE },
	};
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill_commit(slot, rows[i].sequence, 100, 1);
		seal_slot(slot);
		EXPECT_FAULT(test, vde_commit_check(slot, rows[i].sequence % 8,
						    &worm_region, region_uuid),
			     rows[i].want);
		if (!rows[i].want)
			EXPECT_FAULT(test,
				     vde_commit_check_writable(&slot->record),
				     rows[i].unwritable);
	}
}

static void vde_commit_slot_generation_mismatch(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);

	vde_block_seal(&slot->record, 0x4D57414C, SLOT_SEQUENCE + 8);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_SEQUENCE);
	seal_record(slot);
	vde_block_seal(&slot->image, 0x4D57414C, SLOT_SEQUENCE + 8);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
	/* Written in place it has the owner's tag; here that is a fault. */
	vde_block_seal(&slot->image, 0x574F524D, SLOT_SEQUENCE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_IMAGE);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	vde_block_seal(&slot->record, 0x574F524D, SLOT_SEQUENCE);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_BLOCK_TAG);
}

/* A slot of another region or of an earlier volume is not this region's. */
static void vde_commit_slot_wrong_owner(struct kunit *test)
{
	static const u32 tags[] = { 0x53545245, 0x434D5654, 0x4D57414C, 0 };
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		poke(&slot->record, 0x08, 4, tags[i]);
		seal_record(slot);
		EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_OWNER);
	}
	poke(&slot->record, 0x08, 4, 0x574F524D);
	for (i = 0x70; i < 0x80; i++) {
		((u8 *)&slot->record)[i] ^= 1;
		seal_record(slot);
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_OWNER,
				 "byte %x", i);
		((u8 *)&slot->record)[i] ^= 1;
	}
}

static void vde_commit_slot_every_flag_bit(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u32 bit;

	for (bit = 0; bit < 32; bit++) {
		poke(&slot->record, 0x0C, 4, 1U << bit);
		seal_record(slot);
		ASSERT_FAULT_MSG(test, check(slot), bit < 2 ? VDE_FAULT_NONE :
				 VDE_FAULT_COMMIT_FLAGS, "bit %u", bit);
	}
	poke(&slot->record, 0x0C, 4, 3);
	seal_record(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

/* A clean close has the header block in its place, so it images that. */
static void vde_commit_slot_clean(struct kunit *test)
{
	static const struct {
		u32 flags;
		u64 imaged;
		bool want;
	} rows[] = {
		{ 1, 0, true }, { 3, 0, true }, { 0, 0, false }, { 2, 0, false },
		{ 1, 1, false }, { 1, U64_MAX, false }, { 0, U64_MAX, false },
	};
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		poke(&slot->record, 0x0C, 4, rows[i].flags);
		poke(&slot->record, 0x20, 8, rows[i].imaged);
		KUNIT_EXPECT_EQ_MSG(test, vde_commit_is_clean(&slot->record),
				    rows[i].want, "row %u", i);
	}
}

static struct kunit_case vde_commit_slot_cases[] = {
	KUNIT_CASE(vde_commit_slot_places),
	KUNIT_CASE(vde_commit_slot_init_golden),
	KUNIT_CASE(vde_commit_slot_seal),
	KUNIT_CASE(vde_commit_slot_never_written),
	KUNIT_CASE(vde_commit_slot_every_record_byte),
	KUNIT_CASE(vde_commit_slot_every_image_byte),
	KUNIT_CASE(vde_commit_slot_every_record_bit),
	KUNIT_CASE(vde_commit_slot_torn),
	KUNIT_CASE(vde_commit_slot_wrong_place),
	KUNIT_CASE(vde_commit_slot_sequence_bounds),
	KUNIT_CASE(vde_commit_slot_generation_mismatch),
	KUNIT_CASE(vde_commit_slot_wrong_owner),
	KUNIT_CASE(vde_commit_slot_every_flag_bit),
	KUNIT_CASE(vde_commit_slot_clean),
	{}
};

static struct kunit_suite vde_commit_slot_suite = {
	.name = "vde_commit_slot",
	.test_cases = vde_commit_slot_cases,
};

kunit_test_suite(vde_commit_slot_suite);

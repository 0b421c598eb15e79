// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits of a vault: the first one, its state, its image and the header block.
 * Checksums hold, so that only the rules of the format can tell what is wrong.
 */
#include "passports.h"

#define NO_IMAGE U64_MAX
#define SEQUENCE 13	/* of most commits here, hence slot 5 */

/* Blocks 0..2 of 4 are in use: 30, 30 and 5 passports of 132 bytes. */
static const struct vde_geometry vault_region = {
	.kind = VDE_REGION_VAULT,
	.first_slot = 6,
	.meta_start = 500,
	.meta_blocks = 4,
	.commit_start = 504,
	.capacity = 4,
};

static void fill_image(void *block, u32 index, u32 count, u32 total)
{
	u32 i, end = index ? 0 : 16;

	for (i = 0; i < count; i++)
		end += fill_passport(block, end, 30 * index + i + 1, 0, 0);
	if (!index)
		poke(block, 0, 4, total);
}

static void fill_vault_commit(struct vde_disk_commit_slot *slot, u64 sequence,
			      u64 imaged)
{
	const struct poke record[] = {
		{ 0x00, 8, sequence },
		{ 0x08, 4, 0x434D5654 },	/* CMVT */
		{ 0x10, 8, NOW + 1000 },
		{ 0x18, 8, 5000 },		/* compliance clock */
		{ 0x20, 8, imaged },
		{ 0x30, 8, 65 },		/* passports */
		{ 0x38, 8, 3 },			/* used blocks */
		{ 0xF20, 8, NOW + 500 },	/* attested time and clock */
		{ 0xF28, 8, 3000 },
	};

	memset(slot, 0, sizeof(*slot));
	poke_all(&slot->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&slot->record + 0x70, region_uuid, sizeof(region_uuid));
	if (imaged < 3)
		fill_image(&slot->image, imaged, imaged < 2 ? 30 : 5, 65);
}

static enum vde_fault check(const struct vde_disk_commit_slot *slot)
{
	return vde_commit_check(slot, 5, &vault_region, region_uuid);
}

static enum vde_fault check_header(const struct vde_disk_commit_slot *slot,
				   const void *header)
{
	return vde_commit_check_header(&slot->record, header, &vault_region);
}

static void vde_commit_vault_init_golden(struct kunit *test)
{
	static const struct poke record[] = {
		{ 0x00, 8, 1 },
		{ 0x08, 4, 0x434D5654 },
		{ 0x0C, 4, 1 },		/* clean */
		{ 0x10, 8, NOW },
		{ 0x38, 8, 1 },		/* block 0 is in use */
	};
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_disk_commit_slot *want = new_blocks(test, 2);

	memset(slot, 0xFF, sizeof(*slot));
	vde_commit_init_vault(slot, &vault_region, region_uuid, NOW);
	poke_all(&want->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&want->record + 0x70, region_uuid, sizeof(region_uuid));
	seal_slot(want);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->record, (u8 *)&want->record,
			   VDE_BLOCK_SIZE);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&slot->image, (u8 *)&want->image,
			   VDE_BLOCK_SIZE);
	EXPECT_FAULT(test, vde_commit_check(slot, 1, &vault_region,
					    region_uuid), VDE_FAULT_NONE);
	vde_block_seal(&slot->image, 0x434D5654, 1);
	EXPECT_FAULT(test, check_header(slot, &slot->image), VDE_FAULT_NONE);
}

struct state_row {
	const char *name;
	struct poke pokes[2];
	enum vde_fault want;
};

/* On fill_vault_commit() without image */
static const struct state_row state_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "no passport", { { 0x30, 8, 0 }, { 0x38, 8, 1 } }, VDE_FAULT_NONE },
	{ "a passport in each block but the first", { { 0x30, 8, 2 } },
	  VDE_FAULT_NONE },
	{ "another block without one", { { 0x30, 8, 1 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "most passports", { { 0x30, 8, S32_MAX } }, VDE_FAULT_NONE },
	{ "one more", { { 0x30, 8, 1ULL << 31 } }, VDE_FAULT_COMMIT_STATE },
	{ "2^32 more", { { 0x34, 4, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "passports -1", { { 0x30, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "no used block", { { 0x38, 8, 0 } }, VDE_FAULT_COMMIT_STATE },
	{ "one used block", { { 0x38, 8, 1 } }, VDE_FAULT_NONE },
	{ "all blocks used", { { 0x38, 8, 4 } }, VDE_FAULT_NONE },
	{ "more than all blocks", { { 0x38, 8, 5 } }, VDE_FAULT_COMMIT_STATE },
	{ "2^32 blocks more", { { 0x3C, 4, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "used blocks -1", { { 0x38, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "clock 0", { { 0x18, 8, 0 } }, VDE_FAULT_NONE },
	{ "clock -1", { { 0x18, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "attested time -1", { { 0xF20, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "attested clock -1", { { 0xF28, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "under hold, which means nothing here", { { 0x0C, 4, 2 } },
	  VDE_FAULT_NONE },
	{ "unknown flag", { { 0x0C, 4, 4 } }, VDE_FAULT_COMMIT_FLAGS },
	{ "sealed clock, as of a WORM region", { { 0xF18, 8, 4000 } },
	  VDE_FAULT_COMMIT_PADDING },
	{ "a reset, as of a WORM region", { { 0x910, 8, 1 } },
	  VDE_FAULT_COMMIT_PADDING },
	{ "imaged block 4", { { 0x20, 8, 4 } }, VDE_FAULT_COMMIT_STATE },
	{ "imaged block 2^32", { { 0x20, 8, 1ULL << 32 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "imaged block -2", { { 0x20, 8, -2 } }, VDE_FAULT_COMMIT_STATE },
	{ "image of an unused block", { { 0x20, 8, 3 } },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "owner is a WORM region", { { 0x08, 4, 0x574F524D } },
	  VDE_FAULT_COMMIT_OWNER },
	{ "owner is a stream", { { 0x08, 4, 0x53545245 } },
	  VDE_FAULT_COMMIT_OWNER },
	{ "another region's UUID", { { 0x70, 1, 0 } }, VDE_FAULT_COMMIT_OWNER },
};

KUNIT_ARRAY_PARAM_DESC(state_row, state_rows, name);

static void vde_commit_vault_state_table(struct kunit *test)
{
	const struct state_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_vault_commit(slot, SEQUENCE, NO_IMAGE);
	poke_all(&slot->record, row->pokes, ARRAY_SIZE(row->pokes));
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), row->want);
}

static void vde_commit_vault_padding(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_vault_commit(slot, SEQUENCE, NO_IMAGE);
	seal_slot(slot);
	expect_padding(test, slot, &vault_region, 0x40, 0x70);
	/* Behind the UUID: tree, resets, clock of the newest seal */
	expect_padding(test, slot, &vault_region, 0x80, 0xF20);
	expect_padding(test, slot, &vault_region, 0xF30, 4080);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

struct image_row {
	const char *name;
	u64 imaged;
	struct poke record;	/* of the commit */
	struct poke image;
	enum vde_fault want;
};

static const struct image_row image_rows[] = {
	{ "block 0", 0, {}, {}, VDE_FAULT_NONE },
	{ "block 1", 1, {}, {}, VDE_FAULT_NONE },
	{ "the last used block", 2, {}, {}, VDE_FAULT_NONE },
	{ "block behind the used ones", 2, { 0x38, 8, 2 }, {},
	  VDE_FAULT_COMMIT_IMAGE },
	{ "block 0 counts one less", 0, {}, { 0, 4, 64 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "block 0 counts one more", 0, {}, { 0, 4, 66 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "block 0 counts 2^31 more", 0, {}, { 3, 1, 0x80 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "state counts one less than block 0", 0, { 0x30, 8, 64 }, {},
	  VDE_FAULT_COMMIT_IMAGE },
	{ "both count one less", 0, { 0x30, 8, 64 }, { 0, 4, 64 },
	  VDE_FAULT_NONE },
	{ "garbage behind the count", 0, {}, { 4, 1, 1 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "garbage behind the passports", 1, {}, { 4000, 1, 1 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "no passport in a later block", 1, {}, { 0, 4, 0 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "a fault in a passport", 1, {}, { 29 * 132 + 32, 2, 9 },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "one passport more", 2, {}, { 5 * 132, 1, 1 }, VDE_FAULT_NONE },
};

KUNIT_ARRAY_PARAM_DESC(image_row, image_rows, name);

static void vde_commit_vault_image_table(struct kunit *test)
{
	const struct image_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_vault_commit(slot, SEQUENCE, row->imaged);
	poke_all(&slot->record, &row->record, 1);
	poke_all(&slot->image, &row->image, 1);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), row->want);
}

static void vde_commit_vault_no_image_is_zero(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *image = (u8 *)&slot->image;
	u32 i;

	fill_vault_commit(slot, SEQUENCE, NO_IMAGE);
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

/* What a header block in place is told apart by */
static const struct image_row header_rows[] = {
	{ "sound", 0, {}, {}, VDE_FAULT_NONE },
	{ "counts one less", 0, {}, { 0, 4, 64 }, VDE_FAULT_VAULT_COUNT },
	{ "counts one more", 0, {}, { 0, 4, 66 }, VDE_FAULT_VAULT_COUNT },
	{ "garbage behind the count", 0, {}, { 15, 1, 1 },
	  VDE_FAULT_VAULT_PADDING },
	{ "garbage behind the passports", 0, {}, { 4079, 1, 1 },
	  VDE_FAULT_VAULT_PADDING },
	{ "a fault in a passport", 0, {}, { 16 + 34, 2, 8 },
	  VDE_FAULT_PASSPORT_FIELD },
	{ "a length that runs out", 0, {}, { 16 + 29 * 132 + 64, 4, 256 },
	  VDE_FAULT_PASSPORT_CUT },
};

KUNIT_ARRAY_PARAM_DESC(header_row, header_rows, name);

static void vde_commit_vault_header_table(struct kunit *test)
{
	const struct image_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *header = (u8 *)&slot->image;

	fill_vault_commit(slot, SEQUENCE, 0);
	seal_slot(slot);
	poke_all(header, &row->image, 1);
	vde_block_seal(header, 0x434D5654, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), row->want);
}

static void vde_commit_vault_header_block(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *header = (u8 *)&slot->image;

	fill_vault_commit(slot, (1ULL << 32) + SEQUENCE, 0);
	seal_slot(slot);
	/* The slot's image itself is not a block in place. */
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_BLOCK_TAG);
	vde_block_seal(header, 0x574F524D, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_BLOCK_TAG);
	vde_block_seal(header, 0x434D5654, SEQUENCE - 1);
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_HEADER_DIFFERS);
	vde_block_seal(header, 0x434D5654, SEQUENCE + 1);
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_HEADER_DIFFERS);
	vde_block_seal(header, 0x434D5654, SEQUENCE);
	EXPECT_FAULT(test, check_header(slot, header), VDE_FAULT_NONE);
	header[100] ^= 1;
	EXPECT_FAULT(test, check_header(slot, header),
		     VDE_FAULT_BLOCK_CHECKSUM);
}

/* A newest commit that contradicts itself does not count. */
static void vde_commit_vault_newest(struct kunit *test)
{
	struct vde_disk_commit_slot *slots = new_blocks(test, 16);
	enum vde_fault faults[8];
	u32 newest = 8;

	fill_vault_commit(&slots[5], SEQUENCE, 0);
	seal_slot(&slots[5]);
	fill_vault_commit(&slots[6], SEQUENCE + 1, 2);
	seal_slot(&slots[6]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &vault_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 6);
	poke(&slots[6].record, 0x38, 8, 2);
	seal_slot(&slots[6]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &vault_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 5);
	EXPECT_FAULT(test, faults[6], VDE_FAULT_COMMIT_IMAGE);
	EXPECT_FAULT(test, faults[4], VDE_FAULT_COMMIT_EMPTY);
}

/* A region of one kind is not led astray by the commit of another. */
static void vde_commit_vault_other_kind(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_vault_commit(slot, SEQUENCE, 0);
	seal_slot(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 5, &worm_region, region_uuid),
		     VDE_FAULT_COMMIT_OWNER);
	EXPECT_FAULT(test, vde_commit_check(slot, 5, &stream_region,
					    region_uuid),
		     VDE_FAULT_COMMIT_OWNER);
	fill_commit(slot, SEQUENCE, 100, 0);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_OWNER);
}

static struct kunit_case vde_commit_vault_cases[] = {
	KUNIT_CASE(vde_commit_vault_init_golden),
	KUNIT_CASE_PARAM(vde_commit_vault_state_table, state_row_gen_params),
	KUNIT_CASE(vde_commit_vault_padding),
	KUNIT_CASE_PARAM(vde_commit_vault_image_table, image_row_gen_params),
	KUNIT_CASE(vde_commit_vault_no_image_is_zero),
	KUNIT_CASE_PARAM(vde_commit_vault_header_table, header_row_gen_params),
	KUNIT_CASE(vde_commit_vault_header_block),
	KUNIT_CASE(vde_commit_vault_newest),
	KUNIT_CASE(vde_commit_vault_other_kind),
	{}
};

static struct kunit_suite vde_commit_vault_suite = {
	.name = "vde_commit_vault",
	.test_cases = vde_commit_vault_cases,
};

kunit_test_suite(vde_commit_vault_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit slots whose checksums hold, so that only the rules of the format can
 * tell what is wrong: state, unused bytes, image, and the header block.
 */
#include "fixtures.h"

static enum vde_fault check(const struct vde_disk_commit_slot *slot)
{
	return vde_commit_check(slot, SLOT_SEQUENCE % 8, &worm_region,
				region_uuid);
}

struct state_row {
	const char *name;
	struct poke pokes[2];
	enum vde_fault want;
};

/* On sample_commit(): mark 100 of 300, image of log block 1 of 0..3. */
static const struct state_row state_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "capacity one low", { { 0x38, 8, 299 } }, VDE_FAULT_COMMIT_STATE },
	{ "capacity one high", { { 0x38, 8, 301 } }, VDE_FAULT_COMMIT_STATE },
	{ "capacity -1", { { 0x38, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "mark without records", { { 0x30, 8, 101 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "records without mark", { { 0x50, 4, 101 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "records 2^32 too many", { { 0x54, 4, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "mark 2^32 too high", { { 0x34, 4, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "both 2^32 too high", { { 0x34, 4, 1 }, { 0x54, 4, 1 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "mark and records -1", { { 0x30, 8, -1 }, { 0x50, 8, -1 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "mark beyond capacity", { { 0x30, 8, 301 }, { 0x50, 4, 301 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "no retention", { { 0x40, 8, 0 } }, VDE_FAULT_NONE },
	{ "longest retention", { { 0x40, 8, S64_MAX } }, VDE_FAULT_NONE },
	{ "retention -1", { { 0x40, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "retention -2^63", { { 0x40, 8, S64_MIN } }, VDE_FAULT_COMMIT_STATE },
	{ "created at 0", { { 0x48, 8, 0 } }, VDE_FAULT_NONE },
	{ "created at the end of time", { { 0x48, 8, S64_MAX } },
	  VDE_FAULT_NONE },
	{ "created at -1", { { 0x48, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "created at -2^63", { { 0x48, 8, S64_MIN } },
	  VDE_FAULT_COMMIT_STATE },
	{ "clock at the newest seal", { { 0x18, 8, 4000 } }, VDE_FAULT_NONE },
	{ "clock before the newest seal", { { 0x18, 8, 3999 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "clock -1", { { 0x18, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "both clocks negative", { { 0x18, 8, -1 }, { 0xF18, 8, -2 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "clock of the newest seal -1", { { 0xF18, 8, -1 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "clock of the newest seal 0", { { 0xF18, 8, 0 } }, VDE_FAULT_NONE },
	{ "no time attestation", { { 0xF20, 8, 0 }, { 0xF28, 8, 0 } },
	  VDE_FAULT_NONE },

	{ "image is not the header", { { 0x20, 8, 0 } },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "imaged block above the open one", { { 0x20, 8, 2 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "last metadata block", { { 0x20, 8, 3 } }, VDE_FAULT_COMMIT_STATE },
	{ "one behind the metadata", { { 0x20, 8, 4 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "imaged block 2^32 + 1", { { 0x24, 4, 1 } }, VDE_FAULT_COMMIT_STATE },
	{ "imaged block -2", { { 0x20, 8, -2 } }, VDE_FAULT_COMMIT_STATE },
	{ "none imaged", { { 0x20, 8, -1 } }, VDE_FAULT_COMMIT_STATE },
	{ "image checksum, low bit", { { 0x28, 1, 0 }, { 0x29, 1, 0 } },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "image checksum 0", { { 0x28, 8, 0 } }, VDE_FAULT_COMMIT_IMAGE },
	{ "image's last record at the mark", { { 0x30, 8, 99 },
					       { 0x50, 4, 99 } },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "image lacks the newest record", { { 0x30, 8, 101 },
					     { 0x50, 4, 101 } },
	  VDE_FAULT_COMMIT_IMAGE },
	{ "image wholly above the mark", { { 0x30, 8, 77 }, { 0x50, 4, 77 } },
	  VDE_FAULT_COMMIT_STATE },
	{ "image below the open block", { { 0x30, 8, 156 }, { 0x50, 4, 156 } },
	  VDE_FAULT_COMMIT_STATE },
};

KUNIT_ARRAY_PARAM_DESC(state_row, state_rows, name);

static void vde_commit_state_table(struct kunit *test)
{
	const struct state_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = sample_commit(test);

	poke_all(&slot->record, row->pokes, ARRAY_SIZE(row->pokes));
	seal_record(slot);
	EXPECT_FAULT(test, check(slot), row->want);
}

static void vde_commit_state_worm_padding(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = sample_commit(test);

	expect_padding(test, slot, &worm_region, 0x58, 0x70);
	/* Behind the UUID, tree size, frontier */
	expect_padding(test, slot, &worm_region, 0x80, 0x910);
	/* No reset, hence no entry */
	expect_padding(test, slot, &worm_region, 0x918, 0xF18);
	expect_padding(test, slot, &worm_region, 0xF30, 4080);
}

/* An entry is 96 bytes; its Merkle root at 44 waits for the tree. */
static void vde_commit_state_resets(struct kunit *test)
{
	static const u64 resets[] = { 16, 17, U64_MAX };
	struct vde_disk_commit_slot *slot = sample_commit(test);
	u32 i;

	poke(&slot->record, 0x910, 8, 1);
	memset((u8 *)&slot->record + 0x918, 0x11, 44);
	seal_record(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	expect_padding(test, slot, &worm_region, 0x918 + 44, 0xF18);

	for (i = 0; i < 16; i++)
		memset((u8 *)&slot->record + 0x918 + 96 * i, 0x11, 44);
	for (i = 0; i < ARRAY_SIZE(resets); i++) {
		poke(&slot->record, 0x910, 8, resets[i]);
		seal_record(slot);
		EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	}
	expect_padding(test, slot, &worm_region, 0x918 + 15 * 96 + 44, 0xF18);
	poke(&slot->record, 0x910, 8, 15);
	seal_record(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_COMMIT_PADDING);
}

struct mark_row {
	const char *name;
	u64 hwm;
	u64 imaged;
	enum vde_fault want;
};

static const struct mark_row mark_rows[] = {
	{ "nothing sealed, header imaged", 0, 0, VDE_FAULT_NONE },
	{ "one record, header imaged", 1, 0, VDE_FAULT_NONE },
	{ "header block full", 77, 0, VDE_FAULT_NONE },
	{ "first record of block 1", 78, 1, VDE_FAULT_NONE },
	{ "block 1 full", 155, 1, VDE_FAULT_NONE },
	{ "first record of block 2", 156, 2, VDE_FAULT_NONE },
	{ "region full", 300, 3, VDE_FAULT_NONE },
	{ "region full, header imaged as at a close", 300, 0, VDE_FAULT_NONE },
	{ "nothing imaged", 300, U64_MAX, VDE_FAULT_COMMIT_STATE },
	{ "block 1 without a record in it", 77, 1, VDE_FAULT_COMMIT_STATE },
	{ "block 1 after block 2 was begun", 156, 1, VDE_FAULT_COMMIT_STATE },
	{ "block 1 with nothing sealed", 0, 1, VDE_FAULT_COMMIT_STATE },
};

KUNIT_ARRAY_PARAM_DESC(mark_row, mark_rows, name);

static void vde_commit_state_marks(struct kunit *test)
{
	const struct mark_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_commit(slot, SLOT_SEQUENCE, row->hwm, row->imaged);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), row->want);
}

/* 2^32 blocks are 16 TiB; then both halves of the record count matter. */
static void vde_commit_state_mark_beyond_32_bits(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	struct vde_geometry geo = worm_region;

	geo.capacity = 1ULL << 33;
	geo.meta_blocks = 110127367;	/* 1 + ceil((2^33 - 77) / 78) */
	fill_commit(slot, SLOT_SEQUENCE, (1ULL << 32) + 5, 55063683);
	poke(&slot->record, 0x38, 8, geo.capacity);
	seal_slot(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 3, &geo, region_uuid),
		     VDE_FAULT_NONE);
	poke(&slot->record, 0x54, 4, 0);
	seal_record(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 3, &geo, region_uuid),
		     VDE_FAULT_COMMIT_STATE);
	poke(&slot->record, 0x54, 4, 1);
	poke(&slot->record, 0x20, 8, 55063682);
	seal_record(slot);
	EXPECT_FAULT(test, vde_commit_check(slot, 3, &geo, region_uuid),
		     VDE_FAULT_COMMIT_STATE);
}

/* Bytes of an image that a commit's checksums agree with, yet the rules not. */
static void vde_commit_state_image_contents(struct kunit *test)
{
	static const struct {
		u64 imaged;
		struct poke poke;
		const char *what;
	} rows[] = {
		{ 1, { 0, 8, 78 }, "index" },
		{ 1, { 52 * 22 + 16, 4, 4097 }, "length" },
		{ 1, { 52 * 22 + 8, 8, NOW }, "time" },
		{ 1, { 52 * 23, 1, 1 }, "record at the mark" },
		{ 1, { 4056, 1, 1 }, "padding" },
		{ 0, { 40, 8, 1 }, "index in the header block" },
		{ 0, { 40 + 16, 4, 0 }, "length in the header block" },
		{ 0, { 40 + 52 + 8, 8, NOW - 1 }, "time in the header block" },
		{ 0, { 4044, 1, 1 }, "padding of the header block" },
	};
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);
	u8 *image = (u8 *)&slot->image;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill_commit(slot, SLOT_SEQUENCE, SLOT_HWM, rows[i].imaged);
		poke_all(image, &rows[i].poke, 1);
		seal_slot(slot);
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_IMAGE,
				 "%s", rows[i].what);
	}
	/* The header in an image repeats the state, each byte of it. */
	fill_commit(slot, SLOT_SEQUENCE, SLOT_HWM, 0);
	for (i = 0; i < 40; i++) {
		image[i] ^= 1;
		seal_slot(slot);
		ASSERT_FAULT_MSG(test, check(slot), VDE_FAULT_COMMIT_IMAGE,
				 "header byte %u", i);
		image[i] ^= 1;
	}
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
}

struct header_row {
	const char *name;
	struct poke poke;
	enum vde_fault want;
};

/* On the header block in place of a clean commit: mark 50, sequence 11. */
static const struct header_row header_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "mark", { 0, 8, 49 }, VDE_FAULT_HEADER_DIFFERS },
	{ "capacity", { 8, 8, 299 }, VDE_FAULT_HEADER_DIFFERS },
	{ "retention", { 16, 8, 0 }, VDE_FAULT_HEADER_DIFFERS },
	{ "created", { 24, 8, NOW + 1 }, VDE_FAULT_HEADER_DIFFERS },
	{ "records", { 32, 4, 51 }, VDE_FAULT_HEADER_DIFFERS },
	{ "records, high half", { 36, 4, 1 }, VDE_FAULT_HEADER_DIFFERS },
	{ "first record's index", { 40, 8, 1 }, VDE_FAULT_RECORD_INDEX },
	{ "last record's length", { 40 + 52 * 49 + 16, 4, 0 },
	  VDE_FAULT_RECORD_LENGTH },
	{ "last record's time", { 40 + 52 * 49 + 8, 8, NOW },
	  VDE_FAULT_RECORD_TIME },
	{ "record at the mark", { 40 + 52 * 50, 1, 1 },
	  VDE_FAULT_RECORD_BEYOND },
	{ "padding", { 4079, 1, 1 }, VDE_FAULT_RECORD_PADDING },
};

KUNIT_ARRAY_PARAM_DESC(header_row, header_rows, name);

static void vde_commit_state_header_table(struct kunit *test)
{
	const struct header_row *row = test->param_value;
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_commit(slot, SLOT_SEQUENCE, 50, 0);
	seal_slot(slot);
	EXPECT_FAULT(test, check(slot), VDE_FAULT_NONE);
	poke_all(&slot->image, &row->poke, 1);
	vde_block_seal(&slot->image, 0x574F524D, SLOT_SEQUENCE);
	EXPECT_FAULT(test, vde_commit_check_header(&slot->record, &slot->image,
						   &worm_region), row->want);
}

static void vde_commit_state_header_block(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_commit(slot, (1ULL << 32) + SLOT_SEQUENCE, 50, 0);
	seal_slot(slot);
	/* The slot's image itself is not a block in place. */
	EXPECT_FAULT(test, vde_commit_check_header(&slot->record, &slot->image,
						   &worm_region),
		     VDE_FAULT_BLOCK_TAG);
	vde_block_seal(&slot->image, 0x574F524D, SLOT_SEQUENCE);
	EXPECT_FAULT(test, vde_commit_check_header(&slot->record, &slot->image,
						   &worm_region),
		     VDE_FAULT_NONE);
	poke(&slot->image, 4084, 4, SLOT_SEQUENCE - 1);
	EXPECT_FAULT(test, vde_commit_check_header(&slot->record, &slot->image,
						   &worm_region),
		     VDE_FAULT_HEADER_DIFFERS);
	poke(&slot->image, 4084, 4, SLOT_SEQUENCE);
	poke(&slot->image, 2000, 1, 1);
	EXPECT_FAULT(test, vde_commit_check_header(&slot->record, &slot->image,
						   &worm_region),
		     VDE_FAULT_BLOCK_CHECKSUM);
}

static struct kunit_case vde_commit_state_cases[] = {
	KUNIT_CASE_PARAM(vde_commit_state_table, state_row_gen_params),
	KUNIT_CASE(vde_commit_state_worm_padding),
	KUNIT_CASE(vde_commit_state_resets),
	KUNIT_CASE_PARAM(vde_commit_state_marks, mark_row_gen_params),
	KUNIT_CASE(vde_commit_state_mark_beyond_32_bits),
	KUNIT_CASE(vde_commit_state_image_contents),
	KUNIT_CASE_PARAM(vde_commit_state_header_table, header_row_gen_params),
	KUNIT_CASE(vde_commit_state_header_block),
	{}
};

static struct kunit_suite vde_commit_state_suite = {
	.name = "vde_commit_state",
	.test_cases = vde_commit_state_cases,
};

kunit_test_suite(vde_commit_state_suite);

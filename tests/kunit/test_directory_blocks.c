// SPDX-License-Identifier: GPL-2.0-only
/* A full directory, its header, and which of directory and copy serves. */
#include "fixtures.h"

/* Add as many regions as are asked for, each as small as its kind allows. */
static void add_regions(struct kunit *test, struct vde_layout *layout,
			enum vde_region_kind kind, u32 count)
{
	while (count--)
		KUNIT_ASSERT_EQ(test, vde_layout_add(layout, kind, 1), 0);
}

static void expect_full(struct kunit *test, struct vde_layout *layout)
{
	u32 count = layout->count;

	EXPECT_FAULT(test, vde_layout_add(layout, VDE_REGION_VAULT, 1),
		     VDE_FAULT_SLOTS_FULL);
	EXPECT_FAULT(test, vde_layout_add(layout, VDE_REGION_STREAM, 1),
		     VDE_FAULT_SLOTS_FULL);
	EXPECT_FAULT(test, vde_layout_add(layout, VDE_REGION_WORM, 1),
		     VDE_FAULT_SLOTS_FULL);
	KUNIT_EXPECT_EQ(test, layout->count, count);
}

static void expect_round_trip(struct kunit *test,
			      const struct vde_layout *layout, u32 active)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *decoded = new_layout(test, 0);
	u32 i;

	vde_layout_encode(layout, directory, header);
	KUNIT_EXPECT_EQ(test, peek(header, 4, 2), active);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, vde_layout_decode(directory, layout->total_blocks,
					     decoded), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, decoded->used_slots, active);
	KUNIT_EXPECT_EQ(test, decoded->next_block, layout->next_block);
	KUNIT_EXPECT_EQ(test, decoded->region_blocks, layout->region_blocks);
	KUNIT_ASSERT_EQ(test, decoded->count, layout->count);
	for (i = 0; i < layout->count; i++) {
		const struct vde_geometry *got = &decoded->regions[i];
		const struct vde_geometry *want = &layout->regions[i];

		KUNIT_EXPECT_EQ(test, got->kind, want->kind);
		KUNIT_EXPECT_EQ(test, got->first_slot, want->first_slot);
		KUNIT_EXPECT_EQ(test, got->meta_start, want->meta_start);
		KUNIT_EXPECT_EQ(test, got->meta_blocks, want->meta_blocks);
		KUNIT_EXPECT_EQ(test, got->commit_start, want->commit_start);
		KUNIT_EXPECT_EQ(test, got->data_start, want->data_start);
		KUNIT_EXPECT_EQ(test, got->capacity, want->capacity);
	}
}

/* 41 x 3 + 2 x 2 = 127 */
static void vde_directory_41_worm_and_2_vaults(struct kunit *test)
{
	struct vde_layout *layout = new_layout(test, 1000);

	add_regions(test, layout, VDE_REGION_WORM, 41);
	add_regions(test, layout, VDE_REGION_VAULT, 2);
	KUNIT_EXPECT_EQ(test, layout->used_slots, 127);
	KUNIT_EXPECT_EQ(test, layout->regions[42].first_slot, 125);
	/* 41 regions of 1 + 16 + 1 blocks, 2 of 1 + 16 */
	KUNIT_EXPECT_EQ(test, layout->region_blocks, 41 * 18 + 2 * 17);
	expect_round_trip(test, layout, 127);
	expect_full(test, layout);
}

/* With every slot in use, what follows them must not pass for one more. */
static void vde_directory_behind_127_slots(struct kunit *test)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);
	struct vde_layout *layout = new_layout(test, 1000);

	add_regions(test, layout, VDE_REGION_WORM, 41);
	add_regions(test, layout, VDE_REGION_VAULT, 2);
	vde_layout_encode(layout, directory, header);
	poke(directory, 4064, 4, 0x434D5654);
	poke(directory, 4068, 4, 1);
	seal_directory(directory, header, 127);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, vde_layout_decode(directory, 1000,
					     new_layout(test, 0)),
		     VDE_FAULT_DIRECTORY_PADDING);
}

static void vde_directory_without_regions(struct kunit *test)
{
	expect_round_trip(test, new_layout(test, 10), 0);
}

static void vde_directory_63_vaults(struct kunit *test)
{
	struct vde_layout *layout = new_layout(test, 10 + 63 * 17);

	add_regions(test, layout, VDE_REGION_VAULT, 63);
	KUNIT_EXPECT_EQ(test, layout->used_slots, 126);
	expect_round_trip(test, layout, 126);
	expect_full(test, layout);
}

static void vde_directory_42_streams(struct kunit *test)
{
	struct vde_layout *layout = new_layout(test, 10 + 42 * 18);

	add_regions(test, layout, VDE_REGION_STREAM, 42);
	expect_round_trip(test, layout, 126);
	expect_full(test, layout);
}

static void vde_directory_slots_left_for_a_vault_only(struct kunit *test)
{
	struct vde_layout *layout = new_layout(test, 1000);

	add_regions(test, layout, VDE_REGION_WORM, 41);
	add_regions(test, layout, VDE_REGION_VAULT, 1);
	EXPECT_FAULT(test, vde_layout_add(layout, VDE_REGION_WORM, 1),
		     VDE_FAULT_SLOTS_FULL);
	EXPECT_FAULT(test, vde_layout_add(layout, VDE_REGION_VAULT, 1),
		     VDE_FAULT_NONE);
}

/* A run that would go on behind slot 126 must not be followed there. */
static void expect_truncated_run(struct kunit *test,
				 const struct vde_layout *layout, u32 tag)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);
	u32 slot;

	vde_layout_encode(layout, directory, header);
	for (slot = layout->used_slots; slot < 127; slot++) {
		poke(directory, 32 * slot, 4, slot == layout->used_slots ?
					      tag : 0x4D57414C);
		poke(directory, 32 * slot + 4, 4, 1);
		poke(directory, 32 * slot + 8, 8, 2000 + 16 * slot);
		poke(directory, 32 * slot + 16, 8, 16);
	}
	/* What lies behind the slots would even continue the run. */
	poke(directory, 4064, 4, 0x4D57414C);
	poke(directory, 4068, 4, 1);
	EXPECT_FAULT(test, vde_layout_decode(directory, 10000,
					     new_layout(test, 0)),
		     VDE_FAULT_SLOT_ORDER);
}

static void vde_directory_run_truncated_at_slot_126(struct kunit *test)
{
	struct vde_layout *vaults = new_layout(test, 10000);
	struct vde_layout *mixed = new_layout(test, 10000);

	add_regions(test, vaults, VDE_REGION_VAULT, 63);
	expect_truncated_run(test, vaults, 0x574F524D);
	expect_truncated_run(test, vaults, 0x53545245);
	expect_truncated_run(test, vaults, 0x434D5654);

	add_regions(test, mixed, VDE_REGION_WORM, 41);
	add_regions(test, mixed, VDE_REGION_VAULT, 1);
	expect_truncated_run(test, mixed, 0x574F524D);
	expect_truncated_run(test, mixed, 0x53545245);
}

struct header_row {
	const char *name;
	struct poke poke;
	enum vde_fault want;
};

static const struct header_row header_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "version 0", { 0, 2, 0 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "version 2", { 0, 2, 2 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "version 257", { 0, 2, 257 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "126 slots", { 2, 2, 126 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "128 slots", { 2, 2, 128 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "one slot less active", { 4, 2, 7 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "one slot more active", { 4, 2, 9 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "no slot active", { 4, 2, 0 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "all slots active", { 4, 2, 127 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "more active than slots", { 4, 2, 0xFFFF },
	  VDE_FAULT_DIRECTORY_HEADER },
	{ "reserved field", { 6, 2, 1 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "checksum, low bit", { 8, 1, 0x4b }, VDE_FAULT_DIRECTORY_CHECKSUM },
	{ "checksum, high byte", { 15, 1, 0xA4 },
	  VDE_FAULT_DIRECTORY_CHECKSUM },
	{ "no checksum", { 8, 8, 0 }, VDE_FAULT_DIRECTORY_CHECKSUM },
	{ "first unused byte", { 16, 1, 1 }, VDE_FAULT_DIRECTORY_HEADER },
	{ "last unused byte", { 4079, 1, 1 }, VDE_FAULT_DIRECTORY_HEADER },
};

KUNIT_ARRAY_PARAM_DESC(header_row, header_rows, name);

static void vde_directory_header_table(struct kunit *test)
{
	const struct header_row *row = test->param_value;
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	seal_directory(directory, header, 8);
	poke_all(header, &row->poke, 1);
	vde_block_seal(header, 0x524D4150, 1);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     row->want);
}

static void vde_directory_blocks_are_checked(struct kunit *test)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	seal_directory(directory, header, 8);
	poke(directory, 4080, 4, 0x53555042);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_BLOCK_TAG);
	poke(directory, 4080, 4, 0x524D4150);
	poke(directory, 40, 1, 1);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_BLOCK_CHECKSUM);

	sample_directory(directory);
	seal_directory(directory, header, 8);
	poke(header, 4080, 4, 0);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_BLOCK_TAG);
	poke(header, 4080, 4, 0x524D4150);
	poke(header, 4, 2, 7);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_BLOCK_CHECKSUM);
}

/* Each block is sound by itself, but they are not of one time. */
static void vde_directory_header_of_another_directory(struct kunit *test)
{
	struct vde_disk_directory_header *header = new_blocks(test, 1);
	struct vde_disk_directory *directory = new_blocks(test, 1);

	sample_directory(directory);
	seal_directory(directory, header, 8);
	poke(directory, 32 * 5 + 16, 8, 9);
	vde_block_seal(directory, 0x524D4150, 1);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_DIRECTORY_CHECKSUM);
	memset((u8 *)directory + 32 * 6, 0, 64);
	vde_block_seal(directory, 0x524D4150, 1);
	EXPECT_FAULT(test, vde_layout_check_directory(directory, header),
		     VDE_FAULT_DIRECTORY_HEADER);
}

struct load_case {
	struct vde_disk_directory *directory;
	struct vde_disk_directory_header *header;
	struct vde_disk_directory *copy;
	struct vde_layout *layout;
};

/* The copy has the generation of a superblock write: that is no difference. */
static void load_case_init(struct kunit *test, struct load_case *load)
{
	load->directory = new_blocks(test, 1);
	load->header = new_blocks(test, 1);
	load->copy = new_blocks(test, 1);
	load->layout = new_layout(test, 0);
	sample_directory(load->directory);
	seal_directory(load->directory, load->header, 8);
	sample_directory(load->copy);
	vde_block_seal(load->copy, 0x524D4150, 77);
}

static void expect_load(struct kunit *test, struct load_case *load,
			enum vde_fault want, enum vde_fault want_warning)
{
	enum vde_fault warning = VDE_FAULTS_COUNT;

	EXPECT_FAULT(test, vde_layout_load(load->directory, load->header,
					   load->copy, 200, load->layout,
					   &warning), want);
	EXPECT_FAULT(test, warning, want_warning);
	if (want)
		return;
	KUNIT_EXPECT_EQ(test, load->layout->count, 3);
	KUNIT_EXPECT_EQ(test, load->layout->used_slots, 8);
	KUNIT_EXPECT_EQ(test, load->layout->next_block, 174);
}

static void vde_directory_load_agreeing(struct kunit *test)
{
	struct load_case load;

	load_case_init(test, &load);
	expect_load(test, &load, VDE_FAULT_NONE, VDE_FAULT_NONE);
}

static void vde_directory_copy_differs(struct kunit *test)
{
	struct load_case load;

	load_case_init(test, &load);
	poke(load.copy, 32 * 5 + 16, 8, 9);
	expect_load(test, &load, VDE_FAULT_DIRECTORY_DIFFERS, VDE_FAULT_NONE);
	load_case_init(test, &load);
	poke(load.copy, 4079, 1, 1);
	expect_load(test, &load, VDE_FAULT_DIRECTORY_DIFFERS, VDE_FAULT_NONE);
}

static void vde_directory_copy_serves(struct kunit *test)
{
	struct load_case load;

	load_case_init(test, &load);
	poke(load.directory, 32 * 5 + 16, 8, 9);
	expect_load(test, &load, VDE_FAULT_NONE, VDE_FAULT_BLOCK_CHECKSUM);
	memset(load.directory, 0, VDE_BLOCK_SIZE);
	expect_load(test, &load, VDE_FAULT_NONE, VDE_FAULT_BLOCK_TAG);

	load_case_init(test, &load);
	poke(load.header, 4095, 1, 0);
	expect_load(test, &load, VDE_FAULT_NONE, VDE_FAULT_BLOCK_CHECKSUM);
	poke(load.header, 4, 2, 7);
	vde_block_seal(load.header, 0x524D4150, 1);
	expect_load(test, &load, VDE_FAULT_NONE, VDE_FAULT_DIRECTORY_HEADER);
}

/* A copy that agrees, or that serves, is no less hostile. */
static void vde_directory_copy_is_checked(struct kunit *test)
{
	struct load_case load;

	load_case_init(test, &load);
	poke(load.copy, 32 * 3 + 8, 8, 9);
	poke(load.directory, 32 * 3 + 8, 8, 9);
	seal_directory(load.directory, load.header, 8);
	expect_load(test, &load, VDE_FAULT_SLOT_RANGE, VDE_FAULT_NONE);
	memset(load.directory, 0, VDE_BLOCK_SIZE);
	expect_load(test, &load, VDE_FAULT_SLOT_RANGE, VDE_FAULT_BLOCK_TAG);
}

static struct kunit_case vde_directory_blocks_cases[] = {
	KUNIT_CASE(vde_directory_41_worm_and_2_vaults),
	KUNIT_CASE(vde_directory_behind_127_slots),
	KUNIT_CASE(vde_directory_without_regions),
	KUNIT_CASE(vde_directory_63_vaults),
	KUNIT_CASE(vde_directory_42_streams),
	KUNIT_CASE(vde_directory_slots_left_for_a_vault_only),
	KUNIT_CASE(vde_directory_run_truncated_at_slot_126),
	KUNIT_CASE_PARAM(vde_directory_header_table, header_row_gen_params),
	KUNIT_CASE(vde_directory_blocks_are_checked),
	KUNIT_CASE(vde_directory_header_of_another_directory),
	KUNIT_CASE(vde_directory_load_agreeing),
	KUNIT_CASE(vde_directory_copy_differs),
	KUNIT_CASE(vde_directory_copy_serves),
	KUNIT_CASE(vde_directory_copy_is_checked),
	{}
};

static struct kunit_suite vde_directory_blocks_suite = {
	.name = "vde_directory_blocks",
	.test_cases = vde_directory_blocks_cases,
};

kunit_test_suite(vde_directory_blocks_suite);

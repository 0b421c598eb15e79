// SPDX-License-Identifier: GPL-2.0-only
/* Which of a region's eight commit slots counts. */
#include "fixtures.h"

#define NONE 8	/* no slot */
#define HIGH BIT_ULL(32)

/* What befalls slots, by bit s for slot s. */
struct newest_row {
	const char *name;
	u64 sequence[8];	/* by slot; 0 = never written */
	u32 torn_record;	/* record of the commit 8 before */
	u32 torn_image;		/* image of the commit 8 before */
	u32 damaged;		/* a byte of the record flipped */
	u32 foreign;		/* of an earlier volume */
	u32 newest;
};

static const struct newest_row newest_rows[] = {
	{ "first commit alone", { 0, 1 }, .newest = 1 },
	{ "seven commits", { 0, 1, 2, 3, 4, 5, 6, 7 }, .newest = 7 },
	{ "the eighth goes to slot 0", { 8, 1, 2, 3, 4, 5, 6, 7 },
	  .newest = 0 },
	{ "the ninth replaces the first", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .newest = 1 },
	{ "all replaced but one", { 8, 9, 10, 11, 12, 13, 14, 7 },
	  .newest = 6 },
	{ "many rounds", { 8000, 8001, 8002, 8003, 7996, 7997, 7998, 7999 },
	  .newest = 3 },
	{ "never written", {}, .newest = NONE },

	{ "newest torn, record old", { 8, 9, 10, 11, 12, 5, 6, 7 },
	  .torn_record = BIT(4), .newest = 3 },
	{ "newest torn, image old", { 8, 9, 10, 11, 12, 5, 6, 7 },
	  .torn_image = BIT(4), .newest = 3 },
	{ "newest in slot 0 torn", { 8, 1, 2, 3, 4, 5, 6, 7 },
	  .torn_image = BIT(0), .newest = 7 },
	{ "newest in slot 1 torn", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .torn_image = BIT(1), .newest = 0 },
	{ "newest damaged", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .damaged = BIT(1), .newest = 0 },
	{ "older ones damaged", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .damaged = BIT(0) | BIT(7) | BIT(3), .newest = 1 },
	{ "all damaged but the oldest", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .damaged = 0xFF & ~BIT(2), .newest = 2 },
	{ "all damaged", { 8, 9, 2, 3, 4, 5, 6, 7 }, .damaged = 0xFF,
	  .newest = NONE },
	{ "only one, damaged", { 0, 1 }, .damaged = BIT(1), .newest = NONE },

	{ "newest of an earlier volume", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .foreign = BIT(1), .newest = 0 },
	{ "higher ones of an earlier volume", { 800, 1, 802, 803, 0, 0, 0, 807 },
	  .foreign = BIT(0) | BIT(2) | BIT(3) | BIT(7), .newest = 1 },
	{ "all of an earlier volume", { 8, 9, 2, 3, 4, 5, 6, 7 },
	  .foreign = 0xFF, .newest = NONE },

	{ "generation wraps", { HIGH, HIGH + 1, HIGH + 2, HIGH - 5, HIGH - 4,
				HIGH - 3, HIGH - 2, HIGH - 1 }, .newest = 2 },
	{ "generation has just wrapped", { HIGH, HIGH - 7, HIGH - 6, HIGH - 5,
					   HIGH - 4, HIGH - 3, HIGH - 2,
					   HIGH - 1 }, .newest = 0 },
	{ "generation is about to wrap", { HIGH - 8, HIGH - 7, HIGH - 6,
					   HIGH - 5, HIGH - 4, HIGH - 3,
					   HIGH - 2, HIGH - 1 }, .newest = 7 },
	{ "wrapped one torn", { HIGH, HIGH - 7, HIGH - 6, HIGH - 5, HIGH - 4,
				HIGH - 3, HIGH - 2, HIGH - 1 },
	  .torn_image = BIT(0), .newest = 7 },
	{ "same low half, other high half", { 0, HIGH + 1, HIGH * 2 + 2, HIGH * 3
					      + 3, 4 }, .newest = 3 },
	{ "negative one is none", { 0, (1ULL << 63) + 1, 2 }, .newest = 2 },
	{ "highest there can be", { S64_MAX - 7, S64_MAX - 6, S64_MAX - 5,
				    S64_MAX - 4, S64_MAX - 3, S64_MAX - 2,
				    S64_MAX - 1, S64_MAX }, .newest = 6 },
};

KUNIT_ARRAY_PARAM_DESC(newest_row, newest_rows, name);

static void damage_slot(struct kunit *test, struct vde_disk_commit_slot *slot,
			const struct newest_row *row, u32 nr)
{
	struct vde_disk_commit_slot *old = new_blocks(test, 2);

	if (row->sequence[nr] > 8)
		fill_commit(old, row->sequence[nr] - 8, 90, 1);
	seal_slot(old);
	if (row->torn_record & BIT(nr))
		memcpy(&slot->record, &old->record, VDE_BLOCK_SIZE);
	if (row->torn_image & BIT(nr))
		memcpy(&slot->image, &old->image, VDE_BLOCK_SIZE);
	if (row->damaged & BIT(nr))
		((u8 *)&slot->record)[0x31] ^= 0x40;
	if (row->foreign & BIT(nr)) {
		((u8 *)&slot->record)[0x7F] ^= 0x40;
		seal_record(slot);
	}
}

static enum vde_fault slot_fault(const struct newest_row *row, u32 nr)
{
	if (!row->sequence[nr])
		return VDE_FAULT_COMMIT_EMPTY;
	if (row->sequence[nr] >= S64_MAX)
		return VDE_FAULT_COMMIT_SEQUENCE;
	if ((row->torn_record | row->torn_image) & BIT(nr))
		return VDE_FAULT_COMMIT_IMAGE;
	if (row->damaged & BIT(nr))
		return VDE_FAULT_BLOCK_CHECKSUM;
	if (row->foreign & BIT(nr))
		return VDE_FAULT_COMMIT_OWNER;
	return VDE_FAULT_NONE;
}

static void vde_commit_newest_table(struct kunit *test)
{
	const struct newest_row *row = test->param_value;
	struct vde_disk_commit_slot *slots = new_blocks(test, 16);
	enum vde_fault faults[9];
	u32 newest = NONE;
	u32 i;

	faults[8] = VDE_FAULTS_COUNT;	/* there is no slot 8 */
	for (i = 0; i < 8; i++) {
		if (!row->sequence[i])
			continue;
		KUNIT_ASSERT_EQ(test, row->sequence[i] % 8, i);
		fill_commit(&slots[i], row->sequence[i], 100, 1);
		seal_slot(&slots[i]);
		damage_slot(test, &slots[i], row, i);
	}
	EXPECT_FAULT(test, vde_commit_newest(slots, &worm_region, region_uuid,
					     &newest, faults),
		     row->newest == NONE ? VDE_FAULT_NO_COMMIT :
					   VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, row->newest);
	for (i = 0; i < 8; i++)
		EXPECT_FAULT(test, faults[i], slot_fault(row, i));
	KUNIT_EXPECT_EQ(test, faults[8], VDE_FAULTS_COUNT);
}

/* A stray copy of the newest commit, or a misdirected write, does not count. */
static void vde_commit_newest_misplaced(struct kunit *test)
{
	struct vde_disk_commit_slot *slots = new_blocks(test, 16);
	enum vde_fault faults[8];
	u32 newest = NONE;

	fill_commit(&slots[1], 9, 100, 1);
	seal_slot(&slots[1]);
	fill_commit(&slots[6], 15, 100, 1);	/* belongs into slot 7 */
	seal_slot(&slots[6]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &worm_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 1);
	EXPECT_FAULT(test, faults[6], VDE_FAULT_COMMIT_SEQUENCE);
}

/* Valid checksums do not save a newest commit whose ranges are wrong. */
static void vde_commit_newest_out_of_range(struct kunit *test)
{
	struct vde_disk_commit_slot *slots = new_blocks(test, 16);
	enum vde_fault faults[8];
	u32 newest = NONE;

	fill_commit(&slots[1], 9, 100, 1);
	seal_slot(&slots[1]);
	fill_commit(&slots[2], 10, 301, U64_MAX);
	seal_slot(&slots[2]);
	EXPECT_FAULT(test, vde_commit_newest(slots, &worm_region, region_uuid,
					     &newest, faults), VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, newest, 1);
	EXPECT_FAULT(test, faults[2], VDE_FAULT_COMMIT_STATE);
}

static struct kunit_case vde_commit_newest_cases[] = {
	KUNIT_CASE_PARAM(vde_commit_newest_table, newest_row_gen_params),
	KUNIT_CASE(vde_commit_newest_misplaced),
	KUNIT_CASE(vde_commit_newest_out_of_range),
	{}
};

static struct kunit_suite vde_commit_newest_suite = {
	.name = "vde_commit_newest",
	.test_cases = vde_commit_newest_cases,
};

kunit_test_suite(vde_commit_newest_suite);

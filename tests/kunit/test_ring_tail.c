// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail of a ring and what can be read, to the ends of the ranges. Every
 * expected number was worked out apart from the code.
 */
#include "fixtures.h"

#define LAST S64_MAX
#define LARGEST 2251799813685220	/* 2^51 - 1 less all metadata */

static void vde_ring_needed_tail_table(struct kunit *test)
{
	static const struct {
		u64 capacity, end, want;
	} rows[] = {
		{ 1000, 0, 0 },
		{ 1000, 999, 0 },
		{ 1000, 1000, 0 },
		{ 1000, 1001, 1 },
		{ 1000, 4294967296, 4294966296 },
		{ 1, 1, 0 },
		{ 1, LAST, LAST - 1 },
		{ 1000, LAST, LAST - 1000 },
		{ LARGEST, LARGEST, 0 },
		{ LARGEST, LARGEST + 1, 1 },
		{ LARGEST, LAST, 9221120237041090587 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vde_ring ring = make_ring(rows[i].capacity, 0, 0, 0);

		KUNIT_EXPECT_EQ(test, vde_ring_needed_tail(&ring, rows[i].end),
				rows[i].want);
		/* A ring can be asked before it has grown. */
		ring.allocated = 0;
		KUNIT_EXPECT_EQ(test, vde_ring_needed_tail(&ring, rows[i].end),
				rows[i].want);
	}
}

static void vde_ring_move_tail_table(struct kunit *test)
{
	static const struct {
		u64 tail, head, to;
		u64 want, moved;
	} rows[] = {
		{ 0, 0, 0, 0, 0 },
		{ 0, 0, 1, 0, 0 },
		{ 100, 150, 0, 100, 0 },
		{ 100, 150, 99, 100, 0 },
		{ 100, 150, 100, 100, 0 },
		{ 100, 150, 101, 101, 1 },
		{ 100, 150, 149, 149, 49 },
		{ 100, 150, 150, 150, 50 },
		{ 100, 150, 151, 150, 50 },
		{ 100, 150, U64_MAX, 150, 50 },
		{ 150, 150, 151, 150, 0 },
		{ 4294967000, 4294968000, 4294967296, 4294967296, 296 },
		{ LAST - 1000, LAST, LAST - 1, LAST - 1, 999 },
		{ LAST - 1000, LAST, LAST, LAST, 1000 },
		{ LAST - 1000, LAST, 1ULL << 63, LAST, 1000 },
		{ LAST - 1000, LAST, U64_MAX, LAST, 1000 },
		{ LAST, LAST, U64_MAX, LAST, 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vde_ring ring = make_ring(1000, rows[i].tail,
						 rows[i].head, 0);
		struct vde_ring want = make_ring(1000, rows[i].want,
						 rows[i].head, 0);

		KUNIT_EXPECT_EQ(test, vde_ring_move_tail(&ring, rows[i].to),
				rows[i].moved);
		KUNIT_EXPECT_EQ(test, ring.tail, rows[i].want);
		KUNIT_EXPECT_MEMEQ(test, &ring, &want, sizeof(ring));
	}
}

static void vde_ring_holds_table(struct kunit *test)
{
	static const struct {
		u64 tail, head, start, blocks;
		bool want;
	} rows[] = {
		{ 0, 0, 0, 1, false },
		{ 0, 1, 0, 1, true },
		{ 100, 150, 100, 50, true },
		{ 100, 150, 100, 51, false },
		{ 100, 150, 99, 1, false },
		{ 100, 150, 99, 51, false },
		{ 100, 150, 149, 1, true },
		{ 100, 150, 149, 2, false },
		{ 100, 150, 150, 1, false },
		{ 100, 150, 151, 1, false },
		{ 100, 150, 0, 200, false },
		{ 100, 150, U64_MAX, 1, false },
		{ 100, 150, U64_MAX, 120, false },
		{ 100, 150, 120, U64_MAX, false },
		{ 100, 150, 120, U64_MAX - 18, false },
		{ 150, 150, 150, 1, false },
		{ LAST - 1000, LAST, LAST - 1000, 1000, true },
		{ LAST - 1000, LAST, LAST - 1000, 1001, false },
		{ LAST - 1000, LAST, LAST - 1001, 2, false },
		{ LAST - 1000, LAST, LAST - 1, 1, true },
		{ LAST - 1000, LAST, LAST, 1, false },
		{ LAST - 1000, LAST, 1ULL << 63, 1, false },
		/* Nothing is held between the tail and the head, both included */
		{ 100, 150, 99, 0, false },
		{ 100, 150, 100, 0, true },
		{ 100, 150, 150, 0, true },
		{ 100, 150, 151, 0, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vde_ring ring = make_ring(1000, rows[i].tail,
						 rows[i].head, 0);

		KUNIT_EXPECT_EQ_MSG(test, vde_ring_holds(&ring, rows[i].start,
							 rows[i].blocks),
				    rows[i].want, "row %u", i);
	}
}

static struct kunit_case vde_ring_tail_cases[] = {
	KUNIT_CASE(vde_ring_needed_tail_table),
	KUNIT_CASE(vde_ring_move_tail_table),
	KUNIT_CASE(vde_ring_holds_table),
	{}
};

static struct kunit_suite vde_ring_tail_suite = {
	.name = "vde_ring_tail",
	.test_cases = vde_ring_tail_cases,
};

kunit_test_suite(vde_ring_tail_suite);

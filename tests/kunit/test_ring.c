// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a ring's blocks lie, how it grows and what it takes, to the ends of the
 * ranges. Every expected number was worked out apart from the code.
 */
#include "fixtures.h"

#define LAST S64_MAX
#define LARGEST 2251799813685220	/* 2^51 - 1 less all metadata */

static void vde_ring_place_table(struct kunit *test)
{
	static const struct {
		u64 capacity, position, place, contiguous;
	} rows[] = {
		{ 1, 0, 0, 1 },
		{ 1, LAST, 0, 1 },
		{ 1000, 0, 0, 1000 },
		{ 1000, 999, 999, 1 },
		{ 1000, 1000, 0, 1000 },
		{ 1000, 4294967296, 296, 704 },
		{ 1000, 4294967301, 301, 699 },
		{ 1000, LAST - 1, 806, 194 },
		{ 1000, LAST, 807, 193 },
		{ 1000003, LAST - 1, 675343, 324660 },
		{ 4294967311, LAST - 1, 2147483766, 2147483545 },
		{ 8589934592, 8589934591, 8589934591, 1 },
		{ 281474976710656, LAST - 1, 281474976710654, 2 },
		{ LARGEST, LARGEST - 1, LARGEST - 1, 1 },
		{ LARGEST, LARGEST, 0, LARGEST },
		{ LARGEST, LAST - 1, 114686, 2251799813570534 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vde_ring ring = make_ring(rows[i].capacity, 0, 0, 0);
		u64 contiguous = 0;

		KUNIT_EXPECT_EQ(test, vde_ring_place(&ring, rows[i].position,
						     &contiguous),
				rows[i].place);
		KUNIT_EXPECT_EQ(test, contiguous, rows[i].contiguous);
	}
}

struct grow_row {
	const char *name;
	u64 capacity, allocated;
	u32 growth;
	u64 end;
	u64 want;
};

static const struct grow_row grow_rows[] = {
	{ "nothing wanted", 1000, 0, 16, 0, 0 },
	{ "first block", 1000, 0, 16, 1, 16 },
	{ "to the first increment", 1000, 0, 16, 16, 16 },
	{ "beyond the first increment", 1000, 0, 16, 17, 32 },
	{ "fits already", 1000, 16, 16, 16, 16 },
	{ "far above the end", 1000, 160, 16, 10, 160 },
	{ "one above", 1000, 16, 16, 17, 32 },
	{ "many increments at once", 1000, 16, 16, 900, 912 },
	{ "last whole increment", 1000, 16, 16, 992, 992 },
	{ "the rest of the capacity", 1000, 992, 16, 993, 1000 },
	{ "increments and the rest", 1000, 16, 16, 993, 1000 },
	{ "to the capacity", 1000, 992, 16, 1000, 1000 },
	{ "beyond the capacity", 1000, 992, 16, 5000, 1000 },
	{ "fully grown, wrapped", 1000, 1000, 16, 5000, 1000 },
	{ "fully grown, last position", 1000, 1000, 16, LAST, 1000 },
	{ "from nothing to the last position", 1000, 0, 16, LAST, 1000 },
	{ "beyond all positions", 1000, 16, 16, U64_MAX, 1000 },
	{ "increment above the capacity", 10, 0, 16, 1, 10 },
	{ "ring of one block", 1, 0, 16, 1, 1 },
	{ "block by block", 1000, 0, 1, 999, 999 },
	{ "from between two increments", 1000, 10, 16, 27, 42 },
	{ "across 2^32", LARGEST, 4294967280, 16, 4294967297, 4294967312 },
	{ "largest increment", LARGEST, 0, S32_MAX, 2147483648, 4294967294 },
	{ "largest ring, largest increment", LARGEST, 0, S32_MAX, LARGEST - 4,
	  LARGEST },
	{ "largest ring, 2^47 increments", LARGEST, 0, 16, LARGEST - 5,
	  LARGEST - 4 },
	{ "largest ring, the rest", LARGEST, LARGEST - 20, 16, LARGEST - 3,
	  LARGEST },
	/* No volume is that large, but nothing may overflow. */
	{ "2^63 - 1 blocks", LAST, 0, S32_MAX, LAST, LAST },
	{ "2^62 of 2^63 - 1 blocks", LAST, 0, S32_MAX, 1ULL << 62,
	  4611686020574871550 },
	{ "the last of 2^63 - 1 blocks", LAST, LAST - 5, S32_MAX, LAST - 4,
	  LAST },
};

KUNIT_ARRAY_PARAM_DESC(grow_row, grow_rows, name);

static void vde_ring_grow_table(struct kunit *test)
{
	const struct grow_row *row = test->param_value;
	struct vde_ring ring = make_ring(row->capacity, 3, 7, VDE_RING_STOP);
	struct vde_ring want = ring;

	ring.allocated = row->allocated;
	ring.growth = row->growth;
	want.allocated = row->want;
	want.growth = row->growth;
	vde_ring_grow(&ring, row->end);
	KUNIT_EXPECT_EQ(test, ring.allocated, row->want);
	KUNIT_EXPECT_MEMEQ(test, &ring, &want, sizeof(ring));
	/* What fits once does not grow again. */
	vde_ring_grow(&ring, row->end);
	KUNIT_EXPECT_EQ(test, ring.allocated, row->want);
}

struct fits_row {
	const char *name;
	u64 capacity, tail, start, blocks;
	bool overwrite, stop;	/* answer by policy */
};

static const struct fits_row fits_rows[] = {
	{ "first block", 1000, 0, 0, 1, true, true },
	{ "a whole ring", 1000, 0, 0, 1000, true, true },
	{ "more than a ring", 1000, 0, 0, 1001, false, false },
	{ "more than 2^32 rings", 1000, 0, 0, 4294967296001, false, false },
	{ "all there can be", 1000, 0, 0, U64_MAX, false, false },
	{ "the last free block", 1000, 0, 999, 1, true, true },
	{ "one more than is free", 1000, 0, 999, 2, true, false },
	{ "full", 1000, 0, 1000, 1, true, false },
	{ "full, a whole ring", 1000, 0, 1000, 1000, true, false },
	{ "one consumed", 1000, 1, 1000, 1, true, true },
	{ "one consumed, two wanted", 1000, 1, 1000, 2, true, false },
	{ "all consumed", 1000, 1000, 1000, 1000, true, true },
	{ "more than a ring behind the tail", 1000, 0, 1500, 1, true, false },
	{ "ring of one block", 1, 77, 77, 1, true, true },
	{ "ring of one block, full", 1, 77, 78, 1, true, false },
	{ "wrapped, free", 1000, 4294967000, 4294967296, 704, true, true },
	{ "wrapped, one too many", 1000, 4294967000, 4294967296, 705, true,
	  false },
	{ "up to the last position", 1000, LAST - 5, LAST - 5, 5, true, true },
	{ "beyond the last position", 1000, LAST - 5, LAST - 5, 6, false,
	  false },
	{ "the last block", 1000, LAST - 1000, LAST - 1, 1, true, true },
	{ "the last block, full", 1000, LAST - 1001, LAST - 1, 1, true, false },
	{ "no position left", 1000, LAST, LAST, 1, false, false },
	{ "no position left for a ring", 1000, LAST, LAST, 1000, false, false },
	{ "start above the last position", 1000, 0, 1ULL << 63, 1, false,
	  false },
	{ "sum wraps around", 1000, 0, U64_MAX, 1, false, false },
	{ "sum wraps around to the tail", 1000, 0, U64_MAX - 10, 20, false,
	  false },
	{ "largest ring", LARGEST, LAST - LARGEST, LAST - LARGEST, LARGEST,
	  true, true },
	{ "largest ring, full", LARGEST, LAST - LARGEST - 1, LAST - 1, 1, true,
	  false },
};

KUNIT_ARRAY_PARAM_DESC(fits_row, fits_rows, name);

static void vde_ring_fits_table(struct kunit *test)
{
	const struct fits_row *row = test->param_value;
	struct vde_ring ring = make_ring(row->capacity, row->tail, row->start,
					 VDE_RING_OVERWRITE);

	KUNIT_EXPECT_EQ(test, vde_ring_fits(&ring, row->start, row->blocks),
			row->overwrite);
	ring.policy = VDE_RING_STOP;
	KUNIT_EXPECT_EQ(test, vde_ring_fits(&ring, row->start, row->blocks),
			row->stop);
	/* The allocation has no say: it grows. */
	ring.allocated = 0;
	KUNIT_EXPECT_EQ(test, vde_ring_fits(&ring, row->start, row->blocks),
			row->stop);
}

static struct kunit_case vde_ring_cases[] = {
	KUNIT_CASE(vde_ring_place_table),
	KUNIT_CASE_PARAM(vde_ring_grow_table, grow_row_gen_params),
	KUNIT_CASE_PARAM(vde_ring_fits_table, fits_row_gen_params),
	{}
};

static struct kunit_suite vde_ring_suite = {
	.name = "vde_ring",
	.test_cases = vde_ring_cases,
};

kunit_test_suite(vde_ring_suite);

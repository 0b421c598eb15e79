// SPDX-License-Identifier: GPL-2.0-only
/* A stream's state on the disk: 48 hostile bytes. */
#include "fixtures.h"

#define CAPACITY 1000	/* of the region, unless a test says otherwise */
#define LAST S64_MAX

struct state_row {
	const char *name;
	u64 capacity, allocated, head, tail, entries;
	u32 growth, policy;
	bool sound;
};

static const struct state_row state_rows[] = {
	{ "new", 1000, 0, 0, 0, 0, 16, 0, true },
	{ "new, policy stop", 1000, 0, 0, 0, 0, 16, 1, true },
	{ "positions reset, allocation kept", 1000, 160, 0, 0, 0, 16, 0, true },
	{ "partly grown", 1000, 160, 150, 100, 50, 16, 0, true },
	{ "head at the allocation", 1000, 160, 160, 0, 160, 16, 0, true },
	{ "all consumed", 1000, 160, 150, 150, 0, 16, 0, true },
	{ "fully grown", 1000, 1000, 1000, 0, 1000, 16, 0, true },
	{ "wrapped and full", 1000, 1000, 2500, 1500, 1000, 16, 0, true },
	{ "wrapped and empty", 1000, 1000, 2500, 2500, 0, 16, 1, true },
	{ "allocation no multiple of the increment", 1000, 999, 999, 0, 999,
	  16, 0, true },

	{ "capacity one low", 999, 160, 150, 100, 50, 16, 0 },
	{ "capacity one high", 1001, 160, 150, 100, 50, 16, 0 },
	{ "capacity 0", 0, 0, 0, 0, 0, 16, 0 },
	{ "capacity -1", -1, 160, 150, 100, 50, 16, 0 },
	{ "capacity 2^32 too high", 4294968296, 160, 150, 100, 50, 16, 0 },
	{ "capacity with bit 63", 9223372036854776808ULL, 160, 150, 100, 50,
	  16, 0 },

	{ "allocation above the capacity", 1000, 1001, 150, 100, 50, 16, 0 },
	{ "allocation -1", 1000, -1, 150, 100, 50, 16, 0 },
	{ "allocation 2^32 too high", 1000, 4294967456, 150, 100, 50, 16, 0 },
	{ "head one above the allocation", 1000, 160, 161, 1, 160, 16, 0 },
	{ "wrapped before fully grown", 1000, 999, 1000, 1, 999, 16, 0 },
	{ "far before fully grown, empty", 1000, 160, 2500, 2500, 0, 16, 0 },
	{ "live entries without allocation", 1000, 0, 1, 0, 1, 16, 0 },
	{ "more entries than blocks", 1000, 1000, 2500, 1499, 1001, 16, 0 },
	{ "twice as many entries as blocks", 1000, 1000, 2500, 500, 2000, 16,
	  0 },

	{ "tail above the head", 1000, 1000, 2500, 2501, -1, 16, 0 },
	{ "tail -1", 1000, 160, 150, -1, 151, 16, 0 },
	{ "tail and head -1", 1000, 1000, -1, -1, 0, 16, 0 },
	{ "tail and head -2^63", 1000, 1000, 1ULL << 63, 1ULL << 63, 0, 16, 0 },
	{ "head negative, tail not", 1000, 1000, 1ULL << 63, LAST, 1, 16, 0 },
	{ "last head, full", 1000, 1000, LAST, LAST - 1000, 1000, 16, 0, true },
	{ "last head, empty", 1000, 1000, LAST, LAST, 0, 16, 1, true },
	{ "last head, too full", 1000, 1000, LAST, LAST - 1001, 1001, 16, 0 },
	{ "last head, all since 0", 1000, 1000, LAST, 0, LAST, 16, 0 },

	{ "one entry too few", 1000, 160, 150, 100, 49, 16, 0 },
	{ "one entry too many", 1000, 160, 150, 100, 51, 16, 0 },
	{ "entries 2^32 too many", 1000, 160, 150, 100, 4294967346, 16, 0 },
	{ "entries negative", 1000, 160, 150, 100, -50, 16, 0 },

	{ "increment 1", 1000, 160, 150, 100, 50, 1, 0, true },
	{ "increment above the capacity", 1000, 160, 150, 100, 50, 1001, 0,
	  true },
	{ "largest increment", 1000, 160, 150, 100, 50, S32_MAX, 0, true },
	{ "increment 0", 1000, 160, 150, 100, 50, 0, 0 },
	{ "increment -1", 1000, 160, 150, 100, 50, -1, 0 },
	{ "increment -2^31", 1000, 160, 150, 100, 50, 1U << 31, 0 },

	{ "policy 1", 1000, 160, 150, 100, 50, 16, 1, true },
	{ "policy 2", 1000, 160, 150, 100, 50, 16, 2 },
	{ "policy 256", 1000, 160, 150, 100, 50, 16, 256 },
	{ "policy -1", 1000, 160, 150, 100, 50, 16, -1 },
};

KUNIT_ARRAY_PARAM_DESC(state_row, state_rows, name);

static void poke_row(void *header, const struct state_row *row)
{
	const struct poke pokes[] = {
		{ 0, 8, row->capacity }, { 8, 8, row->allocated },
		{ 16, 8, row->head }, { 24, 8, row->tail },
		{ 32, 8, row->entries }, { 40, 4, row->growth },
		{ 44, 4, row->policy },
	};

	poke_all(header, pokes, ARRAY_SIZE(pokes));
}

static void vde_ring_decode_table(struct kunit *test)
{
	const struct state_row *row = test->param_value;
	struct vde_disk_stream_header header;
	struct vde_ring ring;

	memset(&ring, 0xA5, sizeof(ring));
	poke_row(&header, row);
	EXPECT_FAULT(test, vde_ring_decode(&header, CAPACITY, &ring),
		     row->sound ? VDE_FAULT_NONE : VDE_FAULT_RING_STATE);
	if (!row->sound) {
		KUNIT_EXPECT_NULL(test, memchr_inv(&ring, 0xA5, sizeof(ring)));
		return;
	}
	KUNIT_EXPECT_EQ(test, ring.capacity, row->capacity);
	KUNIT_EXPECT_EQ(test, ring.allocated, row->allocated);
	KUNIT_EXPECT_EQ(test, ring.head, row->head);
	KUNIT_EXPECT_EQ(test, ring.tail, row->tail);
	KUNIT_EXPECT_EQ(test, ring.growth, row->growth);
	KUNIT_EXPECT_EQ(test, (u32)ring.policy, row->policy);
}

/* The largest region there can be, in its last state. */
static void vde_ring_decode_largest(struct kunit *test)
{
	const u64 capacity = 2251799813685220;
	const struct state_row row = {
		.capacity = capacity, .allocated = capacity, .head = LAST,
		.tail = 9221120237041090587, .entries = capacity, .growth = 16,
	};
	struct vde_disk_stream_header header;
	struct vde_ring ring;

	poke_row(&header, &row);
	EXPECT_FAULT(test, vde_ring_decode(&header, capacity, &ring),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, vde_ring_decode(&header, capacity + 1, &ring),
		     VDE_FAULT_RING_STATE);
	poke(&header, 8, 8, capacity - 1);
	EXPECT_FAULT(test, vde_ring_decode(&header, capacity, &ring),
		     VDE_FAULT_RING_STATE);
}

static void vde_ring_encode_golden(struct kunit *test)
{
	static const u8 golden[48] = {
		0xE4, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00,
		0xF0, 0xDE, 0xBC, 0x9A, 0x78, 0x56, 0x04, 0x00,
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x00,
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x01, 0x00,
		/* what lies between them */
		0xF7, 0xE4, 0xD2, 0xC0, 0xAE, 0x9C, 0x00, 0x00,
		0x78, 0x56, 0x34, 0x12,
		0x01, 0x00, 0x00, 0x00,
	};
	static const struct vde_ring ring = {
		.capacity = 2251799813685220,
		.allocated = 0x000456789ABCDEF0,
		.head = 0x0002030405060708,
		.tail = 0x0001665544332211,
		.growth = 0x12345678,
		.policy = VDE_RING_STOP,
	};
	u8 *block = new_blocks(test, 1);

	memset(block, 0xFF, VDE_BLOCK_SIZE);
	vde_ring_encode(&ring, (void *)block);
	KUNIT_EXPECT_MEMEQ(test, block, golden, sizeof(golden));
	KUNIT_EXPECT_NULL(test, memchr_inv(block + 48, 0xFF, 4096 - 48));
}

static void vde_ring_init_golden(struct kunit *test)
{
	static const struct poke want[] = {
		{ 0, 8, 300 }, { 40, 4, 16 }, { 44, 4, 1 },
	};
	struct vde_disk_stream_header header;
	struct vde_ring ring;
	u8 golden[48] = {};

	memset(&ring, 0xA5, sizeof(ring));
	vde_ring_init(&ring, 300, 16, VDE_RING_STOP);
	vde_ring_encode(&ring, &header);
	poke_all(golden, want, ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&header, golden, sizeof(golden));
}

/* Words of sysfs and of vdectl's options */
static void vde_ring_policy_words(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, vde_ring_policy_name(VDE_RING_OVERWRITE),
			   "overwrite");
	KUNIT_EXPECT_STREQ(test, vde_ring_policy_name(VDE_RING_STOP), "stop");
}

/* The rules again, in the signed numbers of the format. */
static bool is_sound(s64 allocated, s64 head, s64 tail, s64 entries)
{
	if (allocated < 0 || allocated > CAPACITY)
		return false;
	if (tail < 0 || head < tail || entries != head - tail)
		return false;
	return allocated < CAPACITY ? head <= allocated : entries <= CAPACITY;
}

static void vde_ring_decode_every_edge(struct kunit *test)
{
	static const u64 edges[] = {
		0, 1, 15, 16, 17, 499, 500, 999, 1000, 1001, 2000, 2001,
		1ULL << 32, LAST - 1001, LAST - 1000, LAST - 1, LAST,
		1ULL << 63, (1ULL << 63) + 1000, U64_MAX - 999, U64_MAX,
	};
	const u32 n = ARRAY_SIZE(edges);
	struct state_row row = { .capacity = CAPACITY, .growth = 16 };
	struct vde_disk_stream_header header;
	struct vde_ring ring;
	u32 i, sound = 0;

	for (i = 0; i < n * n * n * 3; i++) {
		bool want, got;

		row.allocated = edges[i % n];
		row.head = edges[i / n % n];
		row.tail = edges[i / n / n % n];
		row.entries = row.head - row.tail + i / n / n / n - 1;
		poke_row(&header, &row);
		want = is_sound(row.allocated, row.head, row.tail, row.entries);
		got = !vde_ring_decode(&header, CAPACITY, &ring);
		KUNIT_ASSERT_EQ_MSG(test, got, want,
				    "allocated %llx head %llx tail %llx entries %llx",
				    row.allocated, row.head, row.tail,
				    row.entries);
		sound += want;
	}
	/* Counted apart from the code */
	KUNIT_EXPECT_EQ(test, sound, 190);
}

static struct kunit_case vde_ring_state_cases[] = {
	KUNIT_CASE_PARAM(vde_ring_decode_table, state_row_gen_params),
	KUNIT_CASE(vde_ring_decode_largest),
	KUNIT_CASE(vde_ring_encode_golden),
	KUNIT_CASE(vde_ring_init_golden),
	KUNIT_CASE(vde_ring_policy_words),
	KUNIT_CASE(vde_ring_decode_every_edge),
	{}
};

static struct kunit_suite vde_ring_state_suite = {
	.name = "vde_ring_state",
	.test_cases = vde_ring_state_cases,
};

kunit_test_suite(vde_ring_state_suite);

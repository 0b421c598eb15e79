// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring against a model that knows no arithmetic: an array of what each block
 * holds, a list of live positions with the block each was written to, and one
 * block written at a time. Thousands of random appends, consumes and resets;
 * each answer is compared.
 */
#include <linux/prandom.h>

#include "fixtures.h"

#define STEPS 20000
#define MOST_BLOCKS 64	/* of any ring here */
#define LAST S64_MAX	/* no position is above it */
#define NOTHING U64_MAX

struct model_row {
	const char *name;
	u64 capacity;
	u32 growth;
	enum vde_ring_policy policy;
	u64 base;	/* first position; if not 0, the ring is fully grown */
};

static const struct model_row model_rows[] = {
	{ "one block", 1, 16, VDE_RING_OVERWRITE, 0 },
	{ "one block, stop", 1, 1, VDE_RING_STOP, 0 },
	{ "two blocks", 2, 1, VDE_RING_OVERWRITE, 0 },
	{ "three blocks, stop", 3, 2, VDE_RING_STOP, 0 },
	{ "grows by one", 64, 1, VDE_RING_OVERWRITE, 0 },
	{ "grows by one, stop", 64, 1, VDE_RING_STOP, 0 },
	{ "grows by 7, not evenly", 61, 7, VDE_RING_OVERWRITE, 0 },
	{ "grows by 7, not evenly, stop", 61, 7, VDE_RING_STOP, 0 },
	{ "grows by 16", 64, 16, VDE_RING_OVERWRITE, 0 },
	{ "grows at once", 10, S32_MAX, VDE_RING_STOP, 0 },
	{ "across 2^32", 61, 16, VDE_RING_OVERWRITE, (1ULL << 32) - 999 },
	{ "across 2^51", 37, 16, VDE_RING_STOP, (1ULL << 51) - 999 },
	{ "to the end", 61, 16, VDE_RING_OVERWRITE, LAST - 9999 },
	{ "to the end, stop", 37, 16, VDE_RING_STOP, LAST - 4999 },
	{ "to the end, one block", 1, 16, VDE_RING_OVERWRITE, LAST - 2999 },
};

KUNIT_ARRAY_PARAM_DESC(model_row, model_rows, name);

struct entry {
	u64 position;
	u64 place;
};

struct model {
	const struct model_row *row;
	struct rnd_state random;
	u64 held[MOST_BLOCKS];	/* position in each block, or NOTHING */
	struct entry live[MOST_BLOCKS];	/* oldest first */
	u64 entries;
	u64 allocated;
	u64 head;
	u64 next_place;
	u64 lost;
	u32 grown, laps, refused, consumed, resets;
};

static u32 roll(struct model *model, u32 sides)
{
	return prandom_u32_state(&model->random) % sides;
}

/* Long division by hand, bit by bit. */
static u64 place_by_hand(const struct model *model, u64 position)
{
	u64 rest = 0;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		rest = rest << 1 | (position >> bit & 1);
		if (rest >= model->row->capacity)
			rest -= model->row->capacity;
	}
	return rest;
}

static void model_drop_oldest(struct model *model)
{
	model->entries--;
	memmove(&model->live[0], &model->live[1],
		model->entries * sizeof(model->live[0]));
}

/* One block, as the format tells it; false if a live one would be in its way. */
static bool model_write(struct model *model)
{
	const struct model_row *row = model->row;
	u64 i;

	if (model->head == model->allocated && model->allocated < row->capacity) {
		model->allocated += min_t(u64, row->growth,
					  row->capacity - model->allocated);
		model->grown++;
	}
	if (model->entries == row->capacity) {
		model_drop_oldest(model);
		model->lost++;
	}
	for (i = 0; i < model->entries; i++)
		if (model->live[i].place == model->next_place)
			return false;
	model->held[model->next_place] = model->head;
	model->live[model->entries].position = model->head++;
	model->live[model->entries++].place = model->next_place;
	if (++model->next_place == row->capacity) {
		model->next_place = 0;
		model->laps++;
	}
	return true;
}

/* May @blocks be appended behind @pending ones that are still under way? */
static bool model_takes(const struct model *model, u64 pending, u64 blocks)
{
	const struct model_row *row = model->row;
	s64 end = model->head;

	if (check_add_overflow(end, (s64)pending, &end) ||
	    check_add_overflow(end, (s64)blocks, &end))
		return false;
	return blocks <= row->capacity &&
	       (row->policy == VDE_RING_OVERWRITE ||
		model->entries + pending + blocks <= row->capacity);
}

static bool model_holds(const struct model *model, u64 start, u64 blocks)
{
	u64 i, j;

	for (i = 0; i < blocks; i++) {
		for (j = 0; j < model->entries; j++)
			if (model->live[j].position == start + i)
				break;
		if (j == model->entries)
			return false;
	}
	return true;
}

static u64 model_tail(const struct model *model)
{
	return model->entries ? model->live[0].position : model->head;
}

/* Mostly little; now and then a whole ring and more. */
static u32 roll_blocks(struct model *model)
{
	u32 capacity = model->row->capacity;

	return 1 + roll(model, roll(model, 4) ? min(capacity, 5U) :
					       capacity + 2);
}

/* Two appends of which the second is admitted before the first is done. */
static void step_append(struct kunit *test, struct model *model,
			struct vde_ring *ring)
{
	u64 first = roll_blocks(model);
	u64 second = roll_blocks(model);
	u64 start = ring->head;
	u64 lost = model->lost;
	u64 end, needed, moved, i;
	bool takes;

	takes = model_takes(model, 0, first);
	KUNIT_ASSERT_EQ(test, vde_ring_fits(ring, start, first), takes);
	if (!takes) {
		model->refused++;
		return;
	}
	takes = model_takes(model, first, second);
	KUNIT_ASSERT_EQ(test, vde_ring_fits(ring, start + first, second),
			takes);
	end = start + first + (takes ? second : 0);
	needed = vde_ring_needed_tail(ring, end);
	vde_ring_grow(ring, end);
	moved = vde_ring_move_tail(ring, needed);
	ring->head = start + first;
	moved += vde_ring_move_tail(ring, needed);
	ring->head = end;
	moved += vde_ring_move_tail(ring, needed);
	for (i = start; i < end; i++)
		KUNIT_ASSERT_TRUE(test, model_write(model));
	KUNIT_ASSERT_EQ(test, moved, model->lost - lost);
}

/* Up to anywhere: behind the tail, among the live ones, beyond the head. */
static void step_consume(struct kunit *test, struct model *model,
			 struct vde_ring *ring)
{
	u64 to = model_tail(model) + roll(model, 8);
	u64 entries = model->entries;

	to -= min_t(u64, to, 2);
	if (!roll(model, 16))
		to = roll(model, 2) ? U64_MAX : 0;
	while (model->entries && model->live[0].position < to)
		model_drop_oldest(model);
	KUNIT_ASSERT_EQ(test, vde_ring_move_tail(ring, to),
			entries - model->entries);
	model->consumed += entries - model->entries;
}

/* Positions begin at 0 again; what is allocated stays. */
static void step_reset(struct model *model, struct vde_ring *ring)
{
	ring->head = 0;
	ring->tail = 0;
	model->head = 0;
	model->next_place = 0;
	model->entries = 0;
	memset(model->held, 0xFF, sizeof(model->held));
	model->resets++;
}

/* Each live position is where it was written, and nothing is written over it. */
static bool same_places(const struct model *model, const struct vde_ring *ring)
{
	u64 i, contiguous;

	for (i = 0; i < model->entries; i++) {
		const struct entry *entry = &model->live[i];
		u64 place = vde_ring_place(ring, entry->position, &contiguous);

		if (place != entry->place || place >= ring->allocated ||
		    model->held[place] != entry->position)
			return false;
	}
	return true;
}

static void expect_same(struct kunit *test, struct model *model,
			const struct vde_ring *ring)
{
	u64 start = model_tail(model) + roll(model, MOST_BLOCKS + 4) - 2;
	u64 blocks = roll_blocks(model);
	u64 position = start & LAST;
	u64 contiguous = 0;
	u64 place;

	KUNIT_ASSERT_EQ(test, ring->head, model->head);
	KUNIT_ASSERT_EQ(test, ring->tail, model_tail(model));
	KUNIT_ASSERT_EQ(test, ring->allocated, model->allocated);
	KUNIT_ASSERT_TRUE(test, same_places(model, ring));
	KUNIT_ASSERT_EQ_MSG(test, vde_ring_holds(ring, start, blocks),
			    model_holds(model, start, blocks),
			    "%llu from %llx", blocks, start);
	place = vde_ring_place(ring, position, &contiguous);
	KUNIT_ASSERT_EQ(test, place, place_by_hand(model, position));
	/* The last of those side by side lies at the end. */
	position += contiguous - 1;
	KUNIT_ASSERT_EQ(test, place_by_hand(model, position),
			model->row->capacity - 1);
}

/* Every state that a ring comes to must survive the disk. */
static void through_the_disk(struct kunit *test, const struct model *model,
			     struct vde_ring *ring)
{
	struct vde_disk_stream_header header;

	vde_ring_encode(ring, &header);
	KUNIT_ASSERT_EQ(test, peek(&header, 0, 8), model->row->capacity);
	KUNIT_ASSERT_EQ(test, peek(&header, 8, 8), model->allocated);
	KUNIT_ASSERT_EQ(test, peek(&header, 16, 8), model->head);
	KUNIT_ASSERT_EQ(test, peek(&header, 24, 8), model_tail(model));
	KUNIT_ASSERT_EQ(test, peek(&header, 32, 8), model->entries);
	KUNIT_ASSERT_EQ(test, peek(&header, 40, 4), model->row->growth);
	KUNIT_ASSERT_EQ(test, peek(&header, 44, 4), (u64)model->row->policy);
	memset(ring, 0xA5, sizeof(*ring));
	KUNIT_ASSERT_EQ(test, vde_ring_decode(&header, model->row->capacity,
					      ring), VDE_FAULT_NONE);
}

static void start_model(struct model *model, const struct model_row *row,
			struct vde_ring *ring)
{
	memset(model, 0, sizeof(*model));
	memset(model->held, 0xFF, sizeof(model->held));
	prandom_seed_state(&model->random, row->capacity + row->growth);
	model->row = row;
	vde_ring_init(ring, row->capacity, row->growth, row->policy);
	if (!row->base)
		return;
	ring->allocated = row->capacity;
	ring->head = row->base;
	ring->tail = row->base;
	model->allocated = row->capacity;
	model->head = row->base;
	model->next_place = place_by_hand(model, row->base);
}

/* A run that met nothing of interest has shown nothing. */
static void expect_eventful(struct kunit *test, const struct model *model)
{
	const struct model_row *row = model->row;

	KUNIT_EXPECT_GT(test, model->laps, 10);
	KUNIT_EXPECT_GT(test, model->refused, 0);
	KUNIT_EXPECT_GT(test, model->consumed, 100);
	if (row->policy == VDE_RING_OVERWRITE)
		KUNIT_EXPECT_GT(test, model->lost, 100);
	else
		KUNIT_EXPECT_EQ(test, model->lost, 0);
	if (row->base > LAST / 2)
		KUNIT_EXPECT_EQ(test, model->head, LAST);
	if (!row->base)
		KUNIT_EXPECT_GT(test, model->grown, 0);
}

static void vde_ring_model_table(struct kunit *test)
{
	const struct model_row *row = test->param_value;
	struct vde_ring ring;
	struct model *model;
	u32 step;

	model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model);
	start_model(model, row, &ring);
	for (step = 0; step < STEPS; step++) {
		u32 side = roll(model, 8);

		if (side < 5)
			step_append(test, model, &ring);
		else if (side < 7 || row->base || roll(model, 500))
			step_consume(test, model, &ring);
		else
			step_reset(model, &ring);
		expect_same(test, model, &ring);
		through_the_disk(test, model, &ring);
	}
	expect_eventful(test, model);
}

static struct kunit_case vde_ring_model_cases[] = {
	KUNIT_CASE_PARAM(vde_ring_model_table, model_row_gen_params),
	{}
};

static struct kunit_suite vde_ring_model_suite = {
	.name = "vde_ring_model",
	.test_cases = vde_ring_model_cases,
};

kunit_test_suite(vde_ring_model_suite);

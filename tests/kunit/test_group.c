// SPDX-License-Identifier: GPL-2.0-only
/* Superblock groups: torn, damaged, and which of the two counts. */
#include "fixtures.h"

static const u32 group_tags[4] = {
	0x53555042,	/* SUPB */
	0x524D4150,	/* RMAP */
	0x45584D44,	/* EXMD */
	0x49414E54,	/* IANT */
};

static u8 *group_block(struct vde_group *group, u32 nr)
{
	return (u8 *)group + nr * VDE_BLOCK_SIZE;
}

/*
 * A group as the format wants it; each block tells the sequence as well. The
 * block behind the group is the other group's, hence not to be touched.
 */
static struct vde_group *new_group(struct kunit *test, u64 sequence)
{
	struct vde_group *group = new_blocks(test, 5);
	u32 i;

	KUNIT_ASSERT_EQ(test, sizeof(*group), 4 * VDE_BLOCK_SIZE);
	poke(group, 0, 4, 0x44565744);
	poke(group, 0x34, 4, 4096);
	poke(group, 0xF0, 8, sequence);
	for (i = 0; i < 4; i++) {
		poke(group_block(group, i), 2000, 8, sequence);
		vde_block_seal(group_block(group, i), group_tags[i], sequence);
	}
	return group;
}

static void vde_group_seal_tags_and_generation(struct kunit *test)
{
	struct vde_group *want = new_group(test, 0x123456789ALL);
	struct vde_group *group = new_group(test, 0x123456789ALL);
	u32 i;

	for (i = 0; i < 4; i++)
		memset(group_block(group, i) + 4080, 0xFF, 16);
	vde_group_seal(group);
	KUNIT_EXPECT_EQ(test, peek(group_block(group, 3), 4084, 4), 0x3456789A);
	KUNIT_EXPECT_EQ(test, memcmp(group, want, sizeof(*want)), 0);
	KUNIT_EXPECT_TRUE(test, vde_block_is_zero(group_block(group, 4)));
	EXPECT_FAULT(test, vde_group_check(group), VDE_FAULT_NONE);
}

/*
 * An update that was cut leaves any mixture of old and new blocks, each of
 * which checks by itself.
 */
static void vde_group_every_mixture_is_torn(struct kunit *test)
{
	struct vde_group *old = new_group(test, 41);
	struct vde_group *new = new_group(test, 42);
	struct vde_group *group = new_group(test, 0);
	u32 mixture, i;

	for (mixture = 0; mixture < 16; mixture++) {
		for (i = 0; i < 4; i++)
			memcpy(group_block(group, i),
			       group_block(mixture >> i & 1 ? new : old, i),
			       VDE_BLOCK_SIZE);
		ASSERT_FAULT_MSG(test, vde_group_check(group),
				 mixture == 0 || mixture == 15 ?
				 VDE_FAULT_NONE : VDE_FAULT_TORN_GROUP,
				 "mixture %x", mixture);
	}
}

static void vde_group_generation_is_the_sequences(struct kunit *test)
{
	struct vde_group *group = new_group(test, 41);
	u32 i;

	/* All four agree with each other, but not with the sequence. */
	for (i = 0; i < 4; i++)
		poke(group_block(group, i), 4084, 4, 42);
	EXPECT_FAULT(test, vde_group_check(group), VDE_FAULT_TORN_GROUP);
	for (i = 0; i < 4; i++)
		poke(group_block(group, i), 4084, 4, 41);
	EXPECT_FAULT(test, vde_group_check(group), VDE_FAULT_NONE);
}

/* "Plus one each write" must stay a positive i64. */
static void vde_group_sequence_bounds(struct kunit *test)
{
	static const struct {
		u64 sequence;
		enum vde_fault want;
	} rows[] = {
		{ 0, VDE_FAULT_SEQUENCE },
		{ 1, VDE_FAULT_NONE },
		{ 1ULL << 32, VDE_FAULT_NONE },
		{ S64_MAX - 1, VDE_FAULT_NONE },
		{ S64_MAX, VDE_FAULT_SEQUENCE },
		{ S64_MIN, VDE_FAULT_SEQUENCE },
		{ -1, VDE_FAULT_SEQUENCE },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_FAULT(test,
			     vde_group_check(new_group(test, rows[i].sequence)),
			     rows[i].want);
}

static void vde_group_damage_in_each_block(struct kunit *test)
{
	struct vde_group *group = new_group(test, 42);
	u32 i, byte;

	for (i = 0; i < 4; i++) {
		u8 *block = group_block(group, i);

		for (byte = 0; byte < 4096; byte++) {
			enum vde_fault want = byte < 4080 || byte >= 4088 ?
					      VDE_FAULT_BLOCK_CHECKSUM :
					      byte < 4084 ?
					      VDE_FAULT_BLOCK_TAG :
					      VDE_FAULT_TORN_GROUP;

			block[byte] ^= 1 << byte % 8;
			ASSERT_FAULT_MSG(test, vde_group_check(group), want,
					 "block %u byte %u", i, byte);
			block[byte] ^= 1 << byte % 8;
		}
	}
}

static void vde_group_blocks_swapped(struct kunit *test)
{
	struct vde_group *group = new_group(test, 42);
	struct vde_group *sound = new_group(test, 42);
	u32 i, j;

	for (i = 0; i < 4; i++) {
		for (j = 0; j < i; j++) {
			memcpy(group, sound, sizeof(*sound));
			memcpy(group_block(group, i), group_block(sound, j),
			       VDE_BLOCK_SIZE);
			memcpy(group_block(group, j), group_block(sound, i),
			       VDE_BLOCK_SIZE);
			ASSERT_FAULT_MSG(test, vde_group_check(group),
					 VDE_FAULT_BLOCK_TAG,
					 "blocks %u and %u", i, j);
		}
	}
}

enum state {
	SOUND,
	DAMAGED,	/* the last block fails its checksum */
	TORN,		/* the map is of the next sequence */
	NO_MAGIC,	/* all zero */
};

enum choice { NEITHER, PRIMARY, MIRROR };

struct choose_row {
	const char *name;
	enum state primary;
	u64 primary_sequence;
	enum state mirror;
	u64 mirror_sequence;
	enum choice choice;
	enum vde_fault want;
};

static const struct choose_row choose_rows[] = {
	{ "equal", SOUND, 5, SOUND, 5, PRIMARY },
	{ "primary newer", SOUND, 6, SOUND, 5, PRIMARY },
	{ "mirror newer: primary not written yet", SOUND, 5, SOUND, 6, MIRROR },
	{ "primary damaged", DAMAGED, 6, SOUND, 5, MIRROR },
	{ "primary torn", TORN, 5, SOUND, 6, MIRROR },
	{ "primary torn, mirror old", TORN, 6, SOUND, 5, MIRROR },
	{ "primary gone", NO_MAGIC, 0, SOUND, 5, MIRROR },
	{ "mirror damaged", SOUND, 5, DAMAGED, 6, PRIMARY },
	{ "mirror torn", SOUND, 5, TORN, 6, PRIMARY },
	{ "mirror gone", SOUND, 5, NO_MAGIC, 0, PRIMARY },
	{ "newer by what a generation cannot tell", SOUND, 5,
	  SOUND, (1ULL << 32) + 5, MIRROR },
	{ "generation wrapped to 0 in the mirror", SOUND, 0xFFFFFFFF,
	  SOUND, 1ULL << 32, MIRROR },
	{ "generation wrapped to 0 in the primary", SOUND, 1ULL << 32,
	  SOUND, 0xFFFFFFFF, PRIMARY },
	{ "sequence is signed: mirror negative", SOUND, 5, SOUND, -1,
	  PRIMARY },
	{ "sequence is signed: primary negative", SOUND, -1, SOUND, 5,
	  MIRROR },
	{ "both negative", SOUND, -1, SOUND, -2, NEITHER, VDE_FAULT_NO_GROUP },
	{ "both damaged", DAMAGED, 5, DAMAGED, 5, NEITHER,
	  VDE_FAULT_NO_GROUP },
	{ "both torn", TORN, 5, TORN, 5, NEITHER, VDE_FAULT_NO_GROUP },
	{ "one damaged, one gone", DAMAGED, 5, NO_MAGIC, 0, NEITHER,
	  VDE_FAULT_NO_GROUP },
	{ "one gone, one torn", NO_MAGIC, 0, TORN, 5, NEITHER,
	  VDE_FAULT_NO_GROUP },
	{ "both gone", NO_MAGIC, 0, NO_MAGIC, 0, NEITHER, VDE_FAULT_NOT_VDE },
};

KUNIT_ARRAY_PARAM_DESC(choose_row, choose_rows, name);

static struct vde_group *group_in_state(struct kunit *test, enum state state,
					u64 sequence)
{
	struct vde_group *group = new_group(test, sequence);

	if (state == DAMAGED)
		poke(group_block(group, 3), 100, 1, 1);
	if (state == TORN)
		vde_block_seal(group_block(group, 1), group_tags[1],
			       sequence + 1);
	if (state == NO_MAGIC)
		memset(group, 0, sizeof(*group));
	return group;
}

static void vde_group_choose_table(struct kunit *test)
{
	const struct choose_row *row = test->param_value;
	struct vde_group *primary = group_in_state(test, row->primary,
						   row->primary_sequence);
	struct vde_group *mirror = group_in_state(test, row->mirror,
						  row->mirror_sequence);
	const struct vde_group *chosen = NULL;

	EXPECT_FAULT(test, vde_group_choose(primary, mirror, &chosen),
		     row->want);
	if (row->want)
		return;
	KUNIT_EXPECT_PTR_EQ(test, chosen,
			    (const struct vde_group *)(row->choice == PRIMARY ?
						       primary : mirror));
}

struct size_row {
	const char *name;
	u32 block_size;
	enum vde_fault want;
};

/* Its trailers lie where 4096-byte blocks have none: say why, not what. */
static const struct size_row size_rows[] = {
	{ "512", 512, VDE_FAULT_BLOCK_SIZE },
	{ "1024", 1024, VDE_FAULT_BLOCK_SIZE },
	{ "8192", 8192, VDE_FAULT_BLOCK_SIZE },
	{ "65536", 65536, VDE_FAULT_BLOCK_SIZE },
	{ "4096, so it is damage", 4096, VDE_FAULT_NO_GROUP },
	{ "0 is no block size", 0, VDE_FAULT_NO_GROUP },
	{ "256 is none", 256, VDE_FAULT_NO_GROUP },
	{ "131072 is none", 131072, VDE_FAULT_NO_GROUP },
	{ "12288 is none", 12288, VDE_FAULT_NO_GROUP },
	{ "-4096 is none", -4096, VDE_FAULT_NO_GROUP },
};

KUNIT_ARRAY_PARAM_DESC(size_row, size_rows, name);

static void vde_group_other_block_size(struct kunit *test)
{
	const struct size_row *row = test->param_value;
	struct vde_group *primary = group_in_state(test, DAMAGED, 5);
	struct vde_group *mirror = group_in_state(test, NO_MAGIC, 0);
	const struct vde_group *chosen;

	poke(primary, 0x34, 4, row->block_size);
	EXPECT_FAULT(test, vde_group_choose(primary, mirror, &chosen),
		     row->want);
}

/* Without the magic, a number at 0x34 means nothing. */
static void vde_group_block_size_without_magic(struct kunit *test)
{
	struct vde_group *primary = group_in_state(test, NO_MAGIC, 0);
	const struct vde_group *chosen;

	poke(primary, 0x34, 4, 8192);
	EXPECT_FAULT(test, vde_group_choose(primary,
					    group_in_state(test, NO_MAGIC, 0),
					    &chosen), VDE_FAULT_NOT_VDE);
	EXPECT_FAULT(test, vde_group_choose(primary,
					    group_in_state(test, DAMAGED, 5),
					    &chosen), VDE_FAULT_NO_GROUP);
}

static struct kunit_case vde_group_cases[] = {
	KUNIT_CASE(vde_group_seal_tags_and_generation),
	KUNIT_CASE(vde_group_every_mixture_is_torn),
	KUNIT_CASE(vde_group_generation_is_the_sequences),
	KUNIT_CASE(vde_group_sequence_bounds),
	KUNIT_CASE(vde_group_damage_in_each_block),
	KUNIT_CASE(vde_group_blocks_swapped),
	KUNIT_CASE_PARAM(vde_group_choose_table, choose_row_gen_params),
	KUNIT_CASE_PARAM(vde_group_other_block_size, size_row_gen_params),
	KUNIT_CASE(vde_group_block_size_without_magic),
	{}
};

static struct kunit_suite vde_group_suite = {
	.name = "vde_group",
	.test_cases = vde_group_cases,
};

kunit_test_suite(vde_group_suite);

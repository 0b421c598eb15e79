// SPDX-License-Identifier: GPL-2.0-only
/* What passports mean: expiry, removal, released holds, attested time. */
#include "passports.h"

static void vde_passport_meaning_expired(struct kunit *test)
{
	struct vde_passport passport = { .status = VDE_PASSPORT_COMPLIANT };
	u32 status;

	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, 0));
	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, S64_MAX));
	passport.expires = NOW;
	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, NOW - 1));
	KUNIT_EXPECT_TRUE(test, vde_passport_expired(&passport, NOW));
	KUNIT_EXPECT_TRUE(test, vde_passport_expired(&passport, NOW + 1));
	passport.expires = 1;
	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, 0));
	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, -1));
	passport.expires = S64_MAX;
	KUNIT_EXPECT_FALSE(test, vde_passport_expired(&passport, S64_MAX - 1));
	KUNIT_EXPECT_TRUE(test, vde_passport_expired(&passport, S64_MAX));
	/* Of the statuses, 5 and 6 never do. */
	for (status = 0; status < 8; status++) {
		passport.status = status;
		KUNIT_EXPECT_EQ(test, vde_passport_expired(&passport, S64_MAX),
				status != 5 && status != 6);
	}
}

/* Format document, "Compliance vault": 5 is a legal hold, 6 its release, 7 a time attestation. */
static void vde_passport_meaning_acts_on_worm(struct kunit *test)
{
	struct vde_passport passport = {};
	u32 status;

	for (status = 0; status <= U16_MAX; status++) {
		passport.status = status;
		if (vde_passport_acts_on_worm(&passport) !=
		    (status >= 5 && status <= 7))
			KUNIT_FAIL(test, "status %u", status);
	}
}

/* A tombstone keeps its length and all but status, time, notes, signature. */
static void vde_passport_meaning_removed(struct kunit *test)
{
	u8 *buffer = sample_passport(test);
	u8 *before = sample_passport(test);
	struct vde_passport got;

	poke(buffer, 155, 4, 0xA5A5A5A5);
	vde_passport_remove(buffer, 155, NOW);
	poke(before, 34, 2, 0xFFFF);
	poke(before, 52, 8, NOW);
	memset(before + 78, 0, 13 + 64);
	poke(before, 155, 4, 0xA5A5A5A5);
	KUNIT_EXPECT_MEMEQ(test, buffer, before, 516);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 155, &got),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, got.size, 155);
	KUNIT_EXPECT_EQ(test, got.status, VDE_PASSPORT_REMOVED);
	KUNIT_EXPECT_EQ(test, got.verified, NOW);
	KUNIT_EXPECT_EQ(test, got.issuer_length, 10);
	KUNIT_EXPECT_EQ(test, got.notes_length, 13);
	/* Again changes nothing but the time. */
	vde_passport_remove(buffer, 155, NOW + 1);
	poke(before, 52, 8, NOW + 1);
	KUNIT_EXPECT_MEMEQ(test, buffer, before, 516);
}

/* Lengths that go beyond the room, whichever: nothing is touched. */
static void vde_passport_meaning_removed_in_its_room(struct kunit *test)
{
	u8 *before = sample_passport(test);
	u8 *buffer = sample_passport(test);
	u32 room;

	for (room = 0; room < 155; room++) {
		vde_passport_remove(buffer, room, NOW);
		KUNIT_ASSERT_MEMEQ_MSG(test, buffer, before, 516, "room %u",
				       room);
	}
	poke(buffer, 74, 4, 14);
	poke(before, 74, 4, 14);
	vde_passport_remove(buffer, 155, NOW);
	KUNIT_EXPECT_MEMEQ(test, buffer, before, 516);
}

static void vde_passport_meaning_tombstone_is_blank(struct kunit *test)
{
	u8 *buffer = sample_passport(test);
	struct vde_passport got;
	u32 i;

	vde_passport_remove(buffer, 155, NOW);
	for (i = 78; i < 155; i++) {
		buffer[i] = 'x';
		ASSERT_FAULT_MSG(test, vde_passport_decode(buffer, 516, &got),
				 VDE_FAULT_PASSPORT_REMOVED, "byte %u", i);
		buffer[i] = 0;
	}
	buffer[155] = 'x';
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_NONE);
	/* Everything else is checked as in any other. */
	poke(buffer, 32, 2, 9);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_PASSPORT_FIELD);
	poke(buffer, 32, 2, 0);
	poke(buffer, 52, 8, -1);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_PASSPORT_TIME);
	poke(buffer, 52, 8, 0);
	poke(buffer, 70, 1, 0x80);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_PASSPORT_TEXT);
}

/* The shortest and the longest, with what lies before and behind them */
static void vde_passport_meaning_removed_bounds(struct kunit *test)
{
	static const struct { u32 issuer, notes; } lengths[] = {
		{ 0, 0 }, { 128, 0 }, { 0, 256 }, { 128, 256 },
	};
	u8 *block = new_blocks(test, 1);
	struct vde_passport got;
	u32 i, size;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(block, 0xEE, VDE_BLOCK_SIZE);
		size = fill_passport(block, 1000, 7, lengths[i].issuer,
				     lengths[i].notes);
		vde_passport_remove(block + 1000, size, NOW);
		EXPECT_FAULT(test, vde_passport_decode(block + 1000, size, &got),
			     VDE_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, got.size, size);
		KUNIT_EXPECT_EQ(test, got.status, VDE_PASSPORT_REMOVED);
		KUNIT_EXPECT_NULL(test, memchr_inv(block, 0xEE, 1000));
		KUNIT_EXPECT_NULL(test, memchr_inv(block + 1000 + size, 0xEE,
						   3096 - size));
	}
}

struct hold_row {
	const char *name;
	const char *notes;
	bool good;
};

#define HOLD "00112233-4455-6677-8899-aabbccddeeff"

static const struct hold_row hold_rows[] = {
	{ "the id", HOLD, true },
	{ "in capitals", "00112233-4455-6677-8899-AABBCCDDEEFF", true },
	{ "in both", "00112233-4455-6677-8899-aAbBcCdDeEfF", true },
	{ "nothing", "", false },
	{ "a character short", "00112233-4455-6677-8899-aabbccddeef", false },
	{ "a character long", HOLD "0", false },
	{ "a blank behind", HOLD " ", false },
	{ "a blank before", " 00112233-4455-6677-8899-aabbccddeef", false },
	{ "braces", "{00112233-4455-6677-8899-aabbccddee}", false },
	{ "no hyphens", "00112233445566778899aabbccddeeff0000", false },
	{ "a hyphen early", "0011223-34455-6677-8899-aabbccddeeff", false },
	{ "a hyphen late", "001122334-455-6677-8899-aabbccddeeff", false },
	{ "another separator", "00112233:4455-6677-8899-aabbccddeeff", false },
	{ "last hyphen missing", "00112233-4455-6677-88990aabbccddeeff",
	  false },
	{ "no digit first", "g0112233-4455-6677-8899-aabbccddeeff", false },
	{ "no digit last", "00112233-4455-6677-8899-aabbccddeefg", false },
	{ "before 0", "/0112233-4455-6677-8899-aabbccddeeff", false },
	{ "behind 9", ":0112233-4455-6677-8899-aabbccddeeff", false },
	{ "before A", "@0112233-4455-6677-8899-aabbccddeeff", false },
	{ "before a", "`0112233-4455-6677-8899-aabbccddeeff", false },
	{ "behind F", "G0112233-4455-6677-8899-aabbccddeeff", false },
	{ "a digit of another script",
	  "\331\240112233-4455-6677-8899-aabbccddeeff", false },
	{ "a sign", "-0112233-4455-6677-8899-aabbccddeeff", false },
};

KUNIT_ARRAY_PARAM_DESC(hold_row, hold_rows, name);

static void vde_passport_meaning_hold_table(struct kunit *test)
{
	const struct hold_row *row = test->param_value;
	struct vde_passport passport = {
		.status = VDE_PASSPORT_RELEASE,
		.notes_length = strlen(row->notes),
	};
	u8 *notes = kunit_kmalloc(test, strlen(row->notes) + 1, GFP_KERNEL);
	u8 id[17] = { };

	KUNIT_ASSERT_NOT_NULL(test, notes);
	memcpy(notes, row->notes, passport.notes_length);
	passport.notes = notes;
	KUNIT_ASSERT_EQ(test, vde_passport_released_hold(&passport, id),
			row->good);
	if (row->good)
		KUNIT_EXPECT_MEMEQ(test, id, volume_uuid, 16);
	KUNIT_EXPECT_EQ(test, id[16], 0);
}

/* Each byte of an id comes from the digits that it is written with. */
static void vde_passport_meaning_hold_bytes(struct kunit *test)
{
	struct vde_passport passport = { .notes_length = 36 };
	char text[37];
	u8 want[16], got[16];
	u32 i;

	passport.notes = text;
	for (i = 0; i < 256; i++) {
		memset(want, i, sizeof(want));
		want[i % 16] = ~i;
		snprintf(text, sizeof(text), "%pUl", want);
		KUNIT_ASSERT_TRUE(test, vde_passport_released_hold(&passport,
								   got));
		KUNIT_ASSERT_MEMEQ(test, got, want, 16);
	}
}

struct clock_row {
	const char *name;
	s64 clock, first_time, first_clock, created, time, want;
};

static const struct clock_row clock_rows[] = {
	{ "the first one itself", 100, 5000, 100, 0, 5000, 100 },
	{ "the first one again, later", 150, 5000, 100, 0, 5000, 150 },
	{ "a tick on", 100, 5000, 100, 0, 5001, 101 },
	{ "the clock was faster", 200, 5000, 100, 0, 5050, 200 },
	{ "the clock was as fast", 150, 5000, 100, 0, 5050, 150 },
	{ "the clock was slower", 149, 5000, 100, 0, 5050, 150 },
	{ "an older one", 100, 5000, 100, 0, 4999, 100 },
	{ "a much older one", 100, 5000, 100, 0, 0, 100 },
	{ "time 0 first", 0, 0, 0, 0, 7, 7 },
	{ "to the end of time", 0, 0, 0, 0, S64_MAX, S64_MAX },
	{ "the sum just fits", 5, 1, 1, 0, S64_MAX, S64_MAX },
	{ "the sum is one too much", 5, 1, 2, 0, S64_MAX, 5 },
	{ "the sum is far too much", 5, 0, S64_MAX, 0, S64_MAX, 5 },
	{ "last clock, older time", S64_MAX, S64_MAX, S64_MAX, 0, 0, S64_MAX },

	{ "region as old as its clock", 100, 5000, 100, 4900, 5010, 110 },
	{ "region older than its clock", 100, 5000, 100, 4000, 5010, 110 },
	{ "region a tick younger", 100, 5000, 100, 4901, 5010, 109 },
	{ "kept back: the region was new", 1000, 5000, 1000, 5000, 6000, 1000 },
	{ "kept back: then half the time", 1000, 5000, 1000, 4500, 5700, 1200 },
	{ "issued before the region was made", 100, 5000, 100, 6000, 5050,
	  100 },
	{ "issued before that, and much later", 100, 5000, 100, 6000, 5200,
	  200 },
	{ "made at the end of time", 100, 0, 100, S64_MAX, 200, 200 },
};

KUNIT_ARRAY_PARAM_DESC(clock_row, clock_rows, name);

static void vde_passport_meaning_clock_table(struct kunit *test)
{
	const struct clock_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test,
			vde_passport_attested_clock(row->clock, row->first_time,
						    row->first_clock,
						    row->created, row->time),
			row->want);
}

static struct kunit_case vde_passport_meaning_cases[] = {
	KUNIT_CASE(vde_passport_meaning_expired),
	KUNIT_CASE(vde_passport_meaning_acts_on_worm),
	KUNIT_CASE(vde_passport_meaning_removed),
	KUNIT_CASE(vde_passport_meaning_removed_in_its_room),
	KUNIT_CASE(vde_passport_meaning_tombstone_is_blank),
	KUNIT_CASE(vde_passport_meaning_removed_bounds),
	KUNIT_CASE_PARAM(vde_passport_meaning_hold_table, hold_row_gen_params),
	KUNIT_CASE(vde_passport_meaning_hold_bytes),
	KUNIT_CASE_PARAM(vde_passport_meaning_clock_table,
			 clock_row_gen_params),
	{}
};

static struct kunit_suite vde_passport_meaning_suite = {
	.name = "vde_passport_meaning",
	.test_cases = vde_passport_meaning_cases,
};

kunit_test_suite(vde_passport_meaning_suite);

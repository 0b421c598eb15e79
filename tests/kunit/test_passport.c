// SPDX-License-Identifier: GPL-2.0-only
/* The codec of passports: every field and every length at its bounds. */
#include "passports.h"

struct golden_row {
	const char *name;
	u8 last;	/* byte of both ids */
	u16 framework, status;
	s64 issued, expires, verified;
	u32 issuer_length, notes_length;
};

static const struct golden_row golden_rows[GOLDEN_PASSPORTS] = {
	{ "no texts", 0x00, 0, 1, 638700000000000000, 0, 638700000000000001,
	  0, 0 },
	{ "some text", 0x01, 1, 2, 638700000000000001, 640000000000000000,
	  638700000000000001, 10, 13 },
	{ "longest texts", 0x02, 2, 3, 638700000000000002, 640000000000000000,
	  638700000000000001, 128, 256 },
};

KUNIT_ARRAY_PARAM_DESC(golden_row, golden_rows, name);

static void vde_passport_golden(struct kunit *test)
{
	static const u8 id[15] = {
		0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
		0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
	};
	static const u8 object[15] = {
		0xcc, 0xdd, 0xee, 0xff, 0xaa, 0xbb, 0x88, 0x99,
		0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
	};
	const struct golden_row *row = test->param_value;
	struct vde_passport got;
	u32 size;
	u8 *buffer = golden_passport(test, row - golden_rows, &size);
	u8 *again = kunit_kmalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, again);
	EXPECT_FAULT(test, vde_passport_decode(buffer, size, &got),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_PTR_EQ(test, got.id, buffer);
	KUNIT_EXPECT_MEMEQ(test, got.id, id, sizeof(id));
	KUNIT_EXPECT_MEMEQ(test, got.object, object, sizeof(object));
	KUNIT_EXPECT_EQ(test, got.id[15], row->last);
	KUNIT_EXPECT_EQ(test, got.object[15], row->last);
	KUNIT_EXPECT_EQ(test, got.framework, row->framework);
	KUNIT_EXPECT_EQ(test, got.status, row->status);
	KUNIT_EXPECT_EQ(test, got.issued, row->issued);
	KUNIT_EXPECT_EQ(test, got.expires, row->expires);
	KUNIT_EXPECT_EQ(test, got.verified, row->verified);
	KUNIT_EXPECT_EQ(test, got.issuer_length, row->issuer_length);
	KUNIT_EXPECT_EQ(test, got.notes_length, row->notes_length);
	KUNIT_EXPECT_PTR_EQ(test, got.issuer, buffer + 64);
	KUNIT_EXPECT_PTR_EQ(test, got.notes, buffer + 68 + row->issuer_length);
	KUNIT_EXPECT_PTR_EQ(test, got.signature, buffer + size - 64);
	KUNIT_EXPECT_EQ(test, got.signed_size, size - 64);
	KUNIT_EXPECT_EQ(test, got.size, size);

	memset(again, 0xFF, size);
	got.signed_size = 0;
	got.size = 0;
	vde_passport_encode(&got, again);
	KUNIT_EXPECT_MEMEQ(test, again, buffer, size);
	KUNIT_EXPECT_EQ(test, got.signed_size, size - 64);
	KUNIT_EXPECT_EQ(test, got.size, size);
	/* Before it is signed */
	got.signature = NULL;
	vde_passport_encode(&got, again);
	KUNIT_EXPECT_MEMEQ(test, again, buffer, size - 64);
	KUNIT_EXPECT_NULL(test, memchr_inv(again + size - 64, 0, 64));
}

struct field_row {
	const char *name;
	struct poke pokes[2];
	enum vde_fault want;
};

/* On sample_passport(), with more room than it has. */
static const struct field_row field_rows[] = {
	{ "sound", {}, VDE_FAULT_NONE },
	{ "no id", { { 0, 8, 0 }, { 8, 8, 0 } }, VDE_FAULT_PASSPORT_ID },
	{ "first bit of the id", { { 0, 8, 1 }, { 8, 8, 0 } }, VDE_FAULT_NONE },
	{ "last bit of the id", { { 0, 8, 0 }, { 8, 8, 1ULL << 63 } },
	  VDE_FAULT_NONE },
	{ "no object", { { 16, 8, 0 }, { 24, 8, 0 } }, VDE_FAULT_NONE },
	{ "framework 0", { { 32, 2, 0 } }, VDE_FAULT_NONE },
	{ "last framework", { { 32, 2, 8 } }, VDE_FAULT_NONE },
	{ "framework 9", { { 32, 2, 9 } }, VDE_FAULT_PASSPORT_FIELD },
	{ "framework 256", { { 32, 2, 256 } }, VDE_FAULT_PASSPORT_FIELD },
	{ "framework -1", { { 32, 2, -1 } }, VDE_FAULT_PASSPORT_FIELD },
	{ "status 0", { { 34, 2, 0 } }, VDE_FAULT_NONE },
	{ "last status", { { 34, 2, 7 } }, VDE_FAULT_NONE },
	{ "status 8", { { 34, 2, 8 } }, VDE_FAULT_PASSPORT_FIELD },
	{ "status 256", { { 34, 2, 256 } }, VDE_FAULT_PASSPORT_FIELD },
	{ "status 0xFFFE", { { 34, 2, 0xFFFE } }, VDE_FAULT_PASSPORT_FIELD },
	{ "removed, but not blank", { { 34, 2, 0xFFFF } },
	  VDE_FAULT_PASSPORT_REMOVED },
	{ "issued at 0", { { 36, 8, 0 } }, VDE_FAULT_NONE },
	{ "issued last", { { 36, 8, S64_MAX } }, VDE_FAULT_NONE },
	{ "issued -1", { { 36, 8, -1 } }, VDE_FAULT_PASSPORT_TIME },
	{ "issued -2^63", { { 36, 8, S64_MIN } }, VDE_FAULT_PASSPORT_TIME },
	{ "expires never", { { 44, 8, 0 } }, VDE_FAULT_NONE },
	{ "expires last", { { 44, 8, S64_MAX } }, VDE_FAULT_NONE },
	{ "expires before it is issued", { { 44, 8, 1 } }, VDE_FAULT_NONE },
	{ "expires -1", { { 44, 8, -1 } }, VDE_FAULT_PASSPORT_TIME },
	{ "verified at 0", { { 52, 8, 0 } }, VDE_FAULT_NONE },
	{ "verified last", { { 52, 8, S64_MAX } }, VDE_FAULT_NONE },
	{ "verified -1", { { 52, 8, -1 } }, VDE_FAULT_PASSPORT_TIME },
	{ "issuer of 129 bytes", { { 60, 4, 129 } },
	  VDE_FAULT_PASSPORT_LENGTH },
	{ "issuer of 128 bytes ends in zeros", { { 60, 4, 128 } },
	  VDE_FAULT_PASSPORT_TEXT },
	{ "issuer of -1 bytes", { { 60, 4, -1 } }, VDE_FAULT_PASSPORT_LENGTH },
	{ "issuer of -2^31 bytes", { { 60, 4, S32_MIN } },
	  VDE_FAULT_PASSPORT_LENGTH },
	{ "issuer of 2^24 + 10 bytes", { { 63, 1, 1 } },
	  VDE_FAULT_PASSPORT_LENGTH },
	{ "issuer a byte short", { { 60, 4, 9 } }, VDE_FAULT_PASSPORT_LENGTH },
	{ "issuer a byte long", { { 60, 4, 11 } }, VDE_FAULT_PASSPORT_LENGTH },
	{ "NUL in the issuer", { { 69, 1, 0 } }, VDE_FAULT_PASSPORT_TEXT },
	{ "issuer ends in a NUL", { { 73, 1, 0 } }, VDE_FAULT_PASSPORT_TEXT },
	{ "control characters", { { 64, 1, 1 }, { 78, 1, 0x7F } },
	  VDE_FAULT_NONE },
	{ "notes of 257 bytes", { { 74, 4, 257 } }, VDE_FAULT_PASSPORT_LENGTH },
	{ "notes of 256 bytes", { { 74, 4, 256 } }, VDE_FAULT_PASSPORT_TEXT },
	{ "notes of -1 bytes", { { 74, 4, -1 } }, VDE_FAULT_PASSPORT_LENGTH },
	{ "notes of -2^31 bytes", { { 74, 4, S32_MIN } },
	  VDE_FAULT_PASSPORT_LENGTH },
	{ "notes of 2^24 + 13 bytes", { { 77, 1, 1 } },
	  VDE_FAULT_PASSPORT_LENGTH },
	{ "NUL in the notes", { { 84, 1, 0 } }, VDE_FAULT_PASSPORT_TEXT },
	{ "notes reach into the signature", { { 74, 4, 14 } },
	  VDE_FAULT_PASSPORT_TEXT },
	{ "notes a byte short", { { 74, 4, 12 } }, VDE_FAULT_NONE },
	{ "no notes", { { 74, 4, 0 } }, VDE_FAULT_NONE },
	{ "no signature", { { 91, 8, 0 } }, VDE_FAULT_NONE },
	{ "garbage behind it", { { 155, 8, -1 } }, VDE_FAULT_NONE },
};

KUNIT_ARRAY_PARAM_DESC(field_row, field_rows, name);

static void vde_passport_field_table(struct kunit *test)
{
	const struct field_row *row = test->param_value;
	u8 *buffer = sample_passport(test);
	struct vde_passport got;

	poke_all(buffer, row->pokes, ARRAY_SIZE(row->pokes));
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got), row->want);
}

/* In exactly as much memory as there is room, so that KASAN sees a byte more. */
static enum vde_fault decode_in(struct kunit *test, const void *from, u32 room,
				struct vde_passport *got)
{
	u8 *exact = kmalloc(room, GFP_KERNEL);
	enum vde_fault fault;

	KUNIT_ASSERT_NOT_NULL(test, exact);
	memcpy(exact, from, room);
	fault = vde_passport_decode(exact, room, got);
	kfree(exact);
	return fault;
}

static void vde_passport_room(struct kunit *test)
{
	u8 *buffer = sample_passport(test);
	struct vde_passport got;
	u32 room;

	for (room = 1; room < SAMPLE_SIZE; room++)
		ASSERT_FAULT_MSG(test, decode_in(test, buffer, room, &got),
				 VDE_FAULT_PASSPORT_CUT, "room %u", room);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 0, &got),
		     VDE_FAULT_PASSPORT_CUT);
	EXPECT_FAULT(test, decode_in(test, buffer, SAMPLE_SIZE, &got),
		     VDE_FAULT_NONE);
	EXPECT_FAULT(test, decode_in(test, buffer, SAMPLE_SIZE + 1, &got),
		     VDE_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, got.size, SAMPLE_SIZE);
}

/* Each length that may be, in the room that it needs and in a byte less. */
static void vde_passport_lengths(struct kunit *test)
{
	static const u32 lengths[] = { 0, 1, 2, 3, 64, 127, 128 };
	u8 *buffer = kunit_kzalloc(test, 520, GFP_KERNEL);
	struct vde_passport got;
	u32 i, notes, size;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (notes = 0; notes <= 256; notes++) {
			size = fill_passport(buffer, 0, 7, lengths[i], notes);
			ASSERT_FAULT_MSG(test,
					 decode_in(test, buffer, size, &got),
					 VDE_FAULT_NONE, "%u and %u bytes",
					 lengths[i], notes);
			KUNIT_ASSERT_EQ(test, got.size, size);
			KUNIT_ASSERT_EQ(test, got.signed_size, size - 64);
			KUNIT_ASSERT_EQ(test, got.issuer_length, lengths[i]);
			KUNIT_ASSERT_EQ(test, got.notes_length, notes);
			ASSERT_FAULT_MSG(test, decode_in(test, buffer, size - 1,
							 &got),
					 VDE_FAULT_PASSPORT_CUT,
					 "%u and %u bytes", lengths[i], notes);
		}
	}
	KUNIT_EXPECT_EQ(test, size, VDE_PASSPORT_MAX);
	KUNIT_EXPECT_EQ(test, VDE_PASSPORT_MAX, 516);
	KUNIT_EXPECT_EQ(test, VDE_PASSPORT_MIN, 132);
}

/* Lengths that would run past the room, or around the end of 32 bits. */
static void vde_passport_length_runs_out(struct kunit *test)
{
	u8 *buffer = kunit_kzalloc(test, 520, GFP_KERNEL);
	struct vde_passport got;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	fill_passport(buffer, 0, 7, 0, 0);
	for (i = 1; i <= 128; i++) {
		poke(buffer, 60, 4, i);
		ASSERT_FAULT_MSG(test, decode_in(test, buffer, 132, &got),
				 VDE_FAULT_PASSPORT_CUT, "issuer %u", i);
	}
	for (i = 0; i < 32; i++) {
		poke(buffer, 60, 4, BIT(i));
		ASSERT_FAULT_MSG(test, decode_in(test, buffer, 132, &got),
				 BIT(i) > 128 ? VDE_FAULT_PASSPORT_LENGTH :
				 VDE_FAULT_PASSPORT_CUT, "issuer 2^%u", i);
	}
	poke(buffer, 60, 4, 0);
	for (i = 0; i < 32; i++) {
		poke(buffer, 64, 4, BIT(i));
		ASSERT_FAULT_MSG(test, decode_in(test, buffer, 132, &got),
				 BIT(i) > 256 ? VDE_FAULT_PASSPORT_LENGTH :
				 VDE_FAULT_PASSPORT_CUT, "notes 2^%u", i);
	}
	for (i = 4294967164U; i; i++) {
		poke(buffer, 64, 4, i);
		ASSERT_FAULT_MSG(test, decode_in(test, buffer, 132, &got),
				 VDE_FAULT_PASSPORT_LENGTH, "notes %u", i);
	}
}

static void vde_passport_names(struct kunit *test)
{
	u32 i, j;

	for (i = 0; i < VDE_FRAMEWORKS; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, vde_passport_framework_name(i),
					    vde_passport_framework_name(j));
	for (i = 0; i < VDE_PASSPORT_STATUSES; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, vde_passport_status_name(i),
					    vde_passport_status_name(j));
	KUNIT_EXPECT_STREQ(test, vde_passport_framework_name(3), "PCI-DSS");
	KUNIT_EXPECT_STREQ(test, vde_passport_framework_name(8), "FedRAMP");
	KUNIT_EXPECT_NULL(test, vde_passport_framework_name(9));
	KUNIT_EXPECT_NULL(test, vde_passport_framework_name(U32_MAX));
	KUNIT_EXPECT_STREQ(test, vde_passport_status_name(5), "legal-hold");
	KUNIT_EXPECT_STREQ(test, vde_passport_status_name(6), "hold-released");
	KUNIT_EXPECT_STREQ(test, vde_passport_status_name(7),
			   "time-attestation");
	KUNIT_EXPECT_STREQ(test, vde_passport_status_name(0xFFFF), "removed");
	KUNIT_EXPECT_NULL(test, vde_passport_status_name(8));
	KUNIT_EXPECT_NULL(test, vde_passport_status_name(0xFFFE));
	KUNIT_EXPECT_NULL(test, vde_passport_status_name(U32_MAX));
}

static struct kunit_case vde_passport_cases[] = {
	KUNIT_CASE_PARAM(vde_passport_golden, golden_row_gen_params),
	KUNIT_CASE_PARAM(vde_passport_field_table, field_row_gen_params),
	KUNIT_CASE(vde_passport_room),
	KUNIT_CASE(vde_passport_lengths),
	KUNIT_CASE(vde_passport_length_runs_out),
	KUNIT_CASE(vde_passport_names),
	{}
};

static struct kunit_suite vde_passport_suite = {
	.name = "vde_passport",
	.test_cases = vde_passport_cases,
};

kunit_test_suite(vde_passport_suite);

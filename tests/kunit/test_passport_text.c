// SPDX-License-Identifier: GPL-2.0-only
/* Texts of passports: UTF-8 as RFC 3629 has it, without NUL. */
#include "passports.h"

struct text_row {
	const char *name;
	const char *text;
	u32 length;
	bool good;
};

#define TEXT(name, text, good) { name, text, sizeof(text) - 1, good }

static const struct text_row text_rows[] = {
	TEXT("none", "", true),
	TEXT("a letter", "a", true),
	TEXT("NUL", "\x00", false),
	TEXT("NUL at the end", "a\x00", false),
	TEXT("lowest", "\x01", true),
	TEXT("last of one byte", "\x7f", true),
	TEXT("continuation alone", "\x80", false),
	TEXT("last continuation alone", "\xbf", false),
	TEXT("NUL in two bytes", "\xc0\x80", false),
	TEXT("overlong in two bytes", "\xc1\xbf", false),
	TEXT("first of two bytes", "\xc2\x80", true),
	TEXT("last of two bytes", "\xdf\xbf", true),
	TEXT("two bytes, second too low", "\xc2\x7f", false),
	TEXT("two bytes, second too high", "\xdf\xc0", false),
	TEXT("two bytes cut", "\xc2", false),
	TEXT("overlong in three bytes", "\xe0\x9f\xbf", false),
	TEXT("first of three bytes", "\xe0\xa0\x80", true),
	TEXT("before the surrogates", "\xed\x9f\xbf", true),
	TEXT("first surrogate", "\xed\xa0\x80", false),
	TEXT("last surrogate", "\xed\xbf\xbf", false),
	TEXT("behind the surrogates", "\xee\x80\x80", true),
	TEXT("last of three bytes", "\xef\xbf\xbf", true),
	TEXT("three bytes, third too low", "\xe1\x80\x7f", false),
	TEXT("three bytes, third too high", "\xe1\x80\xc0", false),
	TEXT("three bytes cut after one", "\xe1", false),
	TEXT("three bytes cut after two", "\xe1\x80", false),
	TEXT("overlong in four bytes", "\xf0\x8f\xbf\xbf", false),
	TEXT("first of four bytes", "\xf0\x90\x80\x80", true),
	TEXT("last of all", "\xf4\x8f\xbf\xbf", true),
	TEXT("one more", "\xf4\x90\x80\x80", false),
	TEXT("a lead byte too high", "\xf5\x80\x80\x80", false),
	TEXT("five bytes", "\xf8\x88\x80\x80\x80", false),
	TEXT("0xFE", "\xfe", false),
	TEXT("0xFF", "\xff", false),
	TEXT("four bytes, third too low", "\xf1\x80\x7f\x80", false),
	TEXT("four bytes, fourth too low", "\xf1\x80\x80\x7f", false),
	TEXT("four bytes, fourth too high", "\xf1\x80\x80\xc0", false),
	TEXT("four bytes cut", "\xf1\x80\x80", false),
	TEXT("one of each length", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z",
	     true),
	TEXT("bad at the end", "a\xc3\xa9\xe2\x82\xac\x80", false),
	TEXT("bad at the start", "\200a\xc3\xa9", false),
};

KUNIT_ARRAY_PARAM_DESC(text_row, text_rows, name);

/* What follows a text is what would complete a character that is cut. */
static void put_texts(u8 *buffer, const char *issuer, u32 issuer_length,
		      const char *notes, u32 notes_length)
{
	fill_passport(buffer, 0, 7, issuer_length, notes_length);
	memcpy(buffer + 64, issuer, issuer_length);
	memcpy(buffer + 68 + issuer_length, notes, notes_length);
	memset(buffer + 68 + issuer_length + notes_length, 0x80, 64);
}

static void vde_passport_text_table(struct kunit *test)
{
	const struct text_row *row = test->param_value;
	enum vde_fault want = row->good ? VDE_FAULT_NONE :
					  VDE_FAULT_PASSPORT_TEXT;
	u8 *buffer = kunit_kzalloc(test, 516, GFP_KERNEL);
	struct vde_passport got;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	put_texts(buffer, row->text, row->length, "n", 1);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got), want);
	put_texts(buffer, "i", 1, row->text, row->length);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got), want);
}

/* A character that is cut at the greatest length, in either text */
static void vde_passport_text_cut_at_the_end(struct kunit *test)
{
	u8 *buffer = kunit_kzalloc(test, 516, GFP_KERNEL);
	struct vde_passport got;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	fill_passport(buffer, 0, 7, 128, 256);
	poke(buffer, 64 + 126, 2, 0xA9C3);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_NONE);
	poke(buffer, 64 + 126, 2, 0xC378);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_PASSPORT_TEXT);
	fill_passport(buffer, 0, 7, 128, 256);
	poke(buffer, 196 + 254, 2, 0xA9C3);
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_NONE);
	poke(buffer, 196 + 254, 2, 0xC378);
	/* The signature begins with 0xA5, which would do. */
	EXPECT_FAULT(test, vde_passport_decode(buffer, 516, &got),
		     VDE_FAULT_PASSPORT_TEXT);
}

static bool is_accepted(u8 *buffer, const u8 *text, u32 length)
{
	struct vde_passport got;

	put_texts(buffer, text, length, "", 0);
	return !vde_passport_decode(buffer, 516, &got);
}

static void vde_passport_text_all_of_two_bytes(struct kunit *test)
{
	u8 *buffer = kunit_kzalloc(test, 516, GFP_KERNEL);
	u32 a, b;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			const u8 text[2] = { a, b };
			u32 code = (a & 0x1F) << 6 | (b & 0x3F);
			bool good = a < 0x80 ? a && b && b < 0x80 :
				    (a & 0xE0) == 0xC0 && (b & 0xC0) == 0x80 &&
				    code >= 0x80;

			KUNIT_ASSERT_EQ_MSG(test, is_accepted(buffer, text, 2),
					    good, "%02x %02x", a, b);
		}
	}
}

/* By the code point that the bits make, not by ranges of bytes */
static void vde_passport_text_more_bytes(struct kunit *test)
{
	u8 *buffer = kunit_kzalloc(test, 516, GFP_KERNEL);
	u32 a, b;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	for (a = 0xE0; a < 0x100; a++) {
		u32 length = a < 0xF0 ? 3 : 4;

		for (b = 0; b < 256; b++) {
			const u8 text[4] = { a, b, 0x80, 0x80 };
			u32 code = a < 0xF0 ? (a & 0x0F) << 12 : (a & 7) << 18;
			bool good;

			code |= (b & 0x3F) << (a < 0xF0 ? 6 : 12);
			good = (b & 0xC0) == 0x80 && a < 0xF8 &&
			       code <= 0x10FFFF &&
			       (code < 0xD800 || code > 0xDFFF) &&
			       code >= (a < 0xF0 ? 0x800 : 0x10000);
			KUNIT_ASSERT_EQ_MSG(test,
					    is_accepted(buffer, text, length),
					    good, "%02x %02x", a, b);
		}
	}
}

static struct kunit_case vde_passport_text_cases[] = {
	KUNIT_CASE_PARAM(vde_passport_text_table, text_row_gen_params),
	KUNIT_CASE(vde_passport_text_cut_at_the_end),
	KUNIT_CASE(vde_passport_text_all_of_two_bytes),
	KUNIT_CASE(vde_passport_text_more_bytes),
	{}
};

static struct kunit_suite vde_passport_text_suite = {
	.name = "vde_passport_text",
	.test_cases = vde_passport_text_cases,
};

kunit_test_suite(vde_passport_text_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signatures: their encoding, and what the kernel says of them. The driver's
 * file is included, unchanged, for the sake of what is static in it.
 */
#include "../../drivers/md/dm-vde/signature.c"

#include "passports.h"

/* The same numbers were verified with openssl. */
static const u8 own_point[VDE_POINT_SIZE] = {
	0x04,
	0xe0, 0xbf, 0xe6, 0x16, 0x56, 0xbd, 0xe5, 0x45,
	0xc0, 0xb1, 0x7f, 0xe7, 0x4a, 0x06, 0x15, 0x82,
	0x58, 0x94, 0x70, 0x96, 0xaf, 0x68, 0x2c, 0xcc,
	0x79, 0x0c, 0xe1, 0xb4, 0xde, 0x19, 0x45, 0x53,
	0x49, 0x3a, 0x09, 0x78, 0xb4, 0x03, 0x6b, 0x73,
	0xac, 0x05, 0x86, 0xea, 0xa7, 0x95, 0xc1, 0x2b,
	0x28, 0x6b, 0x8c, 0x5f, 0xcb, 0x7e, 0xee, 0x70,
	0x5d, 0xc2, 0x76, 0xc7, 0x07, 0x92, 0x55, 0x6b,
};

static const u8 own_digest[SHA256_DIGEST_SIZE] = {
	0xa5, 0xe5, 0x6f, 0x17, 0xc9, 0xa2, 0x5d, 0x59,
	0xf8, 0x26, 0xaf, 0xa0, 0xee, 0x22, 0x18, 0x9b,
	0x1e, 0x0a, 0x4d, 0xc6, 0xf1, 0x4b, 0x7c, 0x1f,
	0x13, 0xe0, 0x4c, 0x18, 0x9a, 0x9c, 0x5e, 0x82,
};

struct own_row {
	const char *name;
	u8 signature[VDE_SIGNATURE_SIZE];
};

static const struct own_row own_rows[] = {
	{ "both without high bit", {
		0x47, 0x26, 0x23, 0xee, 0xa5, 0x70, 0x74, 0x35,
		0xaf, 0xc5, 0xe8, 0xff, 0x02, 0xbe, 0x59, 0xe4,
		0xc9, 0x65, 0x64, 0xa5, 0x38, 0x6e, 0x87, 0xf7,
		0x4b, 0x58, 0x03, 0xc4, 0x66, 0xec, 0x1d, 0x7c,
		0x5d, 0x48, 0x57, 0x70, 0xb3, 0x46, 0x82, 0xc0,
		0x53, 0x71, 0x3e, 0x81, 0x0e, 0x62, 0xbc, 0x4b,
		0x63, 0x6f, 0x6b, 0x87, 0xf4, 0x8d, 0xd0, 0xde,
		0xdb, 0x18, 0x17, 0x5b, 0x38, 0x2a, 0x4e, 0x1e,
	} },
	{ "both with high bit", {
		0xca, 0xf8, 0x9f, 0x7f, 0xdb, 0x17, 0xe9, 0x88,
		0x66, 0x77, 0xe8, 0xb0, 0xa9, 0x32, 0x56, 0x7a,
		0x7e, 0xee, 0xd9, 0x7e, 0xa1, 0x47, 0x51, 0x50,
		0x9e, 0x3f, 0x09, 0x13, 0xc9, 0xcd, 0x9b, 0x18,
		0xbe, 0xc6, 0xaf, 0xee, 0x80, 0x30, 0x6b, 0xaf,
		0x66, 0x26, 0x58, 0x2d, 0x6c, 0xc1, 0x95, 0x3a,
		0xe2, 0x80, 0xa0, 0xb1, 0x35, 0xa2, 0xdb, 0x66,
		0x25, 0xd5, 0x0b, 0xc6, 0xeb, 0xd6, 0x9c, 0x95,
	} },
	{ "r a byte short, high bit", {
		0x00, 0xf0, 0xb1, 0x35, 0x4b, 0x5d, 0xc2, 0x12,
		0xdb, 0x2b, 0xc0, 0x4a, 0x65, 0x86, 0x09, 0xd5,
		0x63, 0xf4, 0xd7, 0x68, 0x00, 0x15, 0x31, 0xd1,
		0x07, 0x2d, 0x34, 0xaa, 0x71, 0x25, 0x4f, 0x55,
		0xc5, 0xb8, 0x7b, 0x6c, 0xb4, 0x1c, 0x9f, 0x8b,
		0xb9, 0xb7, 0x37, 0x30, 0xe7, 0x36, 0x4e, 0x0b,
		0x2c, 0xc1, 0x47, 0xb2, 0xf5, 0x34, 0x0f, 0x68,
		0x46, 0xd4, 0xce, 0x16, 0x5c, 0x52, 0x6e, 0xc4,
	} },
	{ "r a byte short", {
		0x00, 0x0c, 0xf4, 0xab, 0x4b, 0x8e, 0xd4, 0xb2,
		0x07, 0x0c, 0xa3, 0x04, 0x08, 0x59, 0x20, 0x0d,
		0xa4, 0xfe, 0xba, 0x6b, 0x18, 0x59, 0x38, 0xe5,
		0xd9, 0xe3, 0xc6, 0x89, 0x08, 0x65, 0x0c, 0x45,
		0x71, 0x7e, 0x2e, 0x1d, 0x30, 0x85, 0xb2, 0xb3,
		0x42, 0x1a, 0x6e, 0x7d, 0x24, 0x99, 0x1a, 0xf1,
		0x0f, 0xfe, 0x2c, 0x1e, 0xe8, 0xc0, 0x12, 0xd6,
		0x19, 0x77, 0xca, 0xe6, 0x54, 0x22, 0xe7, 0xdd,
	} },
	{ "s a byte short, high bit", {
		0xed, 0xc5, 0x13, 0x20, 0x5a, 0x5e, 0x4e, 0xfc,
		0xe4, 0x41, 0x20, 0xcd, 0x58, 0xf1, 0x2c, 0x71,
		0x49, 0x87, 0xc7, 0xae, 0xd1, 0x60, 0xd9, 0xb6,
		0xe5, 0x04, 0xd9, 0xb6, 0xa0, 0xc7, 0x48, 0x77,
		0x00, 0xd4, 0xcd, 0x75, 0xe8, 0xbc, 0xaf, 0x31,
		0xac, 0x20, 0xf3, 0xd3, 0xd6, 0x5a, 0x52, 0x9e,
		0x65, 0x1d, 0x0d, 0x3a, 0x5a, 0xd7, 0xf3, 0xc2,
		0x9e, 0xe9, 0x15, 0x7d, 0x0b, 0xdb, 0x4c, 0x1b,
	} },
	{ "s a byte short", {
		0xff, 0xa5, 0xdf, 0x67, 0xca, 0x5a, 0x87, 0xa9,
		0x85, 0x26, 0x59, 0x9b, 0xaf, 0xcb, 0x0d, 0xd2,
		0x17, 0x55, 0x79, 0x94, 0xe8, 0x4a, 0xeb, 0x24,
		0x20, 0x52, 0x8d, 0x3f, 0x05, 0xa5, 0x33, 0x64,
		0x00, 0x2f, 0x33, 0x85, 0x40, 0x2c, 0xbf, 0x9d,
		0x18, 0x08, 0xa8, 0x80, 0xb7, 0x0e, 0x47, 0x31,
		0xd2, 0x55, 0xf7, 0xb0, 0x51, 0x52, 0x95, 0xa2,
		0x34, 0x9a, 0x2a, 0xb4, 0xe8, 0x24, 0xf4, 0x35,
	} },
};

KUNIT_ARRAY_PARAM_DESC(own_row, own_rows, name);

static int verify_own(const u8 *signature)
{
	return vde_signature_verify(own_point, sizeof(own_point), own_digest,
				    signature, VDE_SIGNATURE_SIZE);
}

static int signature_init(struct kunit *test)
{
	if (!vde_signature_supported())
		kunit_skip(test, "kernel has no ECDSA");
	return 0;
}

/* A signature, its twin, and neither with r and s in each other's place */
static void vde_signature_own(struct kunit *test)
{
	const struct own_row *row = test->param_value;
	u8 signature[VDE_SIGNATURE_SIZE];

	memcpy(signature, row->signature, sizeof(signature));
	KUNIT_EXPECT_EQ(test, verify_own(signature), 0);
	negate(signature + 32);
	KUNIT_EXPECT_EQ(test, verify_own(signature), 0);
	memcpy(signature, row->signature + 32, 32);
	memcpy(signature + 32, row->signature, 32);
	KUNIT_EXPECT_EQ(test, verify_own(signature), -EKEYREJECTED);
	/* n - r is no twin. */
	memcpy(signature, row->signature, sizeof(signature));
	negate(signature);
	KUNIT_EXPECT_EQ(test, verify_own(signature), -EKEYREJECTED);
}

struct der_row {
	const char *name;
	u32 zeros;	/* leading ones of both numbers, of 32 bytes */
	u8 first;	/* byte behind them; the others are 0x5A */
	u32 length;	/* of each INTEGER's contents */
	bool padded;
};

static const struct der_row der_rows[] = {
	{ "32 bytes, high bit", 0, 0x80, 33, true },
	{ "32 bytes, all ones first", 0, 0xFF, 33, true },
	{ "32 bytes", 0, 0x7F, 32, false },
	{ "32 bytes, lowest", 0, 0x01, 32, false },
	{ "31 bytes, high bit", 1, 0x80, 32, true },
	{ "31 bytes", 1, 0x7F, 31, false },
	{ "2 bytes, high bit", 30, 0x80, 3, true },
	{ "2 bytes", 30, 0x01, 2, false },
	{ "1 byte, high bit", 31, 0x80, 2, true },
	{ "1 byte", 31, 0x7F, 1, false },
	{ "one", 31, 0x01, 1, false },
	{ "zero", 31, 0x00, 1, false },
};

KUNIT_ARRAY_PARAM_DESC(der_row, der_rows, name);

static void put_number(u8 *to, const struct der_row *row)
{
	memset(to, 0x5A, 32);
	memset(to, 0, row->zeros);
	to[row->zeros] = row->first;
}

/* The other number is one, whichever of both this is. */
static void vde_signature_der_table(struct kunit *test)
{
	const struct der_row *row = test->param_value;
	u8 raw[VDE_SIGNATURE_SIZE] = { }, der[DER_MAX + 1], number[32];
	u32 size;

	put_number(number, row);
	memcpy(raw, number, 32);
	raw[63] = 1;
	memset(der, 0xEE, sizeof(der));
	size = put_signature(der, raw);
	KUNIT_ASSERT_EQ(test, size, 2 + 2 + row->length + 3);
	KUNIT_EXPECT_EQ(test, peek(der, 0, 4),
			0x30 | (size - 2) << 8 | 0x020000 | row->length << 24);
	if (row->padded)
		KUNIT_EXPECT_EQ(test, der[4], 0);
	KUNIT_EXPECT_MEMEQ(test, der + 4 + row->padded, number + row->zeros,
			   32 - row->zeros);
	KUNIT_EXPECT_EQ(test, peek(der, size - 3, 3), 0x010102);
	KUNIT_EXPECT_EQ(test, der[DER_MAX], 0xEE);

	memset(raw, 0, 32);
	raw[31] = 1;
	memcpy(raw + 32, number, 32);
	KUNIT_ASSERT_EQ(test, put_signature(der, raw), size);
	KUNIT_EXPECT_EQ(test, peek(der + 2, 0, 4),
			0x02010102);
	KUNIT_EXPECT_EQ(test, der[6], row->length);
	KUNIT_EXPECT_MEMEQ(test, der + 7 + row->padded, number + row->zeros,
			   32 - row->zeros);
}

static void vde_signature_der_bounds(struct kunit *test)
{
	static const u8 shortest[] = { 0x30, 6, 2, 1, 0, 2, 1, 0 };
	u8 raw[VDE_SIGNATURE_SIZE] = { }, der[DER_MAX + 1];

	KUNIT_EXPECT_EQ(test, put_signature(der, raw), sizeof(shortest));
	KUNIT_EXPECT_MEMEQ(test, der, shortest, sizeof(shortest));
	memset(raw, 0xFF, sizeof(raw));
	der[DER_MAX] = 0xEE;
	KUNIT_EXPECT_EQ(test, put_signature(der, raw), 72);
	KUNIT_EXPECT_EQ(test, DER_MAX, 72);
	KUNIT_EXPECT_EQ(test, peek(der, 0, 4), 0x21024630);
	KUNIT_EXPECT_EQ(test, peek(der, 37, 4), 0xFF002102);
	KUNIT_EXPECT_EQ(test, der[DER_MAX], 0xEE);
}

static void vde_signature_negate(struct kunit *test)
{
	u8 number[32] = { }, twice[32];
	u32 i;

	/* n - 0, n - 1, n - (n - 1) */
	negate(number);
	KUNIT_EXPECT_MEMEQ(test, number, order, 32);
	memset(number, 0, 32);
	number[31] = 1;
	negate(number);
	KUNIT_EXPECT_MEMEQ(test, number, order, 31);
	KUNIT_EXPECT_EQ(test, number[31], 0x50);
	negate(number);
	KUNIT_EXPECT_NULL(test, memchr_inv(number, 0, 31));
	KUNIT_EXPECT_EQ(test, number[31], 1);
	/* A borrow through every byte: n - 0x52 */
	number[31] = 0x52;
	negate(number);
	KUNIT_EXPECT_EQ(test, peek(number, 30, 2), 0xFF24);
	for (i = 0; i < 32; i++) {
		memset(number, 0, 32);
		number[i] = 0x81;
		memcpy(twice, number, 32);
		negate(twice);
		KUNIT_EXPECT_MEMNEQ(test, twice, number, 32);
		negate(twice);
		KUNIT_EXPECT_MEMEQ(test, twice, number, 32);
	}
}

/* 0, n and what lies beyond are no numbers of a signature. */
static void vde_signature_ranges(struct kunit *test)
{
	static const u8 zero[32];
	u8 signature[VDE_SIGNATURE_SIZE], n_less_1[32], n_plus_1[32], ones[32];
	const u8 *const numbers[] = { zero, order, n_plus_1, ones, n_less_1 };
	u32 i;

	memcpy(n_less_1, order, 32);
	n_less_1[31]--;
	memcpy(n_plus_1, order, 32);
	n_plus_1[31]++;
	memset(ones, 0xFF, 32);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		memcpy(signature, own_rows[0].signature, sizeof(signature));
		memcpy(signature, numbers[i], 32);
		KUNIT_EXPECT_EQ_MSG(test, verify_own(signature), -EKEYREJECTED,
				    "r %u", i);
		memcpy(signature, own_rows[0].signature, sizeof(signature));
		memcpy(signature + 32, numbers[i], 32);
		KUNIT_EXPECT_EQ_MSG(test, verify_own(signature), -EKEYREJECTED,
				    "s %u", i);
		memcpy(signature, numbers[i], 32);
		KUNIT_EXPECT_EQ_MSG(test, verify_own(signature), -EKEYREJECTED,
				    "both %u", i);
	}
}

/* s + n names the same number, and is refused where it fits 32 bytes. */
static void vde_signature_not_reduced(struct kunit *test)
{
	u8 signature[VDE_SIGNATURE_SIZE];
	u32 i;
	int digit, carry = 0;

	for (i = 0; i < ARRAY_SIZE(own_rows); i++) {
		memcpy(signature, own_rows[i].signature, sizeof(signature));
		for (digit = 31; digit >= 0; digit--) {
			carry += signature[32 + digit] + order[digit];
			signature[32 + digit] = carry;
			carry >>= 8;
		}
		KUNIT_EXPECT_EQ(test, verify_own(signature), -EKEYREJECTED);
		carry = 0;
	}
}

static void vde_signature_lengths(struct kunit *test)
{
	u8 signature[80] = { }, point[80] = { };
	u32 i;

	memcpy(signature, own_rows[0].signature, VDE_SIGNATURE_SIZE);
	memcpy(point, own_point, VDE_POINT_SIZE);
	for (i = 0; i < 80; i++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    vde_signature_verify(point, 65, own_digest,
							 signature, i),
				    i == 64 ? 0 : -EINVAL, "signature %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    vde_signature_verify(point, i, own_digest,
							 signature, 64),
				    i == 65 ? 0 : -EINVAL, "point %u", i);
	}
	KUNIT_EXPECT_EQ(test, vde_signature_verify(point, 65, own_digest,
						   signature, U32_MAX),
			-EINVAL);
}

/* A flipped bit of signature or digest, and one that leaves the curve */
static void vde_signature_flips(struct kunit *test)
{
	u8 signature[VDE_SIGNATURE_SIZE], digest[32], point[VDE_POINT_SIZE];
	u32 i;

	memcpy(signature, own_rows[1].signature, sizeof(signature));
	memcpy(digest, own_digest, sizeof(digest));
	memcpy(point, own_point, sizeof(point));
	for (i = 0; i < 512; i++) {
		signature[i / 8] ^= 1 << i % 8;
		KUNIT_ASSERT_EQ_MSG(test, verify_own(signature), -EKEYREJECTED,
				    "signature bit %u", i);
		signature[i / 8] ^= 1 << i % 8;
	}
	for (i = 0; i < 256; i += 3) {
		digest[i / 8] ^= 1 << i % 8;
		KUNIT_ASSERT_EQ_MSG(test,
				    vde_signature_verify(point, 65, digest,
							 signature, 64),
				    -EKEYREJECTED, "digest bit %u", i);
		digest[i / 8] ^= 1 << i % 8;
	}
	for (i = 0; i < 520; i++) {
		point[i / 8] ^= 1 << i % 8;
		KUNIT_ASSERT_EQ_MSG(test,
				    vde_signature_verify(point, 65, digest,
							 signature, 64),
				    -EINVAL, "point bit %u", i);
		point[i / 8] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_EQ(test, verify_own(signature), 0);
}

/* (0, y): x may be zero, but not p, which is the same. */
static const u8 zero_point[VDE_POINT_SIZE] = {
	0x04,
	[33] = 0x66, 0x48, 0x5c, 0x78, 0x0e, 0x2f, 0x83, 0xd7,
	0x24, 0x33, 0xbd, 0x5d, 0x84, 0xa0, 0x6b, 0xb6,
	0x54, 0x1c, 0x2a, 0xf3, 0x1d, 0xae, 0x87, 0x17,
	0x28, 0xbf, 0x85, 0x6a, 0x17, 0x4f, 0x93, 0xf4,
};

static const u8 prime[NUMBER_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static void vde_signature_points(struct kunit *test)
{
	u8 point[VDE_POINT_SIZE];
	int i, digit, borrow = 0;

	KUNIT_EXPECT_EQ(test, check_point(own_point), 0);
	KUNIT_EXPECT_EQ(test, check_point(zero_point), 0);
	memcpy(point, zero_point, sizeof(point));
	memcpy(point + 1, prime, 32);
	KUNIT_EXPECT_EQ(test, check_point(point), -EINVAL);
	memcpy(point, zero_point, sizeof(point));
	memset(point + 33, 0, 32);
	KUNIT_EXPECT_EQ(test, check_point(point), -EINVAL);
	memset(point + 1, 0xFF, 64);
	KUNIT_EXPECT_EQ(test, check_point(point), -EINVAL);
	for (i = 0; i < 256; i++) {
		memcpy(point, own_point, sizeof(point));
		point[0] = i;
		KUNIT_EXPECT_EQ_MSG(test, check_point(point),
				    i == 4 ? 0 : -EINVAL, "form %u", i);
	}
	/* The opposite point, p - y, is another key. */
	memcpy(point, own_point, sizeof(point));
	for (i = 31; i >= 0; i--) {
		digit = prime[i] - own_point[33 + i] - borrow;
		borrow = digit < 0;
		point[33 + i] = digit;
	}
	KUNIT_EXPECT_EQ(test, check_point(point), 0);
	KUNIT_EXPECT_EQ(test,
			vde_signature_verify(point, 65, own_digest,
					     own_rows[0].signature, 64),
			-EKEYREJECTED);
}

/*
 * A valid signature whose verification adds G to itself: the key is half of G,
 * and the first steps are Q, 2Q = G, G + G.
 */
static const u8 half_point[VDE_POINT_SIZE] = {
	0x04,
	0x2a, 0xfa, 0x38, 0x6b, 0x3f, 0x2b, 0xdc, 0xdb,
	0x83, 0xf4, 0xd8, 0x3f, 0x8f, 0xa3, 0x87, 0x4d,
	0x7b, 0x74, 0xdc, 0xb4, 0x54, 0xbd, 0x64, 0x4f,
	0xdd, 0x6b, 0xf3, 0xd1, 0xf2, 0xda, 0x8d, 0xb6,
	0x8d, 0xe7, 0xb4, 0x1d, 0x35, 0x57, 0xa9, 0xcc,
	0x9d, 0x4a, 0xc9, 0x0e, 0xf7, 0xad, 0x29, 0x9a,
	0x51, 0x75, 0x9b, 0x03, 0x0e, 0x14, 0x72, 0xb3,
	0x6b, 0x95, 0x2a, 0x76, 0x86, 0x90, 0x8d, 0x63,
};

static const u8 half_digest[SHA256_DIGEST_SIZE] = {
	0x44, 0x73, 0xfb, 0xf7, 0xc8, 0x52, 0xc8, 0x3f,
	0x2d, 0x65, 0x9c, 0x30, 0xf9, 0x09, 0x71, 0x69,
	0x1c, 0xf4, 0x1c, 0x85, 0xd9, 0x02, 0xfa, 0x66,
	0x3e, 0xe9, 0x94, 0x71, 0x08, 0xbe, 0xce, 0x79,
};

static const u8 half_signature[VDE_SIGNATURE_SIZE] = {
	0x42, 0xd3, 0x3a, 0xa4, 0x54, 0x07, 0xa4, 0x9f,
	0x44, 0x64, 0x65, 0xf1, 0x62, 0x94, 0xa0, 0x0c,
	0xe5, 0x51, 0x6b, 0x0a, 0xf1, 0xcd, 0x9a, 0x05,
	0x36, 0x84, 0x39, 0xa4, 0xc8, 0x3a, 0xea, 0x1b,
	0x0b, 0x06, 0x23, 0x1a, 0x61, 0xf4, 0xc6, 0x16,
	0xd4, 0x11, 0xbf, 0x87, 0xac, 0x1f, 0xb5, 0xd8,
	0x53, 0xba, 0x5a, 0xf5, 0xc8, 0x86, 0x59, 0x16,
	0x35, 0x76, 0x43, 0xf0, 0x5d, 0xd9, 0xf2, 0x75,
};

static void vde_signature_same_point(struct kunit *test)
{
	u8 signature[VDE_SIGNATURE_SIZE], digest[32];

	memcpy(signature, half_signature, sizeof(signature));
	KUNIT_EXPECT_EQ(test, vde_signature_verify(half_point, 65, half_digest,
						   signature, 64), 0);
	negate(signature + 32);
	KUNIT_EXPECT_EQ(test, vde_signature_verify(half_point, 65, half_digest,
						   signature, 64), 0);
	memcpy(digest, half_digest, sizeof(digest));
	digest[31] ^= 1;
	KUNIT_EXPECT_EQ(test, vde_signature_verify(half_point, 65, digest,
						   signature, 64),
			-EKEYREJECTED);
}

/* Only what is about the signature may count against it. */
static void vde_signature_translate(struct kunit *test)
{
	static const int about_ecdsa[] = {
		-ENOENT, -ENOPKG, -ELIBBAD, -EAGAIN, -EINTR, -ETIMEDOUT,
		-EOPNOTSUPP, -EIO, 1,
	};
	u32 i;

	KUNIT_EXPECT_EQ(test, translate(0), 0);
	KUNIT_EXPECT_EQ(test, translate(-EKEYREJECTED), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, translate(-EBADMSG), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, translate(-EINVAL), -EINVAL);
	KUNIT_EXPECT_EQ(test, translate(-ENOMEM), -ENOMEM);
	for (i = 0; i < ARRAY_SIZE(about_ecdsa); i++)
		KUNIT_EXPECT_EQ(test, translate(about_ecdsa[i]), -ENOPKG);
}

static struct kunit_case vde_signature_cases[] = {
	KUNIT_CASE_PARAM(vde_signature_own, own_row_gen_params),
	KUNIT_CASE_PARAM(vde_signature_der_table, der_row_gen_params),
	KUNIT_CASE(vde_signature_der_bounds),
	KUNIT_CASE(vde_signature_negate),
	KUNIT_CASE(vde_signature_translate),
	KUNIT_CASE(vde_signature_ranges),
	KUNIT_CASE(vde_signature_not_reduced),
	KUNIT_CASE(vde_signature_lengths),
	KUNIT_CASE(vde_signature_flips),
	KUNIT_CASE(vde_signature_points),
	KUNIT_CASE(vde_signature_same_point),
	{}
};

static struct kunit_suite vde_signature_suite = {
	.name = "vde_signature",
	.init = signature_init,
	.test_cases = vde_signature_cases,
};

kunit_test_suite(vde_signature_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and passports, as far as no keyring is needed: those are the selftests'
 * affair. The functions come with test_signature.c.
 */
#include "passports.h"
#include "signature.h"

/* A key that nobody here has signed with: the generator. */
static const u8 other_key[VDE_POINT_SIZE] = {
	0x04,
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
	0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
	0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b,
	0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
	0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
	0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

static int keys_init(struct kunit *test)
{
	if (!vde_signature_supported())
		kunit_skip(test, "kernel has no ECDSA");
	return 0;
}

/* What is said of a passport with the key of the table, or with none */
static int verify_with(struct kunit *test, const u8 *key,
		       const struct vde_passport *passport)
{
	const char *error = NULL;
	struct vde_keys keys;
	int err;

	KUNIT_ASSERT_EQ(test, vde_keys_open(&keys, NULL, !!key, key, &error),
			0);
	err = vde_keys_verify(&keys, passport);
	vde_keys_close(&keys);
	KUNIT_EXPECT_NULL(test, memchr_inv(&keys, 0, sizeof(keys)));
	return err;
}

static void vde_keys_golden(struct kunit *test)
{
	struct vde_passport passport;
	u8 key[VDE_POINT_SIZE];
	u32 i, size;

	golden_issuer_key(key);
	for (i = 0; i < GOLDEN_PASSPORTS; i++) {
		u8 *buffer = golden_passport(test, i, &size);

		EXPECT_FAULT(test, vde_passport_decode(buffer, size, &passport),
			     VDE_FAULT_NONE);
		KUNIT_EXPECT_EQ(test, verify_with(test, NULL, &passport),
				-ENOKEY);
		KUNIT_EXPECT_EQ(test, verify_with(test, other_key, &passport),
				-EKEYREJECTED);
		KUNIT_EXPECT_EQ(test, verify_with(test, key, &passport), 0);
		/* From the first byte to the last before the signature */
		buffer[0] ^= 1;
		KUNIT_EXPECT_EQ(test, verify_with(test, key, &passport),
				-EKEYREJECTED);
		buffer[0] ^= 1;
		buffer[size - 65] ^= 1;
		KUNIT_EXPECT_EQ(test, verify_with(test, key, &passport),
				-EKEYREJECTED);
		buffer[size - 65] ^= 1;
		KUNIT_EXPECT_EQ(test, verify_with(test, key, &passport), 0);
	}
}

static void vde_keys_open_refuses(struct kunit *test)
{
	u8 key[VDE_POINT_SIZE];
	const char *error = NULL;
	struct vde_keys keys;

	golden_issuer_key(key);
	key[64] ^= 1;
	KUNIT_EXPECT_EQ(test, vde_keys_open(&keys, NULL, true, key, &error),
			-EINVAL);
	KUNIT_EXPECT_STREQ(test, error, "issuer_key is not a point of P-256");
	error = NULL;
	KUNIT_EXPECT_EQ(test, vde_keys_open(&keys, "no-such-keyring", false,
					    NULL, &error), -ENOKEY);
	KUNIT_EXPECT_NOT_NULL(test, error);
	KUNIT_EXPECT_EQ(test, vde_keys_open(&keys, "0", false, NULL, &error),
			-ENOKEY);
	KUNIT_EXPECT_EQ(test, vde_keys_open(&keys, "2147483648", false, NULL,
					    &error), -ENOKEY);
	KUNIT_EXPECT_EQ(test, vde_keys_open(&keys, "99999999999999999999",
					    false, NULL, &error), -ENOKEY);
}

static void vde_keys_copies(struct kunit *test)
{
	const char *error = NULL;
	struct vde_keys keys, copy;

	KUNIT_ASSERT_EQ(test, vde_keys_open(&keys, "", true, other_key,
					    &error), 0);
	vde_keys_copy(&copy, &keys);
	vde_keys_close(&keys);
	KUNIT_EXPECT_TRUE(test, copy.has_issuer_key);
	KUNIT_EXPECT_NULL(test, copy.keyring);
	KUNIT_EXPECT_MEMEQ(test, copy.issuer_key, other_key, VDE_POINT_SIZE);
	vde_keys_close(&copy);
	/* A second time there is nothing to let go. */
	vde_keys_close(&copy);
}

static struct kunit_case vde_keys_cases[] = {
	KUNIT_CASE(vde_keys_golden),
	KUNIT_CASE(vde_keys_open_refuses),
	KUNIT_CASE(vde_keys_copies),
	{}
};

static struct kunit_suite vde_keys_suite = {
	.name = "vde_keys",
	.init = keys_init,
	.test_cases = vde_keys_cases,
};

kunit_test_suite(vde_keys_suite);

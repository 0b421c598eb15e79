// SPDX-License-Identifier: GPL-2.0-only
/* Faults: each has a phrase of its own and an errno. */
#include <linux/err.h>

#include "fixtures.h"

static void vde_fault_phrases_are_unique(struct kunit *test)
{
	u32 i, j;

	for (i = 0; i < VDE_FAULTS_COUNT; i++) {
		const char *phrase = vde_fault_phrase(i);

		KUNIT_ASSERT_NOT_NULL(test, phrase);
		KUNIT_EXPECT_GT_MSG(test, strlen(phrase), 0, "fault %u", i);
		/* Callers put phrases into the middle of longer messages. */
		KUNIT_EXPECT_NULL_MSG(test, strpbrk(phrase, "\n."), "%s",
				      phrase);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, phrase, vde_fault_phrase(j));
	}
}

static void vde_fault_errnos_are_negative(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_NONE), 0);
	for (i = VDE_FAULT_NONE + 1; i < VDE_FAULTS_COUNT; i++) {
		int err = vde_fault_errno(i);

		KUNIT_EXPECT_LT_MSG(test, err, 0, "%s", vde_fault_phrase(i));
		KUNIT_EXPECT_GE_MSG(test, err, -MAX_ERRNO, "%s",
				    vde_fault_phrase(i));
	}
}

/* Scripts branch on these; damage, absence and novelty must not look alike. */
static void vde_fault_errnos_tell_apart(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_NOT_VDE), -ENODATA);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_BLOCK_SIZE),
			-EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_VERSION),
			-EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_NO_GROUP), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_NO_COMMIT), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_DEVICE_SHORT), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULT_NO_REGION), -ENXIO);
}

static void vde_fault_beyond_the_table(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, vde_fault_phrase(VDE_FAULTS_COUNT),
			   "unknown fault");
	KUNIT_EXPECT_STREQ(test, vde_fault_phrase(-1), "unknown fault");
	KUNIT_EXPECT_EQ(test, vde_fault_errno(VDE_FAULTS_COUNT), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, vde_fault_errno(-1), -EUCLEAN);
}

static struct kunit_case vde_fault_cases[] = {
	KUNIT_CASE(vde_fault_phrases_are_unique),
	KUNIT_CASE(vde_fault_errnos_are_negative),
	KUNIT_CASE(vde_fault_errnos_tell_apart),
	KUNIT_CASE(vde_fault_beyond_the_table),
	{}
};

static struct kunit_suite vde_fault_suite = {
	.name = "vde_fault",
	.test_cases = vde_fault_cases,
};

kunit_test_suite(vde_fault_suite);

/* SPDX-License-Identifier: GPL-2.0-only */
/* Passports for the suites, of another implementation or by their offsets. */
#ifndef VDE_KUNIT_PASSPORTS_H
#define VDE_KUNIT_PASSPORTS_H

#include "fixtures.h"

#define GOLDEN_PASSPORTS 3

void golden_issuer_key(u8 point[65]);
u8 *golden_passport(struct kunit *test, u32 nr, u32 *size);
u8 *sample_passport(struct kunit *test);
u32 fill_passport(void *block, u32 offset, u32 nr, u32 issuer, u32 notes);

#define SAMPLE_SIZE 155

#endif /* VDE_KUNIT_PASSPORTS_H */

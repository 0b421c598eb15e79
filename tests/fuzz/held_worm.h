/* SPDX-License-Identifier: GPL-2.0-only */
/* What the passports of a vault have done to the WORM region of its volume. */
#ifndef FUZZ_HELD_WORM_H
#define FUZZ_HELD_WORM_H

#include "image.h"

#define TICKS_PER_DAY (86400 * 10000000ULL)

void held_worm_begin(const struct image *image);

/*
 * The day that attestations speak for, 0 if there was none, and whether the
 * region is under legal hold: as its newest commit has it on the disk. Nothing
 * may be committing it.
 */
void held_worm_look(uint64_t *day, uint64_t *held);

#endif /* FUZZ_HELD_WORM_H */

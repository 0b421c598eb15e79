/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_CONTENT_H
#define CRASH_CONTENT_H

#include <stdint.h>

#define BLOCK_BYTES 4096

/* A generator that is the same everywhere, for contents and for choices. */
uint64_t content_random(uint64_t *state);

/*
 * What a block holds follows from its index and the epoch it was written in:
 * one run of the writer. Blocks that a crash drops are written again, so the
 * index alone would not tell what was written from what was left over.
 */
void content_fill(void *block, uint64_t index, uint64_t epoch);

/* NULL when it holds just that, or a phrase that says what it holds. */
const char *content_check(const void *block, uint64_t index, uint64_t epoch);

#endif /* CRASH_CONTENT_H */

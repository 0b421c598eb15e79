/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_VERIFY_H
#define CRASH_VERIFY_H

#include <stdint.h>

struct device;
struct journal;

/*
 * Is all there that the journal promises, and nothing that was never written? A
 * stream must hold @keep positions at least, but for what was consumed. Prints a
 * line for each thing that is wrong, at most ten, and returns how many there
 * are.
 */
unsigned int verify(const struct device *device, const struct journal *journal,
		    uint64_t keep);

#endif /* CRASH_VERIFY_H */

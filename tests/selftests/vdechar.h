/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_VDECHAR_H
#define SELFTESTS_VDECHAR_H

#include <stdint.h>

#include "sealed.h"

#define MAX_ARGS 16

/* What vdechar is asked to do; the numbers that are not given are 0 */
struct operation {
	const char *name;
	int least, most;	/* numbers after it */
	void (*run)(struct sealed *sealed, const uint64_t *arg, int count);
};

/* charwrite.c: everything that appends */
extern const struct operation char_writes[];
/* charstream.c: what only streams know */
extern const struct operation char_streams[];

/* A result is printed as a number, or the name of errno when it is negative */
void answer_number(long got);
/* "OK", or the name of errno when it is negative */
void answer(long got);

#endif /* SELFTESTS_VDECHAR_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What an active region with a damaged volume beneath must and must not show. */
#ifndef FUZZ_LOOK_H
#define FUZZ_LOOK_H

#include "active.h"

struct counts {
	uint64_t right, errors, zeros, scrubs, appends, passports, consumed;
	uint64_t refused_writes;
};

extern struct counts counts;

/* What was acknowledged, and has to be there when the region is active again. */
struct promise {
	bool any;
	uint64_t at;	/* block or position */
	uint64_t end;	/* high-water mark or head */
	uint8_t bytes[4096];
};

/*
 * Reads everything and gives up when something is wrong; asks for all there is
 * to ask; writes if it can, which makes a @promise.
 */
void look(const struct active *active, struct image *image, struct promise *promise);

/* The same region again. */
void look_again(const struct active *active, const struct promise *promise);

#endif /* FUZZ_LOOK_H */

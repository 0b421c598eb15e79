/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nobody may have changed while nobody was allowed to; and what shows
 * that the fuzzer would have seen it: damage of its own.
 */
#ifndef FUZZ_PLANT_H
#define FUZZ_PLANT_H

#include "crowd.h"

/* All that is known of the regions, and both disks; nothing that only time changes */
struct snapshot {
	struct {
		char status[1024], table[1024];
		uint8_t answers[4][256];
	} places[PLACES];
	uint64_t disks[VOLUMES];
};

void snapshot_take(struct snapshot *snapshot);

/* They must be equal. */
void snapshot_compare(const struct snapshot *before,
		      const struct snapshot *after);

/* One block, which the ledger knows then; or a passport that it knows */
void plant_append(struct place *place);

/* A byte of what is "worm", "stream" or "vault"; of devices that are attached */
void plant_damage(const char *what);

#endif /* FUZZ_PLANT_H */

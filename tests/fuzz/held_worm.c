// SPDX-License-Identifier: GPL-2.0-only
#include "active.h"
#include "disk.h"
#include "held_worm.h"

#define HELD 2		/* flag of a commit */

static uint8_t slots[COMMIT_SLOTS][2 * BLOCK_SIZE] __attribute__((aligned(4096)));
static uint64_t first;	/* block of the commits */

void held_worm_begin(const struct image *image)
{
	first = image->regions[WORM].commits;
	if (!first)
		give_up("no WORM region beside the vault");
}

/* None is torn: what fails on this disk fails as a whole. */
static const uint8_t *newest_commit(void)
{
	const uint8_t *newest = slots[0];
	unsigned int i;

	disk_read(slots, first, 2 * COMMIT_SLOTS);
	for (i = 1; i < COMMIT_SLOTS; i++)
		if (get_le(slots[i], 8) > get_le(newest, 8))
			newest = slots[i];
	return newest;
}

void held_worm_look(uint64_t *day, uint64_t *held)
{
	const uint8_t *commit = newest_commit();
	uint64_t time = get_le(commit + 0xf20, 8);
	uint64_t ran = get_le(commit + 0x18, 8) - get_le(commit + 0xf28, 8);

	*day = time ? (time + ran) / TICKS_PER_DAY : 0;
	*held = !!(get_le(commit + 12, 4) & HELD);
}

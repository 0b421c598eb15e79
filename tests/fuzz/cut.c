// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "active.h"
#include "cut.h"
#include "disk.h"

#define DIRTY_FLAG	(1U << 6)	/* of a superblock's compatible features */

static uint8_t *kept, *scratch;
static uint64_t blocks;

void cut_begin(const struct image *image)
{
	blocks = image->blocks;
	kept = image_memory(blocks * BLOCK_SIZE);
	scratch = image_memory(blocks * BLOCK_SIZE);
}

/* What was closed cleanly would prove nothing. */
static void check_dirty(void)
{
	if (!(get_le(kept + 0x1c, 4) & DIRTY_FLAG))
		give_up("the volume was closed before the power went");
}

void cut_keep(void)
{
	disk_read(kept, 0, blocks);
}

void cut_take(void)
{
	cut_keep();
	check_dirty();
}

static void keep_old(uint64_t first, uint64_t count)
{
	memcpy(scratch + first * BLOCK_SIZE, kept + first * BLOCK_SIZE,
	       count * BLOCK_SIZE);
}

void cut_take_beside(const struct region *region)
{
	uint8_t *newer = scratch;

	disk_read(newer, 0, blocks);
	keep_old(region->meta, region->meta_blocks);
	keep_old(region->commits, 2 * COMMIT_SLOTS);
	scratch = kept;
	kept = newer;
	check_dirty();
}

void cut_put_back(void)
{
	disk_write(kept, 0, blocks);
}

void cut_check(void)
{
	size_t at = 0;

	disk_read(scratch, 0, blocks);
	if (!memcmp(scratch, kept, blocks * BLOCK_SIZE))
		return;
	while (scratch[at] == kept[at])
		at++;
	give_up("block %zu of the disk was written", at / BLOCK_SIZE);
}

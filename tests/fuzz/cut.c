// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "cut.h"

#define COMMIT_BLOCKS	16
#define DIRTY_FLAG	(1U << 6)	/* of a superblock's compatible features */

static uint8_t *kept, *scratch;
static size_t bytes;
static int disk_fd = -1;

void cut_begin(const char *disk, const struct image *image)
{
	bytes = image->blocks * BLOCK_SIZE;
	kept = image_memory(bytes);
	scratch = image_memory(bytes);
	disk_fd = open(disk, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (disk_fd < 0)
		give_up("%s: %s", disk, strerror(errno));
}

static void read_disk(uint8_t *to)
{
	if (pread(disk_fd, to, bytes, 0) != (ssize_t)bytes)
		give_up("the disk: %s", strerror(errno));
}

/* What was closed cleanly would prove nothing. */
static void check_dirty(void)
{
	if (!(get_le(kept + 0x1c, 4) & DIRTY_FLAG))
		give_up("the volume was closed before the power went");
}

void cut_keep(void)
{
	read_disk(kept);
}

void cut_take(void)
{
	read_disk(kept);
	check_dirty();
}

static void keep_old(uint64_t first, uint64_t blocks)
{
	memcpy(scratch + first * BLOCK_SIZE, kept + first * BLOCK_SIZE,
	       blocks * BLOCK_SIZE);
}

void cut_take_beside(const struct region *region)
{
	uint8_t *newer = scratch;

	read_disk(newer);
	keep_old(region->meta, region->meta_blocks);
	keep_old(region->commits, COMMIT_BLOCKS);
	scratch = kept;
	kept = newer;
	check_dirty();
}

void cut_put_back(void)
{
	if (pwrite(disk_fd, kept, bytes, 0) != (ssize_t)bytes)
		give_up("the disk: %s", strerror(errno));
}

void cut_check(void)
{
	size_t at = 0;

	read_disk(scratch);
	if (!memcmp(scratch, kept, bytes))
		return;
	while (scratch[at] == kept[at])
		at++;
	give_up("block %zu of the disk was written", at / BLOCK_SIZE);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads of a WORM region's blocks that are not what their records say. Nobody
 * gets them, whatever fails; and what is around them is no less readable.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "disk.h"
#include "refused.h"

#define FIRST_RECORDS	77	/* in the header block */
#define RECORDS		78	/* in each other block */

static uint8_t block[BLOCK_SIZE] __attribute__((aligned(4096)));
static const struct image *volume;
static uint64_t place;		/* of what is damaged, in the volume */

void damage_begin(const struct image *image)
{
	volume = image;
}

static const uint8_t *good(uint64_t nr)
{
	return volume->good + nr * BLOCK_SIZE;
}

/* One bit */
void damage(bool record)
{
	const struct region *region = &volume->regions[WORM];

	place = record ? region->meta + 1 + (OLD - FIRST_RECORDS) / RECORDS : region->data;
	memcpy(block, good(place), BLOCK_SIZE);
	block[random_below(PAYLOAD)] ^= 1 << random_below(8);
	disk_write(block, place, 1);
}

void repair(const struct active *active)
{
	uint64_t data = volume->regions[WORM].data;

	disk_write(good(place), place, 1);
	if (pread(active->node, many, sizeof(many), 0) != sizeof(many) ||
	    memcmp(many, good(data), sizeof(many)) ||
	    pread(active->node, seen, BLOCK_SIZE, OLD * BLOCK_SIZE) != BLOCK_SIZE ||
	    memcmp(seen, good(data + OLD), BLOCK_SIZE))
		give_up("what is repaired is another, or unreadable");
}

/* A read through the page cache may be made again, block by block. */
void check_damaged(const struct call *call, long ret, uint64_t found)
{
	bool once = call->traits & REFUSED && call->error == EILSEQ;

	if (ret >= 0 && call->traits & REFUSED)
		give_up("what is damaged can be read");
	if (once && call->traits & TOLD && ret == -EILSEQ && !found)
		give_up("what is damaged is not counted");
	if (once && found > 1)
		give_up("what is intact counts as damaged: %llu",
			(unsigned long long)found);
}

static long read_at(const struct active *active, uint64_t at)
{
	return answer(pread(active->node, seen, BLOCK_SIZE, at * BLOCK_SIZE));
}

static long read_damaged(const struct active *active)
{
	return read_at(active, 0);
}

static long read_many(const struct active *active)
{
	return answer(pread(active->node, many, sizeof(many), 0));
}

static long read_cached(const struct active *active)
{
	long ret;

	posix_fadvise(active->node, 0, 0, POSIX_FADV_DONTNEED);
	set_direct(active->node, false);
	ret = read_damaged(active);
	set_direct(active->node, true);
	return ret;
}

static long read_without_record(const struct active *active)
{
	return read_at(active, OLD);
}

static long get_record(const struct active *active)
{
	struct vde_ioc_record call = { .size = sizeof(call), .index = OLD };

	return answer(ioctl(active->device, VDE_IOC_RECORD, &call));
}

/* It names what it finds in order, so that this is the first. */
static long scrub_damaged(const struct active *active)
{
	struct vde_ioc_scrub_status status = { .size = sizeof(status) };
	long ret = scrub(active);

	if (ret < 0)
		return ret;
	if (ioctl(active->device, VDE_IOC_SCRUB_STATUS, &status))
		return -errno;
	if (!status.corrupted || status.blocks[0])
		give_up("a scrub has not found what is damaged");
	return 0;
}

const struct call damaged_calls[] = {
	{ "damaged", read_damaged, 0, FRESH | COLD | REFUSED | TOLD | DAMAGED | PASSES_ON, EILSEQ },
	{ "damaged: many", read_many, 0, COLD | REFUSED | TOLD | DAMAGED | PASSES_ON, EILSEQ },
	{ "damaged: cached", read_cached, 0, COLD | REFUSED | TOLD | DAMAGED, EIO },
	{ "damaged: scrub", scrub_damaged, 0, COLD | UNREADABLE | TOLD | DAMAGED, 0 },
	{ "no record", read_without_record, 0, COLD | REFUSED | TOLD | NO_RECORD | PASSES_ON,
	  EILSEQ },
	{ "no record: ioctl", get_record, 0, COLD | REFUSED | NO_RECORD | NONE_IN_WORKERS, EILSEQ },
	{ }
};

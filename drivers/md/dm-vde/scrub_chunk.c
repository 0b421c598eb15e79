// SPDX-License-Identifier: GPL-2.0-only
/* Scrub: a chunk of data and its write records, as they are on the disk now. */
#include "digest.h"
#include "scrub.h"
#include "verify.h"
#include "volume.h"
#include "worm.h"
#include "worm_records.h"

static void found(struct vde_scrub *scrub, u64 block, bool record,
		  enum vde_fault fault)
{
	struct vde_scrub_status *status = &scrub->status;

	vde_verify_report(&scrub->worm->verify, block, record, fault);
	spin_lock(&scrub->lock);
	if (status->corrupted < VDE_IOC_SCRUB_BLOCKS)
		status->blocks[status->corrupted] = block;
	status->corrupted++;
	spin_unlock(&scrub->lock);
}

/* Never from the cache, which may hold what the disk has lost. */
static enum vde_fault read_log(struct vde_scrub *scrub)
{
	struct vde_region *region = &scrub->worm->region;
	struct vde_scrub_log *log = &scrub->log;
	s64 time = log->before;
	enum vde_fault fault;
	u64 hwm;

	if (!vde_records_copy_block(scrub->worm, log->index, log->block,
				    &hwm)) {
		if (vde_media_read(&region->volume->media,
				   region->geo.meta_start + log->index, 1,
				   log->block))
			return VDE_FAULT_READ;
		fault = vde_block_check(log->block, VDE_TAG_WORM);
		if (fault)
			return fault;
	}
	fault = vde_record_check_block(log->block, log->index, hwm, &time);
	if (!fault)
		log->time = time;
	return fault;
}

/* Its times must not be before those of the last sound block that was read. */
static void load_log(struct vde_scrub *scrub, u64 index)
{
	struct vde_scrub_log *log = &scrub->log;

	if (log->index != index)
		log->before = index && log->index == index - 1 ? log->time : 0;
	log->index = index;
	log->time = log->before;
	log->fault = read_log(scrub);
	log->loaded = true;
}

static void check_block(struct vde_scrub *scrub, u64 block, const void *data,
			bool unreadable)
{
	struct vde_scrub_log *log = &scrub->log;
	enum vde_fault fault = VDE_FAULT_READ;
	u64 index;
	u32 offset;

	vde_record_where(block, &index, &offset);
	if (!log->loaded || log->index != index)
		load_log(scrub, index);
	if (log->fault) {
		found(scrub, block, true, log->fault);
		return;
	}
	if (!unreadable)
		fault = vde_digest_check(scrub->worm->verify.tfm, data,
					 (void *)log->block + offset);
	if (fault)
		found(scrub, block, false, fault);
}

/* Where a chunk cannot be read, its readable blocks still can. */
static int read_data(struct vde_scrub *scrub, u64 first, u32 count,
		     u64 *unreadable)
{
	struct vde_region *region = &scrub->worm->region;
	struct vde_media *media = &region->volume->media;
	u64 place = region->geo.data_start + first;
	int err;
	u32 i;

	*unreadable = 0;
	err = vde_media_read(media, place, count, scrub->data);
	for (i = 0; err && err != -ENOSPC && i < count; i++) {
		void *data = scrub->data + i * VDE_BLOCK_SIZE;

		if (vde_media_read(media, place + i, 1, data))
			*unreadable |= BIT_ULL(i);
	}
	return err == -ENOSPC ? err : 0;
}

/**
 * vde_scrub_chunk - compare blocks with their records
 * @scrub: running; the caller is inside the region's gate
 * @first: first block
 * @count: how many, up to VDE_SCRUB_BLOCKS, all below the high-water mark
 *
 * Sleeps. Damage is reported and counted; it is no error.
 *
 * Return: 0, or -ENOSPC when the disk has become too small.
 */
int vde_scrub_chunk(struct vde_scrub *scrub, u64 first, u32 count)
{
	u64 unreadable;
	u32 i;
	int err;

	err = read_data(scrub, first, count, &unreadable);
	for (i = 0; !err && i < count; i++)
		check_block(scrub, first + i, scrub->data + i * VDE_BLOCK_SIZE,
			    unreadable & BIT_ULL(i));
	return err;
}

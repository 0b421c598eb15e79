// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write records on their way to the disk. Of all records only the last block
 * is kept: when it is full and published it is written in place, once. Format
 * sections "WORM region metadata" and "The rules of a commit".
 */
#include <linux/slab.h>

#include "media.h"
#include "worm_log.h"

#define RESERVED_BLOCKS 3
#define MAX_FULL_BLOCKS 256	/* 1 MiB of records waiting for the disk */

static void *alloc_block(gfp_t gfp, void *unused)
{
	struct vde_log_block *block = kmalloc(sizeof(*block), gfp);

	if (!block)
		return NULL;
	block->data = kmalloc(sizeof(*block->data), gfp);
	if (!block->data) {
		kfree(block);
		return NULL;
	}
	return block;
}

static void free_block(void *element, void *unused)
{
	struct vde_log_block *block = element;

	kfree(block->data);
	kfree(block);
}

/* Never sleeps; NULL when memory is short and the reserve is in use. */
static struct vde_log_block *new_block(struct vde_worm_log *log, u64 index)
{
	struct vde_log_block *block = mempool_alloc(&log->pool, GFP_NOWAIT |
						    __GFP_NOWARN);

	if (block) {
		block->index = index;
		block->stale = false;
		memset(block->data, 0, sizeof(*block->data));
	}
	return block;
}

/**
 * vde_worm_log_init - make an empty log
 * @log: to fill; released with vde_worm_log_exit()
 * @geo: region; must outlive @log
 *
 * Return: 0 or -ENOMEM.
 */
int vde_worm_log_init(struct vde_worm_log *log, const struct vde_geometry *geo)
{
	int err;

	log->geo = geo;
	INIT_LIST_HEAD(&log->full);
	INIT_LIST_HEAD(&log->writing);
	err = mempool_init(&log->pool, RESERVED_BLOCKS, alloc_block, free_block,
			   NULL);
	if (err)
		return err;
	log->base = new_block(log, 0);
	log->tail = log->base;
	return 0;
}

static void free_full(struct vde_worm_log *log, u64 from)
{
	struct vde_log_block *block, *next;

	list_for_each_entry_safe(block, next, &log->full, list) {
		if (block->index < from)
			continue;
		list_del(&block->list);
		log->full_count--;
		mempool_free(block, &log->pool);
	}
}

/**
 * vde_worm_log_exit - free a log
 * @log: from vde_worm_log_init(); what it holds is committed or lost
 */
void vde_worm_log_exit(struct vde_worm_log *log)
{
	free_full(log, 0);
	vde_worm_log_free(log, &log->writing);
	if (log->tail != log->base)
		mempool_free(log->tail, &log->pool);
	mempool_free(log->base, &log->pool);
	mempool_exit(&log->pool);
}

/**
 * vde_worm_log_load - go on from a recovered block
 * @log: holds nothing that counts
 * @block: checked 4096 bytes of the block with the newest record
 * @hwm: high-water mark, in blocks
 * @last_time: ticks of the newest record, or 0
 */
void vde_worm_log_load(struct vde_worm_log *log, const void *block, u64 hwm,
		       s64 last_time)
{
	free_full(log, 0);
	vde_worm_log_free(log, &log->writing);
	log->base->index = vde_record_open_block(hwm);
	log->lowest = log->base->index;
	memcpy(log->base->data, block, sizeof(*log->base->data));
	vde_record_truncate(log->base->data, log->base->index, hwm);
	log->next = hwm;
	log->last_time = last_time;
}

/**
 * vde_worm_log_full - must the next record go to a new block?
 * @log: loaded log
 *
 * Return: true if so: vde_worm_log_next() and _extend() come first.
 */
bool vde_worm_log_full(const struct vde_worm_log *log)
{
	u64 index = log->tail->index;

	return log->next == vde_record_block_first(index) +
			    vde_record_block_count(index);
}

/**
 * vde_worm_log_next - make the block after a full tail
 * @log: full log
 *
 * Return: the block for vde_worm_log_extend(); NULL when it must wait until
 * vde_worm_log_write() has freed some.
 */
struct vde_log_block *vde_worm_log_next(struct vde_worm_log *log)
{
	if (READ_ONCE(log->full_count) >= MAX_FULL_BLOCKS)
		return NULL;
	return new_block(log, log->tail->index + 1);
}

static void queue_full(struct vde_worm_log *log, struct vde_log_block *block)
{
	list_add_tail(&block->list, &log->full);
	log->full_count++;
}

/**
 * vde_worm_log_extend - go on in a new block
 * @log: full log; the append queue's lock is held
 * @block: from vde_worm_log_next()
 * @sequence: of the next commit; generation of the block that is full, so that
 *	generations never decrease along the log
 *
 * A full block of an unpublished append holds no committed content, so that
 * it may go to the disk at once; the base stays, as it may have to be rolled
 * back.
 */
void vde_worm_log_extend(struct vde_worm_log *log, struct vde_log_block *block,
			 u64 sequence)
{
	log->tail->generation = sequence;
	if (log->tail != log->base)
		queue_full(log, log->tail);
	log->tail = block;
}

/**
 * vde_worm_log_add - add the next record
 * @log: log that is not full; called by the append worker
 * @now: wall time in ticks; a record is never older than the one before
 * @length: bytes of user data in the block, 1..4096
 * @digest: SHA-256 of those bytes
 */
void vde_worm_log_add(struct vde_worm_log *log, s64 now, u32 length,
		      const u8 digest[SHA256_DIGEST_SIZE])
{
	log->last_time = max(now, log->last_time);
	vde_record_encode(vde_record_slot(log->tail->data, log->next),
			  log->next, log->last_time, length, digest);
	log->next++;
}

/**
 * vde_worm_log_publish - what was added counts
 * @log: its newest record is the last of an append; the append queue's lock
 *	is held
 */
void vde_worm_log_publish(struct vde_worm_log *log)
{
	if (log->tail == log->base)
		return;
	queue_full(log, log->base);
	log->base = log->tail;
}

/**
 * vde_worm_log_rollback - forget what was added since the last publication
 * @log: any log; the append queue's lock is held
 * @hwm: high-water mark, in blocks
 *
 * Blocks that the commit worker has taken already may still reach the disk;
 * they hold nothing that counts and will be overwritten.
 */
void vde_worm_log_rollback(struct vde_worm_log *log, u64 hwm)
{
	struct vde_log_block *block;

	if (log->tail != log->base) {
		free_full(log, log->base->index + 1);
		list_for_each_entry(block, &log->writing, list)
			if (block->index > log->base->index)
				block->stale = true;
		mempool_free(log->tail, &log->pool);
		log->tail = log->base;
	}
	vde_record_truncate(log->base->data, log->base->index, hwm);
	log->next = hwm;
}

/**
 * vde_worm_log_image - the base as a commit images it
 * @log: any log; the append queue's lock is held
 * @hwm: high-water mark, in blocks
 * @image: set to 4096 bytes without records at or above @hwm
 */
void vde_worm_log_image(const struct vde_worm_log *log, u64 hwm, void *image)
{
	memcpy(image, log->base->data, VDE_BLOCK_SIZE);
	vde_record_truncate(image, log->base->index, hwm);
}

/**
 * vde_worm_log_take_full - take the full blocks for writing
 * @log: any log; the append queue's lock is held
 *
 * Return: how many.
 */
u32 vde_worm_log_take_full(struct vde_worm_log *log)
{
	u32 count = log->full_count;

	list_splice_tail_init(&log->full, &log->writing);
	log->full_count = 0;
	return count;
}

/**
 * vde_worm_log_write - write the blocks that were taken in place
 * @log: their log
 * @media: disk beneath
 *
 * Sleeps. After a failure they stay in memory: the region has failed, but what
 * was acknowledged can still be read.
 *
 * Return: 0 when the disk has them, perhaps only in its cache; or -EIO.
 */
int vde_worm_log_write(struct vde_worm_log *log, struct vde_media *media)
{
	struct vde_media_batch batch;
	struct vde_log_block *block;

	vde_media_batch_begin(&batch);
	list_for_each_entry(block, &log->writing, list) {
		vde_block_seal(block->data, VDE_TAG_WORM, block->generation);
		vde_media_batch_write(media, &batch,
				      log->geo->meta_start + block->index,
				      block->data);
	}
	return vde_media_batch_wait(&batch);
}

/**
 * vde_worm_log_take_written - readers find the written blocks on the disk now
 * @log: vde_worm_log_write() succeeded; the append queue's lock is held
 * @written: empty list, set to the blocks
 */
void vde_worm_log_take_written(struct vde_worm_log *log,
			       struct list_head *written)
{
	const struct vde_log_block *block;

	list_splice_init(&log->writing, written);
	/* The lists are in no order: an unpublished block may come first. */
	log->lowest = log->base->index;
	list_for_each_entry(block, &log->full, list)
		log->lowest = min(log->lowest, block->index);
}

/**
 * vde_worm_log_free - free blocks that nobody can find any more
 * @log: their log
 * @written: from vde_worm_log_take_written(); empty afterwards
 */
void vde_worm_log_free(struct vde_worm_log *log, struct list_head *written)
{
	struct vde_log_block *block, *next;

	list_for_each_entry_safe(block, next, written, list)
		mempool_free(block, &log->pool);
	INIT_LIST_HEAD(written);
}

/**
 * vde_worm_log_lose - the block with the newest record cannot be recovered
 * @log: log that will not be written to
 */
void vde_worm_log_lose(struct vde_worm_log *log)
{
	log->base->index = U64_MAX;
	log->lowest = U64_MAX;
}

/**
 * vde_worm_log_lowest - which blocks are final on the disk?
 * @log: any log; the append queue's lock is held
 *
 * Return: all metadata blocks below this one are; it goes down with
 * vde_worm_log_load() only.
 */
u64 vde_worm_log_lowest(const struct vde_worm_log *log)
{
	return log->lowest;
}

static const void *find_in(const struct list_head *blocks, u64 index)
{
	const struct vde_log_block *block;

	list_for_each_entry(block, blocks, list)
		if (block->index == index && !block->stale)
			return block->data;
	return NULL;
}

/**
 * vde_worm_log_find - a block that is not in its place on the disk yet
 * @log: any log; the append queue's lock is held
 * @index: metadata block with a published record
 *
 * Return: its data while the lock is held, its trailer undefined; NULL when it
 * is final on the disk.
 */
const void *vde_worm_log_find(const struct vde_worm_log *log, u64 index)
{
	const void *data;

	if (index < log->lowest)
		return NULL;
	if (index == log->base->index)
		return log->base->data;
	data = find_in(&log->full, index);
	return data ? data : find_in(&log->writing, index);
}

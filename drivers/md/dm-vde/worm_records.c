// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write records for readers: in memory as long as their block is not in its
 * place, then on the disk, through the cache. Format section "The rules of a
 * commit".
 */
#include <linux/err.h>

#include "volume.h"
#include "worm.h"
#include "worm_records.h"

/* What a cached block's note says once it has been checked. */
#define NOTE_SOUND 1

/**
 * vde_record_cursor_init - begin to look up records
 * @cursor: to initialise
 * @worm: active region, and active until vde_record_cursor_put()
 */
void vde_record_cursor_init(struct vde_record_cursor *cursor,
			    struct vde_worm *worm)
{
	cursor->worm = worm;
	cursor->index = U64_MAX;
	cursor->buffer = NULL;
	cursor->fault = VDE_FAULT_NONE;
	cursor->err = 0;
}

/**
 * vde_record_cursor_put - let go of what a cursor keeps
 * @cursor: any cursor; can be used again
 */
void vde_record_cursor_put(struct vde_record_cursor *cursor)
{
	if (cursor->buffer)
		vde_media_cache_put(cursor->buffer);
	cursor->buffer = NULL;
	cursor->index = U64_MAX;
	cursor->fault = VDE_FAULT_NONE;
	cursor->err = 0;
}

static u64 imaged_block(const struct vde_worm *worm)
{
	return le64_to_cpu(worm->commits.slot->record.imaged);
}

/*
 * Where nothing is written, the newest commit's image may not have been put in
 * its place: it serves instead.
 */
static const void *find_in_memory(const struct vde_worm *worm, u64 index)
{
	const void *block = vde_worm_log_find(&worm->log, index);

	if (!block && !worm->region.writing && imaged_block(worm) == index)
		block = &worm->commits.slot->image;
	return block;
}

static bool copy_from_memory(struct vde_worm *worm, u64 index, u64 n,
			     struct vde_disk_record *record)
{
	const void *block;
	u64 unused;
	u32 offset;

	vde_record_where(n, &unused, &offset);
	spin_lock(&worm->queue.lock);
	block = find_in_memory(worm, index);
	if (block)
		memcpy(record, block + offset, sizeof(*record));
	spin_unlock(&worm->queue.lock);
	return block;
}

static enum vde_fault check(struct vde_worm *worm, u64 index,
			    const void *block)
{
	enum vde_fault fault = vde_block_check(block, VDE_TAG_WORM);
	s64 time = 0;

	if (fault)
		return fault;
	return vde_record_check_block(block, index,
				      vde_append_published(&worm->queue),
				      &time);
}

/* Damage is looked for once; a damaged block is read anew each time. */
static int load(struct vde_record_cursor *cursor, u64 index)
{
	struct vde_worm *worm = cursor->worm;
	struct vde_media *media = &worm->region.volume->media;
	u64 place = worm->region.geo.meta_start + index;
	const void *block;
	u32 *note;

	block = vde_media_cache_get(media, place, &cursor->buffer);
	if (IS_ERR(block)) {
		cursor->buffer = NULL;
		return PTR_ERR(block);
	}
	cursor->index = index;
	cursor->block = block;
	note = vde_media_cache_note(cursor->buffer);
	if (READ_ONCE(*note) == NOTE_SOUND)
		return 0;
	cursor->fault = check(worm, index, block);
	if (!cursor->fault) {
		WRITE_ONCE(*note, NOTE_SOUND);
		return 0;
	}
	vde_media_cache_put(cursor->buffer);
	cursor->buffer = NULL;
	vde_media_cache_drop(media, place, 1);
	return 0;
}

/**
 * vde_record_cursor_get - look up a record
 * @cursor: initialised
 * @n: its number, which is that of its data block; below the high-water mark
 * @record: set to a copy
 *
 * Sleeps. Keeps the block of the record until the next call that needs another
 * one, or vde_record_cursor_put(); until then the caller must not wait for
 * memory.
 *
 * Return: 0; -EILSEQ when the block of the record is damaged, with @cursor's
 * fault set; or -EIO when it cannot be read.
 */
int vde_record_cursor_get(struct vde_record_cursor *cursor, u64 n,
			  struct vde_disk_record *record)
{
	u64 index;
	u32 offset;

	vde_record_where(n, &index, &offset);
	if (cursor->index != index) {
		vde_record_cursor_put(cursor);
		if (copy_from_memory(cursor->worm, index, n, record))
			return 0;
		cursor->err = load(cursor, index);
		cursor->index = index;
	}
	if (cursor->err)
		return cursor->err;
	if (cursor->fault)
		return -EILSEQ;
	memcpy(record, cursor->block + offset, sizeof(*record));
	return 0;
}

/**
 * vde_records_copy_block - copy a block of records, unless it is on the disk
 * @worm: active region
 * @index: metadata block with a published record
 * @block: set to its records, without a trailer
 * @hwm: set to the high-water mark, which is that of the copy
 *
 * Return: true; false when the block is final on the disk.
 */
bool vde_records_copy_block(struct vde_worm *worm, u64 index, void *block,
			    u64 *hwm)
{
	const void *found;

	spin_lock(&worm->queue.lock);
	*hwm = worm->queue.published;
	found = find_in_memory(worm, index);
	if (found)
		memcpy(block, found, VDE_BLOCK_SIZE);
	spin_unlock(&worm->queue.lock);
	if (found)
		vde_record_truncate(block, index, *hwm);
	return found;
}

/**
 * vde_records_fill - read blocks of records ahead into the cache
 * @worm: active region
 * @index: first metadata block
 * @count: how many
 *
 * Sleeps. Leaves out what is not final on the disk.
 */
void vde_records_fill(struct vde_worm *worm, u64 index, u32 count)
{
	const struct vde_geometry *geo = &worm->region.geo;
	u64 end;

	spin_lock(&worm->queue.lock);
	end = min(vde_worm_log_lowest(&worm->log), geo->meta_blocks);
	spin_unlock(&worm->queue.lock);
	if (index < end)
		vde_media_cache_fill(&worm->region.volume->media,
				     geo->meta_start + index,
				     min_t(u64, count, end - index));
}

/**
 * vde_records_drop - forget every cached block of records
 * @worm: region without a cursor in use or a vde_records_fill() under way
 */
void vde_records_drop(struct vde_worm *worm)
{
	const struct vde_geometry *geo = &worm->region.geo;

	vde_media_cache_drop(&worm->region.volume->media, geo->meta_start,
			     geo->meta_blocks);
}

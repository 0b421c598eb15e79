// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cached metadata: what is read again and again while a volume is in use. Only
 * blocks that are final on the disk belong here, and none is ever dirty: the
 * cache could write it whenever it liked. Format section "The rules of a
 * commit".
 */
#include <linux/dm-bufio.h>
#include <linux/err.h>

#include "media.h"
#include "vde_disk.h"

/* Progress needs one; more keep several readers going without free memory. */
#define RESERVED_BUFFERS 4

static void forget_note(struct dm_buffer *buffer)
{
	u32 *note = dm_bufio_get_aux_data(buffer);

	*note = 0;
}

/**
 * vde_media_cache_open - make a volume's cache
 * @media: its disk is open for reading
 *
 * Return: 0 or a negative errno.
 */
int vde_media_cache_open(struct vde_media *media)
{
	struct dm_bufio_client *cache;

	cache = dm_bufio_client_create(media->bdev, VDE_BLOCK_SIZE,
				       RESERVED_BUFFERS, sizeof(u32),
				       forget_note, NULL, 0);
	if (IS_ERR(cache))
		return PTR_ERR(cache);
	media->cache = cache;
	return 0;
}

/**
 * vde_media_cache_close - free the cache
 * @media: from vde_media_cache_open(), no block in use
 */
void vde_media_cache_close(struct vde_media *media)
{
	dm_bufio_client_destroy(media->cache);
}

/**
 * vde_media_cache_get - read a metadata block, or find it in the cache
 * @media: open media
 * @block: block of the volume; final on the disk
 * @buffer: set to what vde_media_cache_put() takes
 *
 * Sleeps, but not for memory that others would have to free: a caller holds
 * one block at most, and waits for nothing else while it does.
 *
 * Return: its 4096 bytes, or ERR_PTR(-EIO).
 */
const void *vde_media_cache_get(struct vde_media *media, u64 block,
				struct dm_buffer **buffer)
{
	void *data = dm_bufio_read(media->cache, block, buffer);

	return IS_ERR(data) ? ERR_PTR(-EIO) : data;
}

/**
 * vde_media_cache_note - what users of a block have remembered about it
 * @buffer: from vde_media_cache_get()
 *
 * Return: place for a number; 0 after the block was read from the disk.
 */
u32 *vde_media_cache_note(struct dm_buffer *buffer)
{
	return dm_bufio_get_aux_data(buffer);
}

/**
 * vde_media_cache_put - give a block back
 * @buffer: from vde_media_cache_get()
 */
void vde_media_cache_put(struct dm_buffer *buffer)
{
	dm_bufio_release(buffer);
}

/**
 * vde_media_cache_fill - read blocks that will soon be needed
 * @media: open media
 * @block: first block of the volume; all are final on the disk
 * @count: how many
 *
 * Errors are left to those who need the blocks. When it returns nothing is
 * being read any more, so that vde_media_cache_drop() leaves nothing behind.
 */
void vde_media_cache_fill(struct vde_media *media, u64 block, u32 count)
{
	struct dm_buffer *buffer;

	dm_bufio_prefetch(media->cache, block, count);
	for (; count; block++, count--)
		if (!IS_ERR(dm_bufio_read(media->cache, block, &buffer)))
			dm_bufio_release(buffer);
}

/**
 * vde_media_cache_drop - forget blocks
 * @media: open media
 * @block: first block of the volume
 * @count: how many
 *
 * What somebody holds, or is being read, stays: the caller sees to it that
 * there is no such thing where it matters.
 */
void vde_media_cache_drop(struct vde_media *media, u64 block, u64 count)
{
	dm_bufio_forget_buffers(media->cache, block, count);
}

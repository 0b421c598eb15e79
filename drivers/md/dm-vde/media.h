/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_MEDIA_H
#define VDE_MEDIA_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/types.h>

#include "compat.h"

struct block_device;
struct dm_buffer;
struct dm_bufio_client;
struct dm_io_client;

/**
 * struct vde_media - the disk beneath a volume
 * @bdev: for I/O; valid from open to close
 * @reader: read handle
 * @writer: write handle, not open until vde_media_allow_writes()
 * @io: dm-io client
 * @cache: metadata blocks that are final
 *
 * Born with the volume object and dies with it. Each call may sleep; several
 * may run at once on blocks that do not overlap.
 */
struct vde_media {
	struct block_device *bdev;
	struct vde_bdev reader;
	struct vde_bdev writer;
	struct dm_io_client *io;
	struct dm_bufio_client *cache;
};

/**
 * struct vde_media_batch - writes that are waited for together
 * @pending: writes in flight, plus one while more are being added
 * @failed: set when any of them failed
 * @done: completed when the last one ended
 */
struct vde_media_batch {
	atomic_t pending;
	bool failed;
	struct completion done;
};

int vde_media_open(struct vde_media *media, dev_t dev);
int vde_media_allow_writes(struct vde_media *media);
void vde_media_close(struct vde_media *media);
u64 vde_media_blocks(const struct vde_media *media);
int vde_media_read(struct vde_media *media, u64 block, u32 count, void *buf);
int vde_media_write(struct vde_media *media, u64 block, u32 count, void *buf);
int vde_media_write_durable(struct vde_media *media, u64 block, u32 count,
			    void *buf);
int vde_media_flush(struct vde_media *media);
void vde_media_batch_begin(struct vde_media_batch *batch);
void vde_media_batch_write(struct vde_media *media,
			   struct vde_media_batch *batch, u64 block, void *buf);
int vde_media_batch_wait(struct vde_media_batch *batch);

/* media_cache.c */
int vde_media_cache_open(struct vde_media *media);
void vde_media_cache_close(struct vde_media *media);
const void *vde_media_cache_get(struct vde_media *media, u64 block,
				struct dm_buffer **buffer);
u32 *vde_media_cache_note(struct dm_buffer *buffer);
void vde_media_cache_put(struct dm_buffer *buffer);
void vde_media_cache_fill(struct vde_media *media, u64 block, u32 count);
void vde_media_cache_drop(struct vde_media *media, u64 block, u64 count);

#endif /* VDE_MEDIA_H */

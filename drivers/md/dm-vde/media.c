// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metadata I/O: the only submitter of it. Reads go to the disk each time,
 * because what they serve (activation, resume, close) must not trust a cache;
 * media_cache.c is for the others. What is written in place drops out of the
 * cache; commit slots and superblocks never are in it.
 */
#include <linux/blkdev.h>
#include <linux/dm-io.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "compat.h"
#include "media.h"
#include "vde_disk.h"

/**
 * vde_media_open - open the disk beneath a volume for reading
 * @media: to fill
 * @dev: device number
 *
 * Return: 0 or a negative errno.
 */
int vde_media_open(struct vde_media *media, dev_t dev)
{
	int err = vde_bdev_open(&media->reader, dev, false);

	if (err)
		return err;
	media->writer.bdev = NULL;
	media->bdev = media->reader.bdev;
	media->io = dm_io_client_create();
	if (IS_ERR(media->io)) {
		err = PTR_ERR(media->io);
		goto close;
	}
	err = vde_media_cache_open(media);
	if (!err)
		return 0;
	dm_io_client_destroy(media->io);
close:
	vde_bdev_close(&media->reader);
	return err;
}

/**
 * vde_media_allow_writes - open the disk for writing as well
 * @media: open media
 *
 * Return: 0, -EROFS on a read-only disk, or a negative errno.
 */
int vde_media_allow_writes(struct vde_media *media)
{
	if (bdev_read_only(media->bdev))
		return -EROFS;
	if (media->writer.bdev)
		return 0;
	return vde_bdev_open(&media->writer, media->bdev->bd_dev, true);
}

/**
 * vde_media_close - let go of the disk
 * @media: open media, nothing in flight
 */
void vde_media_close(struct vde_media *media)
{
	vde_media_cache_close(media);
	dm_io_client_destroy(media->io);
	if (media->writer.bdev)
		vde_bdev_close(&media->writer);
	vde_bdev_close(&media->reader);
}

/**
 * vde_media_blocks - size of the disk now
 * @media: open media
 *
 * Return: whole blocks of 4096 bytes.
 */
u64 vde_media_blocks(const struct vde_media *media)
{
	return bdev_nr_sectors(media->bdev) / VDE_SECTORS_PER_BLOCK;
}

static int transfer(struct vde_media *media, blk_opf_t opf, u64 block,
		    u32 count, void *buf)
{
	struct dm_io_request request = {
		.bi_opf = opf | REQ_META | REQ_SYNC,
		.mem.type = is_vmalloc_addr(buf) ? DM_IO_VMA : DM_IO_KMEM,
		.mem.ptr.addr = buf,
		.client = media->io,
	};
	struct dm_io_region region = {
		.bdev = media->bdev,
		.sector = block * VDE_SECTORS_PER_BLOCK,
		.count = count * VDE_SECTORS_PER_BLOCK,
	};

	return vde_dm_io(&request, &region);
}

/**
 * vde_media_read - read metadata blocks
 * @media: open media
 * @block: first block of the volume
 * @count: how many
 * @buf: @count x 4096 bytes of kernel memory
 *
 * Return: 0, or -ENOSPC beyond the end of the disk, or -EIO.
 */
int vde_media_read(struct vde_media *media, u64 block, u32 count, void *buf)
{
	u64 size = vde_media_blocks(media);

	if (block > size || count > size - block)
		return -ENOSPC;
	return transfer(media, REQ_OP_READ, block, count, buf);
}

/**
 * vde_media_write - write metadata blocks
 * @media: open media
 * @block: first block of the volume
 * @count: how many
 * @buf: @count x 4096 bytes of kmalloc memory
 *
 * Return: 0 when the disk has them, perhaps only in its cache; or -EIO.
 */
int vde_media_write(struct vde_media *media, u64 block, u32 count, void *buf)
{
	int err = transfer(media, REQ_OP_WRITE, block, count, buf);

	vde_media_cache_drop(media, block, count);
	return err;
}

/**
 * vde_media_write_durable - write after all before it, and for good
 * @media: open media
 * @block: first block of the volume
 * @count: how many
 * @buf: @count x 4096 bytes of kmalloc memory
 *
 * All writes that had completed before the call are durable before these
 * blocks are, and these blocks are when it returns. The flush is a request of
 * its own, since dm, should it be beneath, drops the error of a PREFLUSH with
 * data; the block layer would split the two all the same.
 *
 * Return: 0 or -EIO.
 */
int vde_media_write_durable(struct vde_media *media, u64 block, u32 count,
			    void *buf)
{
	if (vde_media_flush(media))
		return -EIO;
	return transfer(media, REQ_OP_WRITE | REQ_FUA, block, count, buf);
}

/**
 * vde_media_flush - make every completed write durable
 * @media: open media
 *
 * Return: 0 or a negative errno.
 */
int vde_media_flush(struct vde_media *media)
{
	return blkdev_issue_flush(media->bdev);
}

static void batch_put(struct vde_media_batch *batch)
{
	if (atomic_dec_and_test(&batch->pending))
		complete(&batch->done);
}

static void batch_end(unsigned long error, void *context)
{
	struct vde_media_batch *batch = context;

	if (error)
		WRITE_ONCE(batch->failed, true);
	batch_put(batch);
}

VDE_DM_IO_NOTIFY(batch_notify, batch_end)

/**
 * vde_media_batch_begin - start a batch of writes
 * @batch: to initialise; stays in use until vde_media_batch_wait() returned
 */
void vde_media_batch_begin(struct vde_media_batch *batch)
{
	atomic_set(&batch->pending, 1);
	batch->failed = false;
	init_completion(&batch->done);
}

/**
 * vde_media_batch_write - submit one metadata block
 * @media: open media
 * @batch: begun
 * @block: block of the volume
 * @buf: 4096 bytes of kmalloc memory, untouched until the batch was waited for
 */
void vde_media_batch_write(struct vde_media *media,
			   struct vde_media_batch *batch, u64 block, void *buf)
{
	struct dm_io_request request = {
		.bi_opf = REQ_OP_WRITE | REQ_META,
		.mem.type = DM_IO_KMEM,
		.mem.ptr.addr = buf,
		.notify.fn = batch_notify,
		.notify.context = batch,
		.client = media->io,
	};
	struct dm_io_region region = {
		.bdev = media->bdev,
		.sector = block * VDE_SECTORS_PER_BLOCK,
		.count = VDE_SECTORS_PER_BLOCK,
	};

	/* Until it is written, readers look in memory first. */
	vde_media_cache_drop(media, block, 1);
	atomic_inc(&batch->pending);
	if (vde_dm_io(&request, &region)) {
		WRITE_ONCE(batch->failed, true);
		batch_put(batch);
	}
}

/**
 * vde_media_batch_wait - wait for every write of a batch
 * @batch: begun
 *
 * Return: 0, or -EIO when any of them failed.
 */
int vde_media_batch_wait(struct vde_media_batch *batch)
{
	batch_put(batch);
	wait_for_completion_io(&batch->done);
	return batch->failed ? -EIO : 0;
}

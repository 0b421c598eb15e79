// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bios to a stream's block node, whose blocks are absolute positions. What is
 * not in the ring cannot be read, and what leaves it while it is being read
 * fails: no position ever shows another's data.
 */
#include <linux/device-mapper.h>

#include "stream.h"
#include "volume.h"

/* How many of the blocks from start on are alike: readable, or not. */
static u64 alike(const struct vde_ring *ring, u64 start, u64 blocks)
{
	if (start < ring->tail)
		return min(blocks, ring->tail - start);
	if (start < ring->head)
		return min(blocks, ring->head - start);
	return blocks;
}

static int refuse_read(struct bio *bio, blk_status_t status)
{
	struct vde_stream_bio *read = dm_per_bio_data(bio, sizeof(*read));

	read->counted = false;
	vde_region_end_bio(bio, status);
	return DM_MAPIO_SUBMITTED;
}

/* Count a read of blocks that are alike; false if they cannot be read. */
static bool begin_read(struct vde_stream *stream, u64 start, u64 *blocks)
{
	const struct vde_ring *ring = &stream->ring;
	bool readable;

	spin_lock(&stream->queue.lock);
	*blocks = alike(ring, start, *blocks);
	readable = !stream->resetting && vde_ring_holds(ring, start, *blocks);
	if (readable)
		atomic_inc(&stream->reads);
	spin_unlock(&stream->queue.lock);
	return readable;
}

static int map_read(struct vde_stream *stream, struct bio *bio)
{
	struct vde_stream_bio *read = dm_per_bio_data(bio, sizeof(*read));
	u64 start = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	u64 all = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	u64 contiguous, place;
	u64 blocks = all;
	bool readable;

	if (!vde_region_is_aligned(bio))
		return refuse_read(bio, BLK_STS_IOERR);
	readable = begin_read(stream, start, &blocks);
	place = vde_ring_place(&stream->ring, start, &contiguous);
	if (readable)
		blocks = min(blocks, contiguous);
	if (blocks < all)
		dm_accept_partial_bio(bio, blocks * VDE_SECTORS_PER_BLOCK);
	if (!readable)
		return refuse_read(bio, BLK_STS_MEDIUM);
	read->start = start;
	read->counted = true;
	bio_set_dev(bio, stream->region.volume->media.bdev);
	bio->bi_iter.bi_sector = (stream->region.geo.data_start + place) *
				 VDE_SECTORS_PER_BLOCK;
	return DM_MAPIO_REMAPPED;
}

static int map_write(struct vde_stream *stream, struct bio *bio)
{
	struct vde_append *append = dm_per_bio_data(bio, sizeof(*append));
	bool durable = stream->sync || bio->bi_opf & (REQ_FUA | REQ_PREFLUSH);

	if (vde_region_mode(&stream->region) != VDE_MODE_RW ||
	    !vde_region_is_aligned(bio))
		vde_region_fail_write(&stream->region, bio, BLK_STS_IOERR);
	else
		vde_append_admit(&stream->queue, append, bio, durable);
	return DM_MAPIO_SUBMITTED;
}

/**
 * vde_stream_map - handle a bio
 * @region: active stream
 * @bio: addressed from position 0
 *
 * Return: DM_MAPIO_*.
 */
int vde_stream_map(struct vde_region *region, struct bio *bio)
{
	struct vde_stream *stream = to_stream(region);

	if (op_is_flush(bio->bi_opf) && !bio_sectors(bio)) {
		vde_committer_flush(&stream->committer, bio);
		return DM_MAPIO_SUBMITTED;
	}
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		return map_read(stream, bio);
	case REQ_OP_WRITE:
		return map_write(stream, bio);
	default:
		vde_region_refuse(region, bio, VDE_REFUSED_OP,
				  vde_append_published(&stream->queue));
		return DM_MAPIO_SUBMITTED;
	}
}

/**
 * vde_stream_end_io - a bio has ended
 * @region: active stream
 * @bio: from vde_stream_map()
 * @status: its outcome; what was reclaimed meanwhile may have been overwritten
 *	already, so that it fails
 *
 * Called in interrupts.
 */
void vde_stream_end_io(struct vde_region *region, struct bio *bio,
		       blk_status_t *status)
{
	const struct vde_stream_bio *read =
		dm_per_bio_data(bio, sizeof(*read));
	struct vde_stream *stream = to_stream(region);

	if (bio_op(bio) != REQ_OP_READ || !read->counted)
		return;
	/* That is what tells that a position is not in the ring, only. */
	if (*status == BLK_STS_MEDIUM)
		*status = BLK_STS_IOERR;
	if (!*status && atomic64_read(&stream->floor) > read->start)
		*status = BLK_STS_MEDIUM;
	if (atomic_dec_and_test(&stream->reads))
		wake_up(&stream->no_reads);
}

/**
 * vde_stream_stop_reads - let reads find nothing, and wait for those in flight
 * @stream: active stream
 *
 * Reads of the block node, that is; several may stop them at once. Sleeps.
 */
void vde_stream_stop_reads(struct vde_stream *stream)
{
	spin_lock(&stream->queue.lock);
	stream->resetting++;
	spin_unlock(&stream->queue.lock);
	wait_event(stream->no_reads, !atomic_read(&stream->reads));
}

/**
 * vde_stream_start_reads - let reads find what is there
 * @stream: after vde_stream_stop_reads()
 */
void vde_stream_start_reads(struct vde_stream *stream)
{
	spin_lock(&stream->queue.lock);
	stream->resetting--;
	spin_unlock(&stream->queue.lock);
}

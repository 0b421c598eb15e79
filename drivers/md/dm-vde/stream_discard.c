// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consumed space goes back to the disk beneath. A disk frees whole units of its
 * own only, such as the chunks of a thin pool: what is consumed of a unit in
 * several steps is passed down with the last one.
 */
#include <linux/blkdev.h>

#include "stream.h"
#include "volume.h"

static struct block_device *disk(const struct vde_stream *stream)
{
	return stream->region.volume->media.bdev;
}

/*
 * Where the unit begins in which a position lies, but not below @lowest: what
 * lies before the ring is not ours to discard.
 */
static u64 unit_start(const struct vde_stream *stream, u64 position, u64 lowest)
{
	u64 unit = bdev_discard_granularity(disk(stream)) >> SECTOR_SHIFT;
	u64 contiguous, place, sectors, blocks;

	if (unit <= VDE_SECTORS_PER_BLOCK)
		return position;
	place = vde_ring_place(&stream->ring, position, &contiguous);
	div64_u64_rem(get_start_sect(disk(stream)) +
		      (stream->region.geo.data_start + place) *
		      VDE_SECTORS_PER_BLOCK, unit, &sectors);
	blocks = DIV_ROUND_UP_ULL(sectors, VDE_SECTORS_PER_BLOCK);
	return position - min3(blocks, place, position - lowest);
}

/**
 * vde_stream_undiscarded - from where on can space be given back?
 * @stream: being activated, its ring loaded; the append queue's lock is held
 *
 * Return: the tail, or where the unit begins in which it lies.
 */
u64 vde_stream_undiscarded(const struct vde_stream *stream)
{
	const struct vde_ring *ring = &stream->ring;

	lockdep_assert_held(&stream->queue.lock);
	return unit_start(stream, ring->tail,
			  vde_ring_needed_tail(ring, ring->head));
}

static void discard_run(struct vde_stream *stream, u64 position, u64 blocks)
{
	struct vde_region *region = &stream->region;
	u64 contiguous;
	u64 place = vde_ring_place(&stream->snapshot, position, &contiguous);
	u64 count = min(blocks, contiguous);

	/* Only a hint to the disk: that it fails is no harm. */
	blkdev_issue_discard(disk(stream), (region->geo.data_start + place) *
			     VDE_SECTORS_PER_BLOCK,
			     count * VDE_SECTORS_PER_BLOCK, GFP_NOIO);
	if (count < blocks)
		discard_run(stream, position + count, blocks - count);
}

/*
 * What has been kept back lies below the durable tail: let nobody overwrite it
 * now, and leave out what is being overwritten.
 */
static u64 reclaim(struct vde_stream *stream)
{
	struct vde_append_queue *queue = &stream->queue;
	u64 from;

	spin_lock(&queue->lock);
	from = max(stream->discarded,
		   vde_ring_needed_tail(&stream->ring, queue->pointer));
	stream->reusable = min(stream->reusable, from);
	spin_unlock(&queue->lock);
	return from;
}

/**
 * vde_stream_discard - give consumed space back
 * @stream: its committer's lock is held, the snapshot is durable
 *
 * Nothing above @reusable is overwritten until the caller moves that on.
 * Sleeps.
 */
void vde_stream_discard(struct vde_stream *stream)
{
	u64 tail = stream->snapshot.tail;
	u64 end = tail;

	if (stream->discard && bdev_max_discard_sectors(disk(stream))) {
		u64 from = reclaim(stream);

		/* Of what was lost meanwhile, nothing will be waited for. */
		end = min(stream->snapshot_consumed, tail);
		if (end == tail && from < end)
			end = unit_start(stream, end, from);
		if (from < end)
			discard_run(stream, from, end - from);
		if (stream->snapshot_consumed < tail)
			end = tail;
	}
	stream->discarded = max(stream->discarded, end);
}

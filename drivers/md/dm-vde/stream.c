// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stream engine: a ring with absolute positions. Written at the head, in
 * order; readable from the tail to the head. Nothing is overwritten before a
 * durable commit holds a tail beyond it. Design section "Stream engine".
 */
#include <linux/slab.h>

#include "stream.h"
#include "volume.h"

static struct vde_stream *queue_stream(struct vde_append_queue *queue)
{
	return container_of(queue, struct vde_stream, queue);
}

/*
 * Beyond the pointer it is a gap, whatever room there will be. Positions in
 * bytes must fit a file's position.
 */
static bool fits(struct vde_append_queue *queue, u64 start, u64 blocks)
{
	lockdep_assert_held(&queue->lock);
	if (start > queue->pointer)
		return true;
	if (start + blocks > VDE_MAX_BLOCKS)
		return false;
	return vde_ring_fits(&queue_stream(queue)->ring, start, blocks);
}

/* The capacity is fixed: no lock needed. */
static u64 place(struct vde_append_queue *queue, u64 position, u64 *contiguous)
{
	return queue->region->geo.data_start +
	       vde_ring_place(&queue_stream(queue)->ring, position,
			      contiguous);
}

/**
 * vde_stream_set_tail - give up the oldest positions
 * @stream: active stream; the append queue's lock is held
 * @to: new tail, not beyond the head
 */
void vde_stream_set_tail(struct vde_stream *stream, u64 to)
{
	lockdep_assert_held(&stream->queue.lock);
	vde_ring_move_tail(&stream->ring, to);
	/* What is overwritten afterwards is submitted after this. */
	atomic64_set(&stream->floor, stream->ring.tail);
}

/*
 * Move the tail ahead of what is about to be overwritten, in steps, and before
 * it is needed, so that writers rarely wait for the commit.
 */
static void make_room(struct vde_stream *stream, u64 end)
{
	struct vde_ring *ring = &stream->ring;
	u64 tail = ring->tail;

	if (ring->policy != VDE_RING_OVERWRITE ||
	    vde_ring_needed_tail(ring, end + stream->reserve / 2) <= tail)
		return;
	vde_stream_set_tail(stream,
			    vde_ring_needed_tail(ring, end + stream->reserve));
	stream->lost += ring->tail - tail;
	vde_committer_demand(&stream->committer);
}

static bool ready(struct vde_append_queue *queue, u64 end, u64 append_end)
{
	struct vde_stream *stream = queue_stream(queue);
	u64 need = vde_ring_needed_tail(&stream->ring, end);
	bool is_ready;

	spin_lock(&queue->lock);
	make_room(stream, append_end);
	is_ready = need <= stream->reusable;
	if (is_ready)
		vde_ring_grow(&stream->ring, end);
	else if (need > stream->durable_tail && need <= stream->ring.tail)
		vde_committer_demand(&stream->committer);
	spin_unlock(&queue->lock);
	return is_ready;
}

static void publish(struct vde_append_queue *queue, u64 end)
{
	struct vde_stream *stream = queue_stream(queue);

	lockdep_assert_held(&queue->lock);
	stream->ring.head = end;
	vde_committer_arm(&stream->committer);
	vde_region_notify(&stream->region);
}

static void rollback(struct vde_append_queue *queue)
{
}

static void make_durable(struct vde_append_queue *queue, struct bio *bio)
{
	vde_committer_add(&queue_stream(queue)->committer, bio);
}

static const struct vde_append_ops append_ops = {
	.fits = fits,
	.place = place,
	.ready = ready,
	.publish = publish,
	.rollback = rollback,
	.make_durable = make_durable,
};

/**
 * vde_stream_state - state of the ring now
 * @stream: active stream
 * @ring: set to it
 *
 * Return: its epoch: how often positions started anew since activation.
 */
u64 vde_stream_state(struct vde_stream *stream, struct vde_ring *ring)
{
	u64 epoch;

	spin_lock(&stream->queue.lock);
	*ring = stream->ring;
	epoch = stream->epoch;
	spin_unlock(&stream->queue.lock);
	return epoch;
}

/**
 * vde_stream_consume - give up positions that are needed no more
 * @stream: active stream
 * @count: @position is a number of blocks
 * @position: new tail, nothing happens when it is below the present one; or how
 *	many to give up, at most all; set to the tail
 * @consumed: set to how many positions were given up
 *
 * Durable with the next commit, which follows within commit_ms.
 *
 * Return: 0; -ENXIO when @position is beyond the head; -EROFS; -EIO.
 */
int vde_stream_consume(struct vde_stream *stream, bool count, u64 *position,
		       u64 *consumed)
{
	int err = vde_region_check_writable(&stream->region);
	struct vde_ring *ring = &stream->ring;
	u64 to = *position;
	u64 tail;

	if (err)
		return err;
	spin_lock(&stream->queue.lock);
	tail = ring->tail;
	if (count)
		to = tail + min(to, ring->head - tail);
	if (to > ring->head) {
		err = -ENXIO;
	} else if (to > tail) {
		vde_stream_set_tail(stream, to);
		stream->consumed = to;
		vde_committer_arm(&stream->committer);
	}
	*position = ring->tail;
	*consumed = ring->tail - tail;
	spin_unlock(&stream->queue.lock);
	/* A writer may have waited for room that it could not make. */
	vde_append_kick(&stream->queue);
	return err;
}

static int stream_append(struct vde_region *region, struct vde_call *call,
			 bool durable, u64 *block)
{
	struct vde_stream *stream = to_stream(region);
	int err = vde_region_check_writable(region);

	if (err)
		return err;
	if (vde_append_length(call) & (VDE_BLOCK_SIZE - 1))
		return -EINVAL;
	return vde_append_submit(&stream->queue, call, durable || stream->sync,
				 block);
}

static void stream_drain(struct vde_region *region, bool noflush)
{
	vde_append_drain_held(&to_stream(region)->queue, noflush);
}

static void stream_undrain(struct vde_region *region)
{
	vde_append_undrain(&to_stream(region)->queue);
}

static void stream_suspend(struct vde_region *region)
{
	struct vde_stream *stream = to_stream(region);

	vde_append_wait_idle(&stream->queue);
	vde_committer_suspend(&stream->committer);
}

static int stream_commit(struct vde_region *region)
{
	return vde_committer_wait(&to_stream(region)->committer);
}

static void stream_configure(struct vde_region *region,
			     const struct vde_options *options)
{
	struct vde_stream *stream = to_stream(region);
	u64 capacity = region->geo.capacity;

	vde_append_configure(&stream->queue, options->reorder_ms,
			     options->max_inflight);
	stream->reserve = options->reserve ? : max(capacity / 64, 1ULL);
	stream->reserve = min(stream->reserve, capacity);
	stream->discard = options->discard;
	stream->sync = options->sync;
	vde_committer_resume(&stream->committer, options->commit_ms);
}

static void stream_status(struct vde_region *region, struct vde_status *status)
{
	struct vde_stream *stream = to_stream(region);
	struct vde_append_queue *queue = &stream->queue;

	spin_lock(&queue->lock);
	status->hwm = stream->ring.head;
	status->capacity = stream->ring.capacity;
	status->tail = stream->ring.tail;
	status->allocated = stream->ring.allocated;
	status->lost = stream->lost;
	status->committed = stream->committed;
	status->inflight = queue->pointer - queue->published;
	status->stats.appends = queue->appends;
	status->stats.held = queue->holds;
	status->stats.rollbacks = queue->rollbacks;
	status->stats.commits = stream->committer.commits;
	status->stats.flushes = stream->committer.flushes;
	spin_unlock(&queue->lock);
}

static struct vde_region *stream_alloc(const struct vde_geometry *geo)
{
	struct vde_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL);
	int err;

	if (!stream)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&stream->no_reads);
	err = vde_committer_init(&stream->committer, &stream->queue,
				 &vde_stream_committer_ops);
	if (err)
		goto free_stream;
	err = vde_commit_log_init(&stream->commits);
	if (err)
		goto exit_committer;
	err = vde_append_init(&stream->queue, &stream->region, &append_ops);
	if (err)
		goto exit_commits;
	return &stream->region;

exit_commits:
	vde_commit_log_exit(&stream->commits);
exit_committer:
	vde_committer_exit(&stream->committer);
free_stream:
	kfree(stream);
	return ERR_PTR(err);
}

static void stream_free(struct vde_region *region)
{
	struct vde_stream *stream = to_stream(region);

	vde_append_exit(&stream->queue);
	vde_committer_exit(&stream->committer);
	vde_commit_log_exit(&stream->commits);
	kfree(stream);
}

const struct vde_region_ops vde_stream_ops = {
	.alloc = stream_alloc,
	.free = stream_free,
	.activate = vde_stream_activate,
	.deactivate = vde_stream_deactivate,
	.configure = stream_configure,
	.map = vde_stream_map,
	.end_io = vde_stream_end_io,
	.append = stream_append,
	.drain = stream_drain,
	.undrain = stream_undrain,
	.suspend = stream_suspend,
	.commit = stream_commit,
	.status = stream_status,
};

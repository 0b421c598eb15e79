// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ordered appends: admitted writes are copied, hashed and written in parallel
 * and acknowledged strictly in order. When one fails, all behind it fail, and the
 * pointer goes back. Design section "WORM engine".
 */
#include <linux/blkdev.h>
#include <linux/rcupdate.h>

#include "append.h"
#include "region.h"
#include "trace.h"

#define LONE_BLOCKS 8U	/* hashed by the worker itself when nothing else is */

static void start_failing(struct vde_append_queue *queue)
{
	spin_lock(&queue->lock);
	queue->failing = true;
	spin_unlock(&queue->lock);
}

/* An append is on the device with all before it, or it failed. */
static void finish(struct vde_append_queue *queue, struct vde_append *append,
		   blk_status_t status)
{
	struct bio *bio = append->bio;

	trace_vde_complete(queue->region->dev, append->start, append->blocks,
			   blk_status_to_errno(status));
	if (status) {
		vde_region_fail_write(queue->region, bio, status);
		return;
	}
	spin_lock(&queue->lock);
	queue->published = append->start + append->blocks;
	queue->appends++;
	queue->ops->publish(queue, queue->published);
	if (queue->pointer == queue->published)
		wake_up(&queue->drained);
	spin_unlock(&queue->lock);
	if (append->durable)
		queue->ops->make_durable(queue, bio);
	else
		vde_region_end_bio(bio, BLK_STS_OK);
}

/* Record and publish a window's parts; false if that has to wait. */
static bool complete_window(struct vde_append_queue *queue,
			    struct vde_window *window)
{
	for (; window->completed < window->parts; window->completed++) {
		struct vde_window_part *part = &window->part[window->completed];
		bool failing;

		if (window->hash_failed || part->bio.bi_status)
			start_failing(queue);
		failing = READ_ONCE(queue->failing);
		if (!failing && queue->ops->record &&
		    queue->ops->record(queue, window,
				       part->start + part->blocks) == -EAGAIN)
			return false;
		if (part->last)
			finish(queue, part->append,
			       failing ? BLK_STS_IOERR : BLK_STS_OK);
	}
	return true;
}

/* Go on, in order, with what has arrived on the device. */
static void complete_windows(struct vde_append_queue *queue)
{
	struct vde_window *window, *next;

	list_for_each_entry_safe(window, next, &queue->windows, entry) {
		/* Pairs with window_put(): status and digests are there. */
		if (!smp_load_acquire(&window->done) ||
		    !complete_window(queue, window))
			return;
		queue->granted -= window->blocks;
		list_del(&window->entry);
		vde_window_free(window);
	}
}

/* Nothing is in flight below any more: fail the rest and go back. */
static void roll_back(struct vde_append_queue *queue)
{
	struct vde_append *append, *next;
	LIST_HEAD(failed);

	spin_lock(&queue->lock);
	list_splice_init(&queue->queued, &failed);
	if (queue->pointer != queue->published)
		queue->rollbacks++;
	queue->pointer = queue->published;
	queue->ops->rollback(queue);
	queue->failing = queue->dead;
	wake_up(&queue->drained);
	spin_unlock(&queue->lock);
	list_for_each_entry_safe(append, next, &failed, entry)
		finish(queue, append, BLK_STS_IOERR);
}

static struct vde_append *next_queued(struct vde_append_queue *queue)
{
	struct vde_append *append;

	spin_lock(&queue->lock);
	append = list_first_entry_or_null(&queue->queued, struct vde_append,
					  entry);
	spin_unlock(&queue->lock);
	return append;
}

/* Make the next window of an append, unless something must come first. */
static struct vde_window *next_window(struct vde_append_queue *queue,
				      struct vde_append *append)
{
	u32 max_blocks = READ_ONCE(queue->max_blocks);
	u64 start = append->start + append->granted;
	u64 contiguous, place;
	u32 blocks;

	place = queue->ops->place(queue, start, &contiguous);
	blocks = min3(append->blocks - append->granted, VDE_WINDOW_BLOCKS,
		      max_blocks);
	blocks = min_t(u64, blocks, contiguous);
	if (queue->granted && queue->granted + blocks > max_blocks)
		return NULL;
	if (queue->ops->ready &&
	    !queue->ops->ready(queue, start + blocks,
			       append->start + append->blocks))
		return NULL;
	return vde_window_grant(queue, append, place, blocks);
}

/* Its last block has a window. */
static void dequeue(struct vde_append_queue *queue, struct vde_append *append)
{
	spin_lock(&queue->lock);
	list_del(&append->entry);
	spin_unlock(&queue->lock);
}

/* Small appends that wait behind a small one go with it. */
static void fill_window(struct vde_append_queue *queue,
			struct vde_window *window)
{
	struct vde_append *append;

	while ((append = next_queued(queue)) &&
	       queue->granted + append->blocks <=
	       READ_ONCE(queue->max_blocks) &&
	       vde_window_share(window, append)) {
		queue->granted += append->blocks;
		dequeue(queue, append);
	}
}

/*
 * A small window with nothing before or behind it: the worker does that itself,
 * since waking another one takes longer than the blocks do.
 */
static bool is_lone(struct vde_append_queue *queue,
		    const struct vde_window *window)
{
	return queue->granted == window->blocks &&
	       window->blocks <= LONE_BLOCKS && !next_queued(queue);
}

/*
 * Give the next appends windows, strictly in order, as long as the limit and
 * memory allow. With nothing in flight the reserve is whole, so the head
 * always gets its window.
 */
static void grant_windows(struct vde_append_queue *queue)
{
	struct vde_append *append;
	struct vde_window *window;

	while (!READ_ONCE(queue->failing) && (append = next_queued(queue))) {
		window = next_window(queue, append);
		if (!window)
			return;
		queue->granted += window->blocks;
		list_add_tail(&window->entry, &queue->windows);
		if (append->granted == append->blocks) {
			dequeue(queue, append);
			fill_window(queue, window);
		}
		if (is_lone(queue, window))
			vde_window_run(window);
		else
			vde_window_start(window);
	}
}

static void work(struct work_struct *work)
{
	struct vde_append_queue *queue =
		container_of(work, struct vde_append_queue, work);

	complete_windows(queue);
	if (READ_ONCE(queue->failing) && list_empty(&queue->windows))
		roll_back(queue);
	grant_windows(queue);
}

/**
 * vde_append_kick - something changed that may let appends go on
 * @queue: any queue; callable from interrupts
 */
void vde_append_kick(struct vde_append_queue *queue)
{
	queue_work(queue->wq, &queue->work);
}

/**
 * vde_append_fail - the region failed: accept nothing any more
 * @queue: any queue
 *
 * What is in flight fails as soon as it has drained.
 */
void vde_append_fail(struct vde_append_queue *queue)
{
	spin_lock(&queue->lock);
	queue->dead = true;
	queue->failing = true;
	spin_unlock(&queue->lock);
	vde_append_kick(queue);
}

/**
 * vde_append_published - high-water mark
 * @queue: any queue
 *
 * Return: number of acknowledged blocks.
 */
u64 vde_append_published(struct vde_append_queue *queue)
{
	u64 published;

	spin_lock(&queue->lock);
	published = queue->published;
	spin_unlock(&queue->lock);
	return published;
}

/**
 * vde_append_configure - take over options
 * @queue: any queue
 * @reorder_ms: how long a write waits for a gap below it, in milliseconds
 * @max_inflight: payload copies in flight, in bytes
 */
void vde_append_configure(struct vde_append_queue *queue, u32 reorder_ms,
			  u64 max_inflight)
{
	spin_lock(&queue->lock);
	queue->reorder_ms = reorder_ms;
	queue->requeue = false;
	spin_unlock(&queue->lock);
	WRITE_ONCE(queue->max_blocks, max_inflight >> VDE_BLOCK_SHIFT);
}

/**
 * vde_append_start - set the append pointer
 * @queue: idle queue
 * @pointer: recovered high-water mark, in blocks
 */
void vde_append_start(struct vde_append_queue *queue, u64 pointer)
{
	spin_lock(&queue->lock);
	queue->pointer = pointer;
	queue->published = pointer;
	spin_unlock(&queue->lock);
}

/**
 * vde_append_restart - go back to the first block
 * @queue: idle queue; its lock is held
 */
void vde_append_restart(struct vde_append_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	queue->pointer = 0;
	queue->published = 0;
}

/**
 * vde_append_wait_idle - wait until the worker has nothing more to do
 * @queue: queue without bios in flight
 */
void vde_append_wait_idle(struct vde_append_queue *queue)
{
	vde_append_admit_none(queue);
	flush_work(&queue->work);
}

static bool nothing_in_flight(struct vde_append_queue *queue)
{
	bool idle;

	spin_lock(&queue->lock);
	idle = queue->pointer == queue->published;
	spin_unlock(&queue->lock);
	return idle;
}

/**
 * vde_append_pause - admit nothing, and wait for what is in flight
 * @queue: started queue
 *
 * Writes that come meanwhile fail.
 */
void vde_append_pause(struct vde_append_queue *queue)
{
	spin_lock(&queue->lock);
	queue->paused = true;
	spin_unlock(&queue->lock);
	wait_event(queue->drained, nothing_in_flight(queue));
	vde_append_wait_idle(queue);
}

/**
 * vde_append_resume - admit again
 * @queue: paused queue
 */
void vde_append_resume(struct vde_append_queue *queue)
{
	spin_lock(&queue->lock);
	queue->paused = false;
	spin_unlock(&queue->lock);
}

/**
 * vde_append_init - make a queue
 * @queue: to fill
 * @region: its region
 * @ops: the engine above
 *
 * Return: 0 or -ENOMEM, or what the crypto API says of SHA-256.
 */
int vde_append_init(struct vde_append_queue *queue, struct vde_region *region,
		    const struct vde_append_ops *ops)
{
	queue->region = region;
	queue->ops = ops;
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->queued);
	INIT_LIST_HEAD(&queue->windows);
	INIT_WORK(&queue->work, work);
	vde_append_admit_init(queue);
	return vde_window_pools_init(queue);
}

/**
 * vde_append_exit - free a queue's resources
 * @queue: idle queue, from vde_append_init()
 */
void vde_append_exit(struct vde_append_queue *queue)
{
	vde_append_wait_idle(queue);
	wait_var_event(&queue->plugged, !atomic_read(&queue->plugged));
	/* The last kick may still be on its way out. */
	synchronize_rcu();
	vde_window_pools_exit(queue);
}

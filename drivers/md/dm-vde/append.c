// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ordered appends: a write that begins at the append pointer is admitted and
 * moves it; admitted writes are copied, hashed and written in parallel and
 * acknowledged strictly in order. When one fails, all behind it fail, and the
 * pointer goes back. Design section "WORM engine".
 */
#include <linux/blkdev.h>
#include <linux/rcupdate.h>

#include "append.h"
#include "region.h"
#include "trace.h"

#define MAX_HELD_BYTES (16U << 20)

/* Where a write goes at admission. */
enum verdict {
	ADMIT,
	HOLD,
	REFUSE_SEALED,
	REFUSE_GAP,
	REFUSE_FULL,
	FAIL,
};

static u64 append_bytes(const struct vde_append *append)
{
	return (u64)append->blocks << VDE_BLOCK_SHIFT;
}

static enum verdict judge(const struct vde_append_queue *queue,
			  const struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	if (queue->failing)
		return FAIL;
	if (append->start < queue->pointer)
		return REFUSE_SEALED;
	if (append->start > queue->capacity ||
	    append->blocks > queue->capacity - append->start)
		return REFUSE_FULL;
	if (append->start == queue->pointer)
		return ADMIT;
	if (queue->reorder_ms &&
	    queue->held_bytes + append_bytes(append) <= MAX_HELD_BYTES)
		return HOLD;
	return REFUSE_GAP;
}

static void enqueue(struct vde_append_queue *queue, struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	queue->pointer += append->blocks;
	list_add_tail(&append->entry, &queue->queued);
	trace_vde_admit(queue->region->dev, append->start, append->blocks);
}

static bool starts_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vde_append, held)->start <
	       rb_entry(b, struct vde_append, held)->start;
}

static void hold(struct vde_append_queue *queue, struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	append->deadline = jiffies + msecs_to_jiffies(queue->reorder_ms);
	rb_add_cached(&append->held, &queue->held, starts_before);
	if (list_empty(&queue->held_order))
		queue_delayed_work(queue->wq, &queue->expire,
				   append->deadline - jiffies + 1);
	list_add_tail(&append->entry, &queue->held_order);
	queue->held_bytes += append_bytes(append);
	queue->holds++;
}

static void unhold(struct vde_append_queue *queue, struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	rb_erase_cached(&append->held, &queue->held);
	list_del(&append->entry);
	queue->held_bytes -= append_bytes(append);
	if (list_empty(&queue->held_order))
		wake_up(&queue->none_held);
}

/* The pointer moved: admit what waited for it, collect what it overran. */
static void admit_held(struct vde_append_queue *queue,
		       struct list_head *overrun)
{
	struct rb_node *node;

	lockdep_assert_held(&queue->lock);
	while ((node = rb_first_cached(&queue->held))) {
		struct vde_append *append = rb_entry(node, struct vde_append,
						     held);

		if (append->start > queue->pointer)
			return;
		unhold(queue, append);
		if (append->start == queue->pointer)
			enqueue(queue, append);
		else
			list_add_tail(&append->entry, overrun);
	}
}

static void refuse_list(struct vde_append_queue *queue,
			struct list_head *list, enum vde_refusal refusal,
			u64 pointer)
{
	struct vde_append *append, *next;

	list_for_each_entry_safe(append, next, list, entry)
		vde_region_refuse(queue->region, append->bio, refusal,
				  pointer);
}

static void prepare(struct vde_append *append, struct bio *bio, bool durable)
{
	append->bio = bio;
	append->iter = bio->bi_iter;
	append->start = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	append->blocks = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	append->granted = 0;
	append->durable = durable;
}

/**
 * vde_append_admit - admit, hold or refuse a write
 * @queue: started queue
 * @append: the bio's own, uninitialised
 * @bio: write of whole blocks, addressed from the region's first block
 * @durable: complete it only when a commit covers it
 *
 * Never waits, allocates or submits. The bio is completed later or, if
 * refused, before this returns.
 */
void vde_append_admit(struct vde_append_queue *queue,
		      struct vde_append *append, struct bio *bio,
		      bool durable)
{
	enum verdict verdict;
	LIST_HEAD(overrun);
	u64 pointer;

	prepare(append, bio, durable);
	spin_lock(&queue->lock);
	verdict = judge(queue, append);
	if (verdict == ADMIT) {
		enqueue(queue, append);
		admit_held(queue, &overrun);
	} else if (verdict == HOLD) {
		hold(queue, append);
	}
	pointer = queue->pointer;
	spin_unlock(&queue->lock);

	switch (verdict) {
	case ADMIT:
		vde_append_kick(queue);
		refuse_list(queue, &overrun, VDE_REFUSED_SEALED, pointer);
		break;
	case HOLD:
		break;
	case REFUSE_SEALED:
		vde_region_refuse(queue->region, bio, VDE_REFUSED_SEALED,
				  pointer);
		break;
	case REFUSE_GAP:
		vde_region_refuse(queue->region, bio, VDE_REFUSED_GAP,
				  pointer);
		break;
	case REFUSE_FULL:
		vde_region_refuse(queue->region, bio, VDE_REFUSED_FULL,
				  pointer);
		break;
	case FAIL:
		vde_region_fail_write(queue->region, bio, BLK_STS_IOERR);
		break;
	}
}

/* Writes that waited in vain, while a noflush suspend can take them back. */
static void requeue_list(struct list_head *list)
{
	struct vde_append *append, *next;

	list_for_each_entry_safe(append, next, list, entry)
		vde_region_end_bio(append->bio, BLK_STS_DM_REQUEUE);
}

/* Let go of held writes whose time is over; of all if @all. */
static void expire_held(struct vde_append_queue *queue, bool all)
{
	struct vde_append *append, *next;
	LIST_HEAD(expired);
	bool requeue;
	u64 pointer;

	spin_lock(&queue->lock);
	list_for_each_entry_safe(append, next, &queue->held_order, entry) {
		if (!all && time_before(jiffies, append->deadline)) {
			queue_delayed_work(queue->wq, &queue->expire,
					   append->deadline - jiffies + 1);
			break;
		}
		unhold(queue, append);
		list_add_tail(&append->entry, &expired);
	}
	pointer = queue->pointer;
	requeue = queue->requeue;
	spin_unlock(&queue->lock);
	if (requeue)
		requeue_list(&expired);
	else
		refuse_list(queue, &expired, VDE_REFUSED_GAP, pointer);
}

static void expire_work(struct work_struct *work)
{
	expire_held(container_of(to_delayed_work(work),
				 struct vde_append_queue, expire), false);
}

static bool nothing_held(struct vde_append_queue *queue)
{
	bool empty;

	spin_lock(&queue->lock);
	empty = list_empty(&queue->held_order);
	spin_unlock(&queue->lock);
	return empty;
}

/**
 * vde_append_drain_held - a suspend begins: let held writes find their gap
 * @queue: started queue
 * @noflush: dm takes requeued bios back until vde_append_configure()
 *
 * Once dm holds new bios back, no gap can fill any more; so those that wait
 * now get their time first. Sleeps up to reorder_ms. None is refused before
 * its time.
 */
void vde_append_drain_held(struct vde_append_queue *queue, bool noflush)
{
	spin_lock(&queue->lock);
	queue->requeue = noflush;
	spin_unlock(&queue->lock);
	wait_event_timeout(queue->none_held, nothing_held(queue),
			   msecs_to_jiffies(queue->reorder_ms));
}

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
	spin_unlock(&queue->lock);
	if (append->durable)
		queue->ops->make_durable(queue, bio);
	else
		vde_region_end_bio(bio, BLK_STS_OK);
}

/* Record and publish, in order, what has arrived on the device. */
static void complete_windows(struct vde_append_queue *queue)
{
	struct vde_window *window, *next;

	list_for_each_entry_safe(window, next, &queue->windows, entry) {
		struct vde_append *append = window->append;
		bool failing, last;

		/* Pairs with window_put(): status and digests are there. */
		if (!smp_load_acquire(&window->done))
			return;
		last = window->start + window->blocks ==
		       append->start + append->blocks;
		if (window->status)
			start_failing(queue);
		failing = READ_ONCE(queue->failing);
		if (!failing &&
		    queue->ops->record(queue, window) == -EAGAIN)
			return;
		queue->granted -= window->blocks;
		list_del(&window->entry);
		vde_window_free(window);
		if (last)
			finish(queue, append,
			       failing ? BLK_STS_IOERR : BLK_STS_OK);
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

/*
 * Give the next appends windows, strictly in order, as long as the limit and
 * memory allow. With nothing in flight the reserve is whole, so the head
 * always gets its window.
 */
static void grant_windows(struct vde_append_queue *queue)
{
	struct vde_append *append;
	struct vde_window *window;
	u32 blocks;

	while (!READ_ONCE(queue->failing) && (append = next_queued(queue))) {
		u32 max_blocks = READ_ONCE(queue->max_blocks);

		blocks = min3(append->blocks - append->granted,
			      VDE_WINDOW_BLOCKS, max_blocks);
		if (queue->granted && queue->granted + blocks > max_blocks)
			return;
		window = vde_window_grant(queue, append, blocks);
		if (!window)
			return;
		queue->granted += blocks;
		list_add_tail(&window->entry, &queue->windows);
		if (append->granted == append->blocks) {
			spin_lock(&queue->lock);
			list_del(&append->entry);
			spin_unlock(&queue->lock);
		}
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
 * vde_append_wait_idle - wait until the worker has nothing more to do
 * @queue: queue without bios in flight
 */
void vde_append_wait_idle(struct vde_append_queue *queue)
{
	cancel_delayed_work_sync(&queue->expire);
	expire_held(queue, true);
	flush_work(&queue->work);
}

/**
 * vde_append_init - make a queue
 * @queue: to fill
 * @region: its region
 * @ops: the engine above
 * @capacity: of the region, in blocks
 *
 * Return: 0 or -ENOMEM, or what the crypto API says of SHA-256.
 */
int vde_append_init(struct vde_append_queue *queue, struct vde_region *region,
		    const struct vde_append_ops *ops, u64 capacity)
{
	queue->region = region;
	queue->ops = ops;
	queue->capacity = capacity;
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->queued);
	INIT_LIST_HEAD(&queue->held_order);
	INIT_LIST_HEAD(&queue->windows);
	init_waitqueue_head(&queue->none_held);
	queue->held = RB_ROOT_CACHED;
	INIT_WORK(&queue->work, work);
	INIT_DELAYED_WORK(&queue->expire, expire_work);
	return vde_window_pools_init(queue);
}

/**
 * vde_append_exit - free a queue's resources
 * @queue: idle queue, from vde_append_init()
 */
void vde_append_exit(struct vde_append_queue *queue)
{
	vde_append_wait_idle(queue);
	/* The last kick may still be on its way out of window_put(). */
	synchronize_rcu();
	vde_window_pools_exit(queue);
}

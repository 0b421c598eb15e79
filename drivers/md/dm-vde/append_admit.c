// SPDX-License-Identifier: GPL-2.0-only
/*
 * Admission of appends: a write that begins at the append pointer is admitted
 * and moves it, one that begins beyond it waits for the gap to fill, and
 * others are refused. Design section "WORM engine".
 */
#include <linux/blkdev.h>

#include "append.h"
#include "region.h"
#include "trace.h"

#define MAX_HELD_BYTES (16U << 20)
#define PLUGGED_BLOCKS 4U	/* appends up to this wait for those behind them */

/* Where a write goes at admission. */
enum verdict {
	ADMIT,
	HOLD,
	REFUSE_SEALED,
	REFUSE_GAP,
	REFUSE_FULL,
	FAIL,
};

/* A submitter's appends that the worker has not been woken for yet. */
struct plug {
	struct blk_plug_cb cb;
	u32 appends;
};

static u64 append_bytes(const struct vde_append *append)
{
	return (u64)append->blocks << VDE_BLOCK_SHIFT;
}

/* A write that may go anywhere goes where the pointer is. */
static void settle(const struct vde_append_queue *queue,
		   struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	append->start = queue->pointer;
	append->bio->bi_iter.bi_sector = queue->pointer *
					 VDE_SECTORS_PER_BLOCK;
}

static enum verdict judge(struct vde_append_queue *queue,
			  const struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	if (queue->failing || queue->paused)
		return FAIL;
	if (append->start < queue->pointer)
		return REFUSE_SEALED;
	if (!queue->ops->fits(queue, append->start, append->blocks))
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

/* A deadline may be over by now: jiffies go on while this runs. */
static void arm_expiry(struct vde_append_queue *queue, unsigned long deadline)
{
	unsigned long now = jiffies;

	lockdep_assert_held(&queue->lock);
	queue_delayed_work(queue->wq, &queue->expire,
			   time_before(now, deadline) ? deadline - now + 1 : 1);
}

static void hold(struct vde_append_queue *queue, struct vde_append *append)
{
	lockdep_assert_held(&queue->lock);
	append->deadline = jiffies + msecs_to_jiffies(queue->reorder_ms);
	rb_add_cached(&append->held, &queue->held, starts_before);
	if (list_empty(&queue->held_order))
		arm_expiry(queue, append->deadline);
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
		wake_up(&queue->drained);
}

/*
 * The pointer moved: admit what waited for it, collect what it overran and
 * what there is no room for now.
 */
static void admit_held(struct vde_append_queue *queue,
		       struct list_head *overrun, struct list_head *full)
{
	struct rb_node *node;

	lockdep_assert_held(&queue->lock);
	while ((node = rb_first_cached(&queue->held))) {
		struct vde_append *append = rb_entry(node, struct vde_append,
						     held);

		if (append->start > queue->pointer)
			return;
		unhold(queue, append);
		if (append->start < queue->pointer)
			list_add_tail(&append->entry, overrun);
		else if (queue->ops->fits(queue, append->start, append->blocks))
			enqueue(queue, append);
		else
			list_add_tail(&append->entry, full);
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

static void prepare(struct vde_append *append, struct bio *bio, u32 tail,
		    bool durable)
{
	append->bio = bio;
	append->iter = bio->bi_iter;
	append->start = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	append->blocks = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	append->granted = 0;
	append->tail = tail;
	append->durable = durable;
}

static void unplug(struct blk_plug_cb *cb, bool from_schedule)
{
	struct vde_append_queue *queue = cb->data;

	kfree(container_of(cb, struct plug, cb));
	/* The queue may go then: see vde_append_exit(). */
	rcu_read_lock();
	vde_append_kick(queue);
	if (atomic_dec_and_test(&queue->plugged))
		wake_up_var(&queue->plugged);
	rcu_read_unlock();
}

/* Small appends that are submitted together share windows, and one wake-up. */
static void kick(struct vde_append_queue *queue, u32 blocks)
{
	struct blk_plug_cb *cb = NULL;
	struct plug *plug;

	if (blocks <= PLUGGED_BLOCKS)
		cb = blk_check_plugged(unplug, queue, sizeof(*plug));
	if (!cb) {
		vde_append_kick(queue);
		return;
	}
	plug = container_of(cb, struct plug, cb);
	if (!plug->appends)
		atomic_inc(&queue->plugged);
	if (!(++plug->appends % VDE_WINDOW_PARTS))
		vde_append_kick(queue);
}

static void admit(struct vde_append_queue *queue, struct vde_append *append,
		  bool anywhere)
{
	struct bio *bio = append->bio;
	u32 blocks = append->blocks;
	enum verdict verdict;
	LIST_HEAD(overrun);
	LIST_HEAD(full);
	u64 pointer;

	spin_lock(&queue->lock);
	if (anywhere)
		settle(queue, append);
	verdict = judge(queue, append);
	if (verdict == ADMIT) {
		enqueue(queue, append);
		admit_held(queue, &overrun, &full);
	} else if (verdict == HOLD) {
		hold(queue, append);
	}
	pointer = queue->pointer;
	spin_unlock(&queue->lock);

	switch (verdict) {
	case ADMIT:
		kick(queue, blocks);
		refuse_list(queue, &overrun, VDE_REFUSED_SEALED, pointer);
		refuse_list(queue, &full, VDE_REFUSED_FULL, pointer);
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
	prepare(append, bio, VDE_BLOCK_SIZE, durable);
	admit(queue, append, false);
}

/**
 * vde_append_admit_anywhere - admit a write at the append pointer, or refuse it
 * @queue: started queue
 * @append: the bio's own, uninitialised; its start says where it went
 * @bio: write of whole blocks; its sector is set here
 * @tail: bytes of the last block that count, 1..4096; the rest is zero
 * @durable: complete it only when a commit covers it
 *
 * As vde_append_admit().
 */
void vde_append_admit_anywhere(struct vde_append_queue *queue,
			       struct vde_append *append, struct bio *bio,
			       u32 tail, bool durable)
{
	prepare(append, bio, tail, durable);
	admit(queue, append, true);
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
			arm_expiry(queue, append->deadline);
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
 * @noflush: dm takes requeued bios back until vde_append_configure(), or until
 *	shortly before vde_append_undrain()
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
	wait_event_timeout(queue->drained, nothing_held(queue),
			   msecs_to_jiffies(queue->reorder_ms));
}

/**
 * vde_append_undrain - a suspend was given up: dm takes nothing back any more
 * @queue: started queue, after vde_append_drain_held()
 */
void vde_append_undrain(struct vde_append_queue *queue)
{
	spin_lock(&queue->lock);
	queue->requeue = false;
	spin_unlock(&queue->lock);
}

/**
 * vde_append_admit_none - let go of all held writes, none may come any more
 * @queue: queue without bios on their way to it
 */
void vde_append_admit_none(struct vde_append_queue *queue)
{
	cancel_delayed_work_sync(&queue->expire);
	expire_held(queue, true);
}

/**
 * vde_append_admit_init - make an empty set of held writes
 * @queue: to set up
 */
void vde_append_admit_init(struct vde_append_queue *queue)
{
	INIT_LIST_HEAD(&queue->held_order);
	init_waitqueue_head(&queue->drained);
	queue->held = RB_ROOT_CACHED;
	INIT_DELAYED_WORK(&queue->expire, expire_work);
}

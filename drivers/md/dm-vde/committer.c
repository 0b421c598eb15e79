// SPDX-License-Identifier: GPL-2.0-only
/*
 * When commits are written: for flushes and durable writes, all that wait
 * together sharing one; a while after something was published; and every hour,
 * which keeps the compliance clock.
 */
#include "append.h"
#include "committer.h"
#include "region.h"

#define IDLE_COMMIT_INTERVAL (60 * 60 * HZ)

static void arm_for_an_hour(struct vde_committer *committer)
{
	if (!committer->queue->region->writing)
		return;
	spin_lock(&committer->queue->lock);
	if (!committer->armed)
		mod_delayed_work(committer->wq, &committer->timer,
				 IDLE_COMMIT_INTERVAL);
	spin_unlock(&committer->queue->lock);
}

/* Take who waits; true if a commit is to be written. */
static bool begin_round(struct vde_committer *committer,
			struct bio_list *waiters)
{
	bool wanted, commit;

	bio_list_init(waiters);
	spin_lock(&committer->queue->lock);
	bio_list_merge(waiters, &committer->waiters);
	bio_list_init(&committer->waiters);
	wanted = committer->due || !bio_list_empty(waiters);
	commit = committer->ops->prepare(committer, wanted, committer->forced);
	committer->due = false;
	committer->forced = false;
	if (commit)
		committer->armed = false;
	spin_unlock(&committer->queue->lock);
	return commit;
}

static void end_round(struct vde_committer *committer,
		      struct bio_list *waiters, int err)
{
	struct bio *bio;

	while ((bio = bio_list_pop(waiters)))
		vde_region_end_bio(bio, err ? BLK_STS_IOERR : BLK_STS_OK);
	committer->ops->done(committer);
}

static int write_commit(struct vde_committer *committer, bool commit)
{
	struct vde_append_queue *queue = committer->queue;
	const char *what = "cannot write a commit";
	int err;

	err = committer->ops->write(committer, commit, &what);
	if (err) {
		vde_region_degrade(queue->region, VDE_MODE_FAILED, what, err);
		vde_append_fail(queue);
		return err;
	}
	if (!commit)
		return 0;
	spin_lock(&queue->lock);
	committer->commits++;
	spin_unlock(&queue->lock);
	arm_for_an_hour(committer);
	return 0;
}

static void run_round(struct vde_committer *committer)
{
	struct vde_append_queue *queue = committer->queue;
	enum vde_mode mode = vde_region_mode(queue->region);
	struct bio_list waiters;
	bool commit;
	int err = -EIO;

	commit = begin_round(committer, &waiters);
	if (mode == VDE_MODE_RW)
		err = write_commit(committer, commit);
	else if (mode == VDE_MODE_FAILED)
		vde_append_fail(queue);
	end_round(committer, &waiters, err);
}

static void commit_work(struct work_struct *work)
{
	struct vde_committer *committer =
		container_of(work, struct vde_committer, work);

	mutex_lock(&committer->lock);
	run_round(committer);
	mutex_unlock(&committer->lock);
}

static void timer_work(struct work_struct *work)
{
	struct vde_committer *committer =
		container_of(to_delayed_work(work), struct vde_committer,
			     timer);

	spin_lock(&committer->queue->lock);
	committer->due = true;
	/* Not armed by an append: the hour is over. */
	if (!committer->armed)
		committer->forced = true;
	spin_unlock(&committer->queue->lock);
	vde_committer_kick(committer);
}

/**
 * vde_committer_kick - let the worker see what there is to do
 * @committer: any committer
 */
void vde_committer_kick(struct vde_committer *committer)
{
	queue_work(committer->wq, &committer->work);
}

/**
 * vde_committer_demand - a commit must be written soon, whatever was published
 * @committer: of an active region; the append queue's lock is held
 */
void vde_committer_demand(struct vde_committer *committer)
{
	lockdep_assert_held(&committer->queue->lock);
	committer->forced = true;
	vde_committer_kick(committer);
}

/**
 * vde_committer_arm - something was published: commit within commit_ms
 * @committer: of an active region; the append queue's lock is held
 */
void vde_committer_arm(struct vde_committer *committer)
{
	lockdep_assert_held(&committer->queue->lock);
	if (committer->armed)
		return;
	committer->armed = true;
	mod_delayed_work(committer->wq, &committer->timer,
			 msecs_to_jiffies(committer->commit_ms));
}

/**
 * vde_committer_flush - complete an empty flush
 * @committer: of an active region
 * @bio: owned by the caller until now
 *
 * A read-only region has nothing to make durable, a failed one cannot.
 */
void vde_committer_flush(struct vde_committer *committer, struct bio *bio)
{
	switch (vde_region_mode(committer->queue->region)) {
	case VDE_MODE_RW:
		spin_lock(&committer->queue->lock);
		committer->flushes++;
		spin_unlock(&committer->queue->lock);
		vde_committer_add(committer, bio);
		break;
	case VDE_MODE_RO:
		vde_region_end_bio(bio, BLK_STS_OK);
		break;
	default:
		vde_region_end_bio(bio, BLK_STS_IOERR);
		break;
	}
}

/**
 * vde_committer_add - complete a flush or write once a commit covers it
 * @committer: of an active region
 * @bio: owned by the caller until now
 */
void vde_committer_add(struct vde_committer *committer, struct bio *bio)
{
	spin_lock(&committer->queue->lock);
	bio_list_add(&committer->waiters, bio);
	spin_unlock(&committer->queue->lock);
	vde_committer_kick(committer);
}

/**
 * vde_committer_wait - commit what is published
 * @committer: of an active region
 *
 * Sleeps.
 *
 * Return: 0 when it is durable or nothing may be written, or -EIO.
 */
int vde_committer_wait(struct vde_committer *committer)
{
	spin_lock(&committer->queue->lock);
	committer->due = true;
	spin_unlock(&committer->queue->lock);
	vde_committer_kick(committer);
	flush_work(&committer->work);
	return vde_region_mode(committer->queue->region) == VDE_MODE_FAILED ?
	       -EIO : 0;
}

/**
 * vde_committer_suspend - commit, and no more until vde_committer_resume()
 * @committer: of an active region without I/O in flight
 */
void vde_committer_suspend(struct vde_committer *committer)
{
	vde_committer_wait(committer);
	cancel_delayed_work_sync(&committer->timer);
	/* The timer may have fired just before. */
	flush_work(&committer->work);
	cancel_delayed_work_sync(&committer->timer);
}

/**
 * vde_committer_resume - commits may be due again, in an hour at the latest
 * @committer: of an active region
 * @commit_ms: longest time from publication to commit, in milliseconds
 */
void vde_committer_resume(struct vde_committer *committer, u32 commit_ms)
{
	committer->commit_ms = commit_ms;
	arm_for_an_hour(committer);
	vde_committer_catch_up(committer);
}

/**
 * vde_committer_catch_up - commit what was changed while nothing could be
 * @committer: of an active region
 */
void vde_committer_catch_up(struct vde_committer *committer)
{
	bool forced;

	spin_lock(&committer->queue->lock);
	forced = committer->forced;
	spin_unlock(&committer->queue->lock);
	if (forced)
		vde_committer_kick(committer);
}

/**
 * vde_committer_init - make a committer
 * @committer: to fill
 * @queue: the region's appends
 * @ops: the engine above
 *
 * Return: 0 or -ENOMEM.
 */
int vde_committer_init(struct vde_committer *committer,
		       struct vde_append_queue *queue,
		       const struct vde_committer_ops *ops)
{
	committer->queue = queue;
	committer->ops = ops;
	bio_list_init(&committer->waiters);
	mutex_init(&committer->lock);
	INIT_WORK(&committer->work, commit_work);
	INIT_DELAYED_WORK(&committer->timer, timer_work);
	committer->wq = alloc_workqueue("vde_commit",
					WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return committer->wq ? 0 : -ENOMEM;
}

/**
 * vde_committer_exit - free a committer's resources
 * @committer: suspended, or never used
 */
void vde_committer_exit(struct vde_committer *committer)
{
	destroy_workqueue(committer->wq);
}

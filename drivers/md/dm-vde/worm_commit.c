// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits of a WORM region: who waits together shares one. The worker writes
 * full log blocks in place, then one commit whose PREFLUSH orders data and log
 * before it.
 */
#include "region.h"
#include "trace.h"
#include "volume.h"
#include "worm.h"

#define IDLE_COMMIT_INTERVAL (60 * 60 * HZ)	/* keeps the compliance clock */

/**
 * vde_worm_commit_image - write a commit
 * @worm: its commit slot's image is set, but for the state in block 0
 * @imaged: metadata block that the image is of
 * @hwm: high-water mark, in blocks
 * @flags: VDE_COMMIT_CLEAN or 0
 *
 * Sleeps. Log blocks below @imaged have been written, and the caller may use
 * the commit slots.
 *
 * Return: 0 when it is durable, or -EIO.
 */
int vde_worm_commit_image(struct vde_worm *worm, u64 imaged, u64 hwm,
			  u32 flags)
{
	struct vde_disk_commit_slot *slot = worm->commits.slot;
	struct vde_disk_commit *commit = &slot->record;
	struct vde_disk_worm_header *state = &commit->state.worm;
	int err;

	spin_lock(&worm->queue.lock);
	if (worm->held)
		flags |= VDE_COMMIT_HELD;
	state->retention = cpu_to_le64(worm->retention);
	commit->sealed_clock = cpu_to_le64(worm->sealed_clock);
	spin_unlock(&worm->queue.lock);
	commit->flags = cpu_to_le32(flags);
	commit->time = cpu_to_le64(vde_clock_wall());
	commit->clock = cpu_to_le64(vde_clock_now(&worm->clock));
	commit->imaged = cpu_to_le64(imaged);
	state->hwm = cpu_to_le64(hwm);
	state->records_low = cpu_to_le32(hwm);
	state->records_high = cpu_to_le32(hwm >> 32);
	if (!imaged)
		memcpy(&slot->image, state, sizeof(*state));
	err = vde_commit_write(&worm->commits);
	trace_vde_commit(worm->region.dev, le64_to_cpu(commit->sequence), hwm,
			 le32_to_cpu(commit->flags), err);
	spin_lock(&worm->queue.lock);
	if (!err) {
		worm->committed = hwm;
		worm->stats.commits++;
	}
	spin_unlock(&worm->queue.lock);
	return err;
}

/**
 * struct round - what one run of the worker has to do
 * @waiters: complete when done
 * @full_count: log blocks to write
 * @commit: write a commit
 * @hwm: its high-water mark
 * @imaged: its imaged block
 */
struct round {
	struct bio_list waiters;
	u32 full_count;
	bool commit;
	u64 hwm;
	u64 imaged;
};

static void begin_round(struct vde_worm *worm, struct round *round)
{
	bool wanted;

	bio_list_init(&round->waiters);
	spin_lock(&worm->queue.lock);
	bio_list_merge(&round->waiters, &worm->waiters);
	bio_list_init(&worm->waiters);
	round->full_count = vde_worm_log_take_full(&worm->log);
	wanted = worm->commit_due || !bio_list_empty(&round->waiters);
	round->hwm = worm->queue.published;
	round->commit = worm->commit_forced ||
			(wanted && round->hwm != worm->committed);
	if (round->commit) {
		round->imaged = worm->log.base->index;
		vde_worm_log_image(&worm->log, round->hwm,
				   &worm->commits.slot->image);
		worm->armed = false;
		worm->next_sequence++;
	}
	worm->commit_due = false;
	worm->commit_forced = false;
	worm->stats.log_blocks += round->full_count;
	spin_unlock(&worm->queue.lock);
}

static int write_log(struct vde_worm *worm)
{
	LIST_HEAD(written);
	int err;

	err = vde_worm_log_write(&worm->log, &worm->region.volume->media);
	if (err)
		return err;
	spin_lock(&worm->queue.lock);
	vde_worm_log_take_written(&worm->log, &written);
	spin_unlock(&worm->queue.lock);
	vde_worm_log_free(&worm->log, &written);
	return 0;
}

static void end_round(struct vde_worm *worm, struct round *round, int err)
{
	struct bio *bio;

	while ((bio = bio_list_pop(&round->waiters)))
		vde_region_end_bio(bio, err ? BLK_STS_IOERR : BLK_STS_OK);
	if (round->full_count)
		vde_append_kick(&worm->queue);
}

static void run_round(struct vde_worm *worm)
{
	struct vde_region *region = &worm->region;
	const char *what = "cannot write records";
	struct round round;
	int err;

	begin_round(worm, &round);
	if (vde_region_mode(region) != VDE_MODE_RW) {
		if (vde_region_mode(region) == VDE_MODE_FAILED)
			vde_append_fail(&worm->queue);
		end_round(worm, &round, -EIO);
		return;
	}
	err = write_log(worm);
	if (!err && round.commit) {
		what = "cannot write a commit";
		err = vde_worm_commit_image(worm, round.imaged, round.hwm, 0);
	}
	if (err) {
		vde_region_degrade(region, VDE_MODE_FAILED, what, err);
		vde_append_fail(&worm->queue);
	} else if (round.commit) {
		vde_worm_commit_resume(worm);
	}
	end_round(worm, &round, err);
}

static void commit_work(struct work_struct *work)
{
	struct vde_worm *worm = container_of(work, struct vde_worm, commit);

	mutex_lock(&worm->commit_lock);
	run_round(worm);
	mutex_unlock(&worm->commit_lock);
}

static void timer_work(struct work_struct *work)
{
	struct vde_worm *worm = container_of(to_delayed_work(work),
					     struct vde_worm, timer);

	spin_lock(&worm->queue.lock);
	worm->commit_due = true;
	/* Not armed by an append: the hour is over. */
	if (!worm->armed)
		worm->commit_forced = true;
	spin_unlock(&worm->queue.lock);
	queue_work(worm->commit_wq, &worm->commit);
}

/**
 * vde_worm_commit_init - prepare commits
 * @worm: new engine
 */
void vde_worm_commit_init(struct vde_worm *worm)
{
	mutex_init(&worm->commit_lock);
	INIT_WORK(&worm->commit, commit_work);
	INIT_DELAYED_WORK(&worm->timer, timer_work);
}

/**
 * vde_worm_commit_arm - something was appended: commit within commit_ms
 * @worm: active engine; the append queue's lock is held
 */
void vde_worm_commit_arm(struct vde_worm *worm)
{
	lockdep_assert_held(&worm->queue.lock);
	if (worm->armed)
		return;
	worm->armed = true;
	mod_delayed_work(worm->commit_wq, &worm->timer,
			 msecs_to_jiffies(worm->commit_ms));
}

/**
 * vde_worm_commit_resume - commits may be due again, in an hour at the latest
 * @worm: active engine
 */
void vde_worm_commit_resume(struct vde_worm *worm)
{
	if (!worm->region.writing)
		return;
	spin_lock(&worm->queue.lock);
	if (!worm->armed)
		mod_delayed_work(worm->commit_wq, &worm->timer,
				 IDLE_COMMIT_INTERVAL);
	spin_unlock(&worm->queue.lock);
}

/**
 * vde_worm_commit_add - complete a flush or write once a commit covers it
 * @worm: active engine
 * @bio: owned by the caller until now
 */
void vde_worm_commit_add(struct vde_worm *worm, struct bio *bio)
{
	spin_lock(&worm->queue.lock);
	bio_list_add(&worm->waiters, bio);
	spin_unlock(&worm->queue.lock);
	queue_work(worm->commit_wq, &worm->commit);
}

/**
 * vde_worm_commit_wait - commit what is acknowledged
 * @worm: active engine
 *
 * Sleeps.
 *
 * Return: 0 when it is durable or nothing may be written, or -EIO.
 */
int vde_worm_commit_wait(struct vde_worm *worm)
{
	spin_lock(&worm->queue.lock);
	worm->commit_due = true;
	spin_unlock(&worm->queue.lock);
	queue_work(worm->commit_wq, &worm->commit);
	flush_work(&worm->commit);
	return vde_region_mode(&worm->region) == VDE_MODE_FAILED ? -EIO : 0;
}

/**
 * vde_worm_commit_suspend - commit, and no more until vde_worm_commit_resume()
 * @worm: active engine without I/O in flight
 */
void vde_worm_commit_suspend(struct vde_worm *worm)
{
	vde_worm_commit_wait(worm);
	cancel_delayed_work_sync(&worm->timer);
	/* The timer may have fired just before. */
	flush_work(&worm->commit);
	cancel_delayed_work_sync(&worm->timer);
}

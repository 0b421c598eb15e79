// SPDX-License-Identifier: GPL-2.0-only
/*
 * Retention: how long what is sealed must stay, by a clock that nobody can
 * set. Periods only grow, and the one way to remove anything is to start an
 * expired region anew. Design section "WORM engine", compliance clock.
 */
#include <linux/overflow.h>
#include <uapi/linux/dm-vde.h>

#include "worm.h"

/* Ticks that the clock must still run until the newest record may expire. */
static s64 remaining(const struct vde_worm *worm, s64 now)
{
	s64 expires;

	lockdep_assert_held(&worm->queue.lock);
	if (!worm->retention)
		return VDE_IOC_RETENTION_NEVER;
	if (!worm->queue.published)
		return 0;
	if (check_add_overflow(worm->sealed_clock, worm->retention, &expires))
		return VDE_IOC_RETENTION_NEVER;
	return max(expires - now, 0LL);
}

/**
 * vde_worm_retention - how things stand with a region's retention
 * @worm: active engine
 * @retention: set to it
 */
void vde_worm_retention(struct vde_worm *worm, struct vde_retention *retention)
{
	spin_lock(&worm->queue.lock);
	retention->clock = vde_clock_now(&worm->clock);
	retention->period = worm->retention;
	retention->sealed = worm->sealed_clock;
	retention->remaining = remaining(worm, retention->clock);
	retention->held = worm->held;
	retention->resets = worm->resets;
	spin_unlock(&worm->queue.lock);
}

/* 0 is for ever, and nothing is longer. */
static bool is_shorter(s64 period, s64 than)
{
	if (!period)
		return false;
	return !than || period < than;
}

/* The region has failed: what is on the disk counts, and nothing follows. */
static void take_back(struct vde_worm *worm, s64 period)
{
	spin_lock(&worm->queue.lock);
	worm->retention = period;
	spin_unlock(&worm->queue.lock);
}

/**
 * vde_worm_extend - make the retention period longer
 * @worm: active engine
 * @period: in ticks, 0 = for ever
 *
 * Sleeps.
 *
 * Return: 0 when the new period is durable; -EINVAL when it is negative or
 * shorter than the present one; -EROFS; -EIO.
 */
int vde_worm_extend(struct vde_worm *worm, s64 period)
{
	int err = vde_region_check_writable(&worm->region);
	s64 before;

	if (err)
		return err;
	spin_lock(&worm->queue.lock);
	before = worm->retention;
	if (period < 0 || is_shorter(period, before)) {
		err = -EINVAL;
	} else {
		worm->retention = period;
		worm->committer.forced = true;
	}
	spin_unlock(&worm->queue.lock);
	if (err)
		return err;
	err = vde_committer_wait(&worm->committer);
	if (err)
		take_back(worm, before);
	return err;
}

/**
 * vde_worm_hold - put a region under legal hold, or let it go
 * @worm: active engine in mode rw
 * @held: under hold
 * @commit: make that durable now; else with the next resume, or after the
 *	reset, for a region that is suspended or being reset
 *
 * Sleeps.
 *
 * Return: 0 or -EIO.
 */
int vde_worm_hold(struct vde_worm *worm, bool held, bool commit)
{
	spin_lock(&worm->queue.lock);
	if (worm->held != held)
		worm->committer.forced = true;
	worm->held = held;
	spin_unlock(&worm->queue.lock);
	return commit ? vde_committer_wait(&worm->committer) : 0;
}

/**
 * vde_worm_attest - let a time attestation move the compliance clock on
 * @worm: active engine in mode rw
 * @time: attested time of day in ticks
 *
 * The first one is kept only, as what later ones are measured by. Sleeps.
 *
 * Return: 0 when it is durable, or -EIO.
 */
int vde_worm_attest(struct vde_worm *worm, s64 time)
{
	spin_lock(&worm->queue.lock);
	vde_clock_attest(&worm->clock, &worm->attested_time,
			 &worm->attested_clock, worm->created, time);
	worm->committer.forced = true;
	spin_unlock(&worm->queue.lock);
	return vde_committer_wait(&worm->committer);
}

/**
 * vde_worm_may_reset - do the rules allow a region to be started anew?
 * @worm: active engine
 *
 * Return: 0; -EROFS or -EIO as the mode is; -ENODATA when it is empty;
 * -EOPNOTSUPP when retention is for ever; -EACCES under legal hold; -EAGAIN
 * when retention has not passed for the newest record; -EOVERFLOW when there
 * have been as many resets as can be counted.
 */
int vde_worm_may_reset(struct vde_worm *worm)
{
	struct vde_append_queue *queue = &worm->queue;
	int err = vde_region_check_writable(&worm->region);

	if (err)
		return err;
	spin_lock(&queue->lock);
	if (!queue->pointer)
		err = -ENODATA;
	else if (!worm->retention)
		err = -EOPNOTSUPP;
	else if (worm->held)
		err = -EACCES;
	else if (queue->pointer != queue->published ||
		 remaining(worm, vde_clock_now(&worm->clock)))
		err = -EAGAIN;
	else if (worm->resets == U64_MAX)
		err = -EOVERFLOW;
	spin_unlock(&queue->lock);
	return err;
}

/* The entry that survives: who, when, and how many records there were. */
static void add_entry(struct vde_worm *worm, u32 uid, const char *comm,
		      u64 records)
{
	struct vde_disk_commit *commit = &worm->commits.slot->record;
	struct vde_disk_reset *entry = &commit->reset[0];

	memmove(entry + 1, entry, sizeof(*entry) * (VDE_RESET_ENTRIES - 1));
	memset(entry, 0, sizeof(*entry));
	entry->time = cpu_to_le64(vde_clock_wall());
	entry->clock = cpu_to_le64(vde_clock_now(&worm->clock));
	entry->records = cpu_to_le64(records);
	entry->uid = cpu_to_le32(uid);
	strscpy_pad(entry->comm, comm, sizeof(entry->comm));
	le64_add_cpu(&commit->resets, 1);
}

/* One commit: before it the region is all old, after it all new. */
static int commit_reset(struct vde_worm *worm)
{
	s64 sealed;
	int err;

	memset(&worm->commits.slot->image, 0, VDE_BLOCK_SIZE);
	spin_lock(&worm->queue.lock);
	sealed = worm->sealed_clock;
	worm->sealed_clock = 0;
	worm->next_sequence++;
	spin_unlock(&worm->queue.lock);
	err = vde_worm_commit_image(worm, 0, 0, 0);
	if (!err)
		return 0;
	spin_lock(&worm->queue.lock);
	worm->sealed_clock = sealed;
	spin_unlock(&worm->queue.lock);
	return err;
}

static void start_anew(struct vde_worm *worm)
{
	const void *image = &worm->commits.slot->image;

	spin_lock(&worm->queue.lock);
	worm->resets++;
	vde_worm_log_load(&worm->log, image, 0, 0);
	vde_append_restart(&worm->queue);
	spin_unlock(&worm->queue.lock);
}

/**
 * vde_worm_reset - start a region anew
 * @worm: active engine that vde_worm_may_reset(); no bios, and the caller is
 *	alone inside the region's gate
 * @uid: who does it
 * @comm: ... with which program
 * @records: set to how many records were removed
 *
 * Sleeps.
 *
 * Return: 0 when it is durable; -EIO when a commit failed: the region is in
 * mode failed then.
 */
int vde_worm_reset(struct vde_worm *worm, u32 uid, const char *comm,
		   u64 *records)
{
	int err;

	vde_append_wait_idle(&worm->queue);
	vde_committer_suspend(&worm->committer);
	if (vde_region_mode(&worm->region) != VDE_MODE_RW)
		return -EIO;
	*records = vde_append_published(&worm->queue);
	/* What is read of records from now on is new. */
	vde_verify_forget(&worm->verify);
	mutex_lock(&worm->committer.lock);
	add_entry(worm, uid, comm, *records);
	err = commit_reset(worm);
	if (!err) {
		start_anew(worm);
		vde_scrub_forget(&worm->scrub);
	}
	mutex_unlock(&worm->committer.lock);
	if (err) {
		vde_region_degrade(&worm->region, VDE_MODE_FAILED,
				   "cannot write the reset", err);
		vde_append_fail(&worm->queue);
		return -EIO;
	}
	vde_committer_resume(&worm->committer, worm->committer.commit_ms);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits of a WORM region: full log blocks are written in place, then one
 * commit, before which data and log are flushed.
 */
#include "region.h"
#include "trace.h"
#include "volume.h"
#include "worm.h"

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
	commit->clock = cpu_to_le64(vde_clock_now(&worm->clock));
	commit->sealed_clock = cpu_to_le64(worm->sealed_clock);
	commit->attested_time = cpu_to_le64(worm->attested_time);
	commit->attested_clock = cpu_to_le64(worm->attested_clock);
	spin_unlock(&worm->queue.lock);
	commit->flags = cpu_to_le32(flags);
	commit->time = cpu_to_le64(vde_clock_wall());
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
	if (!err)
		worm->committed = hwm;
	spin_unlock(&worm->queue.lock);
	return err;
}

static struct vde_worm *committer_worm(struct vde_committer *committer)
{
	return container_of(committer, struct vde_worm, committer);
}

static bool prepare(struct vde_committer *committer, bool wanted, bool forced)
{
	struct vde_worm *worm = committer_worm(committer);
	u64 hwm = worm->queue.published;

	lockdep_assert_held(&worm->queue.lock);
	worm->round_blocks = vde_worm_log_take_full(&worm->log);
	worm->log_blocks += worm->round_blocks;
	if (!forced && (!wanted || hwm == worm->committed))
		return false;
	worm->round_hwm = hwm;
	worm->round_imaged = worm->log.base->index;
	vde_worm_log_image(&worm->log, hwm, &worm->commits.slot->image);
	worm->next_sequence++;
	return true;
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

static int write_commit(struct vde_committer *committer, bool commit,
			const char **what)
{
	struct vde_worm *worm = committer_worm(committer);
	int err = write_log(worm);

	if (err)
		*what = "cannot write records";
	else if (commit)
		err = vde_worm_commit_image(worm, worm->round_imaged,
					    worm->round_hwm, 0);
	return err;
}

/* Appends may have waited for the log to take more. */
static void done(struct vde_committer *committer)
{
	struct vde_worm *worm = committer_worm(committer);

	if (worm->round_blocks)
		vde_append_kick(&worm->queue);
}

const struct vde_committer_ops vde_worm_committer_ops = {
	.prepare = prepare,
	.write = write_commit,
	.done = done,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Activation and close of a WORM region. Recovery always starts from the
 * commit slots and reads a number of blocks that does not depend on the
 * high-water mark. Format section "The rules of a commit".
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/slab.h>

#include "recover.h"
#include "region.h"
#include "volume.h"
#include "worm.h"

static u64 commit_hwm(const struct vde_worm *worm)
{
	return le64_to_cpu(worm->commits.slot->record.state.worm.hwm);
}

static u64 commit_imaged(const struct vde_worm *worm)
{
	return le64_to_cpu(worm->commits.slot->record.imaged);
}

/* Read a log block from its place and check it. */
static int read_log_block(struct vde_worm *worm, u64 index, u64 hwm,
			  void *block, s64 *last_time, enum vde_fault *fault)
{
	struct vde_region *region = &worm->region;
	int err;

	*fault = VDE_FAULT_NONE;
	err = vde_media_read(&region->volume->media,
			     region->geo.meta_start + index, 1, block);
	if (err)
		return err;
	*fault = vde_block_check(block, VDE_TAG_WORM);
	if (!*fault)
		*fault = vde_record_check_block(block, index, hwm, last_time);
	return vde_fault_errno(*fault);
}

/* Load the block with the newest record: the image, or else its place. */
static int load_open_block(struct vde_worm *worm, u64 hwm, const char **error)
{
	u64 open = vde_record_open_block(hwm);
	void *image = &worm->commits.slot->image;
	enum vde_fault fault = VDE_FAULT_NONE;
	void *block = NULL;
	s64 last_time = 0;
	int err = 0;

	if (commit_imaged(worm) == open) {
		vde_record_check_block(image, open, hwm, &last_time);
		vde_worm_log_load(&worm->log, image, hwm, last_time);
		return 0;
	}
	block = kmalloc(VDE_BLOCK_SIZE, GFP_KERNEL);
	if (!block) {
		*error = "out of memory";
		return -ENOMEM;
	}
	err = read_log_block(worm, open, hwm, block, &last_time, &fault);
	if (!err)
		vde_worm_log_load(&worm->log, block, hwm, last_time);
	kfree(block);
	if (err) {
		vde_worm_log_lose(&worm->log);
		vde_region_degrade(&worm->region, VDE_MODE_RO,
				   fault ? vde_fault_phrase(fault) :
				   "cannot read the newest write records",
				   err);
	}
	return 0;
}

/* What commits keep besides the records. */
static void load_state(struct vde_worm *worm,
		       const struct vde_disk_commit *commit)
{
	const struct vde_disk_worm_header *state = &commit->state.worm;

	spin_lock(&worm->queue.lock);
	vde_clock_start(&worm->clock, le64_to_cpu(commit->clock));
	worm->sealed_clock = le64_to_cpu(commit->sealed_clock);
	worm->retention = le64_to_cpu(state->retention);
	worm->created = le64_to_cpu(state->created);
	worm->held = le32_to_cpu(commit->flags) & VDE_COMMIT_HELD;
	worm->resets = le64_to_cpu(commit->resets);
	worm->attested_time = le64_to_cpu(commit->attested_time);
	worm->attested_clock = le64_to_cpu(commit->attested_clock);
	spin_unlock(&worm->queue.lock);
}

/* A block with committed content may change only while a commit images it. */
static int commit_open_block(struct vde_worm *worm, u64 hwm)
{
	u64 open = vde_record_open_block(hwm);

	if (commit_imaged(worm) == open)
		return 0;
	vde_worm_log_image(&worm->log, hwm, &worm->commits.slot->image);
	return vde_worm_commit_image(worm, open, hwm, 0);
}

static void start_writing(struct vde_worm *worm, u64 hwm)
{
	struct vde_region *region = &worm->region;
	int err;

	if (vde_recover_begin_writes(region, &worm->commits))
		return;
	err = commit_open_block(worm, hwm);
	if (err)
		vde_recover_abort_writes(region, err);
	worm->next_sequence = vde_commit_next_sequence(&worm->commits);
}

/**
 * vde_worm_activate - recover a WORM region
 * @region: claimed WORM region on an active volume
 * @writable: the table and the disk allow writing
 * @error: set to a phrase on failure
 *
 * Without @writable nothing is written: the newest commit's image serves from
 * memory. Damage that leaves data readable makes the region read-only; a
 * failed write makes it failed.
 *
 * Return: 0, -EUCLEAN when no commit is valid, or -ENOMEM.
 */
int vde_worm_activate(struct vde_region *region, bool writable,
		      const char **error)
{
	struct vde_worm *worm = to_worm(region);
	u64 hwm;
	int err;

	err = vde_recover_commit(region, &worm->commits, error);
	if (err)
		return err;
	hwm = commit_hwm(worm);
	err = load_open_block(worm, hwm, error);
	if (err)
		return err;
	load_state(worm, &worm->commits.slot->record);
	worm->committed = hwm;
	vde_append_start(&worm->queue, hwm);
	if (writable && region->mode == VDE_MODE_RW)
		start_writing(worm, hwm);
	return 0;
}

/* Commit the header block, flagged clean, and put it in place. */
static int commit_clean_header(struct vde_worm *worm, u64 hwm)
{
	void *image = &worm->commits.slot->image;
	enum vde_fault fault;
	s64 last_time = 0;
	int err;

	if (vde_record_open_block(hwm)) {
		err = read_log_block(worm, 0, hwm, image, &last_time, &fault);
		if (err)
			return err;
	} else {
		vde_worm_log_image(&worm->log, hwm, image);
	}
	err = vde_worm_commit_image(worm, 0, hwm, VDE_COMMIT_CLEAN);
	return err ? err : vde_commit_write_in_place(&worm->commits);
}

/* Even if nothing was appended: the compliance clock has run. */
static int close_cleanly(struct vde_worm *worm, u64 hwm)
{
	int err;

	/* The last commit images the last log block. */
	err = vde_commit_write_in_place(&worm->commits);
	if (!err)
		err = commit_clean_header(worm, hwm);
	return err ? err : vde_media_flush(&worm->region.volume->media);
}

/**
 * vde_worm_deactivate - close a WORM region
 * @region: active region without I/O in flight, or one that never resumed
 *
 * Clean if the mode allows it; else the commit slots hold what is durable.
 */
void vde_worm_deactivate(struct vde_region *region)
{
	struct vde_worm *worm = to_worm(region);
	u64 hwm;
	int err = -EIO;

	vde_append_wait_idle(&worm->queue);
	vde_committer_suspend(&worm->committer);
	vde_verify_forget(&worm->verify);
	if (!region->writing)
		return;
	hwm = vde_append_published(&worm->queue);
	if (region->mode == VDE_MODE_RW)
		err = close_cleanly(worm, hwm);
	if (err)
		pr_err("%s: not closed cleanly (error %d)\n", region->name,
		       err);
	region->writing = false;
	vde_volume_end_writes(region->volume, region->geo.first_slot, !err,
			      hwm, vde_clock_wall());
}

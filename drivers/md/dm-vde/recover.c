// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery of a region from its commit slots, as far as it is the same for all
 * kinds. Format section "The rules of a commit".
 */
#define pr_fmt(fmt) "vde " fmt

#include "clock.h"
#include "commit.h"
#include "recover.h"
#include "region.h"
#include "volume.h"

/**
 * vde_recover_commit - find the newest commit
 * @region: claimed region on an active volume
 * @log: its commit slots; set to the newest commit
 * @error: set to a phrase on failure
 *
 * Where the volume claims a clean close, that is checked. What leaves the data
 * readable makes the region read-only.
 *
 * Return: 0, -EUCLEAN when no commit is valid, or -ENOMEM.
 */
int vde_recover_commit(struct vde_region *region, struct vde_commit_log *log,
		       const char **error)
{
	struct vde_recovery recovery;
	enum vde_fault fault;
	int err;

	vde_commit_log_bind(log, &region->volume->media, &region->geo,
			    region->uuid);
	err = vde_commit_recover(log, &recovery);
	if (err) {
		*error = recovery.fault ? vde_fault_phrase(recovery.fault) :
					  "out of memory";
		return err;
	}
	if (recovery.damaged)
		pr_warn("%s: %u of %u commit slots are damaged\n",
			region->name, recovery.damaged, VDE_COMMIT_SLOTS);
	if (recovery.doubtful)
		vde_region_degrade(region, VDE_MODE_RO,
				   "the newest commit may be unreadable", -EIO);
	fault = vde_commit_check_writable(&log->slot->record);
	if (fault)
		vde_region_degrade(region, VDE_MODE_RO, vde_fault_phrase(fault),
				   vde_fault_errno(fault));
	if (vde_volume_closed(region->volume, region->geo.first_slot) !=
	    VDE_CLOSED_CLEANLY)
		return 0;
	err = vde_commit_check_clean(log, &fault);
	if (err == -ENOMEM) {
		*error = "out of memory";
		return err;
	}
	if (err)
		vde_region_degrade(region, VDE_MODE_RO,
				   fault ? vde_fault_phrase(fault) :
					   "cannot read the region header",
				   err);
	return 0;
}

/*
 * The newest commit may be in the drive's cache only: flush before the first
 * write that relies on it.
 */
static int put_image_in_place(struct vde_region *region,
			      struct vde_commit_log *log)
{
	struct vde_media *media = &region->volume->media;
	int err;

	err = vde_media_flush(media);
	if (!err)
		err = vde_commit_write_in_place(log);
	return err ? err : vde_media_flush(media);
}

/**
 * vde_recover_begin_writes - a recovered region starts to write
 * @region: recovered region in mode rw
 * @log: its commit slots
 *
 * Marks the volume dirty and puts the newest commit's image in place. Where a
 * write fails the region is failed, and reads go on.
 *
 * Return: 0 or a negative errno.
 */
int vde_recover_begin_writes(struct vde_region *region,
			     struct vde_commit_log *log)
{
	u32 slot = region->geo.first_slot;
	bool in_place = vde_volume_closed(region->volume, slot) ==
			VDE_CLOSED_CLEANLY;
	int err;

	err = vde_volume_begin_writes(region->volume, slot, vde_clock_wall());
	if (err) {
		vde_region_degrade(region, VDE_MODE_FAILED,
				   "cannot mark the volume dirty", err);
		return err;
	}
	region->writing = true;
	if (!in_place)
		err = put_image_in_place(region, log);
	if (err)
		vde_recover_abort_writes(region, err);
	return err;
}

/**
 * vde_recover_abort_writes - what a region must write first has failed
 * @region: after vde_recover_begin_writes()
 * @err: negative errno
 */
void vde_recover_abort_writes(struct vde_region *region, int err)
{
	vde_region_degrade(region, VDE_MODE_FAILED,
			   "cannot write the recovered commit", err);
	region->writing = false;
	vde_volume_end_writes(region->volume, region->geo.first_slot, false, 0,
			      vde_clock_wall());
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What passports do to WORM regions: legal holds and time attestations. The
 * WORM region keeps both in its commits, so that they count while the vault is
 * detached. A region that is not active is changed in its commit slots. Design
 * section "WORM engine", legal holds.
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/slab.h>

#include "vault.h"
#include "vault_hold.h"
#include "volume.h"
#include "worm.h"

/**
 * struct change - what shall become of a WORM region's commit
 * @attest: move the compliance clock on, else:
 * @held: put it under legal hold, or let it go
 * @later: a region that nobody is let into may make it durable afterwards
 * @time: attested time of day in ticks
 */
struct change {
	bool attest;
	bool held;
	bool later;
	s64 time;
};

/**
 * vde_hold_find_worm - the WORM region that a passport is about
 * @vault: active vault
 * @uuid: object id
 * @geo: set to its geometry
 *
 * Return: false if the volume has no such WORM region.
 */
bool vde_hold_find_worm(struct vde_vault *vault, const u8 uuid[16],
			struct vde_geometry *geo)
{
	struct vde_volume *volume = vault->region.volume;
	const char *error;
	u8 found[16];
	u32 nr;

	for (nr = 0; !vde_volume_find_region(volume, VDE_REGION_WORM, nr, geo,
					     found, &error); nr++)
		if (!memcmp(found, uuid, sizeof(found)))
			return true;
	return false;
}

static void region_uuid(struct vde_volume *volume,
			const struct vde_geometry *geo, u8 uuid[16])
{
	u8 label[VDE_LABEL_SIZE];
	u8 volume_uuid[16];

	vde_volume_identity(volume, volume_uuid, label);
	vde_layout_region_uuid(volume_uuid, geo->first_slot, uuid);
}

/* Does the commit change? */
static bool apply(struct vde_disk_commit *commit, const struct change *change)
{
	u32 flags = le32_to_cpu(commit->flags) & ~VDE_COMMIT_HELD;
	s64 clock = le64_to_cpu(commit->clock);
	s64 time = le64_to_cpu(commit->attested_time);
	s64 to;

	if (!change->attest) {
		if (change->held)
			flags |= VDE_COMMIT_HELD;
		if (flags == le32_to_cpu(commit->flags))
			return false;
		commit->flags = cpu_to_le32(flags);
		return true;
	}
	if (!time) {
		commit->attested_time = cpu_to_le64(change->time);
		commit->attested_clock = cpu_to_le64(clock);
		return true;
	}
	to = vde_passport_attested_clock(clock, time,
					 le64_to_cpu(commit->attested_clock),
					 le64_to_cpu(commit->state.worm.created),
					 change->time);
	commit->clock = cpu_to_le64(to);
	return to != clock;
}

static int write_in_place(struct vde_commit_log *log)
{
	int err = vde_commit_write_in_place(log);

	return err ? err : vde_media_flush(log->media);
}

/* One more commit, which images what the newest one does. */
static int commit_again(struct vde_commit_log *log, bool clean)
{
	int err = 0;

	if (!clean) {
		err = vde_media_flush(log->media);
		if (!err)
			err = write_in_place(log);
		log->slot->record.flags &= ~cpu_to_le32(VDE_COMMIT_CLEAN);
	}
	log->slot->record.time = cpu_to_le64(vde_clock_wall());
	if (!err)
		err = vde_commit_write(log);
	return err || !clean ? err : write_in_place(log);
}

/*
 * What in directory, commits and header would make a region read-only if it
 * were activated; @unclean is what vde_commit_check_clean() says.
 */
static int check_writable(struct vde_volume *volume,
			  const struct vde_geometry *geo,
			  const struct vde_disk_commit *commit, int unclean)
{
	if (geo->read_only || vde_commit_check_writable(commit))
		return -EROFS;
	if (vde_volume_closed(volume, geo->first_slot) != VDE_CLOSED_CLEANLY)
		return 0;
	return unclean == -EUCLEAN ? -EROFS : unclean;
}

/* Change a region that is not active: it stays as clean as it was. */
static int change_commit(struct vde_volume *volume,
			 const struct vde_geometry *geo,
			 struct vde_commit_log *log,
			 const struct change *change)
{
	struct vde_disk_commit *commit = &log->slot->record;
	struct vde_recovery recovery;
	enum vde_fault fault;
	int unclean;
	int err;

	err = vde_commit_recover(log, &recovery);
	if (!err && recovery.doubtful)
		err = -EIO;
	if (err)
		return err;
	unclean = vde_commit_check_clean(log, &fault);
	if (unclean == -ENOMEM)
		return unclean;
	if (!apply(commit, change))
		return 0;
	err = check_writable(volume, geo, commit, unclean);
	if (!err)
		err = vde_volume_begin_writes(volume, geo->first_slot,
					      vde_clock_wall());
	if (err)
		return err;
	err = commit_again(log, !unclean);
	vde_volume_end_writes(volume, geo->first_slot, !err && !unclean,
			      le64_to_cpu(commit->state.worm.hwm),
			      vde_clock_wall());
	return err;
}

static int change_inactive(struct vde_volume *volume,
			   const struct vde_geometry *geo,
			   const struct change *change)
{
	struct vde_commit_log log = {};
	u8 uuid[16];
	int err;

	region_uuid(volume, geo, uuid);
	vde_commit_log_bind(&log, &volume->media, geo, uuid);
	err = vde_commit_log_init(&log);
	if (!err)
		err = change_commit(volume, geo, &log, change);
	vde_commit_log_exit(&log);
	return err == -EUCLEAN ? -EIO : err;
}

/* Its volume's holds lock keeps it active, whether it is suspended or not. */
static int change_active(struct vde_region *region,
			 const struct change *change)
{
	struct vde_worm *worm = to_worm(region);
	int err = vde_region_check_writable(region);

	if (err)
		return err;
	if (vde_gate_try_enter(&region->gate))
		return change->later ?
		       vde_worm_hold(worm, change->held, false) : -EBUSY;
	err = change->attest ? vde_worm_attest(worm, change->time) :
			       vde_worm_hold(worm, change->held, true);
	vde_gate_leave(&region->gate);
	return err;
}

static int change_worm(struct vde_vault *vault, const struct vde_geometry *geo,
		       const struct change *change)
{
	struct vde_volume *volume = vault->region.volume;
	struct vde_region *region = vde_region_find_active(volume, geo);

	return region ? change_active(region, change) :
			change_inactive(volume, geo, change);
}

/**
 * vde_hold_place - put a WORM region under legal hold
 * @vault: active vault that is about to store the hold
 * @geo: of the WORM region
 *
 * Sleeps; the volume's holds lock is held.
 *
 * Return: 0 when it is durable; -EBUSY when the region is suspended; -EROFS;
 * -EIO; -ENOMEM.
 */
int vde_hold_place(struct vde_vault *vault, const struct vde_geometry *geo)
{
	const struct change hold = { .held = true };

	return change_worm(vault, geo, &hold);
}

/**
 * vde_hold_attest - let a time attestation move a compliance clock on
 * @vault: active vault that has stored the attestation
 * @geo: of the WORM region
 * @time: attested time of day in ticks
 *
 * Sleeps; the volume's holds lock is held.
 *
 * Return: as vde_hold_place().
 */
int vde_hold_attest(struct vde_vault *vault, const struct vde_geometry *geo,
		    s64 time)
{
	const struct change attest = { .attest = true, .time = time };

	return change_worm(vault, geo, &attest);
}

/*
 * Does an active vault hold the region? One that is not complete may, and so
 * may one that failed while it stored a hold.
 */
static bool active_holds(struct vde_vault *vault, const u8 uuid[16])
{
	bool holds;

	down_read(&vault->lock);
	holds = READ_ONCE(vault->region.mode) != VDE_MODE_RW ||
		!vault->complete ||
		vde_vault_index_holds(&vault->index, uuid);
	up_read(&vault->lock);
	return holds;
}

/* Parse a vault that is not active. What cannot be known may be a hold. */
static int scan_holds(struct vde_volume *volume,
		      const struct vde_geometry *geo,
		      struct vde_commit_log *log,
		      struct vde_vault_index *index, const u8 uuid[16])
{
	struct vde_recovery recovery;
	bool complete = false;
	int err;

	err = vde_commit_recover(log, &recovery);
	if (!err && !recovery.doubtful)
		err = vde_vault_scan(&volume->media, geo, log->slot, index,
				     "detached vault", &complete);
	if (err == -ENOMEM)
		return err;
	return err || !complete || vde_vault_index_holds(index, uuid);
}

static int inactive_holds(struct vde_volume *volume,
			  const struct vde_geometry *geo, const u8 uuid[16])
{
	struct vde_vault_index *index = kzalloc(sizeof(*index), GFP_KERNEL);
	struct vde_commit_log log = {};
	int holds = -ENOMEM;
	u8 vault_uuid[16];

	region_uuid(volume, geo, vault_uuid);
	vde_commit_log_bind(&log, &volume->media, geo, vault_uuid);
	if (index && !vde_commit_log_init(&log) &&
	    !vde_vault_index_init(index)) {
		holds = scan_holds(volume, geo, &log, index, uuid);
		vde_vault_index_exit(index);
	}
	vde_commit_log_exit(&log);
	kfree(index);
	return holds;
}

/* Does any vault of the volume hold the region, as far as one can know? */
static int any_holds(struct vde_vault *vault, const u8 uuid[16])
{
	struct vde_volume *volume = vault->region.volume;
	struct vde_region *region;
	struct vde_geometry geo;
	const char *error;
	u8 vault_uuid[16];
	int holds;
	u32 nr;

	if (active_holds(vault, uuid))
		return 1;
	for (nr = 0; !vde_volume_find_region(volume, VDE_REGION_VAULT, nr, &geo,
					     vault_uuid, &error); nr++) {
		if (nr == vault->region.nr)
			continue;
		region = vde_region_find_active(volume, &geo);
		holds = region ? active_holds(to_vault(region), uuid) :
				 inactive_holds(volume, &geo, uuid);
		if (holds)
			return holds;
	}
	return 0;
}

/**
 * vde_hold_lift - let a WORM region go, unless another hold is on it
 * @vault: active vault that has stored the release
 * @geo: of the WORM region
 *
 * Sleeps; the volume's holds lock is held.
 *
 * Return: as vde_hold_place().
 */
int vde_hold_lift(struct vde_vault *vault, const struct vde_geometry *geo)
{
	const struct change lift = { .held = false };
	u8 uuid[16];
	int err;

	region_uuid(vault->region.volume, geo, uuid);
	err = any_holds(vault, uuid);
	if (!err)
		err = change_worm(vault, geo, &lift);
	return err > 0 ? 0 : err;
}

static bool commit_is_held(struct vde_volume *volume,
			   const struct vde_geometry *geo, const u8 uuid[16])
{
	struct vde_commit_log log = {};
	struct vde_recovery recovery;
	bool held = false;

	vde_commit_log_bind(&log, &volume->media, geo, uuid);
	if (!vde_commit_log_init(&log) && !vde_commit_recover(&log, &recovery))
		held = le32_to_cpu(log.slot->record.flags) & VDE_COMMIT_HELD;
	vde_commit_log_exit(&log);
	return held;
}

static bool is_held(struct vde_volume *volume, const struct vde_geometry *geo,
		    const u8 uuid[16])
{
	struct vde_region *region = vde_region_find_active(volume, geo);
	struct vde_retention retention;

	if (!region)
		return commit_is_held(volume, geo, uuid);
	vde_worm_retention(to_worm(region), &retention);
	return retention.held;
}

static void reconcile(struct vde_vault *vault, const struct vde_geometry *geo,
		      const u8 uuid[16])
{
	struct vde_volume *volume = vault->region.volume;
	bool here = vde_vault_index_holds(&vault->index, uuid);
	const struct change change = { .held = here, .later = true };
	int err = 0;

	if (here == is_held(volume, geo, uuid))
		return;
	if (!here)
		err = any_holds(vault, uuid);
	if (err > 0)
		return;
	if (!err)
		err = change_worm(vault, geo, &change);
	if (err)
		pr_err("%s: legal hold of region %pUl cannot be %s (error %d)\n",
		       vault->region.name, uuid, here ? "set" : "cleared",
		       err);
	else
		pr_notice("%s: legal hold of region %pUl %s\n",
			  vault->region.name, uuid, here ? "set" : "cleared");
}

/**
 * vde_hold_reconcile - make the volume's WORM regions agree with a vault
 * @vault: being activated; all that it holds has been parsed
 *
 * A crash between the two commits of a hold, or a vault that was detached, may
 * have left a region with a hold that no vault has, or without one that this
 * vault has. Sleeps; the volume's holds lock is held.
 */
void vde_hold_reconcile(struct vde_vault *vault)
{
	struct vde_volume *volume = vault->region.volume;
	struct vde_geometry geo;
	const char *error;
	u8 uuid[16];
	u32 nr;

	for (nr = 0; !vde_volume_find_region(volume, VDE_REGION_WORM, nr, &geo,
					     uuid, &error); nr++)
		reconcile(vault, &geo, uuid);
}

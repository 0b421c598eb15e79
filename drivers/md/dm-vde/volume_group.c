// SPDX-License-Identifier: GPL-2.0-only
/*
 * The superblock group of an open volume: load, update, recheck. One of the
 * two copies is sound at any moment. Format section "Superblock fields".
 */
#include <linux/slab.h>

#include "volume.h"

/**
 * vde_volume_fault - report a fault as phrase and errno
 * @error: set to the phrase
 * @fault: what is wrong
 *
 * Return: its errno.
 */
int vde_volume_fault(const char **error, enum vde_fault fault)
{
	*error = vde_fault_phrase(fault);
	return vde_fault_errno(fault);
}

/* Read both groups; one that cannot be read is as good as a damaged one. */
static int read_groups(struct vde_volume *volume, struct vde_group *groups,
		       const char **error)
{
	static const u64 where[] = { VDE_BLOCK_PRIMARY, VDE_BLOCK_MIRROR };
	u32 unreadable = 0;
	int err = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		err = vde_media_read(&volume->media, where[i],
				     VDE_GROUP_BLOCKS, &groups[i]);
		if (err == -ENOSPC)
			return vde_volume_fault(error, VDE_FAULT_NOT_VDE);
		if (!err)
			continue;
		memset(&groups[i], 0, sizeof(groups[i]));
		unreadable++;
	}
	if (unreadable < ARRAY_SIZE(where))
		return 0;
	*error = "cannot read the superblock";
	return -EIO;
}

/**
 * vde_group_load - read the group in force into volume->group
 * @volume: its lock is held
 * @groups: room for two groups
 * @error: set to a phrase on failure
 *
 * Return: 0, what is wrong with the volume, or -EIO.
 */
int vde_group_load(struct vde_volume *volume, struct vde_group *groups,
		   const char **error)
{
	const struct vde_group *chosen;
	enum vde_fault fault;
	int err;

	err = read_groups(volume, groups, error);
	if (err)
		return err;
	fault = vde_group_choose(&groups[0], &groups[1], &chosen);
	if (!fault)
		fault = vde_superblock_check(&chosen->superblock,
					     vde_media_blocks(&volume->media));
	if (fault)
		return vde_volume_fault(error, fault);
	memcpy(volume->group, chosen, sizeof(*chosen));
	volume->primary_stale = chosen == &groups[1];
	volume->mirror_stale = !volume->primary_stale &&
		memcmp(&groups[0], &groups[1], sizeof(groups[0]));
	volume->update_failed = false;
	volume->replaced = false;
	volume->worm_hwm = le64_to_cpu(chosen->superblock.worm_hwm);
	volume->last_scrub = le64_to_cpu(chosen->superblock.last_scrub);
	return 0;
}

/**
 * vde_group_is_dirty - is the dirty flag set?
 * @volume: its lock is held
 *
 * Return: true if so.
 */
bool vde_group_is_dirty(const struct vde_volume *volume)
{
	return le32_to_cpu(volume->group->superblock.compat) &
	       VDE_COMPAT_DIRTY;
}

static int write_group(struct vde_volume *volume, u64 block)
{
	int err;

	err = vde_media_write(&volume->media, block, VDE_GROUP_BLOCKS,
			      volume->group);
	return err ? err : vde_media_flush(&volume->media);
}

/*
 * Write the primary group and remember, as long as that has not succeeded,
 * that the mirror is the only sound one: it must not be touched then.
 */
static int write_primary(struct vde_volume *volume)
{
	int err;

	volume->primary_stale = true;
	err = write_group(volume, VDE_BLOCK_PRIMARY);
	if (!err)
		volume->primary_stale = false;
	return err;
}

/**
 * vde_group_update - write the superblock group with its dirty flag set or not
 * @volume: its lock is held
 * @dirty: the flag
 * @now: wall time in ticks
 *
 * What the update relies on may be in the drive's cache only, left there by
 * whoever wrote last: flush first. Then mirror, then primary. The group is
 * changed only after a repair has written it as it was sealed.
 *
 * Return: 0 when both are durable; -ESTALE when the disk was found to hold
 * something else; or -EIO.
 */
int vde_group_update(struct vde_volume *volume, bool dirty, s64 now)
{
	struct vde_disk_superblock *sb = &volume->group->superblock;
	u32 compat = le32_to_cpu(sb->compat) & ~VDE_COMPAT_DIRTY;
	int err;

	lockdep_assert_held(&volume->lock);
	if (volume->replaced)
		return -ESTALE;
	err = vde_media_flush(&volume->media);
	if (err)
		return err;
	if (volume->primary_stale) {
		err = write_primary(volume);
		if (err)
			return err;
	}
	if (dirty)
		compat |= VDE_COMPAT_DIRTY;
	sb->compat = cpu_to_le32(compat);
	sb->sequence = cpu_to_le64(le64_to_cpu(sb->sequence) + 1);
	sb->modified = cpu_to_le64(now);
	sb->writer_time = cpu_to_le64(now);
	sb->worm_hwm = cpu_to_le64(volume->worm_hwm);
	sb->last_scrub = cpu_to_le64(volume->last_scrub);
	memcpy(sb->writer_session, volume->session, sizeof(volume->session));
	vde_group_seal(volume->group);
	volume->update_failed = true;
	err = write_group(volume, VDE_BLOCK_MIRROR);
	if (!err)
		err = write_primary(volume);
	if (!err)
		volume->update_failed = false;
	return err;
}

static bool is_short(const struct vde_volume *volume)
{
	return vde_media_blocks(&volume->media) <
	       le64_to_cpu(volume->group->superblock.total_blocks);
}

/**
 * vde_volume_check_size - is the disk still large enough?
 * @volume: active volume
 *
 * Return: 0 or -ENOSPC.
 */
int vde_volume_check_size(struct vde_volume *volume)
{
	int err = 0;

	mutex_lock(&volume->lock);
	if (is_short(volume))
		err = vde_fault_errno(VDE_FAULT_DEVICE_SHORT);
	mutex_unlock(&volume->lock);
	return err;
}

/**
 * vde_volume_scrubbed - store the time of a complete scrub
 * @volume: active volume with a region that writes
 * @scrubbed: that time of day in ticks
 *
 * Return: 0 when it is durable; else as vde_group_update().
 */
int vde_volume_scrubbed(struct vde_volume *volume, s64 scrubbed)
{
	s64 before;
	int err;

	mutex_lock(&volume->lock);
	before = volume->last_scrub;
	volume->last_scrub = scrubbed;
	err = vde_group_update(volume, vde_group_is_dirty(volume),
			       scrubbed);
	if (err)
		volume->last_scrub = before;
	mutex_unlock(&volume->lock);
	return err;
}

/**
 * vde_volume_last_scrub - when was the last complete scrub?
 * @volume: active volume
 *
 * Return: time of day in ticks, 0 = never.
 */
s64 vde_volume_last_scrub(struct vde_volume *volume)
{
	s64 last_scrub;

	mutex_lock(&volume->lock);
	last_scrub = volume->last_scrub;
	mutex_unlock(&volume->lock);
	return last_scrub;
}

/*
 * Another machine that has activated the same state has counted the same
 * sequence, so all of the group counts, the session among it. Which part of an
 * update that failed is on the disk nobody knows.
 */
static bool is_same(const struct vde_volume *volume,
		    const struct vde_group *now)
{
	if (volume->update_failed)
		return !memcmp(now->superblock.uuid,
			       volume->group->superblock.uuid,
			       sizeof(now->superblock.uuid));
	return !memcmp(now, volume->group, sizeof(*now));
}

/**
 * vde_volume_recheck - is this still the disk that was activated?
 * @volume: active volume
 * @error: set to a phrase on failure
 *
 * A disk that holds something else is not written to any more.
 *
 * Return: 0, -ENOSPC when the disk shrank, -ESTALE when it holds another
 * volume or another state of this one, or a negative errno.
 */
int vde_volume_recheck(struct vde_volume *volume, const char **error)
{
	const struct vde_group *now = NULL;
	struct vde_group *groups;
	int err;

	groups = kmalloc_array(2, sizeof(*groups), GFP_KERNEL);
	if (!groups) {
		*error = "out of memory";
		return -ENOMEM;
	}
	mutex_lock(&volume->lock);
	if (is_short(volume)) {
		err = vde_volume_fault(error, VDE_FAULT_DEVICE_SHORT);
		goto out;
	}
	err = read_groups(volume, groups, error);
	if (err)
		goto out;
	if (vde_group_choose(&groups[0], &groups[1], &now) ||
	    !is_same(volume, now)) {
		*error = "the device no longer holds the active volume";
		volume->replaced = true;
		err = -ESTALE;
	}
out:
	mutex_unlock(&volume->lock);
	kfree(groups);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Volumes: opened once per disk, shared by the regions in use on it. The dirty
 * flag is set before the first region writes and cleared only when every
 * region's newest commit is a clean one and in place. Format section
 * "Superblock fields".
 */
#define pr_fmt(fmt) "vde: " fmt

#include <linux/slab.h>
#include <linux/uuid.h>

#include "commit.h"
#include "volume.h"

/* Protects the list, and which volume of a UUID is the active one. */
static DEFINE_MUTEX(volumes_lock);
static LIST_HEAD(volumes);

static int load_layout(struct vde_volume *volume, void *blocks,
		       const char **error)
{
	const struct vde_disk_superblock *sb = &volume->group->superblock;
	enum vde_fault fault;
	int err;

	err = vde_media_read(&volume->media, VDE_BLOCK_DIRECTORY, 2, blocks);
	if (err)
		memset(blocks, 0, 2 * VDE_BLOCK_SIZE);
	fault = vde_layout_load(blocks, blocks + VDE_BLOCK_SIZE,
				&volume->group->map,
				le64_to_cpu(sb->total_blocks), &volume->layout,
				&volume->warning);
	if (err)
		volume->warning = VDE_FAULT_READ;
	if (!fault)
		fault = vde_superblock_check_layout(sb, &volume->layout);
	return fault ? vde_volume_fault(error, fault) : 0;
}

/* Read superblock and directory anew; nothing read earlier is trusted. */
static int load(struct vde_volume *volume, const char **error)
{
	enum vde_closed closed;
	struct vde_group *groups;
	int err;
	u32 i;

	lockdep_assert_held(&volume->lock);
	volume->loaded = false;
	groups = kmalloc_array(2, sizeof(*groups), GFP_KERNEL);
	if (!groups) {
		*error = "out of memory";
		return -ENOMEM;
	}
	err = vde_group_load(volume, groups, error);
	if (!err)
		err = load_layout(volume, groups, error);
	kfree(groups);
	if (err)
		return err;
	closed = vde_group_is_dirty(volume) ? VDE_CLOSED_UNKNOWN : VDE_CLOSED_CLEANLY;
	for (i = 0; i < VDE_MAX_REGIONS; i++)
		volume->closed[i] = closed;
	volume->loaded = true;
	return 0;
}

/* Is another disk with this UUID, a copy of this one perhaps, in use? */
static int check_twin(const struct vde_volume *volume, const char **error)
{
	struct vde_volume *other;

	lockdep_assert_held(&volumes_lock);
	lockdep_assert_held(&volume->lock);
	list_for_each_entry(other, &volumes, list) {
		if (other == volume || !READ_ONCE(other->users) ||
		    memcmp(other->group->superblock.uuid,
			   volume->group->superblock.uuid, 16))
			continue;
		*error = "a volume with the same UUID is active on another device";
		return -EBUSY;
	}
	return 0;
}

/* What is damaged and has a sound copy. */
static void warn(const struct vde_volume *volume)
{
	const u8 *uuid = volume->group->superblock.uuid;

	if (volume->warning)
		pr_warn("volume %pUl: %s, using its copy\n", uuid,
			vde_fault_phrase(volume->warning));
	if (volume->primary_stale)
		pr_warn("volume %pUl: primary superblock group is damaged or old, using its mirror\n",
			uuid);
	if (volume->mirror_stale)
		pr_warn("volume %pUl: mirror superblock group is damaged or old, using the primary\n",
			uuid);
}

/* Until a region is active, read anew; no lock of all volumes is held. */
static int reload(struct vde_volume *volume, const char **error)
{
	int err = 0;

	mutex_lock(&volume->lock);
	if (!volume->users)
		err = load(volume, error);
	mutex_unlock(&volume->lock);
	return err;
}

/* Count @users more active regions, unless the volume may not have any. */
static int use(struct vde_volume *volume, u32 users, const char **error)
{
	int err;

	mutex_lock(&volumes_lock);
	mutex_lock(&volume->lock);
	err = check_twin(volume, error);
	if (!err && !volume->loaded) {
		*error = "the volume changed while it was being read";
		err = -ESTALE;
	}
	if (!err) {
		if (users && !volume->users)
			warn(volume);
		WRITE_ONCE(volume->users, volume->users + users);
	}
	mutex_unlock(&volume->lock);
	mutex_unlock(&volumes_lock);
	return err;
}

static struct vde_volume *create(dev_t dev, const char **error)
{
	struct vde_volume *volume = kzalloc(sizeof(*volume), GFP_KERNEL);
	int err = -ENOMEM;

	*error = "out of memory";
	if (!volume)
		return ERR_PTR(-ENOMEM);
	volume->group = kzalloc(sizeof(*volume->group), GFP_KERNEL);
	if (!volume->group)
		goto free_volume;
	err = vde_media_open(&volume->media, dev);
	if (err) {
		*error = "cannot open the device";
		goto free_group;
	}
	kref_init(&volume->ref);
	mutex_init(&volume->holds);
	mutex_init(&volume->lock);
	volume->dev = dev;
	list_add(&volume->list, &volumes);
	return volume;

free_group:
	kfree(volume->group);
free_volume:
	kfree(volume);
	return ERR_PTR(err);
}

static void release(struct kref *ref)
{
	struct vde_volume *volume = container_of(ref, struct vde_volume, ref);

	list_del(&volume->list);
	mutex_unlock(&volumes_lock);
	vde_media_close(&volume->media);
	kfree(volume->group);
	kfree(volume);
}

/**
 * vde_volume_put - give up a reference
 * @volume: from vde_volume_open(); no region of the caller is active on it
 */
void vde_volume_put(struct vde_volume *volume)
{
	kref_put_mutex(&volume->ref, release, &volumes_lock);
}

/**
 * vde_volume_open - open the volume on a disk, or share it
 * @dev: device number of the disk
 * @error: set to a phrase on failure
 *
 * While no region is active on it, superblock and directory are read anew.
 * Writes nothing.
 *
 * Return: a reference; ERR_PTR(-EBUSY) when another active volume has the same
 * UUID; or what is wrong with this one.
 */
struct vde_volume *vde_volume_open(dev_t dev, const char **error)
{
	struct vde_volume *volume;
	int err;

	mutex_lock(&volumes_lock);
	list_for_each_entry(volume, &volumes, list) {
		if (volume->dev == dev) {
			kref_get(&volume->ref);
			goto found;
		}
	}
	volume = create(dev, error);
found:
	mutex_unlock(&volumes_lock);
	if (IS_ERR(volume))
		return volume;
	err = reload(volume, error);
	if (!err)
		err = use(volume, 0, error);
	if (err) {
		vde_volume_put(volume);
		return ERR_PTR(err);
	}
	return volume;
}

/**
 * vde_volume_find_region - geometry and UUID of a region
 * @volume: open volume
 * @kind: kind of region
 * @nr: from 0 among those of its kind
 * @geo: set to a copy of its geometry
 * @uuid: set to its UUID
 * @error: set to a phrase on failure
 *
 * Return: 0 or -ENXIO.
 */
int vde_volume_find_region(struct vde_volume *volume, enum vde_region_kind kind,
			   u32 nr, struct vde_geometry *geo, u8 uuid[16],
			   const char **error)
{
	const struct vde_geometry *found;
	int err = 0;

	mutex_lock(&volume->lock);
	found = vde_layout_find(&volume->layout, kind, nr);
	if (found) {
		*geo = *found;
		vde_layout_region_uuid(volume->group->superblock.uuid,
				       found->first_slot, uuid);
	} else {
		err = vde_volume_fault(error, VDE_FAULT_NO_REGION);
	}
	mutex_unlock(&volume->lock);
	return err;
}

/**
 * vde_volume_identity - what a volume is called
 * @volume: active volume
 * @uuid: set to its UUID
 * @label: set to its label: UTF-8, zero padded
 */
void vde_volume_identity(struct vde_volume *volume, u8 uuid[16],
			 u8 label[VDE_LABEL_SIZE])
{
	const struct vde_disk_superblock *sb = &volume->group->superblock;

	mutex_lock(&volume->lock);
	memcpy(uuid, sb->uuid, sizeof(sb->uuid));
	memcpy(label, sb->label, sizeof(sb->label));
	mutex_unlock(&volume->lock);
}

/**
 * vde_volume_activate - a region becomes active
 * @volume: open volume
 * @error: set to a phrase on failure
 *
 * The first region's activation reads superblock and directory anew.
 *
 * Return: 0; -EBUSY when another active volume has the same UUID; or what is
 * wrong with this one.
 */
int vde_volume_activate(struct vde_volume *volume, const char **error)
{
	int err;

	err = reload(volume, error);
	return err ? err : use(volume, 1, error);
}

/**
 * vde_volume_deactivate - a region is active no longer
 * @volume: activated; the region's writes have ended
 */
void vde_volume_deactivate(struct vde_volume *volume)
{
	mutex_lock(&volume->lock);
	WRITE_ONCE(volume->users, volume->users - 1);
	mutex_unlock(&volume->lock);
}

/**
 * vde_volume_writable - may anything be written to this volume?
 * @volume: active volume
 * @writable: set to false on a read-only disk and where the superblock forbids
 *	it
 *
 * Return: 0, or a negative errno when the disk cannot be opened for writing.
 */
int vde_volume_writable(struct vde_volume *volume, bool *writable)
{
	const struct vde_disk_superblock *sb = &volume->group->superblock;
	enum vde_fault fault;
	int err = -EROFS;

	mutex_lock(&volume->lock);
	/* A writer counts on, however far. */
	fault = volume->writers ? VDE_FAULT_NONE :
				  vde_superblock_check_writable(sb);
	if (fault)
		pr_warn("volume %pUl: %s, read-only here\n", sb->uuid,
			vde_fault_phrase(fault));
	else
		err = vde_media_allow_writes(&volume->media);
	mutex_unlock(&volume->lock);
	*writable = !err;
	return err == -EROFS ? 0 : err;
}

static u32 region_index(const struct vde_volume *volume, u32 first_slot)
{
	u32 i = 0;

	while (volume->layout.regions[i].first_slot != first_slot)
		i++;
	return i;
}

/**
 * vde_volume_closed - how was a region left?
 * @volume: active volume
 * @first_slot: the region's, which names it
 *
 * Return: one of enum vde_closed.
 */
enum vde_closed vde_volume_closed(struct vde_volume *volume, u32 first_slot)
{
	enum vde_closed closed;

	mutex_lock(&volume->lock);
	closed = volume->closed[region_index(volume, first_slot)];
	mutex_unlock(&volume->lock);
	return closed;
}

/**
 * vde_volume_begin_writes - a region is about to write
 * @volume: active, writable volume
 * @first_slot: the region's, which names it
 * @now: wall time in ticks
 *
 * The first writer makes the dirty flag durable.
 *
 * Return: 0 or a negative errno.
 */
int vde_volume_begin_writes(struct vde_volume *volume, u32 first_slot,
			    s64 now)
{
	int err = 0;

	mutex_lock(&volume->lock);
	if (!volume->writers) {
		generate_random_guid(volume->session);
		err = vde_group_update(volume, true, now);
	}
	if (!err) {
		volume->closed[region_index(volume, first_slot)] =
			VDE_CLOSED_NOT;
		volume->writers++;
	}
	mutex_unlock(&volume->lock);
	return err;
}

static const struct vde_geometry *first_worm(const struct vde_volume *volume)
{
	return vde_layout_find(&volume->layout, VDE_REGION_WORM, 0);
}

/* Look at the commits of a region that a dirty volume came with. */
static enum vde_closed examine(struct vde_volume *volume,
			       const struct vde_geometry *geo)
{
	struct vde_commit_log log = {};
	struct vde_recovery recovery;
	enum vde_fault fault;
	u8 uuid[16];
	int err;

	vde_layout_region_uuid(volume->group->superblock.uuid, geo->first_slot,
			       uuid);
	vde_commit_log_bind(&log, &volume->media, geo, uuid);
	err = vde_commit_log_init(&log);
	if (!err)
		err = vde_commit_recover(&log, &recovery);
	if (!err && recovery.doubtful)
		err = -EIO;
	if (!err)
		err = vde_commit_check_clean(&log, &fault);
	if (!err && geo == first_worm(volume))
		volume->worm_hwm =
			le64_to_cpu(log.slot->record.state.worm.hwm);
	vde_commit_log_exit(&log);
	return err ? VDE_CLOSED_NOT : VDE_CLOSED_CLEANLY;
}

static bool all_clean(struct vde_volume *volume)
{
	u32 i;

	for (i = 0; i < volume->layout.count; i++) {
		if (volume->closed[i] == VDE_CLOSED_UNKNOWN)
			volume->closed[i] =
				examine(volume, &volume->layout.regions[i]);
		if (volume->closed[i] != VDE_CLOSED_CLEANLY)
			return false;
	}
	return true;
}

/**
 * vde_volume_end_writes - a region writes no more
 * @volume: active volume
 * @first_slot: the region's, which names it
 * @clean: its newest commit is flagged clean and in place
 * @hwm: its high-water mark if @clean
 * @now: wall time in ticks
 *
 * The last writer clears the dirty flag, if every region allows it.
 */
void vde_volume_end_writes(struct vde_volume *volume, u32 first_slot,
			   bool clean, u64 hwm, s64 now)
{
	u32 i;

	mutex_lock(&volume->lock);
	i = region_index(volume, first_slot);
	if (clean) {
		volume->closed[i] = VDE_CLOSED_CLEANLY;
		if (first_worm(volume) == &volume->layout.regions[i])
			volume->worm_hwm = hwm;
	}
	if (!--volume->writers && all_clean(volume) &&
	    vde_group_update(volume, false, now))
		pr_err("volume %pUl: cannot write the superblock, left dirty\n",
		       volume->group->superblock.uuid);
	mutex_unlock(&volume->lock);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a region: claimed by one mapped device, activated at its first
 * resume, closed with its last reference. Design section "Life of a region".
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/device-mapper.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>

#include "region.h"
#include "stream.h"
#include "trace.h"
#include "vault.h"
#include "volume.h"
#include "worm.h"

/* Protects the list and who has claimed what on it. */
static DEFINE_MUTEX(regions_lock);
static LIST_HEAD(regions);

static const struct vde_region_ops *const kind_ops[VDE_REGION_KINDS] = {
	[VDE_REGION_WORM] = &vde_worm_ops,
	[VDE_REGION_STREAM] = &vde_stream_ops,
	[VDE_REGION_VAULT] = &vde_vault_ops,
};

/**
 * vde_region_rename - take over the mapped device's current name
 * @region: claimed region, no I/O in flight
 */
void vde_region_rename(struct vde_region *region)
{
	if (dm_copy_name_and_uuid(region->md, region->name, NULL))
		strscpy(region->name, dm_device_name(region->md),
			sizeof(region->name));
}

static struct vde_region *create(struct vde_volume *volume,
				 enum vde_region_kind kind, u32 nr,
				 struct mapped_device *md,
				 struct vde_news *news,
				 const struct vde_geometry *geo,
				 const char **error)
{
	struct vde_region *region = kind_ops[kind]->alloc(geo);

	if (IS_ERR(region)) {
		*error = "out of memory, or the kernel has no SHA-256";
		return region;
	}
	kref_init(&region->ref);
	region->ops = kind_ops[kind];
	region->md = md;
	region->dev = disk_devt(dm_disk(md));
	region->volume = volume;
	region->nr = nr;
	region->geo = *geo;
	region->news = news;
	vde_gate_init(&region->gate);
	ratelimit_state_init(&region->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	vde_region_rename(region);
	list_add(&region->list, &regions);
	return region;
}

static struct vde_region *find(const struct vde_volume *volume,
			       enum vde_region_kind kind, u32 nr)
{
	struct vde_region *region;

	lockdep_assert_held(&regions_lock);
	list_for_each_entry(region, &regions, list)
		if (region->volume == volume && region->geo.kind == kind &&
		    region->nr == nr)
			return region;
	return NULL;
}

/**
 * vde_region_find_active - the object of a region that is active
 * @volume: its holds lock is held, and keeps the region as it is
 * @geo: the region
 *
 * Return: the region, or NULL when it is not active.
 */
struct vde_region *vde_region_find_active(const struct vde_volume *volume,
					  const struct vde_geometry *geo)
{
	struct vde_region *region;

	lockdep_assert_held(&volume->holds);
	mutex_lock(&regions_lock);
	list_for_each_entry(region, &regions, list)
		if (region->volume == volume && region->active &&
		    region->geo.first_slot == geo->first_slot)
			goto found;
	region = NULL;
found:
	mutex_unlock(&regions_lock);
	return region;
}

/**
 * vde_region_claim - a table names a region
 * @volume: reference that the region takes over, or that is given up when the
 *	region has one already
 * @kind: kind of region
 * @nr: number among those
 * @md: mapped device of the table
 * @news: where news goes; used only if the region is new
 * @error: set to a phrase on failure; the caller keeps the reference then
 *
 * Return: a reference; -EBUSY when another device has the region; -ENXIO or
 * -ENOMEM.
 */
struct vde_region *vde_region_claim(struct vde_volume *volume,
				    enum vde_region_kind kind, u32 nr,
				    struct mapped_device *md,
				    struct vde_news *news, const char **error)
{
	struct vde_region *region;
	struct vde_geometry geo;
	unsigned int noio;
	u8 uuid[16];
	int err;

	err = vde_volume_find_region(volume, kind, nr, &geo, uuid, error);
	if (err)
		return ERR_PTR(err);
	/* A resume may wait for the mutex, and reclaim for that. */
	noio = memalloc_noio_save();
	mutex_lock(&regions_lock);
	region = find(volume, kind, nr);
	if (!region) {
		region = create(volume, kind, nr, md, news, &geo, error);
		if (!IS_ERR(region))
			memcpy(region->uuid, uuid, sizeof(uuid));
	} else if (region->md != md || region->closing) {
		*error = "the region is in use by another device";
		region = ERR_PTR(-EBUSY);
	} else {
		kref_get(&region->ref);
		vde_volume_put(volume);
	}
	mutex_unlock(&regions_lock);
	memalloc_noio_restore(noio);
	return region;
}

static void begin_close(struct kref *ref)
{
	struct vde_region *region = container_of(ref, struct vde_region, ref);

	region->closing = true;
	mutex_unlock(&regions_lock);
}

/**
 * vde_region_put - a table that named the region goes away
 * @region: reference to give up
 *
 * Until the region is closed it stays claimed, so that nobody recovers what is
 * still being written.
 *
 * Return: true if that was the last reference: vde_region_close() must follow.
 */
bool vde_region_put(struct vde_region *region)
{
	return kref_put_mutex(&region->ref, begin_close, &regions_lock);
}

/**
 * vde_region_close - close a region that no table names any more
 * @region: its last reference was given up; nobody can come to its gate
 *
 * Return: the region's news, which now has no user.
 */
struct vde_news *vde_region_close(struct vde_region *region)
{
	struct vde_volume *volume = region->volume;
	struct vde_news *news = region->news;
	unsigned int noio;

	/* A resume may wait for the mutex, and reclaim for that. */
	noio = memalloc_noio_save();
	mutex_lock(&volume->holds);
	if (region->active) {
		region->ops->deactivate(region);
		region->active = false;
		vde_volume_deactivate(volume);
	}
	mutex_unlock(&volume->holds);
	memalloc_noio_restore(noio);
	mutex_lock(&regions_lock);
	list_del(&region->list);
	mutex_unlock(&regions_lock);
	region->ops->free(region);
	vde_volume_put(volume);
	return news;
}

/* The volume may have been formatted anew since the table was loaded. */
static int check_unchanged(struct vde_region *region, const char **error)
{
	struct vde_geometry geo;
	u8 uuid[16];
	int err;

	err = vde_volume_find_region(region->volume, region->geo.kind,
				     region->nr, &geo, uuid, error);
	if (!err && (memcmp(uuid, region->uuid, sizeof(uuid)) ||
		     geo.first_slot != region->geo.first_slot ||
		     geo.meta_start != region->geo.meta_start ||
		     geo.commit_start != region->geo.commit_start ||
		     geo.data_start != region->geo.data_start ||
		     geo.capacity != region->geo.capacity ||
		     geo.read_only != region->geo.read_only)) {
		*error = "the volume has changed since the table was loaded";
		err = -ESTALE;
	}
	return err;
}

static int check_writable(struct vde_region *region, bool *writable,
			  const char **error)
{
	if (!*writable)
		return 0;
	*error = "cannot open the device for writing";
	return vde_volume_writable(region->volume, writable);
}

/* The disk holds something else now: no region may write there any more. */
static void fail_regions_of(const struct vde_volume *volume, const char *why)
{
	struct vde_region *region;

	mutex_lock(&regions_lock);
	list_for_each_entry(region, &regions, list)
		if (region->volume == volume && region->active)
			vde_region_degrade(region, VDE_MODE_FAILED, why,
					   -ESTALE);
	mutex_unlock(&regions_lock);
}

/* A disk that only cannot be read now leaves what is in memory readable. */
static int recheck(struct vde_region *region, const char **error)
{
	int err = vde_volume_recheck(region->volume, error);

	if (err == -ESTALE)
		fail_regions_of(region->volume, *error);
	if (err != -EIO)
		return err;
	vde_region_degrade(region, VDE_MODE_FAILED, *error, err);
	return 0;
}

static int activate(struct vde_region *region, bool writable,
		    const char **error)
{
	int err;

	err = vde_volume_activate(region->volume, error);
	if (err)
		return err;
	err = check_unchanged(region, error);
	if (!err) {
		region->mode = VDE_MODE_RW;
		err = check_writable(region, &writable, error);
	}
	if (!err)
		err = region->ops->activate(region, writable, error);
	if (err) {
		vde_volume_deactivate(region->volume);
		return err;
	}
	region->active = true;
	return 0;
}

static int resume(struct vde_region *region, bool writable,
		  const char **error)
{
	int err;

	writable = writable && !region->geo.read_only;
	vde_region_rename(region);
	if (!region->active)
		return activate(region, writable, error);
	err = recheck(region, error);
	if (err || (region->mode != VDE_MODE_RW && !region->half))
		return err;
	err = check_writable(region, &writable, error);
	if (err || (writable == region->writing && !region->half))
		return err;
	region->ops->deactivate(region);
	err = region->ops->activate(region, writable, error);
	/* What is in memory then counts for nothing. */
	region->half = err;
	return err;
}

/**
 * vde_region_resume - a table with the region is about to go live
 * @region: claimed region, no I/O in flight
 * @writable: the table allows writing
 * @error: set to a phrase on failure
 *
 * Recovers at the first resume; later rechecks the disk. When the new table
 * allows writing and the old one did not, or the reverse, the region is closed
 * and recovered again.
 *
 * Return: 0 or a negative errno.
 */
int vde_region_resume(struct vde_region *region, bool writable,
		      const char **error)
{
	int err;

	mutex_lock(&region->volume->holds);
	err = resume(region, writable, error);
	mutex_unlock(&region->volume->holds);
	return err;
}

/**
 * vde_region_mode - what the region still does
 * @region: any region
 *
 * Return: its mode; read-only also while it is not open for writing.
 */
enum vde_mode vde_region_mode(const struct vde_region *region)
{
	enum vde_mode mode = READ_ONCE(region->mode);

	if (mode == VDE_MODE_RW && !region->writing)
		return VDE_MODE_RO;
	return mode;
}

/**
 * vde_region_check_writable - may the region be changed?
 * @region: active region
 *
 * Return: 0, -EROFS when it is read-only, -EIO when it has failed.
 */
int vde_region_check_writable(const struct vde_region *region)
{
	switch (vde_region_mode(region)) {
	case VDE_MODE_RW:
		return 0;
	case VDE_MODE_RO:
		return -EROFS;
	default:
		return -EIO;
	}
}

/**
 * vde_region_notify - more can be read now
 * @region: any region; the caller may hold its locks
 */
void vde_region_notify(struct vde_region *region)
{
	region->news->advanced(region->news);
}

/**
 * vde_region_mode_name - word of a mode in the status line
 * @mode: a valid mode
 *
 * Return: "rw", "ro" or "failed".
 */
const char *vde_region_mode_name(enum vde_mode mode)
{
	static const char *const names[] = {
		[VDE_MODE_RW] = "rw",
		[VDE_MODE_RO] = "ro",
		[VDE_MODE_FAILED] = "failed",
	};

	return names[mode];
}

/**
 * vde_region_degrade - a region does less from now on
 * @region: any region; the caller may hold its locks
 * @mode: new mode; ignored unless worse than the present one
 * @why: phrase for the message
 * @err: negative errno for the message, or 0
 */
void vde_region_degrade(struct vde_region *region, enum vde_mode mode,
			const char *why, int err)
{
	int old = READ_ONCE(region->mode);

	do {
		if (old >= (int)mode)
			return;
	} while (!try_cmpxchg(&region->mode, &old, mode));
	pr_err("%s: %s (error %d), mode is now %s\n", region->name, why, err,
	       vde_region_mode_name(mode));
	region->news->raise(region->news, VDE_EVENT_FAILED, 0);
}

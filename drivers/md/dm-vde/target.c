// SPDX-License-Identifier: GPL-2.0-only
/*
 * dm-vde: the device-mapper target. Tables, suspend and resume, and the way of
 * a bio to its region.
 */
#define DM_MSG_PREFIX "vde"

#include <linux/device-mapper.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "append.h"
#include "args.h"
#include "chardev.h"
#include "compat.h"
#include "events.h"
#include "status.h"
#include "verify.h"
#include "volume.h"

#define MAX_STREAM_SECTORS (1ULL << 51)	/* 1 EiB */

static int check_device(struct vde_target *target, char **error)
{
	if (bdev_logical_block_size(target->dev->bdev) > VDE_BLOCK_SIZE) {
		*error = "logical block size of the device is above 4096";
		return -EINVAL;
	}
	return 0;
}

/* Claim the region that the table names; nothing is written. */
static int claim(struct vde_target *target, struct dm_target *ti,
		 enum vde_region_kind kind)
{
	struct mapped_device *md = dm_table_get_md(ti->table);
	const char *error = "out of memory";
	struct vde_events *events;
	struct vde_volume *volume;
	struct vde_region *region;

	events = vde_events_create(md);
	if (!events) {
		ti->error = (char *)error;
		return -ENOMEM;
	}
	volume = vde_volume_open(target->dev->bdev->bd_dev, &error);
	if (IS_ERR(volume)) {
		region = ERR_CAST(volume);
	} else {
		region = vde_region_claim(volume, kind, target->options.region,
					  md, &events->news, &error);
		if (IS_ERR(region))
			vde_volume_put(volume);
	}
	if (IS_ERR(region) || region->news != &events->news)
		vde_events_destroy(&events->news);
	if (IS_ERR(region)) {
		ti->error = (char *)error;
		return PTR_ERR(region);
	}
	target->region = region;
	return 0;
}

/* A stream's positions go on beyond its capacity, as far as the table says. */
static int check_length(struct dm_target *ti, const struct vde_region *region)
{
	if (region->geo.kind != VDE_REGION_STREAM) {
		if (ti->len == region->geo.capacity * VDE_SECTORS_PER_BLOCK)
			return 0;
		ti->error = "table length is not the region's capacity";
		return -EINVAL;
	}
	if (ti->len <= MAX_STREAM_SECTORS &&
	    !(ti->len & (VDE_SECTORS_PER_BLOCK - 1)))
		return 0;
	ti->error = "table length is not whole blocks, or above 1 EiB";
	return -EINVAL;
}

static int check_region(struct vde_target *target, struct dm_target *ti)
{
	const struct vde_region *region = target->region;

	if (target->options.has_uuid &&
	    memcmp(target->options.uuid, region->uuid, 16)) {
		ti->error = "the region has another UUID";
		return -ENXIO;
	}
	return check_length(ti, region);
}

static void release(struct dm_target *ti, struct vde_target *target)
{
	struct vde_region *region = target->region;

	if (region) {
		vde_events_forget_table(region->news, ti->table);
		if (vde_region_put(region)) {
			vde_chardev_remove(region);
			vde_events_destroy(vde_region_close(region));
		}
	}
	vde_keys_close(&target->keys);
	if (target->dev)
		dm_put_device(ti, target->dev);
	kfree(target);
}

/* With the credentials of whoever loads the table. */
static int open_keys(struct vde_target *target, struct dm_target *ti)
{
	struct vde_options *options = &target->options;
	const char *error = NULL;
	int err;

	err = vde_keys_open(&target->keys, options->keyring,
			    options->has_issuer_key, options->issuer_key,
			    &error);
	if (err)
		ti->error = (char *)error;
	else
		options->keys = &target->keys;
	return err;
}

static int parse(struct vde_target *target, struct dm_target *ti,
		 unsigned int argc, char **argv, enum vde_region_kind *kind)
{
	struct dm_arg_set as = { .argc = argc, .argv = argv };
	const char *device;
	int err;

	if (argc < 2) {
		ti->error = "device and region kind expected";
		return -EINVAL;
	}
	device = dm_shift_arg(&as);
	err = vde_args_parse_kind(dm_shift_arg(&as), kind, &ti->error);
	if (!err)
		err = vde_args_parse(&as, *kind, &target->options, &ti->error);
	if (err)
		return err;
	err = dm_get_device(ti, device, dm_table_get_mode(ti->table),
			    &target->dev);
	if (err)
		ti->error = "cannot open the device";
	return err;
}

static int vde_ctr(struct dm_target *ti, unsigned int argc, char **argv)
{
	enum vde_region_kind kind = VDE_REGION_WORM;
	struct vde_target *target;
	int err;

	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target) {
		ti->error = "out of memory";
		return -ENOMEM;
	}
	err = parse(target, ti, argc, argv, &kind);
	if (!err)
		err = check_device(target, &ti->error);
	if (!err && kind == VDE_REGION_VAULT)
		err = open_keys(target, ti);
	if (!err)
		err = claim(target, ti, kind);
	if (!err)
		err = check_region(target, ti);
	if (err) {
		release(ti, target);
		return err;
	}
	ti->private = target;
	ti->num_flush_bios = 1;
	/* On a disk that claims no cache FLUSH must still reach us: it seals. */
	ti->flush_supported = true;
	ti->per_io_data_size = max(sizeof(struct vde_append),
				   sizeof(struct vde_read));
	return 0;
}

static void vde_dtr(struct dm_target *ti)
{
	release(ti, ti->private);
}

static int vde_map(struct dm_target *ti, struct bio *bio)
{
	struct vde_target *target = ti->private;

	return target->region->ops->map(target->region, bio);
}

static int vde_end_io(struct dm_target *ti, struct bio *bio,
		      blk_status_t *status)
{
	struct vde_target *target = ti->private;

	if (target->region->ops->end_io)
		target->region->ops->end_io(target->region, bio, status);
	return DM_ENDIO_DONE;
}

static void vde_presuspend(struct dm_target *ti)
{
	struct vde_target *target = ti->private;

	if (target->region->active && target->region->ops->drain)
		target->region->ops->drain(target->region,
					   dm_noflush_suspending(ti));
}

static void vde_presuspend_undo(struct dm_target *ti)
{
	struct vde_target *target = ti->private;

	if (target->region->active && target->region->ops->undrain)
		target->region->ops->undrain(target->region);
}

static void vde_postsuspend(struct dm_target *ti)
{
	struct vde_target *target = ti->private;

	vde_gate_suspend(&target->region->gate);
	if (target->region->active)
		target->region->ops->suspend(target->region);
}

static int vde_preresume(struct dm_target *ti)
{
	bool writable = dm_table_get_mode(ti->table) & BLK_OPEN_WRITE;
	struct vde_target *target = ti->private;
	struct vde_region *region = target->region;
	const char *error = "cannot be activated";
	unsigned int noio;
	int err;

	vde_events_set_table(region->news, ti->table);
	/* Reclaim must not wait for bios that wait for this resume. */
	noio = memalloc_noio_save();
	err = vde_region_resume(region, writable, &error);
	if (!err) {
		error = "cannot make the character device";
		err = vde_chardev_add(region);
	}
	memalloc_noio_restore(noio);
	if (err) {
		DMERR("%s: %s (error %d)", region->name, error, err);
		return err;
	}
	region->ops->configure(region, &target->options);
	vde_events_forget_pages(region->news);
	vde_gate_resume(&region->gate);
	return 0;
}

/* Only the region's own extent: the table may be longer than the disk. */
static int vde_iterate_devices(struct dm_target *ti,
			       iterate_devices_callout_fn fn, void *data)
{
	struct vde_target *target = ti->private;
	const struct vde_geometry *geo = &target->region->geo;

	return fn(ti, target->dev, geo->data_start * VDE_SECTORS_PER_BLOCK,
		  geo->capacity * VDE_SECTORS_PER_BLOCK, data);
}

static void vde_io_hints(struct dm_target *ti, struct queue_limits *limits)
{
	limits->logical_block_size = VDE_BLOCK_SIZE;
	limits->physical_block_size = VDE_BLOCK_SIZE;
	limits->io_min = VDE_BLOCK_SIZE;
	vde_limits_no_discard(limits);
}

static struct target_type vde_target = {
	.name = "vde",
	.version = { 1, 0, 0 },
	.features = DM_TARGET_SINGLETON,
	.module = THIS_MODULE,
	.ctr = vde_ctr,
	.dtr = vde_dtr,
	.map = vde_map,
	.end_io = vde_end_io,
	.presuspend = vde_presuspend,
	.presuspend_undo = vde_presuspend_undo,
	.postsuspend = vde_postsuspend,
	.preresume = vde_preresume,
	.status = vde_status,
	.message = vde_message,
	.iterate_devices = vde_iterate_devices,
	.io_hints = vde_io_hints,
};

static int __init vde_init(void)
{
	int err;

	err = vde_append_module_init();
	if (err)
		return err;
	err = vde_chardev_module_init();
	if (err)
		goto exit_append;
	err = dm_register_target(&vde_target);
	if (err)
		goto exit_chardev;
	return 0;

exit_chardev:
	vde_chardev_module_exit();
exit_append:
	vde_append_module_exit();
	return err;
}

static void __exit vde_exit(void)
{
	dm_unregister_target(&vde_target);
	vde_chardev_module_exit();
	vde_append_module_exit();
}

module_init(vde_init);
module_exit(vde_exit);

MODULE_DESCRIPTION("device-mapper compliance store: WORM, stream and vault regions");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/vde/dm-N/: one value a file, read only. Described in
 * Documentation/ABI/testing/sysfs-class-vde.
 */
#include <linux/device.h>
#include <linux/math64.h>
#include <linux/sysfs.h>
#include <uapi/linux/dm-vde.h>

#include "chardev.h"
#include "region.h"
#include "stream.h"
#include "sysfs.h"
#include "volume.h"
#include "worm.h"

/**
 * vde_sysfs_show - show an attribute
 * @dev: of a character device
 * @attr: in a struct vde_sysfs_value
 * @buf: a page
 *
 * Return: its length in bytes, or -ENODEV when the region is being closed.
 */
ssize_t vde_sysfs_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	const struct vde_sysfs_value *value =
		container_of(attr, struct vde_sysfs_value, attr);
	struct vde_region *region = vde_chardev_lock_region(dev);
	ssize_t size;

	if (!region)
		return -ENODEV;
	if (value->number)
		size = sysfs_emit(buf, "%llu\n", value->number(region));
	else
		size = value->emit(region, buf);
	vde_chardev_unlock_region(dev);
	return size;
}

static ssize_t kind_emit(struct vde_region *region, char *buf)
{
	return sysfs_emit(buf, "%s\n", vde_region_kind_name(region->geo.kind));
}

TEXT(kind);

static u64 region_number(struct vde_region *region)
{
	return region->nr;
}

NUMBER(region);

static ssize_t uuid_emit(struct vde_region *region, char *buf)
{
	return sysfs_emit(buf, "%pUl\n", region->uuid);
}

TEXT(uuid);

static ssize_t volume_uuid_emit(struct vde_region *region, char *buf)
{
	u8 uuid[16], label[VDE_LABEL_SIZE];

	vde_volume_identity(region->volume, uuid, label);
	return sysfs_emit(buf, "%pUl\n", uuid);
}

TEXT(volume_uuid);

/* The disk says what the label is: a newline in it must stay one value. */
static ssize_t label_emit(struct vde_region *region, char *buf)
{
	u8 uuid[16], label[VDE_LABEL_SIZE];

	vde_volume_identity(region->volume, uuid, label);
	return sysfs_emit(buf, "%*pEs\n",
			  (int)strnlen(label, sizeof(label)), label);
}

TEXT(label);

static u64 capacity_blocks_number(struct vde_region *region)
{
	return region->geo.capacity;
}

NUMBER(capacity_blocks);

static ssize_t mode_emit(struct vde_region *region, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  vde_region_mode_name(vde_region_mode(region)));
}

TEXT(mode);

static u64 refused_sealed_number(struct vde_region *region)
{
	return atomic64_read(&region->refused[VDE_REFUSED_SEALED]);
}

NUMBER(refused_sealed);

static u64 refused_gap_number(struct vde_region *region)
{
	return atomic64_read(&region->refused[VDE_REFUSED_GAP]);
}

NUMBER(refused_gap);

static u64 refused_full_number(struct vde_region *region)
{
	return atomic64_read(&region->refused[VDE_REFUSED_FULL]);
}

NUMBER(refused_full);

static u64 refused_op_number(struct vde_region *region)
{
	return atomic64_read(&region->refused[VDE_REFUSED_OP]);
}

NUMBER(refused_op);

static struct attribute *common_attrs[] = {
	&kind_value.attr.attr,
	&region_value.attr.attr,
	&uuid_value.attr.attr,
	&volume_uuid_value.attr.attr,
	&label_value.attr.attr,
	&capacity_blocks_value.attr.attr,
	&mode_value.attr.attr,
	&refused_sealed_value.attr.attr,
	&refused_gap_value.attr.attr,
	&refused_full_value.attr.attr,
	&refused_op_value.attr.attr,
	NULL
};

static const struct attribute_group common_group = {
	.attrs = common_attrs,
};

static struct vde_status status_of(struct vde_region *region)
{
	struct vde_status status = {};

	region->ops->status(region, &status);
	return status;
}

/**
 * vde_sysfs_is_kind - is it an attribute of this kind of region?
 * @kobj: of a character device
 * @kind: kind of region
 *
 * Return: true if so.
 */
bool vde_sysfs_is_kind(struct kobject *kobj, enum vde_region_kind kind)
{
	struct device *dev = kobj_to_dev(kobj);
	struct vde_region *region = vde_chardev_lock_region(dev);
	bool is;

	if (!region)
		return false;
	is = region->geo.kind == kind;
	vde_chardev_unlock_region(dev);
	return is;
}

/* WORM regions: */

static struct vde_retention retention_of(struct vde_region *region)
{
	struct vde_retention retention;

	vde_worm_retention(to_worm(region), &retention);
	return retention;
}

static u64 seconds(s64 ticks)
{
	return div_u64(ticks, VDE_TICKS_PER_SECOND);
}

static u64 high_water_mark_number(struct vde_region *region)
{
	return status_of(region).hwm;
}

NUMBER(high_water_mark);

static u64 committed_high_water_mark_number(struct vde_region *region)
{
	return status_of(region).committed;
}

NUMBER(committed_high_water_mark);

/* Each block has one record. */
static u64 records_number(struct vde_region *region)
{
	return status_of(region).hwm;
}

NUMBER(records);

static u64 corrupted_blocks_number(struct vde_region *region)
{
	return atomic64_read(&region->corrupt);
}

NUMBER(corrupted_blocks);

static u64 retention_seconds_number(struct vde_region *region)
{
	return seconds(retention_of(region).period);
}

NUMBER(retention_seconds);

static u64 compliance_clock_number(struct vde_region *region)
{
	return seconds(retention_of(region).clock);
}

NUMBER(compliance_clock);

static ssize_t expires_emit(struct vde_region *region, char *buf)
{
	struct vde_retention retention = retention_of(region);
	s64 expires;

	if (!status_of(region).hwm)
		return sysfs_emit(buf, "-\n");
	if (retention.remaining == VDE_IOC_RETENTION_NEVER)
		return sysfs_emit(buf, "never\n");
	/* Not early by a fraction of a second; the sum cannot overflow here. */
	expires = retention.sealed + retention.period;
	return sysfs_emit(buf, "%llu\n",
			  seconds(expires - 1) + 1);
}

TEXT(expires);

static u64 resets_number(struct vde_region *region)
{
	return retention_of(region).resets;
}

NUMBER(resets);

static struct vde_scrub_status scrub_of(struct vde_region *region)
{
	struct vde_scrub_status status;

	vde_scrub_status(&to_worm(region)->scrub, &status);
	return status;
}

static ssize_t scrub_state_emit(struct vde_region *region, char *buf)
{
	static const char *const states[] = {
		[VDE_IOC_SCRUB_NEVER] = "never",
		[VDE_IOC_SCRUB_RUNNING] = "running",
		[VDE_IOC_SCRUB_STOPPED] = "stopped",
		[VDE_IOC_SCRUB_DONE] = "done",
		[VDE_IOC_SCRUB_FAILED] = "failed",
	};

	return sysfs_emit(buf, "%s\n", states[scrub_of(region).state]);
}

TEXT(scrub_state);

static u64 scrub_position_number(struct vde_region *region)
{
	return scrub_of(region).position;
}

NUMBER(scrub_position);

static u64 scrub_corrupted_number(struct vde_region *region)
{
	return scrub_of(region).corrupted;
}

NUMBER(scrub_corrupted);

static u64 last_scrub_number(struct vde_region *region)
{
	s64 last = scrub_of(region).last_scrub;

	return last < VDE_TICKS_UNIX_EPOCH ?
	       0 : seconds(last - VDE_TICKS_UNIX_EPOCH);
}

NUMBER(last_scrub);

static struct attribute *worm_attrs[] = {
	&high_water_mark_value.attr.attr,
	&committed_high_water_mark_value.attr.attr,
	&records_value.attr.attr,
	&corrupted_blocks_value.attr.attr,
	&retention_seconds_value.attr.attr,
	&compliance_clock_value.attr.attr,
	&expires_value.attr.attr,
	&resets_value.attr.attr,
	&scrub_state_value.attr.attr,
	&scrub_position_value.attr.attr,
	&scrub_corrupted_value.attr.attr,
	&last_scrub_value.attr.attr,
	NULL
};

static umode_t worm_is_visible(struct kobject *kobj, struct attribute *attr,
			       int nr)
{
	return vde_sysfs_is_kind(kobj, VDE_REGION_WORM) ? attr->mode : 0;
}

static const struct attribute_group worm_group = {
	.attrs = worm_attrs,
	.is_visible = worm_is_visible,
};

/* Streams: */

static struct vde_ring ring_of(struct vde_region *region)
{
	struct vde_ring ring;

	vde_stream_state(to_stream(region), &ring);
	return ring;
}

static u64 allocated_blocks_number(struct vde_region *region)
{
	return ring_of(region).allocated;
}

NUMBER(allocated_blocks);

static u64 allocation_percent_number(struct vde_region *region)
{
	struct vde_ring ring = ring_of(region);

	return div64_u64(ring.allocated * 100, ring.capacity);
}

NUMBER(allocation_percent);

static u64 write_head_number(struct vde_region *region)
{
	return ring_of(region).head;
}

NUMBER(write_head);

static u64 read_tail_number(struct vde_region *region)
{
	return ring_of(region).tail;
}

NUMBER(read_tail);

static u64 entries_number(struct vde_region *region)
{
	struct vde_ring ring = ring_of(region);

	return ring.head - ring.tail;
}

NUMBER(entries);

static u64 lost_entries_number(struct vde_region *region)
{
	return status_of(region).lost;
}

NUMBER(lost_entries);

static u64 growth_increment_number(struct vde_region *region)
{
	return ring_of(region).growth;
}

NUMBER(growth_increment);

static ssize_t policy_emit(struct vde_region *region, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  vde_ring_policy_name(ring_of(region).policy));
}

TEXT(policy);

static struct attribute *stream_attrs[] = {
	&allocated_blocks_value.attr.attr,
	&allocation_percent_value.attr.attr,
	&write_head_value.attr.attr,
	&read_tail_value.attr.attr,
	&entries_value.attr.attr,
	&lost_entries_value.attr.attr,
	&growth_increment_value.attr.attr,
	&policy_value.attr.attr,
	NULL
};

static umode_t stream_is_visible(struct kobject *kobj, struct attribute *attr,
				 int nr)
{
	return vde_sysfs_is_kind(kobj, VDE_REGION_STREAM) ? attr->mode : 0;
}

static const struct attribute_group stream_group = {
	.attrs = stream_attrs,
	.is_visible = stream_is_visible,
};

const struct attribute_group *vde_sysfs_groups[] = {
	&common_group,
	&worm_group,
	&stream_group,
	&vde_sysfs_vault_group,
	NULL
};

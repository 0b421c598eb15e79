// SPDX-License-Identifier: GPL-2.0-only
/* Commands of the character device: what they need, and the common ones. */
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "chardev.h"
#include "ioctl.h"
#include "region.h"
#include "volume.h"
#include "worm.h"

static_assert(VDE_IOC_KIND_WORM == (int)VDE_REGION_WORM);
static_assert(VDE_IOC_KIND_STREAM == (int)VDE_REGION_STREAM);
static_assert(VDE_IOC_KIND_VAULT == (int)VDE_REGION_VAULT);
static_assert(VDE_IOC_MODE_RW == (int)VDE_MODE_RW);
static_assert(VDE_IOC_MODE_RO == (int)VDE_MODE_RO);
static_assert(VDE_IOC_MODE_FAILED == (int)VDE_MODE_FAILED);

static int run_info(struct vde_ioctl_call *call)
{
	struct vde_region *region = call->region;
	struct vde_ioc_info *info = call->arg;

	info->kind = region->geo.kind;
	info->region = region->nr;
	info->block_size = VDE_BLOCK_SIZE;
	info->capacity = region->geo.capacity;
	memcpy(info->uuid, region->uuid, sizeof(info->uuid));
	vde_volume_identity(region->volume, info->volume_uuid, info->label);
	info->created = region->geo.kind == VDE_REGION_WORM ?
			to_worm(region)->created : 0;
	return 0;
}

static int prepare_append(struct vde_ioctl_call *call)
{
	struct vde_ioc_append *append = call->arg;
	struct vde_call *payload;
	struct iov_iter from;
	int err;

	if (!append->length)
		return -EINVAL;
	if (append->length > VDE_IOC_APPEND_MAX)
		return -EMSGSIZE;
	err = vde_chardev_import(append->data, append->length, true, &from);
	if (err)
		return err;
	payload = vde_append_prepare(&from, append->length);
	if (IS_ERR(payload))
		return PTR_ERR(payload);
	call->payload = payload;
	return 0;
}

static int run_append(struct vde_ioctl_call *call)
{
	struct vde_ioc_append *append = call->arg;

	append->blocks = DIV_ROUND_UP(append->length, VDE_BLOCK_SIZE);
	return vde_chardev_append(call->region, call->payload,
				  append->flags & VDE_IOC_APPEND_DURABLE,
				  &append->block);
}

#define FOR_ALL		(BIT(VDE_REGION_KINDS) - 1)
#define FOR_APPENDS	(BIT(VDE_REGION_WORM) | BIT(VDE_REGION_STREAM))

/* What several kinds of region know. */
static const struct vde_ioctl common[] = {
	{ .cmd = VDE_IOC_INFO, .kinds = FOR_ALL,
	  VDE_IOCTL_STRUCTURE(vde_ioc_info, 136),
	  .reserved = offsetof(struct vde_ioc_info, reserved),
	  .mode = FMODE_READ, .run = run_info },
	{ .cmd = VDE_IOC_APPEND, .kinds = FOR_APPENDS,
	  VDE_IOCTL_STRUCTURE(vde_ioc_append, 40),
	  .flags = VDE_IOC_APPEND_DURABLE,
	  .mode = FMODE_WRITE, .prepare = prepare_append,
	  .run = run_append },
	{ }
};

static const struct vde_ioctl *const tables[] = {
	common, vde_ioctls_worm, vde_ioctls_scrub, vde_ioctls_stream,
	vde_ioctls_vault, vde_ioctls_vault_list,
};

/**
 * vde_ioctl_find - find a command
 * @cmd: as user space gave it
 *
 * Return: the command, or NULL if there is none of that number.
 */
const struct vde_ioctl *vde_ioctl_find(unsigned int cmd)
{
	const struct vde_ioctl *ioctl;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (ioctl = tables[i]; ioctl->run; ioctl++)
			if (ioctl->cmd == cmd)
				return ioctl;
	return NULL;
}

static int check(const struct vde_ioctl *ioctl, const void *arg)
{
	const u32 *flags = arg + sizeof(u32);

	if (*flags & ~ioctl->flags)
		return -EINVAL;
	if (ioctl->reserved && *(const u32 *)(arg + ioctl->reserved))
		return -EINVAL;
	return 0;
}

/**
 * vde_ioctl_prepare - check a command, and take the caller's memory
 * @ioctl: from vde_ioctl_find()
 * @call: its structure copied in, permissions checked
 *
 * Return: 0 or a negative errno, see include/uapi/linux/dm-vde.h.
 */
int vde_ioctl_prepare(const struct vde_ioctl *ioctl,
		      struct vde_ioctl_call *call)
{
	int err = check(ioctl, call->arg);

	return err || !ioctl->prepare ? err : ioctl->prepare(call);
}

/**
 * vde_ioctl_run - run a command
 * @ioctl: from vde_ioctl_find()
 * @call: prepared, its region locked
 *
 * Return: 0 or a negative errno, see include/uapi/linux/dm-vde.h.
 */
int vde_ioctl_run(const struct vde_ioctl *ioctl, struct vde_ioctl_call *call)
{
	int err;

	if (!ioctl->gated)
		return ioctl->run(call);
	err = vde_gate_enter(&call->region->gate);
	if (err)
		return err;
	err = ioctl->run(call);
	vde_gate_leave(&call->region->gate);
	return err;
}

/**
 * vde_ioctl_step_out - let go of the region while the caller's memory is used
 * @call: running, outside of the region's gate
 *
 * That memory may take its time, or lie on a device that waits for this one:
 * neither a suspend nor a removal waits for it.
 */
void vde_ioctl_step_out(struct vde_ioctl_call *call)
{
	call->region = NULL;
	vde_chardev_unlock_region(call->dev);
}

/**
 * vde_ioctl_step_in - go on with the region, if it is still there
 * @call: after vde_ioctl_step_out()
 *
 * Return: 0 or -ENODEV.
 */
int vde_ioctl_step_in(struct vde_ioctl_call *call)
{
	call->region = vde_chardev_lock_region(call->dev);
	return call->region ? 0 : -ENODEV;
}

#define MAX_ENTRY_SIZE	4096U	/* as the caller may know it */

/**
 * vde_ioctl_import_entries - the array of entries that a command fills
 * @address: as user space gave it
 * @size: of an entry, in bytes, as the caller knows it
 * @min_size: of the entry's first version
 * @count: entries there is room for; what no iterator can reach is left to the
 *	next call
 * @to: set up to reach them
 *
 * Return: 0; -EINVAL or -E2BIG when @size cannot be; -EFAULT.
 */
int vde_ioctl_import_entries(u64 address, u32 size, u32 min_size, u32 *count,
			     struct iov_iter *to)
{
	if (size < min_size)
		return -EINVAL;
	if (size > MAX_ENTRY_SIZE)
		return -E2BIG;
	*count = min_t(u32, *count, MAX_RW_COUNT / size);
	return vde_chardev_import(address, (size_t)*count * size, false, to);
}

/* What the caller knows of an entry; what only he knows is zero. */
static int put_entry(struct iov_iter *to, u32 size, const void *entry,
		     u32 entry_size)
{
	size_t known = min(size, entry_size);

	if (copy_to_iter(entry, known, to) != known ||
	    iov_iter_zero(size - known, to) != size - known)
		return -EFAULT;
	return 0;
}

/**
 * vde_ioctl_put_entries - give entries to the caller
 * @call: running, outside of the region's gate
 * @to: from vde_ioctl_import_entries(); advanced
 * @size: of an entry, in bytes, as the caller knows it
 * @entries: what he gets
 * @entry_size: of one of these, in bytes
 * @count: how many
 *
 * The region is let go meanwhile: see vde_ioctl_step_out(). Sleeps.
 *
 * Return: 0; -EFAULT; -ENODEV when they are given, and the region is gone.
 */
int vde_ioctl_put_entries(struct vde_ioctl_call *call, struct iov_iter *to,
			  u32 size, const void *entries, u32 entry_size,
			  u32 count)
{
	int err = 0;
	u32 i;

	vde_ioctl_step_out(call);
	for (i = 0; i < count && !err; i++)
		err = put_entry(to, size, entries + i * entry_size, entry_size);
	cond_resched();
	return err ? err : vde_ioctl_step_in(call);
}

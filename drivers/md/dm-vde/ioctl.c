// SPDX-License-Identifier: GPL-2.0-only
/* Commands of the character device: one table, one function each. */
#include <linux/cred.h>
#include <linux/device-mapper.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
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
	if (region->geo.kind == VDE_REGION_WORM)
		info->created = to_worm(region)->created;
	return 0;
}

static int run_status(struct vde_ioctl_call *call)
{
	struct vde_region *region = call->region;
	struct vde_ioc_status *out = call->arg;
	struct vde_status status = {};

	region->ops->status(region, &status);
	out->mode = vde_region_mode(region);
	out->hwm = status.hwm;
	out->committed = status.committed;
	out->records = status.hwm;
	out->inflight = status.inflight;
	out->refused_sealed =
		atomic64_read(&region->refused[VDE_REFUSED_SEALED]);
	out->refused_gap = atomic64_read(&region->refused[VDE_REFUSED_GAP]);
	out->refused_full = atomic64_read(&region->refused[VDE_REFUSED_FULL]);
	out->refused_op = atomic64_read(&region->refused[VDE_REFUSED_OP]);
	out->corrupted = atomic64_read(&region->corrupt);
	out->appends = status.stats.appends;
	out->held = status.stats.held;
	out->rollbacks = status.stats.rollbacks;
	out->flushes = status.stats.flushes;
	out->commits = status.stats.commits;
	return 0;
}

static int run_append(struct vde_ioctl_call *call)
{
	struct vde_ioc_append *append = call->arg;
	struct iov_iter from;
	int err;

	if (!append->length)
		return -EINVAL;
	if (append->length > VDE_IOC_APPEND_MAX)
		return -EMSGSIZE;
	err = vde_chardev_import(append->data, append->length, true, &from);
	if (err)
		return err;
	append->blocks = DIV_ROUND_UP(append->length, VDE_BLOCK_SIZE);
	return vde_chardev_append(call->region, &from, append->length,
				  append->flags & VDE_IOC_APPEND_DURABLE,
				  &append->block);
}

static int run_retention_get(struct vde_ioctl_call *call)
{
	struct vde_ioc_retention *out = call->arg;
	struct vde_retention retention;

	vde_worm_retention(to_worm(call->region), &retention);
	out->state = retention.held ? VDE_IOC_RETENTION_HELD : 0;
	out->retention = retention.period;
	out->clock = retention.clock;
	out->sealed_clock = retention.sealed;
	out->remaining = retention.remaining;
	out->resets = retention.resets;
	return 0;
}

static int run_retention_extend(struct vde_ioctl_call *call)
{
	struct vde_ioc_retention *arg = call->arg;
	int err;

	err = vde_worm_extend(to_worm(call->region), arg->retention);
	return err ? err : run_retention_get(call);
}

/* Does anybody but the caller have the device open? Openers must wait. */
static bool in_use(const struct vde_ioctl_call *call)
{
	struct gendisk *disk = dm_disk(call->region->md);

	lockdep_assert_held(&disk->open_mutex);
	return call->shared || disk_openers(disk);
}

static int reset_alone(struct vde_ioctl_call *call)
{
	struct vde_worm *worm = to_worm(call->region);
	struct vde_ioc_reset *reset = call->arg;
	int err;

	err = vde_worm_may_reset(worm);
	if (err)
		return err;
	if (in_use(call))
		return -EBUSY;
	return vde_worm_reset(worm, from_kuid(&init_user_ns, current_uid()),
			      current->comm, &reset->records);
}

static int run_reset(struct vde_ioctl_call *call)
{
	struct gendisk *disk = dm_disk(call->region->md);
	int err = vde_gate_enter_alone(&call->region->gate);

	if (err)
		return err;
	mutex_lock(&disk->open_mutex);
	err = reset_alone(call);
	mutex_unlock(&disk->open_mutex);
	vde_gate_leave_alone(&call->region->gate);
	return err;
}

#define FOR_WORM	BIT(VDE_REGION_WORM)
#define FOR_ALL		(BIT(VDE_REGION_KINDS) - 1)

/* The first version of each structure is the present one, so far. */
#define STRUCTURE(type)							       \
	.size = sizeof(struct type), .min_size = sizeof(struct type)

static const struct vde_ioctl table[] = {
	{ .cmd = VDE_IOC_INFO, .kinds = FOR_ALL, STRUCTURE(vde_ioc_info),
	  .reserved = offsetof(struct vde_ioc_info, reserved),
	  .mode = FMODE_READ, .run = run_info },
	{ .cmd = VDE_IOC_STATUS, .kinds = FOR_WORM, STRUCTURE(vde_ioc_status),
	  .reserved = offsetof(struct vde_ioc_status, reserved),
	  .mode = FMODE_READ, .run = run_status },
	{ .cmd = VDE_IOC_APPEND, .kinds = FOR_WORM, STRUCTURE(vde_ioc_append),
	  .flags = VDE_IOC_APPEND_DURABLE,
	  .mode = FMODE_WRITE, .run = run_append },
	{ .cmd = VDE_IOC_RETENTION_GET, .kinds = FOR_WORM,
	  STRUCTURE(vde_ioc_retention),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_READ, .run = run_retention_get },
	{ .cmd = VDE_IOC_RETENTION_EXTEND, .kinds = FOR_WORM,
	  STRUCTURE(vde_ioc_retention),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_WRITE, .admin = true, .gated = true,
	  .run = run_retention_extend },
	{ .cmd = VDE_IOC_RESET, .kinds = FOR_WORM, STRUCTURE(vde_ioc_reset),
	  .mode = FMODE_WRITE, .admin = true, .run = run_reset },
};

static_assert(sizeof(struct vde_ioc_info) <= VDE_IOCTL_MAX_SIZE);
static_assert(sizeof(struct vde_ioc_status) <= VDE_IOCTL_MAX_SIZE);
static_assert(sizeof(struct vde_ioc_scrub_status) <= VDE_IOCTL_MAX_SIZE);

/**
 * vde_ioctl_find - find a command
 * @cmd: as user space gave it
 *
 * Return: the command, or NULL if there is none of that number.
 */
const struct vde_ioctl *vde_ioctl_find(unsigned int cmd)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].cmd == cmd)
			return &table[i];
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
 * vde_ioctl_run - run a command
 * @ioctl: from vde_ioctl_find()
 * @call: its structure copied in, permissions checked
 *
 * Return: 0 or a negative errno, see include/uapi/linux/dm-vde.h.
 */
int vde_ioctl_run(const struct vde_ioctl *ioctl, struct vde_ioctl_call *call)
{
	int err = check(ioctl, call->arg);

	if (err)
		return err;
	if (!ioctl->gated)
		return ioctl->run(call);
	err = vde_gate_enter(&call->region->gate);
	if (err)
		return err;
	err = ioctl->run(call);
	vde_gate_leave(&call->region->gate);
	return err;
}

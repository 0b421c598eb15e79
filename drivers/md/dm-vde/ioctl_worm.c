// SPDX-License-Identifier: GPL-2.0-only
/* Commands that only WORM regions know. */
#include <linux/cred.h>
#include <linux/device-mapper.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
#include <uapi/linux/dm-vde.h>

#include "ioctl.h"
#include "worm.h"

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

const struct vde_ioctl vde_ioctls_worm[] = {
	{ .cmd = VDE_IOC_STATUS, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_status),
	  .reserved = offsetof(struct vde_ioc_status, reserved),
	  .mode = FMODE_READ, .run = run_status },
	{ .cmd = VDE_IOC_RETENTION_GET, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_retention),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_READ, .run = run_retention_get },
	{ .cmd = VDE_IOC_RETENTION_EXTEND, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_retention),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_WRITE, .admin = true, .gated = true,
	  .run = run_retention_extend },
	{ .cmd = VDE_IOC_RESET, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_reset),
	  .mode = FMODE_WRITE, .admin = true, .run = run_reset },
	{ }
};

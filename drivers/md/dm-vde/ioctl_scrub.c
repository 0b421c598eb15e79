// SPDX-License-Identifier: GPL-2.0-only
/* Commands of a scrub. None is gated: the scrub's worker is, chunk by chunk. */
#include <linux/fs.h>
#include <uapi/linux/dm-vde.h>

#include "ioctl.h"
#include "worm.h"

static struct vde_scrub *scrub_of(const struct vde_ioctl_call *call)
{
	return &to_worm(call->region)->scrub;
}

static int run_start(struct vde_ioctl_call *call)
{
	const struct vde_ioc_scrub_start *start = call->arg;

	return vde_scrub_start(scrub_of(call), start->from, start->rate,
			       start->flags & VDE_IOC_SCRUB_RESUME);
}

static int run_stop(struct vde_ioctl_call *call)
{
	return vde_scrub_stop(scrub_of(call));
}

static int run_status(struct vde_ioctl_call *call)
{
	struct vde_ioc_scrub_status *out = call->arg;
	struct vde_scrub_status status;

	vde_scrub_status(scrub_of(call), &status);
	out->state = status.state;
	out->error = -status.error;
	out->from = status.from;
	out->position = status.position;
	out->end = status.end;
	out->rate = status.rate;
	out->corrupted = status.corrupted;
	out->started = status.started;
	out->ended = status.ended;
	out->last_scrub = status.last_scrub;
	memcpy(out->blocks, status.blocks, sizeof(out->blocks));
	return 0;
}

#define FOR_WORM	BIT(VDE_REGION_WORM)

const struct vde_ioctl vde_ioctls_scrub[] = {
	{ .cmd = VDE_IOC_SCRUB_START, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_scrub_start, 24),
	  .flags = VDE_IOC_SCRUB_RESUME,
	  .mode = FMODE_WRITE, .run = run_start },
	{ .cmd = VDE_IOC_SCRUB_STOP, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_scrub_stop, 8),
	  .mode = FMODE_WRITE, .run = run_stop },
	{ .cmd = VDE_IOC_SCRUB_STATUS, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_scrub_status, 208),
	  .mode = FMODE_READ, .run = run_status },
	{ }
};

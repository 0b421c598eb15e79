// SPDX-License-Identifier: GPL-2.0-only
/* Commands that only streams know. */
#include <uapi/linux/dm-vde.h>

#include "events.h"
#include "ioctl.h"
#include "stream.h"
#include "stream_file.h"

static_assert(VDE_IOC_STREAM_OVERWRITE == (int)VDE_RING_OVERWRITE);
static_assert(VDE_IOC_STREAM_STOP == (int)VDE_RING_STOP);

static u64 refused(const struct vde_region *region, enum vde_refusal refusal)
{
	return atomic64_read(&region->refused[refusal]);
}

static int run_status(struct vde_ioctl_call *call)
{
	struct vde_stream *stream = to_stream(call->region);
	struct vde_ioc_stream_status *out = call->arg;
	struct vde_region *region = call->region;
	struct vde_status status = {};

	region->ops->status(region, &status);
	out->mode = vde_region_mode(region);
	out->policy = stream->ring.policy;
	out->growth = stream->ring.growth;
	out->capacity = status.capacity;
	out->allocated = status.allocated;
	out->head = status.hwm;
	out->tail = status.tail;
	out->committed = status.committed;
	out->lost = status.lost;
	out->reserve = READ_ONCE(stream->reserve);
	out->inflight = status.inflight;
	out->refused_sealed = refused(region, VDE_REFUSED_SEALED);
	out->refused_gap = refused(region, VDE_REFUSED_GAP);
	out->refused_full = refused(region, VDE_REFUSED_FULL);
	out->refused_op = refused(region, VDE_REFUSED_OP);
	out->position = vde_stream_file_position(call->reader, stream);
	out->overrun = READ_ONCE(call->reader->overrun);
	return 0;
}

static int run_consume(struct vde_ioctl_call *call)
{
	struct vde_ioc_stream_consume *consume = call->arg;

	return vde_stream_consume(to_stream(call->region),
				  consume->flags & VDE_IOC_STREAM_COUNT,
				  &consume->position, &consume->consumed);
}

static int reset_alone(struct vde_region *region)
{
	int err = vde_gate_enter_alone(&region->gate);

	if (err)
		return err;
	err = vde_stream_reset(to_stream(region));
	vde_gate_leave_alone(&region->gate);
	return err;
}

/*
 * The node's page cache is emptied while it cannot be filled again, and before
 * the ring is empty: so it never shows what is not there. But a buffered write
 * in between leaves its pages there until it is emptied once more.
 */
static int run_reset(struct vde_ioctl_call *call)
{
	struct vde_region *region = call->region;
	struct vde_stream *stream = to_stream(region);
	int err = vde_region_check_writable(region);

	if (err)
		return err;
	vde_stream_stop_reads(stream);
	vde_events_invalidate(region->news, 0, VDE_MAX_BLOCKS);
	err = reset_alone(region);
	vde_stream_start_reads(stream);
	if (!err)
		vde_events_invalidate(region->news, 0, VDE_MAX_BLOCKS);
	return err;
}

static int run_wait(struct vde_ioctl_call *call)
{
	struct vde_stream *stream = to_stream(call->region);
	struct vde_ioc_stream_wait *wait = call->arg;
	struct vde_ring ring;
	int err;

	err = vde_stream_file_wait(call->reader, stream, wait->position,
				   wait->timeout);
	vde_stream_state(stream, &ring);
	wait->head = ring.head;
	wait->tail = ring.tail;
	return err;
}

#define FOR_STREAM	BIT(VDE_REGION_STREAM)

const struct vde_ioctl vde_ioctls_stream[] = {
	{ .cmd = VDE_IOC_STREAM_STATUS, .kinds = FOR_STREAM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_stream_status, 136),
	  .reserved = offsetof(struct vde_ioc_stream_status, reserved),
	  .mode = FMODE_READ, .run = run_status },
	{ .cmd = VDE_IOC_STREAM_CONSUME, .kinds = FOR_STREAM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_stream_consume, 24),
	  .flags = VDE_IOC_STREAM_COUNT,
	  .mode = FMODE_WRITE, .gated = true, .run = run_consume },
	{ .cmd = VDE_IOC_STREAM_RESET, .kinds = FOR_STREAM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_stream_reset, 8),
	  .mode = FMODE_WRITE, .admin = true, .run = run_reset },
	{ .cmd = VDE_IOC_STREAM_WAIT, .kinds = FOR_STREAM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_stream_wait, 40),
	  .mode = FMODE_READ, .run = run_wait },
	{ }
};

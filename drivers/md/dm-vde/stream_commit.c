// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits of a stream: activation, what each holds, reset and close. Format
 * sections "Stream region metadata" and "The rules of a commit".
 */
#define pr_fmt(fmt) "vde " fmt

#include "recover.h"
#include "stream.h"
#include "trace.h"
#include "volume.h"

static struct vde_stream *committer_stream(struct vde_committer *committer)
{
	return container_of(committer, struct vde_stream, committer);
}

static bool prepare(struct vde_committer *committer, bool wanted, bool forced)
{
	struct vde_stream *stream = committer_stream(committer);
	const struct vde_ring *ring = &stream->ring;

	lockdep_assert_held(&stream->queue.lock);
	if (!forced && (!wanted || (ring->head == stream->committed &&
				    ring->tail == stream->durable_tail)))
		return false;
	stream->snapshot = *ring;
	stream->snapshot_consumed = stream->consumed;
	return true;
}

/* Write the snapshot; its block in place is imaged only by a clean close. */
static int write_snapshot(struct vde_stream *stream, bool clean)
{
	struct vde_disk_commit_slot *slot = stream->commits.slot;
	struct vde_disk_commit *commit = &slot->record;
	int err;

	memset(&slot->image, 0, sizeof(slot->image));
	vde_ring_encode(&stream->snapshot, &commit->state.stream);
	if (clean)
		memcpy(&slot->image, &commit->state.stream,
		       sizeof(commit->state.stream));
	commit->imaged = cpu_to_le64(clean ? 0 : VDE_COMMIT_NO_IMAGE);
	commit->flags = cpu_to_le32(clean ? VDE_COMMIT_CLEAN : 0);
	commit->time = cpu_to_le64(vde_clock_wall());
	commit->clock = cpu_to_le64(vde_clock_now(&stream->clock));
	err = vde_commit_write(&stream->commits);
	trace_vde_commit(stream->region.dev, le64_to_cpu(commit->sequence),
			 stream->snapshot.head, le32_to_cpu(commit->flags),
			 err);
	return err;
}

static int write_commit(struct vde_committer *committer, bool commit,
			const char **what)
{
	struct vde_stream *stream = committer_stream(committer);
	int err;

	if (!commit)
		return 0;
	err = write_snapshot(stream, false);
	if (err)
		return err;
	vde_stream_discard(stream);
	spin_lock(&stream->queue.lock);
	stream->committed = stream->snapshot.head;
	stream->durable_tail = stream->snapshot.tail;
	stream->reusable = stream->durable_tail;
	spin_unlock(&stream->queue.lock);
	return 0;
}

/* What waited for the tail to be durable may go on. */
static void done(struct vde_committer *committer)
{
	vde_append_kick(committer->queue);
}

const struct vde_committer_ops vde_stream_committer_ops = {
	.prepare = prepare,
	.write = write_commit,
	.done = done,
};

static int load_state(struct vde_stream *stream, const char **error)
{
	const struct vde_disk_commit *commit = &stream->commits.slot->record;
	enum vde_fault fault;
	struct vde_ring ring;

	fault = vde_ring_decode(&commit->state.stream,
				stream->region.geo.capacity, &ring);
	if (fault)
		return vde_volume_fault(error, fault);
	if (ring.head > VDE_MAX_BLOCKS) {
		*error = "stream positions are beyond what a device can address";
		return -EOVERFLOW;
	}
	spin_lock(&stream->queue.lock);
	vde_clock_start(&stream->clock, le64_to_cpu(commit->clock));
	stream->ring = ring;
	atomic64_set(&stream->floor, ring.tail);
	stream->committed = ring.head;
	stream->durable_tail = ring.tail;
	stream->reusable = ring.tail;
	stream->consumed = ring.tail;
	stream->discarded = vde_stream_undiscarded(stream);
	spin_unlock(&stream->queue.lock);
	vde_append_start(&stream->queue, ring.head);
	return 0;
}

/**
 * vde_stream_activate - recover a stream
 * @region: claimed stream region on an active volume
 * @writable: the table and the disk allow writing
 * @error: set to a phrase on failure
 *
 * Return: 0, -EUCLEAN when no commit is valid, -EOVERFLOW when positions do not
 * fit a file's position in bytes, or -ENOMEM.
 */
int vde_stream_activate(struct vde_region *region, bool writable,
			const char **error)
{
	struct vde_stream *stream = to_stream(region);
	int err;

	err = vde_recover_commit(region, &stream->commits, error);
	if (!err)
		err = load_state(stream, error);
	if (!err && writable && region->mode == VDE_MODE_RW)
		vde_recover_begin_writes(region, &stream->commits);
	return err;
}

static int close_cleanly(struct vde_stream *stream)
{
	int err;

	if (vde_commit_is_clean(&stream->commits.slot->record))
		return 0;
	stream->snapshot = stream->ring;
	err = write_snapshot(stream, true);
	if (!err)
		err = vde_commit_write_in_place(&stream->commits);
	return err ? err : vde_media_flush(&stream->region.volume->media);
}

/**
 * vde_stream_deactivate - close a stream
 * @region: active region without I/O in flight, or one that never resumed
 *
 * Clean if the mode allows it; else the commit slots hold what is durable.
 */
void vde_stream_deactivate(struct vde_region *region)
{
	struct vde_stream *stream = to_stream(region);
	int err = -EIO;

	vde_append_wait_idle(&stream->queue);
	vde_committer_suspend(&stream->committer);
	if (!region->writing)
		return;
	if (region->mode == VDE_MODE_RW)
		err = close_cleanly(stream);
	if (err)
		pr_err("%s: not closed cleanly (error %d)\n", region->name,
		       err);
	region->writing = false;
	vde_volume_end_writes(region->volume, region->geo.first_slot, !err, 0,
			      vde_clock_wall());
}

static void start_anew(struct vde_stream *stream)
{
	struct vde_ring *ring = &stream->ring;

	spin_lock(&stream->queue.lock);
	*ring = stream->snapshot;
	atomic64_set(&stream->floor, 0);
	stream->committed = 0;
	stream->durable_tail = 0;
	stream->reusable = 0;
	stream->consumed = 0;
	stream->discarded = 0;
	stream->epoch++;
	vde_append_restart(&stream->queue);
	vde_region_notify(&stream->region);
	spin_unlock(&stream->queue.lock);
}

static int commit_reset(struct vde_stream *stream)
{
	int err;

	mutex_lock(&stream->committer.lock);
	stream->snapshot = stream->ring;
	stream->snapshot.head = 0;
	stream->snapshot.tail = 0;
	err = write_snapshot(stream, false);
	if (!err)
		start_anew(stream);
	mutex_unlock(&stream->committer.lock);
	return err;
}

/* Nothing is in flight. */
static int reset_quiet(struct vde_stream *stream)
{
	struct vde_region *region = &stream->region;
	int err = vde_region_check_writable(region);

	if (err)
		return err;
	err = commit_reset(stream);
	if (!err)
		return 0;
	vde_region_degrade(region, VDE_MODE_FAILED, "cannot write the reset",
			   err);
	vde_append_fail(&stream->queue);
	return -EIO;
}

/**
 * vde_stream_reset - let positions start at 0 again
 * @stream: active stream; the caller is alone inside the region's gate, and
 *	has stopped reads
 *
 * What is allocated stays so. Sleeps. Writes to the block node that come
 * meanwhile fail.
 *
 * Return: 0 when it is durable; -EROFS; -EIO, also when the commit failed: the
 * region is in mode failed then.
 */
int vde_stream_reset(struct vde_stream *stream)
{
	int err;

	vde_append_pause(&stream->queue);
	vde_committer_suspend(&stream->committer);
	err = reset_quiet(stream);
	vde_committer_resume(&stream->committer, stream->committer.commit_ms);
	vde_append_resume(&stream->queue);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Commands that only WORM regions know. */
#include <linux/cred.h>
#include <linux/device-mapper.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "chardev.h"
#include "ioctl.h"
#include "worm.h"
#include "worm_records.h"

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

static int run_record(struct vde_ioctl_call *call)
{
	struct vde_worm *worm = to_worm(call->region);
	struct vde_ioc_record *out = call->arg;
	struct vde_record_cursor cursor;
	struct vde_disk_record record;
	int err;

	if (out->index >= vde_append_published(&worm->queue))
		return -ENODATA;
	vde_record_cursor_init(&cursor, worm);
	err = vde_record_cursor_get(&cursor, out->index, &record);
	vde_record_cursor_put(&cursor);
	if (err)
		return err;
	out->time = le64_to_cpu(record.time);
	out->length = le32_to_cpu(record.length);
	memcpy(out->digest, record.digest, sizeof(out->digest));
	return 0;
}

/* What the caller knows of an entry; what only he knows is zero. */
static int put_entry(struct iov_iter *to, u32 size,
		     const struct vde_disk_record *record)
{
	struct vde_ioc_record_entry entry = {
		.index = le64_to_cpu(record->index),
		.time = le64_to_cpu(record->time),
		.length = le32_to_cpu(record->length),
	};
	size_t known = min_t(size_t, size, sizeof(entry));

	memcpy(entry.digest, record->digest, sizeof(entry.digest));
	if (copy_to_iter(&entry, known, to) != known ||
	    iov_iter_zero(size - known, to) != size - known)
		return -EFAULT;
	return 0;
}

/* A batch in our memory, so that no page fault holds a cached block. */
#define BATCH_RECORDS 16U

static int get_batch(struct vde_record_cursor *cursor, u64 first, u32 count,
		     struct vde_disk_record *records, u32 *got)
{
	int err = 0;

	for (*got = 0; *got < count; (*got)++) {
		err = vde_record_cursor_get(cursor, first + *got,
					    &records[*got]);
		if (err)
			break;
	}
	vde_record_cursor_put(cursor);
	return err;
}

static int put_records(struct vde_worm *worm, struct vde_ioc_records *records,
		       u32 count, struct iov_iter *to)
{
	struct vde_disk_record batch[BATCH_RECORDS];
	struct vde_record_cursor cursor;
	u32 done = 0;
	int err = 0;
	u32 got, i;

	vde_record_cursor_init(&cursor, worm);
	while (!err && done < count && !fatal_signal_pending(current)) {
		err = get_batch(&cursor, records->first + done,
				min(count - done, BATCH_RECORDS), batch, &got);
		for (i = 0; i < got; i++)
			if (put_entry(to, records->record_size, &batch[i]))
				return -EFAULT;
		done += got;
		cond_resched();
	}
	records->count = done;
	return done ? 0 : err;
}

static int run_records(struct vde_ioctl_call *call)
{
	struct vde_worm *worm = to_worm(call->region);
	struct vde_ioc_records *records = call->arg;
	u64 hwm = vde_append_published(&worm->queue);
	u32 count = records->count;
	struct iov_iter to;
	int err;

	if (records->record_size < sizeof(struct vde_ioc_record_entry))
		return -EINVAL;
	if (records->first >= hwm)
		count = 0;
	else
		count = min3((u64)count, hwm - records->first,
			     (u64)MAX_RW_COUNT / records->record_size);
	err = vde_chardev_import(records->records,
				 (u64)count * records->record_size, false, &to);
	return err ? err : put_records(worm, records, count, &to);
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
	if (in_use(call) || vde_scrub_runs(&worm->scrub))
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
	{ .cmd = VDE_IOC_RECORD, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_record),
	  .reserved = offsetof(struct vde_ioc_record, reserved),
	  .mode = FMODE_READ, .gated = true, .run = run_record },
	{ .cmd = VDE_IOC_RECORDS, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_records),
	  .mode = FMODE_READ, .gated = true, .run = run_records },
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

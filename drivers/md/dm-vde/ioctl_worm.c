// SPDX-License-Identifier: GPL-2.0-only
/* Commands that only WORM regions know. */
#include <linux/cred.h>
#include <linux/device-mapper.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "ioctl.h"
#include "volume.h"
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

#define ENTRY_SIZE_V1 56U	/* stays what it is when the structure grows */
static_assert(sizeof(struct vde_ioc_record_entry) >= ENTRY_SIZE_V1);

static void fill_entry(struct vde_ioc_record_entry *entry,
		       const struct vde_disk_record *record)
{
	memset(entry, 0, sizeof(*entry));
	entry->index = le64_to_cpu(record->index);
	entry->time = le64_to_cpu(record->time);
	entry->length = le32_to_cpu(record->length);
	memcpy(entry->digest, record->digest, sizeof(entry->digest));
}

#define BATCH_RECORDS	16U

/*
 * A batch in our memory: while the caller's pages are faulted in, no cached
 * block is held, and nobody waits for that.
 */
static int get_batch(struct vde_worm *worm, u64 first, u32 count,
		     struct vde_ioc_record_entry *entries, u32 *got)
{
	struct vde_record_cursor cursor;
	struct vde_disk_record record;
	int err;
	u64 hwm;

	*got = 0;
	err = vde_gate_enter(&worm->region.gate);
	if (err)
		return err;
	hwm = vde_append_published(&worm->queue);
	vde_record_cursor_init(&cursor, worm);
	while (!err && *got < count && first + *got < hwm) {
		err = vde_record_cursor_get(&cursor, first + *got, &record);
		if (!err)
			fill_entry(&entries[(*got)++], &record);
	}
	vde_record_cursor_put(&cursor);
	vde_gate_leave(&worm->region.gate);
	return err;
}

static int put_records(struct vde_ioctl_call *call, u32 count,
		       struct iov_iter *to)
{
	struct vde_ioc_record_entry batch[BATCH_RECORDS];
	struct vde_ioc_records *records = call->arg;
	u32 got = BATCH_RECORDS;
	u32 done = 0;
	int err = 0;
	int put;

	while (!err && got && done < count && !fatal_signal_pending(current)) {
		err = get_batch(to_worm(call->region), records->first + done,
				min(count - done, BATCH_RECORDS), batch, &got);
		put = vde_ioctl_put_entries(call, to, records->record_size,
					    batch, sizeof(*batch), got);
		if (put == -EFAULT)
			return put;
		if (put)
			err = put;
		done += got;
	}
	records->count = done;
	return done ? 0 : err;
}

static int run_records(struct vde_ioctl_call *call)
{
	struct vde_ioc_records *records = call->arg;
	u32 count = records->count;
	struct iov_iter to;
	int err;

	err = vde_ioctl_import_entries(records->records, records->record_size,
				       ENTRY_SIZE_V1, &count, &to);
	return err ? err : put_records(call, count, &to);
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
	return atomic_read(call->opens) > 1 || disk_openers(disk);
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

/*
 * Who closes the node may hold the mutex while he waits for bios that a suspend
 * holds back, and that waits for us: whoever has it is a user, so it is busy.
 */
static int reset_unopened(struct vde_ioctl_call *call)
{
	struct gendisk *disk = dm_disk(call->region->md);
	int err;

	if (!mutex_trylock(&disk->open_mutex))
		return -EBUSY;
	err = reset_alone(call);
	mutex_unlock(&disk->open_mutex);
	return err;
}

/*
 * Alone inside the gate until it returns. A vault that is being activated sets
 * a hold before that, which the reset then respects, or afterwards.
 */
static int reset_unheld(struct vde_ioctl_call *call)
{
	struct vde_region *region = call->region;
	struct mutex *holds = &region->volume->holds;
	unsigned int noio;
	int err;

	/* A resume may wait for the mutex, and reclaim for that. */
	noio = memalloc_noio_save();
	mutex_lock(holds);
	err = reset_unopened(call);
	/* What was set while nobody was let in is not durable yet. */
	vde_committer_catch_up(&to_worm(region)->committer);
	vde_gate_leave_alone(&region->gate);
	mutex_unlock(holds);
	memalloc_noio_restore(noio);
	return err;
}

static int run_reset(struct vde_ioctl_call *call)
{
	struct vde_region *region = call->region;
	int err;

	/* One that must be refused makes nobody wait. */
	err = vde_worm_may_reset(to_worm(region));
	if (!err)
		err = vde_gate_enter_alone(&region->gate);
	return err ? err : reset_unheld(call);
}

#define FOR_WORM	BIT(VDE_REGION_WORM)

const struct vde_ioctl vde_ioctls_worm[] = {
	{ .cmd = VDE_IOC_STATUS, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_status, 128),
	  .reserved = offsetof(struct vde_ioc_status, reserved),
	  .mode = FMODE_READ, .run = run_status },
	{ .cmd = VDE_IOC_RECORD, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_record, 64),
	  .reserved = offsetof(struct vde_ioc_record, reserved),
	  .mode = FMODE_READ, .gated = true, .run = run_record },
	{ .cmd = VDE_IOC_RECORDS, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_records, 32),
	  .mode = FMODE_READ, .run = run_records },
	{ .cmd = VDE_IOC_RETENTION_GET, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_retention, 56),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_READ, .run = run_retention_get },
	{ .cmd = VDE_IOC_RETENTION_EXTEND, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_retention, 56),
	  .reserved = offsetof(struct vde_ioc_retention, reserved),
	  .mode = FMODE_WRITE, .admin = true, .gated = true,
	  .run = run_retention_extend },
	{ .cmd = VDE_IOC_RESET, .kinds = FOR_WORM,
	  VDE_IOCTL_STRUCTURE(vde_ioc_reset, 16),
	  .mode = FMODE_WRITE, .admin = true, .run = run_reset },
	{ }
};

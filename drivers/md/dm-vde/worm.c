// SPDX-License-Identifier: GPL-2.0-only
/*
 * WORM engine: what may be read and written. Appends go through the ordered
 * queue, their records into the log, and commits make both durable. Design
 * section "WORM engine".
 */
#include <linux/device-mapper.h>
#include <linux/slab.h>

#include "volume.h"
#include "worm.h"

static struct vde_worm *queue_worm(struct vde_append_queue *queue)
{
	return container_of(queue, struct vde_worm, queue);
}

static bool fits(struct vde_append_queue *queue, u64 start, u64 blocks)
{
	u64 capacity = queue->region->geo.capacity;

	return start <= capacity && blocks <= capacity - start;
}

static u64 place(struct vde_append_queue *queue, u64 block, u64 *contiguous)
{
	*contiguous = queue->region->geo.capacity - block;
	return queue->region->geo.data_start + block;
}

static int record(struct vde_append_queue *queue, struct vde_window *window,
		  u32 end)
{
	struct vde_worm *worm = queue_worm(queue);
	struct vde_worm_log *log = &worm->log;
	s64 now = vde_clock_wall();

	for (; window->recorded < end; window->recorded++) {
		if (vde_worm_log_full(log)) {
			struct vde_log_block *block = vde_worm_log_next(log);

			/* The commit worker kicks when it has freed some. */
			vde_committer_kick(&worm->committer);
			if (!block)
				return -EAGAIN;
			spin_lock(&queue->lock);
			vde_worm_log_extend(log, block, worm->next_sequence);
			spin_unlock(&queue->lock);
		}
		vde_worm_log_add(log, now,
				 window->length[window->recorded],
				 window->digest[window->recorded]);
	}
	return 0;
}

static void publish(struct vde_append_queue *queue, u64 end)
{
	struct vde_worm *worm = queue_worm(queue);

	lockdep_assert_held(&queue->lock);
	vde_worm_log_publish(&worm->log);
	worm->sealed_clock = vde_clock_now(&worm->clock);
	vde_committer_arm(&worm->committer);
}

static void rollback(struct vde_append_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	vde_worm_log_rollback(&queue_worm(queue)->log, queue->published);
}

static void make_durable(struct vde_append_queue *queue, struct bio *bio)
{
	vde_committer_add(&queue_worm(queue)->committer, bio);
}

static const struct vde_append_ops append_ops = {
	.fits = fits,
	.place = place,
	.record = record,
	.publish = publish,
	.rollback = rollback,
	.make_durable = make_durable,
};

static int map_read(struct vde_worm *worm, struct bio *bio)
{
	sector_t sector = bio->bi_iter.bi_sector;
	sector_t end = vde_append_published(&worm->queue) *
		       VDE_SECTORS_PER_BLOCK;
	struct vde_read *read = dm_per_bio_data(bio, sizeof(*read));

	if (!vde_region_is_aligned(bio)) {
		vde_region_end_bio(bio, BLK_STS_IOERR);
		return DM_MAPIO_SUBMITTED;
	}
	if (sector >= end) {
		zero_fill_bio(bio);
		vde_region_end_bio(bio, BLK_STS_OK);
		return DM_MAPIO_SUBMITTED;
	}
	if (bio_sectors(bio) > end - sector)
		dm_accept_partial_bio(bio, end - sector);
	bio_set_dev(bio, worm->region.volume->media.bdev);
	bio->bi_iter.bi_sector = sector + worm->region.geo.data_start *
				 VDE_SECTORS_PER_BLOCK;
	if (!worm->verify.off)
		vde_verify_prepare(&worm->verify, read, bio,
				   sector / VDE_SECTORS_PER_BLOCK);
	return DM_MAPIO_REMAPPED;
}

static int map_write(struct vde_worm *worm, struct bio *bio)
{
	struct vde_append *append = dm_per_bio_data(bio, sizeof(*append));
	bool durable = worm->sync || bio->bi_opf & (REQ_FUA | REQ_PREFLUSH);

	if (vde_region_mode(&worm->region) != VDE_MODE_RW ||
	    !vde_region_is_aligned(bio))
		vde_region_fail_write(&worm->region, bio, BLK_STS_IOERR);
	else
		vde_append_admit(&worm->queue, append, bio, durable);
	return DM_MAPIO_SUBMITTED;
}

static int worm_append(struct vde_region *region, struct vde_call *call,
		       bool durable, u64 *block)
{
	struct vde_worm *worm = to_worm(region);
	int err = vde_region_check_writable(region);

	return err ? err : vde_append_submit(&worm->queue, call,
					     durable || worm->sync, block);
}

static int worm_map(struct vde_region *region, struct bio *bio)
{
	struct vde_worm *worm = to_worm(region);

	/* An empty flush is no write to block 0: look at it first. */
	if (op_is_flush(bio->bi_opf) && !bio_sectors(bio)) {
		vde_committer_flush(&worm->committer, bio);
		return DM_MAPIO_SUBMITTED;
	}
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		return map_read(worm, bio);
	case REQ_OP_WRITE:
		return map_write(worm, bio);
	default:
		vde_region_refuse(region, bio, VDE_REFUSED_OP,
				  vde_append_published(&worm->queue));
		return DM_MAPIO_SUBMITTED;
	}
}

static void worm_drain(struct vde_region *region, bool noflush)
{
	vde_append_drain_held(&to_worm(region)->queue, noflush);
}

static void worm_undrain(struct vde_region *region)
{
	vde_append_undrain(&to_worm(region)->queue);
}

static void worm_suspend(struct vde_region *region)
{
	struct vde_worm *worm = to_worm(region);

	vde_append_wait_idle(&worm->queue);
	vde_committer_suspend(&worm->committer);
}

static int worm_commit(struct vde_region *region)
{
	return vde_committer_wait(&to_worm(region)->committer);
}

static void worm_configure(struct vde_region *region,
			   const struct vde_options *options)
{
	struct vde_worm *worm = to_worm(region);

	vde_append_configure(&worm->queue, options->reorder_ms,
			     options->max_inflight);
	worm->sync = options->sync;
	vde_verify_configure(&worm->verify, options);
	vde_committer_resume(&worm->committer, options->commit_ms);
}

static void worm_status(struct vde_region *region, struct vde_status *status)
{
	struct vde_worm *worm = to_worm(region);
	struct vde_append_queue *queue = &worm->queue;

	spin_lock(&queue->lock);
	status->hwm = queue->published;
	status->capacity = region->geo.capacity;
	status->committed = worm->committed;
	status->inflight = queue->pointer - queue->published;
	status->stats.commits = worm->committer.commits;
	status->stats.flushes = worm->committer.flushes;
	status->stats.log_blocks = worm->log_blocks;
	status->stats.appends = queue->appends;
	status->stats.held = queue->holds;
	status->stats.rollbacks = queue->rollbacks;
	spin_unlock(&queue->lock);
}

static struct vde_region *worm_alloc(const struct vde_geometry *geo)
{
	struct vde_worm *worm = kzalloc(sizeof(*worm), GFP_KERNEL);
	int err;

	if (!worm)
		return ERR_PTR(-ENOMEM);
	vde_scrub_init(&worm->scrub, worm);
	err = vde_committer_init(&worm->committer, &worm->queue,
				 &vde_worm_committer_ops);
	if (err)
		goto free_worm;
	err = vde_commit_log_init(&worm->commits);
	if (err)
		goto exit_committer;
	err = vde_worm_log_init(&worm->log, &worm->region.geo);
	if (err)
		goto free_commits;
	err = vde_verify_init(&worm->verify, worm);
	if (err)
		goto free_log;
	err = vde_append_init(&worm->queue, &worm->region, &append_ops);
	if (err)
		goto free_verify;
	return &worm->region;

free_verify:
	vde_verify_exit(&worm->verify);
free_log:
	vde_worm_log_exit(&worm->log);
free_commits:
	vde_commit_log_exit(&worm->commits);
exit_committer:
	vde_committer_exit(&worm->committer);
free_worm:
	kfree(worm);
	return ERR_PTR(err);
}

static void worm_free(struct vde_region *region)
{
	struct vde_worm *worm = to_worm(region);

	vde_scrub_exit(&worm->scrub);
	vde_append_exit(&worm->queue);
	vde_committer_exit(&worm->committer);
	vde_verify_exit(&worm->verify);
	vde_worm_log_exit(&worm->log);
	vde_commit_log_exit(&worm->commits);
	kfree(worm);
}

const struct vde_region_ops vde_worm_ops = {
	.alloc = worm_alloc,
	.free = worm_free,
	.activate = vde_worm_activate,
	.deactivate = vde_worm_deactivate,
	.configure = worm_configure,
	.map = worm_map,
	.append = worm_append,
	.drain = worm_drain,
	.undrain = worm_undrain,
	.suspend = worm_suspend,
	.commit = worm_commit,
	.status = worm_status,
};

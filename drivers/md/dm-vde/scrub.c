// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scrub: reads a region's data and write records while it is in use, and
 * compares them. A worker goes through the region's gate for each chunk, so
 * that it waits while the device is suspended and ends when it goes away.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "clock.h"
#include "scrub.h"
#include "volume.h"
#include "worm.h"

/* A limited scrub pauses this often in a second, if its blocks allow. */
#define CHUNKS_PER_SECOND 8

static struct vde_region *region_of(struct vde_scrub *scrub)
{
	return &scrub->worm->region;
}

static u32 chunk_blocks(u64 rate)
{
	u64 blocks = div_u64(rate, CHUNKS_PER_SECOND) >> VDE_BLOCK_SHIFT;

	return rate ? clamp(blocks, 1ULL, (u64)VDE_SCRUB_BLOCKS) :
		      VDE_SCRUB_BLOCKS;
}

/* What was read must not be read again before this. */
static void set_due(struct vde_scrub *scrub, u32 blocks)
{
	u64 ns = (u64)blocks * VDE_BLOCK_SIZE * NSEC_PER_SEC;
	ktime_t now = ktime_get();

	if (!scrub->status.rate)
		return;
	if (ktime_before(scrub->due, now))
		scrub->due = now;
	scrub->due = ktime_add_ns(scrub->due,
				  div64_u64(ns, scrub->status.rate));
}

static void wait_until_due(struct vde_scrub *scrub)
{
	s64 left;

	cond_resched();
	while (!READ_ONCE(scrub->stop)) {
		left = ktime_to_ns(ktime_sub(scrub->due, ktime_get()));
		if (left <= 0)
			return;
		wait_event_idle_timeout(scrub->wait, READ_ONCE(scrub->stop),
					nsecs_to_jiffies(left) + 1);
	}
}

/*
 * All of the region has been looked at, if it began with the first block: not
 * before that time.
 */
static int store_time(struct vde_scrub *scrub)
{
	struct vde_region *region = region_of(scrub);

	int err;

	if (scrub->status.from)
		return 0;
	err = vde_region_check_writable(region);
	return err ? err : vde_volume_scrubbed(region->volume, scrub->began);
}

/*
 * One chunk. The worker alone changes position and result, so that it may look
 * at them without the lock.
 *
 * Return: true when there is nothing more to do, with @err set.
 */
static bool step(struct vde_scrub *scrub, int *err)
{
	struct vde_scrub_status *status = &scrub->status;
	u32 count = min_t(u64, chunk_blocks(status->rate),
			  status->end - status->position);

	*err = count ? vde_scrub_chunk(scrub, status->position, count) : 0;
	if (*err)
		return true;
	spin_lock(&scrub->lock);
	status->position += count;
	spin_unlock(&scrub->lock);
	set_due(scrub, count);
	if (status->position < status->end)
		return false;
	status->error = store_time(scrub);
	return true;
}

static void finish(struct vde_scrub *scrub, int err)
{
	struct vde_scrub_status *status = &scrub->status;

	kvfree(scrub->data);
	kfree(scrub->log.block);
	spin_lock(&scrub->lock);
	if (!err) {
		status->state = VDE_IOC_SCRUB_DONE;
	} else if (err == -ECANCELED) {
		status->state = VDE_IOC_SCRUB_STOPPED;
	} else {
		status->state = VDE_IOC_SCRUB_FAILED;
		status->error = err;
	}
	status->ended = vde_clock_wall();
	scrub->ended = scrub->runs;
	spin_unlock(&scrub->lock);
	wake_up_all(&scrub->wait);
}

static void scrub_work(struct work_struct *work)
{
	struct vde_scrub *scrub = container_of(work, struct vde_scrub, work);
	struct vde_gate *gate = &region_of(scrub)->gate;
	bool done = false;
	int err;

	while (!done) {
		err = vde_gate_enter_unless(gate, &scrub->stop);
		if (err)
			break;
		done = step(scrub, &err);
		vde_gate_leave(gate);
		if (!done)
			wait_until_due(scrub);
	}
	finish(scrub, err);
}

/* The place to begin, and the result so far: anew, or as the last run left. */
static void prepare(struct vde_scrub *scrub, u64 from, u64 rate, bool resume,
		    u64 end)
{
	struct vde_scrub_status *status = &scrub->status;

	if (!resume || status->state == VDE_IOC_SCRUB_NEVER ||
	    status->state == VDE_IOC_SCRUB_DONE) {
		memset(status, 0, sizeof(*status));
		scrub->began = vde_clock_wall();
		status->from = from;
		status->position = from;
		scrub->log.index = U64_MAX;
	}
	status->state = VDE_IOC_SCRUB_RUNNING;
	status->error = 0;
	status->end = end;
	status->rate = rate;
	status->started = vde_clock_wall();
	status->ended = 0;
	scrub->log.loaded = false;
	scrub->due = ktime_get();
	scrub->stop = false;
	scrub->runs++;
}

/* Inside the gate, with buffers for the worker. */
static int begin(struct vde_scrub *scrub, u64 from, u64 rate, bool resume,
		 void *data, void *block)
{
	u64 hwm = vde_append_published(&scrub->worm->queue);
	int err;

	err = vde_volume_check_size(region_of(scrub)->volume);
	if (err)
		return err;
	spin_lock(&scrub->lock);
	if (scrub->status.state == VDE_IOC_SCRUB_RUNNING) {
		err = -EBUSY;
	} else if (from > hwm) {
		err = -ENODATA;
	} else {
		prepare(scrub, from, rate, resume, hwm);
		scrub->data = data;
		scrub->log.block = block;
	}
	spin_unlock(&scrub->lock);
	if (!err)
		queue_work(system_unbound_wq, &scrub->work);
	return err;
}

/**
 * vde_scrub_start - start or resume a scrub
 * @scrub: of a region that the caller keeps alive, not being inside its gate
 * @from: first block; 0 with @resume
 * @rate: bytes of data per second at most, 0 = no limit
 * @resume: go on where the last one since activation ended
 *
 * Sleeps, also while the device is suspended.
 *
 * Return: 0 when it runs; -EBUSY when one is running; -EINVAL; -ENODATA when
 * @from is above the high-water mark; -ENOSPC when the disk is smaller than
 * the volume; -ENOMEM; or as vde_gate_enter().
 */
int vde_scrub_start(struct vde_scrub *scrub, u64 from, u64 rate, bool resume)
{
	struct vde_gate *gate = &region_of(scrub)->gate;
	void *block = kmalloc(VDE_BLOCK_SIZE, GFP_KERNEL);
	void *data = kvmalloc(VDE_SCRUB_BLOCKS * VDE_BLOCK_SIZE, GFP_KERNEL);
	int err = -ENOMEM;

	if (resume && from)
		err = -EINVAL;
	else if (block && data)
		err = vde_gate_enter(gate);
	if (!err) {
		err = begin(scrub, from, rate, resume, data, block);
		vde_gate_leave(gate);
	}
	if (err) {
		kvfree(data);
		kfree(block);
	}
	return err;
}

static void ask_to_stop(struct vde_scrub *scrub)
{
	WRITE_ONCE(scrub->stop, true);
	wake_up_all(&scrub->wait);
	vde_gate_wake(&region_of(scrub)->gate);
}

static bool has_ended(struct vde_scrub *scrub, u64 run)
{
	bool ended;

	spin_lock(&scrub->lock);
	ended = scrub->ended >= run;
	spin_unlock(&scrub->lock);
	return ended;
}

/**
 * vde_scrub_stop - stop a scrub
 * @scrub: of a region that the caller keeps alive
 *
 * Sleeps until it has stopped.
 *
 * Return: 0; -ESRCH when none is running; -EINTR when a signal came
 * before it had stopped.
 */
int vde_scrub_stop(struct vde_scrub *scrub)
{
	bool running;
	u64 run;

	spin_lock(&scrub->lock);
	running = scrub->status.state == VDE_IOC_SCRUB_RUNNING;
	run = scrub->runs;
	if (running)
		ask_to_stop(scrub);
	spin_unlock(&scrub->lock);
	if (!running)
		return -ESRCH;
	/* Not to be restarted: it would find none running. */
	return wait_event_interruptible(scrub->wait, has_ended(scrub, run)) ?
	       -EINTR : 0;
}

/**
 * vde_scrub_runs - is a scrub running?
 * @scrub: any
 *
 * Return: true if so. None starts while the caller is alone inside the
 * region's gate.
 */
bool vde_scrub_runs(struct vde_scrub *scrub)
{
	bool runs;

	spin_lock(&scrub->lock);
	runs = scrub->status.state == VDE_IOC_SCRUB_RUNNING;
	spin_unlock(&scrub->lock);
	return runs;
}

/**
 * vde_scrub_status - how does a scrub stand?
 * @scrub: of an active region
 * @status: set to it
 *
 * Sleeps.
 */
void vde_scrub_status(struct vde_scrub *scrub, struct vde_scrub_status *status)
{
	s64 last_scrub = vde_volume_last_scrub(region_of(scrub)->volume);

	spin_lock(&scrub->lock);
	*status = scrub->status;
	spin_unlock(&scrub->lock);
	status->last_scrub = last_scrub;
}

/**
 * vde_scrub_forget - the region starts anew: there was no scrub of it
 * @scrub: none is running
 */
void vde_scrub_forget(struct vde_scrub *scrub)
{
	spin_lock(&scrub->lock);
	memset(&scrub->status, 0, sizeof(scrub->status));
	spin_unlock(&scrub->lock);
}

/**
 * vde_scrub_init - prepare scrubs
 * @scrub: to initialise
 * @worm: its region
 */
void vde_scrub_init(struct vde_scrub *scrub, struct vde_worm *worm)
{
	scrub->worm = worm;
	spin_lock_init(&scrub->lock);
	init_waitqueue_head(&scrub->wait);
	INIT_WORK(&scrub->work, scrub_work);
}

/**
 * vde_scrub_exit - stop for good
 * @scrub: of a region whose gate is closed or was never opened
 */
void vde_scrub_exit(struct vde_scrub *scrub)
{
	ask_to_stop(scrub);
	flush_work(&scrub->work);
}

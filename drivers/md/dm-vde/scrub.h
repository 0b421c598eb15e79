/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_SCRUB_H
#define VDE_SCRUB_H

#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/dm-vde.h>

#include "rules.h"

struct vde_worm;

#define VDE_SCRUB_BLOCKS 64U	/* data is read 256 KiB at a time */

/**
 * struct vde_scrub_status - how a scrub stands; see struct vde_ioc_scrub_status
 * @state: VDE_IOC_SCRUB_*
 * @error: why it failed, or why its time could not be stored: 0 or a negative
 *	errno
 * @from: first block looked at
 * @position: next block to look at
 * @end: first block that is not looked at
 * @rate: limit in bytes of data per second, 0 = none
 * @corrupted: damaged blocks
 * @started: time of day in ticks when it was started or resumed
 * @ended: ... when it ended, 0 while it runs
 * @last_scrub: ... of the last complete scrub in the superblock, 0 = none
 * @blocks: the first of the damaged blocks
 */
struct vde_scrub_status {
	u32 state;
	int error;
	u64 from;
	u64 position;
	u64 end;
	u64 rate;
	u64 corrupted;
	s64 started;
	s64 ended;
	s64 last_scrub;
	u64 blocks[VDE_IOC_SCRUB_BLOCKS];
};

/**
 * struct vde_scrub_log - the block of write records that is in use
 * @index: metadata block; U64_MAX for none
 * @loaded: it was read since the scrub was started or resumed
 * @fault: what is wrong with it
 * @before: ticks of the newest record before it, or 0
 * @time: ... of its newest record, or @before
 * @block: a copy
 */
struct vde_scrub_log {
	u64 index;
	bool loaded;
	enum vde_fault fault;
	s64 before;
	s64 time;
	struct vde_disk_block *block;
};

/**
 * struct vde_scrub - scrub of one region
 * @worm: the region
 * @lock: protects @status, @runs and @ended
 * @status: how it stands, but for the last scrub's time
 * @runs: how often a scrub was started
 * @ended: how often one has ended
 * @wait: woken when @stop is set and when a scrub ends
 * @stop: it shall end
 * @began: time of day when the first block was looked at; the worker's own, as
 *	what follows
 * @due: when the next chunk may be read
 * @log: write records
 * @data: a chunk of data
 * @work: the worker
 *
 * Buffers are there while a scrub runs; place and result stay while the region
 * is active, so that a scrub can be resumed.
 */
struct vde_scrub {
	struct vde_worm *worm;
	spinlock_t lock;	/* of what follows */
	struct vde_scrub_status status;
	u64 runs;
	u64 ended;
	wait_queue_head_t wait;
	bool stop;
	s64 began;
	ktime_t due;
	struct vde_scrub_log log;
	void *data;
	struct work_struct work;
};

void vde_scrub_init(struct vde_scrub *scrub, struct vde_worm *worm);
void vde_scrub_exit(struct vde_scrub *scrub);
int vde_scrub_start(struct vde_scrub *scrub, u64 from, u64 rate, bool resume);
int vde_scrub_stop(struct vde_scrub *scrub);
bool vde_scrub_runs(struct vde_scrub *scrub);
void vde_scrub_status(struct vde_scrub *scrub,
		      struct vde_scrub_status *status);
void vde_scrub_forget(struct vde_scrub *scrub);

/* scrub_chunk.c */
int vde_scrub_chunk(struct vde_scrub *scrub, u64 first, u32 count);

#endif /* VDE_SCRUB_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_WORM_H
#define VDE_WORM_H

#include <linux/bio.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "append.h"
#include "clock.h"
#include "commit.h"
#include "region.h"
#include "scrub.h"
#include "verify.h"
#include "worm_log.h"

/**
 * struct vde_worm - engine of an active WORM region
 * @region: what all kinds share
 * @queue: ordered appends; its lock protects the fields marked (q)
 * @log: write records
 * @verify: comparing what is read with its records
 * @scrub: comparing all of it
 * @commits: commit slots; used under @commit_lock, or by activation and close
 * @commit_lock: held by who prepares and writes a commit
 * @clock: compliance clock
 * @sealed_clock: (q) compliance clock when the newest record was sealed
 * @retention: (q) period in ticks, 0 = for ever
 * @resets: (q) how often the region was started anew
 * @held: (q) under legal hold
 * @created: time of day in ticks; fixed at activation
 * @committed: (q) durable high-water mark
 * @next_sequence: (q) of the commit that will cover what is recorded now
 * @waiters: (q) flushes and durable writes that wait for a commit
 * @commit_due: (q) a commit was asked for by timer, message or suspend
 * @commit_forced: (q) ... and even if nothing was appended
 * @armed: (q) the timer runs for an append
 * @stats: (q) totals
 * @commit_ms: longest time from an append to its commit
 * @sync: every write is durable before it completes
 * @commit_wq: for @commit, which waits for the disk
 * @commit: writes full log blocks and commits
 * @timer: commit_ms after an append, an hour after a commit
 */
struct vde_worm {
	struct vde_region region;
	struct vde_append_queue queue;
	struct vde_worm_log log;
	struct vde_verify verify;
	struct vde_scrub scrub;
	struct vde_commit_log commits;
	struct mutex commit_lock;	/* of commits */
	struct vde_clock clock;
	s64 sealed_clock;
	s64 retention;
	u64 resets;
	bool held;
	s64 created;
	u64 committed;
	u64 next_sequence;
	struct bio_list waiters;
	bool commit_due;
	bool commit_forced;
	bool armed;
	struct vde_stats stats;
	u32 commit_ms;
	bool sync;
	struct workqueue_struct *commit_wq;
	struct work_struct commit;
	struct delayed_work timer;
};

static inline struct vde_worm *to_worm(struct vde_region *region)
{
	return container_of(region, struct vde_worm, region);
}

extern const struct vde_region_ops vde_worm_ops;

/* worm_commit.c */
void vde_worm_commit_init(struct vde_worm *worm);
int vde_worm_commit_wait(struct vde_worm *worm);
void vde_worm_commit_add(struct vde_worm *worm, struct bio *bio);
void vde_worm_commit_arm(struct vde_worm *worm);
void vde_worm_commit_resume(struct vde_worm *worm);
void vde_worm_commit_suspend(struct vde_worm *worm);

/* worm_retention.c */
/**
 * struct vde_retention - how things stand, in ticks
 * @period: retention period, 0 = for ever
 * @clock: compliance clock now
 * @sealed: compliance clock when the newest record was sealed; 0 if none
 * @remaining: until the newest record may expire; S64_MAX if never
 * @held: under legal hold
 * @resets: how often the region was started anew
 */
struct vde_retention {
	s64 period;
	s64 clock;
	s64 sealed;
	s64 remaining;
	bool held;
	u64 resets;
};

void vde_worm_retention(struct vde_worm *worm, struct vde_retention *retention);
int vde_worm_extend(struct vde_worm *worm, s64 period);
int vde_worm_may_reset(struct vde_worm *worm);
int vde_worm_reset(struct vde_worm *worm, u32 uid, const char *comm,
		   u64 *records);

/* worm_recover.c */
int vde_worm_activate(struct vde_region *region, bool writable,
		      const char **error);
void vde_worm_deactivate(struct vde_region *region);
int vde_worm_commit_image(struct vde_worm *worm, u64 imaged, u64 hwm,
			  u32 flags);

#endif /* VDE_WORM_H */

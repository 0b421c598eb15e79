/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_WORM_H
#define VDE_WORM_H

#include <linux/bio.h>

#include "append.h"
#include "clock.h"
#include "commit.h"
#include "committer.h"
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
 * @commits: commit slots; used under the committer's lock, or by activation
 *	and close
 * @committer: when commits are written
 * @clock: compliance clock
 * @sealed_clock: (q) compliance clock when the newest record was sealed
 * @retention: (q) period in ticks, 0 = for ever
 * @resets: (q) how often the region was started anew
 * @held: (q) under legal hold
 * @attested_time: (q) time of the first time attestation in ticks, 0 = none
 * @attested_clock: (q) compliance clock at that moment
 * @created: time of day in ticks; fixed at activation
 * @committed: (q) durable high-water mark
 * @next_sequence: (q) of the commit that will cover what is recorded now
 * @log_blocks: (q) full log blocks so far
 * @round_hwm: of the commit being written; under the committer's lock
 * @round_imaged: its imaged block; as @round_hwm
 * @round_blocks: log blocks to write before it; as @round_hwm
 * @sync: every write is durable before it completes
 */
struct vde_worm {
	struct vde_region region;
	struct vde_append_queue queue;
	struct vde_worm_log log;
	struct vde_verify verify;
	struct vde_scrub scrub;
	struct vde_commit_log commits;
	struct vde_committer committer;
	struct vde_clock clock;
	s64 sealed_clock;
	s64 retention;
	u64 resets;
	bool held;
	s64 attested_time;
	s64 attested_clock;
	s64 created;
	u64 committed;
	u64 next_sequence;
	u64 log_blocks;
	u64 round_hwm;
	u64 round_imaged;
	u32 round_blocks;
	bool sync;
};

static inline struct vde_worm *to_worm(struct vde_region *region)
{
	return container_of(region, struct vde_worm, region);
}

extern const struct vde_region_ops vde_worm_ops;

/* worm_commit.c */
extern const struct vde_committer_ops vde_worm_committer_ops;

int vde_worm_commit_image(struct vde_worm *worm, u64 imaged, u64 hwm,
			  u32 flags);

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
int vde_worm_hold(struct vde_worm *worm, bool held, bool commit);
int vde_worm_attest(struct vde_worm *worm, s64 time);
int vde_worm_extend(struct vde_worm *worm, s64 period);
int vde_worm_may_reset(struct vde_worm *worm);
int vde_worm_reset(struct vde_worm *worm, u32 uid, const char *comm,
		   u64 *records);

/* worm_recover.c */
int vde_worm_activate(struct vde_region *region, bool writable,
		      const char **error);
void vde_worm_deactivate(struct vde_region *region);

#endif /* VDE_WORM_H */

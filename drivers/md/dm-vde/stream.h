/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_STREAM_H
#define VDE_STREAM_H

#include <linux/atomic.h>

#include "append.h"
#include "clock.h"
#include "commit.h"
#include "committer.h"
#include "region.h"

struct iov_iter;

/**
 * struct vde_stream - engine of an active stream region
 * @region: what all kinds share
 * @queue: ordered appends; its lock protects the fields marked (q)
 * @commits: commit slots; used under the committer's lock, or by activation
 *	and close
 * @committer: when commits are written
 * @clock: compliance clock, which every commit keeps
 * @ring: (q) state; its head is what has been acknowledged
 * @resetting: (q) who wants reads to find nothing
 * @reads: bios that read, in flight
 * @no_reads: woken when @reads is zero
 * @floor: the ring's tail, for reads that end in interrupts; moves before
 *	anything that it gives up is overwritten
 * @committed: (q) durable head
 * @durable_tail: (q) durable tail
 * @reusable: (q) what lies below it may be overwritten: the durable tail, or
 *	less while space is given back
 * @consumed: (q) positions below were consumed, not lost
 * @epoch: (q) how often positions started anew since activation
 * @lost: (q) entries that were overwritten since activation
 * @snapshot: what the commit being written holds; under the committer's lock
 * @snapshot_consumed: @consumed at that moment; as @snapshot
 * @discarded: positions below have been discarded beneath, or will not be;
 *	as @snapshot
 * @reserve: blocks by which the tail moves ahead of need
 * @discard: pass consumed space down as discards
 * @sync: every write is durable before it completes
 */
struct vde_stream {
	struct vde_region region;
	struct vde_append_queue queue;
	struct vde_commit_log commits;
	struct vde_committer committer;
	struct vde_clock clock;
	struct vde_ring ring;
	u32 resetting;
	atomic_t reads;
	wait_queue_head_t no_reads;
	atomic64_t floor;
	u64 committed;
	u64 durable_tail;
	u64 reusable;
	u64 consumed;
	u64 epoch;
	u64 lost;
	struct vde_ring snapshot;
	u64 snapshot_consumed;
	u64 discarded;
	u64 reserve;
	bool discard;
	bool sync;
};

/**
 * struct vde_stream_bio - a read on its way, in the bio's per-bio data
 * @start: first position
 * @counted: it was remapped, and is one of the stream's reads
 */
struct vde_stream_bio {
	u64 start;
	bool counted;
};

static inline struct vde_stream *to_stream(struct vde_region *region)
{
	return container_of(region, struct vde_stream, region);
}

extern const struct vde_region_ops vde_stream_ops;

u64 vde_stream_state(struct vde_stream *stream, struct vde_ring *ring);
int vde_stream_consume(struct vde_stream *stream, bool count, u64 *position,
		       u64 *consumed);
void vde_stream_set_tail(struct vde_stream *stream, u64 to);

/* stream_bio.c */
int vde_stream_map(struct vde_region *region, struct bio *bio);
void vde_stream_end_io(struct vde_region *region, struct bio *bio,
		       blk_status_t *status);
void vde_stream_stop_reads(struct vde_stream *stream);
void vde_stream_start_reads(struct vde_stream *stream);

/* stream_commit.c */
extern const struct vde_committer_ops vde_stream_committer_ops;
int vde_stream_activate(struct vde_region *region, bool writable,
			const char **error);
void vde_stream_deactivate(struct vde_region *region);
int vde_stream_reset(struct vde_stream *stream);

/* stream_discard.c */
u64 vde_stream_undiscarded(const struct vde_stream *stream);
void vde_stream_discard(struct vde_stream *stream);

/* stream_read.c */
ssize_t vde_stream_read(struct vde_stream *stream, u64 byte, u64 epoch,
			struct iov_iter *to);

#endif /* VDE_STREAM_H */

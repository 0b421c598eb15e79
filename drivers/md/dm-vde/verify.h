/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_VERIFY_H
#define VDE_VERIFY_H

#include <linux/bio.h>
#include <linux/mempool.h>
#include <linux/ratelimit_types.h>
#include <linux/workqueue.h>

#include "region.h"

struct crypto_shash;
struct vde_read;
struct vde_worm;

#define VDE_READ_WORKERS 4

/**
 * struct vde_read_worker - one of those that share a read
 * @work: verifies chunks until none is left
 * @read: its read
 */
struct vde_read_worker {
	struct work_struct work;
	struct vde_read *read;
};

/**
 * struct vde_read - one read on its way up
 * @verify: of its region
 * @bio: the read, on its way to the disk or back
 * @end_io: how dm hears of its end
 * @private: dm's, too
 * @iter: its data
 * @start: first block
 * @blocks: how many
 * @next: first block that no worker has taken, from @start
 * @pending: workers that have not finished
 * @corrupt: a block or its record is damaged
 * @failed: a record could not be read
 * @workers: the workers
 *
 * Lives in the bio's per-bio data.
 */
struct vde_read {
	struct vde_verify *verify;
	struct bio *bio;
	bio_end_io_t *end_io;
	void *private;
	struct bvec_iter iter;
	u64 start;
	u32 blocks;
	atomic_t next;
	atomic_t pending;
	bool corrupt;
	bool failed;
	struct vde_read_worker workers[VDE_READ_WORKERS];
};

/**
 * struct vde_verify - verification of one region's reads
 * @worm: the region
 * @off: data is returned unverified; changed only while no I/O is in flight
 * @on_corruption: enum vde_on_corruption; as @off
 * @wq: for the workers
 * @cpu: where the last worker went; a hint
 * @tfm: SHA-256
 * @pages: one in reserve, for blocks that are read once more
 * @ratelimit: of messages about damage
 * @next: block that follows the newest read; a hint
 * @ahead: metadata block up to which records were read ahead; a hint
 * @read_ahead: reads records ahead
 */
struct vde_verify {
	struct vde_worm *worm;
	bool off;
	u32 on_corruption;
	struct workqueue_struct *wq;
	unsigned int cpu;
	struct crypto_shash *tfm;
	mempool_t pages;
	struct ratelimit_state ratelimit;
	u64 next;
	u64 ahead;
	struct work_struct read_ahead;
};

int vde_verify_init(struct vde_verify *verify, struct vde_worm *worm);
void vde_verify_exit(struct vde_verify *verify);
void vde_verify_configure(struct vde_verify *verify,
			  const struct vde_options *options);
void vde_verify_prepare(struct vde_verify *verify, struct vde_read *read,
			struct bio *bio, u64 start);
void vde_verify_forget(struct vde_verify *verify);

void vde_verify_report(struct vde_verify *verify, u64 block, bool record,
		       enum vde_fault fault);

#endif /* VDE_VERIFY_H */

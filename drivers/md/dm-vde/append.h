/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_APPEND_H
#define VDE_APPEND_H

#include <linux/bio.h>
#include <linux/mempool.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "rules.h"

struct crypto_shash;
struct iov_iter;
struct vde_append_queue;
struct vde_call;
struct vde_region;

#define VDE_WINDOW_BLOCKS 32U	/* payload is copied 128 KiB at a time */
#define VDE_WINDOW_PARTS 8U	/* small appends that share a window */

/**
 * struct vde_append - one write on its way through the queue
 * @entry: in @queued (from admission until its last window is granted) or in
 *	@held_order
 * @held: in the tree of held writes
 * @bio: the write; owned by the queue until it ends
 * @iter: payload not yet granted to a window
 * @start: first block
 * @blocks: how many
 * @granted: blocks granted to windows
 * @tail: bytes of the last block that count; the rest is zero
 * @durable: completes only when a commit covers it
 * @deadline: jiffies; when a held write stops waiting for its gap
 *
 * Lives in the bio's per-bio data.
 */
struct vde_append {
	struct list_head entry;
	struct rb_node held;
	struct bio *bio;
	struct bvec_iter iter;
	u64 start;
	u32 blocks;
	u32 granted;
	u32 tail;
	bool durable;
	unsigned long deadline;
};

/**
 * struct vde_window_part - what a window has of one append
 * @append: the append, alive until its last part is completed
 * @iter: the payload
 * @start: first block, in the window
 * @blocks: how many
 * @last: the append has no more
 * @bio: the device write
 */
struct vde_window_part {
	struct vde_append *append;
	struct bvec_iter iter;
	u32 start;
	u32 blocks;
	bool last;
	struct bio bio;
};

/**
 * struct vde_window - up to 32 blocks of one append, or a few small appends, in
 *	pages of our own
 * @entry: in the queue's windows, in append order
 * @queue: its queue
 * @part: whose blocks they are, in order
 * @parts: how many
 * @completed: how many have been recorded and published, or failed
 * @place: volume block of the first
 * @blocks: how many
 * @recorded: how many have a record already
 * @pending: copy-and-hash and each device write, one
 * @done: all ended
 * @hash_failed: there are no digests
 * @work: copies, submits, hashes
 * @bvec: vectors of the device writes, one a block
 * @pages: one a block
 * @length: bytes of each block that count
 * @digest: SHA-256 of each block
 *
 * Born when the dispatcher grants it; dies when its blocks are recorded or its
 * appends have failed.
 */
struct vde_window {
	struct list_head entry;
	struct vde_append_queue *queue;
	struct vde_window_part part[VDE_WINDOW_PARTS];
	u32 parts;
	u32 completed;
	u64 place;
	u32 blocks;
	u32 recorded;
	atomic_t pending;
	bool done;
	bool hash_failed;
	struct work_struct work;
	struct bio_vec bvec[VDE_WINDOW_BLOCKS];
	struct page *pages[VDE_WINDOW_BLOCKS];
	u16 length[VDE_WINDOW_BLOCKS];
	u8 digest[VDE_WINDOW_BLOCKS][SHA256_DIGEST_SIZE];
};

/**
 * struct vde_append_ops - what the engine above does with appends
 * @fits: may so many blocks be admitted at @start, which is not below the
 *	pointer? Called with the lock held
 * @place: volume block of an append position; @contiguous is set to how many
 *	positions from there on lie side by side
 * @ready: may what ends at @end be written to the disk now? If not, the engine
 *	must call vde_append_kick() when that changes. NULL if always. The
 *	append of those blocks ends at @append_end
 * @record: take a window's blocks below @end, which are on the device, in
 *	order; may stop with -EAGAIN after advancing @recorded, and must then
 *	call vde_append_kick() once it can go on. NULL if there are no records:
 *	then nothing is copied and hashed either
 * @publish: everything below @end is acknowledged; called with the lock held
 * @rollback: forget what was recorded and not published; called with the lock
 *	held
 * @make_durable: complete @bio once a commit covers it
 */
struct vde_append_ops {
	bool (*fits)(struct vde_append_queue *queue, u64 start, u64 blocks);
	u64 (*place)(struct vde_append_queue *queue, u64 block,
		     u64 *contiguous);
	bool (*ready)(struct vde_append_queue *queue, u64 end, u64 append_end);
	int (*record)(struct vde_append_queue *queue,
		      struct vde_window *window, u32 end);
	void (*publish)(struct vde_append_queue *queue, u64 end);
	void (*rollback)(struct vde_append_queue *queue);
	void (*make_durable)(struct vde_append_queue *queue, struct bio *bio);
};

/**
 * struct vde_append_queue - the ordered appends of one region
 * @region: its region
 * @ops: the engine above
 * @lock: protects all up to @rollbacks; not taken in interrupts
 * @pointer: append pointer: where the next write must begin
 * @published: everything below is acknowledged: the high-water mark
 * @failing: a write failed or the region did: nothing is admitted until what
 *	is in flight has drained
 * @dead: the region failed for good
 * @paused: nothing is admitted for now
 * @queued: appends with payload not yet granted, in order
 * @held: writes beyond the pointer, by start
 * @held_order: the same by deadline
 * @held_bytes: payload held
 * @drained: woken when the last held write goes, and when nothing is in flight
 * @reorder_ms: how long they wait
 * @requeue: dm takes held writes back
 * @appends: acknowledged so far
 * @holds: writes that had to wait for a gap
 * @rollbacks: times the pointer went back
 * @max_blocks: windows in flight, in blocks; read without the lock
 * @granted: blocks in windows; the worker's own
 * @windows: in append order; the worker's own
 * @plugged: submitters that will wake the worker when they have no more
 * @work: the worker: records, publishes, grants
 * @expire: refuses held writes whose time is over
 * @cpu: where the last window went
 * @wq: for the worker and windows, which never wait for each other
 * @tfm: SHA-256, where there are records
 * @window_pool: one window in reserve
 * @page_pool: one window's pages in reserve, where there are records
 */
struct vde_append_queue {
	struct vde_region *region;
	const struct vde_append_ops *ops;
	spinlock_t lock;	/* of what follows */
	u64 pointer;
	u64 published;
	bool failing;
	bool dead;
	bool paused;
	struct list_head queued;
	struct rb_root_cached held;
	struct list_head held_order;
	u64 held_bytes;
	wait_queue_head_t drained;
	u32 reorder_ms;
	bool requeue;
	u64 appends;
	u64 holds;
	u64 rollbacks;
	u32 max_blocks;
	u32 granted;
	struct list_head windows;
	atomic_t plugged;
	struct work_struct work;
	struct delayed_work expire;
	unsigned int cpu;
	struct workqueue_struct *wq;
	struct crypto_shash *tfm;
	mempool_t window_pool;
	mempool_t page_pool;
};

int vde_append_module_init(void);
void vde_append_module_exit(void);
int vde_append_init(struct vde_append_queue *queue, struct vde_region *region,
		    const struct vde_append_ops *ops);
void vde_append_exit(struct vde_append_queue *queue);
void vde_append_start(struct vde_append_queue *queue, u64 pointer);
void vde_append_restart(struct vde_append_queue *queue);
void vde_append_configure(struct vde_append_queue *queue, u32 reorder_ms,
			  u64 max_inflight);
void vde_append_kick(struct vde_append_queue *queue);
void vde_append_fail(struct vde_append_queue *queue);
void vde_append_wait_idle(struct vde_append_queue *queue);
void vde_append_pause(struct vde_append_queue *queue);
void vde_append_resume(struct vde_append_queue *queue);
u64 vde_append_published(struct vde_append_queue *queue);

/* append_admit.c */
void vde_append_admit(struct vde_append_queue *queue,
		      struct vde_append *append, struct bio *bio,
		      bool durable);
void vde_append_admit_anywhere(struct vde_append_queue *queue,
			       struct vde_append *append, struct bio *bio,
			       u32 tail, bool durable);
void vde_append_drain_held(struct vde_append_queue *queue, bool noflush);
void vde_append_undrain(struct vde_append_queue *queue);
void vde_append_admit_none(struct vde_append_queue *queue);
void vde_append_admit_init(struct vde_append_queue *queue);

/* append_call.c */
struct vde_call *vde_append_prepare(struct iov_iter *from, size_t length);
size_t vde_append_length(const struct vde_call *call);
int vde_append_submit(struct vde_append_queue *queue, struct vde_call *call,
		      bool durable, u64 *block);
void vde_append_discard(struct vde_call *call);

/* window.c */
struct vde_window *vde_window_grant(struct vde_append_queue *queue,
				    struct vde_append *append, u64 place,
				    u32 blocks);
bool vde_window_share(struct vde_window *window, struct vde_append *append);
void vde_window_start(struct vde_window *window);
void vde_window_run(struct vde_window *window);
void vde_window_free(struct vde_window *window);
int vde_window_pools_init(struct vde_append_queue *queue);
void vde_window_pools_exit(struct vde_append_queue *queue);

#endif /* VDE_APPEND_H */

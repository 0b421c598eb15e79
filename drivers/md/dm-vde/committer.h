/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_COMMITTER_H
#define VDE_COMMITTER_H

#include <linux/bio.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct vde_append_queue;
struct vde_committer;

/**
 * struct vde_committer_ops - what a commit of the engine above is
 * @prepare: note what is to be committed; called with the append queue's lock
 *	held. Somebody waits for what is published to be durable when @wanted;
 *	commit even if nothing was when @forced. Returns false if no commit is
 *	needed.
 * @write: make it durable; @commit is what @prepare returned. Sleeps. Sets
 *	@what to a phrase when it fails.
 * @done: the round is over, waiters have been told
 *
 * All but @prepare run with the committer's lock held and may sleep.
 */
struct vde_committer_ops {
	bool (*prepare)(struct vde_committer *committer, bool wanted,
			bool forced);
	int (*write)(struct vde_committer *committer, bool commit,
		     const char **what);
	void (*done)(struct vde_committer *committer);
};

/**
 * struct vde_committer - when a region's commits are written
 * @queue: its appends; the queue's lock protects the fields marked (q)
 * @ops: the engine above
 * @waiters: (q) flushes and durable writes that wait for a commit
 * @due: (q) a commit was asked for by timer, message or suspend
 * @forced: (q) ... and even if nothing was published
 * @armed: (q) the timer runs for what was published
 * @commits: (q) commits so far
 * @flushes: (q) flushes so far
 * @commit_ms: longest time from publication to commit
 * @lock: held while a commit is prepared and written
 * @wq: for @work, which waits for the disk
 * @work: runs a round: who waits together shares one commit
 * @timer: commit_ms after a publication, an hour after a commit
 */
struct vde_committer {
	struct vde_append_queue *queue;
	const struct vde_committer_ops *ops;
	struct bio_list waiters;
	bool due;
	bool forced;
	bool armed;
	u64 commits;
	u64 flushes;
	u32 commit_ms;
	struct mutex lock;	/* of the region's commits */
	struct workqueue_struct *wq;
	struct work_struct work;
	struct delayed_work timer;
};

int vde_committer_init(struct vde_committer *committer,
		       struct vde_append_queue *queue,
		       const struct vde_committer_ops *ops);
void vde_committer_exit(struct vde_committer *committer);
void vde_committer_kick(struct vde_committer *committer);
void vde_committer_demand(struct vde_committer *committer);
void vde_committer_arm(struct vde_committer *committer);
void vde_committer_flush(struct vde_committer *committer, struct bio *bio);
void vde_committer_add(struct vde_committer *committer, struct bio *bio);
int vde_committer_wait(struct vde_committer *committer);
void vde_committer_suspend(struct vde_committer *committer);
void vde_committer_resume(struct vde_committer *committer, u32 commit_ms);
void vde_committer_catch_up(struct vde_committer *committer);

#endif /* VDE_COMMITTER_H */

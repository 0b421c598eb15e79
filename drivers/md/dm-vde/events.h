/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_EVENTS_H
#define VDE_EVENTS_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "region.h"

struct dm_table;

/**
 * struct vde_events - news of one claimed region, on its way to user space
 * @news: what the region calls
 * @md: mapped device
 * @table_lock: protects @table
 * @table: live table, whose waiters a dm event wakes; NULL before the first
 *	resume and after the last
 * @lock: protects @pending, @block, @stale_from and @stale_to
 * @pending: bit per enum vde_event not yet told
 * @block: what the newest of each was about
 * @stale_from: start of the range in the node's page cache that may show data
 *	that was never sealed, in blocks
 * @stale_to: its end
 * @tell: sends uevents and dm events
 * @readers: where readers of the character device wait, once there is one
 * @invalidate: drops stale pages; may wait for writeback, and so is alone
 *
 * Born before its region is claimed, dies after the region.
 */
struct vde_events {
	struct vde_news news;
	struct mapped_device *md;
	struct mutex table_lock;	/* of @table */
	struct dm_table *table;
	spinlock_t lock;		/* of what is pending */
	unsigned long pending;
	u64 block[VDE_EVENTS];
	u64 stale_from;
	u64 stale_to;
	wait_queue_head_t *readers;
	struct work_struct tell;
	struct work_struct invalidate;
};

struct vde_events *vde_events_create(struct mapped_device *md);
void vde_events_destroy(struct vde_news *news);
void vde_events_invalidate(struct vde_news *news, u64 block, u64 blocks);
void vde_events_forget_pages(struct vde_news *news);
void vde_events_set_readers(struct vde_news *news, wait_queue_head_t *readers);
void vde_events_set_table(struct vde_news *news, struct dm_table *table);
void vde_events_forget_table(struct vde_news *news, struct dm_table *table);

#endif /* VDE_EVENTS_H */

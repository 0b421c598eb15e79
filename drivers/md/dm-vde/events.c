// SPDX-License-Identifier: GPL-2.0-only
/*
 * News to user space: a uevent and a dm event per burst of refusals or of damage
 * found, or change of mode; and after refused buffered writes, dropping the pages that hold
 * what was never sealed.
 */
#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/kobject.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "compat.h"
#include "events.h"

static const char *const event_names[VDE_EVENTS] = {
	[VDE_EVENT_REFUSED] = "refused",
	[VDE_EVENT_FAILED] = "mode",
	[VDE_EVENT_CORRUPT] = "corrupt",
};

static void send_uevent(struct vde_events *events, enum vde_event event,
			u64 block)
{
	char name[32], where[40];
	char *env[3] = {};

	env[0] = name;
	env[1] = where;
	snprintf(name, sizeof(name), "VDE_EVENT=%s", event_names[event]);
	snprintf(where, sizeof(where), "VDE_BLOCK=%llu", block);
	kobject_uevent_env(&disk_to_dev(dm_disk(events->md))->kobj,
			   KOBJ_CHANGE, env);
}

static void tell_work(struct work_struct *work)
{
	struct vde_events *events =
		container_of(work, struct vde_events, tell);
	u64 block[VDE_EVENTS];
	unsigned long pending;
	u32 i;

	spin_lock(&events->lock);
	pending = events->pending;
	events->pending = 0;
	memcpy(block, events->block, sizeof(block));
	spin_unlock(&events->lock);
	for (i = 0; i < VDE_EVENTS; i++)
		if (pending & BIT(i))
			send_uevent(events, i, block[i]);
	mutex_lock(&events->table_lock);
	if (pending && events->table)
		dm_table_event(events->table);
	mutex_unlock(&events->table_lock);
}

/* Dirty pages stay: their write has not been refused yet. */
static void invalidate(struct vde_events *events, loff_t from, loff_t to)
{
	struct block_device *bdev = dm_disk(events->md)->part0;

	invalidate_inode_pages2_range(vde_bdev_mapping(bdev),
				      from >> PAGE_SHIFT,
				      (to - 1) >> PAGE_SHIFT);
}

static void invalidate_work(struct work_struct *work)
{
	struct vde_events *events =
		container_of(work, struct vde_events, invalidate);
	u64 from, to;

	spin_lock(&events->lock);
	from = events->stale_from;
	to = events->stale_to;
	events->stale_from = U64_MAX;
	events->stale_to = 0;
	spin_unlock(&events->lock);
	if (from < to)
		invalidate(events, from << VDE_BLOCK_SHIFT,
			   to << VDE_BLOCK_SHIFT);
}

static void raise_event(struct vde_news *news, enum vde_event event, u64 block)
{
	struct vde_events *events = container_of(news, struct vde_events, news);

	spin_lock(&events->lock);
	events->pending |= BIT(event);
	events->block[event] = block;
	spin_unlock(&events->lock);
	queue_work(system_unbound_wq, &events->tell);
}

/*
 * The writer learns of the refusal when its bio ends; from then on no reader
 * may be served from the node's pages. Those under this bio are marked as not
 * up to date at once, unless they are mapped or were written again meanwhile,
 * and the worker drops them all.
 */
static void disown_pages(struct vde_news *news, const struct bio *bio)
{
	struct vde_events *events = container_of(news, struct vde_events, news);
	struct address_space *mapping =
		vde_bdev_mapping(dm_disk(events->md)->part0);
	u64 block = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	u64 blocks = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	struct bvec_iter iter;
	struct bio_vec bv;

	if (!bio_has_data((struct bio *)bio) || !mapping->nrpages)
		return;
	bio_for_each_segment(bv, bio, iter) {
		struct folio *folio = page_folio(bv.bv_page);

		if (folio->mapping == mapping && !folio_mapped(folio) &&
		    !folio_test_dirty(folio))
			folio_clear_uptodate(folio);
	}
	spin_lock(&events->lock);
	events->stale_from = min(events->stale_from, block);
	events->stale_to = max(events->stale_to, block + blocks);
	spin_unlock(&events->lock);
	queue_work(system_unbound_wq, &events->invalidate);
}

static void wake_readers(struct vde_news *news)
{
	struct vde_events *events = container_of(news, struct vde_events, news);
	/* Pairs with vde_events_set_readers(). */
	wait_queue_head_t *readers = smp_load_acquire(&events->readers);

	if (readers)
		wake_up_all(readers);
}

/**
 * vde_events_set_readers - who waits for more to read
 * @news: their region's
 * @readers: where they wait; outlives the region
 */
void vde_events_set_readers(struct vde_news *news, wait_queue_head_t *readers)
{
	struct vde_events *events = container_of(news, struct vde_events, news);

	/* Pairs with wake_readers(). */
	smp_store_release(&events->readers, readers);
}

/**
 * vde_events_create - prepare to carry news
 * @md: mapped device that the news is about
 *
 * Return: the object, or NULL when out of memory.
 */
struct vde_events *vde_events_create(struct mapped_device *md)
{
	struct vde_events *events = kzalloc(sizeof(*events), GFP_KERNEL);

	if (!events)
		return NULL;
	events->news.raise = raise_event;
	events->news.write_failed = disown_pages;
	events->news.advanced = wake_readers;
	events->md = md;
	mutex_init(&events->table_lock);
	spin_lock_init(&events->lock);
	events->stale_from = U64_MAX;
	INIT_WORK(&events->tell, tell_work);
	INIT_WORK(&events->invalidate, invalidate_work);
	return events;
}

/**
 * vde_events_destroy - carry what is left and free
 * @news: of an object from vde_events_create(), its region gone; or NULL
 */
void vde_events_destroy(struct vde_news *news)
{
	struct vde_events *events;

	if (!news)
		return;
	events = container_of(news, struct vde_events, news);
	flush_work(&events->invalidate);
	flush_work(&events->tell);
	kfree(events);
}

/**
 * vde_events_invalidate - blocks changed behind the node's page cache
 * @news: their region's
 * @block: first one
 * @blocks: how many, from 1
 *
 * Sleeps, and waits for bios to the node; so the caller is not inside the
 * region's gate.
 */
void vde_events_invalidate(struct vde_news *news, u64 block, u64 blocks)
{
	struct vde_events *events = container_of(news, struct vde_events, news);

	invalidate(events, block << VDE_BLOCK_SHIFT,
		   (block + blocks) << VDE_BLOCK_SHIFT);
}

/**
 * vde_events_forget_pages - nothing cached under another table is to be shown
 * @news: their region's
 *
 * The node's page cache outlives a table. What is clean goes at once, unless
 * somebody uses it; the worker takes that, and pages that are mapped, as soon
 * as the device is live. Dirty ones meet the new table when they are written.
 * Waits for no bio, so that it may be called while the device is suspended.
 */
void vde_events_forget_pages(struct vde_news *news)
{
	struct vde_events *events = container_of(news, struct vde_events, news);
	struct block_device *bdev = dm_disk(events->md)->part0;

	if (!vde_bdev_mapping(bdev)->nrpages)
		return;
	invalidate_bdev(bdev);
	spin_lock(&events->lock);
	events->stale_from = 0;
	events->stale_to = LLONG_MAX >> VDE_BLOCK_SHIFT;
	spin_unlock(&events->lock);
	queue_work(system_unbound_wq, &events->invalidate);
}

/**
 * vde_events_set_table - a table goes live
 * @news: its region's
 * @table: the table
 */
void vde_events_set_table(struct vde_news *news, struct dm_table *table)
{
	struct vde_events *events = container_of(news, struct vde_events, news);

	mutex_lock(&events->table_lock);
	events->table = table;
	mutex_unlock(&events->table_lock);
}

/**
 * vde_events_forget_table - a table goes away
 * @news: its region's
 * @table: the table; ignored unless it is the live one
 */
void vde_events_forget_table(struct vde_news *news, struct dm_table *table)
{
	struct vde_events *events = container_of(news, struct vde_events, news);

	mutex_lock(&events->table_lock);
	if (events->table == table)
		events->table = NULL;
	mutex_unlock(&events->table_lock);
}

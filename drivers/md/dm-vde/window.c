// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: parts of an append on their way to the disk. What is hashed must be
 * what is stored, and a caller can change an O_DIRECT buffer in flight: so
 * payload is first copied into pages of our own, unless there are no records.
 */
#include <crypto/hash.h>
#include <linux/blkdev.h>
#include <linux/highmem.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "append.h"
#include "region.h"
#include "spread.h"
#include "volume.h"

/* Never sleeps: what it does not get, the next completed window gives. */
#define WINDOW_GFP (GFP_NOWAIT | __GFP_NOWARN)

#define SHARED_BLOCKS 8U	/* most that small appends share */

static struct kmem_cache *window_cache;

/**
 * vde_append_module_init - make the cache of windows
 *
 * Return: 0 or -ENOMEM.
 */
int vde_append_module_init(void)
{
	window_cache = kmem_cache_create("vde_window",
					 sizeof(struct vde_window), 0, 0,
					 NULL);
	return window_cache ? 0 : -ENOMEM;
}

/**
 * vde_append_module_exit - destroy the cache of windows
 */
void vde_append_module_exit(void)
{
	kmem_cache_destroy(window_cache);
}

static bool is_copied(const struct vde_append_queue *queue)
{
	return queue->ops->record;
}

static int init_copies(struct vde_append_queue *queue)
{
	int err;

	if (!is_copied(queue))
		return 0;
	queue->tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(queue->tfm))
		return PTR_ERR(queue->tfm);
	err = mempool_init_page_pool(&queue->page_pool, VDE_WINDOW_BLOCKS, 0);
	if (err)
		crypto_free_shash(queue->tfm);
	return err;
}

static void exit_copies(struct vde_append_queue *queue)
{
	if (!is_copied(queue))
		return;
	mempool_exit(&queue->page_pool);
	crypto_free_shash(queue->tfm);
}

/**
 * vde_window_pools_init - a queue's workqueue and reserve
 * @queue: to set up; its operations are set
 *
 * Return: 0 or -ENOMEM, or what the crypto API says of SHA-256.
 */
int vde_window_pools_init(struct vde_append_queue *queue)
{
	int err = init_copies(queue);

	if (err)
		return err;
	err = mempool_init_slab_pool(&queue->window_pool, 1, window_cache);
	if (err)
		goto free_copies;
	queue->wq = alloc_workqueue("vde_append", WQ_UNBOUND | WQ_MEM_RECLAIM,
				    0);
	if (queue->wq)
		return 0;
	err = -ENOMEM;
	mempool_exit(&queue->window_pool);
free_copies:
	exit_copies(queue);
	return err;
}

/**
 * vde_window_pools_exit - free what vde_window_pools_init() made
 * @queue: idle queue
 */
void vde_window_pools_exit(struct vde_append_queue *queue)
{
	destroy_workqueue(queue->wq);
	mempool_exit(&queue->window_pool);
	exit_copies(queue);
}

static void free_pages_of(struct vde_window *window, u32 from, u32 to)
{
	while (to-- > from)
		mempool_free(window->pages[to], &window->queue->page_pool);
}

static bool alloc_pages_of(struct vde_window *window, u32 from, u32 to)
{
	u32 i;

	for (i = from; i < to; i++) {
		window->pages[i] = mempool_alloc(&window->queue->page_pool,
						 WINDOW_GFP);
		if (!window->pages[i]) {
			free_pages_of(window, from, i);
			return false;
		}
	}
	return true;
}

/**
 * vde_window_free - give a window's memory back
 * @window: done
 */
void vde_window_free(struct vde_window *window)
{
	u32 i;

	for (i = 0; i < window->parts; i++)
		bio_uninit(&window->part[i].bio);
	if (is_copied(window->queue))
		free_pages_of(window, 0, window->blocks);
	mempool_free(window, &window->queue->window_pool);
}

/* One of copy-and-hash and device write ended. */
static void window_put(struct vde_window *window)
{
	struct vde_append_queue *queue = window->queue;

	if (!atomic_dec_and_test(&window->pending))
		return;
	/* Once done, window and soon the queue may go: see vde_append_exit(). */
	rcu_read_lock();
	/* Pairs with complete_windows(): status and digests come first. */
	smp_store_release(&window->done, true);
	vde_append_kick(queue);
	rcu_read_unlock();
}

static void write_end(struct bio *bio)
{
	window_put(bio->bi_private);
}

/* The payload's segments need not match blocks. */
static void copy_part(struct vde_window_part *part, struct page **pages)
{
	struct bio *from = part->append->bio;
	u32 bytes = part->blocks << VDE_BLOCK_SHIFT;
	u32 copied = 0;

	while (copied < bytes) {
		struct bio_vec bv = bio_iter_iovec(from, part->iter);
		u32 offset = copied & (VDE_BLOCK_SIZE - 1);
		u32 len = min3(bv.bv_len, VDE_BLOCK_SIZE - offset,
			       bytes - copied);
		struct page *to = pages[copied >> VDE_BLOCK_SHIFT];
		void *source = bvec_kmap_local(&bv);

		memcpy(page_address(to) + offset, source, len);
		kunmap_local(source);
		bio_advance_iter_single(from, &part->iter, len);
		copied += len;
	}
}

/* Copy into our pages. */
static void copy_payload(struct vde_window *window)
{
	u32 i;

	for (i = 0; i < window->parts; i++)
		copy_part(&window->part[i],
			  &window->pages[window->part[i].start]);
}

/* Our pages, or the payload where it is. */
static void attach_payload(struct vde_window *window,
			   struct vde_window_part *part)
{
	struct bio *from = part->append->bio;
	struct bio *bio = &part->bio;
	u32 i;

	if (!is_copied(window->queue)) {
		bio_set_flag(bio, BIO_CLONED);
		bio->bi_io_vec = from->bi_io_vec;
		bio->bi_iter = part->iter;
		bio->bi_iter.bi_size = part->blocks << VDE_BLOCK_SHIFT;
		return;
	}
	for (i = 0; i < part->blocks; i++)
		__bio_add_page(bio, window->pages[part->start + i],
			       VDE_BLOCK_SIZE, 0);
}

static void submit_write(struct vde_window *window,
			 struct vde_window_part *part)
{
	struct vde_region *region = window->queue->region;
	struct bio *from = part->append->bio;
	struct bio *bio = &part->bio;

	bio_init(bio, region->volume->media.bdev, &window->bvec[part->start],
		 part->blocks, REQ_OP_WRITE |
		 (from->bi_opf & (REQ_SYNC | REQ_IDLE | REQ_PRIO)));
	bio_clone_blkg_association(bio, from);
	attach_payload(window, part);
	bio->bi_iter.bi_sector = (window->place + part->start) *
				 VDE_SECTORS_PER_BLOCK;
	bio->bi_ioprio = from->bi_ioprio;
	bio->bi_private = window;
	bio->bi_end_io = write_end;
	submit_bio(bio);
}

/* A write of its own for each append: one that fails does not fail others. */
static void submit_writes(struct vde_window *window)
{
	struct blk_plug plug;
	u32 i;

	atomic_set(&window->pending, 1 + window->parts);
	blk_start_plug(&plug);
	for (i = 0; i < window->parts; i++)
		submit_write(window, &window->part[i]);
	blk_finish_plug(&plug);
}

static void hash_blocks(struct vde_window *window)
{
	u32 i;

	for (i = 0; i < window->blocks; i++)
		if (crypto_shash_tfm_digest(window->queue->tfm,
					    page_address(window->pages[i]),
					    window->length[i],
					    window->digest[i]))
			window->hash_failed = true;
}

/**
 * vde_window_run - copy, write and hash a window's blocks, or write them
 * @window: from vde_window_grant(), in the queue's list
 *
 * Hashes before it returns; vde_window_start() lets others do that.
 */
void vde_window_run(struct vde_window *window)
{
	bool copied = is_copied(window->queue);

	if (copied)
		copy_payload(window);
	submit_writes(window);
	if (copied)
		hash_blocks(window);
	window_put(window);
}

static void window_work(struct work_struct *work)
{
	vde_window_run(container_of(work, struct vde_window, work));
}

/* The next blocks of an append; their pages are there. */
static void add_part(struct vde_window *window, struct vde_append *append,
		     u32 blocks)
{
	struct vde_window_part *part = &window->part[window->parts++];
	u32 i;

	part->append = append;
	part->iter = append->iter;
	part->start = window->blocks;
	part->blocks = blocks;
	bio_advance_iter(append->bio, &append->iter,
			 blocks << VDE_BLOCK_SHIFT);
	append->granted += blocks;
	part->last = append->granted == append->blocks;
	for (i = 0; i < blocks; i++)
		window->length[window->blocks++] = VDE_BLOCK_SIZE;
	if (part->last)
		window->length[window->blocks - 1] = append->tail;
}

/**
 * vde_window_grant - make a window for the next blocks of an append
 * @queue: its queue; called by its worker only
 * @append: has @blocks ungranted blocks at least
 * @place: volume block of the first
 * @blocks: 1..VDE_WINDOW_BLOCKS
 *
 * Return: the window, or NULL when memory is short and the reserve is in use.
 */
struct vde_window *vde_window_grant(struct vde_append_queue *queue,
				    struct vde_append *append, u64 place,
				    u32 blocks)
{
	struct vde_window *window;

	window = mempool_alloc(&queue->window_pool, WINDOW_GFP);
	if (!window)
		return NULL;
	window->queue = queue;
	if (is_copied(queue) && !alloc_pages_of(window, 0, blocks)) {
		mempool_free(window, &queue->window_pool);
		return NULL;
	}
	window->parts = 0;
	window->completed = 0;
	window->place = place;
	window->blocks = 0;
	window->recorded = 0;
	window->done = false;
	window->hash_failed = false;
	INIT_WORK(&window->work, window_work);
	add_part(window, append, blocks);
	return window;
}

/**
 * vde_window_share - let a small append have a part of a window
 * @window: from vde_window_grant(), not started; all of the last append in it
 * @append: the next one; nothing of it is granted
 *
 * One worker for several appends saves most of what they cost beside SHA-256.
 * They stay few, so that other CPUs have some to do.
 *
 * Return: false if the append does not fit.
 */
bool vde_window_share(struct vde_window *window, struct vde_append *append)
{
	u32 end = window->blocks + append->blocks;

	if (!is_copied(window->queue) || end > SHARED_BLOCKS ||
	    window->parts == VDE_WINDOW_PARTS ||
	    !alloc_pages_of(window, window->blocks, end))
		return false;
	add_part(window, append, append->blocks);
	return true;
}

/**
 * vde_window_start - have a window's blocks copied, written and hashed
 * @window: from vde_window_grant(), in the queue's list
 */
void vde_window_start(struct vde_window *window)
{
	if (is_copied(window->queue))
		vde_spread_work(window->queue->wq, &window->queue->cpu,
				&window->work);
	else
		vde_window_run(window);
}

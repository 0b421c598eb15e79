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
#include "volume.h"

/* Never sleeps: what it does not get, the next completed window gives. */
#define WINDOW_GFP (GFP_NOWAIT | __GFP_NOWARN)

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

static void free_pages_of(struct vde_window *window, u32 count)
{
	while (count--)
		mempool_free(window->pages[count], &window->queue->page_pool);
}

static bool alloc_pages_of(struct vde_window *window, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		window->pages[i] = mempool_alloc(&window->queue->page_pool,
						 WINDOW_GFP);
		if (!window->pages[i]) {
			free_pages_of(window, i);
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
	bio_uninit(&window->bio);
	if (is_copied(window->queue))
		free_pages_of(window, window->blocks);
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
	struct vde_window *window = container_of(bio, struct vde_window, bio);

	/* A failed hash may have set it already. */
	if (bio->bi_status)
		window->status = bio->bi_status;
	window_put(window);
}

/* Copy into our pages; the payload's segments need not match blocks. */
static void copy_payload(struct vde_window *window)
{
	struct bio *from = window->append->bio;
	u32 bytes = window->blocks << VDE_BLOCK_SHIFT;
	u32 copied = 0;

	while (copied < bytes) {
		struct bio_vec bv = bio_iter_iovec(from, window->iter);
		u32 offset = copied & (VDE_BLOCK_SIZE - 1);
		u32 len = min3(bv.bv_len, VDE_BLOCK_SIZE - offset,
			       bytes - copied);
		struct page *to = window->pages[copied >> VDE_BLOCK_SHIFT];
		void *source = bvec_kmap_local(&bv);

		memcpy(page_address(to) + offset, source, len);
		kunmap_local(source);
		bio_advance_iter_single(from, &window->iter, len);
		copied += len;
	}
}

/* Our pages, or the payload where it is. */
static void attach_payload(struct vde_window *window, struct bio *from)
{
	struct bio *bio = &window->bio;
	u32 i;

	if (!is_copied(window->queue)) {
		bio_set_flag(bio, BIO_CLONED);
		bio->bi_io_vec = from->bi_io_vec;
		bio->bi_iter = window->iter;
		bio->bi_iter.bi_size = window->blocks << VDE_BLOCK_SHIFT;
		return;
	}
	for (i = 0; i < window->blocks; i++)
		__bio_add_page(bio, window->pages[i], VDE_BLOCK_SIZE, 0);
}

static void submit_write(struct vde_window *window)
{
	struct vde_region *region = window->queue->region;
	struct bio *from = window->append->bio;
	struct bio *bio = &window->bio;

	bio_init(bio, region->volume->media.bdev, window->bvec,
		 VDE_WINDOW_BLOCKS, REQ_OP_WRITE |
		 (from->bi_opf & (REQ_SYNC | REQ_IDLE | REQ_PRIO)));
	bio_clone_blkg_association(bio, from);
	attach_payload(window, from);
	bio->bi_iter.bi_sector = window->place * VDE_SECTORS_PER_BLOCK;
	bio->bi_ioprio = from->bi_ioprio;
	bio->bi_end_io = write_end;
	submit_bio(bio);
}

/**
 * vde_window_length - how much of a block is data
 * @window: any window
 * @i: block in it
 *
 * Return: 1..4096 bytes.
 */
u32 vde_window_length(const struct vde_window *window, u32 i)
{
	return i == window->blocks - 1 ? window->tail : VDE_BLOCK_SIZE;
}

static void hash_blocks(struct vde_window *window)
{
	u32 i;

	for (i = 0; i < window->blocks; i++)
		if (crypto_shash_tfm_digest(window->queue->tfm,
					    page_address(window->pages[i]),
					    vde_window_length(window, i),
					    window->digest[i]))
			window->status = BLK_STS_IOERR;
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
	submit_write(window);
	if (copied)
		hash_blocks(window);
	window_put(window);
}

static void window_work(struct work_struct *work)
{
	vde_window_run(container_of(work, struct vde_window, work));
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
	if (is_copied(queue) && !alloc_pages_of(window, blocks)) {
		mempool_free(window, &queue->window_pool);
		return NULL;
	}
	window->append = append;
	window->iter = append->iter;
	window->start = append->start + append->granted;
	window->place = place;
	window->blocks = blocks;
	window->recorded = 0;
	window->done = false;
	window->status = BLK_STS_OK;
	atomic_set(&window->pending, 2);
	INIT_WORK(&window->work, window_work);
	bio_advance_iter(append->bio, &append->iter,
			 blocks << VDE_BLOCK_SHIFT);
	append->granted += blocks;
	window->tail = append->granted == append->blocks ? append->tail :
							   VDE_BLOCK_SIZE;
	return window;
}

/**
 * vde_window_start - have a window's blocks copied, written and hashed
 * @window: from vde_window_grant(), in the queue's list
 */
void vde_window_start(struct vde_window *window)
{
	if (is_copied(window->queue))
		queue_work(window->queue->wq, &window->work);
	else
		vde_window_run(window);
}

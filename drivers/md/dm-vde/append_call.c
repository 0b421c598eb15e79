// SPDX-License-Identifier: GPL-2.0-only
/*
 * Appends that come by a call instead of a bio: wherever the append pointer
 * is, all or nothing, with a last block that may be short. The payload is
 * complete in memory before it is admitted, since a fault or a slow source
 * must not hold up what is behind it.
 */
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/ioprio.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "append.h"
#include "region.h"
#include "volume.h"

/**
 * struct vde_call - one append on its way
 * @append: in the queue
 * @bio: carries the payload; never submitted
 * @bvec: its vector of pages of our own
 * @pages: how many there are
 * @length: bytes of payload
 * @done: completed when it is sealed or has failed
 */
struct vde_call {
	struct vde_append append;
	struct bio bio;
	struct bio_vec *bvec;
	u32 pages;
	size_t length;
	struct completion done;
};

static void free_call(struct vde_call *call)
{
	while (call->pages--)
		__free_page(call->bvec[call->pages].bv_page);
	kvfree(call->bvec);
	kfree(call);
}

static void call_end(struct bio *bio)
{
	struct vde_call *call = container_of(bio, struct vde_call, bio);

	complete(&call->done);
}

static struct vde_call *alloc_call(size_t bytes)
{
	u32 pages = DIV_ROUND_UP(bytes, PAGE_SIZE);
	struct vde_call *call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);

	if (!call)
		return NULL;
	init_completion(&call->done);
	call->bvec = kvmalloc_array(pages, sizeof(*call->bvec),
				    GFP_KERNEL_ACCOUNT);
	if (!call->bvec) {
		kfree(call);
		return NULL;
	}
	bio_init(&call->bio, NULL, call->bvec, pages, REQ_OP_WRITE);
	call->bio.bi_end_io = call_end;
	return call;
}

/* Take one page of payload; what is missing to whole blocks is zero. */
static int add_page(struct vde_call *call, struct iov_iter *from, size_t length)
{
	u32 padded = round_up(length, VDE_BLOCK_SIZE);
	struct page *page = alloc_page(GFP_KERNEL_ACCOUNT);

	if (!page)
		return -ENOMEM;
	__bio_add_page(&call->bio, page, padded, 0);
	call->pages++;
	if (copy_page_from_iter(page, 0, length, from) != length)
		return -EFAULT;
	memset(page_address(page) + length, 0, padded - length);
	return 0;
}

static int add_payload(struct vde_call *call, struct iov_iter *from, size_t length)
{
	int err = 0;

	while (length && !err) {
		size_t chunk = min_t(size_t, length, PAGE_SIZE);

		err = add_page(call, from, chunk);
		length -= chunk;
		cond_resched();
	}
	return err;
}

/**
 * vde_append_prepare - take the payload of an append
 * @from: payload; advanced by @length unless there is an error
 * @length: bytes of it, from 1; what they need in memory is allocated
 *
 * Sleeps, also for the caller's memory and for memory in general: so nobody
 * may wait for the caller.
 *
 * Return: what vde_append_submit() takes, to be freed with
 * vde_append_discard(); ERR_PTR(-EFAULT) or ERR_PTR(-ENOMEM).
 */
struct vde_call *vde_append_prepare(struct iov_iter *from, size_t length)
{
	struct vde_call *call = alloc_call(round_up(length, VDE_BLOCK_SIZE));
	int err;

	if (!call)
		return ERR_PTR(-ENOMEM);
	call->length = length;
	err = add_payload(call, from, length);
	if (!err)
		return call;
	vde_append_discard(call);
	return ERR_PTR(err);
}

/**
 * vde_append_length - how much is there to append?
 * @call: prepared
 *
 * Return: bytes.
 */
size_t vde_append_length(const struct vde_call *call)
{
	return call->length;
}

/**
 * vde_append_submit - append at the append pointer
 * @queue: started queue
 * @call: prepared, and submitted once at most
 * @durable: return only when a commit covers it
 * @block: set to the first block
 *
 * Sleeps until the blocks are sealed; no signal can withdraw an append that
 * others are queued behind. Who submits pays for the I/O.
 *
 * Return: 0; -ENOSPC when there is no room for all; -EIO.
 */
int vde_append_submit(struct vde_append_queue *queue, struct vde_call *call,
		      bool durable, u64 *block)
{
	u32 tail = (call->length - 1) % VDE_BLOCK_SIZE + 1;

	bio_set_dev(&call->bio, queue->region->volume->media.bdev);
	call->bio.bi_ioprio = get_current_ioprio();
	vde_append_admit_anywhere(queue, &call->append, &call->bio, tail,
				  durable);
	wait_for_completion_io(&call->done);
	*block = call->append.start;
	return blk_status_to_errno(call->bio.bi_status);
}

/**
 * vde_append_discard - free what an append has taken
 * @call: prepared; submitted or not
 */
void vde_append_discard(struct vde_call *call)
{
	bio_uninit(&call->bio);
	free_call(call);
}

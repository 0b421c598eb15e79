// SPDX-License-Identifier: GPL-2.0-only
/* Reading a stream by a call: into pages of our own, then to the caller. */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "stream.h"
#include "volume.h"

#define READ_BLOCKS 32U		/* in one go */

/**
 * struct read - a part of the ring on its way
 * @bio: the read from the disk
 * @bvec: its vector
 * @pages: of our own, one a block
 * @count: how many there are
 * @used: ... in use
 */
struct read {
	struct bio bio;
	struct bio_vec bvec[READ_BLOCKS];
	struct page *pages[READ_BLOCKS];
	u32 count;
	u32 used;
};

static void free_read(struct read *read)
{
	while (read->count)
		__free_page(read->pages[--read->count]);
	kfree(read);
}

static struct read *alloc_read(u32 blocks)
{
	struct read *read = kzalloc(sizeof(*read), GFP_KERNEL);

	while (read && read->count < blocks) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page) {
			free_read(read);
			return NULL;
		}
		read->pages[read->count++] = page;
	}
	return read;
}

/* Read positions that lie side by side. */
static int fill(struct vde_stream *stream, struct read *read, u64 place)
{
	struct vde_region *region = &stream->region;
	int err;
	u32 i;

	bio_init(&read->bio, region->volume->media.bdev, read->bvec,
		 READ_BLOCKS, REQ_OP_READ);
	read->bio.bi_iter.bi_sector = (region->geo.data_start + place) *
				      VDE_SECTORS_PER_BLOCK;
	for (i = 0; i < read->used; i++)
		__bio_add_page(&read->bio, read->pages[i], VDE_BLOCK_SIZE, 0);
	err = submit_bio_wait(&read->bio);
	bio_uninit(&read->bio);
	/* ENODATA says that a position is not in the ring, and nothing else. */
	return err == -ENODATA ? -EIO : err;
}

/* No page is waited for: the caller holds what others wait for. */
static ssize_t copy_out(struct read *read, u32 offset, struct iov_iter *to)
{
	ssize_t copied = 0;
	u32 i;

	pagefault_disable();
	for (i = 0; i < read->used; i++, offset = 0) {
		size_t want = min_t(size_t, VDE_BLOCK_SIZE - offset,
				    iov_iter_count(to));
		size_t done = copy_page_to_iter(read->pages[i], offset, want,
						to);

		copied += done;
		if (done < want)
			break;
	}
	pagefault_enable();
	return copied ? copied : -EFAULT;
}

/* From a position on, as many as lie side by side and have room. */
static int read_positions(struct vde_stream *stream, struct read *read,
			  u64 position, u64 epoch)
{
	u64 contiguous, place;
	struct vde_ring ring;
	int err;

	/* Here no reset can come any more. */
	if (vde_stream_state(stream, &ring) != epoch ||
	    !vde_ring_holds(&ring, position, 1))
		return -ENODATA;
	place = vde_ring_place(&ring, position, &contiguous);
	read->used = min3((u64)read->count, contiguous, ring.head - position);
	err = fill(stream, read, place);
	/* What was reclaimed meanwhile may have been overwritten already. */
	if (!err && atomic64_read(&stream->floor) > position)
		err = -ENODATA;
	return err;
}

/**
 * vde_stream_read - read bytes of a stream
 * @stream: active stream; the caller is not inside its gate
 * @byte: absolute position in bytes; its block is in [tail, head)
 * @epoch: of vde_stream_state(), when that was so
 * @to: where to, at least a byte; advanced
 *
 * Sleeps.
 *
 * Return: bytes read, from 1; -ENODEV; -ERESTARTSYS; -ENODATA when @byte was
 * reclaimed meanwhile, or the stream reset; -EFAULT when the memory is not there
 * now; -ENOMEM; or what the disk beneath says.
 */
ssize_t vde_stream_read(struct vde_stream *stream, u64 byte, u64 epoch,
			struct iov_iter *to)
{
	u32 offset = byte & (VDE_BLOCK_SIZE - 1);
	u64 blocks = DIV_ROUND_UP_ULL((u64)iov_iter_count(to) + offset,
				      VDE_BLOCK_SIZE);
	struct read *read = alloc_read(min_t(u64, blocks, READ_BLOCKS));
	ssize_t ret;

	if (!read)
		return -ENOMEM;
	ret = vde_gate_enter(&stream->region.gate);
	if (!ret) {
		ret = read_positions(stream, read, byte >> VDE_BLOCK_SHIFT,
				     epoch);
		vde_gate_leave(&stream->region.gate);
	}
	if (!ret)
		ret = copy_out(read, offset, to);
	free_read(read);
	return ret;
}

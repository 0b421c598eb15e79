// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verified reads: each block is compared with its write record before dm gets
 * to see it. Design section "WORM engine".
 *
 * A read that has come back from the disk is shared by a few workers, which
 * need nothing but what lives in its per-bio data, a cached block of records
 * and, where a block does not match, a page. They hold one of the two at a
 * time, and wait for the disk only.
 */
#define pr_fmt(fmt) "vde " fmt

#include <crypto/hash.h>
#include <linux/blkdev.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>

#include "digest.h"
#include "spread.h"
#include "trace.h"
#include "verify.h"
#include "volume.h"
#include "worm.h"
#include "worm_records.h"

#define CHUNK_BLOCKS 16U	/* a worker takes 64 KiB at a time */
#define AHEAD_BLOCKS 32U	/* of records, for 10 MiB of data */

/* What is damaged, in the tracepoint's order. */
enum damage { RECORD, DATA, PADDING, UNREADABLE };

static enum damage damage_of(bool record, enum vde_fault fault)
{
	if (record)
		return RECORD;
	switch (fault) {
	case VDE_FAULT_DATA_DIGEST:
		return DATA;
	case VDE_FAULT_DATA_PADDING:
		return PADDING;
	default:
		return UNREADABLE;
	}
}

/**
 * vde_verify_report - a block is damaged: count, trace, tell
 * @verify: of its region
 * @block: number of the block
 * @record: it is the block of its record that is damaged
 * @fault: what is wrong
 */
void vde_verify_report(struct vde_verify *verify, u64 block, bool record,
		       enum vde_fault fault)
{
	struct vde_region *region = &verify->worm->region;

	atomic64_inc(&region->corrupt);
	trace_vde_corrupt(region->dev, block, damage_of(record, fault));
	region->news->raise(region->news, VDE_EVENT_CORRUPT, block);
	if (!__ratelimit(&verify->ratelimit))
		return;
	if (record)
		pr_err("%s: block %llu has no sound write record: %s\n",
		       region->name, block, vde_fault_phrase(fault));
	else if (fault == VDE_FAULT_DATA_DIGEST)
		pr_err("%s: block %llu does not match its write record\n",
		       region->name, block);
	else
		pr_err("%s: block %llu: %s\n", region->name, block,
		       vde_fault_phrase(fault));
}

static void found_corrupt(struct vde_read *read, u64 block, bool record,
			  enum vde_fault fault)
{
	struct vde_verify *verify = read->verify;
	const char *name = verify->worm->region.name;

	WRITE_ONCE(read->corrupt, true);
	vde_verify_report(verify, block, record, fault);
	switch (verify->on_corruption) {
	case VDE_ON_CORRUPTION_PANIC:
		panic("vde %s: block %llu is corrupted", name, block);
	case VDE_ON_CORRUPTION_RESTART:
		pr_emerg("%s: block %llu is corrupted, restarting\n", name,
			 block);
		kernel_restart("dm-vde device corrupted");
		break;
	default:
		break;
	}
}

static void copy_to_bio(struct bio *bio, struct bvec_iter iter,
			const void *data)
{
	struct bio_vec bv;

	iter.bi_size = VDE_BLOCK_SIZE;
	__bio_for_each_segment(bv, bio, iter, iter) {
		memcpy_to_bvec(&bv, data);
		data += bv.bv_len;
	}
}

/*
 * A block does not match. The caller may have written to its buffer meanwhile:
 * read the block once more, where nobody else writes.
 */
static void verify_again(struct vde_read *read, struct bvec_iter iter,
			 u64 block, const struct vde_disk_record *record)
{
	struct vde_verify *verify = read->verify;
	struct vde_region *region = &verify->worm->region;
	struct page *page = mempool_alloc(&verify->pages, GFP_NOIO);
	enum vde_fault fault = VDE_FAULT_READ;
	void *data = page_address(page);

	if (!vde_media_read(&region->volume->media,
			    region->geo.data_start + block, 1, data))
		fault = vde_digest_check(verify->tfm, data, record);
	if (!fault)
		copy_to_bio(read->bio, iter, data);
	mempool_free(page, &verify->pages);
	if (fault == VDE_FAULT_READ)
		WRITE_ONCE(read->failed, true);
	else if (fault)
		found_corrupt(read, block, false, fault);
}

static void verify_block(struct vde_read *read, struct bvec_iter iter,
			 u64 block, struct vde_record_cursor *cursor)
{
	struct crypto_shash *tfm = read->verify->tfm;
	struct vde_disk_record record;

	switch (vde_record_cursor_get(cursor, block, &record)) {
	case 0:
		break;
	case -EILSEQ:
		found_corrupt(read, block, true, cursor->fault);
		return;
	default:
		WRITE_ONCE(read->failed, true);
		return;
	}
	if (!vde_digest_check_bio(tfm, read->bio, iter, &record))
		return;
	vde_record_cursor_put(cursor);
	verify_again(read, iter, block, &record);
}

static void verify_chunk(struct vde_read *read, u32 from,
			 struct vde_record_cursor *cursor)
{
	u32 to = min(from + CHUNK_BLOCKS, read->blocks);
	struct bvec_iter iter = read->iter;

	bio_advance_iter(read->bio, &iter, from << VDE_BLOCK_SHIFT);
	for (; from < to; from++) {
		verify_block(read, iter, read->start + from, cursor);
		bio_advance_iter(read->bio, &iter, VDE_BLOCK_SIZE);
	}
}

static void finish(struct vde_read *read, blk_status_t status)
{
	struct bio *bio = read->bio;

	bio->bi_end_io = read->end_io;
	bio->bi_private = read->private;
	vde_region_end_bio(bio, status);
}

static void worker_work(struct work_struct *work)
{
	struct vde_read *read = container_of(work, struct vde_read_worker,
					     work)->read;
	struct vde_record_cursor cursor;
	u32 from;

	vde_record_cursor_init(&cursor, read->verify->worm);
	while ((from = atomic_fetch_add(CHUNK_BLOCKS, &read->next)) <
	       read->blocks)
		verify_chunk(read, from, &cursor);
	vde_record_cursor_put(&cursor);
	if (!atomic_dec_and_test(&read->pending))
		return;
	if (read->corrupt)
		finish(read, BLK_STS_PROTECTION);
	else
		finish(read, read->failed ? BLK_STS_IOERR : BLK_STS_OK);
}

/* Data has arrived. The last worker ends the read, perhaps before this does. */
static void read_end(struct bio *bio)
{
	struct vde_read *read = bio->bi_private;
	struct vde_verify *verify = read->verify;
	u32 count = clamp(DIV_ROUND_UP(read->blocks, CHUNK_BLOCKS), 1U,
			  (u32)VDE_READ_WORKERS);
	u32 i;

	if (bio->bi_status) {
		finish(read, bio->bi_status);
		return;
	}
	atomic_set(&read->next, 0);
	atomic_set(&read->pending, count);
	/* The last one may be done before it is queued: vde_verify_exit(). */
	rcu_read_lock();
	for (i = 0; i < count; i++) {
		struct vde_read_worker *worker = &read->workers[i];

		worker->read = read;
		INIT_WORK(&worker->work, worker_work);
		vde_spread_work(verify->wq, &verify->cpu, &worker->work);
	}
	rcu_read_unlock();
}

static u64 record_block(u64 n)
{
	u64 index;
	u32 offset;

	vde_record_where(n, &index, &offset);
	return index;
}

static void read_ahead_work(struct work_struct *work)
{
	struct vde_verify *verify = container_of(work, struct vde_verify,
						 read_ahead);
	u64 from = record_block(READ_ONCE(verify->next));
	u64 to = from + AHEAD_BLOCKS;

	if (verify->ahead > from && verify->ahead < to)
		from = verify->ahead;
	vde_records_fill(verify->worm, from, to - from);
	WRITE_ONCE(verify->ahead, to);
}

/* Where reads follow each other, their records should be there before them. */
static void read_ahead(struct vde_verify *verify, u64 start, u32 blocks)
{
	bool sequential = READ_ONCE(verify->next) == start;
	u64 index = record_block(start + blocks);
	u64 ahead = READ_ONCE(verify->ahead);

	WRITE_ONCE(verify->next, start + blocks);
	if (sequential && (ahead < index + AHEAD_BLOCKS / 2 ||
			   ahead > index + AHEAD_BLOCKS))
		queue_work(verify->wq, &verify->read_ahead);
}

/**
 * vde_verify_prepare - verify a read when its data arrives
 * @verify: of its region
 * @read: the bio's own, uninitialised
 * @bio: read of whole blocks below the high-water mark, about to be submitted
 *	to the disk
 * @start: its first block
 *
 * Never waits, allocates or submits. Damage ends the bio with
 * BLK_STS_PROTECTION, a record that cannot be read with BLK_STS_IOERR.
 */
void vde_verify_prepare(struct vde_verify *verify, struct vde_read *read,
			struct bio *bio, u64 start)
{
	read->verify = verify;
	read->bio = bio;
	read->end_io = bio->bi_end_io;
	read->private = bio->bi_private;
	read->iter = bio->bi_iter;
	read->start = start;
	read->blocks = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	read->corrupt = false;
	read->failed = false;
	bio->bi_end_io = read_end;
	bio->bi_private = read;
	read_ahead(verify, start, read->blocks);
}

/**
 * vde_verify_configure - take over options
 * @verify: any; no I/O in flight
 * @options: of the table
 */
void vde_verify_configure(struct vde_verify *verify,
			  const struct vde_options *options)
{
	verify->off = options->no_verify_reads;
	verify->on_corruption = options->on_corruption;
}

/**
 * vde_verify_forget - forget all cached records
 * @verify: of a region that nobody reads
 *
 * What is read later comes from the disk anew.
 */
void vde_verify_forget(struct vde_verify *verify)
{
	cancel_work_sync(&verify->read_ahead);
	verify->ahead = 0;
	vde_records_drop(verify->worm);
}

/**
 * vde_verify_init - prepare verification
 * @verify: to fill; released with vde_verify_exit()
 * @worm: its region
 *
 * Return: 0 or -ENOMEM, or what the crypto API says of SHA-256.
 */
int vde_verify_init(struct vde_verify *verify, struct vde_worm *worm)
{
	int err = -ENOMEM;

	verify->worm = worm;
	INIT_WORK(&verify->read_ahead, read_ahead_work);
	ratelimit_state_init(&verify->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	verify->tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(verify->tfm))
		return PTR_ERR(verify->tfm);
	verify->wq = alloc_workqueue("vde_verify", WQ_UNBOUND | WQ_MEM_RECLAIM,
				     0);
	if (!verify->wq)
		goto free_tfm;
	err = mempool_init_page_pool(&verify->pages, 1, 0);
	if (err)
		goto free_wq;
	return 0;

free_wq:
	destroy_workqueue(verify->wq);
free_tfm:
	crypto_free_shash(verify->tfm);
	return err;
}

/**
 * vde_verify_exit - free what vde_verify_init() made
 * @verify: of a region that nobody reads
 */
void vde_verify_exit(struct vde_verify *verify)
{
	/* The last read_end() may still be on its way out. */
	synchronize_rcu();
	cancel_work_sync(&verify->read_ahead);
	destroy_workqueue(verify->wq);
	mempool_exit(&verify->pages);
	crypto_free_shash(verify->tfm);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Bios that come to nothing: why, how they are counted, and who is told. */
#define pr_fmt(fmt) "vde " fmt

#include <linux/bio.h>
#include <linux/ratelimit.h>

#include "region.h"
#include "trace.h"

static const struct {
	const char *name;
	const char *what;
	blk_status_t status;
} refusals[VDE_REFUSALS] = {
	[VDE_REFUSED_SEALED] = { "sealed", "write to sealed block",
				 BLK_STS_NOTSUPP },
	[VDE_REFUSED_GAP] = { "gap", "write beyond a gap at block",
			      BLK_STS_IOERR },
	[VDE_REFUSED_FULL] = { "full", "write past the capacity at block",
			       BLK_STS_NOSPC },
	[VDE_REFUSED_OP] = { "op", "unsupported operation at block",
			     BLK_STS_NOTSUPP },
};

/**
 * vde_region_refusal_name - word of a refusal in statistics
 * @refusal: a valid refusal
 *
 * Return: "sealed", "gap", "full" or "op".
 */
const char *vde_region_refusal_name(enum vde_refusal refusal)
{
	return refusals[refusal].name;
}

/**
 * vde_region_end_bio - complete a bio
 * @bio: owned by the caller
 * @status: its outcome
 */
void vde_region_end_bio(struct bio *bio, blk_status_t status)
{
	bio->bi_status = status;
	bio_endio(bio);
}

/**
 * vde_region_fail_write - complete a write that was not sealed
 * @region: its region; no lock held
 * @bio: owned by the caller
 * @status: its outcome, an error
 *
 * What a buffered writer left in the node's page cache is disowned first.
 */
void vde_region_fail_write(struct vde_region *region, struct bio *bio,
			   blk_status_t status)
{
	region->news->write_failed(region->news, bio);
	vde_region_end_bio(bio, status);
}

/* Says why, and where: in the words of the region's kind. */
static void tell_refusal(struct vde_region *region, enum vde_refusal refusal,
			 u64 block, u64 blocks, u64 hwm)
{
	static const char *const marks[VDE_REGION_KINDS] = {
		[VDE_REGION_WORM] = "high-water mark",
		[VDE_REGION_STREAM] = "head",
		[VDE_REGION_VAULT] = "blocks in use",
	};
	bool stream = region->geo.kind == VDE_REGION_STREAM;
	const char *what = refusals[refusal].what;

	if (!__ratelimit(&region->ratelimit))
		return;
	/* More than the ring can hold will never fit. */
	if (stream && refusal == VDE_REFUSED_FULL &&
	    blocks <= region->geo.capacity)
		what = "stream is full, write at block";
	pr_warn("%s: %s %llu refused, %s %llu\n", region->name, what, block,
		marks[region->geo.kind], hwm);
}

/**
 * vde_region_refuse - refuse a bio: count, trace, tell, complete
 * @region: its region; no lock held
 * @bio: completed here
 * @refusal: why
 * @hwm: append pointer, which is the high-water mark of what is admitted
 */
void vde_region_refuse(struct vde_region *region, struct bio *bio,
		       enum vde_refusal refusal, u64 hwm)
{
	u64 block = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	u64 blocks = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;

	atomic64_inc(&region->refused[refusal]);
	trace_vde_refuse(region->dev, refusal, block, blocks, hwm);
	tell_refusal(region, refusal, block, blocks, hwm);
	region->news->raise(region->news, VDE_EVENT_REFUSED, block);
	vde_region_fail_write(region, bio, refusals[refusal].status);
}

/**
 * vde_region_is_aligned - does a bio consist of whole blocks?
 * @bio: addressed from the region's first block
 *
 * A device that was stacked above while another table took sectors still sends
 * them.
 *
 * Return: true if so.
 */
bool vde_region_is_aligned(const struct bio *bio)
{
	return !((bio->bi_iter.bi_sector | bio_sectors(bio)) &
		 (VDE_SECTORS_PER_BLOCK - 1));
}

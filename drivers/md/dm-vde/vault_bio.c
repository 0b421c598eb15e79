// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bios to a vault's block node, which shows its metadata and cannot be
 * written. The block that the newest commit images comes from memory, what is
 * not in use is zero.
 */
#include <linux/device-mapper.h>

#include "vault.h"
#include "volume.h"

static int end(struct bio *bio, blk_status_t status)
{
	vde_region_end_bio(bio, status);
	return DM_MAPIO_SUBMITTED;
}

/* Copy the image if it is of that block. */
static bool show_view(struct vde_vault *vault, struct bio *bio, u64 block)
{
	const u8 *from = vault->view->payload;
	struct bvec_iter iter;
	struct bio_vec bvec;
	bool viewed;

	spin_lock(&vault->view_lock);
	viewed = vault->viewed == block;
	if (viewed) {
		bio_for_each_segment(bvec, bio, iter) {
			memcpy_to_bvec(&bvec, from);
			from += bvec.bv_len;
		}
	}
	spin_unlock(&vault->view_lock);
	return viewed;
}

/*
 * How many of the blocks from @start on are final on the disk; 0 for the one
 * that is viewed, and for those not in use.
 */
static u64 in_place(struct vde_vault *vault, u64 start, u64 blocks)
{
	u64 end;

	spin_lock(&vault->view_lock);
	end = vault->used;
	if (vault->viewed >= start)
		end = min(end, vault->viewed);
	spin_unlock(&vault->view_lock);
	return start < end ? min(blocks, end - start) : 0;
}

static int map_read(struct vde_vault *vault, struct bio *bio)
{
	u64 start = bio->bi_iter.bi_sector / VDE_SECTORS_PER_BLOCK;
	u64 all = bio_sectors(bio) / VDE_SECTORS_PER_BLOCK;
	u64 blocks = in_place(vault, start, all);

	if (!vde_region_is_aligned(bio))
		return end(bio, BLK_STS_IOERR);
	if (max(blocks, 1ULL) < all)
		dm_accept_partial_bio(bio, max(blocks, 1ULL) *
				      VDE_SECTORS_PER_BLOCK);
	if (!blocks && show_view(vault, bio, start))
		return end(bio, BLK_STS_OK);
	/* Another block may have come into view meanwhile. */
	if (!blocks && !in_place(vault, start, 1)) {
		zero_fill_bio(bio);
		return end(bio, BLK_STS_OK);
	}
	bio_set_dev(bio, vault->region.volume->media.bdev);
	bio->bi_iter.bi_sector = (vault->region.geo.meta_start + start) *
				 VDE_SECTORS_PER_BLOCK;
	return DM_MAPIO_REMAPPED;
}

/**
 * vde_vault_map - handle a bio
 * @region: active vault
 * @bio: addressed from metadata block 0
 *
 * Return: DM_MAPIO_*.
 */
int vde_vault_map(struct vde_region *region, struct bio *bio)
{
	struct vde_vault *vault = to_vault(region);

	/* What was added is durable already. */
	if (op_is_flush(bio->bi_opf) && !bio_sectors(bio))
		return end(bio, vde_region_mode(region) == VDE_MODE_FAILED ?
			   BLK_STS_IOERR : BLK_STS_OK);
	if (bio_op(bio) == REQ_OP_READ)
		return map_read(vault, bio);
	vde_region_refuse(region, bio, VDE_REFUSED_OP, vde_vault_used(vault));
	return DM_MAPIO_SUBMITTED;
}

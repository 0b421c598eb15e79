// SPDX-License-Identifier: GPL-2.0-only
/* Does a block of data match its write record? */
#include <crypto/hash.h>
#include <linux/highmem.h>

#include "digest.h"

/**
 * struct block_check - a block that is looked at piece by piece
 * @desc: SHA-256 so far
 * @data_left: bytes of data to come; what follows them must be zero
 * @padded: it has been, so far
 * @err: of the hash
 */
struct block_check {
	struct shash_desc *desc;
	u32 data_left;
	bool padded;
	int err;
};

static void begin(struct block_check *check, struct crypto_shash *tfm,
		  const struct vde_disk_record *record)
{
	check->desc->tfm = tfm;
	check->data_left = le32_to_cpu(record->length);
	check->padded = true;
	check->err = crypto_shash_init(check->desc);
}

static void add(struct block_check *check, const void *piece, u32 bytes)
{
	u32 data = min(bytes, check->data_left);

	if (data && !check->err)
		check->err = crypto_shash_update(check->desc, piece, data);
	check->data_left -= data;
	if (memchr_inv(piece + data, 0, bytes - data))
		check->padded = false;
}

static enum vde_fault end(struct block_check *check,
			  const struct vde_disk_record *record)
{
	u8 digest[SHA256_DIGEST_SIZE];

	if (!check->err)
		check->err = crypto_shash_final(check->desc, digest);
	if (check->err)
		return VDE_FAULT_READ;
	if (memcmp(digest, record->digest, sizeof(digest)))
		return VDE_FAULT_DATA_DIGEST;
	return check->padded ? VDE_FAULT_NONE : VDE_FAULT_DATA_PADDING;
}

/**
 * vde_digest_check - compare a block in memory with its record
 * @tfm: SHA-256
 * @data: 4096 bytes
 * @record: checked
 *
 * Return: VDE_FAULT_NONE, _DATA_DIGEST, _DATA_PADDING, or _READ when the
 * crypto API failed.
 */
enum vde_fault vde_digest_check(struct crypto_shash *tfm, const void *data,
				const struct vde_disk_record *record)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	struct block_check check = { .desc = desc };

	begin(&check, tfm, record);
	add(&check, data, VDE_BLOCK_SIZE);
	return end(&check, record);
}

/**
 * vde_digest_check_bio - compare a block in a bio's pages with its record
 * @tfm: SHA-256
 * @bio: holds the block; its segments need not match blocks
 * @iter: where it begins
 * @record: checked
 *
 * Return: as vde_digest_check().
 */
enum vde_fault vde_digest_check_bio(struct crypto_shash *tfm, struct bio *bio,
				    struct bvec_iter iter,
				    const struct vde_disk_record *record)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	struct block_check check = { .desc = desc };
	struct bio_vec bv;

	begin(&check, tfm, record);
	iter.bi_size = VDE_BLOCK_SIZE;
	__bio_for_each_segment(bv, bio, iter, iter) {
		void *piece = bvec_kmap_local(&bv);

		add(&check, piece, bv.bv_len);
		kunmap_local(piece);
	}
	return end(&check, record);
}

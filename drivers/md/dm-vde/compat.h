/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernel versions, and nothing else. What a kernel
 * has is probed in its headers by the Makefile (VDE_HAVE_*), since
 * distributions backport; version numbers are not compared.
 */
#ifndef VDE_COMPAT_H
#define VDE_COMPAT_H

#include <crypto/public_key.h>
#include <linux/blkdev.h>
#include <linux/dm-io.h>
#include <linux/file.h>
#include <linux/unaligned.h>

/* An open block device, released with vde_bdev_close(). */
static inline struct file *vde_bdev_open(dev_t dev, bool writable)
{
	return bdev_file_open_by_dev(dev, writable ? BLK_OPEN_WRITE :
				     BLK_OPEN_READ, NULL, NULL);
}

static inline void vde_bdev_close(struct file *file)
{
	bdev_fput(file);
}

static inline struct address_space *vde_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_mapping;
}

static inline int vde_dm_io(struct dm_io_request *request,
			    struct dm_io_region *region)
{
	return dm_io(request, 1, region, NULL, IOPRIO_DEFAULT);
}

/* The device under a dm-vde device is nobody's business but the target's. */
static inline void vde_limits_no_discard(struct queue_limits *limits)
{
	limits->max_hw_discard_sectors = 0;
	limits->max_secure_erase_sectors = 0;
	limits->max_write_zeroes_sectors = 0;
	limits->discard_granularity = 0;
}

/* What was signed, by its digest. */
static inline void
vde_signature_set_digest(struct public_key_signature *signature, u8 *digest,
			 u32 size)
{
#ifdef VDE_HAVE_SIGNATURE_M
	signature->m = digest;
	signature->m_size = size;
#else
	signature->digest = digest;
	signature->digest_size = size;
#endif
}

#endif /* VDE_COMPAT_H */

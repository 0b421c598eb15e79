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
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#ifdef VDE_HAVE_HEX
#include <linux/hex.h>
#else
#include <linux/kernel.h>
#endif
#ifdef VDE_HAVE_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef VDE_HAVE_BLK_MODE
#define BLK_OPEN_READ FMODE_READ
#define BLK_OPEN_WRITE FMODE_WRITE
#endif

/**
 * struct vde_bdev - an open block device
 * @bdev: for I/O; NULL when it is not open
 * @file: handle
 * @mode: it was opened with, where handles are counts
 */
struct vde_bdev {
	struct block_device *bdev;
#ifdef VDE_HAVE_BDEV_FILE
	struct file *file;
#else
	fmode_t mode;
#endif
};

#ifdef VDE_HAVE_BDEV_FILE

static inline int vde_bdev_open(struct vde_bdev *handle, dev_t dev,
				bool writable)
{
	struct file *file = bdev_file_open_by_dev(dev, writable ?
						  BLK_OPEN_WRITE :
						  BLK_OPEN_READ, NULL, NULL);

	if (IS_ERR(file))
		return PTR_ERR(file);
	handle->file = file;
	handle->bdev = file_bdev(file);
	return 0;
}

static inline void vde_bdev_close(struct vde_bdev *handle)
{
	bdev_fput(handle->file);
	handle->bdev = NULL;
}

#else /* !VDE_HAVE_BDEV_FILE */

static inline int vde_bdev_open(struct vde_bdev *handle, dev_t dev,
				bool writable)
{
	fmode_t mode = writable ? FMODE_WRITE : FMODE_READ;
	struct block_device *bdev = blkdev_get_by_dev(dev, mode, NULL);

	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	handle->bdev = bdev;
	handle->mode = mode;
	return 0;
}

static inline void vde_bdev_close(struct vde_bdev *handle)
{
	blkdev_put(handle->bdev, handle->mode);
	handle->bdev = NULL;
}

#endif /* VDE_HAVE_BDEV_FILE */

static inline struct address_space *vde_bdev_mapping(struct block_device *bdev)
{
#ifdef VDE_HAVE_BD_MAPPING
	return bdev->bd_mapping;
#else
	return bdev->bd_inode->i_mapping;
#endif
}

/*
 * VDE_DM_IO_NOTIFY(name, end) - makes an io_notify_fn of end(error, context)
 *
 * A request that the disk calls unsupported or invalid has failed, even where
 * that is no bit of the errors.
 */
#ifdef VDE_HAVE_DM_IO_UNSUP
#define VDE_DM_IO_NOTIFY(name, end)					\
static void name(unsigned long error, unsigned long unsup, void *context) \
{									\
	end(error | unsup, context);					\
}
#else
#define VDE_DM_IO_NOTIFY(name, end)					\
static void name(unsigned long error, void *context)			\
{									\
	end(error, context);						\
}
#endif

static inline int vde_dm_io(struct dm_io_request *request,
			    struct dm_io_region *region)
{
#ifdef VDE_HAVE_DM_IO_UNSUP
	int err = dm_io(request, 1, region, NULL, NULL, IOPRIO_DEFAULT);

	return err == -EOPNOTSUPP ? -EIO : err;
#else
	return dm_io(request, 1, region, NULL, IOPRIO_DEFAULT);
#endif
}

/* The device under a dm-vde device is nobody's business but the target's. */
static inline void vde_limits_no_discard(struct queue_limits *limits)
{
	limits->max_hw_discard_sectors = 0;
	/* Derived from the former where the block layer does that. */
	limits->max_discard_sectors = 0;
	limits->max_secure_erase_sectors = 0;
	limits->max_write_zeroes_sectors = 0;
	limits->discard_granularity = 0;
}

#ifndef VDE_HAVE_IMPORT_UBUF
static inline int import_ubuf(int direction, void __user *buffer,
			      size_t length, struct iov_iter *iter)
{
	length = min_t(size_t, length, MAX_RW_COUNT);
	if (!access_ok(buffer, length))
		return -EFAULT;
	iov_iter_ubuf(iter, direction, buffer, length);
	return 0;
}
#endif

/* The device that a class's devnode function is asked about. */
#ifdef VDE_HAVE_CONST_DEVNODE
#define VDE_DEVNODE_DEVICE const struct device
#else
#define VDE_DEVNODE_DEVICE struct device
#endif

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

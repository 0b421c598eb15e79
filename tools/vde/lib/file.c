// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of a block device or image file. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libvde.h"

static int file_size(struct vde_file *file)
{
	struct stat st;
	u64 bytes;

	if (fstat(file->fd, &st))
		return -errno;
	if (S_ISBLK(st.st_mode)) {
		file->block_device = true;
		if (ioctl(file->fd, BLKGETSIZE64, &bytes))
			return -errno;
	} else if (S_ISREG(st.st_mode)) {
		file->block_device = false;
		bytes = st.st_size;
	} else {
		return -ENOTBLK;
	}
	file->blocks = bytes >> VDE_BLOCK_SHIFT;
	return 0;
}

/**
 * vde_file_open - open a block device or image file
 * @file: to fill
 * @path: what to open
 * @flags: VDE_OPEN_*
 *
 * A block device is opened O_DIRECT: while a region of it is active, the driver
 * writes beneath the page cache, which would go on showing old blocks.
 *
 * Return: 0; -ENOTBLK for anything but a block device or regular file; -EBUSY
 * when VDE_OPEN_EXCLUSIVE finds it in use; other negative errno of open(2).
 */
int vde_file_open(struct vde_file *file, const char *path, unsigned int flags)
{
	int mode = (flags & VDE_OPEN_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC;
	struct stat st;
	int ret;

	/* Looked at before opening: opening a FIFO or a tape does things. */
	if (stat(path, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return -ENOTBLK;
	if (S_ISBLK(st.st_mode)) {
		mode |= O_DIRECT;
		if (flags & VDE_OPEN_EXCLUSIVE)
			mode |= O_EXCL;
	}
	file->fd = open(path, mode);
	if (file->fd < 0)
		return -errno;
	ret = file_size(file);
	if (ret)
		vde_file_close(file);
	return ret;
}

/**
 * vde_file_close - close what vde_file_open() opened
 * @file: open or already closed
 */
void vde_file_close(struct vde_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/**
 * vde_alloc_blocks - zeroed memory that O_DIRECT accepts
 * @count: 4096-byte blocks
 *
 * Return: memory for free(3), or NULL.
 */
void *vde_alloc_blocks(u64 count)
{
	void *buffer = aligned_alloc(VDE_BLOCK_SIZE, count << VDE_BLOCK_SHIFT);

	if (buffer)
		memset(buffer, 0, count << VDE_BLOCK_SHIFT);
	return buffer;
}

static bool in_range(const struct vde_file *file, u64 block, u64 count)
{
	return block <= file->blocks && count <= file->blocks - block;
}

/**
 * vde_file_read - read whole blocks
 * @file: open file
 * @block: first block
 * @count: how many
 * @buffer: memory of vde_alloc_blocks()
 *
 * Return: 0; -ERANGE beyond the file's end; negative errno of pread(2).
 */
int vde_file_read(const struct vde_file *file, u64 block, u64 count,
		  void *buffer)
{
	off_t offset = block << VDE_BLOCK_SHIFT;
	size_t left = count << VDE_BLOCK_SHIFT;
	ssize_t done;

	if (!in_range(file, block, count))
		return -ERANGE;
	while (left) {
		done = pread(file->fd, buffer, left, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		buffer += done;
		offset += done;
		left -= done;
	}
	return 0;
}

/**
 * vde_file_write - write whole blocks
 * @file: file opened with VDE_OPEN_WRITE
 * @block: first block
 * @count: how many
 * @buffer: memory of vde_alloc_blocks()
 *
 * Return: 0; -ERANGE beyond the file's end; negative errno of pwrite(2).
 */
int vde_file_write(const struct vde_file *file, u64 block, u64 count,
		   const void *buffer)
{
	off_t offset = block << VDE_BLOCK_SHIFT;
	size_t left = count << VDE_BLOCK_SHIFT;
	ssize_t done;

	if (!in_range(file, block, count))
		return -ERANGE;
	while (left) {
		done = pwrite(file->fd, buffer, left, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		buffer += done;
		offset += done;
		left -= done;
	}
	return 0;
}

/**
 * vde_file_flush - make what was written durable
 * @file: open file
 *
 * Return: 0 or negative errno of fsync(2).
 */
int vde_file_flush(const struct vde_file *file)
{
	return fsync(file->fd) ? -errno : 0;
}

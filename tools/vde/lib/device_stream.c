// SPDX-License-Identifier: GPL-2.0-only
/*
 * Character device of an active stream. Positions are absolute, in blocks; the
 * kernel keeps that of the next block to be read in each open file, in bytes.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "libvde.h"

/* Beyond it a position has no offset in bytes. */
#define MAX_POSITION ((u64)INT64_MAX >> VDE_BLOCK_SHIFT)

static int command(const struct vde_device *device, unsigned int number,
		   void *argument)
{
	return ioctl(device->fd, number, argument) ? -errno : 0;
}

/*
 * Functions without a list of errors return 0 or the negative errno that the
 * header of the uapi gives for the command.
 */

/**
 * vde_device_stream_status - how is the stream, and where is this file?
 * @device: open device
 * @status: to fill
 */
int vde_device_stream_status(const struct vde_device *device,
			     struct vde_ioc_stream_status *status)
{
	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	return command(device, VDE_IOC_STREAM_STATUS, status);
}

/**
 * vde_device_consume - give up the oldest blocks of a stream
 * @device: device opened with VDE_OPEN_WRITE
 * @flags: 0 or VDE_IOC_STREAM_COUNT
 * @position: in: new tail, or with VDE_IOC_STREAM_COUNT how many; out: the tail
 * @consumed: set to how many were given up
 */
int vde_device_consume(const struct vde_device *device, u32 flags,
		       u64 *position, u64 *consumed)
{
	struct vde_ioc_stream_consume consume = {
		.size = sizeof(consume),
		.flags = flags,
		.position = *position,
	};
	int ret = command(device, VDE_IOC_STREAM_CONSUME, &consume);

	*consumed = consume.consumed;
	if (!ret)
		*position = consume.position;
	return ret;
}

/**
 * vde_device_stream_reset - let a stream's positions start at 0 again
 * @device: device opened with VDE_OPEN_WRITE
 */
int vde_device_stream_reset(const struct vde_device *device)
{
	struct vde_ioc_stream_reset reset = { .size = sizeof(reset) };

	return command(device, VDE_IOC_STREAM_RESET, &reset);
}

/**
 * vde_device_seek - choose the block that is read next
 * @device: open device of a stream
 * @position: from the tail to the head; U64_MAX for the head
 *
 * Return: 0; -ENXIO when the position is not among these; negative errno of
 * lseek(2).
 */
int vde_device_seek(const struct vde_device *device, u64 position)
{
	off_t offset = position << VDE_BLOCK_SHIFT;
	int whence = SEEK_SET;

	if (position == U64_MAX) {
		offset = 0;
		whence = SEEK_END;
	} else if (position > MAX_POSITION) {
		return -ENXIO;
	}
	return lseek(device->fd, offset, whence) < 0 ? -errno : 0;
}

/**
 * vde_device_read - read the next blocks of a stream
 * @device: open device of a stream; this waits at the head unless it is
 *	O_NONBLOCK
 * @buffer: room for @blocks
 * @blocks: in: at most so many, from 1; out: as many were read
 *
 * Return: 0; -ENODATA once when blocks were lost before they could be read, or
 * the stream was reset; -EAGAIN; -EINTR; other negative errno of read(2).
 */
int vde_device_read(const struct vde_device *device, void *buffer, u64 *blocks)
{
	ssize_t done = read(device->fd, buffer, *blocks << VDE_BLOCK_SHIFT);

	*blocks = done < 0 ? 0 : (u64)done >> VDE_BLOCK_SHIFT;
	return done < 0 ? -errno : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device under test. Asks the kernel itself: a cut costs far less time than
 * starting dmsetup.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <linux/dm-vde.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "content.h"
#include "device.h"

struct request {
	struct dm_ioctl head;
	char room[1024];
};

/* The status line of the only target of the mapped device @name. */
static const char *status_line(struct request *request, const char *name)
{
	const struct dm_target_spec *spec = (const void *)request->room;
	int fd = open("/dev/mapper/" DM_CONTROL_NODE, O_RDWR);
	int err;

	memset(request, 0, sizeof(*request));
	request->head.version[0] = DM_VERSION_MAJOR;
	request->head.data_size = sizeof(*request);
	request->head.data_start = offsetof(struct request, room);
	request->head.flags = DM_NOFLUSH_FLAG;
	snprintf(request->head.name, sizeof(request->head.name), "%s", name);
	err = fd < 0 || ioctl(fd, DM_TABLE_STATUS, request);
	if (err)
		perror("dm status");
	if (fd >= 0)
		close(fd);
	if (err || request->head.target_count != 1)
		return NULL;
	return (const char *)(spec + 1);
}

static int read_hwm(struct device *device, const char *name)
{
	struct request request;
	const char *status = status_line(&request, name);

	if (!status)
		return -1;
	if (sscanf(status, "%*u %" SCNu64 "/", &device->hwm) == 1)
		return 0;
	fprintf(stderr, "%s: status is '%s'\n", name, status);
	return -1;
}

/* The character device says what kind of region it is. */
static int open_character(struct device *device)
{
	struct vde_ioc_info info = { .size = sizeof(info) };
	char path[64];
	struct stat st;

	if (fstat(device->fd, &st))
		return -1;
	snprintf(path, sizeof(path), "/dev/vde/dm-%u", minor(st.st_rdev));
	device->character = open(path, O_RDWR);
	if (device->character < 0 ||
	    ioctl(device->character, VDE_IOC_INFO, &info))
		return -1;
	if (info.kind == VDE_IOC_KIND_STREAM)
		return 0;
	close(device->character);
	device->character = -1;
	return 0;
}

static int read_stream(struct device *device)
{
	struct vde_ioc_stream_status status = { .size = sizeof(status) };

	if (ioctl(device->character, VDE_IOC_STREAM_STATUS, &status))
		return -1;
	device->hwm = status.head;
	device->tail = status.tail;
	device->capacity = status.capacity;
	device->stops = status.policy == VDE_IOC_STREAM_STOP;
	return 0;
}

int device_consume(struct device *device, uint64_t position)
{
	struct vde_ioc_stream_consume consume = {
		.size = sizeof(consume),
		.position = position,
	};

	if (ioctl(device->character, VDE_IOC_STREAM_CONSUME, &consume))
		return -1;
	device->tail = consume.position;
	return 0;
}

int device_open(struct device *device, const char *path)
{
	off_t bytes;

	device->fd = open(path, O_RDWR | O_DIRECT);
	if (device->fd < 0) {
		perror(path);
		return -1;
	}
	bytes = lseek(device->fd, 0, SEEK_END);
	device->blocks = bytes / BLOCK_BYTES;
	if (open_character(device) ||
	    (device->character >= 0 && read_stream(device))) {
		perror("character device");
		return -1;
	}
	return device->character < 0 ? read_hwm(device, basename(path)) : 0;
}

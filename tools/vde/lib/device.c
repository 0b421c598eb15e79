// SPDX-License-Identifier: GPL-2.0-only
/*
 * Character device of an active region. It is found by the number of the
 * device-mapper device: a link of its name may be left over from another one,
 * and an append to the wrong device cannot be taken back. sysfs knows names and
 * numbers without the privileges that the ioctls of device-mapper need.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libvde.h"

#define NAME_SIZE 128
#define PATH_SIZE 64

/* What device-mapper calls device dm-N; an empty string if there is none. */
static void read_name(u32 minor, char name[NAME_SIZE])
{
	char path[PATH_SIZE];
	ssize_t length;
	int fd;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/sys/block/dm-%u/dm/name", minor);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	length = read(fd, name, NAME_SIZE - 1);
	close(fd);
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

static bool is_called(u32 minor, const char *name)
{
	char found[NAME_SIZE];

	read_name(minor, found);
	return *name && !strcmp(found, name);
}

/**
 * vde_device_find - number of a device-mapper device
 * @name: its name as the kernel has it
 * @minor: set to N of dm-N
 *
 * Return: 0; -ENXIO if there is no such device; negative errno of reading
 * sysfs.
 */
int vde_device_find(const char *name, u32 *minor)
{
	struct dirent *entry;
	DIR *dir = opendir("/sys/block");
	int ret = -ENXIO;

	if (!dir)
		return -errno;
	while (ret && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "dm-%u", minor) == 1 &&
		    is_called(*minor, name))
			ret = 0;
	closedir(dir);
	return ret;
}

static int open_node(u32 minor, int mode)
{
	char path[PATH_SIZE];
	struct stat st;
	int fd;
	int ret;

	snprintf(path, sizeof(path), "/dev/vde/dm-%u", minor);
	fd = open(path, mode | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENXIO ? -ENODEV : -errno;
	ret = fstat(fd, &st) ? -errno : 0;
	if (!ret && !S_ISCHR(st.st_mode))
		ret = -ENODEV;
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

/**
 * vde_device_open - open the character device of an active region
 * @device: to fill
 * @name: name of the dm device as the kernel has it
 * @flags: VDE_OPEN_WRITE for commands that need write access, or 0
 *
 * Return: 0; -ENXIO if there is no such dm device; -ENODEV if it has no
 * character device: it is no region, or not active; other negative errno of
 * open(2).
 */
int vde_device_open(struct vde_device *device, const char *name,
		    unsigned int flags)
{
	int mode = flags & VDE_OPEN_WRITE ? O_RDWR : O_RDONLY;
	int ret;

	device->fd = -1;
	ret = vde_device_find(name, &device->minor);
	if (ret)
		return ret;
	ret = open_node(device->minor, mode);
	if (ret < 0)
		return ret;
	device->fd = ret;
	/* The number may have become another's between the two steps. */
	if (is_called(device->minor, name))
		return 0;
	vde_device_close(device);
	return -ENXIO;
}

/**
 * vde_device_open_blocks - open the region's block device, O_DIRECT
 * @device: open device
 * @file: to fill
 *
 * Return: 0 or negative errno of open(2).
 */
int vde_device_open_blocks(const struct vde_device *device,
			   struct vde_file *file)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/dev/dm-%u", device->minor);
	return vde_file_open(file, path, 0);
}

/**
 * vde_device_close - close what vde_device_open() opened
 * @device: open or already closed
 */
void vde_device_close(struct vde_device *device)
{
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
}

static int command(const struct vde_device *device, unsigned int number,
		   void *argument)
{
	return ioctl(device->fd, number, argument) ? -errno : 0;
}

/*
 * All functions below return 0 or the negative errno that the header of the
 * uapi gives for the command, -EINTR included.
 */

/**
 * vde_device_info - what is the region?
 * @device: open device
 * @info: to fill
 */
int vde_device_info(const struct vde_device *device, struct vde_ioc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return command(device, VDE_IOC_INFO, info);
}

/**
 * vde_device_status - how is the region?
 * @device: open device
 * @status: to fill
 */
int vde_device_status(const struct vde_device *device,
		      struct vde_ioc_status *status)
{
	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	return command(device, VDE_IOC_STATUS, status);
}

/**
 * vde_device_append - seal bytes at the high-water mark
 * @device: device opened with VDE_OPEN_WRITE
 * @data: the bytes
 * @length: how many, 1..VDE_IOC_APPEND_MAX
 * @block: set to the first block
 * @blocks: set to the number of blocks
 */
int vde_device_append(const struct vde_device *device, const void *data,
		      u64 length, u64 *block, u64 *blocks)
{
	struct vde_ioc_append append = {
		.size = sizeof(append),
		.data = (uintptr_t)data,
		.length = length,
	};
	int ret = command(device, VDE_IOC_APPEND, &append);

	*block = append.block;
	*blocks = append.blocks;
	return ret;
}

/**
 * vde_device_sync - make durable what was appended
 * @device: device opened with VDE_OPEN_WRITE
 */
int vde_device_sync(const struct vde_device *device)
{
	return fsync(device->fd) ? -errno : 0;
}

/**
 * vde_device_records - read write records
 * @device: open device
 * @first: block of the first
 * @count: in: room in @records; out: records stored
 * @records: to fill
 */
int vde_device_records(const struct vde_device *device, u64 first, u32 *count,
		       struct vde_ioc_record_entry *records)
{
	struct vde_ioc_records range = {
		.size = sizeof(range),
		.first = first,
		.count = *count,
		.record_size = sizeof(*records),
		.records = (uintptr_t)records,
	};
	int ret = command(device, VDE_IOC_RECORDS, &range);

	*count = ret ? 0 : range.count;
	return ret;
}

/**
 * vde_device_scrub_start - start a scrub
 * @device: device opened with VDE_OPEN_WRITE
 * @flags: 0 or VDE_IOC_SCRUB_RESUME
 * @from: first block
 * @rate: bytes per second at most, 0 = no limit
 */
int vde_device_scrub_start(const struct vde_device *device, u32 flags,
			   u64 from, u64 rate)
{
	struct vde_ioc_scrub_start start = {
		.size = sizeof(start),
		.flags = flags,
		.from = from,
		.rate = rate,
	};

	return command(device, VDE_IOC_SCRUB_START, &start);
}

/**
 * vde_device_scrub_stop - stop a scrub
 * @device: device opened with VDE_OPEN_WRITE
 */
int vde_device_scrub_stop(const struct vde_device *device)
{
	struct vde_ioc_scrub_stop stop = { .size = sizeof(stop) };

	return command(device, VDE_IOC_SCRUB_STOP, &stop);
}

/**
 * vde_device_scrub_status - how far is the scrub, or how did it end?
 * @device: open device
 * @status: to fill
 */
int vde_device_scrub_status(const struct vde_device *device,
			    struct vde_ioc_scrub_status *status)
{
	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	return command(device, VDE_IOC_SCRUB_STATUS, status);
}

/**
 * vde_device_reset - start an expired WORM region anew
 * @device: device opened with VDE_OPEN_WRITE
 * @records: set to the number of records removed
 */
int vde_device_reset(const struct vde_device *device, u64 *records)
{
	struct vde_ioc_reset reset = { .size = sizeof(reset) };
	int ret = command(device, VDE_IOC_RESET, &reset);

	*records = reset.records;
	return ret;
}

static int retention_command(const struct vde_device *device,
			     unsigned int number,
			     struct vde_ioc_retention *ioc,
			     struct vde_retention *retention)
{
	int ret = command(device, number, ioc);

	if (ret)
		return ret;
	retention->period = ioc->retention;
	retention->clock = ioc->clock;
	retention->sealed_clock = ioc->sealed_clock;
	retention->remaining = ioc->remaining;
	retention->held = ioc->state & VDE_IOC_RETENTION_HELD;
	retention->resets = ioc->resets;
	return 0;
}

/**
 * vde_device_retention - how long is data kept?
 * @device: open device
 * @retention: to fill
 */
int vde_device_retention(const struct vde_device *device,
			 struct vde_retention *retention)
{
	struct vde_ioc_retention ioc = { .size = sizeof(ioc) };

	return retention_command(device, VDE_IOC_RETENTION_GET, &ioc,
				 retention);
}

/**
 * vde_device_extend_retention - keep data longer
 * @device: device opened with VDE_OPEN_WRITE
 * @period: new period in ticks, 0 = for ever
 * @retention: set to what holds now
 */
int vde_device_extend_retention(const struct vde_device *device, s64 period,
				struct vde_retention *retention)
{
	struct vde_ioc_retention ioc = {
		.size = sizeof(ioc),
		.retention = period,
	};

	return retention_command(device, VDE_IOC_RETENTION_EXTEND, &ioc,
				 retention);
}

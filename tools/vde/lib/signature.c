// SPDX-License-Identifier: GPL-2.0-only
/* Signatures of other users of a disk, as libblkid knows them. */
#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libvde.h"

static int open_probe(const char *path, int mode, blkid_probe *probe)
{
	int fd = open(path, mode | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	*probe = blkid_new_probe();
	if (!*probe) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	if (blkid_probe_set_device(*probe, fd, 0, 0)) {
		ret = errno ? -errno : -EIO;
		blkid_free_probe(*probe);
		close(fd);
		return ret;
	}
	blkid_probe_enable_superblocks(*probe, 1);
	/* A damaged superblock is somebody's data too. */
	blkid_probe_set_superblocks_flags(*probe, BLKID_SUBLKS_MAGIC |
					  BLKID_SUBLKS_TYPE |
					  BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(*probe, 1);
	blkid_probe_set_partitions_flags(*probe, BLKID_PARTS_MAGIC);
	return fd;
}

static void close_probe(blkid_probe probe, int fd)
{
	blkid_free_probe(probe);
	close(fd);
}

/**
 * vde_signature_find - is the disk somebody else's?
 * @path: block device or image file
 * @name: set to what was found first, as libblkid calls it ("ext4", "gpt")
 * @size: of @name in bytes
 *
 * Return: 1 if something was found, 0 if not, or negative errno.
 */
int vde_signature_find(const char *path, char *name, size_t size)
{
	blkid_probe probe;
	const char *value;
	int found;
	int fd;

	fd = open_probe(path, O_RDONLY, &probe);
	if (fd < 0)
		return fd;
	found = blkid_do_probe(probe);
	if (!found) {
		if (blkid_probe_lookup_value(probe, "TYPE", &value, NULL) &&
		    blkid_probe_lookup_value(probe, "PTTYPE", &value, NULL))
			value = "unknown";
		snprintf(name, size, "%s", value);
	}
	close_probe(probe, fd);
	if (found < 0)
		return -EIO;
	return !found;
}

/**
 * vde_signature_wipe - make the disk nobody's
 * @path: block device or image file
 *
 * A signature that outlived format, such as a RAID superblock at the end of
 * the disk, would have its owner claim the volume's disk at the next boot.
 *
 * Return: 0 or negative errno.
 */
int vde_signature_wipe(const char *path)
{
	blkid_probe probe;
	int found;
	int ret = 0;
	int fd;

	fd = open_probe(path, O_RDWR, &probe);
	if (fd < 0)
		return fd;
	while (!ret && !(found = blkid_do_probe(probe)))
		ret = blkid_do_wipe(probe, 0) ? -EIO : 0;
	if (!ret && found < 0)
		ret = -EIO;
	if (!ret && fsync(fd))
		ret = -errno;
	close_probe(probe, fd);
	return ret;
}

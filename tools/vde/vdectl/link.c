// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links /dev/vde/NAME -> dm-N for people and scripts. Where udev runs with the
 * rule of this project it makes the same link, and neither minds the other's.
 */
#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dm.h"

#define PATH_SIZE	(DM_NAME_SIZE + 32)
#define TARGET_SIZE	32

/**
 * link_name_fits - can a device of that name have a link?
 * @name: its name
 *
 * Return: false for names that libdevmapper would have to encode, and for those
 * that look like the kernel's own nodes.
 */
bool link_name_fits(const char *name)
{
	static const char others[] = "#+-.:=@_";
	const char *c;

	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(others, *c))
			return false;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	return *name && strlen(name) < DM_NAME_SIZE &&
	       !(!strncmp(name, "dm-", 3) && isdigit((unsigned char)name[3]));
}

static bool points_to(const char *path, const char *target)
{
	char found[TARGET_SIZE];
	ssize_t length = readlink(path, found, sizeof(found) - 1);

	found[length > 0 ? length : 0] = '\0';
	return length > 0 && !strcmp(found, target);
}

/* Replaces a link that is left over from a device that is gone. */
static int make_link(const char *path, const char *target)
{
	char other[PATH_SIZE + 16];
	struct stat st;
	int ret;

	if (!symlink(target, path))
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (points_to(path, target))
		return 0;
	if (lstat(path, &st))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return -EEXIST;
	snprintf(other, sizeof(other), "%s.%d", path, (int)getpid());
	if (symlink(target, other))
		return -errno;
	ret = rename(other, path) ? -errno : 0;
	if (ret)
		unlink(other);
	return ret;
}

/**
 * link_add - link an active device's character device to its name
 * @name: the device
 *
 * Return: 0, also when there is nothing to link to; negative errno.
 */
int link_add(const char *name)
{
	char node[PATH_SIZE];
	char path[PATH_SIZE];
	struct stat st;
	u32 minor;
	int ret;

	ret = vde_device_find(name, &minor);
	if (ret)
		return ret;
	snprintf(node, sizeof(node), "/dev/vde/dm-%u", minor);
	if (stat(node, &st) || !S_ISCHR(st.st_mode))
		return 0;
	snprintf(path, sizeof(path), "/dev/vde/%s", name);
	return make_link(path, node + strlen("/dev/vde/"));
}

/**
 * link_remove - remove the link of a device that is gone
 * @name: the device
 * @minor: number that it had
 */
void link_remove(const char *name, u32 minor)
{
	char target[TARGET_SIZE];
	char path[PATH_SIZE];

	snprintf(target, sizeof(target), "dm-%u", minor);
	snprintf(path, sizeof(path), "/dev/vde/%s", name);
	if (points_to(path, target))
		unlink(path);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Table lines of active devices, and what they say about the disk beneath. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "dm.h"

/**
 * table_word - one word of a line
 * @params: words separated by blanks
 * @n: number of the word, from 0
 * @word: to fill
 * @size: of @word
 *
 * Return: @word, or NULL if there is no such word or it does not fit.
 */
const char *table_word(const char *params, u32 n, char *word, size_t size)
{
	size_t length;

	params += strspn(params, " ");
	while (n--) {
		params += strcspn(params, " ");
		params += strspn(params, " ");
	}
	length = strcspn(params, " ");
	if (!length || length >= size)
		return NULL;
	memcpy(word, params, length);
	word[length] = '\0';
	return word;
}

/* The kernel's own name of a device number: sysfs knows it without udev. */
static int kernel_name(const char *numbers, char *path, size_t size)
{
	char link[PATH_MAX];
	char sys[64];
	ssize_t length;
	const char *name;

	snprintf(sys, sizeof(sys), "/sys/dev/block/%.40s", numbers);
	length = readlink(sys, link, sizeof(link) - 1);
	if (length < 0)
		return -errno;
	link[length] = '\0';
	name = strrchr(link, '/');
	name = name ? name + 1 : link;
	if ((size_t)snprintf(path, size, "/dev/%s", name) >= size)
		return -ENAMETOOLONG;
	/* Partitions of some drivers have '!' for a '/'. */
	for (; *path; path++)
		if (*path == '!')
			*path = '/';
	return 0;
}

/**
 * table_device_path - path of the disk beneath
 * @device: active device
 * @path: to fill
 * @size: of @path
 *
 * Return: 0 or negative errno.
 */
int table_device_path(const struct dm_device *device, char *path, size_t size)
{
	char word[DM_PARAMS_SIZE];

	if (!table_word(device->table, 0, word, sizeof(word)))
		return -EINVAL;
	if (*word != '/')
		return kernel_name(word, path, size);
	snprintf(path, size, "%s", word);
	return 0;
}

/**
 * table_option - value of a key=number option
 * @device: active device
 * @key: without '='
 * @value: set to the number
 *
 * Return: 0 or -ENOENT.
 */
int table_option(const struct dm_device *device, const char *key, u64 *value)
{
	size_t length = strlen(key);
	char word[DM_PARAMS_SIZE];
	u32 n;

	for (n = 3; table_word(device->table, n, word, sizeof(word)); n++)
		if (!strncmp(word, key, length) && word[length] == '=')
			return vdectl_parse_number(word + length + 1, value);
	return -ENOENT;
}

static int use_device(struct vdectl_source *source)
{
	source->active = true;
	source->region = 0;
	table_option(&source->device, "region", &source->region);
	return table_device_path(&source->device, source->path,
				 sizeof(source->path));
}

/**
 * vdectl_find_source - what does a NAME|DEVICE argument stand for?
 * @argument: name of an active device, with or without /dev/mapper/ or
 *	/dev/vde/, or path of a block device or image file
 * @source: to fill
 *
 * An active device goes before a file of the same name in the working
 * directory.
 *
 * Return: 0 or negative errno.
 */
int vdectl_find_source(const char *argument, struct vdectl_source *source)
{
	const char *name = vdectl_plain_name(argument);

	memset(source, 0, sizeof(*source));
	if (*name && !strchr(name, '/') && !dm_get(name, &source->device))
		return use_device(source);
	if (strlen(argument) >= sizeof(source->path))
		return -ENAMETOOLONG;
	memcpy(source->path, argument, strlen(argument) + 1);
	return access(argument, F_OK) ? -errno : 0;
}

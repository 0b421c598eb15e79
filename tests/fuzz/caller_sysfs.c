// SPDX-License-Identifier: GPL-2.0-only
/* Every file of a region and its device in sysfs, read and written to. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "handle.h"
#include "mapper.h"

static const char *const directories[] = {
	"/sys/class/vde/dm-%d", "/sys/class/vde/dm-%d", "/sys/class/vde/dm-%d/power",
	"/sys/block/dm-%d", "/sys/block/dm-%d/dm", "/sys/block/dm-%d/queue",
	"/sys/module/dm_vde",
};

#define DIRECTORIES (sizeof(directories) / sizeof(*directories))

/* One of its regular files; false if there is none, or no directory */
static bool choose(char path[320])
{
	size_t length = strlen(path);
	DIR *dir = opendir(path);
	unsigned int seen = 0;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_REG && chance(++seen))
			snprintf(path + length, 320 - length, "/%s", entry->d_name);
	if (dir)
		closedir(dir);
	return seen;
}

static long read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return fd;
	ret = pread(fd, room, 1 + random_below(8192),
		    chance(3) ? random_below(5000) : 0);
	close(fd);
	return ret;
}

static uint64_t put_text(void)
{
	static const char *const words[] = {
		"0", "1", "-1", "none", "add", "remove", "change\n", "auto", "on",
		"write back", "write through", "4096", "18446744073709551616", "",
	};
	uint64_t length = random_below(200), i;

	if (chance(2))
		return sprintf((char *)room, "%s", words[random_below(14)]);
	if (chance(2))
		return sprintf((char *)room, "%llu",
			       (unsigned long long)odd_number());
	for (i = 0; i < length; i++)
		room[i] = random_below(256);
	return length;
}

/* Of the driver's own files none can be written, and nothing by just anybody */
static long write_file(const char *path, bool own)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return fd;
	ret = write(fd, room, put_text());
	close(fd);
	if (ret >= 0 && (unprivileged || (own && !strstr(path, "/uevent"))))
		wrong(NULL, "%s: %ld bytes were written", path, ret);
	return ret;
}

void fuzz_sysfs(void)
{
	const struct place *place = &crowd->places[random_below(PLACES)];
	unsigned int which = random_below(DIRECTORIES);
	char path[320];
	int minor = unprivileged ? (int)random_below(PLACES) :
				   mapper_minor(place->name);

	snprintf(path, sizeof(path), directories[which], minor);
	if (minor < 0 || !choose(path))
		return;
	count(SYSFS, chance(3) ? write_file(path, which < 2) : read_file(path));
}

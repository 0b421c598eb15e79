// SPDX-License-Identifier: GPL-2.0-only
/* Every file of a region in sysfs; none can be written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"

/* Those that say what an ioctl has said before the call */
static const struct known {
	const char *name;
	const uint64_t *value;
} known[] = {
	{ "high_water_mark", &before.head },
	{ "resets", &before.resets },
	{ "write_head", &before.head },
	{ "read_tail", &before.tail },
	{ "removed", &before.removed },
	{ "holds", &before.holds },
};

static void check_value(const char *name, const char *text, size_t length)
{
	size_t i;

	if (!length || text[length - 1] != '\n')
		give_up("%s: no line, but %zu bytes", name, length);
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(name, known[i].name) &&
		    strtoull(text, NULL, 10) != *known[i].value)
			give_up("%s is %llu, not %s", name,
				(unsigned long long)*known[i].value, text);
}

static long read_value(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	char text[4097];
	long ret;

	if (fd < 0)
		return -errno;
	ret = answer(read(fd, text, sizeof(text) - 1));
	close(fd);
	if (ret < 0)
		return ret;
	text[ret] = 0;
	check_value(name, text, ret);
	return 0;
}

long read_sysfs(const struct active *active)
{
	struct dirent *entry;
	unsigned int files = 0;
	char path[64];
	long ret = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/vde/dm-%d", active->minor);
	dir = opendir(path);
	if (!dir)
		return -errno;
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			ret = -errno;
		else if (entry->d_type == DT_REG)
			ret = read_value(dirfd(dir), entry->d_name);
		if (!entry || ret)
			break;
		files += entry->d_type == DT_REG;
	}
	closedir(dir);
	if (!ret && files < 11)
		give_up("only %u files", files);
	return ret;
}

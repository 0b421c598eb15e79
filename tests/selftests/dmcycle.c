// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmcycle NAME SECTORS DEVICE COUNT: makes the worm device NAME, appends the
 * block that its turn has the number of, and removes it again, COUNT times. In
 * one process, since a thousand times dmsetup takes minutes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pattern.h"

static int control;

struct request {
	struct dm_ioctl header;
	struct dm_target_spec spec;
	char parameters[256];
};

static void dm(struct request *request, const char *name, unsigned long command,
	       const char *what)
{
	request->header.version[0] = DM_VERSION_MAJOR;
	request->header.data_size = sizeof(*request);
	request->header.data_start = offsetof(struct request, spec);
	strncpy(request->header.name, name, DM_NAME_LEN - 1);
	if (!ioctl(control, command, request))
		return;
	fprintf(stderr, "dmcycle: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned int activate(const char *name, uint64_t sectors,
			     const char *device)
{
	struct request create = {}, resume = {}, load = {
		.header.target_count = 1,
		.spec = { .length = sectors, .target_type = "vde" },
	};

	snprintf(load.parameters, sizeof(load.parameters), "%s worm", device);
	dm(&create, name, DM_DEV_CREATE, "create");
	dm(&load, name, DM_TABLE_LOAD, "load");
	dm(&resume, name, DM_DEV_SUSPEND, "resume");
	return minor(resume.header.dev);
}

static void append(unsigned int minor, uint64_t block)
{
	static void *buf;
	char path[32];
	int fd;

	if (!buf)
		buf = buffer_alloc(BLOCK);
	snprintf(path, sizeof(path), "/dev/dm-%u", minor);
	pattern_fill(buf, block, 1, 1);
	fd = open(path, O_WRONLY | O_DIRECT);
	if (fd < 0 || pwrite(fd, buf, BLOCK, block * BLOCK) != (ssize_t)BLOCK) {
		fprintf(stderr, "dmcycle: block %llu: %s\n",
			(unsigned long long)block, strerror(errno));
		exit(1);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long count, i;

	if (argc != 5)
		return 2;
	control = open("/dev/mapper/control", O_RDWR);
	if (control < 0) {
		perror("/dev/mapper/control");
		return 2;
	}
	count = strtoul(argv[4], NULL, 0);
	for (i = 0; i < count; i++) {
		struct request request = {};

		append(activate(argv[1], strtoull(argv[2], NULL, 0), argv[3]),
		       i);
		dm(&request, argv[1], DM_DEV_REMOVE, "remove");
	}
	printf("%lu cycles\n", i);
	return 0;
}

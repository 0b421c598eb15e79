// SPDX-License-Identifier: GPL-2.0-only
/* Marks in a log of dm-log-writes. */
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mark.h"

struct request {
	struct dm_ioctl head;
	struct dm_target_msg message;
	char text[128];
};

void mark_line(unsigned int lines)
{
	const char *device = getenv("CRASH_LOG");
	const char *name = getenv("CRASH_NAME");
	struct request request;
	int fd;

	if (!device || !name)
		return;
	memset(&request, 0, sizeof(request));
	request.head.version[0] = DM_VERSION_MAJOR;
	request.head.data_size = sizeof(request);
	request.head.data_start = offsetof(struct request, message);
	snprintf(request.head.name, sizeof(request.head.name), "%s", device);
	/* dm_target_msg ends with the text */
	snprintf((char *)&request + offsetof(struct request, message) +
		 sizeof(request.message), sizeof(request.text),
		 "mark %s:%u", name, lines);
	fd = open("/dev/mapper/" DM_CONTROL_NODE, O_RDWR);
	if (fd < 0 || ioctl(fd, DM_TARGET_MSG, &request)) {
		perror("mark");
		exit(2);
	}
	close(fd);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "fault.h"

static int control = -1;
static bool armed;

static void set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

void fault_begin(void)
{
	/* Most allocations may wait for memory */
	set("failslab/ignore-gfp-wait", "N");
	set("failslab/verbose", "0");
	set("fail_page_alloc/ignore-gfp-wait", "N");
	set("fail_page_alloc/ignore-gfp-highmem", "N");
	set("fail_page_alloc/min-order", "0");
	set("fail_page_alloc/verbose", "0");
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		give_up("fail-nth: %s", strerror(errno));
}

static void put(unsigned int nth)
{
	char text[16];
	int length = sprintf(text, "%u", nth);

	if (write(control, text, length) != length)
		give_up("fail-nth: %s", strerror(errno));
}

void fault_arm(unsigned int nth)
{
	armed = nth;
	if (armed)
		put(nth);
}

bool fault_disarm(void)
{
	int error = errno;
	char text[16] = "";

	if (!armed)
		return false;
	armed = false;
	if (pread(control, text, sizeof(text) - 1, 0) < 1)
		give_up("fail-nth: %s", strerror(errno));
	put(0);
	errno = error;
	return atoi(text) == 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* vdevault's calls in which the kernel runs out of memory: see vdevault.c. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"
#include "vdevault.h"

void vault_addfail(char *words)
{
	const char *nth = strsep(&words, ":");
	int control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	char left[16] = "";
	uint8_t *data;
	size_t size = vault_read_file(words, &data);
	int err;

	if (control < 0 || pwrite(control, nth, strlen(nth), 0) < 0)
		vault_fail("no fault injection");
	err = vault_add(data, size);
	if (pread(control, left, sizeof(left) - 1, 0) < 0 ||
	    pwrite(control, "0", 1, 0) < 0)
		vault_fail("no fault injection");
	printf("%s %d\n", errno_name(err), !atoi(left));
	close(control);
	free(data);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_DEVICE_H
#define CRASH_DEVICE_H

#include <stdint.h>

/* An active WORM device, opened O_DIRECT. */
struct device {
	int fd;
	uint64_t blocks;
	uint64_t hwm;
};

/* 0, or -1 after saying why. */
int device_open(struct device *device, const char *path);

#endif /* CRASH_DEVICE_H */

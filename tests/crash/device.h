/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_DEVICE_H
#define CRASH_DEVICE_H

#include <stdint.h>

/* An active WORM device or stream, opened O_DIRECT. */
struct device {
	int fd;
	uint64_t blocks;	/* of the node */
	uint64_t hwm;		/* of a stream, its head */
	int character;		/* of a stream, else -1 */
	int stops;		/* ... when it is full */
	uint64_t tail;
	uint64_t capacity;
};

/* Give up a stream's blocks before a position: 0, or -1 with errno set. */
int device_consume(struct device *device, uint64_t position);

/* 0, or -1 after saying why. */
int device_open(struct device *device, const char *path);

#endif /* CRASH_DEVICE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What a region holds, as its character device and its block node show it. */
#ifndef SELFTESTS_SEALED_H
#define SELFTESTS_SEALED_H

#include <stdint.h>

struct sealed {
	int device;	/* /dev/vde/dm-N */
	int node;	/* /dev/dm-N, O_DIRECT; -1 until it is needed */
	char path[64];	/* of the node */
};

/* @device is opened with @flags; 0 or a negative errno */
int sealed_open(struct sealed *sealed, const char *device, int flags);

/* High-water mark, which must be readable */
uint64_t sealed_hwm(const struct sealed *sealed);

/*
 * NULL when the blocks from @block on hold just these bytes, then zeros, and
 * their records say so; else a phrase that tells what is wrong.
 */
const char *sealed_differs(struct sealed *sealed, uint64_t block,
			   const void *bytes, uint64_t length);

/* Open the node by now; exits when that fails */
int sealed_node(struct sealed *sealed);

#endif /* SELFTESTS_SEALED_H */

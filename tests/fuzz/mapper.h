/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ioctls of device mapper, as they are, and what goes with them. Each returns
 * 0, or what it says, or a negative errno.
 */
#ifndef FUZZ_MAPPER_H
#define FUZZ_MAPPER_H

#include <linux/dm-ioctl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

/* Before all others */
int mapper_open(void);

/* One that has no argument but a name and flags. */
int mapper_call(unsigned long command, const char *name, uint32_t flags);

int mapper_load(const char *name, const char *type, uint64_t sectors,
		const char *parameters, uint32_t flags);

/* @message goes where @sector is. */
int mapper_message(const char *name, uint64_t sector, const char *message);

int mapper_rename(const char *name, const char *to);

/* The number of an existing device, and what is minor of it */
int mapper_number(const char *name, dev_t *number);
int mapper_minor(const char *name);

/* A file descriptor of its character device */
int mapper_open_char(const char *name, int mode);

/* What status (@flags 0) or table (DM_STATUS_TABLE_FLAG) says, with the type */
int mapper_status(const char *name, uint32_t flags, char type[16], char line[1024]);

#endif /* FUZZ_MAPPER_H */

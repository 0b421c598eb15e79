/* SPDX-License-Identifier: GPL-2.0-only */
/* The active devices, through libdevmapper. */
#ifndef VDECTL_DM_H
#define VDECTL_DM_H

#include "vdectl.h"

#define DM_NAME_SIZE	128
#define DM_PARAMS_SIZE	1024

/**
 * struct dm_device - an active vde device
 * @name: its device-mapper name
 * @uuid: its device-mapper UUID, "VDE-..." when vdectl made it
 * @table: parameters of its table line
 * @status: its status line
 * @sectors: its length
 * @read_only: its table is
 * @suspended: no I/O passes
 */
struct dm_device {
	char name[DM_NAME_SIZE];
	char uuid[DM_NAME_SIZE + 1];
	char table[DM_PARAMS_SIZE];
	char status[DM_PARAMS_SIZE];
	u64 sectors;
	bool read_only;
	bool suspended;
};

int dm_create(const char *name, const char *uuid, u64 sectors,
	      const char *params, bool read_only);
int dm_remove(const char *name);
int dm_message(const char *name, const char *message);
int dm_get(const char *name, struct dm_device *device);
int dm_each(int (*visit)(const struct dm_device *device, void *context),
	    void *context);
bool dm_has_target(void);
const char *dm_error_text(int err);

/* link.c */
bool link_name_fits(const char *name);
int link_add(const char *name);
void link_remove(const char *name, u32 minor);

/* table.c: parts of a vde table line */
const char *table_word(const char *params, u32 n, char *word, size_t size);
int table_device_path(const struct dm_device *device, char *path, size_t size);
int table_option(const struct dm_device *device, const char *key, u64 *value);

/**
 * struct vdectl_source - what a NAME|DEVICE argument stands for
 * @path: the disk with the volume
 * @active: an active device was named, which is @device
 * @device: that device
 * @region: its region, or 0
 */
struct vdectl_source {
	char path[DM_PARAMS_SIZE];
	bool active;
	struct dm_device device;
	u64 region;
};

int vdectl_find_source(const char *argument, struct vdectl_source *source);

#endif /* VDECTL_DM_H */

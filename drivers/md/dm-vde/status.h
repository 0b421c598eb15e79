/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_STATUS_H
#define VDE_STATUS_H

#include <linux/device-mapper.h>

#include "region.h"

/**
 * struct vde_target - one table line
 * @dev: device beneath
 * @options: as given
 * @keys: of a vault, open while the table is there
 * @region: a reference; shared with the device's other table during a reload
 */
struct vde_target {
	struct dm_dev *dev;
	struct vde_options options;
	struct vde_keys keys;
	struct vde_region *region;
};

void vde_status(struct dm_target *ti, status_type_t type, unsigned int flags,
		char *result, unsigned int maxlen);
int vde_message(struct dm_target *ti, unsigned int argc, char **argv,
		char *result, unsigned int maxlen);

#endif /* VDE_STATUS_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_SYSFS_H
#define VDE_SYSFS_H

#include <linux/device.h>

#include "rules.h"

struct vde_region;

/**
 * struct vde_sysfs_value - one attribute
 * @attr: in sysfs
 * @number: what it shows, or
 * @emit: shows it, with the newline
 */
struct vde_sysfs_value {
	struct device_attribute attr;
	u64 (*number)(struct vde_region *region);
	ssize_t (*emit)(struct vde_region *region, char *buf);
};

#define NUMBER(name)							       \
	static struct vde_sysfs_value name##_value = {				       \
		.attr = __ATTR(name, 0444, vde_sysfs_show, NULL),			       \
		.number = name##_number,				       \
	}

#define TEXT(name)							       \
	static struct vde_sysfs_value name##_value = {				       \
		.attr = __ATTR(name, 0444, vde_sysfs_show, NULL),			       \
		.emit = name##_emit,					       \
	}

ssize_t vde_sysfs_show(struct device *dev, struct device_attribute *attr,
		       char *buf);
bool vde_sysfs_is_kind(struct kobject *kobj, enum vde_region_kind kind);

/* sysfs_vault.c */
extern const struct attribute_group vde_sysfs_vault_group;

#endif /* VDE_SYSFS_H */

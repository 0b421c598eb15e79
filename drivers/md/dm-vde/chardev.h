/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_CHARDEV_H
#define VDE_CHARDEV_H

#include <linux/types.h>

struct attribute_group;
struct device;
struct iov_iter;
struct vde_region;

int vde_chardev_module_init(void);
void vde_chardev_module_exit(void);
int vde_chardev_add(struct vde_region *region);
void vde_chardev_remove(struct vde_region *region);
struct vde_region *vde_chardev_lock_region(struct device *dev);
void vde_chardev_unlock_region(struct device *dev);
int vde_chardev_append(struct vde_region *region, struct iov_iter *from,
		       size_t length, bool durable, u64 *block);
int vde_chardev_import(u64 address, size_t length, bool source,
		       struct iov_iter *iter);

/* sysfs.c */
extern const struct attribute_group *vde_sysfs_groups[];

#endif /* VDE_CHARDEV_H */

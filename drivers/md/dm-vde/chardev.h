/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_CHARDEV_H
#define VDE_CHARDEV_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/wait.h>

struct iov_iter;
struct vde_call;
struct vde_region;

/**
 * struct vde_chardev - one character device
 * @list: in the list of character devices; protected by the list's mutex
 * @gone: it cannot be opened or used any more; changed under the list's mutex
 * @dev: in class vde, child of the block device
 * @cdev: its file operations
 * @opens: open files
 * @wait: readers of a stream wait here; woken when it is gone, too
 * @lock: protects @region; held for reading while the region is used
 * @region: NULL once the region is being closed
 *
 * Born when its region is resumed for the first time; dies with its last open
 * file, or when it is removed.
 */
struct vde_chardev {
	struct list_head list;
	bool gone;
	struct device dev;
	struct cdev cdev;
	atomic_t opens;
	wait_queue_head_t wait;
	struct rw_semaphore lock;	/* of region */
	struct vde_region *region;
};

int vde_chardev_module_init(void);
void vde_chardev_module_exit(void);
int vde_chardev_add(struct vde_region *region);
void vde_chardev_remove(struct vde_region *region);
struct vde_region *vde_chardev_lock_region(struct device *dev);
void vde_chardev_unlock_region(struct device *dev);

/* chardev_file.c */
extern const struct file_operations vde_chardev_fops;

int vde_chardev_append(struct vde_region *region, struct vde_call *call,
		       bool durable, u64 *block);
int vde_chardev_import(u64 address, size_t length, bool source,
		       struct iov_iter *iter);

/* sysfs.c */
extern const struct attribute_group *vde_sysfs_groups[];

#endif /* VDE_CHARDEV_H */

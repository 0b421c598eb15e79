// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/vde/dm-N: one character device for each active region. It lives as
 * long as its region is active; open files may outlive it and get ENODEV then.
 */
#include <linux/device-mapper.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "chardev.h"
#include "compat.h"
#include "events.h"
#include "region.h"

/* Protects the list, and who of it is gone. */
static DEFINE_MUTEX(chardevs_lock);
static LIST_HEAD(chardevs);
static dev_t first_devt;

static struct vde_chardev *to_chardev(struct device *dev)
{
	return container_of(dev, struct vde_chardev, dev);
}

static char *devnode(VDE_DEVNODE_DEVICE *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "vde/%s", dev_name(dev));
}

static struct class vde_class = {
	.name = "vde",
	.devnode = devnode,
};

static void release(struct device *dev)
{
	kfree(to_chardev(dev));
}

/**
 * vde_chardev_lock_region - use the region of a character device
 * @dev: its device
 *
 * Return: the region, until vde_chardev_unlock_region(); NULL when it is being
 * closed.
 */
struct vde_region *vde_chardev_lock_region(struct device *dev)
{
	struct vde_chardev *chardev = to_chardev(dev);

	down_read(&chardev->lock);
	if (chardev->region && !READ_ONCE(chardev->gone))
		return chardev->region;
	up_read(&chardev->lock);
	return NULL;
}

/**
 * vde_chardev_unlock_region - end the use of a region
 * @dev: device whose region vde_chardev_lock_region() has returned
 */
void vde_chardev_unlock_region(struct device *dev)
{
	up_read(&to_chardev(dev)->lock);
}

/* It cannot be used any more, and who waits with it is told so. */
static void set_gone(struct vde_chardev *chardev)
{
	lockdep_assert_held(&chardevs_lock);
	WRITE_ONCE(chardev->gone, true);
	wake_up_all(&chardev->wait);
}

static void unregister(struct vde_chardev *chardev)
{
	lockdep_assert_held(&chardevs_lock);
	if (chardev->gone)
		return;
	cdev_device_del(&chardev->cdev, &chardev->dev);
	set_gone(chardev);
}

/* Nobody uses the region: its lock is held for writing, and let go. */
static void forget_locked(struct vde_chardev *chardev)
{
	chardev->region = NULL;
	up_write(&chardev->lock);
	put_device(&chardev->dev);
}

/*
 * Once there is a number for it, it can be opened, whatever fails then: who has
 * done that, and has come as far as the region, may wait for this resume.
 */
static void abandon(struct vde_chardev *chardev)
{
	set_gone(chardev);
	if (down_write_trylock(&chardev->lock))
		forget_locked(chardev);
	else	/* vde_chardev_remove() waits for him. */
		list_add(&chardev->list, &chardevs);
}

static struct vde_chardev *create(struct vde_region *region)
{
	struct vde_chardev *chardev = kzalloc(sizeof(*chardev), GFP_KERNEL);
	struct gendisk *disk = dm_disk(region->md);
	int err;

	if (!chardev)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&chardev->lock);
	init_waitqueue_head(&chardev->wait);
	chardev->region = region;
	device_initialize(&chardev->dev);
	chardev->dev.class = &vde_class;
	chardev->dev.parent = disk_to_dev(disk);
	chardev->dev.devt = MKDEV(MAJOR(first_devt), MINOR(region->dev));
	chardev->dev.groups = vde_sysfs_groups;
	chardev->dev.release = release;
	cdev_init(&chardev->cdev, &vde_chardev_fops);
	chardev->cdev.owner = THIS_MODULE;
	err = dev_set_name(&chardev->dev, "%s", disk->disk_name);
	if (!err)
		err = cdev_device_add(&chardev->cdev, &chardev->dev);
	if (err) {
		abandon(chardev);
		return ERR_PTR(err);
	}
	vde_events_set_readers(region->news, &chardev->wait);
	return chardev;
}

/**
 * vde_chardev_add - make a region's character device unless it has one
 * @region: active region
 *
 * If the mapped device's former table names another region, that one's
 * character device cannot be opened any more.
 *
 * Return: 0 or a negative errno.
 */
int vde_chardev_add(struct vde_region *region)
{
	struct vde_chardev *chardev;
	int err = 0;

	mutex_lock(&chardevs_lock);
	list_for_each_entry(chardev, &chardevs, list) {
		if (chardev->gone)
			continue;
		if (chardev->region == region)
			goto out;
		if (chardev->region->dev == region->dev)
			unregister(chardev);
	}
	chardev = create(region);
	if (IS_ERR(chardev))
		err = PTR_ERR(chardev);
	else
		list_add(&chardev->list, &chardevs);
out:
	mutex_unlock(&chardevs_lock);
	return err;
}

/* Wait until no call uses the region any more. */
static void forget_region(struct vde_chardev *chardev)
{
	down_write(&chardev->lock);
	forget_locked(chardev);
}

/**
 * vde_chardev_remove - a region is about to be closed
 * @region: nobody uses it any more when this returns
 */
void vde_chardev_remove(struct vde_region *region)
{
	struct vde_chardev *chardev, *next;
	unsigned int noio;
	LIST_HEAD(removed);

	/* A resume waits for the mutex, and reclaim may wait for that. */
	noio = memalloc_noio_save();
	mutex_lock(&chardevs_lock);
	list_for_each_entry_safe(chardev, next, &chardevs, list) {
		if (chardev->region != region)
			continue;
		unregister(chardev);
		list_move(&chardev->list, &removed);
	}
	mutex_unlock(&chardevs_lock);
	memalloc_noio_restore(noio);
	vde_gate_close(&region->gate);
	list_for_each_entry_safe(chardev, next, &removed, list)
		forget_region(chardev);
}

/**
 * vde_chardev_module_init - make class and device numbers
 *
 * Return: 0 or a negative errno.
 */
int vde_chardev_module_init(void)
{
	int err = alloc_chrdev_region(&first_devt, 0, 1U << MINORBITS, "vde");

	if (err)
		return err;
	err = class_register(&vde_class);
	if (err)
		unregister_chrdev_region(first_devt, 1U << MINORBITS);
	return err;
}

/**
 * vde_chardev_module_exit - the reverse
 */
void vde_chardev_module_exit(void)
{
	class_unregister(&vde_class);
	unregister_chrdev_region(first_devt, 1U << MINORBITS);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/vde/dm-N: one character device for each active region. It lives as
 * long as its region is active; open files may outlive it and get ENODEV then.
 * The only file that knows of user space's memory.
 */
#include <linux/capability.h>
#include <linux/cdev.h>
#include <linux/device-mapper.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "chardev.h"
#include "events.h"
#include "ioctl.h"
#include "region.h"

#define MAX_CALLER_SIZE 4096	/* of a command's structure, ever */

/**
 * struct vde_chardev - one character device
 * @list: in the list of character devices; protected by the list's mutex
 * @registered: it can be opened; protected as @list
 * @dev: in class vde, child of the block device
 * @cdev: its file operations
 * @opens: open files
 * @lock: protects @region; held for reading while the region is used
 * @region: NULL once the region is being closed
 *
 * Born when its region is resumed for the first time; dies with its last open
 * file, or when it is removed.
 */
struct vde_chardev {
	struct list_head list;
	bool registered;
	struct device dev;
	struct cdev cdev;
	atomic_t opens;
	struct rw_semaphore lock;	/* of region */
	struct vde_region *region;
};

/* Protects the list, and who of it is registered. */
static DEFINE_MUTEX(chardevs_lock);
static LIST_HEAD(chardevs);
static dev_t first_devt;

static struct vde_chardev *to_chardev(struct device *dev)
{
	return container_of(dev, struct vde_chardev, dev);
}

static char *devnode(const struct device *dev, umode_t *mode)
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
	if (chardev->region)
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

static int chardev_open(struct inode *inode, struct file *file)
{
	struct vde_chardev *chardev = container_of(inode->i_cdev,
						   struct vde_chardev, cdev);

	if (!vde_chardev_lock_region(&chardev->dev))
		return -ENODEV;
	atomic_inc(&chardev->opens);
	vde_chardev_unlock_region(&chardev->dev);
	get_device(&chardev->dev);
	file->private_data = chardev;
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct vde_chardev *chardev = file->private_data;

	atomic_dec(&chardev->opens);
	put_device(&chardev->dev);
	return 0;
}

/**
 * vde_chardev_append - append, and let it be seen through the block node
 * @region: locked region; the caller is not inside its gate
 * @from: payload
 * @length: bytes of it, from 1
 * @durable: return only when a commit covers it
 * @block: set to the first block
 *
 * Return: as the region's append operation; -ENODEV; or -ERESTARTSYS when a
 * signal came before the device was resumed.
 */
int vde_chardev_append(struct vde_region *region, struct iov_iter *from,
		       size_t length, bool durable, u64 *block)
{
	int err = vde_gate_enter(&region->gate);

	if (err)
		return err;
	*block = U64_MAX;
	err = region->ops->append(region, from, length, durable, block);
	vde_gate_leave(&region->gate);
	/* Also where it is sealed and only its commit has failed. */
	if (*block != U64_MAX)
		vde_events_invalidate(region->news, *block,
				      DIV_ROUND_UP(length, VDE_BLOCK_SIZE));
	return err;
}

static ssize_t chardev_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct vde_chardev *chardev = iocb->ki_filp->private_data;
	size_t length = min_t(size_t, iov_iter_count(from), VDE_IOC_APPEND_MAX);
	struct vde_region *region;
	int err = -EINVAL;
	u64 block;

	region = vde_chardev_lock_region(&chardev->dev);
	if (!region)
		return -ENODEV;
	if (!length)
		err = 0;
	else if (region->ops->append)
		err = vde_chardev_append(region, from, length,
					 iocb_is_dsync(iocb), &block);
	vde_chardev_unlock_region(&chardev->dev);
	return err ? err : length;
}

static int chardev_fsync(struct file *file, loff_t start, loff_t end,
			 int datasync)
{
	struct vde_chardev *chardev = file->private_data;
	struct vde_region *region = vde_chardev_lock_region(&chardev->dev);
	int err;

	if (!region)
		return -ENODEV;
	err = vde_gate_enter(&region->gate);
	if (!err) {
		err = region->ops->commit(region);
		vde_gate_leave(&region->gate);
	}
	vde_chardev_unlock_region(&chardev->dev);
	return err;
}

static __poll_t chardev_poll(struct file *file, struct poll_table_struct *wait)
{
	struct vde_chardev *chardev = file->private_data;

	if (!vde_chardev_lock_region(&chardev->dev))
		return EPOLLERR | EPOLLHUP;
	vde_chardev_unlock_region(&chardev->dev);
	return EPOLLOUT | EPOLLWRNORM;
}

/**
 * vde_chardev_import - memory of the caller that a command names
 * @address: as user space gave it
 * @length: bytes
 * @source: it is read from, not written to
 * @iter: set up to reach it
 *
 * Return: 0 or -EFAULT.
 */
int vde_chardev_import(u64 address, size_t length, bool source,
		       struct iov_iter *iter)
{
	if (address != (uintptr_t)address)
		return -EFAULT;
	return import_ubuf(source ? ITER_SOURCE : ITER_DEST,
			   u64_to_user_ptr(address), length, iter);
}

/* The caller's structure may be of another age: see the uapi header. */
static int copy_in(const struct vde_ioctl *ioctl, void *arg,
		   const void __user *from)
{
	u32 size;
	int err;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < ioctl->min_size)
		return -EINVAL;
	if (size > MAX_CALLER_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(arg, ioctl->size, from, size);
	/* It may have changed between the two reads. */
	if (!err)
		*(u32 *)arg = size;
	return err;
}

static int copy_out(const struct vde_ioctl *ioctl, const void *arg,
		    void __user *to)
{
	u32 size = *(const u32 *)arg;
	u32 known = min(size, ioctl->size);

	if (copy_to_user(to, arg, known) ||
	    clear_user(to + known, size - known))
		return -EFAULT;
	return 0;
}

/* The caller's memory is tried out first: what is done cannot be undone. */
static int run_ioctl(const struct vde_ioctl *ioctl,
		     struct vde_ioctl_call *call, void __user *user)
{
	int err = copy_in(ioctl, call->arg, user);

	if (!err)
		err = copy_out(ioctl, call->arg, user);
	if (!err)
		err = vde_ioctl_run(ioctl, call);
	return err ? err : copy_out(ioctl, call->arg, user);
}

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	const struct vde_ioctl *ioctl = vde_ioctl_find(cmd);
	struct vde_chardev *chardev = file->private_data;
	u64 buffer[VDE_IOCTL_MAX_SIZE / sizeof(u64)] = {};
	struct vde_ioctl_call call = { .arg = buffer };
	int err;

	call.region = vde_chardev_lock_region(&chardev->dev);
	if (!call.region)
		return -ENODEV;
	call.shared = atomic_read(&chardev->opens) > 1;
	if (!ioctl || !(ioctl->kinds & BIT(call.region->geo.kind)))
		err = -ENOTTY;
	else if (!(file->f_mode & ioctl->mode))
		err = -EBADF;
	else if (ioctl->admin && !capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else
		err = run_ioctl(ioctl, &call, (void __user *)arg);
	vde_chardev_unlock_region(&chardev->dev);
	return err;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.write_iter = chardev_write,
	.splice_write = iter_file_splice_write,
	.fsync = chardev_fsync,
	.poll = chardev_poll,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static void unregister(struct vde_chardev *chardev)
{
	lockdep_assert_held(&chardevs_lock);
	if (chardev->registered)
		cdev_device_del(&chardev->cdev, &chardev->dev);
	chardev->registered = false;
}

static struct vde_chardev *create(struct vde_region *region)
{
	struct vde_chardev *chardev = kzalloc(sizeof(*chardev), GFP_KERNEL);
	struct gendisk *disk = dm_disk(region->md);
	int err;

	if (!chardev)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&chardev->lock);
	chardev->region = region;
	device_initialize(&chardev->dev);
	chardev->dev.class = &vde_class;
	chardev->dev.parent = disk_to_dev(disk);
	chardev->dev.devt = MKDEV(MAJOR(first_devt), MINOR(region->dev));
	chardev->dev.groups = vde_sysfs_groups;
	chardev->dev.release = release;
	cdev_init(&chardev->cdev, &chardev_fops);
	chardev->cdev.owner = THIS_MODULE;
	err = dev_set_name(&chardev->dev, "%s", disk->disk_name);
	if (!err)
		err = cdev_device_add(&chardev->cdev, &chardev->dev);
	if (err) {
		put_device(&chardev->dev);
		return ERR_PTR(err);
	}
	chardev->registered = true;
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
		if (!chardev->registered)
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
	chardev->region = NULL;
	up_write(&chardev->lock);
	put_device(&chardev->dev);
}

/**
 * vde_chardev_remove - a region is about to be closed
 * @region: nobody uses it any more when this returns
 */
void vde_chardev_remove(struct vde_region *region)
{
	struct vde_chardev *chardev, *next;
	LIST_HEAD(removed);

	mutex_lock(&chardevs_lock);
	list_for_each_entry_safe(chardev, next, &chardevs, list) {
		if (chardev->region != region)
			continue;
		unregister(chardev);
		list_move(&chardev->list, &removed);
	}
	mutex_unlock(&chardevs_lock);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of the character devices. The only file that knows of user
 * space's memory.
 */
#include <linux/blkdev.h>
#include <linux/capability.h>
#include <linux/device-mapper.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "append.h"
#include "chardev.h"
#include "compat.h"
#include "events.h"
#include "ioctl.h"
#include "region.h"
#include "stream.h"
#include "stream_file.h"

#define MAX_CALLER_SIZE 4096	/* of a command's structure, ever */
#define FAULT_IN_SIZE (128 * 1024)	/* bytes of memory at a time */

/**
 * struct vde_file - an open file
 * @chardev: a reference
 * @reader: of a stream
 */
struct vde_file {
	struct vde_chardev *chardev;
	struct vde_stream_file reader;
};

/* A stream has a position of its own, which the VFS must leave alone. */
static void set_mode(struct file *file, bool stream)
{
	file->f_mode &= ~(FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	if (!stream)
		file->f_mode &= ~FMODE_LSEEK;
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct vde_chardev *chardev = container_of(inode->i_cdev,
						   struct vde_chardev, cdev);
	struct vde_file *state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	struct vde_region *region;
	bool stream;

	if (!state)
		return -ENOMEM;
	region = vde_chardev_lock_region(&chardev->dev);
	if (!region) {
		kfree(state);
		return -ENODEV;
	}
	state->chardev = chardev;
	state->reader.wait = &chardev->wait;
	state->reader.gone = &chardev->gone;
	stream = region->geo.kind == VDE_REGION_STREAM;
	if (stream)
		vde_stream_file_open(&state->reader, to_stream(region));
	set_mode(file, stream);
	file->private_data = state;
	atomic_inc(&chardev->opens);
	vde_chardev_unlock_region(&chardev->dev);
	get_device(&chardev->dev);
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct vde_file *state = file->private_data;

	atomic_dec(&state->chardev->opens);
	put_device(&state->chardev->dev);
	kfree(state);
	return 0;
}

/* The region that a file is open on, locked; NULL when it is gone. */
static struct vde_region *lock_file(struct file *file)
{
	struct vde_file *state = file->private_data;

	return vde_chardev_lock_region(&state->chardev->dev);
}

static void unlock_file(struct file *file)
{
	struct vde_file *state = file->private_data;

	vde_chardev_unlock_region(&state->chardev->dev);
}

static bool is_gone(struct file *file)
{
	if (!lock_file(file))
		return true;
	unlock_file(file);
	return false;
}

static int append_gated(struct vde_region *region, struct vde_call *call,
			bool durable, u64 *block)
{
	int err = vde_gate_enter(&region->gate);

	if (err)
		return err;
	/* Somebody has set the node read-only, though the table is not. */
	err = bdev_read_only(dm_disk(region->md)->part0) ? -EROFS :
	      region->ops->append(region, call, durable, block);
	vde_gate_leave(&region->gate);
	return err;
}

/**
 * vde_chardev_append - append, and let it be seen through the block node
 * @region: locked region of a kind that appends; the caller is not inside its
 *	gate
 * @call: prepared
 * @durable: return only when a commit covers it
 * @block: set to the first block
 *
 * Return: as the region's append operation; -EROFS; -ENODEV; or -ERESTARTSYS
 * when a signal came before the device was resumed.
 */
int vde_chardev_append(struct vde_region *region, struct vde_call *call,
		       bool durable, u64 *block)
{
	int err;

	*block = U64_MAX;
	err = append_gated(region, call, durable, block);
	/* Also where it is sealed and only its commit has failed. */
	if (*block != U64_MAX && err != -ENOSPC)
		vde_events_invalidate(region->news, *block,
				      DIV_ROUND_UP(vde_append_length(call),
						   VDE_BLOCK_SIZE));
	return err;
}

static int write_call(struct file *file, struct vde_call *call, bool durable)
{
	struct vde_region *region = lock_file(file);
	int err = -EINVAL;
	u64 block;

	if (!region)
		return -ENODEV;
	if (region->ops->append)
		err = vde_chardev_append(region, call, durable, &block);
	unlock_file(file);
	return err;
}

static ssize_t chardev_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t length = min_t(size_t, iov_iter_count(from), VDE_IOC_APPEND_MAX);
	struct vde_call *call;
	int err;

	if (is_gone(iocb->ki_filp))
		return -ENODEV;
	if (!length)
		return 0;
	/* The caller's memory may take its time: nothing waits for it here. */
	call = vde_append_prepare(from, length);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = write_call(iocb->ki_filp, call, iocb_is_dsync(iocb));
	vde_append_discard(call);
	return err ? err : length;
}

static ssize_t read_call(struct file *file, struct iov_iter *to, bool begun,
			 bool *fault)
{
	struct vde_file *state = file->private_data;
	struct vde_region *region = lock_file(file);
	ssize_t ret = -EINVAL;

	if (!region)
		return -ENODEV;
	if (region->geo.kind == VDE_REGION_STREAM)
		ret = vde_stream_file_read(&state->reader, to_stream(region),
					   !(file->f_flags & O_NONBLOCK), begun,
					   to, fault);
	unlock_file(file);
	return ret;
}

/* Let some of the caller's memory be there; false if there is none. */
static bool fault_in(struct iov_iter *to)
{
	size_t length = min_t(size_t, iov_iter_count(to), FAULT_IN_SIZE);

	return !fatal_signal_pending(current) &&
	       fault_in_iov_iter_writeable(to, length) < length;
}

/* The caller's memory may take its time: nothing waits for it here. */
static ssize_t chardev_read(struct kiocb *iocb, struct iov_iter *to)
{
	ssize_t total = 0;
	ssize_t ret;
	bool fault;

	do {
		fault = false;
		ret = read_call(iocb->ki_filp, to, total, &fault);
		if (ret > 0)
			total += ret;
	} while (fault && fault_in(to));
	return total ? total : ret;
}

static loff_t chardev_llseek(struct file *file, loff_t offset, int whence)
{
	struct vde_file *state = file->private_data;
	struct vde_region *region = lock_file(file);
	loff_t ret = -ESPIPE;

	if (!region)
		return -ENODEV;
	if (region->geo.kind == VDE_REGION_STREAM)
		ret = vde_stream_file_seek(&state->reader, to_stream(region),
					   offset, whence);
	unlock_file(file);
	return ret;
}

static int chardev_fsync(struct file *file, loff_t start, loff_t end,
			 int datasync)
{
	struct vde_region *region = lock_file(file);
	int err;

	if (!region)
		return -ENODEV;
	err = vde_gate_enter(&region->gate);
	if (!err) {
		err = region->ops->commit(region);
		vde_gate_leave(&region->gate);
	}
	unlock_file(file);
	return err;
}

static __poll_t chardev_poll(struct file *file, struct poll_table_struct *wait)
{
	struct vde_file *state = file->private_data;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;
	struct vde_region *region;

	poll_wait(file, &state->chardev->wait, wait);
	region = lock_file(file);
	if (!region)
		return EPOLLERR | EPOLLHUP;
	if (region->geo.kind == VDE_REGION_STREAM)
		events |= vde_stream_file_poll(&state->reader,
					       to_stream(region));
	unlock_file(file);
	return events;
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

/* May the caller use the command on this file? */
static int check_ioctl(struct file *file, const struct vde_ioctl *ioctl)
{
	struct vde_region *region = lock_file(file);
	enum vde_region_kind kind;

	if (!region)
		return -ENODEV;
	kind = region->geo.kind;
	unlock_file(file);
	if (!ioctl || !(ioctl->kinds & BIT(kind)))
		return -ENOTTY;
	if (!(file->f_mode & ioctl->mode))
		return -EBADF;
	return ioctl->admin && !capable(CAP_SYS_ADMIN) ? -EPERM : 0;
}

static int run_ioctl(struct file *file, const struct vde_ioctl *ioctl,
		     struct vde_ioctl_call *call)
{
	int err;

	call->region = lock_file(file);
	if (!call->region)
		return -ENODEV;
	err = vde_ioctl_run(ioctl, call);
	if (call->region)
		unlock_file(file);
	return err;
}

/* The caller's memory is tried out first: what is done cannot be undone. */
static int copy_and_run(struct file *file, const struct vde_ioctl *ioctl,
			struct vde_ioctl_call *call, void __user *user)
{
	int err = copy_in(ioctl, call->arg, user);

	if (!err)
		err = copy_out(ioctl, call->arg, user);
	if (!err)
		err = vde_ioctl_prepare(ioctl, call);
	if (err)
		return err;
	err = run_ioctl(file, ioctl, call);
	if (call->payload)
		vde_append_discard(call->payload);
	return err ? err : copy_out(ioctl, call->arg, user);
}

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	const struct vde_ioctl *ioctl = vde_ioctl_find(cmd);
	struct vde_file *state = file->private_data;
	u64 buffer[VDE_IOCTL_MAX_SIZE / sizeof(u64)] = {};
	struct vde_ioctl_call call = {
		.arg = buffer,
		.dev = &state->chardev->dev,
		.reader = &state->reader,
		.opens = &state->chardev->opens,
	};
	int err;

	err = check_ioctl(file, ioctl);
	if (err)
		return err;
	return copy_and_run(file, ioctl, &call, (void __user *)arg);
}

const struct file_operations vde_chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.llseek = chardev_llseek,
	.read_iter = chardev_read,
	.write_iter = chardev_write,
	.splice_write = iter_file_splice_write,
	.fsync = chardev_fsync,
	.poll = chardev_poll,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

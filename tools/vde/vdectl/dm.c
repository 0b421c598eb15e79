// SPDX-License-Identifier: GPL-2.0-only
/* libdevmapper, as far as vdectl needs it. */
#include <libdevmapper.h>

#include "dm.h"

/* libdevmapper would print; the commands say it better, with the errno. */
static void stay_silent(int level, const char *file, int line, int dm_errno,
			const char *format, ...)
{
	(void)level;
	(void)file;
	(void)line;
	(void)dm_errno;
	(void)format;
}

/* Return: 0; -EUNATCH without device-mapper; -EPERM; -EINVAL for the name. */
static int new_task(int type, const char *name, struct dm_task **task)
{
	dm_log_with_errno_init(stay_silent);
	errno = 0;
	*task = dm_task_create(type);
	if (!*task)
		return errno == EACCES || errno == EPERM ? -EPERM : -EUNATCH;
	if (name && !dm_task_set_name(*task, name)) {
		dm_task_destroy(*task);
		return -EINVAL;
	}
	return 0;
}

/* Return: 0, or the negative errno of the ioctl. */
static int run_task(struct dm_task *task)
{
	int err;

	errno = 0;
	if (dm_task_run(task))
		return 0;
	err = dm_task_get_errno(task);
	if (!err)
		err = errno;
	return err ? -err : -EIO;
}

/*
 * Tasks that make or remove nodes in /dev: wait for udev, or where there is
 * none (or DM_DISABLE_UDEV is set) let libdevmapper do its work.
 */
static int run_node_task(struct dm_task *task)
{
	u32 cookie = 0;
	int ret;

	if (!dm_task_set_cookie(task, &cookie, 0))
		return -EIO;
	ret = run_task(task);
	dm_udev_wait(cookie);
	dm_task_update_nodes();
	return ret;
}

/**
 * dm_create - make a device of one vde target and activate it
 * @name: its name
 * @uuid: its device-mapper UUID
 * @sectors: its length
 * @params: parameters of the table line
 * @read_only: make the table read-only
 *
 * Return: 0 or negative errno of the kernel; -EINVAL for an impossible name.
 */
int dm_create(const char *name, const char *uuid, u64 sectors,
	      const char *params, bool read_only)
{
	struct dm_task *task;
	int ret = new_task(DM_DEVICE_CREATE, name, &task);

	if (ret)
		return ret;
	ret = -EINVAL;
	if (dm_task_set_uuid(task, uuid) &&
	    (!read_only || dm_task_set_ro(task)) &&
	    dm_task_add_target(task, 0, sectors, "vde", params))
		ret = run_node_task(task);
	dm_task_destroy(task);
	return ret;
}

/**
 * dm_remove - remove a device
 * @name: its name
 *
 * Return: 0 or negative errno of the kernel, -EBUSY while it is open.
 */
int dm_remove(const char *name)
{
	struct dm_task *task;
	int ret = new_task(DM_DEVICE_REMOVE, name, &task);

	if (ret)
		return ret;
	ret = -EINVAL;
	/* With udev, its rules may hold the device open for a moment. */
	if (!dm_udev_get_sync_support() || dm_task_retry_remove(task))
		ret = run_node_task(task);
	dm_task_destroy(task);
	return ret;
}

/**
 * dm_message - send a message to a device's target
 * @name: device
 * @message: its words
 *
 * Return: 0 or negative errno of the target.
 */
int dm_message(const char *name, const char *message)
{
	struct dm_task *task;
	int ret = new_task(DM_DEVICE_TARGET_MSG, name, &task);

	if (ret)
		return ret;
	ret = -EINVAL;
	if (dm_task_set_sector(task, 0) && dm_task_set_message(task, message))
		ret = run_task(task);
	dm_task_destroy(task);
	return ret;
}

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

/* Reads one kind of line of the device's only target. */
static int read_line(int type, const char *name, struct dm_device *device,
		     char *line)
{
	struct dm_task *task;
	struct dm_info info;
	char *target = NULL;
	char *params = NULL;
	u64 start;
	int ret = new_task(type, name, &task);

	if (ret)
		return ret;
	ret = dm_task_no_flush(task) ? run_task(task) : -EINVAL;
	if (!ret && (!dm_task_get_info(task, &info) || !info.exists))
		ret = -ENXIO;
	if (!ret) {
		dm_get_next_target(task, NULL, &start, &device->sectors,
				   &target, &params);
		if (!target || strcmp(target, "vde"))
			ret = -ENODEV;
	}
	if (!ret) {
		copy_text(device->name, sizeof(device->name), name);
		copy_text(device->uuid, sizeof(device->uuid),
			  dm_task_get_uuid(task));
		copy_text(line, DM_PARAMS_SIZE, params);
		device->read_only = info.read_only;
		device->suspended = info.suspended;
	}
	dm_task_destroy(task);
	return ret;
}

/**
 * dm_get - look at one active vde device
 * @name: its name
 * @device: to fill
 *
 * Return: 0; -ENXIO if there is no such device; -ENODEV if it is not a vde
 * device; other negative errno.
 */
int dm_get(const char *name, struct dm_device *device)
{
	int ret;

	memset(device, 0, sizeof(*device));
	ret = read_line(DM_DEVICE_TABLE, name, device, device->table);
	return ret ? ret : read_line(DM_DEVICE_STATUS, name, device,
				     device->status);
}

/**
 * dm_each - visit all active vde devices
 * @visit: called for each; a non-zero return ends the walk
 * @context: passed on
 *
 * Return: 0, what @visit returned, or negative errno.
 */
int dm_each(int (*visit)(const struct dm_device *device, void *context),
	    void *context)
{
	struct dm_device device;
	struct dm_names *names;
	struct dm_task *task;
	int ret = new_task(DM_DEVICE_LIST, NULL, &task);

	if (ret)
		return ret;
	ret = run_task(task);
	names = ret ? NULL : dm_task_get_names(task);
	while (!ret && names && names->dev) {
		/* A device that just vanished or is another's is skipped. */
		if (!dm_get(names->name, &device))
			ret = visit(&device, context);
		names = names->next ? (void *)names + names->next : NULL;
	}
	dm_task_destroy(task);
	return ret;
}

/**
 * dm_has_target - does the kernel know the vde target?
 *
 * Return: false if not, or if there is no device-mapper.
 */
bool dm_has_target(void)
{
	struct dm_versions *version;
	struct dm_task *task;
	bool found = false;

	if (new_task(DM_DEVICE_LIST_VERSIONS, NULL, &task))
		return false;
	version = run_task(task) ? NULL : dm_task_get_versions(task);
	while (version && !found) {
		found = !strcmp(version->name, "vde");
		version = version->next ? (void *)version + version->next :
					  NULL;
	}
	dm_task_destroy(task);
	return found;
}

/**
 * dm_error_text - what a failure of this file's functions means
 * @err: negative errno
 *
 * Return: a phrase.
 */
const char *dm_error_text(int err)
{
	switch (err) {
	case -EUNATCH:
		return "the kernel has no device-mapper";
	case -ENXIO:
		return "no such device is active";
	case -ENODEV:
		return "not a vde device";
	default:
		return strerror(-err);
	}
}

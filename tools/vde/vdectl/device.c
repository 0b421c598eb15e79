// SPDX-License-Identifier: GPL-2.0-only
/* An active device named on the command line. */
#include "vdectl.h"

/**
 * vdectl_plain_name - the name of a device, however it was given
 * @argument: NAME, /dev/mapper/NAME or /dev/vde/NAME
 *
 * Return: NAME.
 */
const char *vdectl_plain_name(const char *argument)
{
	static const char * const prefixes[] = { "/dev/mapper/", "/dev/vde/" };
	size_t length;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		length = strlen(prefixes[i]);
		if (!strncmp(argument, prefixes[i], length))
			return argument + length;
	}
	return argument;
}

/**
 * vdectl_device_error - explain why a command to an active device failed
 * @name: the device
 * @what: what could not be done, such as "read its retention"; NULL for
 *	opening it
 * @err: negative errno of libvde
 *
 * Return: VDECTL_ERROR.
 */
int vdectl_device_error(const char *name, const char *what, int err)
{
	const char *why = strerror(-err);

	if (!what && err == -ENXIO)
		return vdectl_error("%s: no such device is active", name);
	if (!what && err == -ENODEV)
		return vdectl_error("%s: no active vde device: /dev/vde has no character device of it",
				    name);
	if (!what)
		return vdectl_error("%s: cannot open its character device: %s",
				    name, why);
	if (err == -ENODEV)
		why = "the device was removed";
	if (err == -ENOTTY)
		why = "the kernel module does not know how";
	return vdectl_error("%s: cannot %s: %s", name, what, why);
}

static int open_kind(const char *name, unsigned int flags, u32 kind,
		     const char *other, struct vde_device *device,
		     struct vde_ioc_info *info)
{
	int ret = vde_device_open(device, name, flags);

	if (ret)
		return vdectl_device_error(name, NULL, ret);
	ret = vde_device_info(device, info);
	if (ret)
		vdectl_device_error(name, "ask what it is", ret);
	else if (info->kind != kind)
		ret = vdectl_error("%s is no %s", name, other);
	if (ret)
		vde_device_close(device);
	return ret ? VDECTL_ERROR : VDECTL_OK;
}

/**
 * vdectl_open_device - open a WORM region's character device, or say why not
 * @name: its plain name
 * @flags: VDE_OPEN_WRITE or 0
 * @device: to fill; to close unless this fails
 * @info: set to what the region is
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int vdectl_open_device(const char *name, unsigned int flags,
		       struct vde_device *device, struct vde_ioc_info *info)
{
	return open_kind(name, flags, VDE_IOC_KIND_WORM, "WORM region", device,
			 info);
}

/**
 * vdectl_open_vault - open a vault's character device, or say why not
 * @name: its plain name
 * @flags: VDE_OPEN_WRITE or 0
 * @device: to fill; to close unless this fails
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int vdectl_open_vault(const char *name, unsigned int flags,
		      struct vde_device *device)
{
	struct vde_ioc_info info;

	return open_kind(name, flags, VDE_IOC_KIND_VAULT, "vault", device,
			 &info);
}

/**
 * vdectl_open_stream - open a stream's character device, or say why not
 * @name: its plain name
 * @flags: VDE_OPEN_WRITE or 0
 * @device: to fill; to close unless this fails
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int vdectl_open_stream(const char *name, unsigned int flags,
		       struct vde_device *device)
{
	struct vde_ioc_info info;

	return open_kind(name, flags, VDE_IOC_KIND_STREAM, "stream", device,
			 &info);
}

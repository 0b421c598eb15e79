// SPDX-License-Identifier: GPL-2.0-only
/* vdectl reset: start an expired WORM region anew. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "vdectl.h"

static int confirm(const char *name, const struct vde_device *device)
{
	struct vde_ioc_status status;
	char what[VDECTL_TEXT_SIZE];
	int ret = vde_device_status(device, &status);

	if (ret)
		return vdectl_device_error(name, "read its status", ret);
	snprintf(what, sizeof(what), "all %" PRIu64 " sealed blocks will be given up for ever",
		 (u64)status.hwm);
	return vdectl_confirm(name, what);
}

static int too_early(const char *name, const struct vde_device *device)
{
	struct vde_retention retention;
	char time[VDECTL_TEXT_SIZE];
	char left[VDECTL_TEXT_SIZE];

	if (vde_device_retention(device, &retention))
		return vdectl_error("%s: retention has not passed for the newest block",
				    name);
	return vdectl_error("%s: retention has not passed for the newest block: the compliance clock must run for another %s, %s",
			    name,
			    vdectl_clock_text(left, retention.remaining),
			    vdectl_expiry_text(time, &retention, 1));
}

static int reset_error(const char *name, const struct vde_device *device,
		       int err)
{
	switch (err) {
	case -EPERM:
		return vdectl_error("%s: a reset takes CAP_SYS_ADMIN", name);
	case -EROFS:
		return vdectl_error("%s is read-only", name);
	case -ENODATA:
		return vdectl_error("%s is empty: there is nothing to reset",
				    name);
	case -EOPNOTSUPP:
		return vdectl_error("%s: retention is for ever: this region can never be reset",
				    name);
	case -EACCES:
		return vdectl_error("%s is under legal hold", name);
	case -EAGAIN:
		return too_early(name, device);
	case -EOVERFLOW:
		return vdectl_error("%s: its number of resets is as high as can be counted",
				    name);
	case -EBUSY:
		return vdectl_error("%s is open or mounted elsewhere, or a scrub is running",
				    name);
	case -EIO:
		return vdectl_error("%s: the disk beneath failed, now or before: the region is in mode failed; see dmesg",
				    name);
	default:
		return vdectl_device_error(name, "reset it", err);
	}
}

static int reset_device(const char *name, bool yes)
{
	struct vde_ioc_info info;
	struct vde_device device;
	u64 records;
	int ret;

	if (!yes && vdectl_can_confirm(name))
		return VDECTL_ERROR;
	ret = vdectl_open_device(name, VDE_OPEN_WRITE, &device, &info);
	if (ret)
		return ret;
	ret = yes ? VDECTL_OK : confirm(name, &device);
	if (!ret) {
		ret = vde_device_reset(&device, &records);
		ret = ret ? reset_error(name, &device, ret) : VDECTL_OK;
		if (!ret)
			printf("%s: %" PRIu64 " records removed, the region is empty\n",
			       name, records);
	}
	vde_device_close(&device);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	bool yes = false;
	int ret = vdectl_option(command, argc, argv, "yes", &yes);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	return reset_device(vdectl_plain_name(argv[optind]), yes);
}

const struct vdectl_command vdectl_reset = {
	.name = "reset",
	.summary = "start an expired WORM region anew",
	.help =
"NAME [--yes]\n"
"\n"
"Give up everything sealed on the active device NAME, so that its room can be used\n"
"again. Possible only when retention has passed for the newest block, by the\n"
"compliance clock, there is no legal hold and nobody else has the device open; takes\n"
"CAP_SYS_ADMIN. An entry of it stays: see 'vdectl log --resets'.\n"
"\n"
"  --yes   do not ask; without it, the name must be typed on a terminal\n"
"  --help  show this text\n",
	.run = run,
};

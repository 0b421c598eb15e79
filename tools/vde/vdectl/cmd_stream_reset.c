// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream reset: let positions start at 0 again. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "stream.h"

static int confirm(const char *name, const struct vde_device *device)
{
	struct vde_ioc_stream_status status;
	char what[VDECTL_TEXT_SIZE];
	int ret = vde_device_stream_status(device, &status);

	if (ret)
		return vdectl_device_error(name, "read its status", ret);
	snprintf(what, sizeof(what), "all %" PRIu64 " blocks will be given up, and positions start at 0 again",
		 (u64)(status.head - status.tail));
	return vdectl_confirm(name, what);
}

static int reset_error(const char *name, int err)
{
	switch (err) {
	case -EPERM:
		return vdectl_error("%s: a reset takes CAP_SYS_ADMIN", name);
	case -EROFS:
		return vdectl_error("%s is read-only", name);
	case -EIO:
		return vdectl_error("%s: the disk beneath failed, now or before: the region is in mode failed; see dmesg",
				    name);
	default:
		return vdectl_device_error(name, "reset it", err);
	}
}

static int reset_device(const char *name, bool yes)
{
	struct vde_device device;
	int ret = vdectl_open_stream(name, VDE_OPEN_WRITE, &device);

	if (ret)
		return ret;
	ret = yes ? VDECTL_OK : confirm(name, &device);
	if (!ret) {
		ret = vde_device_stream_reset(&device);
		ret = ret ? reset_error(name, ret) : VDECTL_OK;
		if (!ret)
			printf("%s: empty, positions start at 0 again\n", name);
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

const struct vdectl_command vdectl_stream_reset = {
	.name = "stream reset",
	.summary = "give up all, and let positions start at 0 again",
	.help =
"NAME [--yes]\n"
"\n"
"Give up all blocks of the active stream NAME, and let positions start at 0 again.\n"
"What the ring has grown to stays allocated. Takes CAP_SYS_ADMIN.\n"
"\n"
"  --yes   do not ask; without it, the name must be typed on a terminal\n"
"  --help  show this text\n",
	.run = run,
};

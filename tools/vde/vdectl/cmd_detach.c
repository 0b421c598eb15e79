// SPDX-License-Identifier: GPL-2.0-only
/* vdectl detach: close a region's block device. */
#include <errno.h>
#include <unistd.h>

#include "dm.h"

static int detach(const char *name)
{
	struct dm_device device;
	int ret = dm_get(name, &device);
	bool numbered;
	u32 minor;

	numbered = !vde_device_find(name, &minor);
	if (!ret)
		ret = dm_remove(name);
	if (!ret && numbered)
		link_remove(name, minor);
	if (ret == -EBUSY)
		return vdectl_error("%s is open or mounted", name);
	return ret ? vdectl_error("cannot detach %s: %s", name,
				  dm_error_text(ret)) : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	int ret = vdectl_option(command, argc, argv, NULL, NULL);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	return detach(vdectl_plain_name(argv[optind]));
}

const struct vdectl_command vdectl_detach = {
	.name = "detach",
	.summary = "commit and remove an active device",
	.help =
"NAME\n"
"\n"
"Remove the active device NAME. Its region is committed; with the volume's last\n"
"active region the volume is closed cleanly. A device in use stays.\n"
"\n"
"  --help  show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream status: head, tail and fill. */
#include <errno.h>
#include <unistd.h>

#include "stream.h"

static void print_json(const char *name,
		       const struct vde_ioc_stream_status *status)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "name", name);
	json_add_text(object, "mode", stream_mode_name(status->mode));
	stream_add_json(object, status, true);
	json_print(object);
}

static int show_status(const char *name, bool json)
{
	struct vde_ioc_stream_status status;
	struct vde_device device;
	int ret = vdectl_open_stream(name, 0, &device);

	if (ret)
		return ret;
	ret = vde_device_stream_status(&device, &status);
	vde_device_close(&device);
	if (ret)
		return vdectl_device_error(name, "read its status", ret);
	if (json) {
		print_json(name, &status);
	} else {
		printf("name:             %s\n", name);
		printf("mode:             %s\n", stream_mode_name(status.mode));
		stream_print(&status, true);
	}
	return status.mode == VDE_IOC_MODE_FAILED ? VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	bool json = false;
	int ret = vdectl_option(command, argc, argv, "json", &json);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	return show_status(vdectl_plain_name(argv[optind]), json);
}

const struct vdectl_command vdectl_stream_status = {
	.name = "stream status",
	.summary = "show head, tail and fill",
	.help =
"NAME [--json]\n"
"\n"
"Show the state of the active stream NAME. It takes no more than read access to its\n"
"character device; 'vdectl status' tells of the volume, too.\n"
"\n"
"  --json  print JSON\n"
"  --help  show this text\n"
"\n"
"Exit status 1 tells that it is in mode 'failed'.\n",
	.run = run,
};

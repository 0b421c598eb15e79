// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport remove: make an expired passport a tombstone. */
#include <errno.h>
#include <unistd.h>

#include "passport.h"

static int remove_passport(const char *name, const u8 id[16])
{
	struct vde_device device;
	int ret = vdectl_open_vault(name, VDE_OPEN_WRITE, &device);

	if (ret)
		return ret;
	ret = vde_device_vault_remove(&device, id);
	vde_device_close(&device);
	return ret ? passport_error(name, id, "remove", ret) : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	u8 id[16];
	int ret = vdectl_option(command, argc, argv, NULL, NULL);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 2)
		return vdectl_usage(command, "give NAME and ID");
	if (vde_guid_parse(argv[optind + 1], id))
		return vdectl_usage(command, "'%s' is not a UUID",
				    argv[optind + 1]);
	return remove_passport(vdectl_plain_name(argv[optind]), id);
}

const struct vdectl_command vdectl_passport_remove = {
	.name = "passport remove",
	.summary = "remove an expired passport",
	.help =
"NAME ID\n"
"\n"
"Remove the passport ID from the active vault NAME. Only what has expired can be\n"
"removed, by the wall clock and, if a time was attested, by that, too; legal holds and\n"
"releases never. A tombstone stays, which 'passport list --removed' shows; its room\n"
"is not used again. Takes CAP_SYS_ADMIN.\n"
"\n"
"  --help  show this text\n",
	.run = run,
};

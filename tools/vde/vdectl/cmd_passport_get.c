// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport get: show a passport. */
#include <getopt.h>

#include "passport.h"

enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_BINARY,
};

/* A passport that is looked for, and how it shall be shown. */
struct get {
	u8 id[16];
	enum form form;
	bool found;
	int ret;
};

static int show(const struct get *get, const struct vde_passport *parts,
		u32 verdict, u32 traits)
{
	struct passport passport = { .size = parts->size };
	struct json_object *object;

	if (get->form == FORM_BINARY) {
		memcpy(passport.bytes, parts->id, parts->size);
		return passport_put(&passport, 1, true);
	}
	if (get->form == FORM_JSON) {
		object = passport_json(parts);
		passport_add_verdict(object, verdict, traits);
		return json_print(object);
	}
	passport_print(parts, verdict, traits);
	return VDECTL_OK;
}

static int get_from_device(const char *name, const struct get *get)
{
	struct vde_passport parts;
	struct passport passport;
	struct vde_device device;
	u32 verdict, traits;
	int ret = vdectl_open_vault(name, 0, &device);

	if (ret)
		return ret;
	ret = vde_device_vault_get(&device, get->id, passport.bytes,
				   &passport.size, &verdict, &traits);
	vde_device_close(&device);
	if (!ret && vde_passport_decode(passport.bytes, passport.size, &parts))
		ret = -EUCLEAN;
	return ret ? passport_error(name, get->id, "read", ret) :
		     show(get, &parts, verdict, traits);
}

static int visit(void *context, const struct vde_passport *parts, u32 traits)
{
	struct get *get = context;
	bool removed = parts->status == VDE_PASSPORT_REMOVED;

	if (memcmp(parts->id, get->id, sizeof(get->id)))
		return 0;
	get->found = true;
	get->ret = show(get, parts, removed ? VDE_IOC_VERDICT_REMOVED :
			VDE_IOC_VERDICT_UNCHECKED, traits);
	return -ECANCELED;
}

static int get_from_image(struct image *image, struct get *get)
{
	int ret;

	image->context = get;
	image->visit = visit;
	ret = image_visit(image);
	if (get->found)
		return get->ret;
	return ret ? ret : passport_error(image->path, get->id, "read",
					  -ENOENT);
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "image", required_argument, NULL, 'i' },
		{ "region", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "binary", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct image image = {};
	struct get get = {};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'i')
			image.path = optarg;
		else if (option == 'r' &&
			 vdectl_parse_number(optarg, &image.region))
			return vdectl_usage(command, "'%s' is not a region number",
					    optarg);
		else if (option == 'j')
			get.form = FORM_JSON;
		else if (option == 'b')
			get.form = FORM_BINARY;
		else if (option != 'r')
			return vdectl_usage(command, NULL);
	}
	if (argc - optind != (image.path ? 1 : 2))
		return vdectl_usage(command, image.path ? "give one ID" :
				    "give NAME and ID");
	if (vde_guid_parse(argv[argc - 1], get.id))
		return vdectl_usage(command, "'%s' is not a UUID",
				    argv[argc - 1]);
	return image.path ? get_from_image(&image, &get) :
			    get_from_device(vdectl_plain_name(argv[optind]),
					    &get);
}

const struct vdectl_command vdectl_passport_get = {
	.name = "passport get",
	.summary = "show a passport",
	.help =
"NAME ID [--json|--binary]\n"
"       vdectl passport get --image DEVICE [--region N] ID [--json|--binary]\n"
"\n"
"Show the passport ID of the active vault NAME, or of vault N, counted from 0, of the\n"
"volume on a disk or image file.\n"
"\n"
"  --image DEVICE  read DEVICE, without the kernel module\n"
"  --region N      vault N of it; default 0\n"
"  --json          print JSON, as 'passport add' reads it\n"
"  --binary        print it in its stored form\n"
"  --help          show this text\n",
	.run = run,
};

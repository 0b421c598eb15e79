// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport add: store signed passports. */
#include <errno.h>
#include <unistd.h>

#include "passport.h"

/* @list: results for JSON, or NULL. */
struct add {
	const char *name;
	struct json_object *list;
};

/*
 * Would every later one fail like that, too? EROFS may be that of the WORM
 * region that this one is about.
 */
static bool is_fatal(const struct vde_passport *parts, int err)
{
	return err == -EPERM || err == -EIO ||
	       (err == -EROFS && !vde_passport_acts_on_worm(parts)) ||
	       err == -ENOPKG || err == -ENODEV ||
	       err == -ENOTTY || err == -ENOMEM || err == -EUCLEAN;
}

static void report(const struct add *add, const struct vde_passport *parts,
		   bool added)
{
	char id[VDE_UUID_TEXT_SIZE];
	struct json_object *object;

	vde_guid_format(parts->id, id);
	if (!add->list) {
		if (added)
			puts(id);
		return;
	}
	object = json_object_new_object();
	json_add_text(object, "id", id);
	json_add_bool(object, "added", added);
	json_object_array_add(add->list, object);
}

static int add_all(const struct add *add, const struct passport_list *list,
		   const struct vde_device *device)
{
	struct vde_passport parts = {};
	int ret = VDECTL_OK;
	int err = 0;
	u32 i;

	for (i = 0; i < list->count && !is_fatal(&parts, err); i++) {
		passport_parts(&list->passports[i], &parts);
		err = vde_device_vault_add(device, list->passports[i].bytes,
					   list->passports[i].size);
		report(add, &parts, !err);
		if (err)
			ret = passport_add_error(add->name, &parts, err);
	}
	if (i < list->count)
		vdectl_error("%s: the other %u passport(s) were not tried",
			     add->name, list->count - i);
	return ret;
}

/* Found out before any is added. */
static int check_signed(const struct passport_list *list)
{
	struct vde_passport parts;
	char id[VDE_UUID_TEXT_SIZE];
	u32 i;

	for (i = 0; i < list->count; i++) {
		passport_parts(&list->passports[i], &parts);
		vde_guid_format(parts.id, id);
		if (parts.status == VDE_PASSPORT_REMOVED)
			return vdectl_error("passport %s was removed from its vault, and cannot be added",
					    id);
		if (!passport_is_signed(&parts))
			return vdectl_error("passport %s is not signed: see 'vdectl passport sign'",
					    id);
	}
	return VDECTL_OK;
}

static int add_list(struct add *add, const struct passport_list *list)
{
	struct vde_device device;
	int ret = check_signed(list);

	if (!ret)
		ret = vdectl_open_vault(add->name, VDE_OPEN_WRITE, &device);
	if (ret)
		return ret;
	ret = add_all(add, list, &device);
	vde_device_close(&device);
	if (add->list)
		json_print(add->list);
	add->list = NULL;
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct passport_list list = {};
	bool json = false;
	struct add add = {};
	int ret;
	int i;

	ret = vdectl_option(command, argc, argv, "json", &json);
	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (optind == argc)
		return vdectl_usage(command, "give a NAME");
	add.name = vdectl_plain_name(argv[optind]);
	if (optind + 1 == argc)
		ret = passport_read("-", &list);
	for (i = optind + 1; !ret && i < argc; i++)
		ret = passport_read(argv[i], &list);
	if (!ret && json)
		add.list = json_object_new_array();
	if (!ret)
		ret = add_list(&add, &list);
	json_object_put(add.list);
	passport_list_free(&list);
	return ret;
}

const struct vdectl_command vdectl_passport_add = {
	.name = "passport add",
	.summary = "store signed passports",
	.help =
"NAME [FILE|-]... [--json]\n"
"\n"
"Have the kernel verify the signed passports in the FILEs, or of standard input, and\n"
"store them in the active vault NAME. Prints the id of each that was added, which is\n"
"durable then. Files hold one or several passports, as JSON or in their stored form;\n"
"all are read before the first is added. One that the kernel refuses does not keep it\n"
"from trying the others. Takes CAP_SYS_ADMIN.\n"
"\n"
"  --json  print JSON\n"
"  --help  show this text\n",
	.run = run,
};

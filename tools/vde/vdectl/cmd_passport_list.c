// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport list: list passports. */
#include <getopt.h>

#include "passport.h"

#define BATCH 128U

struct list {
	struct vde_ioc_vault_list filter;
	bool json;
	u64 count;
	bool damaged;
};

static struct json_object *entry_json(const struct vde_ioc_passport_entry *entry)
{
	bool removed = entry->traits & VDE_IOC_PASSPORT_REMOVED;
	struct json_object *object = json_object_new_object();

	json_add_guid(object, "id", entry->id);
	json_add_guid(object, "object", entry->object);
	json_add_text(object, "framework",
		      vde_passport_framework_name(entry->framework));
	json_add_text(object, "status",
		      vde_passport_status_name(entry->status));
	json_add_time(object, "issued", entry->issued);
	json_add_time(object, "expires", entry->expires);
	json_add_time(object, removed ? "removed" : "last_verified",
		      entry->verified);
	json_object_object_add(object, "issuer",
			       json_object_new_string_len((const char *)entry->issuer,
							  entry->issuer_length));
	passport_add_verdict(object, entry->verdict, entry->traits);
	json_add_number(object, "bytes", entry->length);
	return object;
}

/* One at a time: a vault may be larger than memory. */
static void print_json(const struct vde_ioc_passport_entry *entry, bool first)
{
	struct json_object *object = entry_json(entry);

	printf("%s\n%s", first ? "" : ",",
	       json_object_to_json_string_ext(object,
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static const char *end_of(const struct vde_ioc_passport_entry *entry,
			  char *text)
{
	if (entry->traits & VDE_IOC_PASSPORT_RELEASED)
		return "released";
	if (entry->traits & VDE_IOC_PASSPORT_EXPIRED)
		return "expired";
	return entry->expires ? vdectl_second_text(text, entry->expires) :
				"never";
}

static void print_row(const struct vde_ioc_passport_entry *entry, bool first)
{
	char object[VDE_UUID_TEXT_SIZE];
	char issued[VDECTL_TEXT_SIZE];
	char expires[VDECTL_TEXT_SIZE];
	char issuer[VDECTL_TEXT_SIZE];
	char id[VDE_UUID_TEXT_SIZE];
	const char *framework = vde_passport_framework_name(entry->framework);
	const char *status = vde_passport_status_name(entry->status);

	if (first)
		printf("%-36s %-16s %-9s %-36s %-20s %-20s %-9s %s\n", "ID",
		       "STATUS", "FRAMEWORK", "OBJECT", "ISSUED", "EXPIRES",
		       "SIGNATURE", "ISSUER");
	vde_guid_format(entry->id, id);
	vde_guid_format(entry->object, object);
	printf("%-36s %-16s %-9s %-36s %-20s %-20s %-9s %s\n", id,
	       status ? status : "?", framework ? framework : "?", object,
	       vdectl_second_text(issued, entry->issued),
	       end_of(entry, expires), passport_verdict_name(entry->verdict),
	       vdectl_safe_text(issuer, entry->issuer,
				strnlen((const char *)entry->issuer,
					VDE_ISSUER_MAX)));
}

static void show(struct list *list, const struct vde_ioc_passport_entry *entry)
{
	if (list->json)
		print_json(entry, !list->count);
	else
		print_row(entry, !list->count);
	list->count++;
	list->damaged |= entry->verdict == VDE_IOC_VERDICT_DAMAGED;
}

static int list_device(const char *name, struct list *list)
{
	struct vde_ioc_passport_entry entries[BATCH];
	struct vde_device device;
	u32 count, i;
	int ret = vdectl_open_vault(name, 0, &device);

	if (ret)
		return ret;
	do {
		count = BATCH;
		ret = vde_device_vault_list(&device, &list->filter, entries,
					    &count);
		for (i = 0; i < count; i++)
			show(list, &entries[i]);
	} while (!ret && count && !ferror(stdout));
	vde_device_close(&device);
	return ret ? passport_error(name, NULL, "list", ret) : VDECTL_OK;
}

static int visit(void *context, const struct vde_passport *parts, u32 traits)
{
	struct list *list = context;
	struct vde_ioc_passport_entry entry;

	vde_vault_entry(parts, traits & VDE_IOC_PASSPORT_REMOVED ?
			VDE_IOC_VERDICT_REMOVED : VDE_IOC_VERDICT_UNCHECKED,
			traits, &entry);
	if (vde_vault_listed(&list->filter, &entry))
		show(list, &entry);
	return ferror(stdout) ? -EPIPE : 0;
}

static int list_passports(const char *name, struct image *image,
			  struct list *list)
{
	int ret;

	if (list->json)
		putchar('[');
	image->context = list;
	image->visit = visit;
	ret = image->path ? image_visit(image) : list_device(name, list);
	if (list->json)
		puts(list->count ? "\n]" : "]");
	if (!ret && list->damaged)
		ret = VDECTL_PROBLEM;
	return ret;
}

/* The filters. Return: VDECTL_OK or VDECTL_ERROR. */
static int take_filter(const struct vdectl_command *command,
		       struct vde_ioc_vault_list *filter, int option)
{
	u32 number = 0;
	int bad = 0;

	switch (option) {
	case 'o':
		filter->flags |= VDE_IOC_VAULT_BY_OBJECT;
		bad = vde_guid_parse(optarg, filter->object);
		break;
	case 'f':
		filter->flags |= VDE_IOC_VAULT_BY_FRAMEWORK;
		bad = passport_parse_framework(optarg, &number);
		filter->framework = number;
		break;
	case 's':
		filter->flags |= VDE_IOC_VAULT_BY_STATUS;
		bad = passport_parse_status(optarg, &number);
		filter->status = number;
		break;
	case 'I':
		filter->flags |= VDE_IOC_VAULT_BY_ISSUER;
		bad = strlen(optarg) > VDE_ISSUER_MAX;
		if (bad)
			break;
		memset(filter->issuer, 0, sizeof(filter->issuer));
		filter->issuer_length = strlen(optarg);
		memcpy(filter->issuer, optarg, filter->issuer_length);
		break;
	case 'e':
		filter->flags |= VDE_IOC_VAULT_EXPIRED;
		break;
	case 'R':
		filter->flags |= VDE_IOC_VAULT_REMOVED;
		break;
	default:
		return vdectl_usage(command, NULL);
	}
	return bad ? vdectl_usage(command, "no passport has '%.60s'", optarg) :
		     VDECTL_OK;
}

static const struct option long_options[] = {
	{ "object", required_argument, NULL, 'o' },
	{ "framework", required_argument, NULL, 'f' },
	{ "status", required_argument, NULL, 's' },
	{ "issuer", required_argument, NULL, 'I' },
	{ "expired", no_argument, NULL, 'e' },
	{ "removed", no_argument, NULL, 'R' },
	{ "image", required_argument, NULL, 'i' },
	{ "region", required_argument, NULL, 'r' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct image image = {};
	struct list list = {};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'i')
			image.path = optarg;
		else if (option == 'j')
			list.json = true;
		else if (option != 'r' &&
			 take_filter(command, &list.filter, option))
			return VDECTL_ERROR;
		else if (option == 'r' &&
			 vdectl_parse_number(optarg, &image.region))
			return vdectl_usage(command, "'%s' is not a region number",
					    optarg);
	}
	if (argc - optind != !image.path)
		return vdectl_usage(command, "give one NAME, or --image DEVICE");
	return list_passports(image.path ? NULL :
			      vdectl_plain_name(argv[optind]), &image, &list);
}

const struct vdectl_command vdectl_passport_list = {
	.name = "passport list",
	.summary = "list passports",
	.help =
"NAME [FILTER]... [--json]\n"
"       vdectl passport list --image DEVICE [--region N] [FILTER]... [--json]\n"
"\n"
"List the passports of the active vault NAME, in the order in which they were added,\n"
"or those of vault N, counted from 0, of the volume on a disk or image file; of these\n"
"no signature is verified: see 'passport verify'. All filters given must hold:\n"
"\n"
"  --object UUID   about that object\n"
"  --framework F   of that framework\n"
"  --status S      of that status; 'removed' lists those that were removed\n"
"  --issuer NAME   of that issuer\n"
"  --expired       expired, by the wall clock\n"
"  --removed       also those that were removed\n"
"\n"
"  --image DEVICE  read DEVICE, without the kernel module\n"
"  --region N      vault N of it; default 0\n"
"  --json          print JSON: an array\n"
"  --help          show this text\n"
"\n"
"Exit status 1 tells that there is a passport that cannot be read any more.\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl retention: how long data is kept. */
#include <getopt.h>
#include <inttypes.h>
#include <unistd.h>

#include "dm.h"

/*
 * @period is the new one when @extend is set; @committed is the time of the
 * commit that served, 0 when an active device did.
 */
struct keep {
	const char *name;
	bool json;
	bool extend;
	s64 period;
	bool has_region;
	u64 region;
	u64 hwm;
	s64 committed;
	struct vde_retention retention;
};

static void print_text(const struct keep *keep)
{
	const struct vde_retention *retention = &keep->retention;
	char text[VDECTL_TEXT_SIZE];

	if (keep->committed)
		printf("as of commit:     %s\n",
		       vdectl_time_text(text, keep->committed));
	printf("retention:        %s\n",
	       vdectl_duration_text(text, retention->period));
	printf("compliance clock: %s\n",
	       vdectl_clock_text(text, retention->clock));
	if (keep->hwm) {
		printf("newest sealed at: %s\n",
		       vdectl_clock_text(text, retention->sealed_clock));
		printf("remaining:        %s\n",
		       retention->remaining == VDE_IOC_RETENTION_NEVER ?
		       "for ever" :
		       vdectl_clock_text(text, retention->remaining));
	}
	printf("may expire:       %s\n",
	       vdectl_expiry_text(text, retention, keep->hwm));
	printf("legal hold:       %s\n", retention->held ? "yes" : "no");
	printf("resets:           %" PRIu64 "\n", retention->resets);
}

static void print_json(const struct keep *keep)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "name", keep->name);
	json_add_time(object, "commit_time", keep->committed);
	json_add_retention(object, &keep->retention, keep->hwm);
	json_print(object);
}

static int print_retention(const struct keep *keep)
{
	if (keep->json)
		print_json(keep);
	else
		print_text(keep);
	return VDECTL_OK;
}

static int extend_error(const struct keep *keep, int err)
{
	char text[VDECTL_TEXT_SIZE];

	switch (err) {
	case -EPERM:
		return vdectl_error("%s: extending retention takes CAP_SYS_ADMIN",
				    keep->name);
	case -EINVAL:
		return vdectl_error("%s: retention is %s and can only be extended",
				    keep->name,
				    vdectl_duration_text(text, keep->retention.period));
	case -EROFS:
		return vdectl_error("%s is read-only", keep->name);
	default:
		return vdectl_device_error(keep->name, "extend its retention",
					   err);
	}
}

static int ask_device(struct keep *keep, const struct vde_device *device)
{
	struct vde_ioc_status status;
	int ret = vde_device_retention(device, &keep->retention);

	if (ret)
		return vdectl_device_error(keep->name, "read its retention",
					   ret);
	if (keep->extend) {
		ret = vde_device_extend_retention(device, keep->period,
						  &keep->retention);
		if (ret)
			return extend_error(keep, ret);
	}
	ret = vde_device_status(device, &status);
	if (ret)
		return vdectl_device_error(keep->name, "read its status", ret);
	keep->hwm = status.hwm;
	return print_retention(keep);
}

static int visit(const struct vde_volume *volume,
		 const struct vde_region *region, void *context)
{
	struct keep *keep = context;

	(void)volume;
	vde_region_retention(region, &keep->retention);
	keep->hwm = vde_region_hwm(region);
	keep->committed = le64_to_cpu(vde_region_commit(region)->time);
	return print_retention(keep);
}

static int show_active(struct keep *keep)
{
	struct vde_device device;
	struct vde_ioc_info info;
	int ret;

	ret = vdectl_open_device(keep->name, keep->extend ? VDE_OPEN_WRITE : 0,
				 &device, &info);
	if (ret)
		return ret;
	ret = ask_device(keep, &device);
	vde_device_close(&device);
	return ret;
}

/* An active device goes before a file of the same name. */
static int show_retention(struct keep *keep, const char *argument)
{
	u32 minor;

	keep->name = vdectl_plain_name(argument);
	if (!vde_device_find(keep->name, &minor)) {
		if (keep->has_region)
			return vdectl_error("%s is active and one region; name the disk to see another",
					    keep->name);
		return show_active(keep);
	}
	if (access(argument, F_OK))
		return vdectl_error("%s is neither an active device nor a volume: %s",
				    argument, strerror(errno));
	if (keep->extend)
		return vdectl_error("%s is not active: only an active region's retention can be extended",
				    argument);
	keep->name = argument;
	return vdectl_visit_region(argument, keep->region, visit, keep);
}

static int take_period(const struct vdectl_command *command, struct keep *keep)
{
	keep->extend = true;
	if (vdectl_parse_duration(optarg, &keep->period) ||
	    !strcmp(optarg, "0"))
		return vdectl_usage(command, "period '%s' is neither 'forever' nor a number with s, m, h, d, w or y",
				    optarg);
	return VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "extend", required_argument, NULL, 'e' },
		{ "region", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct keep keep = {};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'j') {
			keep.json = true;
		} else if (option == 'e') {
			if (take_period(command, &keep))
				return VDECTL_ERROR;
		} else if (option == 'r') {
			keep.has_region = true;
			if (vdectl_parse_number(optarg, &keep.region))
				return vdectl_usage(command, "'%s' is not a number",
						    optarg);
		} else {
			return vdectl_usage(command, NULL);
		}
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME or DEVICE");
	return show_retention(&keep, argv[optind]);
}

const struct vdectl_command vdectl_retention = {
	.name = "retention",
	.summary = "show how long data is kept, or extend that",
	.help =
"NAME [--extend PERIOD|forever] [--json]\n"
"       vdectl retention DEVICE [--region N] [--json]\n"
"\n"
"Show how long sealed data of the active device NAME, or of a region of the volume\n"
"on DEVICE, is kept at least, by the compliance clock, which runs only while the\n"
"region is active.\n"
"\n"
"  --extend PERIOD  keep it for longer: a number with s, m, h, d, w or y (366\n"
"                   days), or 'forever'; cannot be undone\n"
"  --region N       WORM region N of DEVICE; default 0\n"
"  --json           print JSON\n"
"  --help           show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl check: is a volume in order? */
#include <getopt.h>
#include <inttypes.h>

#include "progress.h"

/* A ruined disk has a finding a block; nobody reads that many. */
#define MAX_FINDINGS 1000U

static const char * const severity_names[] = {
	[VDE_NOTE] = "note",
	[VDE_WARNING] = "warning",
	[VDE_ERROR] = "error",
};

#define SEVERITIES ARRAY_SIZE(severity_names)

/* The findings of a check; @list is NULL unless JSON is wanted. */
struct report {
	struct json_object *list;
	u64 count[SEVERITIES];
	u64 shown;
	struct progress progress;
};

static void print_finding(const struct vde_finding *finding)
{
	const struct vde_region *region = finding->region;

	printf("%s: ", severity_names[finding->severity]);
	if (region)
		printf("%s region %u: ",
		       vde_region_kind_name(region->geo->kind), region->nr);
	if (finding->record != VDE_NOWHERE)
		printf("data block %" PRIu64 ": ", finding->record);
	printf("%s", vde_fault_phrase(finding->fault));
	if (finding->block != VDE_NOWHERE)
		printf(" (volume block %" PRIu64 ")", finding->block);
	putchar('\n');
}

static void add_place(struct json_object *object, const char *key, u64 place)
{
	if (place == VDE_NOWHERE)
		json_add_null(object, key);
	else
		json_add_number(object, key, place);
}

static struct json_object *finding_json(const struct vde_finding *finding)
{
	const struct vde_region *region = finding->region;
	struct json_object *object = json_object_new_object();

	json_add_text(object, "severity", severity_names[finding->severity]);
	json_add_text(object, "fault", vdectl_fault_name(finding->fault));
	json_add_text(object, "message", vde_fault_phrase(finding->fault));
	add_place(object, "block", finding->block);
	json_add_text(object, "kind", region ?
		      vde_region_kind_name(region->geo->kind) : NULL);
	add_place(object, "region", region ? region->nr : VDE_NOWHERE);
	add_place(object, "record", finding->record);
	return object;
}

static void take_finding(void *context, const struct vde_finding *finding)
{
	struct report *report = context;

	report->count[finding->severity]++;
	if (report->shown == MAX_FINDINGS)
		return;
	report->shown++;
	progress_clear(&report->progress);
	if (report->list)
		json_object_array_add(report->list, finding_json(finding));
	else
		print_finding(finding);
}

static void take_progress(void *context, u64 done, u64 total)
{
	struct report *report = context;

	progress_show(&report->progress, done, total);
}

static void print_summary(const struct report *report,
			  const struct vde_check *check)
{
	const struct vde_volume *volume = check->volume;
	u64 all = report->count[VDE_NOTE] + report->count[VDE_WARNING] +
		  report->count[VDE_ERROR];
	char text[VDECTL_TEXT_SIZE];

	if (all > report->shown)
		printf("... and %" PRIu64 " findings more\n",
		       all - report->shown);
	if (volume->has_layout) {
		printf("%u region(s), %" PRIu64 " sealed blocks",
		       volume->layout.count, check->total);
		if (check->entries)
			printf(", %" PRIu64 " blocks in streams",
			       check->entries);
		if (check->passports)
			printf(", %" PRIu64 " passports in vaults",
			       check->passports);
		printf("%s\n", vde_volume_dirty(volume) ?
		       "; not closed cleanly, the next attach recovers it" : "");
		if (check->data)
			printf("%" PRIu64 " blocks of data (%s) compared\n",
			       check->done,
			       vdectl_size_text(text, check->done));
	}
	if (report->count[VDE_WARNING] + report->count[VDE_ERROR])
		printf("%" PRIu64 " error(s), %" PRIu64 " warning(s)\n",
		       report->count[VDE_ERROR], report->count[VDE_WARNING]);
	else
		puts("no damage found");
}

static void print_report_json(const struct report *report, const char *path,
			      const struct vde_check *check)
{
	const struct vde_volume *volume = check->volume;
	struct json_object *object = json_object_new_object();

	json_add_text(object, "device", path);
	if (volume->group) {
		json_add_guid(object, "volume_uuid",
			      volume->group->superblock.uuid);
		json_add_bool(object, "dirty", vde_volume_dirty(volume));
	} else {
		json_add_null(object, "volume_uuid");
		json_add_null(object, "dirty");
	}
	add_place(object, "regions", volume->has_layout ?
		  volume->layout.count : VDE_NOWHERE);
	json_add_number(object, "sealed_blocks", check->total);
	json_add_number(object, "stream_blocks", check->entries);
	json_add_number(object, "passports", check->passports);
	json_add_bool(object, "data_checked", check->data);
	json_add_number(object, "data_blocks_compared", check->done);
	json_add_number(object, "notes", report->count[VDE_NOTE]);
	json_add_number(object, "warnings", report->count[VDE_WARNING]);
	json_add_number(object, "errors", report->count[VDE_ERROR]);
	json_object_object_add(object, "findings", report->list);
	json_print(object);
}

static int check_path(const char *path, bool data, bool json)
{
	struct report report = { .list = json ? json_object_new_array() : NULL };
	struct vde_volume volume;
	struct vde_check check = {
		.volume = &volume,
		.data = data,
		.context = &report,
		.finding = take_finding,
		.progress = take_progress,
	};
	int ret;

	ret = vde_volume_open(&volume, path, VDE_OPEN_EXCLUSIVE);
	if (ret) {
		json_object_put(report.list);
		return vdectl_open_error(path, ret);
	}
	progress_start(&report.progress);
	ret = vde_check_volume(&check);
	progress_clear(&report.progress);
	if (json)
		print_report_json(&report, path, &check);
	else
		print_summary(&report, &check);
	vde_volume_close(&volume);
	if (ret)
		return vdectl_error("%s: %s", path, strerror(-ret));
	if (!volume.has_layout && vde_fault_errno(volume.fault) != -EUCLEAN &&
	    volume.fault != VDE_FAULT_DEVICE_SHORT)
		return VDECTL_ERROR;
	return report.count[VDE_WARNING] + report.count[VDE_ERROR] ?
	       VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "data", no_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool data = false;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'd')
			data = true;
		else if (option == 'j')
			json = true;
		else
			return vdectl_usage(command, NULL);
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one DEVICE");
	return check_path(argv[optind], data, json);
}

const struct vdectl_command vdectl_check = {
	.name = "check",
	.summary = "check a volume that is not active",
	.help =
"DEVICE [--data] [--json]\n"
"\n"
"Check the volume on DEVICE, which must not be active, against every rule of the\n"
"format: trailers, superblocks, directory, commits, write records, positions of\n"
"streams, whose data carries nothing to check it by, and passports, whose signatures\n"
"'vdectl passport verify --image' verifies. Nothing is written.\n"
"\n"
"  --data  compare the SHA-256 of every sealed block with its write record, too\n"
"  --json  print JSON\n"
"  --help  show this text\n"
"\n"
"An error is damage to the volume's state or to sealed data. A warning is damage\n"
"that an intact double makes up for. A note is a state that a power cut may leave\n"
"and the next attach puts right. Exit status: 0 nothing worse than notes, 1\n"
"warnings or errors, 2 usage or system error or no volume.\n",
	.run = run,
};

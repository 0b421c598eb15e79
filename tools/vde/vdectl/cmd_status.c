// SPDX-License-Identifier: GPL-2.0-only
/* vdectl status: what the active devices are doing. */
#include <getopt.h>
#include <inttypes.h>

#include "dm.h"

/* Numbers of a worm status line after <hwm>/<capacity>, in its order. */
static const char * const worm_counters[] = {
	"committed_hwm", "records", "refused_sealed", "refused_gap",
	"refused_full", "refused_op", "corrupt", "inflight_blocks",
};

#define COUNTERS ARRAY_SIZE(worm_counters)

enum {
	COUNTER_COMMITTED,
	COUNTER_RECORDS,
	COUNTER_SEALED,
	COUNTER_GAP,
	COUNTER_FULL,
	COUNTER_OP,
	COUNTER_CORRUPT,
	COUNTER_INFLIGHT,
};

/* An active device: what the kernel says, and what lies on its disk. */
struct status {
	const struct dm_device *device;
	char kind[16];
	bool understood;
	u64 region;
	u64 hwm;
	u64 capacity;
	u64 counters[COUNTERS];
	char mode[16];
	char path[DM_PARAMS_SIZE];
	bool has_volume;
	bool has_retention;
	char label[VDECTL_TEXT_SIZE];
	char volume_uuid[VDE_UUID_TEXT_SIZE];
	char region_uuid[VDE_UUID_TEXT_SIZE];
	__le64 retention;
};

struct status_walk {
	struct json_object *list;
	u32 count;
	int ret;
};

/* <region> <hwm>/<capacity> <counters...> <mode>, maybe more one day */
static bool parse_worm_line(struct status *status)
{
	const char *line = status->device->status;
	char word[64];
	u32 i;

	if (!table_word(line, 0, word, sizeof(word)) ||
	    vdectl_parse_number(word, &status->region) ||
	    !table_word(line, 1, word, sizeof(word)) ||
	    sscanf(word, "%" SCNu64 "/%" SCNu64, &status->hwm,
		   &status->capacity) != 2)
		return false;
	for (i = 0; i < COUNTERS; i++)
		if (!table_word(line, 2 + i, word, sizeof(word)) ||
		    vdectl_parse_number(word, &status->counters[i]))
			return false;
	return table_word(line, 2 + COUNTERS, status->mode,
			  sizeof(status->mode));
}

static void read_region(const struct vde_volume *volume, struct status *status)
{
	const struct vde_geometry *geo = NULL;
	struct vde_region region;

	if (status->region < VDE_MAX_REGIONS)
		geo = vde_layout_find(&volume->layout, VDE_REGION_WORM,
				      status->region);
	if (!geo || vde_region_load(volume, geo - volume->layout.regions,
				    &region))
		return;
	vde_guid_format(region.uuid, status->region_uuid);
	if (!region.fault) {
		status->retention =
			vde_region_commit(&region)->state.worm.retention;
		status->has_retention = true;
	}
	vde_region_free(&region);
}

/* A disk that cannot be read does not keep the kernel's numbers back. */
static void read_volume(struct status *status)
{
	struct vde_volume volume;

	if (table_device_path(status->device, status->path,
			      sizeof(status->path))) {
		table_word(status->device->table, 0, status->path,
			   sizeof(status->path));
		return;
	}
	if (vde_volume_open(&volume, status->path, 0))
		return;
	if (volume.has_layout) {
		status->has_volume = true;
		vde_guid_format(volume.group->superblock.uuid,
				status->volume_uuid);
		vdectl_label_text(status->label, &volume.group->superblock);
		if (status->understood)
			read_region(&volume, status);
	}
	vde_volume_close(&volume);
}

static void fill_status(const struct dm_device *device, struct status *status)
{
	memset(status, 0, sizeof(*status));
	status->device = device;
	if (!table_word(device->table, 1, status->kind, sizeof(status->kind)))
		status->kind[0] = '?';
	status->understood = !strcmp(status->kind, "worm") &&
			     parse_worm_line(status);
	read_volume(status);
}

static bool troubled(const struct status *status)
{
	return !strcmp(status->mode, "failed") ||
	       status->counters[COUNTER_CORRUPT];
}

static struct json_object *status_json(const struct status *status)
{
	struct json_object *object = json_object_new_object();
	u32 i;

	json_add_text(object, "name", status->device->name);
	json_add_text(object, "kind", status->kind);
	json_add_text(object, "device", status->path);
	json_add_bool(object, "suspended", status->device->suspended);
	json_add_text(object, "status", status->device->status);
	if (status->understood) {
		json_add_number(object, "region", status->region);
		json_add_text(object, "mode", status->mode);
		json_add_number(object, "hwm", status->hwm);
		json_add_number(object, "capacity", status->capacity);
		for (i = 0; i < COUNTERS; i++)
			json_add_number(object, worm_counters[i],
					status->counters[i]);
	}
	json_add_text(object, "label",
		      status->has_volume ? status->label : NULL);
	json_add_text(object, "volume_uuid",
		      status->has_volume ? status->volume_uuid : NULL);
	json_add_text(object, "region_uuid",
		      *status->region_uuid ? status->region_uuid : NULL);
	if (status->has_retention)
		json_add_ticks(object, "retention_ticks", status->retention);
	else
		json_add_null(object, "retention_ticks");
	return object;
}

static void print_row(const struct status *status, bool first)
{
	char used[48];
	u64 refused;

	if (first)
		printf("%-16s %-6s %6s %25s %12s %8s %8s %8s %-6s %s\n",
		       "NAME", "KIND", "REGION", "HWM/CAPACITY", "COMMITTED",
		       "REFUSED", "CORRUPT", "INFLIGHT", "MODE", "DEVICE");
	if (!status->understood) {
		printf("%-16s %-6s %s\n", status->device->name, status->kind,
		       status->device->status);
		return;
	}
	refused = status->counters[COUNTER_SEALED] +
		  status->counters[COUNTER_GAP] +
		  status->counters[COUNTER_FULL] +
		  status->counters[COUNTER_OP];
	snprintf(used, sizeof(used), "%" PRIu64 "/%" PRIu64, status->hwm,
		 status->capacity);
	printf("%-16s %-6s %6" PRIu64 " %25s %12" PRIu64 " %8" PRIu64
	       " %8" PRIu64 " %8" PRIu64 " %-6s %s\n",
	       status->device->name, status->kind, status->region, used,
	       status->counters[COUNTER_COMMITTED], refused,
	       status->counters[COUNTER_CORRUPT],
	       status->counters[COUNTER_INFLIGHT], status->mode, status->path);
}

static void print_details(const struct status *status)
{
	char text[VDECTL_TEXT_SIZE];
	const u64 *counters = status->counters;

	printf("name:             %s\n", status->device->name);
	printf("device:           %s\n", status->path);
	if (status->has_volume)
		printf("volume label:     %s\nvolume UUID:      %s\n",
		       status->label, status->volume_uuid);
	if (!status->understood) {
		printf("kind:             %s\nstatus line:      %s\n",
		       status->kind, status->device->status);
		return;
	}
	printf("region:           %s %" PRIu64 "\n", status->kind,
	       status->region);
	printf("region UUID:      %s\n", status->region_uuid);
	if (status->has_retention)
		printf("retention:        %s\n",
		       vdectl_duration_text(text, (s64)le64_to_cpu(status->retention)));
	printf("mode:             %s%s\n", status->mode,
	       status->device->suspended ? ", suspended" : "");
	printf("high-water mark:  %" PRIu64 " of %" PRIu64 " blocks (%s sealed)\n",
	       status->hwm, status->capacity,
	       vdectl_size_text(text, status->hwm));
	printf("committed:        %" PRIu64 " blocks\n",
	       counters[COUNTER_COMMITTED]);
	printf("write records:    %" PRIu64 "\n", counters[COUNTER_RECORDS]);
	printf("in flight:        %" PRIu64 " blocks\n",
	       counters[COUNTER_INFLIGHT]);
	printf("refused:          %" PRIu64 " sealed, %" PRIu64 " gap, %" PRIu64
	       " full, %" PRIu64 " op\n", counters[COUNTER_SEALED],
	       counters[COUNTER_GAP], counters[COUNTER_FULL],
	       counters[COUNTER_OP]);
	printf("corrupt reads:    %" PRIu64 "\n", counters[COUNTER_CORRUPT]);
}

static int visit(const struct dm_device *device, void *context)
{
	struct status_walk *walk = context;
	struct status status;

	fill_status(device, &status);
	if (walk->list)
		json_object_array_add(walk->list, status_json(&status));
	else
		print_row(&status, !walk->count);
	walk->count++;
	if (troubled(&status))
		walk->ret = VDECTL_PROBLEM;
	return 0;
}

static int show_all(bool json)
{
	struct status_walk walk = {
		.list = json ? json_object_new_array() : NULL,
	};
	int ret = dm_each(visit, &walk);

	if (ret) {
		json_object_put(walk.list);
		return vdectl_error("cannot list the active devices: %s",
				    dm_error_text(ret));
	}
	if (json)
		json_print(walk.list);
	else if (!walk.count)
		puts("no active vde devices");
	return walk.ret;
}

static int show_one(const char *name, bool json)
{
	struct dm_device device;
	struct status status;
	int ret = dm_get(name, &device);

	if (ret)
		return vdectl_error("%s: %s", name, dm_error_text(ret));
	fill_status(&device, &status);
	if (json)
		json_print(status_json(&status));
	else
		print_details(&status);
	return troubled(&status) ? VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option != 'j')
			return vdectl_usage(command, NULL);
		json = true;
	}
	if (argc - optind > 1)
		return vdectl_usage(command, "give one NAME at most");
	return optind < argc ? show_one(argv[optind], json) : show_all(json);
}

const struct vdectl_command vdectl_status = {
	.name = "status",
	.summary = "show active devices",
	.help =
"[NAME] [--json]\n"
"\n"
"Show the active device NAME in detail, or all of them in a table.\n"
"\n"
"  --json  print JSON: an object for NAME, else an array\n"
"  --help  show this text\n"
"\n"
"Exit status 1 tells that a device is in mode 'failed' or found corrupt data.\n",
	.run = run,
};

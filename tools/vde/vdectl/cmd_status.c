// SPDX-License-Identifier: GPL-2.0-only
/* vdectl status: what the active devices are doing. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "status.h"
#include "vault.h"

enum table {
	TABLE_OTHERS,
	TABLE_STREAMS,
	TABLE_VAULTS,
	TABLES
};

/*
 * A walk over all devices. A table has the streams, the vaults or all others, JSON
 * all; @count is that of the table, or of the list.
 */
struct status_walk {
	struct json_object *list;
	enum table table;
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
	enum vde_region_kind kind = status->is_stream ? VDE_REGION_STREAM :
				    status->is_vault ? VDE_REGION_VAULT :
						       VDE_REGION_WORM;
	const struct vde_geometry *geo = NULL;
	struct vde_region region;

	if (status->region < VDE_MAX_REGIONS)
		geo = vde_layout_find(&volume->layout, kind, status->region);
	if (!geo || vde_region_load(volume, geo - volume->layout.regions,
				    &region))
		return;
	vde_guid_format(region.uuid, status->region_uuid);
	if (!region.fault && kind == VDE_REGION_WORM) {
		vde_region_retention(&region, &status->retention);
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
		status->last_scrub =
			le64_to_cpu(volume.group->superblock.last_scrub);
		if (status->understood)
			read_region(&volume, status);
	}
	vde_volume_close(&volume);
}

/* What the status line does not tell, all of it from the same moment. */
static void ask_stream(struct status *status, const struct vde_device *device)
{
	struct vde_ioc_stream_status stream;

	if (vde_device_stream_status(device, &stream))
		return;
	status->stream = stream;
	status->asked = true;
}

static void ask_vault(struct status *status, const struct vde_device *device)
{
	struct vde_ioc_vault_status vault;

	if (vde_device_vault_status(device, &vault))
		return;
	status->vault = vault;
	status->asked = true;
}

static void ask_worm(struct status *status, const struct vde_device *device)
{
	if (!vde_device_retention(device, &status->retention))
		status->has_retention = true;
	if (!vde_device_scrub_status(device, &status->scrub)) {
		status->has_scrub = true;
		status->last_scrub = status->scrub.last_scrub;
	}
}

/* What the character device knows better than the newest commit. */
static void ask_device(struct status *status)
{
	struct vde_device device;

	if (vde_device_open(&device, status->device->name, 0))
		return;
	if (status->is_stream)
		ask_stream(status, &device);
	else if (status->is_vault)
		ask_vault(status, &device);
	else
		ask_worm(status, &device);
	vde_device_close(&device);
}

static void fill_status(const struct dm_device *device, struct status *status)
{
	memset(status, 0, sizeof(*status));
	status->device = device;
	if (!table_word(device->table, 1, status->kind, sizeof(status->kind)))
		status->kind[0] = '?';
	if (!strcmp(status->kind, "worm"))
		status->understood = parse_worm_line(status);
	else if (!strcmp(status->kind, "stream"))
		status->understood = status_parse_stream(status);
	else if (!strcmp(status->kind, "vault"))
		status->understood = status_parse_vault(status);
	status->is_stream = status->understood &&
			    !strcmp(status->kind, "stream");
	status->is_vault = status->understood &&
			   !strcmp(status->kind, "vault");
	read_volume(status);
	if (status->understood)
		ask_device(status);
}

static bool troubled(const struct status *status)
{
	return !strcmp(status->mode, "failed") ||
	       status->counters[COUNTER_CORRUPT] ||
	       (status->is_vault && (status->vault.bad ||
				     status->vault.state &
				     VDE_IOC_VAULT_DAMAGED));
}

static enum table table_of(const struct status *status)
{
	return status->is_stream ? TABLE_STREAMS :
	       status->is_vault ? TABLE_VAULTS : TABLE_OTHERS;
}

static int visit(const struct dm_device *device, void *context)
{
	struct status_walk *walk = context;
	struct status status;

	fill_status(device, &status);
	if (!walk->list && table_of(&status) != walk->table)
		return 0;
	if (walk->list)
		json_object_array_add(walk->list, status_json(&status));
	else if (status.is_stream)
		status_print_stream_row(&status, !walk->count);
	else if (status.is_vault)
		status_print_vault_row(&status, !walk->count);
	else
		status_print_row(&status, !walk->count);
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
	u32 all = 0;
	int ret = 0;

	for (; !ret && walk.table < (json ? 1 : TABLES); walk.table++) {
		walk.count = 0;
		ret = dm_each(visit, &walk);
		all += walk.count;
	}
	if (ret) {
		json_object_put(walk.list);
		return vdectl_error("cannot list the active devices: %s",
				    dm_error_text(ret));
	}
	if (json)
		json_print(walk.list);
	else if (!all)
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
		status_print_details(&status);
	return troubled(&status) ? VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	bool json = false;
	int ret = vdectl_option(command, argc, argv, "json", &json);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind > 1)
		return vdectl_usage(command, "give one NAME at most");
	return optind < argc ? show_one(vdectl_plain_name(argv[optind]), json) :
			       show_all(json);
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
"Exit status 1 tells that a device is in mode 'failed', found corrupt data, or is a\n"
"vault with bad signatures or damaged.\n",
	.run = run,
};

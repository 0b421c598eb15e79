// SPDX-License-Identifier: GPL-2.0-only
/* vdectl dump: what lies on a volume, readable. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "vdectl.h"

/*
 * One tree of values serves both forms: --json prints it as it is, else each
 * member becomes an indented line.
 */
static void add_time(struct json_object *object, const char *key, __le64 ticks)
{
	json_add_time(object, key, (s64)le64_to_cpu(ticks));
}

static void add_hex(struct json_object *object, const char *key, u32 value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%x", value);
	json_add_text(object, key, text);
}

static void add_fault(struct json_object *object, const char *key,
		      enum vde_fault fault)
{
	json_add_text(object, key, fault ? vde_fault_phrase(fault) : "valid");
}

static void add_tag(struct json_object *object, u32 tag)
{
	char text[5];
	u32 i;

	for (i = 0; i < 4; i++) {
		text[i] = tag >> (24 - 8 * i);
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	}
	text[4] = '\0';
	json_add_text(object, "tag", text);
}

static struct json_object *dump_group(const struct vde_group *group)
{
	const struct vde_disk_superblock *sb = &group->superblock;
	struct json_object *object = json_object_new_object();
	char text[VDECTL_TEXT_SIZE];

	add_fault(object, "check", vde_group_check(group));
	if (memcmp(sb->magic, VDE_MAGIC, sizeof(sb->magic)))
		return object;
	snprintf(text, sizeof(text), "%u.%u", sb->major, sb->minor);
	json_add_text(object, "version", text);
	json_add_number(object, "min_reader", le16_to_cpu(sb->min_reader));
	json_add_number(object, "min_writer", le16_to_cpu(sb->min_writer));
	json_add_number(object, "sequence", le64_to_cpu(sb->sequence));
	json_add_bool(object, "dirty",
		      le32_to_cpu(sb->compat) & VDE_COMPAT_DIRTY);
	json_add_guid(object, "uuid", sb->uuid);
	json_add_text(object, "label", vdectl_label_text(text, sb));
	add_hex(object, "incompatible", le32_to_cpu(sb->incompat));
	add_hex(object, "read_only_compatible", le32_to_cpu(sb->ro_compat));
	add_hex(object, "compatible", le32_to_cpu(sb->compat));
	add_hex(object, "modules", le32_to_cpu(sb->modules));
	json_add_number(object, "block_size", le32_to_cpu(sb->block_size));
	json_add_number(object, "total_blocks", le64_to_cpu(sb->total_blocks));
	json_add_number(object, "free_blocks", le64_to_cpu(sb->free_blocks));
	json_add_number(object, "expected_bytes", le64_to_cpu(sb->expected_bytes));
	json_add_number(object, "worm_hwm", le64_to_cpu(sb->worm_hwm));
	add_time(object, "created", sb->created);
	add_time(object, "modified", sb->modified);
	add_time(object, "last_scrub", sb->last_scrub);
	json_add_guid(object, "writer_session", sb->writer_session);
	add_time(object, "writer_time", sb->writer_time);
	json_add_text(object, "merkle_root",
		      vdectl_hex_text(text, group->anchor.payload,
				      SHA256_DIGEST_SIZE));
	return object;
}

static struct json_object *dump_directory(const struct vde_head *head)
{
	const struct vde_disk_slot *slot = head->directory.slots;
	struct json_object *object = json_object_new_object();
	struct json_object *slots = json_object_new_array();
	struct json_object *entry;
	u32 i;

	add_fault(object, "check",
		  vde_layout_check_directory(&head->directory,
					     &head->directory_header));
	json_add_number(object, "active",
			le16_to_cpu(head->directory_header.active));
	for (i = 0; i < VDE_SLOTS; i++, slot++) {
		if (!slot->tag && !slot->flags && !slot->start && !slot->count)
			continue;
		entry = json_object_new_object();
		json_add_number(entry, "slot", i);
		add_tag(entry, le32_to_cpu(slot->tag));
		add_hex(entry, "flags", le32_to_cpu(slot->flags));
		json_add_number(entry, "start", le64_to_cpu(slot->start));
		json_add_number(entry, "count", le64_to_cpu(slot->count));
		json_add_number(entry, "used", le64_to_cpu(slot->used));
		json_object_array_add(slots, entry);
	}
	json_object_object_add(object, "slots", slots);
	return object;
}

static void dump_worm_state(struct json_object *object,
			    const struct vde_disk_worm_header *state)
{
	char text[VDECTL_TEXT_SIZE];

	json_add_number(object, "hwm", le64_to_cpu(state->hwm));
	json_add_number(object, "capacity", le64_to_cpu(state->capacity));
	json_add_ticks(object, "retention_ticks", state->retention);
	json_add_text(object, "retention",
		      vdectl_duration_text(text, (s64)le64_to_cpu(state->retention)));
	add_time(object, "created", state->created);
	json_add_number(object, "records",
			(u64)le32_to_cpu(state->records_high) << 32 |
			le32_to_cpu(state->records_low));
}

static void dump_stream_state(struct json_object *object,
			      const struct vde_disk_stream_header *state)
{
	json_add_number(object, "capacity", le64_to_cpu(state->capacity));
	json_add_number(object, "allocated", le64_to_cpu(state->allocated));
	json_add_number(object, "head", le64_to_cpu(state->head));
	json_add_number(object, "tail", le64_to_cpu(state->tail));
	json_add_number(object, "entries", le64_to_cpu(state->entries));
	json_add_number(object, "growth", le32_to_cpu(state->growth));
	/* A commit with any other policy is not valid. */
	json_add_text(object, "policy",
		      vde_ring_policy_name(le32_to_cpu(state->policy)));
}

static void dump_vault_state(struct json_object *object,
			     const struct vde_disk_vault_state *state)
{
	json_add_number(object, "passports", le64_to_cpu(state->passports));
	json_add_number(object, "used_blocks",
			le64_to_cpu(state->used_blocks));
}

static struct json_object *dump_commit(const struct vde_region *region, u32 nr)
{
	const struct vde_disk_commit *commit = &region->slots[nr].record;
	struct json_object *object = json_object_new_object();
	u32 flags = le32_to_cpu(commit->flags);

	json_add_number(object, "slot", nr);
	add_fault(object, "check", region->faults[nr]);
	if (region->faults[nr])
		return object;
	json_add_bool(object, "newest", nr == region->newest);
	json_add_number(object, "sequence", le64_to_cpu(commit->sequence));
	json_add_bool(object, "clean", vde_commit_is_clean(commit));
	json_add_bool(object, "held", flags & VDE_COMMIT_HELD);
	add_time(object, "time", commit->time);
	json_add_ticks(object, "clock_ticks", commit->clock);
	json_add_ticks(object, "sealed_clock_ticks", commit->sealed_clock);
	if (le64_to_cpu(commit->imaged) == VDE_COMMIT_NO_IMAGE)
		json_add_null(object, "imaged");
	else
		json_add_number(object, "imaged", le64_to_cpu(commit->imaged));
	json_add_number(object, "resets", le64_to_cpu(commit->resets));
	if (region->geo->kind == VDE_REGION_WORM)
		dump_worm_state(object, &commit->state.worm);
	else if (region->geo->kind == VDE_REGION_STREAM)
		dump_stream_state(object, &commit->state.stream);
	else
		dump_vault_state(object, &commit->state.vault);
	add_time(object, "attested", commit->attested_time);
	json_add_ticks(object, "attested_clock_ticks", commit->attested_clock);
	return object;
}

static struct json_object *dump_region(const struct vde_region *region)
{
	const struct vde_geometry *geo = region->geo;
	struct json_object *object = json_object_new_object();
	struct json_object *commits = json_object_new_array();
	u32 i;

	json_add_text(object, "kind", vde_region_kind_name(geo->kind));
	json_add_number(object, "region", region->nr);
	json_add_guid(object, "uuid", region->uuid);
	add_fault(object, "check", region->fault);
	json_add_number(object, "meta_start", geo->meta_start);
	json_add_number(object, "meta_blocks", geo->meta_blocks);
	json_add_number(object, "commit_start", geo->commit_start);
	json_add_number(object, "data_start", geo->data_start);
	json_add_number(object, "capacity", geo->capacity);
	for (i = 0; i < VDE_COMMIT_SLOTS; i++)
		json_object_array_add(commits, dump_commit(region, i));
	json_object_object_add(object, "commits", commits);
	return object;
}

static int dump_regions(const struct vde_volume *volume,
			struct json_object *list)
{
	struct vde_region region;
	u32 i;
	int ret;

	for (i = 0; volume->has_layout && i < volume->layout.count; i++) {
		ret = vde_region_load(volume, i, &region);
		if (ret)
			return ret;
		json_object_array_add(list, dump_region(&region));
		vde_region_free(&region);
	}
	return 0;
}

static void print_tree(struct json_object *object, u32 depth);
static void print_member(const char *key, struct json_object *value, u32 depth);

/* An entry of a list: a table of 127 slots must not take a screen a slot. */
static void print_entry(const char *key, struct json_object *entry, u32 depth)
{
	bool first = true;

	printf("%*s%s:", 2 * depth, "", key);
	json_object_object_foreach(entry, name, value) {
		if (json_object_is_type(value, json_type_array)) {
			putchar('\n');
			print_member(name, value, depth + 1);
			return;
		}
		printf("%s %s %s", first ? "" : ",", name,
		       value ? json_object_get_string(value) : "none");
		first = false;
	}
	putchar('\n');
}

static void print_member(const char *key, struct json_object *value, u32 depth)
{
	size_t n, i;

	switch (json_object_get_type(value)) {
	case json_type_object:
		printf("%*s%s:\n", 2 * depth, "", key);
		print_tree(value, depth + 1);
		break;
	case json_type_array:
		n = json_object_array_length(value);
		for (i = 0; i < n; i++)
			print_entry(key, json_object_array_get_idx(value, i),
				    depth);
		break;
	case json_type_null:
		printf("%*s%s: none\n", 2 * depth, "", key);
		break;
	default:
		printf("%*s%s: %s\n", 2 * depth, "", key,
		       json_object_get_string(value));
	}
}

static void print_tree(struct json_object *object, u32 depth)
{
	json_object_object_foreach(object, key, value)
		print_member(key, value, depth);
}

static int dump_volume(const char *path, const struct vde_volume *volume,
		       bool json)
{
	struct json_object *object = json_object_new_object();
	struct json_object *regions = json_object_new_array();
	int ret;

	json_add_text(object, "device", path);
	add_fault(object, "check", volume->fault);
	json_add_text(object, "group_in_force",
		      !volume->group ? "none" :
		      volume->group == &volume->head->primary ? "primary" :
		      "mirror");
	json_object_object_add(object, "primary",
			       dump_group(&volume->head->primary));
	json_object_object_add(object, "mirror",
			       dump_group(&volume->head->mirror));
	json_object_object_add(object, "directory",
			       dump_directory(volume->head));
	ret = dump_regions(volume, regions);
	json_object_object_add(object, "regions", regions);
	if (!json)
		print_tree(object, 0);
	if (json)
		json_print(object);
	else
		json_object_put(object);
	if (ret)
		return vdectl_open_error(path, ret);
	return volume->fault ? VDECTL_PROBLEM : VDECTL_OK;
}

static int dump_path(const char *path, bool json)
{
	struct vde_volume volume;
	int ret = vde_volume_open(&volume, path, 0);

	if (ret)
		return vdectl_open_error(path, ret);
	ret = volume.fault == VDE_FAULT_NOT_VDE ?
	      vdectl_volume_error(path, volume.fault) :
	      dump_volume(path, &volume, json);
	vde_volume_close(&volume);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	bool json = false;
	int ret = vdectl_option(command, argc, argv, "json", &json);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 1)
		return vdectl_usage(command, "give one DEVICE");
	return dump_path(argv[optind], json);
}

const struct vdectl_command vdectl_dump = {
	.name = "dump",
	.summary = "show superblocks, directory, regions and commits",
	.help =
"DEVICE [--json]\n"
"\n"
"Show what lies on the volume on DEVICE: both superblocks, the directory's used\n"
"slots, the regions and their commit slots.\n"
"\n"
"  --json  print JSON\n"
"  --help  show this text\n"
"\n"
"Exit status 1 tells that the volume cannot be used; 'vdectl check' says more.\n",
	.run = run,
};

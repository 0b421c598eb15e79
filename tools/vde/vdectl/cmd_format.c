// SPDX-License-Identifier: GPL-2.0-only
/* vdectl format: make a volume. */
#include <getopt.h>
#include <inttypes.h>

#include "wanted.h"

struct format_options {
	const char *device;
	const char *label;
	s64 retention;
	u8 uuid[16];
	bool force;
	bool destroy_sealed;
	u32 count;
	struct wanted_region wanted[VDE_MAX_REGIONS];
};

enum {
	OPT_WORM = 256,
	OPT_STREAM,
	OPT_VAULT,
	OPT_LABEL,
	OPT_RETENTION,
	OPT_UUID,
	OPT_FORCE,
	OPT_DESTROY,
};

static const struct option long_options[] = {
	{ "worm", required_argument, NULL, OPT_WORM },
	{ "stream", required_argument, NULL, OPT_STREAM },
	{ "vault", required_argument, NULL, OPT_VAULT },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "retention", required_argument, NULL, OPT_RETENTION },
	{ "uuid", required_argument, NULL, OPT_UUID },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "destroy-sealed-data", no_argument, NULL, OPT_DESTROY },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int want_region(const struct vdectl_command *command,
		       struct format_options *options,
		       enum vde_region_kind kind, char *text)
{
	if (options->count == VDE_MAX_REGIONS)
		return vdectl_usage(command, "a volume holds no more regions");
	return wanted_parse(command, kind, text,
			    &options->wanted[options->count++]);
}

static int take_option(const struct vdectl_command *command,
		       struct format_options *options, int option)
{
	switch (option) {
	case OPT_WORM:
		return want_region(command, options, VDE_REGION_WORM, optarg);
	case OPT_STREAM:
		return want_region(command, options, VDE_REGION_STREAM, optarg);
	case OPT_VAULT:
		return want_region(command, options, VDE_REGION_VAULT, optarg);
	case OPT_LABEL:
		if (vdectl_check_label(optarg))
			return vdectl_usage(command, "the label is not UTF-8 of at most 64 bytes");
		options->label = optarg;
		break;
	case OPT_RETENTION:
		if (vdectl_parse_duration(optarg, &options->retention))
			return vdectl_usage(command, WANTED_RETENTION_ERROR,
					    optarg);
		break;
	case OPT_UUID:
		if (vde_guid_parse(optarg, options->uuid))
			return vdectl_usage(command, "'%s' is not a UUID",
					    optarg);
		break;
	case OPT_FORCE:
		options->force = true;
		break;
	case OPT_DESTROY:
		options->destroy_sealed = true;
		break;
	default:
		return vdectl_usage(command, NULL);
	}
	return VDECTL_OK;
}

/* Largest region of a kind that fits; 0 when not even one block does. */
static u64 largest(enum vde_region_kind kind, u64 room)
{
	u64 overhead = VDE_COMMIT_BLOCKS + (kind == VDE_REGION_STREAM);

	if (kind == VDE_REGION_WORM)
		return vde_layout_worm_capacity(room);
	return room > overhead ? room - overhead : 0;
}

static int build_layout(const struct format_options *options, u64 blocks,
			struct vde_layout *layout)
{
	const struct wanted_region *wanted = options->wanted;
	char text[VDECTL_TEXT_SIZE];
	enum vde_fault fault;
	u64 capacity;
	u64 room;
	u32 i;

	if (blocks > VDE_MAX_BLOCKS)
		blocks = VDE_MAX_BLOCKS;
	vde_layout_init(layout, blocks);
	for (i = 0; i < options->count; i++, wanted++) {
		capacity = wanted->blocks;
		room = blocks > layout->next_block ?
		       blocks - layout->next_block : 0;
		if (capacity == WANTED_REST)
			capacity = largest(wanted->kind, room);
		fault = vde_layout_add(layout, wanted->kind, capacity);
		if (fault)
			return vdectl_error("region %u of %u: %s; %s of %s would still fit",
					    i + 1, options->count,
					    vde_fault_phrase(fault),
					    vdectl_size_text(text, largest(wanted->kind, room)),
					    wanted->kind == VDE_REGION_VAULT ?
					    "passports" : "data");
	}
	return VDECTL_OK;
}

/* A damaged slot may have held the newest commit. */
static enum vde_fault doubt(const struct vde_region *region)
{
	u32 i;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++)
		if (region->faults[i] &&
		    region->faults[i] != VDE_FAULT_COMMIT_EMPTY)
			return region->faults[i];
	return region->fault;
}

/* Says what the region holds that shall not be lost, if anything. */
static int refuse_contents(const char *path, const struct vde_region *region)
{
	bool vault = region->geo->kind == VDE_REGION_VAULT;
	u64 count = 0;

	if (!region->fault)
		count = vault ? vde_region_passports(region) :
				vde_region_hwm(region);
	if (count)
		return vdectl_error("%s: %s %u holds %" PRIu64
				    " %s, which would be lost for ever; give --force --destroy-sealed-data to destroy them",
				    path, vault ? "vault" : "WORM region",
				    region->nr, count,
				    vault ? "passports" : "sealed blocks");
	if (doubt(region))
		return vdectl_error("%s: %s %u may hold %s (%s), which would be lost for ever; give --force --destroy-sealed-data to destroy it",
				    path, vault ? "vault" : "WORM region",
				    region->nr,
				    vault ? "passports" : "sealed data",
				    vde_fault_phrase(doubt(region)));
	return VDECTL_OK;
}

/* Does the region hold sealed data or passports, or may it? Says so. */
static int refuse_sealed_region(const char *path,
				const struct vde_volume *volume, u32 index)
{
	struct vde_region region;
	int ret;

	if (volume->layout.regions[index].kind == VDE_REGION_STREAM)
		return VDECTL_OK;
	ret = vde_region_load(volume, index, &region);
	if (ret)
		return vdectl_open_error(path, ret);
	ret = refuse_contents(path, &region);
	vde_region_free(&region);
	return ret;
}

/* An existing volume needs --force; sealed data needs one word more. */
static int refuse_volume(const struct format_options *options,
			 const struct vde_volume *volume)
{
	const char *path = options->device;
	char text[VDECTL_TEXT_SIZE];
	int ret = VDECTL_OK;
	u32 i;

	if (volume->fault == VDE_FAULT_NOT_VDE)
		return VDECTL_OK;
	if (!options->destroy_sealed && !volume->has_layout)
		return vdectl_error("%s: holds a DWVD volume that may have sealed data (%s); give --force --destroy-sealed-data to destroy it",
				    path, vde_fault_phrase(volume->fault));
	for (i = 0; !options->destroy_sealed && !ret &&
	     i < volume->layout.count; i++)
		ret = refuse_sealed_region(path, volume, i);
	if (ret || options->force)
		return ret;
	return vdectl_error("%s: holds a DWVD volume with %u region(s)%s%s; give --force to replace it",
			    path, volume->layout.count,
			    volume->group ? ", label " : "",
			    volume->group ?
			    vdectl_label_text(text, &volume->group->superblock) :
			    "");
}

static int refuse_signature(const struct format_options *options)
{
	char name[64];
	int ret;

	if (options->force)
		return VDECTL_OK;
	ret = vde_signature_find(options->device, name, sizeof(name));
	if (ret < 0)
		return vdectl_open_error(options->device, ret);
	return ret ? vdectl_error("%s: holds a signature of %s; give --force to overwrite it",
				  options->device, name) : VDECTL_OK;
}

/* So many of the longest fit: none straddles a block, and block 0 has a header. */
static u64 vault_room(u64 blocks)
{
	return (VDE_PAYLOAD_SIZE - sizeof(struct vde_disk_vault_header)) /
	       VDE_PASSPORT_MAX +
	       (blocks - 1) * (VDE_PAYLOAD_SIZE / VDE_PASSPORT_MAX);
}

/* A line of each region, numbered as attach and its table do. */
static void report_region(const struct vde_format *format, u32 index)
{
	const struct vde_geometry *geo = &format->layout.regions[index];
	char text[VDECTL_TEXT_SIZE];
	u32 nr = 0;
	u32 i;

	for (i = 0; i < index; i++)
		nr += format->layout.regions[i].kind == geo->kind;
	printf("  %s region %u: %s (%" PRIu64 " blocks, %" PRIu64 " sectors)",
	       vde_region_kind_name(geo->kind), nr,
	       vdectl_size_text(text, geo->capacity), geo->capacity,
	       geo->capacity * VDE_SECTORS_PER_BLOCK);
	if (geo->kind == VDE_REGION_WORM)
		printf(", retention %s\n",
		       vdectl_duration_text(text, format->retention[index]));
	else if (geo->kind == VDE_REGION_VAULT)
		printf(", %" PRIu64 " passports at least\n",
		       vault_room(geo->capacity));
	else
		printf(", growth %u blocks, policy %s\n",
		       format->growth[index],
		       vde_ring_policy_name(format->policy[index]));
}

static int report(const struct format_options *options,
		  const struct vde_format *format)
{
	char uuid[VDE_UUID_TEXT_SIZE];
	u32 i;

	vde_guid_format(format->uuid, uuid);
	printf("%s: volume %s\n", options->device, uuid);
	for (i = 0; i < format->layout.count; i++)
		report_region(format, i);
	return VDECTL_OK;
}

static void set_regions(const struct format_options *options,
			  struct vde_format *format)
{
	const struct wanted_region *wanted = options->wanted;
	u32 i;

	for (i = 0; i < options->count; i++, wanted++) {
		format->retention[i] = wanted->has_retention ?
				       wanted->retention : options->retention;
		format->growth[i] = wanted->growth;
		format->policy[i] = wanted->policy;
	}
}

static int write_volume(const struct format_options *options,
			struct vde_volume *volume)
{
	struct vde_format format = {
		.label = options->label,
		.now = vde_ticks_now(),
	};
	int ret;

	memcpy(format.uuid, options->uuid, sizeof(format.uuid));
	set_regions(options, &format);
	ret = build_layout(options, volume->file.blocks, &format.layout);
	if (!ret)
		ret = refuse_volume(options, volume);
	if (!ret)
		ret = refuse_signature(options);
	if (ret)
		return ret;
	if (options->force) {
		ret = vde_signature_wipe(options->device);
		if (ret)
			return vdectl_error("%s: removing old signatures: %s",
					    options->device, strerror(-ret));
	}
	ret = vde_format(&volume->file, &format);
	if (ret)
		return vdectl_error("%s: writing: %s", options->device,
				    strerror(-ret));
	return report(options, &format);
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct format_options options = { .label = "" };
	struct vde_volume volume;
	int option;
	int ret;

	vde_guid_random(options.uuid);
	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &options, option);
		if (ret)
			return ret;
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one DEVICE");
	if (!options.count)
		return vdectl_usage(command, "give --worm SIZE, --stream SIZE or --vault SIZE, once or more");
	options.device = argv[optind];

	ret = vde_volume_open(&volume, options.device,
			      VDE_OPEN_WRITE | VDE_OPEN_EXCLUSIVE);
	if (ret)
		return vdectl_open_error(options.device, ret);
	ret = write_volume(&options, &volume);
	vde_volume_close(&volume);
	return ret;
}

const struct vdectl_command vdectl_format = {
	.name = "format",
	.summary = "make a volume on a disk",
	.help =
"DEVICE --worm SIZE[,retention=PERIOD] [OPTION]...\n"
"       vdectl format DEVICE --stream SIZE[,growth=BLOCKS][,policy=POLICY] [OPTION]...\n"
"       vdectl format DEVICE --vault SIZE [OPTION]...\n"
"\n"
"Make a volume on a block device or image file. All it held is lost.\n"
"\n"
"  --worm SIZE            add a WORM region with room for SIZE of data: bytes, or\n"
"                         a number with K, M, G or T (powers of 1024), a multiple\n"
"                         of 4096; 'rest' takes all that is left\n"
"  --worm SIZE,retention=PERIOD\n"
"                         the same, with a retention of its own\n"
"  --stream SIZE          add a stream region, a ring that grows up to SIZE\n"
"  --stream SIZE,growth=BLOCKS,policy=overwrite|stop\n"
"                         the same; it grows by BLOCKS of 4096 bytes (default 16);\n"
"                         when it is full, the oldest blocks are overwritten, which is\n"
"                         the default, or writes fail until some are consumed\n"
"  --vault SIZE           add a vault with SIZE for passports, of which a block of 4096\n"
"                         bytes holds 7 of the longest and 30 of the shortest\n"
"\n"
"Regions may be given more than once, of all kinds.\n"
"\n"
"  --label LABEL          name of the volume, UTF-8, at most 64 bytes\n"
"  --retention PERIOD     how long sealed data is kept at least in WORM regions without\n"
"                         their own: a number with s, m, h, d, w or y (366 days),\n"
"                         or 'forever', which is the default\n"
"  --uuid UUID            UUID of the volume instead of a random one\n"
"  --force                even if the device holds a volume or a known signature\n"
"  --destroy-sealed-data  with --force: even if the volume holds sealed data\n"
"                         or passports\n"
"  --help                 show this text\n",
	.run = run,
};

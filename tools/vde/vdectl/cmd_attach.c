// SPDX-License-Identifier: GPL-2.0-only
/* vdectl attach: activate a region as a block device. */
#include <ctype.h>
#include <getopt.h>

#include "dm.h"
#include "key.h"

/* A stream's positions go on beyond its capacity: 1 EiB. */
#define STREAM_BLOCKS (1ULL << 48)

struct attach_options {
	const char *device;
	const char *name;
	bool has_kind;
	enum vde_region_kind kind;
	u64 region;
	u64 blocks;
	bool read_only;
	bool has_keys;
	u32 count;
	char words[DM_PARAMS_SIZE];
};

enum {
	OPT_WORM = 256,
	OPT_STREAM,
	OPT_VAULT,
	OPT_LENGTH,
	OPT_READ_ONLY,
	OPT_SYNC,
	OPT_COMMIT_MS,
	OPT_REORDER_MS,
	OPT_MAX_INFLIGHT,
	OPT_RESERVE,
	OPT_DISCARD,
	OPT_KEYRING,
	OPT_ISSUER_KEY,
};

static const struct option long_options[] = {
	{ "worm", optional_argument, NULL, OPT_WORM },
	{ "stream", optional_argument, NULL, OPT_STREAM },
	{ "vault", optional_argument, NULL, OPT_VAULT },
	{ "length", required_argument, NULL, OPT_LENGTH },
	{ "read-only", no_argument, NULL, OPT_READ_ONLY },
	{ "option", required_argument, NULL, 'o' },
	{ "sync", no_argument, NULL, OPT_SYNC },
	{ "commit-ms", required_argument, NULL, OPT_COMMIT_MS },
	{ "reorder-ms", required_argument, NULL, OPT_REORDER_MS },
	{ "max-inflight", required_argument, NULL, OPT_MAX_INFLIGHT },
	{ "reserve", required_argument, NULL, OPT_RESERVE },
	{ "discard", no_argument, NULL, OPT_DISCARD },
	{ "keyring", required_argument, NULL, OPT_KEYRING },
	{ "issuer-key", required_argument, NULL, OPT_ISSUER_KEY },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/* Adds a word to the table's options; the kernel judges it. */
static int add_word(const struct vdectl_command *command,
		    struct attach_options *options, const char *word)
{
	size_t used = strlen(options->words);
	const char *c;

	for (c = word; *c; c++)
		if (isspace((unsigned char)*c))
			break;
	if (c == word || *c)
		return vdectl_usage(command, "option '%s' is not one word",
				    word);
	if (!strncmp(word, "region=", 7))
		return vdectl_usage(command, "choose the region with --worm=N, --stream=N or --vault=N");
	/* Room for " region=N" of 63 regions at most is kept. */
	if (used + strlen(word) + 2 > sizeof(options->words) / 2)
		return vdectl_usage(command, "too many options");
	sprintf(options->words + used, " %s", word);
	options->count++;
	return VDECTL_OK;
}

static int add_number(const struct vdectl_command *command,
		      struct attach_options *options, const char *key,
		      const char *value)
{
	char word[64];
	u64 number;

	if (vdectl_parse_number(value, &number))
		return vdectl_usage(command, "'%s' is not a number", value);
	snprintf(word, sizeof(word), "%s=%llu", key,
		 (unsigned long long)number);
	return add_word(command, options, word);
}

/* The kernel looks for issuers' keys in one place. */
static int add_keys(const struct vdectl_command *command,
		    struct attach_options *options, const char *key,
		    const char *value)
{
	char word[DM_PARAMS_SIZE];
	u8 point[VDE_POINT_SIZE];

	if (options->has_keys)
		return vdectl_usage(command, "give one of --keyring and --issuer-key, once");
	options->has_keys = true;
	if (!strcmp(key, "issuer_key") &&
	    vdectl_parse_hex(value, point, sizeof(point)))
		return vdectl_usage(command, "an issuer's key has 130 hexadecimal digits, as 'vdectl key show' prints them");
	if ((size_t)snprintf(word, sizeof(word), "%s=%s", key, value) >=
	    sizeof(word))
		return vdectl_usage(command, "too many options");
	return add_word(command, options, word);
}

static int choose_region(const struct vdectl_command *command,
			 struct attach_options *options,
			 enum vde_region_kind kind, const char *number)
{
	if (options->has_kind)
		return vdectl_usage(command, "choose one region");
	options->has_kind = true;
	options->kind = kind;
	if (number && vdectl_parse_number(number, &options->region))
		return vdectl_usage(command, "'%s' is not a region number",
				    number);
	return VDECTL_OK;
}

static int set_length(const struct vdectl_command *command,
		      struct attach_options *options, const char *size)
{
	if (vdectl_parse_size(size, &options->blocks) ||
	    options->blocks > STREAM_BLOCKS)
		return vdectl_usage(command, "length '%s' is not a multiple of 4096 bytes up to 1048576T",
				    size);
	return VDECTL_OK;
}

static int take_option(const struct vdectl_command *command,
		       struct attach_options *options, int option)
{
	switch (option) {
	case OPT_WORM:
		return choose_region(command, options, VDE_REGION_WORM, optarg);
	case OPT_STREAM:
		return choose_region(command, options, VDE_REGION_STREAM,
				     optarg);
	case OPT_VAULT:
		return choose_region(command, options, VDE_REGION_VAULT,
				     optarg);
	case OPT_LENGTH:
		return set_length(command, options, optarg);
	case OPT_READ_ONLY:
		options->read_only = true;
		return VDECTL_OK;
	case 'o':
		return add_word(command, options, optarg);
	case OPT_SYNC:
		return add_word(command, options, "sync");
	case OPT_COMMIT_MS:
		return add_number(command, options, "commit_ms", optarg);
	case OPT_REORDER_MS:
		return add_number(command, options, "reorder_ms", optarg);
	case OPT_MAX_INFLIGHT:
		return add_number(command, options, "max_inflight", optarg);
	case OPT_RESERVE:
		return add_number(command, options, "reserve", optarg);
	case OPT_DISCARD:
		return add_word(command, options, "discard");
	case OPT_KEYRING:
		return add_keys(command, options, "keyring", optarg);
	case OPT_ISSUER_KEY:
		return add_keys(command, options, "issuer_key", optarg);
	default:
		return vdectl_usage(command, NULL);
	}
}

/* What the errno alone does not say, as far as it can be known from here. */
static const char *hint(int err)
{
	if (err == -EPERM || err == -EACCES)
		return "this needs root, and a writable disk or --read-only";
	if (err != -EBUSY && err != -EEXIST && !dm_has_target())
		return "the kernel has no vde target: load the module dm-vde";
	if (err == -EBUSY || err == -EEXIST)
		return "the name or the region is in use, see 'vdectl status' and dmesg";
	return "the kernel log (dmesg) has the reason";
}

static u64 table_blocks(const struct attach_options *options,
			const struct vde_geometry *geo)
{
	if (geo->kind != VDE_REGION_STREAM)
		return geo->capacity;
	return options->blocks ? options->blocks : STREAM_BLOCKS;
}

static int create_device(const struct attach_options *options,
			 const struct vde_geometry *geo, const u8 uuid[16])
{
	char params[DM_PARAMS_SIZE + 256];
	char dm_uuid[VDE_UUID_TEXT_SIZE + 4] = "VDE-";
	int ret;

	vde_guid_format(uuid, dm_uuid + strlen(dm_uuid));
	if ((size_t)snprintf(params, sizeof(params), "%s %s %u region=%u%s",
			     options->device, vde_region_kind_name(geo->kind),
			     options->count + 1, (u32)options->region,
			     options->words) >= sizeof(params))
		return vdectl_error("the path %s is too long", options->device);
	ret = dm_create(options->name, dm_uuid,
			table_blocks(options, geo) * VDE_SECTORS_PER_BLOCK,
			params, options->read_only);
	if (ret)
		return vdectl_error("cannot attach %s as %s: %s (%s)",
				    options->device, options->name,
				    dm_error_text(ret), hint(ret));
	ret = link_add(options->name);
	if (ret)
		vdectl_error("warning: attached, but cannot link /dev/vde/%s: %s",
			     options->name, strerror(-ret));
	return VDECTL_OK;
}

static int attach_region(const struct attach_options *options,
			 const struct vde_volume *volume)
{
	const struct vde_geometry *geo = NULL;
	u8 uuid[16];

	if (!volume->file.block_device)
		return vdectl_error("%s is a file: make it a block device with 'losetup --find --show'",
				    options->device);
	if (volume->fault)
		return vdectl_volume_error(options->device, volume->fault);
	if (options->region < VDE_MAX_REGIONS)
		geo = vde_layout_find(&volume->layout, options->kind,
				      options->region);
	if (!geo)
		return vdectl_volume_error(options->device,
					   VDE_FAULT_NO_REGION);
	vde_layout_region_uuid(volume->group->superblock.uuid, geo->first_slot,
			       uuid);
	return create_device(options, geo, uuid);
}

static int attach(const struct attach_options *options)
{
	struct vde_volume volume;
	int ret;

	/* The table's words are separated by blanks. */
	if (strpbrk(options->device, " \t\n\\"))
		return vdectl_error("%s: name the device by a path without blanks",
				    options->device);
	ret = vde_volume_open(&volume, options->device, 0);
	if (ret)
		return vdectl_open_error(options->device, ret);
	ret = attach_region(options, &volume);
	vde_volume_close(&volume);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct attach_options options = {};
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "ho:", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &options, option);
		if (ret)
			return ret;
	}
	if (argc - optind != 2)
		return vdectl_usage(command, "give DEVICE and NAME");
	if (!options.has_kind)
		return vdectl_usage(command, "give --worm, --stream or --vault, or one of them with =N");
	if (options.blocks && options.kind != VDE_REGION_STREAM)
		return vdectl_usage(command, "a %s region has the length of its capacity",
				    vde_region_kind_name(options.kind));
	if (options.has_keys && options.kind != VDE_REGION_VAULT)
		return vdectl_usage(command, "a %s region has no issuers",
				    vde_region_kind_name(options.kind));
	options.device = argv[optind];
	options.name = argv[optind + 1];
	if (!link_name_fits(options.name))
		return vdectl_usage(command, "name '%s' is not of letters, digits and #+-.:=@_, or is one of the kernel's",
				    options.name);
	return attach(&options);
}

const struct vdectl_command vdectl_attach = {
	.name = "attach",
	.summary = "activate a region as /dev/mapper/NAME",
	.help =
"DEVICE NAME --worm[=N]|--stream[=N]|--vault[=N] [OPTION]...\n"
"\n"
"Activate a region of the volume on DEVICE as the block device /dev/mapper/NAME and\n"
"the character device /dev/vde/NAME.\n"
"\n"
"  --worm[=N]              WORM region N, counted from 0; default 0\n"
"  --stream[=N]            stream region N\n"
"  --vault[=N]             vault N; its block device shows its metadata, read-only\n"
"  --length SIZE           of a stream: length of the block device, in which positions\n"
"                          are offsets; default and most 1048576T, which is 1 EiB\n"
"  --reserve BLOCKS        of a stream: the tail moves ahead of need by so much\n"
"  --discard               of a stream: tell DEVICE that consumed blocks are not needed\n"
"  --keyring K             of a vault: name or serial number of the keyring with the\n"
"                          issuers' certificates, each described vde:ISSUER\n"
"  --issuer-key HEX        of a vault: the one key of its issuer, as 'vdectl key show'\n"
"                          prints it\n"
"  --read-only             for reading only: nothing is written to DEVICE\n"
"  --sync                  complete a write only when it is durable\n"
"  --commit-ms N           commit at the latest after N milliseconds\n"
"  --reorder-ms N          hold a write beyond the end for N milliseconds, for the\n"
"                          gap before it to be filled\n"
"  --max-inflight BYTES    memory for writes under way\n"
"  -o, --option WORD       any other option of the vde target, as it is (key=value\n"
"                          or a word); may be repeated\n"
"  --help                  show this text\n",
	.run = run,
};

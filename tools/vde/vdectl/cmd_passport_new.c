// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport new: make an unsigned passport. */
#include <getopt.h>

#include "object.h"
#include "passport.h"

/* What was asked for; texts and @id stay where @parts says they are. */
struct new {
	struct vde_passport parts;
	u8 id[16];
	u8 object[16];
	const char *object_file;
	const char *object_range;
	u64 region;
	u32 objects;
	u32 framework;
	u32 status;
	bool has_framework;
	bool has_status;
	bool has_issuer;
	bool has_verified;
	const char *expires;
};

enum {
	OPT_OBJECT = 256,
	OPT_OBJECT_FILE,
	OPT_OBJECT_RANGE,
	OPT_REGION,
	OPT_ID,
	OPT_FRAMEWORK,
	OPT_STATUS,
	OPT_ISSUER,
	OPT_NOTES,
	OPT_ISSUED,
	OPT_EXPIRES,
	OPT_VERIFIED,
};

static const struct option long_options[] = {
	{ "object", required_argument, NULL, OPT_OBJECT },
	{ "object-file", required_argument, NULL, OPT_OBJECT_FILE },
	{ "object-range", required_argument, NULL, OPT_OBJECT_RANGE },
	{ "region", required_argument, NULL, OPT_REGION },
	{ "id", required_argument, NULL, OPT_ID },
	{ "framework", required_argument, NULL, OPT_FRAMEWORK },
	{ "status", required_argument, NULL, OPT_STATUS },
	{ "issuer", required_argument, NULL, OPT_ISSUER },
	{ "notes", required_argument, NULL, OPT_NOTES },
	{ "issued", required_argument, NULL, OPT_ISSUED },
	{ "expires", required_argument, NULL, OPT_EXPIRES },
	{ "last-verified", required_argument, NULL, OPT_VERIFIED },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int set_guid(const struct vdectl_command *command, const char *text,
		    u8 guid[16])
{
	return vde_guid_parse(text, guid) ?
	       vdectl_usage(command, "'%s' is not a UUID", text) : VDECTL_OK;
}

static int set_time(const struct vdectl_command *command, const char *text,
		    s64 *ticks)
{
	return vdectl_parse_time(text, ticks) ?
	       vdectl_usage(command, "'%s' is not a time such as 2026-12-31 or 2026-12-31T23:59:59Z",
			    text) : VDECTL_OK;
}

static int set_text(const struct vdectl_command *command, const char *what,
		    const char *text, u32 max, const u8 **to, u32 *length)
{
	if (strlen(text) > max)
		return vdectl_usage(command, "the %s has %zu bytes, and at most %u fit",
				    what, strlen(text), max);
	*to = (const u8 *)text;
	*length = strlen(text);
	return VDECTL_OK;
}

static int take_object(const struct vdectl_command *command, struct new *new,
		       int option)
{
	if (option != OPT_REGION)
		new->objects++;
	switch (option) {
	case OPT_OBJECT:
		return set_guid(command, optarg, new->object);
	case OPT_OBJECT_FILE:
		new->object_file = optarg;
		return VDECTL_OK;
	case OPT_OBJECT_RANGE:
		new->object_range = optarg;
		return VDECTL_OK;
	default:
		return vdectl_parse_number(optarg, &new->region) ?
		       vdectl_usage(command, "'%s' is not a region number",
				    optarg) : VDECTL_OK;
	}
}

static int take_word(const struct vdectl_command *command, struct new *new,
		     int option)
{
	if (option == OPT_FRAMEWORK) {
		new->has_framework = true;
		return passport_parse_framework(optarg, &new->framework) ?
		       vdectl_usage(command, "there is no framework '%s'",
				    optarg) : VDECTL_OK;
	}
	new->has_status = true;
	return passport_parse_status(optarg, &new->status) ||
	       new->status == VDE_PASSPORT_REMOVED ?
	       vdectl_usage(command, "a new passport cannot have the status '%s'",
			    optarg) : VDECTL_OK;
}

static int take_option(const struct vdectl_command *command, struct new *new,
		       int option)
{
	struct vde_passport *parts = &new->parts;

	switch (option) {
	case OPT_OBJECT ... OPT_REGION:
		return take_object(command, new, option);
	case OPT_ID:
		return set_guid(command, optarg, new->id);
	case OPT_FRAMEWORK:
	case OPT_STATUS:
		return take_word(command, new, option);
	case OPT_ISSUER:
		new->has_issuer = true;
		return set_text(command, "issuer", optarg, VDE_ISSUER_MAX,
				&parts->issuer, &parts->issuer_length);
	case OPT_NOTES:
		return set_text(command, "notes", optarg, VDE_NOTES_MAX,
				&parts->notes, &parts->notes_length);
	case OPT_ISSUED:
		return set_time(command, optarg, &parts->issued);
	case OPT_EXPIRES:
		new->expires = optarg;
		return VDECTL_OK;
	case OPT_VERIFIED:
		new->has_verified = true;
		return set_time(command, optarg, &parts->verified);
	default:
		return vdectl_usage(command, NULL);
	}
}

/* A time, or how long after it was issued. */
static int set_expiry(const struct vdectl_command *command, struct new *new)
{
	struct vde_passport *parts = &new->parts;
	const char *text = new->expires;
	s64 ticks;

	if (!text || !strcmp(text, "never"))
		return VDECTL_OK;
	if (strcmp(text, "forever") && !vdectl_parse_duration(text, &ticks) &&
	    ticks && !check_add_overflow(parts->issued, ticks,
					 &parts->expires))
		return VDECTL_OK;
	if (set_time(command, text, &parts->expires))
		return VDECTL_ERROR;
	return parts->expires > parts->issued ? VDECTL_OK :
	       vdectl_usage(command, "it would expire before it is issued");
}

static int find_object(struct new *new)
{
	int ret;

	if (new->object_range)
		return object_of_range(new->object_range, new->region,
				       new->object);
	if (!new->object_file)
		return VDECTL_OK;
	ret = vde_object_of_file(new->object_file, new->object);
	return ret ? vdectl_open_error(new->object_file, ret) : VDECTL_OK;
}

static int make(struct new *new)
{
	struct passport passport;
	enum vde_fault fault;

	if (find_object(new))
		return VDECTL_ERROR;
	new->parts.id = new->id;
	new->parts.object = new->object;
	new->parts.framework = new->framework;
	new->parts.status = new->status;
	if (!new->has_verified)
		new->parts.verified = new->parts.issued;
	fault = passport_build(&new->parts, &passport);
	return fault ? vdectl_error("%s", vde_fault_phrase(fault)) :
		       passport_put(&passport, 1, false);
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct new new = {
		.parts = {
			.issued = vde_ticks_now(),
			.issuer = (const u8 *)"",
			.notes = (const u8 *)"",
		},
	};
	int option;
	int ret;

	vde_guid_random(new.id);
	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &new, option);
		if (ret)
			return ret;
	}
	if (argc != optind)
		return vdectl_usage(command, "'%s' is one argument too many",
				    argv[optind]);
	if (new.objects != 1)
		return vdectl_usage(command, "give one of --object, --object-file and --object-range");
	if (!new.has_framework || !new.has_status || !new.has_issuer)
		return vdectl_usage(command, "give --framework, --status and --issuer");
	ret = set_expiry(command, &new);
	return ret ? ret : make(&new);
}

const struct vdectl_command vdectl_passport_new = {
	.name = "passport new",
	.summary = "make an unsigned passport",
	.help =
"OBJECT --framework F --status S --issuer NAME [OPTION]...\n"
"\n"
"Print an unsigned passport as JSON, with a random id. OBJECT is one of\n"
"\n"
"  --object UUID        what it is about\n"
"  --object-file FILE   the contents of a file: the UUID is the first 32 digits of its\n"
"                       SHA-256, but for version (8) and variant\n"
"  --object-range NAME|DEVICE:FROM+COUNT\n"
"                       blocks of a WORM region: the same of the SHA-256 over the 16\n"
"                       bytes of the region's UUID, in the order of its text, and the\n"
"                       32 bytes of each block's SHA-256, as 'vdectl log' lists them\n"
"\n"
"  --region N           WORM region N of DEVICE; default 0\n"
"  --framework F        GDPR, HIPAA, SOX, PCI-DSS, SOC2, ISO27001, CCPA, FISMA or\n"
"                       FedRAMP\n"
"  --status S           unknown, compliant, non-compliant, exempt, pending-review,\n"
"                       legal-hold, hold-released or time-attestation\n"
"  --issuer NAME        who says so: UTF-8, at most 128 bytes\n"
"  --notes TEXT         UTF-8, at most 256 bytes\n"
"  --issued TIME        default now; a day, or a time such as 2026-12-31T23:59:59Z\n"
"  --expires TIME|PERIOD|never\n"
"                       when, or how long after --issued (a number with s, m, h, d, w\n"
"                       or y, 366 days); default never\n"
"  --last-verified TIME default as --issued\n"
"  --id UUID            instead of a random one\n"
"  --help               show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Legal holds, releases and time attestations: passports with an effect on a WORM
 * region, made, signed and added by one command.
 */
#include <getopt.h>

#include "passport.h"

enum {
	OPT_REGION = 256,
	OPT_KEY,
	OPT_MODULE,
	OPT_ISSUER,
	OPT_FRAMEWORK,
	OPT_NOTES,
	OPT_TIME,
	OPT_PRINT,
	OPT_JSON,
};

static const struct option long_options[] = {
	{ "region", required_argument, NULL, OPT_REGION },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "issuer", required_argument, NULL, OPT_ISSUER },
	{ "framework", required_argument, NULL, OPT_FRAMEWORK },
	{ "notes", required_argument, NULL, OPT_NOTES },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int take_text(const struct vdectl_command *command, struct place *place,
		     int option)
{
	switch (option) {
	case OPT_REGION:
		place->region = optarg;
		return VDECTL_OK;
	case OPT_KEY:
		place->key = optarg;
		return VDECTL_OK;
	case OPT_MODULE:
		place->module = optarg;
		return VDECTL_OK;
	case OPT_ISSUER:
		place->issuer = optarg;
		return keys_check_issuer(command, optarg);
	default:
		place->notes = optarg;
		return strlen(optarg) > VDE_NOTES_MAX ?
		       vdectl_usage(command, "the notes have %zu bytes, and at most %u fit",
				    strlen(optarg), VDE_NOTES_MAX) : VDECTL_OK;
	}
}

static int take_option(const struct vdectl_command *command,
		       struct place *place, int option)
{
	switch (option) {
	case OPT_REGION ... OPT_ISSUER:
	case OPT_NOTES:
		return take_text(command, place, option);
	case OPT_FRAMEWORK:
		return passport_parse_framework(optarg, &place->framework) ?
		       vdectl_usage(command, "there is no framework '%s'",
				    optarg) : VDECTL_OK;
	case OPT_TIME:
		place->has_time = true;
		return vdectl_parse_time(optarg, &place->time) ?
		       vdectl_usage(command, "'%s' is not a time such as 2026-12-31T23:59:59Z",
				    optarg) : VDECTL_OK;
	case OPT_PRINT:
		place->print = true;
		return VDECTL_OK;
	case OPT_JSON:
		place->json = true;
		return VDECTL_OK;
	default:
		return vdectl_usage(command, NULL);
	}
}

/**
 * place_options - read the options of hold, release and attest
 * @command: the verb
 * @argc: of its command line
 * @argv: of its command line; what is no option is left from @optind on
 * @place: all zero, to fill
 *
 * Return: VDECTL_OK; VDECTL_ERROR after a message; -ECANCELED after --help.
 */
int place_options(const struct vdectl_command *command, int argc, char **argv,
		  struct place *place)
{
	int option;
	int ret;

	place->time = vde_ticks_now();
	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			vdectl_help(command);
			return -ECANCELED;
		}
		ret = take_option(command, place, option);
		if (ret)
			return ret;
	}
	return place->key ? VDECTL_OK : vdectl_usage(command, "give --key");
}

/**
 * place_object - which WORM region is it, or say why none
 * @region: its UUID, or name of its active device
 * @object: set to its UUID in guid_t order
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int place_object(const char *region, u8 object[16])
{
	struct vde_device device;
	struct vde_ioc_info info;
	int ret;

	if (!vde_guid_parse(region, object))
		return VDECTL_OK;
	ret = vdectl_open_device(vdectl_plain_name(region), 0, &device, &info);
	if (ret)
		return ret;
	vde_device_close(&device);
	memcpy(object, info.uuid, sizeof(info.uuid));
	return VDECTL_OK;
}

static int sign(const struct place *place, struct passport *passport)
{
	struct vde_key key;
	int ret = keys_load_private(place->key, place->module, &key);

	if (ret)
		return ret;
	ret = passport_sign(passport, &key);
	vde_key_free(&key);
	return ret;
}

static int add(const struct place *place, const struct passport *passport)
{
	struct vde_passport parts;
	struct vde_device device;
	char id[VDE_UUID_TEXT_SIZE];
	int ret = vdectl_open_vault(place->name, VDE_OPEN_WRITE, &device);

	if (ret)
		return ret;
	passport_parts(passport, &parts);
	ret = vde_device_vault_add(&device, passport->bytes, passport->size);
	vde_device_close(&device);
	if (ret)
		return passport_add_error(place->name, &parts, ret);
	if (place->json)
		return passport_put(passport, 1, false);
	vde_guid_format(parts.id, id);
	puts(id);
	return VDECTL_OK;
}

/**
 * place_passport - make, sign and add a passport, or say why not
 * @place: how
 * @parts: object, status, framework, issuer and notes; the rest is set here
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int place_passport(const struct place *place, struct vde_passport *parts)
{
	struct passport passport;
	enum vde_fault fault;
	u8 id[16];
	int ret;

	vde_guid_random(id);
	parts->id = id;
	parts->issued = place->time;
	parts->verified = place->time;
	parts->expires = 0;
	parts->signature = NULL;
	fault = passport_build(parts, &passport);
	if (fault)
		return vdectl_error("%s", vde_fault_phrase(fault));
	ret = sign(place, &passport);
	if (ret)
		return ret;
	return place->print ? passport_put(&passport, 1, false) :
			      add(place, &passport);
}

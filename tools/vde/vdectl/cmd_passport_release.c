// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport release: lift a legal hold. */
#include <unistd.h>

#include "passport.h"

/* The hold tells what the release must be. */
static int read_hold(const char *name, const u8 id[16],
		     struct passport *passport, struct vde_passport *hold)
{
	struct vde_device device;
	u32 verdict, traits;
	int ret = vdectl_open_vault(name, 0, &device);

	if (ret)
		return ret;
	ret = vde_device_vault_get(&device, id, passport->bytes,
				   &passport->size, &verdict, &traits);
	vde_device_close(&device);
	if (!ret && vde_passport_decode(passport->bytes, passport->size, hold))
		ret = -EUCLEAN;
	if (ret)
		return passport_error(name, id, "read", ret);
	if (hold->status != VDE_PASSPORT_HOLD)
		return vdectl_error("%s: this passport is no legal hold", name);
	return traits & VDE_IOC_PASSPORT_RELEASED ?
	       vdectl_error("%s: this hold was released already", name) :
	       VDECTL_OK;
}

static int release(const struct place *place, const u8 id[16])
{
	char text[VDE_UUID_TEXT_SIZE];
	struct passport passport;
	struct vde_passport parts;
	int ret = read_hold(place->name, id, &passport, &parts);

	if (ret)
		return ret;
	if (place->issuer &&
	    (strlen(place->issuer) != parts.issuer_length ||
	     memcmp(place->issuer, parts.issuer, parts.issuer_length)))
		return vdectl_error("%s: only the issuer of a hold can release it",
				    place->name);
	/* Exactly the hold's id, as the format has it. */
	vde_guid_format(id, text);
	parts.status = VDE_PASSPORT_RELEASE;
	parts.notes = (const u8 *)text;
	parts.notes_length = strlen(text);
	return place_passport(place, &parts);
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct place place = {};
	int ret = place_options(command, argc, argv, &place);
	u8 id[16];

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != 2)
		return vdectl_usage(command, "give NAME and the hold's ID");
	if (place.region || place.notes || place.has_time)
		return vdectl_usage(command, "the hold says what the release must be: --region, --notes and --time are not for it");
	if (vde_guid_parse(argv[optind + 1], id))
		return vdectl_usage(command, "'%s' is not a UUID",
				    argv[optind + 1]);
	place.name = vdectl_plain_name(argv[optind]);
	return release(&place, id);
}

const struct vdectl_command vdectl_passport_release = {
	.name = "passport release",
	.summary = "lift a legal hold",
	.help =
"NAME ID --key KEY [OPTION]...\n"
"\n"
"Make and sign the release of the legal hold ID in the active vault NAME, and add it.\n"
"Object, issuer and framework are the hold's; the notes are its id. The WORM region\n"
"can be reset again when no other hold is on it. Prints the release's id.\n"
"\n"
"  --key KEY        private key of the hold's issuer, as for 'passport sign'\n"
"  --module PATH    PKCS#11 module of the key's token\n"
"  --issuer ISSUER  be sure that the hold is that issuer's\n"
"  --print          print the signed passport as JSON instead of adding it\n"
"  --json           print the passport as JSON, not only its id\n"
"  --help           show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport hold: put a WORM region under legal hold. */
#include <unistd.h>

#include "passport.h"

static int hold(struct place *place)
{
	struct vde_passport parts = {
		.status = VDE_PASSPORT_HOLD,
		.framework = place->framework,
		.issuer = (const u8 *)place->issuer,
		.issuer_length = strlen(place->issuer),
		.notes = (const u8 *)(place->notes ? place->notes : ""),
		.notes_length = place->notes ? strlen(place->notes) : 0,
	};
	u8 object[16];
	int ret = place_object(place->region, object);

	if (ret)
		return ret;
	parts.object = object;
	return place_passport(place, &parts);
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct place place = {};
	int ret = place_options(command, argc, argv, &place);

	if (ret)
		return ret == -ECANCELED ? VDECTL_OK : ret;
	if (argc - optind != !place.print)
		return vdectl_usage(command, "give one NAME, or none with --print");
	if (!place.region || !place.issuer)
		return vdectl_usage(command, "give --region and --issuer");
	if (place.has_time)
		return vdectl_usage(command, "--time is for attestations");
	if (!place.print)
		place.name = vdectl_plain_name(argv[optind]);
	return hold(&place);
}

const struct vdectl_command vdectl_passport_hold = {
	.name = "passport hold",
	.summary = "put a WORM region under legal hold",
	.help =
"NAME --region REGION --issuer ISSUER --key KEY [OPTION]...\n"
"       vdectl passport hold --print --region UUID --issuer ISSUER --key KEY [OPTION]...\n"
"\n"
"Make and sign a passport of status legal-hold and add it to the active vault NAME.\n"
"From then on the WORM region cannot be reset, until a release of the same issuer\n"
"lifts the hold; the hold itself never expires and cannot be removed. Prints its id.\n"
"\n"
"  --region REGION  UUID of a WORM region of the same volume, or the name of its\n"
"                   active device\n"
"  --issuer ISSUER  whose the key is\n"
"  --key KEY        private key, as for 'passport sign'\n"
"  --module PATH    PKCS#11 module of the key's token\n"
"  --framework F    default GDPR, which is 0\n"
"  --notes TEXT     UTF-8, at most 256 bytes\n"
"  --print          print the signed passport as JSON instead of adding it\n"
"  --json           print the passport as JSON, not only its id\n"
"  --help           show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdectl passport verify: verify signatures again, by the kernel, or by libcrypto
 * on a disk or image file.
 */
#include <getopt.h>
#include <inttypes.h>

#include "passport.h"

#define BATCH 128U

/* What is verified, and how many had which verdict. */
struct verify {
	bool one;
	u8 id[16];
	struct json_object *list;
	struct key_set keys;
	u64 count[VDE_IOC_VERDICT_DAMAGED + 1];
	u64 others;
	bool found;
};

static void report(struct verify *verify, const u8 id[16], u32 verdict,
		   u32 traits)
{
	const char *name = passport_verdict_name(verdict);
	char text[VDE_UUID_TEXT_SIZE];
	struct json_object *object;

	verify->found = true;
	if (verdict < ARRAY_SIZE(verify->count))
		verify->count[verdict]++;
	else
		verify->others++;
	if (!verify->list) {
		vde_guid_format(id, text);
		printf("%s %s%s%s\n", text, name,
		       traits & VDE_IOC_PASSPORT_EXPIRED ? ", expired" : "",
		       traits & VDE_IOC_PASSPORT_RELEASED ? ", released" : "");
		return;
	}
	object = json_object_new_object();
	json_add_guid(object, "id", id);
	passport_add_verdict(object, verdict, traits);
	json_object_array_add(verify->list, object);
}

static int verify_all(struct verify *verify, const struct vde_device *device)
{
	struct vde_ioc_verify_entry entries[BATCH];
	u64 cursor = 0;
	u32 count, i;
	int ret;

	do {
		count = BATCH;
		ret = vde_device_vault_verify_all(device, &cursor, entries,
						  &count);
		for (i = 0; i < count; i++)
			report(verify, entries[i].id, entries[i].verdict,
			       entries[i].traits);
	} while (!ret && count && !ferror(stdout));
	return ret;
}

static int verify_device(const char *name, struct verify *verify)
{
	struct vde_ioc_verify_entry entry = {};
	struct vde_device device;
	int ret = vdectl_open_vault(name, 0, &device);

	if (ret)
		return ret;
	if (verify->one) {
		ret = vde_device_vault_verify(&device, verify->id, &entry);
		if (!ret)
			report(verify, verify->id, entry.verdict,
			       entry.traits);
	} else {
		ret = verify_all(verify, &device);
	}
	vde_device_close(&device);
	return ret ? passport_error(name, verify->one ? verify->id : NULL,
				    "verify", ret) : VDECTL_OK;
}

/* As the kernel does, all passes tombstones over. */
static int visit(void *context, const struct vde_passport *parts, u32 traits)
{
	struct verify *verify = context;

	if (verify->one ? memcmp(parts->id, verify->id, sizeof(verify->id)) :
			  parts->status == VDE_PASSPORT_REMOVED)
		return 0;
	report(verify, parts->id, key_set_verify(&verify->keys, parts),
	       traits);
	return verify->one || ferror(stdout) ? -ECANCELED : 0;
}

static int verify_image(struct image *image, struct verify *verify)
{
	int ret;

	image->context = verify;
	image->visit = visit;
	ret = image_visit(image);
	if (!ret && verify->one && !verify->found)
		ret = passport_error(image->path, verify->id, "verify",
				     -ENOENT);
	return ret;
}

/* The worst verdict counts. A signature that is no longer needed is still good. */
static int finish(struct verify *verify, int ret)
{
	u64 *count = verify->count;

	if (verify->list)
		json_print(verify->list);
	else if (!verify->one && ret != VDECTL_ERROR)
		printf("%" PRIu64 " valid, %" PRIu64 " bad, %" PRIu64
		       " without a key\n", count[VDE_IOC_VERDICT_VALID],
		       count[VDE_IOC_VERDICT_BAD],
		       count[VDE_IOC_VERDICT_NO_KEY]);
	verify->list = NULL;
	if (!ret && (count[VDE_IOC_VERDICT_BAD] ||
		     count[VDE_IOC_VERDICT_NO_KEY] ||
		     count[VDE_IOC_VERDICT_UNCHECKED] ||
		     count[VDE_IOC_VERDICT_DAMAGED] || verify->others))
		ret = VDECTL_PROBLEM;
	return ret;
}

enum {
	OPT_IMAGE = 256,
	OPT_REGION,
	OPT_KEY,
	OPT_CERT,
	OPT_ISSUER_KEY,
	OPT_ISSUER,
	OPT_JSON,
};

static const struct option long_options[] = {
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "region", required_argument, NULL, OPT_REGION },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "issuer-key", required_argument, NULL, OPT_ISSUER_KEY },
	{ "issuer", required_argument, NULL, OPT_ISSUER },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int take_option(const struct vdectl_command *command,
		       struct image *image, struct verify *verify, int option)
{
	switch (option) {
	case OPT_IMAGE:
		image->path = optarg;
		return VDECTL_OK;
	case OPT_REGION:
		return vdectl_parse_number(optarg, &image->region) ?
		       vdectl_usage(command, "'%s' is not a region number",
				    optarg) : VDECTL_OK;
	case OPT_KEY:
	case OPT_CERT:
		return key_set_add_file(&verify->keys, optarg,
					option == OPT_CERT);
	case OPT_ISSUER_KEY:
		return key_set_add_hex(&verify->keys, optarg);
	case OPT_ISSUER:
		verify->keys.issuer = optarg;
		return keys_check_issuer(command, optarg);
	case OPT_JSON:
		if (!verify->list)
			verify->list = json_object_new_array();
		return VDECTL_OK;
	default:
		return vdectl_usage(command, NULL);
	}
}

static int run_verify(const struct vdectl_command *command, int argc,
		      char **argv, struct image *image, struct verify *verify)
{
	int names = !image->path;

	if (argc < names || argc > names + 1)
		return vdectl_usage(command, "give a NAME or --image DEVICE, and one ID at most");
	if (!image->path && verify->keys.count)
		return vdectl_usage(command, "the kernel has keys of its own: others are for --image");
	if (image->path && !verify->keys.count)
		return vdectl_usage(command, "give --key, --cert or --issuer-key, once or more");
	verify->one = argc > names;
	if (verify->one && vde_guid_parse(argv[names], verify->id))
		return vdectl_usage(command, "'%s' is not a UUID",
				    argv[names]);
	return finish(verify, image->path ? verify_image(image, verify) :
		      verify_device(vdectl_plain_name(argv[0]), verify));
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct verify verify = {};
	struct image image = {};
	int ret = VDECTL_OK;
	int option = 0;

	while (!ret && option != 'h' &&
	       (option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1)
		ret = option == 'h' ? vdectl_help(command) :
		      take_option(command, &image, &verify, option);
	if (!ret && option != 'h')
		ret = run_verify(command, argc - optind, argv + optind, &image,
				 &verify);
	json_object_put(verify.list);
	key_set_free(&verify.keys);
	return ret;
}

const struct vdectl_command vdectl_passport_verify = {
	.name = "passport verify",
	.summary = "verify signatures again",
	.help =
"NAME [ID] [--json]\n"
"       vdectl passport verify --image DEVICE [--region N] [ID] KEY... [--json]\n"
"\n"
"Have the kernel verify the passport ID of the active vault NAME, or all, with the\n"
"keys that it has now. Or verify those of vault N, counted from 0, of the volume on a\n"
"disk or image file with the KEYs given, which takes neither the kernel module nor\n"
"root. Prints for each: valid, bad (it is not by its issuer's key) or no-key, and\n"
"whether it has expired.\n"
"\n"
"  --image DEVICE    read DEVICE\n"
"  --region N        vault N of it; default 0\n"
"  --key PEM         any issuer's private or public key or certificate\n"
"  --cert CERT       a certificate, PEM or DER, of the issuer that is its common name\n"
"  --issuer-key HEX  any issuer's key, as 'vdectl key show' prints it\n"
"  --issuer NAME     keys that follow are of that issuer\n"
"  --json            print JSON: an array\n"
"  --help            show this text\n"
"\n"
"Exit status 1 tells that a signature is bad or could not be verified.\n",
	.run = run,
};

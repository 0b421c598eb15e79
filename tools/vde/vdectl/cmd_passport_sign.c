// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport sign: sign passports. */
#include <getopt.h>

#include "passport.h"

static int sign_all(struct passport_list *list, const char *path,
		    const char *module)
{
	struct vde_key key;
	u32 i;
	int ret = keys_load_private(path, module, &key);

	if (ret)
		return ret;
	for (i = 0; !ret && i < list->count; i++)
		ret = passport_sign(&list->passports[i], &key);
	vde_key_free(&key);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "module", required_argument, NULL, 'm' },
		{ "binary", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct passport_list list = {};
	const char *module = NULL;
	const char *key = NULL;
	bool binary = false;
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'k')
			key = optarg;
		else if (option == 'm')
			module = optarg;
		else if (option == 'b')
			binary = true;
		else
			return vdectl_usage(command, NULL);
	}
	if (argc - optind > 1)
		return vdectl_usage(command, "give one FILE at most");
	if (!key)
		return vdectl_usage(command, "give --key");
	ret = passport_read(optind < argc ? argv[optind] : "-", &list);
	if (!ret)
		ret = sign_all(&list, key, module);
	if (!ret)
		ret = passport_put(list.passports, list.count, binary);
	passport_list_free(&list);
	return ret;
}

const struct vdectl_command vdectl_passport_sign = {
	.name = "passport sign",
	.summary = "sign passports",
	.help =
"[FILE|-] --key KEY [--module PATH] [--binary]\n"
"\n"
"Sign the passports in FILE, or of standard input, and print them with their\n"
"signatures: one as a JSON object, several as an array. A signature that is there is\n"
"replaced.\n"
"\n"
"  --key KEY      private key on P-256: a PEM file, or a key in a token by its URI\n"
"                 (RFC 7512), such as 'pkcs11:token=audit;object=signer'; OpenSSL's\n"
"                 engine for PKCS#11 must be installed. The PIN is asked for unless\n"
"                 the URI has it, as pin-source=/FILE or pin-value=\n"
"  --module PATH  PKCS#11 module of the token, such as\n"
"                 /usr/lib/softhsm/libsofthsm2.so\n"
"  --binary       print passports in their stored form, one after the other\n"
"  --help         show this text\n",
	.run = run,
};

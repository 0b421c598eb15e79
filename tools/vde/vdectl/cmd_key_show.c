// SPDX-License-Identifier: GPL-2.0-only
/* vdectl key show: the public key, as attach takes it. */
#include <getopt.h>

#include "keys.h"

static int show_key(const struct vde_key *key, bool json)
{
	struct json_object *object;
	u8 digest[SHA256_DIGEST_SIZE];
	char point[VDECTL_TEXT_SIZE];
	char fingerprint[VDECTL_TEXT_SIZE];
	char name[VDECTL_TEXT_SIZE];

	if (vde_key_fingerprint(key, digest))
		return vdectl_error("%s", strerror(ENOMEM));
	vdectl_hex_text(point, key->point, sizeof(key->point));
	vdectl_hex_text(fingerprint, digest, sizeof(digest));
	if (json) {
		object = json_object_new_object();
		json_add_text(object, "issuer_key", point);
		json_add_text(object, "sha256", fingerprint);
		json_add_bool(object, "private", key->is_private);
		json_add_text(object, "issuer", key->name);
		return json_print(object);
	}
	printf("issuer key:   %s\n", point);
	printf("fingerprint:  SHA-256 %s\n", fingerprint);
	if (key->name)
		printf("issuer:       %s\n",
		       vdectl_safe_text(name, key->name,
					strnlen(key->name, 256)));
	return VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *module = NULL;
	struct vde_key key;
	bool json = false;
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'm')
			module = optarg;
		else if (option == 'j')
			json = true;
		else
			return vdectl_usage(command, NULL);
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one FILE");
	ret = vde_key_is_uri(argv[optind]) ?
	      keys_load_private(argv[optind], module, &key) :
	      keys_load(argv[optind], &key);
	if (ret)
		return ret;
	ret = show_key(&key, json);
	vde_key_free(&key);
	return ret;
}

const struct vdectl_command vdectl_key_show = {
	.name = "key show",
	.summary = "print a public key",
	.help =
"FILE|URI [--module PATH] [--json]\n"
"\n"
"Print the public key of a private or public key or certificate in PEM, of a\n"
"certificate in DER, or of a key in a token (pkcs11:...): its point as 130\n"
"hexadecimal digits, which 'attach --issuer-key' takes, and the SHA-256 of its\n"
"SubjectPublicKeyInfo.\n"
"\n"
"  --module PATH  PKCS#11 module of the token\n"
"  --json         print JSON\n"
"  --help         show this text\n",
	.run = run,
};

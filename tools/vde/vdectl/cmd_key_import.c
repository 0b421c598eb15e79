// SPDX-License-Identifier: GPL-2.0-only
/* vdectl key import: a certificate for a keyring of the kernel. */
#include <getopt.h>

#include "keys.h"

static int add_error(const char *path, int err)
{
	switch (err) {
	case -EBADMSG:
	case -ENOPKG:
	case -EINVAL:
	case -EKEYREJECTED:
		return vdectl_error("%s: the kernel does not take the certificate: %s",
				    path, strerror(-err));
	case -ENODEV:
	case -ENOSYS:
		return vdectl_error("the kernel has no asymmetric keys: %s",
				    strerror(-err));
	default:
		return vdectl_error("%s: cannot add it to the keyring: %s",
				    path, strerror(-err));
	}
}

static int add_key_of(const char *path, const struct vde_key *key,
		      const char *keyring, const char *issuer, s32 *serial)
{
	s32 where;
	int ret;

	if (!key->certificate)
		return vdectl_error("%s is no certificate, which is what the kernel takes: see 'vdectl key generate --cert'",
				    path);
	if (!issuer)
		issuer = key->name;
	if (!issuer)
		return vdectl_error("%s has no common name: give --issuer",
				    path);
	ret = vde_keyring_find(keyring, &where);
	if (ret)
		return vdectl_error("there is no keyring '%s' that can be reached from here (%s); 'keyctl newring %s @s' makes one",
				    keyring, strerror(-ret), keyring);
	ret = vde_keyring_add(where, issuer, key->certificate,
			      key->certificate_size, serial);
	return ret ? add_error(path, ret) : VDECTL_OK;
}

static int import(const char *path, const char *keyring, const char *issuer)
{
	struct vde_key key;
	s32 serial;
	int ret = keys_load(path, &key);

	if (ret)
		return ret;
	ret = add_key_of(path, &key, keyring, issuer, &serial);
	if (!ret)
		printf("%d\n", serial);
	vde_key_free(&key);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "keyring", required_argument, NULL, 'k' },
		{ "issuer", required_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *keyring = NULL;
	const char *issuer = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'k')
			keyring = optarg;
		else if (option == 'i')
			issuer = optarg;
		else
			return vdectl_usage(command, NULL);
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one FILE");
	if (!keyring)
		return vdectl_usage(command, "give --keyring");
	if (issuer && keys_check_issuer(command, issuer))
		return VDECTL_ERROR;
	return import(argv[optind], keyring, issuer);
}

const struct vdectl_command vdectl_key_import = {
	.name = "key import",
	.summary = "add a certificate to a keyring of the kernel",
	.help =
"FILE --keyring KEYRING [--issuer NAME]\n"
"\n"
"Add the certificate in FILE, PEM or DER, to a keyring of the kernel, described\n"
"vde:NAME, and print the serial number of the key. A key of that name there is\n"
"replaced.\n"
"\n"
"  --keyring KEYRING  serial number, description of a keyring that can be reached from\n"
"                     the session's, or @s, @u and the like\n"
"  --issuer NAME      the issuer, if it is not the certificate's common name\n"
"  --help             show this text\n",
	.run = run,
};

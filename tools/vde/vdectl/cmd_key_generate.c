// SPDX-License-Identifier: GPL-2.0-only
/* vdectl key generate: make a private key, and a certificate if wanted. */
#include <getopt.h>
#include <unistd.h>

#include "keys.h"

#define DAYS 3653U	/* kernels do not look at the dates */

struct generate {
	const char *path;
	const char *certificate;
	const char *issuer;
	u64 days;
};

static int file_error(const char *path, int err)
{
	if (err == -EEXIST)
		return vdectl_error("%s exists already, and is not overwritten",
				    path);
	return vdectl_error("writing %s: %s", path, strerror(-err));
}

static int write_certificate(const struct generate *generate,
			     struct vde_key *key)
{
	int ret = vde_key_certify(key, generate->issuer, generate->days);

	if (!ret)
		ret = vde_key_write_certificate(key, generate->certificate);
	return ret ? file_error(generate->certificate, ret) : VDECTL_OK;
}

/* The certificate comes last: without its key it would be of no use. */
static int write_files(const struct generate *generate, struct vde_key *key)
{
	int ret;

	if (generate->certificate && !access(generate->certificate, F_OK))
		return file_error(generate->certificate, -EEXIST);
	ret = vde_key_write(key, generate->path);
	if (ret)
		return file_error(generate->path, ret);
	return generate->certificate ? write_certificate(generate, key) :
				       VDECTL_OK;
}

static int generate_key(const struct generate *generate)
{
	char text[VDECTL_TEXT_SIZE];
	struct vde_key key;
	int ret = vde_key_generate(&key);

	if (ret)
		return vdectl_error("cannot make a key: %s", strerror(-ret));
	ret = write_files(generate, &key);
	if (!ret)
		puts(vdectl_hex_text(text, key.point, sizeof(key.point)));
	vde_key_free(&key);
	return ret;
}

static int take_option(const struct vdectl_command *command,
		       struct generate *generate, int option)
{
	switch (option) {
	case 'c':
		generate->certificate = optarg;
		return VDECTL_OK;
	case 'i':
		generate->issuer = optarg;
		return keys_check_issuer(command, optarg);
	case 'd':
		return vdectl_parse_number(optarg, &generate->days) ||
		       !generate->days || generate->days > 1000000 ?
		       vdectl_usage(command, "'%s' is not a number of days",
				    optarg) : VDECTL_OK;
	default:
		return vdectl_usage(command, NULL);
	}
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "cert", required_argument, NULL, 'c' },
		{ "issuer", required_argument, NULL, 'i' },
		{ "days", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct generate generate = { .days = DAYS };
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &generate, option);
		if (ret)
			return ret;
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one FILE");
	if (!generate.certificate != !generate.issuer)
		return vdectl_usage(command, "--cert and --issuer go together");
	generate.path = argv[optind];
	return generate_key(&generate);
}

const struct vdectl_command vdectl_key_generate = {
	.name = "key generate",
	.summary = "make a private key",
	.help =
"FILE [--cert CERT --issuer NAME [--days N]]\n"
"\n"
"Write a new private key on P-256 to FILE, in PEM, readable by its owner only and not\n"
"encrypted, and print the public key as 'attach --issuer-key' takes it. No file is\n"
"overwritten.\n"
"\n"
"  --cert CERT    write a self-signed certificate, too, in DER, as 'key import' and\n"
"                 'keyctl padd asymmetric vde:NAME KEYRING' take it\n"
"  --issuer NAME  common name in it: the issuer, UTF-8, at most 128 bytes\n"
"  --days N       how long it is valid; default 3653. The kernel does not look\n"
"  --help         show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl key: keys of those who issue passports. */
#include "keys.h"

static const struct vdectl_command *const verbs[] = {
	&vdectl_key_generate,
	&vdectl_key_show,
	&vdectl_key_import,
};

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	return vdectl_run_verb(command, verbs, ARRAY_SIZE(verbs), argc, argv);
}

const struct vdectl_command vdectl_key = {
	.name = "key",
	.summary = "make and show keys of issuers",
	.help =
"VERB FILE [OPTION]...\n"
"\n"
"Keys of those who issue passports: ECDSA on the curve P-256.\n"
"\n"
"  generate FILE  make a private key, and a certificate if wanted\n"
"  show FILE      print the public key as attach --issuer-key takes it\n"
"  import FILE    add a certificate to a keyring of the kernel\n"
"\n"
"'vdectl key VERB --help' describes a verb.\n",
	.run = run,
};

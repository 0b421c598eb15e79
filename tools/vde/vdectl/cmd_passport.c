// SPDX-License-Identifier: GPL-2.0-only
/* vdectl passport: signed statements in a vault. */
#include "passport.h"

static const struct vdectl_command *const verbs[] = {
	&vdectl_passport_new,
	&vdectl_passport_sign,
	&vdectl_passport_add,
	&vdectl_passport_get,
	&vdectl_passport_list,
	&vdectl_passport_verify,
	&vdectl_passport_remove,
	&vdectl_passport_hold,
	&vdectl_passport_release,
	&vdectl_passport_attest,
};

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	return vdectl_run_verb(command, verbs, ARRAY_SIZE(verbs), argc, argv);
}

const struct vdectl_command vdectl_passport = {
	.name = "passport",
	.summary = "make, sign, store and verify passports",
	.help =
"VERB [ARGUMENT]...\n"
"\n"
"Passports are signed statements about data: who says that which object complies\n"
"with what. The active vault NAME stores them; the kernel verifies each first.\n"
"\n"
"  new                    make an unsigned passport, as JSON\n"
"  sign [FILE|-]          sign passports\n"
"  add NAME [FILE|-]...   store signed passports\n"
"  get NAME ID            show a passport\n"
"  list NAME              list passports\n"
"  verify NAME [ID]       verify signatures again\n"
"  remove NAME ID         remove an expired passport\n"
"  hold NAME              put a WORM region under legal hold\n"
"  release NAME ID        lift a legal hold\n"
"  attest NAME            attest the time to a WORM region\n"
"\n"
"get, list and verify can read a disk or image file instead (--image), without the\n"
"kernel module. 'vdectl passport VERB --help' describes a verb.\n",
	.run = run,
};

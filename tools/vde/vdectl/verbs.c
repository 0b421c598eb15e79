// SPDX-License-Identifier: GPL-2.0-only
/* Commands that have verbs of their own. */
#include "vdectl.h"

/**
 * vdectl_run_verb - run a verb of a command
 * @command: the command, such as "key"
 * @verbs: its verbs, each named "<command> <verb>"
 * @count: how many
 * @argc: of the command line
 * @argv: of the command line
 *
 * Return: exit status.
 */
int vdectl_run_verb(const struct vdectl_command *command,
		    const struct vdectl_command *const *verbs, u32 count,
		    int argc, char **argv)
{
	u32 i;

	if (argc < 2)
		return vdectl_usage(command, "give a VERB");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return vdectl_help(command);
	for (i = 0; i < count; i++)
		if (!strcmp(strchr(verbs[i]->name, ' ') + 1, argv[1]))
			break;
	if (i == count)
		return vdectl_usage(command, "no verb '%s'", argv[1]);
	argv[1] = argv[0];
	return verbs[i]->run(verbs[i], argc - 1, argv + 1);
}

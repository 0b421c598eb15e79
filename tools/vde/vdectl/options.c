// SPDX-License-Identifier: GPL-2.0-only
/* Command lines that many verbs have. */
#include <errno.h>
#include <getopt.h>

#include "vdectl.h"

/**
 * vdectl_option - parse the options of a verb that has --help and one more
 * @command: the verb
 * @argc: number of arguments
 * @argv: arguments; optind is the first that is no option afterwards
 * @name: the other option, without its dashes; NULL if there is none
 * @given: set if it is there
 *
 * Return: 0; -ECANCELED when help was asked for and shown; VDECTL_ERROR.
 */
int vdectl_option(const struct vdectl_command *command, int argc, char **argv,
		  const char *name, bool *given)
{
	const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ name, no_argument, NULL, 'o' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			vdectl_help(command);
			return -ECANCELED;
		}
		if (option != 'o')
			return vdectl_usage(command, NULL);
		*given = true;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl: compliance volumes of the dm-vde target. */
#include <locale.h>
#include <unistd.h>

#include "vdectl.h"

static const struct vdectl_command *const commands[] = {
	&vdectl_format,
	&vdectl_attach,
	&vdectl_detach,
	&vdectl_status,
	&vdectl_append,
	&vdectl_cat,
	&vdectl_log,
	&vdectl_scrub,
	&vdectl_retention,
	&vdectl_reset,
	&vdectl_stream,
	&vdectl_key,
	&vdectl_passport,
	&vdectl_check,
	&vdectl_dump,
};

static void print_commands(FILE *stream)
{
	u32 i;

	fputs("Usage: vdectl COMMAND [ARGUMENT]...\n"
	      "       vdectl help [COMMAND] | --help | --version\n"
	      "\nCommands:\n", stream);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stream, "  %-9s %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n'vdectl COMMAND --help' describes a command.\n"
	      "Exit status: 0 fine, 1 problem found, 2 usage or system error.\n",
	      stream);
}

static const struct vdectl_command *find_command(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int help(int argc, char **argv)
{
	const struct vdectl_command *command;

	if (argc < 3) {
		print_commands(stdout);
		return VDECTL_OK;
	}
	command = find_command(argv[2]);
	return command ? vdectl_help(command) :
			 vdectl_error("no command '%s'", argv[2]);
}

static int run(int argc, char **argv)
{
	const struct vdectl_command *command;

	if (argc < 2) {
		print_commands(stderr);
		return VDECTL_ERROR;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h"))
		return help(argc, argv);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("vdectl " VDECTL_VERSION);
		return VDECTL_OK;
	}
	command = find_command(argv[1]);
	if (!command)
		return vdectl_error("no command '%s'; see 'vdectl help'",
				    argv[1]);
	/* getopt_long() begins its messages with it. */
	argv[1] = "vdectl";
	return command->run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int ret;

	/* Labels are UTF-8 whatever the user's language. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	ret = run(argc, argv);
	/* A report that did not reach its reader is no report. */
	if (fflush(stdout) || ferror(stdout))
		return vdectl_error("writing output: %s", strerror(errno));
	return ret;
}

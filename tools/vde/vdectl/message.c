// SPDX-License-Identifier: GPL-2.0-only
/* Messages to the user; every error goes through here. */
#include <stdarg.h>

#include "vdectl.h"

static void print_message(const char *format, va_list args)
{
	fflush(stdout);
	fputs("vdectl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

/**
 * vdectl_error - say what went wrong
 * @format: printf format without "vdectl: " and newline
 *
 * Return: VDECTL_ERROR, to be returned by the command.
 */
int vdectl_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_message(format, args);
	va_end(args);
	return VDECTL_ERROR;
}

/**
 * vdectl_usage - say what is wrong with the command line
 * @command: the verb
 * @format: printf format; NULL if getopt_long() has said it already
 *
 * Return: VDECTL_ERROR.
 */
int vdectl_usage(const struct vdectl_command *command, const char *format, ...)
{
	va_list args;

	if (format) {
		va_start(args, format);
		print_message(format, args);
		va_end(args);
	}
	fprintf(stderr, "See 'vdectl %s --help'.\n", command->name);
	return VDECTL_ERROR;
}

/**
 * vdectl_help - print a command's help
 * @command: the verb
 *
 * Return: VDECTL_OK.
 */
int vdectl_help(const struct vdectl_command *command)
{
	printf("Usage: vdectl %s %s", command->name, command->help);
	return VDECTL_OK;
}

/**
 * vdectl_open_error - explain why a device could not be opened or read
 * @path: device or image file
 * @err: negative errno
 *
 * Return: VDECTL_ERROR.
 */
int vdectl_open_error(const char *path, int err)
{
	if (err == -EBUSY)
		return vdectl_error("%s is in use: mounted, part of another device, or active (see 'vdectl status')",
				    path);
	if (err == -ENOTBLK)
		return vdectl_error("%s is neither a block device nor a regular file",
				    path);
	return vdectl_error("%s: %s", path, strerror(-err));
}

/**
 * vdectl_volume_error - explain why a volume cannot be used
 * @path: device or image file
 * @fault: what is wrong with it
 *
 * Return: VDECTL_PROBLEM for a damaged volume, VDECTL_ERROR where there is none
 * or one of another version.
 */
int vdectl_volume_error(const char *path, enum vde_fault fault)
{
	vdectl_error("%s: %s", path, vde_fault_phrase(fault));
	return vde_fault_errno(fault) == -EUCLEAN ? VDECTL_PROBLEM :
						    VDECTL_ERROR;
}

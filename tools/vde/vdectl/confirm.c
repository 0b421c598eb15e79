// SPDX-License-Identifier: GPL-2.0-only
/* What cannot be undone is asked for twice. */
#include <unistd.h>

#include "vdectl.h"

/**
 * vdectl_can_confirm - is there anybody to ask?
 * @name: the device
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int vdectl_can_confirm(const char *name)
{
	return isatty(STDIN_FILENO) ? VDECTL_OK :
	       vdectl_error("%s: nobody is there to confirm it: give --yes",
			    name);
}

/**
 * vdectl_confirm - let the user type the device's name
 * @name: the device
 * @what: what will happen to it
 *
 * A slip of the hand does not type a name.
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int vdectl_confirm(const char *name, const char *what)
{
	char answer[256];

	if (vdectl_can_confirm(name))
		return VDECTL_ERROR;
	fprintf(stderr, "%s: %s.\nType its name to go on: ", name, what);
	if (!fgets(answer, sizeof(answer), stdin))
		return vdectl_error("not confirmed");
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, name) ? vdectl_error("not confirmed") :
				      VDECTL_OK;
}

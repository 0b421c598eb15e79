// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "guid.h"

/* Where the bytes of the text lie in what is stored */
static const int place[16] = {
	3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
};

bool guid_parse(const char *text, uint8_t guid[16])
{
	unsigned int byte;
	int i, used;

	if (strlen(text) != GUID_TEXT - 1)
		return false;
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			if (*text++ != '-')
				return false;
		if (sscanf(text, "%2x%n", &byte, &used) != 1 || used != 2)
			return false;
		guid[place[i]] = byte;
		text += 2;
	}
	return true;
}

const char *guid_print(const uint8_t guid[16], char text[GUID_TEXT])
{
	char *end = text;
	int i;

	for (i = 0; i < 16; i++)
		end += sprintf(end, "%s%02x", i == 4 || i == 6 || i == 8 ||
			       i == 10 ? "-" : "", guid[place[i]]);
	return text;
}

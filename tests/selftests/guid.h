/* SPDX-License-Identifier: GPL-2.0-only */
/* GUIDs as they are written, and as they are stored: the order of guid_t. */
#ifndef SELFTESTS_GUID_H
#define SELFTESTS_GUID_H

#include <stdbool.h>
#include <stdint.h>

#define GUID_TEXT 37	/* bytes of its text, with the NUL */

bool guid_parse(const char *text, uint8_t guid[16]);
const char *guid_print(const uint8_t guid[16], char text[GUID_TEXT]);

#endif /* SELFTESTS_GUID_H */

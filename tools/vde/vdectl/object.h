/* SPDX-License-Identifier: GPL-2.0-only */
/* Ids of ranges of WORM regions. */
#ifndef VDECTL_OBJECT_H
#define VDECTL_OBJECT_H

#include "dm.h"

int object_of_range(const char *text, u64 region, u8 object[16]);

#endif /* VDECTL_OBJECT_H */

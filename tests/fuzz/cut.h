/* SPDX-License-Identifier: GPL-2.0-only */
/* Power cuts: what is on the disk while a region is active, put back later. */
#ifndef FUZZ_CUT_H
#define FUZZ_CUT_H

#include "image.h"

void cut_begin(const struct image *image);

/* The power goes now: keeps what is on the disk. */
void cut_take(void);

/* Nothing is active: so it is not the power. */
void cut_keep(void);

/* It went before this region's last commit: keeps all that is beside it. */
void cut_take_beside(const struct region *region);

/* Everything is as it was then; no region may be active. */
void cut_put_back(void);

/* Ends the program unless it is so still. */
void cut_check(void);

#endif /* FUZZ_CUT_H */

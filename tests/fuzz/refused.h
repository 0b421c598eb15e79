/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes that are refused, and blocks that are damaged. */
#ifndef FUZZ_REFUSED_H
#define FUZZ_REFUSED_H

#include "call.h"

#define GAP 3		/* blocks beyond the mark or head, of a write that leaves one */

/* call_refused.c: what a refused call must leave alone, and that it is counted */
void prepare_refused(const struct active *active);
void check_refused(const struct active *active, const struct call *call, long ret,
		   const struct doubt *doubt);

/* call_damaged.c: of block 0, or of the block with the record of block OLD */
#define OLD 100
void damage_begin(const struct image *image);
void damage(bool record);
/* It can be read again, with all that is around it. */
void repair(const struct active *active);
/* @found: blocks that were counted */
void check_damaged(const struct call *call, long ret, uint64_t found);

#endif /* FUZZ_REFUSED_H */

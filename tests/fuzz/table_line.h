/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of tables. */
#ifndef FUZZ_TABLE_LINE_H
#define FUZZ_TABLE_LINE_H

#include "crowd.h"

#define LINE 1024

/* A word of those in options.dict */
const char *word_of_table(void);

/* What the region's own table has */
void line_good(const struct place *place, char line[LINE]);

/* If it is accepted at all, then with the same region */
void line_odd(const struct place *place, char line[LINE]);

/* Any region, disk or file; with @stacked, a dm device as well */
void line_foreign(const struct place *place, char line[LINE], bool stacked);

#endif /* FUZZ_TABLE_LINE_H */

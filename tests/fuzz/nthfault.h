/* SPDX-License-Identifier: GPL-2.0-only */
/* What is being tried, and what came of it. */
#ifndef FUZZ_NTHFAULT_H
#define FUZZ_NTHFAULT_H

#include "call.h"

#define MOST 5000	/* faults in one call */

/* Of all calls, and of one */
struct sums {
	uint64_t tried, failed, degraded;
	struct fault_counts faults;
};

extern struct sums one;
extern struct active active;
extern struct image image;
extern enum fault_where where;
extern unsigned int nth;
extern const char *parameters;	/* of the table */
extern char plain[600], other[600];

/* The region with @parameters, as it is on the disk */
enum outcome begin(void);

/* Without faults; whatever happened before, it must be possible. */
void must_begin(void);

/* From the image */
void start_fresh(void);

unsigned int next_nth(void);
void start_counting(const char *name);

/* A fault that was never there proves nothing; @none: there can be none */
void stop_counting(bool none);

/* Was it asked for? */
bool is_wanted(const char *name);
void check_kernel(void);

/* change.c: what makes a region active and lets it go, with all faults */
void each_change_of_all(void);

void each_change_after_cut(void);

/* With a read-only table, and @calls: those that it allows */
void each_read_only(void (*calls)(void));

#endif /* FUZZ_NTHFAULT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults on demand, on a kernel with fault injection: allocations from slabs
 * and of pages, and requests to the disk beneath. They are counted per task of
 * the kernel's: where, says which tasks have theirs.
 */
#ifndef FUZZ_FAULT_H
#define FUZZ_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_where { IN_CALLER, IN_WORKERS, WHERES };

extern const char *const where_names[WHERES];

/* Faults that there were so far. */
struct fault_counts {
	uint64_t slab, page, request;
};

/* Lets every kind of allocation fail, and requests to @disk; quietly. */
void fault_begin(const char *disk);

/*
 * Number @nth of what this thread, or each of the kernel's workers, asks for
 * in what is called next fails; 0: none does.
 */
void fault_arm(enum fault_where where, unsigned int nth);

/* The call is over. Did anything fail? */
bool fault_disarm(void);

struct fault_counts fault_counts(void);

#endif /* FUZZ_FAULT_H */

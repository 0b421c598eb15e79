/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults on demand, in calls of this thread: allocations of the kernel that
 * fail, on a kernel with fault injection.
 */
#ifndef FUZZ_FAULT_H
#define FUZZ_FAULT_H

#include <stdbool.h>

/* Lets every kind of allocation fail; quietly. */
void fault_begin(void);

/* Allocation @nth of what this thread calls next fails; 0: none does. */
void fault_arm(unsigned int nth);

/* The call is over. Was there such an allocation? */
bool fault_disarm(void);

#endif /* FUZZ_FAULT_H */

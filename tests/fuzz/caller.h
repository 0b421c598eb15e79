/* SPDX-License-Identifier: GPL-2.0-only */
/* One process of the crowd. */
#ifndef FUZZ_CALLER_H
#define FUZZ_CALLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct caller {
	unsigned int number;	/* two of four are administrators, one is unprivileged */
	bool quiet;		/* unprivileged, with files to read from only */
	bool may_be_killed;	/* it leaves nothing undone */
	bool killed;
	pid_t pid;
};

void caller_start(struct caller *caller, uint64_t seed);

#endif /* FUZZ_CALLER_H */

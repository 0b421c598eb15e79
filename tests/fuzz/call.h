/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that a user can make of a region, and what each of them promises. */
#ifndef FUZZ_CALL_H
#define FUZZ_CALL_H

#include "active.h"

struct call {
	const char *name;
	/* the call itself: 0 or more, or a negative errno */
	long (*make)(const struct active *active);
	bool append;	/* it adds something, which is promised when it succeeds */
	bool fresh;	/* it wants a volume that is not yet full */
};

void calls_begin(const char *images, const char *disk, enum kind kind,
		 char *parameters, size_t size);

/* Ends with one that has no name. */
const struct call *calls_of(enum kind kind);

void prepare_call(const struct active *active, const struct call *call);
long make_call(const struct active *active, const struct call *call,
	       unsigned int nth, bool *reached);
void check_call(const struct active *active, const struct call *call, long ret);
bool is_writable(const struct active *active);

/* Appends something, without faults, if there is room. */
void make_promise(const struct active *active);
void check_promises(const struct active *active);
void forget_promises(void);

#endif /* FUZZ_CALL_H */

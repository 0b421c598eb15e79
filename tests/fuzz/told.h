/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that tell of refusals and of damage. */
#ifndef FUZZ_TOLD_H
#define FUZZ_TOLD_H

#include <stdbool.h>

void told_begin(void);

/* Those that came so far */
void told_forget(void);

/* Has VDE_EVENT=@event come since, or does it within @ms milliseconds? */
bool told_within(const char *event, int ms);

/* Ends the program unless it comes. */
void told_wait(const char *event);

#endif /* FUZZ_TOLD_H */

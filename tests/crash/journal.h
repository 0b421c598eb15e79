/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_JOURNAL_H
#define CRASH_JOURNAL_H

#include <stdint.h>

/*
 * What the writer was promised, kept where the crash does not reach. Lines:
 *	epoch NUMBER START	a run of the writer begins at block START
 *	durable END		an fsync that covers all below END has returned
 *	consuming POSITION	a stream is asked to give up what lies before it
 *	consumed POSITION	... and an fsync after that has returned
 */
struct journal {
	int fd;
	uint64_t durable;
	uint64_t consuming;
	uint64_t consumed;
	unsigned int lines;
	unsigned int count;
	struct {
		uint64_t number;
		uint64_t start;
	} *epochs;
};

/*
 * Load what was promised so far, nothing if there is no journal yet, and be
 * ready to add. Returns 0, or -1 after saying why.
 */
int journal_open(struct journal *journal, const char *path);

/* Begin a run: returns its number. */
uint64_t journal_begin(struct journal *journal, uint64_t start);

void journal_durable(struct journal *journal, uint64_t end);

void journal_consuming(struct journal *journal, uint64_t position);
void journal_consumed(struct journal *journal, uint64_t position);

/* The epoch that wrote a block, if it was written; -1 for none. */
int journal_epoch_of(const struct journal *journal, uint64_t block,
		     uint64_t *epoch);

#endif /* CRASH_JOURNAL_H */

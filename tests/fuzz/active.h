/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that come and go, and what the kernel says of them. */
#ifndef FUZZ_ACTIVE_H
#define FUZZ_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "image.h"

struct active {
	enum kind kind;
	dev_t dev;
	int minor;
	int node;	/* /dev/dm-N, O_DIRECT */
	int device;	/* /dev/vde/dm-N */
	bool writable;	/* it was opened for writing, and its mode is rw */
};

/* What became of an activation. */
enum outcome { REFUSED_TABLE, REFUSED_RESUME, ACCEPTED_RO, ACCEPTED_RW, OUTCOMES };

/*
 * @parameters as in a table; on refusal there is no device, and @phrase is
 * what the kernel said.
 */
enum outcome activate(struct active *active, enum kind kind, uint64_t sectors,
		      const char *parameters, bool read_only,
		      char phrase[128]);
void deactivate(struct active *active);

/* The block node once more; ends the program when that fails. */
int open_node(const struct active *active, int flags);

/* In the next call of dm's that is @command, fault @nth there is one. */
void dm_fail(unsigned long command, enum fault_where where, unsigned int nth);

/* Was there one? Ends it. */
bool dm_failed(void);

/* 0 or a negative errno */
int dm_message(const char *text);
int dm_status(bool table);
int dm_suspend(void);
int dm_resume(void);
int dm_reload(void);	/* the table that it was activated with */

/* Resumes, without any table that is inactive. */
int dm_recover(void);

/* Reads new messages of the kernel; returns one that reports a mistake. */
void messages_begin(void);
const char *messages_read(void);

/* Ends the program; says how to repeat it. */
void give_up(const char *what, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif /* FUZZ_ACTIVE_H */

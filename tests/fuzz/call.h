/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that a user can make of a region, and what each of them promises. */
#ifndef FUZZ_CALL_H
#define FUZZ_CALL_H

#include "active.h"
#include "fault.h"
#include "image.h"

#define MANY 40		/* blocks: more than go to the disk at a time */

/* It wants room */
#define FRESH		(1U << 0)
/* Success means durable; after an error it may be there, in mode failed */
#define DURABLE		(1U << 1)
/* All is gone afterwards; after an error it may be so, in mode failed */
#define STARTS_ANEW	(1U << 2)
/* Nobody else may have the node open */
#define ALONE		(1U << 3)
/* The device may be suspended, or have another table, after an error */
#define SUSPENDS	(1U << 4)
/* It wants an expired passport of its own */
#define REMOVES		(1U << 5)
/* It need not allocate there, nor ask anything of the disk */
#define NONE_IN_CALLER	(1U << 6)
#define NONE_IN_WORKERS	(1U << 7)
/* It places a legal hold, or releases one */
#define HOLDS		(1U << 8)
#define RELEASES	(1U << 14)
/* It adds a time attestation */
#define ATTESTS		(1U << 16)
/* What it cannot read counts as damaged */
#define UNREADABLE	(1U << 9)
/* It wants something to be there */
#define NEEDS_DATA	(1U << 10)
/* It is more than one call: the first may succeed, and the next one fail */
#define STEPS		(1U << 11)
/* Nothing may be cached when it begins */
#define COLD		(1U << 12)
/* There must be something to commit, of a WORM region or stream */
#define DIRTY		(1U << 13)
/* Its error needs no fault */
#define MAY_REFUSE	(1U << 15)
/* It is always refused: with its error, or with that of the fault */
#define REFUSED		(1U << 17)
/* An event tells of that, and of damage that was found */
#define TOLD		(1U << 18)
/* A read-only table allows it as well */
#define READS		(1U << 19)
/* A block is not what its record says; or the block of its record is damaged */
#define DAMAGED		(1U << 20)
#define NO_RECORD	(1U << 21)
/* There must be room for one block only */
#define FILLED		(1U << 22)
/* The disk's own error is passed on */
#define PASSES_ON	(1U << 23)

struct call {
	const char *name;
	/* the call itself: 0 or more, or a negative errno */
	long (*make)(const struct active *active);
	unsigned int adds;	/* blocks or passports, promised when it succeeds */
	unsigned int traits;
	int error;		/* one besides ENOMEM and EIO */
};

/* What a call that fails must leave as it is; no padding, see give_up_state() */
struct state {
	uint64_t head, tail, stored, removed, holds, corrupted, resets;
	int64_t retention;
	/* The day that is attested, to a vault and to its WORM region, which may be held */
	uint64_t attested, worm_attested, worm_held;
};

/* Of the call that is being made: how things were, and what it has to use. */
extern struct state before;
extern uint8_t many[MANY * BLOCK_SIZE], seen[BLOCK_SIZE];
extern uint8_t *const last_block;	/* of @many */
extern const uint8_t *passport;		/* the next one */
extern const uint8_t *doomed;		/* in the vault, and expired */
extern int node;			/* for writing, if the table allows it */
extern bool read_only;			/* the table */

/* Each ends with one that has no name. */
extern const struct call append_calls[], worm_calls[], stream_calls[];
extern const struct call vault_calls[], common_calls[];
extern const struct call refused_calls[], full_calls[], damaged_calls[], effect_calls[];

long answer(long ret);	/* of a system call: a negative errno */
uint32_t passport_length(const uint8_t *at);
const struct promise *newest_promise(void);

/* Of all kinds */
long sync_char(const struct active *active);
long say_commit(const struct active *active);
long suspend_and_resume(const struct active *active);
long replace_table(const struct active *active);
long read_sysfs(const struct active *active);

/* Of a WORM region: until it has ended */
long scrub(const struct active *active);

/* Of a file of the node */
void set_direct(int fd, bool direct);

/* What need not be: something has failed in a call, or where events come from. */
struct doubt {
	bool failed, told;
};

/* call_disk.c: what calls that are refused, or find damage, begin with and leave */
void prepare_disk(const struct active *active, const struct call *call);
/* What nobody waits for must have its faults, too. */
void linger(const struct call *call);
void check_disk(const struct active *active, const struct call *call, long ret,
		struct state *now, const struct doubt *doubt);

void calls_begin(const char *images);
void prepare_call(struct active *active, const struct call *call);
long make_call(struct active *active, const struct call *call,
	       enum fault_where where, unsigned int nth, bool *reached);
void check_call(const struct active *active, const struct call *call, long ret);
bool has_room(const struct active *active);

/* Its mode is the best that its table allows; so is that of what is beside it. */
bool is_whole(const struct active *active);
struct state look_at(const struct active *active);

/* Ends the program; says what of @was is something else. */
void give_up_state(const char *what, const struct state *was,
		   const struct state *now) __attribute__((noreturn));

/*
 * A passport that the disk does not give is "damaged", and its vault read-only.
 * May it be so? @requests: that were lost before.
 */
bool may_be_damaged(const struct active *active, uint64_t requests);

/* Waits until a vault has verified what it holds. */
void settle(const struct active *active);

/* Appends something, without faults, if there is room. */
void make_promise(struct active *active);
/* Adds a legal hold that need not be there later. */
void make_hold(const struct active *active);
/* Appends something that need not be there later, if there is room. */
void make_dirty(const struct active *active);
void check_promises(const struct active *active, bool may_start_anew);
void forget_promises(void);

#endif /* FUZZ_CALL_H */

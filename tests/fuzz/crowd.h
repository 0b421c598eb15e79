/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile callers: several processes use the same regions at once, and what
 * all of them know of these regions. Everything here that can change lies in
 * memory that they share.
 */
#ifndef FUZZ_CROWD_H
#define FUZZ_CROWD_H

#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

#define VOLUMES	2
#define PLACES	(VOLUMES * KINDS)
#define LEDGER	(1U << 18)	/* blocks or positions that are remembered */
#define PASSPORTS 4096
#define MOVING	(1U << 16)	/* bytes */
#define COMMANDS 21

enum surface { IOCTLS, FILES, SYSFS, MESSAGES, TABLES, ATTACHING, BIOS, SURFACES };

/* Whose word it is what a block holds */
enum witness { APPEND_IOCTL, NODE_WRITE, NODE_ZEROOUT, NODE_READ };

/* A region, its dm device, and what must stay true of it; see ledger.c. */
struct place {
	char name[16];
	const char *disk;
	const char *options;
	enum kind kind;
	uint64_t sectors;
	uint8_t uuid[16];
	bool may_restart;	/* a stream that anybody may reset */
	bool cached;		/* the page cache of its node is used */
	uint64_t held;		/* a WORM region by a hold, a vault by how many */
	uint64_t end, tail;	/* the largest that were seen */
	int64_t retention;
	uint64_t content[LEDGER], records[LEDGER];
	uint8_t witness[LEDGER];	/* of content: enum witness */
	struct vde_ioc_record_entry entries[LEDGER];	/* as first seen */
	uint8_t stored[PASSPORTS];
};

struct crowd {
	bool stop;
	bool in_turn;	/* root's changes of one device */
	uint64_t wrong;
	uint64_t calls[SURFACES], succeeded[SURFACES], commands[COMMANDS];
	uint64_t appended, compared, added, restarts;
	struct place places[PLACES];
	/* Anybody writes there while it is being appended */
	uint8_t moving[MOVING] __attribute__((aligned(4096)));
};

extern struct crowd *crowd;
extern bool unprivileged;	/* this process */

/* Something must not be as it is: says so, and ends the run. */
void wrong(const struct place *place, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

/* One call on a surface returned @ret. */
void count(enum surface surface, long ret);

/* Ends the program: the fuzzer itself cannot go on. */
void die(const char *what, ...) __attribute__((format(printf, 1, 2), noreturn));

bool chance(unsigned int one_of);

/* Numbers where something may break */
uint64_t odd_number(void);

/*
 * Memory without anything around it, of this process; and a page of it that
 * cannot be written.
 */
#define ROOM	(1U << 20)
extern uint8_t *room, *fixed;
void room_begin(void);

/*
 * 4096 bytes that others change too, and structures have their numbers where
 * others have theirs: a pointer made of parts of two could lead to the ledger,
 * and the kernel would write there.
 */
uint8_t *moving_place(void);

bool in_room(uint64_t address, uint64_t length);

/*
 * An address where @length bytes may be, or not be: as 64 bits, for structures;
 * and as what fits into a pointer of this program
 */
uint64_t odd_address(uint64_t length);
uint64_t odd_place(uint64_t length);

#endif /* FUZZ_CROWD_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of charfuzz. */
#ifndef SELFTESTS_CHARFUZZ_H
#define SELFTESTS_CHARFUZZ_H

#include <stddef.h>
#include <stdint.h>

#define ROOM (1U << 20)

struct command {
	unsigned int request;
	uint32_t size;
	/* Fields that make it likely that the command gets further; or NULL */
	void (*make_likely)(unsigned char *arg);
};

/* Those that a kind of region knows, VDE_IOC_KIND_* */
struct commands {
	const struct command *list;
	unsigned int count;
};

extern const struct commands commands[3];

/* charfuzz.c: memory with none around it, and some that cannot be written */
extern unsigned char *room, *fixed;
/* a file of passports, for a vault */
extern unsigned char *passports;
extern size_t passports_left;

/* fuzzarg.c */
uint64_t pick(uint64_t below);
uint64_t number(void);
uintptr_t place(uint64_t length);

#endif /* SELFTESTS_CHARFUZZ_H */

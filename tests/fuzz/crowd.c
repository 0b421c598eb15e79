// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "crowd.h"

/*
 * Where a pointer in the room has lost its low half to somebody else's bytes,
 * see moving_place(), there is still nothing else; in a small address space
 * that is so for three bytes.
 */
#define GUARD (sizeof(void *) > 4 ? (size_t)UINT32_MAX + 1 : (size_t)1 << 24)

struct crowd *crowd;
bool unprivileged;
uint8_t *room, *fixed;

void wrong(const struct place *place, const char *what, ...)
{
	char text[512];
	va_list args;

	va_start(args, what);
	vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	printf("wrong: %s: %s%s\n", place ? place->name : "-", text,
	       unprivileged ? " (unprivileged)" : "");
	fflush(stdout);
	__atomic_add_fetch(&crowd->wrong, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&crowd->stop, true, __ATOMIC_SEQ_CST);
}

void die(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	vfprintf(stderr, what, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

void count(enum surface surface, long ret)
{
	__atomic_add_fetch(&crowd->calls[surface], 1, __ATOMIC_RELAXED);
	if (ret >= 0)
		__atomic_add_fetch(&crowd->succeeded[surface], 1, __ATOMIC_RELAXED);
	else if (errno > 255)
		wrong(NULL, "surface %d: error %d", surface, errno);
}

bool chance(unsigned int one_of)
{
	return !random_below(one_of);
}

uint64_t odd_number(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 511, 4095, 4096, 4097, 8193, 1ULL << 24,
		(1ULL << 24) + 1, INT32_MAX, 1ULL << 31, UINT32_MAX,
		1ULL << 32, 1ULL << 48, 1ULL << 52, INT64_MAX, 1ULL << 63,
		UINT64_MAX, UINT64_MAX - 4095,
	};

	switch (random_below(4)) {
	case 0:
		return edges[random_below(sizeof(edges) / sizeof(*edges))];
	case 1:
		return random_below(20);
	case 2:
		return random_below(1 << 14);
	default:
		return random_below(0);
	}
}

static void *memory(size_t bytes, int protection)
{
	uint8_t *all = mmap(NULL, bytes + 2 * GUARD + ROOM, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t at = ((uintptr_t)all + GUARD + ROOM - 1) & -(uintptr_t)ROOM;

	if (all == MAP_FAILED || mprotect((void *)at, bytes, protection))
		die("mmap: %s", strerror(errno));
	return (void *)at;
}

void room_begin(void)
{
	room = memory(ROOM, PROT_READ | PROT_WRITE);
	fixed = memory(4096, PROT_READ);
}

uint8_t *moving_place(void)
{
	return crowd->moving + 8 * random_below((MOVING - 4096) / 8);
}

bool in_room(uint64_t address, uint64_t length)
{
	return address >= (uintptr_t)room && length <= ROOM &&
	       address - (uintptr_t)room <= ROOM - length;
}

/*
 * The kernel writes to it what it has to say: nothing that this program lives
 * on may be there.
 */
uint64_t odd_address(uint64_t length)
{
	uint64_t inside = length < ROOM ? length : ROOM;

	switch (random_below(12)) {
	case 0:
		return 0;
	case 1:
		return random_below(4096);
	case 2:
		return UINT64_MAX - random_below(1 << 20);
	case 3:
		return 0xffff800000000000ULL + random_below(1ULL << 40);
	case 4:
		return 1ULL << 63 | random_below(0);
	case 5:
		return (uintptr_t)room - random_below(inside + 1);
	case 6:
		return (uintptr_t)room + ROOM - random_below(inside + 1);
	case 7:
		return (uintptr_t)fixed + random_below(2048);
	default:
		return (uintptr_t)room + random_below(ROOM - inside + 1);
	}
}

/* The lower half of one that does not fit may be in the stack, or in the ledger */
uint64_t odd_place(uint64_t length)
{
	uint64_t at = odd_address(length);

	/* Nothing is ever on the last page */
	return at == (uintptr_t)at ? at : UINTPTR_MAX - random_below(4096);
}

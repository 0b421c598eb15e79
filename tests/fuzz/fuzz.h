/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the harnesses share. Each of them is one file with one fuzz_one(),
 * which takes what it needs from the input and states what must hold of
 * whatever the rules accept. Checksums would stop a fuzzer at once: so
 * harnesses seal what they have taken, unless the input says otherwise.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "rules.h"

/* What is left of an input. */
struct fuzz {
	const u8 *data;
	size_t left;
};

/* The harness; @fuzz holds one input. */
void fuzz_one(struct fuzz *fuzz);

/* Missing input counts as zeros. */
void fuzz_take(struct fuzz *fuzz, void *to, size_t size);
u8 fuzz_u8(struct fuzz *fuzz);
u32 fuzz_u32(struct fuzz *fuzz);
u64 fuzz_u64(struct fuzz *fuzz);

/* 1..@most, small ones as likely as large ones. */
u64 fuzz_size(struct fuzz *fuzz, u64 most);

/* Gives @block a right checksum, and @tag unless that is 0. */
void fuzz_seal(void *block, u32 tag);

/* A fault that has a phrase, and an errno unless it is none. */
enum vde_fault fuzz_fault(enum vde_fault fault);

void fuzz_failed(const char *what, const char *file, int line)
	__attribute__((noreturn));

#define REQUIRE(condition)						\
	do {								\
		if (!(condition))					\
			fuzz_failed(#condition, __FILE__, __LINE__);	\
	} while (0)

#endif /* FUZZ_FUZZ_H */

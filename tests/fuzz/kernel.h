/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver's args.c needs of the kernel, for its harness only: it is
 * the one parser outside the rules. Everything else that its headers include
 * is an empty file.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "rules.h"

/* Of headers that the harness does without */
#define VDE_COMPAT_H
#define VDE_GATE_H
#define UUID_STRING_LEN 36

struct bio;

typedef u8 blk_status_t;
typedef int atomic_t;
typedef long atomic64_t;
typedef struct {
	u8 b[16];
} guid_t;

struct kref {
	int count;
};

struct list_head {
	struct list_head *next, *prev;
};

struct ratelimit_state {
	int burst;
};

struct vde_gate {
	int nothing;
};

struct dm_arg {
	unsigned int min, max;
	char *error;
};

struct dm_arg_set {
	unsigned int argc;
	char **argv;
};

#define pr_err(...) ((void)snprintf(NULL, 0, __VA_ARGS__))
#define DMEMIT(...)							\
	(sz += kernel_print(result + sz, maxlen - sz, __VA_ARGS__))
#define scnprintf kernel_print

/* As the kernel's, with its %pUl and %*phN; returns what fitted. */
unsigned int kernel_print(char *to, unsigned int size, const char *format, ...);

int dm_read_arg_group(const struct dm_arg *arg, struct dm_arg_set *as,
		      unsigned int *count, char **error);
const char *dm_shift_arg(struct dm_arg_set *as);
int guid_parse(const char *text, guid_t *guid);
int kstrtou64(const char *text, unsigned int base, u64 *number);
int hex2bin(u8 *to, const char *from, size_t count);

#endif /* FUZZ_KERNEL_H */

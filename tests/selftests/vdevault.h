/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of vdevault. */
#ifndef SELFTESTS_VDEVAULT_H
#define SELFTESTS_VDEVAULT_H

#include <stddef.h>
#include <stdint.h>

extern int vault_device;

/* vdevault.c: ends the program */
void vault_fail(const char *what) __attribute__((noreturn));

/* one line, OK or the errno; what an operation's words are */
void vault_answer(long got);
uint64_t vault_number(const char *text);
size_t vault_read_file(const char *name, uint8_t **data);

/* 0, or an errno */
int vault_add(const void *data, size_t length);

/* Of a passport that is sound, else some length in the range */
size_t vault_passport_size(const uint8_t *passport, size_t left);

/* vaulteach.c: operations */
void vault_each(char *words);
void vault_sweep(char *words);

/* vaultfail.c: an operation */
void vault_addfail(char *words);

#endif /* SELFTESTS_VDEVAULT_H */

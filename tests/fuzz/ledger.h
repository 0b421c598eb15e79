/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may never change any more, because it was acknowledged or because
 * somebody has seen it: blocks below the high-water mark and their records,
 * positions of streams that nobody resets, passports, marks, periods, holds.
 */
#ifndef FUZZ_LEDGER_H
#define FUZZ_LEDGER_H

#include "crowd.h"

/* Positions at which the next write may be */
uint64_t ledger_end(const struct place *place);
void ledger_raise_end(struct place *place, uint64_t end);

/* Sealed block @block was acknowledged or seen with these bytes. */
void ledger_block(struct place *place, uint64_t block, const void *bytes,
		  enum witness witness);

/* @count blocks of a device were read when the mark was at least @end. */
void ledger_compare(struct place *place, int device, uint64_t first,
		    uint64_t count, const uint8_t *bytes, uint64_t end);

/* @entry: struct vde_ioc_record_entry or the same part of vde_ioc_record */
void ledger_record(struct place *place, const void *entry);

/* Its status, periods and a passport; @device is open for reading. */
void ledger_look(struct place *place, int device);

/* Passport @i, which was stored, is as it was. */
void ledger_passport(struct place *place, int device, unsigned int i);

/* Everything; nobody else uses it. Returns what was compared. */
uint64_t ledger_verify(struct place *place);

/* Signed by the issuer that the vaults know, without an expiry. */
void passports_begin(const char *path);
unsigned int passports_count(void);
const uint8_t *passport_at(unsigned int i, uint32_t *length);

#endif /* FUZZ_LEDGER_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of a vault. Input: a byte (bit 0: metadata block 0), the block. What
 * is checked as a whole is the same passport by passport.
 */
#include <stdlib.h>

#include "fuzz.h"

static void check_walk(const u8 *block, u64 index, u32 count, u32 end,
		       enum vde_fault fault)
{
	u32 offset = vde_vault_block_begin(index), seen = 0;
	struct vde_passport passport;

	for (;; seen++, offset += passport.size) {
		enum vde_fault here = vde_vault_block_next(block, offset,
							   &passport);

		if (here || !passport.size) {
			REQUIRE(here == fault && !passport.size);
			break;
		}
		REQUIRE(passport.id == block + offset);
		REQUIRE(offset + passport.size <= VDE_PAYLOAD_SIZE);
	}
	REQUIRE(seen == count && offset == end);
}

void fuzz_one(struct fuzz *fuzz)
{
	u64 index = !(fuzz_u8(fuzz) & 1);
	u8 *block = malloc(VDE_BLOCK_SIZE);
	u32 count, end, i;
	enum vde_fault fault;

	REQUIRE(block);
	fuzz_take(fuzz, block, VDE_BLOCK_SIZE);
	fault = fuzz_fault(vde_vault_block_check(block, index, &count, &end));
	REQUIRE(end <= VDE_PAYLOAD_SIZE && count <= 31);
	if (!vde_vault_block_check_begin(block, index))
		check_walk(block, index, count, end, fault);
	else
		REQUIRE(fault == VDE_FAULT_VAULT_PADDING);
	for (i = VDE_PASSPORT_MIN; i <= VDE_PASSPORT_MAX; i++)
		REQUIRE(vde_vault_block_fits(end, i) ==
			(end + i <= VDE_PAYLOAD_SIZE));
	if (!index && !fault) {
		vde_vault_block_set_total(block, count);
		REQUIRE(vde_vault_block_total(block) == count);
	}
	free(block);
}

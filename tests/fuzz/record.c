// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write records. Input: a byte (bit 0: leave indexes and lengths alone), an
 * index of a metadata block, a high-water mark relative to its first record,
 * the time before, the block.
 */
#include "fuzz.h"

static u8 block[VDE_BLOCK_SIZE], before[VDE_BLOCK_SIZE];

static void check_arithmetic(u64 n)
{
	u64 index;
	u32 offset;

	vde_record_where(n, &index, &offset);
	REQUIRE(vde_record_block_first(index) <= n);
	REQUIRE(n - vde_record_block_first(index) <
		vde_record_block_count(index));
	REQUIRE(offset + sizeof(struct vde_disk_record) <= VDE_PAYLOAD_SIZE);
	REQUIRE(vde_record_open_block(n + 1) == index);
	REQUIRE((u8 *)vde_record_slot(block, n) == block + offset);
}

static void make_likely(u64 index, u64 hwm)
{
	u64 first = vde_record_block_first(index);
	u32 count = vde_record_block_count(index), i;

	for (i = 0; i < count && first + i < hwm; i++) {
		struct vde_disk_record *record =
			vde_record_slot(block, first + i);

		record->index = cpu_to_le64(first + i);
		record->length = cpu_to_le32(1 + le32_to_cpu(record->length) %
					     VDE_BLOCK_SIZE);
	}
}

static void check_accepted(u64 index, u64 hwm, s64 earliest, s64 last)
{
	u64 first = vde_record_block_first(index);
	u32 count = vde_record_block_count(index), i;
	s64 previous = earliest;

	for (i = 0; i < count; i++) {
		struct vde_disk_record *record =
			vde_record_slot(block, first + i);

		if (first + i >= hwm) {
			REQUIRE(!record->index && !record->time &&
				!record->length);
			continue;
		}
		REQUIRE(le64_to_cpu(record->index) == first + i);
		REQUIRE(le32_to_cpu(record->length) - 1 < VDE_BLOCK_SIZE);
		REQUIRE((s64)le64_to_cpu(record->time) >= previous);
		previous = le64_to_cpu(record->time);
	}
	REQUIRE(previous == last);
}

/* Cut at any lower mark it is in order again, and the same below it. */
static void check_truncated(u64 index, u64 hwm, s64 earliest)
{
	u64 first = vde_record_block_first(index);
	size_t used = index ? 0 : sizeof(struct vde_disk_worm_header);
	s64 time = earliest;

	memcpy(before, block, sizeof(block));
	vde_record_truncate(block, index, hwm);
	REQUIRE(!vde_record_check_block(block, index, hwm, &time));
	if (hwm > first)
		used = (u8 *)vde_record_slot(block, hwm - 1) - block +
		       sizeof(struct vde_disk_record);
	REQUIRE(!memcmp(block, before, used));
}

void fuzz_one(struct fuzz *fuzz)
{
	u8 how = fuzz_u8(fuzz);
	u64 index = fuzz_size(fuzz, 1ULL << 45) - 1;
	u64 hwm = vde_record_block_first(index) + fuzz_u8(fuzz) % 80;
	u64 lower = vde_record_block_first(index) + fuzz_u8(fuzz) % 78;
	s64 earliest = fuzz_u64(fuzz), last = earliest;

	fuzz_take(fuzz, block, sizeof(block));
	if (!(how & 1))
		make_likely(index, hwm);
	if (!fuzz_fault(vde_record_check_block(block, index, hwm, &last))) {
		check_accepted(index, hwm, earliest, last);
		check_truncated(index, lower < hwm ? lower : hwm, earliest);
	}
	check_arithmetic(vde_record_block_first(index));
	check_arithmetic(fuzz_size(fuzz, 1ULL << 51) - 1);
}

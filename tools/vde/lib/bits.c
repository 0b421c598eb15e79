// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling a flipped bit from a torn write: both spoil a checksum, but a crash
 * may legally leave a torn write behind and never a flipped bit.
 */
#include "check.h"

/**
 * vde_bits_different - in how many bits do two buffers differ?
 * @a: one
 * @b: other
 * @size: of each in bytes
 *
 * Return: 0, 1, or 2 for any higher number.
 */
u32 vde_bits_different(const void *a, const void *b, size_t size)
{
	const u8 *p = a;
	const u8 *q = b;
	u32 bits = 0;

	for (; size && bits < 2; p++, q++, size--)
		bits += __builtin_popcount(*p ^ *q);
	return bits < 2 ? bits : 2;
}

/* Would one flipped bit of the payload give the checksum in the trailer? */
static bool payload_one_bit_off(const struct vde_disk_block *block)
{
	u64 checksum = le64_to_cpu(block->trailer.checksum);
	struct vde_disk_block copy = *block;
	u32 bit;

	for (bit = 0; bit < VDE_PAYLOAD_SIZE * 8; bit++) {
		copy.payload[bit / 8] ^= 1 << bit % 8;
		if (xxh64(&copy, VDE_PAYLOAD_SIZE, 0) == checksum)
			return true;
		copy.payload[bit / 8] ^= 1 << bit % 8;
	}
	return false;
}

/**
 * vde_block_one_bit_off - is a metadata block whole but for one bit?
 * @block: block that fails vde_block_check()
 * @tag: the type that belongs there
 *
 * Takes some ten milliseconds: each bit is tried.
 *
 * Return: true if flipping one bit makes the block valid or all zero. The
 * generation is not covered by the checksum and not looked at.
 */
bool vde_block_one_bit_off(const void *block, u32 tag)
{
	static const struct vde_disk_block zero;
	const struct vde_disk_block *b = block;
	u32 tag_bits = __builtin_popcount(le32_to_cpu(b->trailer.tag) ^ tag);
	u64 sum = xxh64(b, VDE_PAYLOAD_SIZE, 0);
	u64 sum_bits = __builtin_popcountll(le64_to_cpu(b->trailer.checksum) ^
					    sum);

	if (vde_bits_different(block, &zero, sizeof(zero)) == 1)
		return true;
	if (tag_bits)
		return tag_bits == 1 && !sum_bits;
	return sum_bits == 1 || (sum_bits && payload_one_bit_off(block));
}

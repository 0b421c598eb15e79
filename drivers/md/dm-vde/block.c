// SPDX-License-Identifier: GPL-2.0-only
/* Universal block trailer: format section "Universal block trailer". */
#include "rules.h"

/**
 * vde_block_seal - write a metadata block's trailer
 * @block: 4096 bytes whose first 4080 are final
 * @tag: block type, VDE_TAG_*
 * @generation: low 32 bits of the sequence that writes the block
 */
void vde_block_seal(void *block, u32 tag, u32 generation)
{
	struct vde_disk_block *b = block;

	b->trailer.tag = cpu_to_le32(tag);
	b->trailer.generation = cpu_to_le32(generation);
	b->trailer.checksum = cpu_to_le64(xxh64(b, VDE_PAYLOAD_SIZE, 0));
}

/**
 * vde_block_check - check a metadata block's trailer
 * @block: 4096 bytes read from the disk
 * @tag: the type that belongs there
 *
 * Return: VDE_FAULT_NONE, _BLOCK_TAG or _BLOCK_CHECKSUM.
 */
enum vde_fault vde_block_check(const void *block, u32 tag)
{
	const struct vde_disk_block *b = block;

	if (le32_to_cpu(b->trailer.tag) != tag)
		return VDE_FAULT_BLOCK_TAG;
	if (le64_to_cpu(b->trailer.checksum) != xxh64(b, VDE_PAYLOAD_SIZE, 0))
		return VDE_FAULT_BLOCK_CHECKSUM;
	return VDE_FAULT_NONE;
}

/**
 * vde_block_generation - generation in a block's trailer
 * @block: 4096 bytes
 *
 * Return: the generation, unchecked.
 */
u32 vde_block_generation(const void *block)
{
	const struct vde_disk_block *b = block;

	return le32_to_cpu(b->trailer.generation);
}

/**
 * vde_block_is_zero - was this block never written?
 * @block: 4096 bytes
 *
 * Return: true if all of it, trailer included, is zero.
 */
bool vde_block_is_zero(const void *block)
{
	return !memchr_inv(block, 0, VDE_BLOCK_SIZE);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of a vault: passports one after the other, none across a block's
 * end. Format section "Compliance vault".
 */
#include "rules.h"

/**
 * vde_vault_block_begin - where a block's first passport lies
 * @block_index: metadata block of the vault
 *
 * Return: offset in bytes.
 */
u32 vde_vault_block_begin(u64 block_index)
{
	return block_index ? 0 : sizeof(struct vde_disk_vault_header);
}

/**
 * vde_vault_block_check_begin - check what lies before the first passport
 * @block: 4096 bytes
 * @block_index: metadata block of the vault
 *
 * Return: VDE_FAULT_NONE or _VAULT_PADDING.
 */
enum vde_fault vde_vault_block_check_begin(const void *block, u64 block_index)
{
	const struct vde_disk_vault_header *header = block;

	if (!block_index && memchr_inv(header->zero, 0, sizeof(header->zero)))
		return VDE_FAULT_VAULT_PADDING;
	return VDE_FAULT_NONE;
}

/**
 * vde_vault_block_next - the passport at a place in a block
 * @block: 4096 bytes
 * @offset: where the passport before ends, or where the first one begins
 * @passport: set to its parts, which stay in @block; its size is 0 when there
 *	is none and nothing else follows
 *
 * A zero id, or less room than the shortest passport needs, ends a block.
 *
 * Return: VDE_FAULT_NONE, a VDE_FAULT_PASSPORT_* or _VAULT_PADDING.
 */
enum vde_fault vde_vault_block_next(const void *block, u32 offset,
				    struct vde_passport *passport)
{
	u32 left = VDE_PAYLOAD_SIZE - offset;
	enum vde_fault fault;

	passport->size = 0;
	if (left >= VDE_PASSPORT_MIN && memchr_inv(block + offset, 0, 16)) {
		fault = vde_passport_decode(block + offset, left, passport);
		if (fault)
			passport->size = 0;
		return fault;
	}
	return memchr_inv(block + offset, 0, left) ?
	       VDE_FAULT_VAULT_PADDING : VDE_FAULT_NONE;
}

/**
 * vde_vault_block_check - check a block of passports
 * @block: 4096 bytes; the trailer is not looked at
 * @block_index: metadata block of the vault
 * @count: set to its passports, tombstones among them
 * @end: set to the offset after the last
 *
 * Return: VDE_FAULT_NONE, a VDE_FAULT_PASSPORT_* or _VAULT_PADDING; then
 * @count and @end are of what lies before the fault.
 */
enum vde_fault vde_vault_block_check(const void *block, u64 block_index,
				     u32 *count, u32 *end)
{
	enum vde_fault fault = vde_vault_block_check_begin(block, block_index);
	struct vde_passport passport;

	*count = 0;
	*end = vde_vault_block_begin(block_index);
	if (fault)
		return fault;
	for (;;) {
		fault = vde_vault_block_next(block, *end, &passport);
		if (fault || !passport.size)
			return fault;
		++*count;
		*end += passport.size;
	}
}

/**
 * vde_vault_block_fits - is there room for another passport in a block?
 * @end: offset after its last
 * @size: of the passport
 *
 * Return: true if so.
 */
bool vde_vault_block_fits(u32 end, u32 size)
{
	return size <= VDE_PAYLOAD_SIZE - end;
}

/**
 * vde_vault_block_total - what block 0 says of the number of passports
 * @block: metadata block 0
 *
 * Return: passports in the vault, tombstones among them.
 */
u32 vde_vault_block_total(const void *block)
{
	const struct vde_disk_vault_header *header = block;

	return le32_to_cpu(header->passports);
}

/**
 * vde_vault_block_set_total - let block 0 say how many passports there are
 * @block: metadata block 0
 * @passports: in the vault, tombstones among them, 0..S32_MAX
 */
void vde_vault_block_set_total(void *block, u32 passports)
{
	struct vde_disk_vault_header *header = block;

	header->passports = cpu_to_le32(passports);
}

// SPDX-License-Identifier: GPL-2.0-only
/* WORM write records: format section "WORM region metadata". */
#include "rules.h"

/**
 * vde_record_where - where does record n live?
 * @n: record number, which is its data block's index
 * @block: set to the block within the region's metadata
 * @offset: set to the byte offset in that block
 */
void vde_record_where(u64 n, u64 *block, u32 *offset)
{
	u32 rest;

	if (n < VDE_RECORDS_FIRST) {
		*block = 0;
		*offset = sizeof(struct vde_disk_worm_header) +
			  n * sizeof(struct vde_disk_record);
		return;
	}
	*block = 1 + div_u64_rem(n - VDE_RECORDS_FIRST, VDE_RECORDS_PER_BLOCK,
				 &rest);
	*offset = rest * sizeof(struct vde_disk_record);
}

/**
 * vde_record_block_first - number of the first record in a metadata block
 * @block: block within the region's metadata
 *
 * Return: the record number.
 */
u64 vde_record_block_first(u64 block)
{
	if (!block)
		return 0;
	return VDE_RECORDS_FIRST + (block - 1) * VDE_RECORDS_PER_BLOCK;
}

/**
 * vde_record_block_count - how many records a metadata block holds
 * @block: block within the region's metadata
 *
 * Return: 77 or 78.
 */
u32 vde_record_block_count(u64 block)
{
	return block ? VDE_RECORDS_PER_BLOCK : VDE_RECORDS_FIRST;
}

/**
 * vde_record_open_block - metadata block with the newest record
 * @hwm: high-water mark, in blocks
 *
 * This is the block that a commit images: the only one in which committed and
 * future records can share a block.
 *
 * Return: block within the region's metadata; 0 when there is no record.
 */
u64 vde_record_open_block(u64 hwm)
{
	u64 block;
	u32 offset;

	if (!hwm)
		return 0;
	vde_record_where(hwm - 1, &block, &offset);
	return block;
}

/**
 * vde_record_slot - the place of record n in its metadata block
 * @block: the 4096 bytes of the block that vde_record_where() names
 * @n: record number
 *
 * Return: pointer into @block.
 */
struct vde_disk_record *vde_record_slot(void *block, u64 n)
{
	u64 index;
	u32 offset;

	vde_record_where(n, &index, &offset);
	return block + offset;
}

/**
 * vde_record_encode - fill one record
 * @record: destination
 * @index: data block described
 * @time: ticks
 * @length: bytes of user data in the block, 1..4096
 * @digest: SHA-256 of those bytes
 */
void vde_record_encode(struct vde_disk_record *record, u64 index, s64 time,
		       u32 length, const u8 digest[SHA256_DIGEST_SIZE])
{
	record->index = cpu_to_le64(index);
	record->time = cpu_to_le64(time);
	record->length = cpu_to_le32(length);
	memcpy(record->digest, digest, SHA256_DIGEST_SIZE);
}

/**
 * vde_record_check - check one record
 * @record: as read
 * @n: its number, which its index must repeat
 * @previous_time: ticks of the record before, or 0
 *
 * Return: VDE_FAULT_NONE, _RECORD_INDEX, _RECORD_LENGTH or _RECORD_TIME.
 */
enum vde_fault vde_record_check(const struct vde_disk_record *record, u64 n,
				s64 previous_time)
{
	u32 length = le32_to_cpu(record->length);

	if (le64_to_cpu(record->index) != n)
		return VDE_FAULT_RECORD_INDEX;
	if (length < 1 || length > VDE_BLOCK_SIZE)
		return VDE_FAULT_RECORD_LENGTH;
	if ((s64)le64_to_cpu(record->time) < previous_time)
		return VDE_FAULT_RECORD_TIME;
	return VDE_FAULT_NONE;
}

/* Bytes of a metadata block up to the end of its last record below hwm. */
static u32 used_bytes(u64 block_index, u64 hwm)
{
	u64 first = vde_record_block_first(block_index);
	u32 header = block_index ? 0 : sizeof(struct vde_disk_worm_header);
	u64 records = hwm > first ? hwm - first : 0;

	if (records > vde_record_block_count(block_index))
		records = vde_record_block_count(block_index);
	return header + records * sizeof(struct vde_disk_record);
}

/**
 * vde_record_check_block - check every record of a metadata block
 * @block: its 4096 bytes, the trailer checked by the caller
 * @block_index: block within the region's metadata
 * @hwm: high-water mark, in blocks; nothing may lie at or above it
 * @last_time: in: ticks of the record before this block, or 0; out: of the
 *	last record checked
 *
 * Return: VDE_FAULT_NONE, a vde_record_check() fault, _RECORD_BEYOND or
 * _RECORD_PADDING.
 */
enum vde_fault vde_record_check_block(const void *block, u64 block_index,
				      u64 hwm, s64 *last_time)
{
	u64 first = vde_record_block_first(block_index);
	u32 header = block_index ? 0 : sizeof(struct vde_disk_worm_header);
	u32 count = vde_record_block_count(block_index);
	u32 end = header + count * sizeof(struct vde_disk_record);
	u32 used = used_bytes(block_index, hwm);
	const struct vde_disk_record *record = block + header;
	enum vde_fault fault;
	u32 i;

	for (i = 0; i < count && first + i < hwm; i++, record++) {
		fault = vde_record_check(record, first + i, *last_time);
		if (fault)
			return fault;
		*last_time = le64_to_cpu(record->time);
	}
	if (memchr_inv(block + used, 0, end - used))
		return VDE_FAULT_RECORD_BEYOND;
	if (memchr_inv(block + end, 0, VDE_PAYLOAD_SIZE - end))
		return VDE_FAULT_RECORD_PADDING;
	return VDE_FAULT_NONE;
}

/**
 * vde_record_truncate - drop the records at and above the high-water mark
 * @block: 4096 bytes of a metadata block; its trailer is zeroed too
 * @block_index: block within the region's metadata
 * @hwm: high-water mark, in blocks
 */
void vde_record_truncate(void *block, u64 block_index, u64 hwm)
{
	u32 used = used_bytes(block_index, hwm);

	memset(block + used, 0, VDE_BLOCK_SIZE - used);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Check of sealed data against its write records. */
#include <stdlib.h>

#include "check.h"

#define CHUNK_BLOCKS 256U

static enum vde_fault check_block(const struct vde_disk_record *record,
				  const u8 *data)
{
	u32 length = le32_to_cpu(record->length);
	u8 digest[SHA256_DIGEST_SIZE];

	sha256(data, length, digest);
	if (memcmp(digest, record->digest, sizeof(digest)))
		return VDE_FAULT_DATA_DIGEST;
	if (memchr_inv(data + length, 0, VDE_BLOCK_SIZE - length))
		return VDE_FAULT_DATA_PADDING;
	return VDE_FAULT_NONE;
}

/*
 * Compares data blocks that were read with their records. A block whose record
 * is damaged cannot be judged: the log's check has reported it.
 */
static int check_blocks(const struct vde_check *check, struct vde_log *log,
			u64 first, u64 count, const u8 *data)
{
	const struct vde_region *region = log->region;
	struct vde_disk_record record;
	enum vde_fault fault;
	u64 n;
	int ret;

	for (n = first; n < first + count; n++, data += VDE_BLOCK_SIZE) {
		ret = vde_log_read(log, n, &record, &fault);
		if (fault || ret == -EIO)
			continue;
		if (ret)
			return ret;
		fault = check_block(&record, data);
		if (fault)
			check_report(check, VDE_ERROR, fault,
				     region->geo->data_start + n, region, n);
	}
	return 0;
}

/* Where a chunk cannot be read, its readable blocks still can. */
static int check_singly(const struct vde_check *check, struct vde_log *log,
			u64 first, u64 count, void *buffer)
{
	u64 start = log->region->geo->data_start;
	u64 n;
	int ret = 0;

	for (n = first; !ret && n < first + count; n++) {
		if (!vde_file_read(&check->volume->file, start + n, 1, buffer))
			ret = check_blocks(check, log, n, 1, buffer);
		else
			check_report(check, VDE_ERROR, VDE_FAULT_READ,
				     start + n, log->region, n);
	}
	return ret;
}

static int check_chunks(struct vde_check *check, struct vde_log *log,
			void *buffer)
{
	u64 start = log->region->geo->data_start;
	u64 hwm = vde_region_hwm(log->region);
	u64 count;
	u64 n;
	int ret;

	for (n = 0; n < hwm; n += count) {
		count = hwm - n < CHUNK_BLOCKS ? hwm - n : CHUNK_BLOCKS;
		if (!vde_file_read(&check->volume->file, start + n, count,
				   buffer))
			ret = check_blocks(check, log, n, count, buffer);
		else
			ret = check_singly(check, log, n, count, buffer);
		if (ret)
			return ret;
		check->done += count;
		if (check->progress)
			check->progress(check->context, check->done,
					check->total);
	}
	return 0;
}

/**
 * check_data - compare a WORM region's sealed data with its records
 * @check: check under way
 * @region: region without a fault
 *
 * Return: 0 or -ENOMEM.
 */
int check_data(struct vde_check *check, const struct vde_region *region)
{
	void *buffer = vde_alloc_blocks(CHUNK_BLOCKS);
	struct vde_log log;
	int ret;

	if (!buffer)
		return -ENOMEM;
	ret = vde_log_open(&log, check->volume, region);
	if (!ret) {
		ret = check_chunks(check, &log, buffer);
		vde_log_close(&log);
	}
	free(buffer);
	return ret;
}

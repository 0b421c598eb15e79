// SPDX-License-Identifier: GPL-2.0-only
/* Write records of a WORM region, one by one. */
#include <stdlib.h>

#include "libvde.h"

/**
 * vde_log_open - prepare to read records
 * @log: to fill
 * @volume: where the region lies
 * @region: WORM region without a fault
 *
 * Return: 0 or -ENOMEM.
 */
int vde_log_open(struct vde_log *log, const struct vde_volume *volume,
		 const struct vde_region *region)
{
	log->volume = volume;
	log->region = region;
	log->block = U64_MAX;
	log->buffer = vde_alloc_blocks(1);
	return log->buffer ? 0 : -ENOMEM;
}

/**
 * vde_log_close - undo vde_log_open()
 * @log: opened log
 */
void vde_log_close(struct vde_log *log)
{
	free(log->buffer);
	log->buffer = NULL;
}

/**
 * vde_log_read - read one record
 * @log: opened log
 * @n: record number, below the committed high-water mark
 * @record: set to it
 * @fault: set to what is wrong with it or its block
 *
 * Return: 0; -ENODATA at or above the high-water mark; the fault's errno;
 * negative errno of reading.
 */
int vde_log_read(struct vde_log *log, u64 n, struct vde_disk_record *record,
		 enum vde_fault *fault)
{
	u64 block;
	u32 offset;
	int ret;

	*fault = VDE_FAULT_NONE;
	if (n >= vde_region_hwm(log->region))
		return -ENODATA;
	vde_record_where(n, &block, &offset);
	if (block != log->block) {
		log->block = U64_MAX;
		ret = vde_region_read_metadata(log->volume, log->region, block,
					       log->buffer, fault);
		if (ret)
			return ret;
		if (*fault)
			return vde_fault_errno(*fault);
		log->block = block;
	}
	memcpy(record, log->buffer + offset, sizeof(*record));
	*fault = vde_record_check(record, n, 0);
	return vde_fault_errno(*fault);
}

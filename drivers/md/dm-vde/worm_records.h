/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_WORM_RECORDS_H
#define VDE_WORM_RECORDS_H

#include "rules.h"

struct dm_buffer;
struct vde_worm;

/**
 * struct vde_record_cursor - place in a region's write records
 * @worm: region
 * @index: metadata block that was looked at last; U64_MAX for none
 * @buffer: holds it in the cache, or NULL
 * @block: its 4096 bytes, checked
 * @fault: what is wrong with it
 * @err: why it cannot be read
 *
 * Lives on its user's stack. It keeps one cached block for as long as the
 * records asked for are in it.
 */
struct vde_record_cursor {
	struct vde_worm *worm;
	u64 index;
	struct dm_buffer *buffer;
	const void *block;
	enum vde_fault fault;
	int err;
};

void vde_record_cursor_init(struct vde_record_cursor *cursor,
			    struct vde_worm *worm);
int vde_record_cursor_get(struct vde_record_cursor *cursor, u64 n,
			  struct vde_disk_record *record);
void vde_record_cursor_put(struct vde_record_cursor *cursor);
bool vde_records_copy_block(struct vde_worm *worm, u64 index, void *block,
			    u64 *hwm);
void vde_records_fill(struct vde_worm *worm, u64 index, u32 count);
void vde_records_drop(struct vde_worm *worm);

#endif /* VDE_WORM_RECORDS_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the check, one file each. */
#ifndef VDE_CHECK_H
#define VDE_CHECK_H

#include "libvde.h"

void check_report(const struct vde_check *check, enum vde_severity severity,
		  enum vde_fault fault, u64 block,
		  const struct vde_region *region, u64 record);

/* Where in the volume a commit slot lies. */
static inline u64 check_slot_block(const struct vde_region *region, u32 nr)
{
	return region->geo->commit_start + 2 * nr;
}

/* bits.c */
bool vde_block_one_bit_off(const void *block, u32 tag);
u32 vde_bits_different(const void *a, const void *b, size_t size);

/* check_head.c */
void check_head(const struct vde_check *check);

/* check_torn.c */
bool check_slot_torn(const struct vde_region *region, u32 nr);

/* check_region.c */
int check_region(const struct vde_check *check,
		 const struct vde_region *region);

/* check_stream.c */
void check_stream(const struct vde_check *check,
		  const struct vde_region *region, void *buffer);

/* check_vault.c */
int check_vault(const struct vde_check *check,
		const struct vde_region *region, void *buffer);

/* check_data.c */
int check_data(struct vde_check *check, const struct vde_region *region);

#endif /* VDE_CHECK_H */

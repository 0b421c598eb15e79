// SPDX-License-Identifier: GPL-2.0-only
/* Commit slots and metadata blocks of one region. */
#include <stdlib.h>

#include "libvde.h"

/**
 * vde_region_load - read a region's commits
 * @volume: volume with a layout
 * @index: of the region in the layout
 * @region: to fill; to free unless this fails
 *
 * A region without a valid commit is no failure here: see @region->fault.
 *
 * Return: 0 or negative errno.
 */
int vde_region_load(const struct vde_volume *volume, u32 index,
		    struct vde_region *region)
{
	const struct vde_geometry *geo = &volume->layout.regions[index];
	u32 i;
	int ret;

	memset(region, 0, sizeof(*region));
	region->geo = geo;
	for (i = 0; i < index; i++)
		region->nr += volume->layout.regions[i].kind == geo->kind;
	vde_layout_region_uuid(volume->group->superblock.uuid, geo->first_slot,
			       region->uuid);
	region->slots = vde_alloc_blocks(VDE_COMMIT_BLOCKS);
	if (!region->slots)
		return -ENOMEM;
	ret = vde_file_read(&volume->file, geo->commit_start, VDE_COMMIT_BLOCKS,
			    region->slots);
	if (ret) {
		vde_region_free(region);
		return ret;
	}
	region->fault = vde_commit_newest(region->slots, geo, region->uuid,
					  &region->newest, region->faults);
	return 0;
}

/**
 * vde_region_free - undo vde_region_load()
 * @region: loaded region
 */
void vde_region_free(struct vde_region *region)
{
	free(region->slots);
	region->slots = NULL;
}

/**
 * vde_region_commit - the commit that counts
 * @region: region without a fault
 *
 * Return: its record, within @region.
 */
const struct vde_disk_commit *vde_region_commit(const struct vde_region *region)
{
	return &region->slots[region->newest].record;
}

/**
 * vde_region_hwm - committed high-water mark of a WORM region
 * @region: region without a fault
 *
 * Return: blocks.
 */
u64 vde_region_hwm(const struct vde_region *region)
{
	return le64_to_cpu(vde_region_commit(region)->state.worm.hwm);
}

/**
 * vde_region_imaged - is a metadata block in the newest commit?
 * @region: region without a fault
 * @block: block within the region's metadata
 *
 * Return: true if the image takes the place of what lies in place.
 */
bool vde_region_imaged(const struct vde_region *region, u64 block)
{
	return le64_to_cpu(vde_region_commit(region)->imaged) == block;
}

/**
 * vde_region_ring - committed state of a stream
 * @region: stream region without a fault
 * @ring: set to it
 */
void vde_region_ring(const struct vde_region *region, struct vde_ring *ring)
{
	/* A commit with a state that cannot be is none of those that count. */
	vde_ring_decode(&vde_region_commit(region)->state.stream,
			region->geo->capacity, ring);
}

/**
 * vde_region_passports - passports of a vault
 * @region: vault without a fault
 *
 * Return: how many there are, tombstones among them.
 */
u64 vde_region_passports(const struct vde_region *region)
{
	return le64_to_cpu(vde_region_commit(region)->state.vault.passports);
}

/**
 * vde_region_used_blocks - metadata blocks of a vault with passports
 * @region: vault without a fault
 *
 * Return: blocks from the first on; block 0 always counts.
 */
u64 vde_region_used_blocks(const struct vde_region *region)
{
	return le64_to_cpu(vde_region_commit(region)->state.vault.used_blocks);
}

static s64 remaining(const struct vde_retention *retention)
{
	s64 end;

	if (!retention->period ||
	    check_add_overflow(retention->sealed_clock, retention->period,
			       &end))
		return VDE_IOC_RETENTION_NEVER;
	return end > retention->clock ? end - retention->clock : 0;
}

/**
 * vde_region_retention - how long data is kept, as of the newest commit
 * @region: WORM region without a fault
 * @retention: to fill
 */
void vde_region_retention(const struct vde_region *region,
			  struct vde_retention *retention)
{
	const struct vde_disk_commit *commit = vde_region_commit(region);

	retention->period = le64_to_cpu(commit->state.worm.retention);
	retention->clock = le64_to_cpu(commit->clock);
	retention->sealed_clock = le64_to_cpu(commit->sealed_clock);
	retention->remaining = remaining(retention);
	retention->held = le32_to_cpu(commit->flags) & VDE_COMMIT_HELD;
	retention->resets = le64_to_cpu(commit->resets);
}

/**
 * vde_region_read_metadata - read a metadata block as recovery would see it
 * @volume: where the region lies
 * @region: region without a fault
 * @block: block within the region's metadata, below its end
 * @buffer: one block of vde_alloc_blocks()
 * @fault: set to what its trailer says
 *
 * Return: 0 or negative errno of reading.
 */
int vde_region_read_metadata(const struct vde_volume *volume,
			     const struct vde_region *region, u64 block,
			     void *buffer, enum vde_fault *fault)
{
	const struct vde_geometry *geo = region->geo;
	int ret;

	*fault = VDE_FAULT_NONE;
	if (vde_region_imaged(region, block)) {
		memcpy(buffer, &region->slots[region->newest].image,
		       VDE_BLOCK_SIZE);
		return 0;
	}
	ret = vde_file_read(&volume->file, geo->meta_start + block, 1, buffer);
	if (!ret)
		*fault = vde_block_check(buffer,
					 vde_region_kind_tag(geo->kind));
	return ret;
}

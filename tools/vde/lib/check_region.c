// SPDX-License-Identifier: GPL-2.0-only
/* Check of a region's commit slots and header block, and a WORM region's log. */
#include <stdlib.h>

#include "check.h"

/*
 * A crash tears the slot of the commit that was to follow the newest one; the
 * next commit replaces it. Such a slot may stay in a volume that was closed
 * cleanly after only another region of it was active.
 */
static void check_bad_slot(const struct vde_check *check,
			   const struct vde_region *region, u32 nr)
{
	u32 next = (region->newest + 1) % VDE_COMMIT_SLOTS;

	if (!region->fault && nr == next && check_slot_torn(region, nr))
		check_report(check, VDE_NOTE, VDE_FAULT_COMMIT_CUT,
			     check_slot_block(region, nr), region, VDE_NOWHERE);
	else
		check_report(check, VDE_WARNING, region->faults[nr],
			     check_slot_block(region, nr), region, VDE_NOWHERE);
}

/* Sequences have no gaps, so the newest tells what each slot holds. */
static void check_slots(const struct vde_check *check,
			const struct vde_region *region)
{
	u64 newest = 0;
	u64 age;
	u32 i;

	if (!region->fault)
		newest = le64_to_cpu(vde_region_commit(region)->sequence);
	for (i = 0; i < VDE_COMMIT_SLOTS; i++) {
		if (region->faults[i] &&
		    region->faults[i] != VDE_FAULT_COMMIT_EMPTY) {
			check_bad_slot(check, region, i);
			continue;
		}
		age = (newest - i) % VDE_COMMIT_SLOTS;
		if (age < newest &&
		    (region->faults[i] ||
		     le64_to_cpu(region->slots[i].record.sequence) !=
		     newest - age))
			check_report(check, VDE_WARNING, VDE_FAULT_COMMIT_LOST,
				     check_slot_block(region, i), region,
				     VDE_NOWHERE);
	}
}

/* What a clean superblock promises about a region. */
static void check_clean(const struct vde_check *check,
			const struct vde_region *region, void *buffer)
{
	const struct vde_disk_superblock *sb = &check->volume->group->superblock;
	const struct vde_disk_commit *commit = vde_region_commit(region);
	const struct vde_geometry *geo = region->geo;
	enum vde_fault fault;

	if (!vde_commit_is_clean(commit))
		check_report(check, VDE_ERROR, VDE_FAULT_NOT_CLEAN,
			     check_slot_block(region, region->newest), region,
			     VDE_NOWHERE);
	if (vde_file_read(&check->volume->file, geo->meta_start, 1, buffer))
		fault = VDE_FAULT_READ;
	else
		fault = vde_commit_check_header(commit, buffer, geo);
	if (fault)
		check_report(check, VDE_ERROR, fault, geo->meta_start, region,
			     VDE_NOWHERE);
	if (geo->kind == VDE_REGION_WORM && !region->nr &&
	    le64_to_cpu(sb->worm_hwm) != vde_region_hwm(region))
		check_report(check, VDE_WARNING, VDE_FAULT_SUPERBLOCK_HWM,
			     VDE_NOWHERE, region, VDE_NOWHERE);
}

/*
 * Log blocks are written in the order of commits; none can be younger than the
 * newest. The header block is written anew at each clean close.
 */
static bool generation_fits(const struct vde_region *region, u64 block,
			    u32 generation, u32 *previous)
{
	u64 newest = le64_to_cpu(vde_region_commit(region)->sequence);
	bool fits;

	if (newest > UINT32_MAX)
		return true;
	fits = generation && generation <= newest &&
	       (!block || generation >= *previous);
	if (block && fits)
		*previous = generation;
	return fits;
}

/* What a header block in place says may be old, but not another region's. */
static bool header_fits(const struct vde_region *region, const void *block)
{
	const struct vde_disk_worm_header *state =
		&vde_region_commit(region)->state.worm;
	const struct vde_disk_worm_header *header = block;

	return header->capacity == state->capacity &&
	       header->created == state->created &&
	       le64_to_cpu(header->hwm) <= le64_to_cpu(state->hwm);
}

/* One block of the log, as recovery would see it. */
static enum vde_fault check_log_block(const struct vde_check *check,
				      const struct vde_region *region,
				      u64 block, void *buffer, s64 *time,
				      u32 *generation)
{
	enum vde_fault fault;

	if (vde_region_read_metadata(check->volume, region, block, buffer,
				     &fault))
		return VDE_FAULT_READ;
	if (fault)
		return fault;
	fault = vde_record_check_block(buffer, block, vde_region_hwm(region),
				       time);
	if (fault || vde_region_imaged(region, block))
		return fault;
	if (!generation_fits(region, block, vde_block_generation(buffer),
			     generation))
		return VDE_FAULT_BLOCK_GENERATION;
	return block || header_fits(region, buffer) ? VDE_FAULT_NONE :
						      VDE_FAULT_HEADER_DIFFERS;
}

/*
 * Every block with committed records. In place the imaged block may be stale,
 * torn or absent: the image counts. What lies above is nobody's.
 */
static void check_log(const struct vde_check *check,
		      const struct vde_region *region, void *buffer)
{
	u64 last = vde_record_open_block(vde_region_hwm(region));
	enum vde_fault fault;
	u32 generation = 0;
	s64 time = 0;
	u64 where;
	u64 block;

	for (block = 0; block <= last; block++) {
		fault = check_log_block(check, region, block, buffer, &time,
					&generation);
		where = vde_region_imaged(region, block) ?
			check_slot_block(region, region->newest) + 1 :
			region->geo->meta_start + block;
		if (fault)
			check_report(check, VDE_ERROR, fault, where, region,
				     VDE_NOWHERE);
	}
}

/**
 * check_region - check all of a region but its data
 * @check: check under way
 * @region: its region
 *
 * Return: 0 or -ENOMEM.
 */
int check_region(const struct vde_check *check,
		 const struct vde_region *region)
{
	enum vde_fault fault;
	void *buffer;
	int ret = 0;

	check_slots(check, region);
	if (region->fault) {
		check_report(check, VDE_ERROR, region->fault,
			     region->geo->commit_start, region, VDE_NOWHERE);
		return 0;
	}
	fault = vde_commit_check_writable(vde_region_commit(region));
	if (fault)
		check_report(check, VDE_WARNING, fault,
			     check_slot_block(region, region->newest), region,
			     VDE_NOWHERE);
	buffer = vde_alloc_blocks(1);
	if (!buffer)
		return -ENOMEM;
	if (!vde_volume_dirty(check->volume))
		check_clean(check, region, buffer);
	if (region->geo->kind == VDE_REGION_WORM)
		check_log(check, region, buffer);
	else if (region->geo->kind == VDE_REGION_STREAM)
		check_stream(check, region, buffer);
	else
		ret = check_vault(check, region, buffer);
	free(buffer);
	return ret;
}

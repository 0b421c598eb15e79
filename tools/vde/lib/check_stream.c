// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check of a stream's positions. Each commit has been checked by itself; nothing
 * tells what the blocks of the ring should hold.
 */
#include "check.h"

static void decode(const struct vde_region *region, u32 nr,
		   struct vde_ring *ring)
{
	vde_ring_decode(&region->slots[nr].record.state.stream,
			region->geo->capacity, ring);
}

/* Positions only grow, but for a reset, and what is allocated stays so. */
static bool follows(const struct vde_ring *ring, const struct vde_ring *before)
{
	bool reset = !ring->head && !ring->tail;

	return ring->growth == before->growth &&
	       ring->policy == before->policy &&
	       ring->allocated >= before->allocated &&
	       (reset || (ring->head >= before->head &&
			  ring->tail >= before->tail));
}

static void check_history(const struct vde_check *check,
			  const struct vde_region *region)
{
	struct vde_ring before;
	struct vde_ring ring;
	u32 age;
	u32 nr;
	u32 older;

	for (age = 0; age < VDE_COMMIT_SLOTS - 1; age++) {
		nr = (region->newest - age) % VDE_COMMIT_SLOTS;
		older = (nr - 1) % VDE_COMMIT_SLOTS;
		if (region->faults[nr] || region->faults[older] ||
		    le64_to_cpu(region->slots[nr].record.sequence) - 1 !=
		    le64_to_cpu(region->slots[older].record.sequence))
			continue;
		decode(region, nr, &ring);
		decode(region, older, &before);
		if (!follows(&ring, &before))
			check_report(check, VDE_ERROR, VDE_FAULT_RING_STATE,
				     check_slot_block(region, nr), region,
				     VDE_NOWHERE);
	}
}

/*
 * The header in place of a stream that was not closed: written by a clean close,
 * or by a recovery from one, and not touched since.
 */
static enum vde_fault check_header(const struct vde_check *check,
				   const struct vde_region *region,
				   void *buffer)
{
	u64 newest = le64_to_cpu(vde_region_commit(region)->sequence);
	struct vde_ring before;
	struct vde_ring ring;
	enum vde_fault fault;
	u32 generation;

	if (vde_region_read_metadata(check->volume, region, 0, buffer, &fault))
		return VDE_FAULT_READ;
	if (fault)
		return fault;
	generation = vde_block_generation(buffer);
	if (newest <= UINT32_MAX && (!generation || generation > newest))
		return VDE_FAULT_BLOCK_GENERATION;
	fault = vde_ring_decode(buffer, region->geo->capacity, &before);
	if (fault)
		return fault;
	decode(region, region->newest, &ring);
	/* Positions may have started anew since. */
	before.head = 0;
	before.tail = 0;
	if (!follows(&ring, &before) ||
	    memchr_inv(buffer + sizeof(struct vde_disk_stream_header), 0,
		       VDE_PAYLOAD_SIZE -
		       sizeof(struct vde_disk_stream_header)))
		return VDE_FAULT_HEADER_DIFFERS;
	return VDE_FAULT_NONE;
}

/**
 * check_stream - check what is particular to a stream
 * @check: check under way
 * @region: stream region without a fault
 * @buffer: one block of vde_alloc_blocks()
 */
void check_stream(const struct vde_check *check,
		  const struct vde_region *region, void *buffer)
{
	enum vde_fault fault = VDE_FAULT_NONE;

	check_history(check, region);
	/* check_region() has compared it when the volume was closed cleanly. */
	if (vde_volume_dirty(check->volume) && !vde_region_imaged(region, 0))
		fault = check_header(check, region, buffer);
	if (fault)
		check_report(check, VDE_ERROR, fault, region->geo->meta_start,
			     region, VDE_NOWHERE);
}

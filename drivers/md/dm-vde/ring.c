// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic of a stream's ring: absolute positions that never wrap, a tail
 * that moves ahead, and growth from nothing. Format section "Stream region
 * metadata".
 */
#include "rules.h"

/**
 * vde_ring_policy_name - word of a policy
 * @policy: a valid policy
 *
 * Return: "overwrite" or "stop".
 */
const char *vde_ring_policy_name(enum vde_ring_policy policy)
{
	return policy == VDE_RING_STOP ? "stop" : "overwrite";
}

/**
 * vde_ring_init - an empty ring
 * @ring: to fill
 * @capacity: most blocks that it can hold, 1..VDE_MAX_BLOCKS
 * @growth: blocks by which it grows, 1..S32_MAX
 * @policy: what happens when it is full
 */
void vde_ring_init(struct vde_ring *ring, u64 capacity, u32 growth,
		   enum vde_ring_policy policy)
{
	memset(ring, 0, sizeof(*ring));
	ring->capacity = capacity;
	ring->growth = growth;
	ring->policy = policy;
}

/**
 * vde_ring_decode - take a ring's state from the disk
 * @header: as read
 * @capacity: of the region, 1..VDE_MAX_BLOCKS, which it must repeat
 * @ring: set to the state unless there is a fault
 *
 * The growth increment is free: nothing depends on how the allocation came
 * about, and a ring may grow by more than it can hold.
 *
 * Return: VDE_FAULT_NONE or _RING_STATE.
 */
enum vde_fault vde_ring_decode(const struct vde_disk_stream_header *header,
			       u64 capacity, struct vde_ring *ring)
{
	u64 allocated = le64_to_cpu(header->allocated);
	u64 head = le64_to_cpu(header->head);
	u64 tail = le64_to_cpu(header->tail);
	u32 growth = le32_to_cpu(header->growth);
	u32 policy = le32_to_cpu(header->policy);

	if (le64_to_cpu(header->capacity) != capacity || allocated > capacity ||
	    head > VDE_RING_POSITIONS || tail > head ||
	    head - tail > allocated ||
	    (allocated < capacity && head > allocated) ||
	    le64_to_cpu(header->entries) != head - tail ||
	    !growth || growth > S32_MAX || policy > VDE_RING_STOP)
		return VDE_FAULT_RING_STATE;
	ring->capacity = capacity;
	ring->allocated = allocated;
	ring->head = head;
	ring->tail = tail;
	ring->growth = growth;
	ring->policy = policy;
	return VDE_FAULT_NONE;
}

/**
 * vde_ring_encode - a ring's state as the disk has it
 * @ring: state
 * @header: set to it
 */
void vde_ring_encode(const struct vde_ring *ring,
		     struct vde_disk_stream_header *header)
{
	header->capacity = cpu_to_le64(ring->capacity);
	header->allocated = cpu_to_le64(ring->allocated);
	header->head = cpu_to_le64(ring->head);
	header->tail = cpu_to_le64(ring->tail);
	header->entries = cpu_to_le64(ring->head - ring->tail);
	header->growth = cpu_to_le32(ring->growth);
	header->policy = cpu_to_le32(ring->policy);
}

/**
 * vde_ring_place - where a position lies
 * @ring: any ring
 * @position: absolute, in blocks
 * @contiguous: set to how many positions from there on lie side by side, live
 *	or not
 *
 * Return: block within the region's data.
 */
u64 vde_ring_place(const struct vde_ring *ring, u64 position, u64 *contiguous)
{
	u64 place;

	div64_u64_rem(position, ring->capacity, &place);
	*contiguous = ring->capacity - place;
	return place;
}

/**
 * vde_ring_fits - may blocks be written at a position?
 * @ring: capacity, tail and policy count
 * @start: first position, not below the head; above it while appends before it
 *	are under way
 * @blocks: how many, from 1
 *
 * Return: true if the ring has room for them, or makes room; false if they
 * never fit, if they exceed the last position, or if the ring is full and
 * stops.
 */
bool vde_ring_fits(const struct vde_ring *ring, u64 start, u64 blocks)
{
	if (blocks > ring->capacity || start > VDE_RING_POSITIONS ||
	    blocks > VDE_RING_POSITIONS - start)
		return false;
	return ring->policy == VDE_RING_OVERWRITE ||
	       start + blocks - ring->tail <= ring->capacity;
}

/**
 * vde_ring_grow - allocate until positions below an end fit
 * @ring: its allocation grows in whole increments, up to the capacity
 * @end: position
 */
void vde_ring_grow(struct vde_ring *ring, u64 end)
{
	u64 steps;
	u32 rest;

	if (end > ring->capacity)
		end = ring->capacity;
	if (end <= ring->allocated)
		return;
	steps = div_u64_rem(end - ring->allocated, ring->growth, &rest);
	steps += rest != 0;
	/* No overflow: less than an increment above @end. */
	ring->allocated += steps * ring->growth;
	if (ring->allocated > ring->capacity)
		ring->allocated = ring->capacity;
}

/**
 * vde_ring_needed_tail - the tail must be here before an end is written
 * @ring: any ring
 * @end: position after the last block to write
 *
 * It may be above the head, while appends before the end are under way.
 *
 * Return: the lowest position that no block below @end overwrites.
 */
u64 vde_ring_needed_tail(const struct vde_ring *ring, u64 end)
{
	return end > ring->capacity ? end - ring->capacity : 0;
}

/**
 * vde_ring_move_tail - give up the oldest positions
 * @ring: its tail moves, but never back and never beyond its head
 * @to: new tail
 *
 * Return: how many positions were given up.
 */
u64 vde_ring_move_tail(struct vde_ring *ring, u64 to)
{
	u64 from = ring->tail;

	if (to > ring->head)
		to = ring->head;
	if (to > from)
		ring->tail = to;
	return ring->tail - from;
}

/**
 * vde_ring_holds - can positions be read?
 * @ring: any ring
 * @start: first one
 * @blocks: how many; none are held anywhere in [tail, head]
 *
 * Return: true if all of them are in [tail, head).
 */
bool vde_ring_holds(const struct vde_ring *ring, u64 start, u64 blocks)
{
	return start >= ring->tail && start <= ring->head &&
	       blocks <= ring->head - start;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings. Input: a byte (bit 0: the capacity is another), a capacity, a header,
 * steps. What positions come to is computed once more in numbers that cannot
 * wrap.
 */
#include "fuzz.h"

typedef unsigned __int128 wide;

static void check_ring(const struct vde_ring *ring)
{
	REQUIRE(ring->tail <= ring->head && ring->head <= INT64_MAX);
	REQUIRE(ring->head - ring->tail <= ring->allocated);
	REQUIRE(ring->allocated <= ring->capacity);
	REQUIRE(ring->head <= ring->allocated ||
		ring->allocated == ring->capacity);
}

/* As the engine appends: room, a tail far enough, growth, then the head. */
static void append(struct vde_ring *ring, u64 blocks)
{
	u64 head = ring->head, contiguous, place, tail;
	bool fits = vde_ring_fits(ring, head, blocks);

	REQUIRE(fits == (blocks <= ring->capacity &&
			 (wide)head + blocks <= INT64_MAX &&
			 (ring->policy == VDE_RING_OVERWRITE ||
			  (wide)head + blocks - ring->tail <=
			  ring->capacity)));
	if (!fits)
		return;
	tail = vde_ring_needed_tail(ring, head + blocks);
	REQUIRE((wide)head + blocks - tail <= ring->capacity);
	REQUIRE(tail <= head);
	if (ring->policy == VDE_RING_STOP)
		REQUIRE(tail <= ring->tail);
	vde_ring_move_tail(ring, tail);
	vde_ring_grow(ring, head + blocks);
	place = vde_ring_place(ring, head, &contiguous);
	REQUIRE(place == head % ring->capacity && contiguous &&
		place + contiguous == ring->capacity);
	ring->head += blocks;
	check_ring(ring);
	REQUIRE(vde_ring_holds(ring, head, blocks));
	REQUIRE(!vde_ring_holds(ring, head, blocks + 1));
}

static void consume(struct vde_ring *ring, u64 to)
{
	u64 tail = ring->tail;
	u64 moved = vde_ring_move_tail(ring, to);

	REQUIRE(ring->tail == tail + moved && ring->tail <= ring->head);
	REQUIRE(to <= tail ? !moved : ring->tail <= to);
	check_ring(ring);
}

static void ask(const struct vde_ring *ring, u64 start, u64 blocks)
{
	REQUIRE(vde_ring_holds(ring, start, blocks) ==
		(start >= ring->tail && (wide)start + blocks <= ring->head));
}

static void steps(struct fuzz *fuzz, struct vde_ring *ring)
{
	while (fuzz->left) {
		u8 step = fuzz_u8(fuzz);
		u64 size = fuzz_size(fuzz, U64_MAX);

		if (step < 128)
			append(ring, step & 1 ? size : 1 + size % ring->capacity);
		else if (step < 192)
			consume(ring, step & 1 ? size : ring->tail + size % 64);
		else
			ask(ring, step & 1 ? size : ring->tail + size % 64,
			    fuzz_size(fuzz, U64_MAX));
	}
}

void fuzz_one(struct fuzz *fuzz)
{
	struct vde_disk_stream_header header, again;
	u8 how = fuzz_u8(fuzz);
	u64 capacity = fuzz_size(fuzz, VDE_MAX_BLOCKS);
	struct vde_ring ring;

	fuzz_take(fuzz, &header, sizeof(header));
	if (!(how & 1)) {
		header.capacity = cpu_to_le64(capacity);
		header.entries = cpu_to_le64(le64_to_cpu(header.head) -
					     le64_to_cpu(header.tail));
	}
	if (fuzz_fault(vde_ring_decode(&header, capacity, &ring))) {
		vde_ring_init(&ring, capacity, fuzz_size(fuzz, INT32_MAX),
			      how >> 1 & 1);
	} else {
		vde_ring_encode(&ring, &again);
		REQUIRE(!memcmp(&header, &again, sizeof(again)));
	}
	check_ring(&ring);
	steps(fuzz, &ring);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share. Blocks are built here from the offsets of the format
 * document, as numbers, and never through the structures under test: a wrong
 * structure and a wrong test cannot agree.
 */
#ifndef VDE_KUNIT_FIXTURES_H
#define VDE_KUNIT_FIXTURES_H

#include <kunit/test.h>

#include "rules.h"

/* A plausible time, in ticks: that of the golden record. */
#define NOW 638700000000000123LL

/* Phrases are unique (test_fault.c) and tell more than numbers on failure. */
#define EXPECT_FAULT(test, got, want) \
	KUNIT_EXPECT_STREQ(test, vde_fault_phrase(got), vde_fault_phrase(want))
#define ASSERT_FAULT_MSG(test, got, want, fmt, ...) \
	KUNIT_ASSERT_STREQ_MSG(test, vde_fault_phrase(got), \
			       vde_fault_phrase(want), fmt, ##__VA_ARGS__)

/**
 * struct poke - a field to overwrite
 * @offset: in the block
 * @width: bytes; 0 for no poke
 * @value: stored little-endian
 */
struct poke {
	u32 offset;
	u32 width;
	u64 value;
};

extern const u8 volume_uuid[16];
extern const u8 region_uuid[16];

void poke(void *block, u32 offset, u32 width, u64 value);
u64 peek(const void *block, u32 offset, u32 width);
void poke_all(void *block, const struct poke *pokes, u32 count);
void *new_blocks(struct kunit *test, u32 count);
void fill_pattern(void *block);

struct vde_layout *new_layout(struct kunit *test, u64 total_blocks);
struct vde_layout *sample_layout(struct kunit *test);
void sample_directory(struct vde_disk_directory *directory);
void seal_directory(struct vde_disk_directory *directory,
		    struct vde_disk_directory_header *header, u16 active);

void poke_record(void *block, u32 offset, u64 index, s64 time, u32 length);
void fill_records(void *block, u64 block_index, u64 hwm);

/* The region that the commits of the suites belong to. */
extern const struct vde_geometry worm_region;

#define SLOT_SEQUENCE	11	/* of sample_commit(), hence slot 3 */
#define SLOT_HWM	100

void fill_commit(struct vde_disk_commit_slot *slot, u64 sequence, u64 hwm,
		 u64 imaged);
void seal_record(struct vde_disk_commit_slot *slot);
void seal_slot(struct vde_disk_commit_slot *slot);
struct vde_disk_commit_slot *sample_commit(struct kunit *test);

/* The region that the streams' commits belong to, and its state in them. */
extern const struct vde_geometry stream_region;

void fill_stream_commit(struct vde_disk_commit_slot *slot, u64 sequence,
			u64 imaged);
void expect_padding(struct kunit *test, struct vde_disk_commit_slot *slot,
		    const struct vde_geometry *geo, u32 from, u32 to);

struct vde_ring make_ring(u64 capacity, u64 tail, u64 head,
			  enum vde_ring_policy policy);

#endif /* VDE_KUNIT_FIXTURES_H */

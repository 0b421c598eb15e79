// SPDX-License-Identifier: GPL-2.0-only
/*
 * Region directory. Input: a byte (bit 0: leave checksums alone), the volume's
 * blocks, a directory, its header, a copy (bit 1: the same), then regions to
 * place by themselves.
 */
#include "fuzz.h"

static struct vde_disk_directory directory, copy, again;
static struct vde_disk_directory_header header, again_header;
static struct vde_layout layout, decoded;

struct extent {
	u64 start, count;
};

static u32 extents_of(const struct vde_geometry *geo, struct extent *to)
{
	to[0] = (struct extent) { geo->meta_start, geo->meta_blocks };
	to[1] = (struct extent) { geo->commit_start, 16 };
	to[2] = (struct extent) { geo->data_start, geo->capacity };
	return geo->kind == VDE_REGION_VAULT ? 2 : 3;
}

/* Everything inside the volume, nothing twice; in numbers that cannot wrap. */
static void check_extents(const struct vde_layout *l)
{
	static struct extent extents[3 * VDE_MAX_REGIONS];
	unsigned __int128 blocks = 0;
	u32 count = 0, i, j;

	REQUIRE(l->count <= VDE_MAX_REGIONS && l->used_slots <= VDE_SLOTS);
	for (i = 0; i < l->count; i++)
		count += extents_of(&l->regions[i], extents + count);
	REQUIRE(count == l->used_slots);
	for (i = 0; i < count; i++) {
		unsigned __int128 end = extents[i].start;

		end += extents[i].count;
		REQUIRE(extents[i].count && extents[i].start >= 10);
		REQUIRE(end <= l->total_blocks && end <= l->next_block);
		for (j = 0; j < i; j++)
			REQUIRE(end <= extents[j].start ||
				extents[j].start + extents[j].count <=
				extents[i].start);
		blocks += extents[i].count;
	}
	REQUIRE(blocks == l->region_blocks);
}

static void check_regions(const struct vde_layout *l)
{
	u32 nr[VDE_REGION_KINDS] = {};
	u32 i, block_offset;
	u64 block;

	for (i = 0; i < l->count; i++) {
		const struct vde_geometry *geo = &l->regions[i];

		REQUIRE(vde_layout_find(l, geo->kind, nr[geo->kind]++) == geo);
		if (geo->kind != VDE_REGION_WORM)
			continue;
		vde_record_where(geo->capacity - 1, &block, &block_offset);
		REQUIRE(block == geo->meta_blocks - 1);
	}
	for (i = 0; i < VDE_REGION_KINDS; i++)
		REQUIRE(!vde_layout_find(l, i, nr[i]));
}

/* A slot's "used" is free, and dm-vde writes 0; else encode gives the same. */
static void check_encode(const struct vde_disk_directory *from)
{
	u32 i;

	vde_layout_encode(&decoded, &again, &again_header);
	REQUIRE(!vde_layout_check_directory(&again, &again_header));
	for (i = 0; i < VDE_SLOTS; i++)
		REQUIRE(!memcmp(&from->slots[i], &again.slots[i],
				offsetof(struct vde_disk_slot, used)));
}

static void check_adding(struct fuzz *fuzz)
{
	u32 regions = fuzz_u8(fuzz) % 70, i;
	enum vde_fault warning;

	vde_layout_init(&layout, fuzz_size(fuzz, U64_MAX));
	for (i = 0; i < regions; i++)
		fuzz_fault(vde_layout_add(&layout, fuzz_u8(fuzz) % 3,
					  fuzz_size(fuzz, U64_MAX)));
	if (layout.total_blocks > VDE_MAX_BLOCKS)
		return;
	check_extents(&layout);
	vde_layout_encode(&layout, &directory, &header);
	REQUIRE(!vde_layout_load(&directory, &header, &directory,
				 layout.total_blocks, &decoded, &warning));
	REQUIRE(!warning && decoded.count == layout.count);
	REQUIRE(!memcmp(&decoded, &layout, sizeof(layout)));
}

void fuzz_one(struct fuzz *fuzz)
{
	u8 how = fuzz_u8(fuzz);
	u64 total = fuzz_u64(fuzz), capacity;
	enum vde_fault warning = VDE_FAULT_NONE;

	fuzz_take(fuzz, &directory, sizeof(directory));
	fuzz_take(fuzz, &header, sizeof(header));
	fuzz_take(fuzz, &copy, sizeof(copy));
	if (how & 2)
		copy = directory;
	if (!(how & 1)) {
		fuzz_seal(&directory, VDE_TAG_REGION_MAP);
		header.checksum = directory.trailer.checksum;
		fuzz_seal(&header, VDE_TAG_REGION_MAP);
	}
	if (!fuzz_fault(vde_layout_load(&directory, &header, &copy, total,
					&decoded, &warning))) {
		check_extents(&decoded);
		check_regions(&decoded);
		check_encode(&copy);
	}
	fuzz_fault(warning);
	capacity = vde_layout_worm_capacity(total % (1ULL << 51));
	if (capacity)
		REQUIRE(capacity + 16 + vde_layout_worm_metadata(capacity) <=
			total % (1ULL << 51));
	REQUIRE(capacity + 17 + vde_layout_worm_metadata(capacity + 1) >
		total % (1ULL << 51));
	check_adding(fuzz);
}

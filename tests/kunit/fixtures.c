// SPDX-License-Identifier: GPL-2.0-only
/* Blocks as the format document describes them, for the suites to damage. */
#include "fixtures.h"

/* 00112233-4455-6677-8899-aabbccddeeff in guid_t order */
const u8 volume_uuid[16] = {
	0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
	0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
};

/* Of that volume and slot 0: the golden digest with its version bits set. */
const u8 region_uuid[16] = {
	0xdf, 0x40, 0xbb, 0x71, 0x60, 0x7e, 0x3c, 0x8a,
	0x85, 0x7f, 0x5d, 0x76, 0x3f, 0xe8, 0x60, 0x4c,
};

/* 300 data blocks need 1 + ceil(223 / 78) metadata blocks. */
const struct vde_geometry worm_region = {
	.kind = VDE_REGION_WORM,
	.meta_start = 10,
	.meta_blocks = 4,
	.commit_start = 14,
	.data_start = 30,
	.capacity = 300,
};

const struct vde_geometry stream_region = {
	.kind = VDE_REGION_STREAM,
	.first_slot = 3,
	.meta_start = 330,
	.meta_blocks = 1,
	.commit_start = 331,
	.data_start = 347,
	.capacity = 300,
};

void poke(void *block, u32 offset, u32 width, u64 value)
{
	u8 *byte = (u8 *)block + offset;

	for (; width; width--, value >>= 8)
		*byte++ = value;
}

u64 peek(const void *block, u32 offset, u32 width)
{
	const u8 *byte = (const u8 *)block + offset;
	u64 value = 0;

	while (width--)
		value = value << 8 | byte[width];
	return value;
}

void poke_all(void *block, const struct poke *pokes, u32 count)
{
	for (; count; count--, pokes++)
		poke(block, pokes->offset, pokes->width, pokes->value);
}

void *new_blocks(struct kunit *test, u32 count)
{
	void *blocks = kunit_kzalloc(test, count * VDE_BLOCK_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, blocks);
	return blocks;
}

/* The golden trailer's payload: byte i = i mod 256. */
void fill_pattern(void *block)
{
	u8 *byte = block;
	u32 i;

	for (i = 0; i < 4080; i++)
		byte[i] = i;
}

struct vde_layout *new_layout(struct kunit *test, u64 total_blocks)
{
	struct vde_layout *layout = kunit_kzalloc(test, sizeof(*layout),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, layout);
	vde_layout_init(layout, total_blocks);
	return layout;
}

/* One region of each kind in blocks 10..173 of 200. */
struct vde_layout *sample_layout(struct kunit *test)
{
	struct vde_layout *layout = new_layout(test, 200);

	KUNIT_ASSERT_EQ(test, vde_layout_add(layout, VDE_REGION_WORM, 100), 0);
	KUNIT_ASSERT_EQ(test, vde_layout_add(layout, VDE_REGION_STREAM, 10), 0);
	KUNIT_ASSERT_EQ(test, vde_layout_add(layout, VDE_REGION_VAULT, 3), 0);
	return layout;
}

/* The slots of sample_layout(), worked out by hand. */
void sample_directory(struct vde_disk_directory *directory)
{
	static const struct {
		u32 tag, flags;
		u64 start, count;
	} slots[] = {
		{ 0x574F524D, 1, 10, 2 },	/* WORM: 77 + 23 records */
		{ 0x4D57414C, 1, 12, 16 },	/* MWAL */
		{ 0x44415441, 9, 28, 100 },	/* DATA */
		{ 0x53545245, 1, 128, 1 },	/* STRE */
		{ 0x4D57414C, 1, 129, 16 },
		{ 0x44415441, 1, 145, 10 },
		{ 0x434D5654, 1, 155, 3 },	/* CMVT */
		{ 0x4D57414C, 1, 158, 16 },
	};
	u32 i;

	memset(directory, 0, sizeof(*directory));
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		poke(directory, 32 * i, 4, slots[i].tag);
		poke(directory, 32 * i + 4, 4, slots[i].flags);
		poke(directory, 32 * i + 8, 8, slots[i].start);
		poke(directory, 32 * i + 16, 8, slots[i].count);
	}
}

void seal_directory(struct vde_disk_directory *directory,
		    struct vde_disk_directory_header *header, u16 active)
{
	memset(header, 0, sizeof(*header));
	vde_block_seal(directory, 0x524D4150, 1);
	poke(header, 0, 2, 1);
	poke(header, 2, 2, 127);
	poke(header, 4, 2, active);
	poke(header, 8, 8, peek(directory, 4088, 8));
	vde_block_seal(header, 0x524D4150, 1);
}

void poke_record(void *block, u32 offset, u64 index, s64 time, u32 length)
{
	poke(block, offset, 8, index);
	poke(block, offset + 8, 8, time);
	poke(block, offset + 16, 4, length);
	/* The digest is opaque to the rules, and no byte of it may be zero. */
	memset((u8 *)block + offset + 20, 0xA5, 32);
}

/* Every record of a metadata block below the mark, a tick apart. */
void fill_records(void *block, u64 block_index, u64 hwm)
{
	u64 first = block_index ? 77 + 78 * (block_index - 1) : 0;
	u32 count = block_index ? 78 : 77;
	u32 offset = block_index ? 0 : 40;
	u32 i;

	for (i = 0; i < count && first + i < hwm; i++)
		poke_record(block, offset + 52 * i, first + i, NOW + first + i,
			    4096);
}

/* A WORM commit of worm_region, unsealed. */
void fill_commit(struct vde_disk_commit_slot *slot, u64 sequence, u64 hwm,
		 u64 imaged)
{
	const struct poke record[] = {
		{ 0x00, 8, sequence },
		{ 0x08, 4, 0x574F524D },	/* WORM */
		{ 0x10, 8, NOW + 1000 },
		{ 0x18, 8, 5000 },		/* compliance clock */
		{ 0x20, 8, imaged },
		{ 0x30, 8, hwm },
		{ 0x38, 8, 300 },		/* capacity */
		{ 0x40, 8, 36000000000 },	/* retention: an hour */
		{ 0x48, 8, NOW },		/* created */
		{ 0x50, 4, hwm },		/* records */
		{ 0x54, 4, hwm >> 32 },
		{ 0xF18, 8, 4000 },		/* clock of the newest seal */
		{ 0xF20, 8, NOW + 500 },	/* attested time and clock */
		{ 0xF28, 8, 3000 },
	};

	memset(slot, 0, sizeof(*slot));
	poke_all(&slot->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&slot->record + 0x70, region_uuid, sizeof(region_uuid));
	if (imaged == U64_MAX)
		return;
	if (!imaged)
		memcpy(&slot->image, (u8 *)&slot->record + 0x30, 40);
	fill_records(&slot->image, imaged, hwm);
}

/* Seal the record block alone: for a record changed on purpose. */
void seal_record(struct vde_disk_commit_slot *slot)
{
	vde_block_seal(&slot->record, 0x4D57414C, peek(&slot->record, 0, 4));
}

/* What vde_commit_seal() has to do, from the parts it is made of. */
void seal_slot(struct vde_disk_commit_slot *slot)
{
	vde_block_seal(&slot->image, 0x4D57414C, peek(&slot->record, 0, 4));
	poke(&slot->record, 0x28, 8, peek(&slot->image, 4088, 8));
	seal_record(slot);
}

/* Commit 11: mark at 100, image of log block 1 with records 77..99. */
struct vde_disk_commit_slot *sample_commit(struct kunit *test)
{
	struct vde_disk_commit_slot *slot = new_blocks(test, 2);

	fill_commit(slot, SLOT_SEQUENCE, SLOT_HWM, 1);
	seal_slot(slot);
	return slot;
}

/*
 * A commit of stream_region, unsealed: fully grown, positions 750..999 live. It
 * has the UUID of the other region, since no rule derives one.
 */
void fill_stream_commit(struct vde_disk_commit_slot *slot, u64 sequence,
			u64 imaged)
{
	const struct poke record[] = {
		{ 0x00, 8, sequence },
		{ 0x08, 4, 0x53545245 },	/* STRE */
		{ 0x10, 8, NOW + 1000 },
		{ 0x18, 8, 5000 },		/* compliance clock */
		{ 0x20, 8, imaged },
		{ 0x30, 8, 300 },		/* capacity */
		{ 0x38, 8, 300 },		/* allocated */
		{ 0x40, 8, 1000 },		/* head */
		{ 0x48, 8, 750 },		/* tail */
		{ 0x50, 8, 250 },		/* entries */
		{ 0x58, 4, 16 },		/* increment */
		{ 0x5C, 4, 1 },			/* policy: stop */
	};

	memset(slot, 0, sizeof(*slot));
	poke_all(&slot->record, record, ARRAY_SIZE(record));
	memcpy((u8 *)&slot->record + 0x70, region_uuid, sizeof(region_uuid));
	if (!imaged)
		memcpy(&slot->image, (u8 *)&slot->record + 0x30, 48);
}

/* Each byte that the format gives no meaning to must stay zero. */
void expect_padding(struct kunit *test, struct vde_disk_commit_slot *slot,
		    const struct vde_geometry *geo, u32 from, u32 to)
{
	u32 slot_nr = peek(&slot->record, 0, 8) % 8;
	u8 *block = (u8 *)&slot->record;
	u32 i;

	for (i = from; i < to; i++) {
		block[i] = 0x10;
		seal_record(slot);
		ASSERT_FAULT_MSG(test, vde_commit_check(slot, slot_nr, geo,
							region_uuid),
				 VDE_FAULT_COMMIT_PADDING, "byte %x", i);
		block[i] = 0;
	}
	seal_record(slot);
}

/* Fully grown; functions on it must leave alone what is not their business. */
struct vde_ring make_ring(u64 capacity, u64 tail, u64 head,
			  enum vde_ring_policy policy)
{
	return (struct vde_ring){
		.capacity = capacity, .allocated = capacity, .head = head,
		.tail = tail, .growth = 16, .policy = policy,
	};
}

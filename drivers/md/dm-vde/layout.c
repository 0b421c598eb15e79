// SPDX-License-Identifier: GPL-2.0-only
/*
 * Region directory and geometry: format sections "Volume map" and "Region
 * slot". A region is a run of consecutive slots whose shape depends on its
 * kind; the table below is the only description of those shapes.
 */
#include "rules.h"

#define MAX_RUN 3

/* A slot of a run: its tag and the flags it must carry. */
struct slot_shape {
	u32 tag;
	u32 flags;
};

/* Runs begin with the metadata slot, whose tag tells the kind. */
static const struct kind_shape {
	const char *name;
	u32 slots;
	struct slot_shape slot[MAX_RUN];
} kinds[VDE_REGION_KINDS] = {
	[VDE_REGION_WORM] = { "worm", 3, {
		{ VDE_TAG_WORM, VDE_SLOT_ACTIVE },
		{ VDE_TAG_COMMIT, VDE_SLOT_ACTIVE },
		{ VDE_TAG_DATA, VDE_SLOT_ACTIVE | VDE_SLOT_WORM },
	} },
	[VDE_REGION_STREAM] = { "stream", 3, {
		{ VDE_TAG_STREAM, VDE_SLOT_ACTIVE },
		{ VDE_TAG_COMMIT, VDE_SLOT_ACTIVE },
		{ VDE_TAG_DATA, VDE_SLOT_ACTIVE },
	} },
	[VDE_REGION_VAULT] = { "vault", 2, {
		{ VDE_TAG_VAULT, VDE_SLOT_ACTIVE },
		{ VDE_TAG_COMMIT, VDE_SLOT_ACTIVE },
	} },
};

/**
 * vde_region_kind_name - word of a kind in tables and messages
 * @kind: a valid kind
 *
 * Return: "worm", "stream" or "vault".
 */
const char *vde_region_kind_name(enum vde_region_kind kind)
{
	return kinds[kind].name;
}

/**
 * vde_region_kind_tag - tag of a kind's metadata blocks and commits
 * @kind: a valid kind
 *
 * Return: VDE_TAG_WORM, VDE_TAG_STREAM or VDE_TAG_VAULT.
 */
u32 vde_region_kind_tag(enum vde_region_kind kind)
{
	return kinds[kind].slot[0].tag;
}

/**
 * vde_layout_worm_metadata - metadata blocks of a WORM region
 * @capacity: data blocks, 1..VDE_MAX_BLOCKS
 *
 * Return: 1 + ceil(max(0, capacity - 77) / 78).
 */
u64 vde_layout_worm_metadata(u64 capacity)
{
	u32 rest;

	if (capacity <= VDE_RECORDS_FIRST)
		return 1;
	return 1 + div_u64_rem(capacity - VDE_RECORDS_FIRST +
			       VDE_RECORDS_PER_BLOCK - 1,
			       VDE_RECORDS_PER_BLOCK, &rest);
}

/**
 * vde_layout_worm_capacity - largest WORM region that fits
 * @blocks: blocks for metadata, commit slots and data together
 *
 * Return: data blocks; 0 when not even one fits.
 */
u64 vde_layout_worm_capacity(u64 blocks)
{
	u64 capacity;
	u32 rest;

	if (blocks < VDE_COMMIT_BLOCKS + 2)
		return 0;
	blocks -= VDE_COMMIT_BLOCKS + 1;	/* data and full log blocks */
	if (blocks <= VDE_RECORDS_FIRST)
		return blocks;
	/* Of 79 blocks past the first 77 one holds the others' records. */
	capacity = blocks - VDE_RECORDS_FIRST;
	capacity -= div_u64_rem(capacity + VDE_RECORDS_PER_BLOCK,
				VDE_RECORDS_PER_BLOCK + 1, &rest);
	return capacity + VDE_RECORDS_FIRST;
}

/**
 * vde_layout_init - start a layout without regions
 * @layout: to fill
 * @total_blocks: size of the volume
 */
void vde_layout_init(struct vde_layout *layout, u64 total_blocks)
{
	memset(layout, 0, sizeof(*layout));
	layout->total_blocks = total_blocks;
	layout->next_block = VDE_BLOCK_FIRST_REGION;
}

/**
 * vde_layout_add - place another region behind those that are there
 * @layout: to extend; unchanged on failure
 * @kind: kind of region
 * @capacity: data blocks; of a vault, its metadata blocks
 *
 * Return: VDE_FAULT_NONE, _SLOTS_FULL or _VOLUME_FULL.
 */
enum vde_fault vde_layout_add(struct vde_layout *layout,
			      enum vde_region_kind kind, u64 capacity)
{
	struct vde_geometry *geo = &layout->regions[layout->count];
	u64 data = kind == VDE_REGION_VAULT ? 0 : capacity;
	u64 meta = 1;
	u64 room;

	if (layout->used_slots + kinds[kind].slots > VDE_SLOTS)
		return VDE_FAULT_SLOTS_FULL;
	if (!capacity || layout->total_blocks > VDE_MAX_BLOCKS ||
	    capacity > layout->total_blocks ||
	    layout->next_block > layout->total_blocks)
		return VDE_FAULT_VOLUME_FULL;
	if (kind == VDE_REGION_WORM)
		meta = vde_layout_worm_metadata(capacity);
	else if (kind == VDE_REGION_VAULT)
		meta = capacity;
	/* No sum overflows: each term is at most 2^51. */
	room = layout->total_blocks - layout->next_block;
	if (meta + VDE_COMMIT_BLOCKS + data > room)
		return VDE_FAULT_VOLUME_FULL;

	geo->kind = kind;
	geo->first_slot = layout->used_slots;
	geo->meta_start = layout->next_block;
	geo->meta_blocks = meta;
	geo->commit_start = geo->meta_start + meta;
	geo->data_start = data ? geo->commit_start + VDE_COMMIT_BLOCKS : 0;
	geo->capacity = capacity;
	geo->read_only = false;
	layout->used_slots += kinds[kind].slots;
	layout->next_block += meta + VDE_COMMIT_BLOCKS + data;
	layout->region_blocks += meta + VDE_COMMIT_BLOCKS + data;
	layout->count++;
	return VDE_FAULT_NONE;
}

static void encode_slot(struct vde_disk_slot *slot,
			const struct slot_shape *shape, bool read_only,
			u64 start, u64 count)
{
	u32 flags = shape->flags;

	if (read_only)
		flags |= VDE_SLOT_READ_ONLY;
	slot->tag = cpu_to_le32(shape->tag);
	slot->flags = cpu_to_le32(flags);
	slot->start = cpu_to_le64(start);
	slot->count = cpu_to_le64(count);
}

/**
 * vde_layout_encode - make the directory blocks of a layout
 * @layout: regions to write down
 * @directory: set to block 8, sealed with generation 1
 * @header: set to block 9, sealed with generation 1
 */
void vde_layout_encode(const struct vde_layout *layout,
		       struct vde_disk_directory *directory,
		       struct vde_disk_directory_header *header)
{
	const struct vde_geometry *geo = layout->regions;
	u32 i;

	memset(directory, 0, sizeof(*directory));
	memset(header, 0, sizeof(*header));
	for (i = 0; i < layout->count; i++, geo++) {
		struct vde_disk_slot *slot = &directory->slots[geo->first_slot];
		const struct slot_shape *shape = kinds[geo->kind].slot;

		encode_slot(slot, shape, geo->read_only, geo->meta_start,
			    geo->meta_blocks);
		encode_slot(slot + 1, shape + 1, geo->read_only,
			    geo->commit_start, VDE_COMMIT_BLOCKS);
		if (kinds[geo->kind].slots > 2)
			encode_slot(slot + 2, shape + 2, geo->read_only,
				    geo->data_start, geo->capacity);
	}
	vde_block_seal(directory, VDE_TAG_REGION_MAP, 1);
	header->version = cpu_to_le16(VDE_DIRECTORY_VERSION);
	header->slots = cpu_to_le16(VDE_SLOTS);
	header->active = cpu_to_le16(layout->used_slots);
	header->checksum = cpu_to_le64(xxh64(directory, VDE_PAYLOAD_SIZE, 0));
	vde_block_seal(header, VDE_TAG_REGION_MAP, 1);
}

static enum vde_fault check_range(const struct vde_disk_slot *slot, u64 total)
{
	u64 start = le64_to_cpu(slot->start);
	u64 count = le64_to_cpu(slot->count);
	u64 end;

	if (check_add_overflow(start, count, &end))
		return VDE_FAULT_SLOT_RANGE;
	if (!count || start < VDE_BLOCK_FIRST_REGION || end > total)
		return VDE_FAULT_SLOT_RANGE;
	if (le64_to_cpu(slot->used) > count)
		return VDE_FAULT_SLOT_RANGE;
	return VDE_FAULT_NONE;
}

/* Does the run have the tags, flags and ranges of its kind? */
static enum vde_fault check_run(const struct vde_disk_slot *slot, u32 left,
				const struct kind_shape *kind, u64 total)
{
	bool read_only = le32_to_cpu(slot->flags) & VDE_SLOT_READ_ONLY;
	enum vde_fault fault;
	u32 i;

	if (left < kind->slots)
		return VDE_FAULT_SLOT_ORDER;
	for (i = 0; i < kind->slots; i++) {
		u32 flags = kind->slot[i].flags;

		if (read_only)
			flags |= VDE_SLOT_READ_ONLY;
		if (le32_to_cpu(slot[i].tag) != kind->slot[i].tag)
			return VDE_FAULT_SLOT_ORDER;
		if (le32_to_cpu(slot[i].flags) != flags)
			return VDE_FAULT_SLOT_FLAGS;
		fault = check_range(&slot[i], total);
		if (fault)
			return fault;
	}
	return VDE_FAULT_NONE;
}

static enum vde_fault check_geometry(const struct vde_geometry *geo,
				     u64 commit_blocks)
{
	u64 meta = geo->meta_blocks;

	if (geo->kind == VDE_REGION_WORM)
		meta = vde_layout_worm_metadata(geo->capacity);
	else if (geo->kind == VDE_REGION_STREAM)
		meta = 1;
	if (geo->meta_blocks != meta || commit_blocks != VDE_COMMIT_BLOCKS)
		return VDE_FAULT_SLOT_GEOMETRY;
	return VDE_FAULT_NONE;
}

static enum vde_fault decode_run(const struct vde_disk_slot *slot, u32 left,
				 struct vde_layout *layout)
{
	struct vde_geometry *geo = &layout->regions[layout->count];
	u32 kind = 0;
	enum vde_fault fault;

	while (kind < VDE_REGION_KINDS &&
	       le32_to_cpu(slot->tag) != kinds[kind].slot[0].tag)
		kind++;
	if (kind == VDE_REGION_KINDS) {
		u32 tag = le32_to_cpu(slot->tag);

		return tag == VDE_TAG_COMMIT || tag == VDE_TAG_DATA ?
		       VDE_FAULT_SLOT_ORDER : VDE_FAULT_SLOT_TAG;
	}
	fault = check_run(slot, left, &kinds[kind], layout->total_blocks);
	if (fault)
		return fault;

	geo->kind = kind;
	geo->first_slot = layout->used_slots;
	geo->meta_start = le64_to_cpu(slot[0].start);
	geo->meta_blocks = le64_to_cpu(slot[0].count);
	geo->commit_start = le64_to_cpu(slot[1].start);
	geo->data_start = kind == VDE_REGION_VAULT ? 0 :
			  le64_to_cpu(slot[2].start);
	geo->capacity = kind == VDE_REGION_VAULT ? geo->meta_blocks :
			le64_to_cpu(slot[2].count);
	geo->read_only = le32_to_cpu(slot->flags) & VDE_SLOT_READ_ONLY;
	layout->used_slots += kinds[kind].slots;
	layout->count++;
	return check_geometry(geo, le64_to_cpu(slot[1].count));
}

/* 127 slots: comparing each pair is cheap and needs no sorting. */
static enum vde_fault check_overlap(const struct vde_disk_slot *slots,
				    u32 used, struct vde_layout *layout)
{
	u32 i, j;

	for (i = 0; i < used; i++) {
		u64 start = le64_to_cpu(slots[i].start);
		u64 end = start + le64_to_cpu(slots[i].count);

		for (j = 0; j < i; j++) {
			u64 other = le64_to_cpu(slots[j].start);

			if (start < other + le64_to_cpu(slots[j].count) &&
			    other < end)
				return VDE_FAULT_SLOT_OVERLAP;
		}
		layout->region_blocks += end - start;
		if (end > layout->next_block)
			layout->next_block = end;
	}
	return VDE_FAULT_NONE;
}

/**
 * vde_layout_decode - read the regions out of directory slots
 * @directory: block 8, or its copy in block 1 or 5; trailer already checked
 * @total_blocks: size of the volume
 * @layout: set to the regions found; undefined on a fault
 *
 * Every slot is hostile: no overlap, overflow, range outside the volume, wrong
 * order or shape gets through.
 *
 * Return: VDE_FAULT_NONE, a VDE_FAULT_SLOT_* or _DIRECTORY_PADDING.
 */
enum vde_fault vde_layout_decode(const struct vde_disk_directory *directory,
				 u64 total_blocks, struct vde_layout *layout)
{
	const struct vde_disk_slot *slots = directory->slots;
	enum vde_fault fault;

	vde_layout_init(layout, total_blocks);
	if (total_blocks > VDE_MAX_BLOCKS)
		return VDE_FAULT_SLOT_RANGE;
	while (layout->used_slots < VDE_SLOTS &&
	       le32_to_cpu(slots[layout->used_slots].flags) & VDE_SLOT_ACTIVE) {
		fault = decode_run(&slots[layout->used_slots],
				   VDE_SLOTS - layout->used_slots, layout);
		if (fault)
			return fault;
	}
	if (memchr_inv(&slots[layout->used_slots], 0,
		       (VDE_SLOTS - layout->used_slots) * sizeof(*slots)))
		return VDE_FAULT_SLOT_UNUSED;
	if (memchr_inv(directory->zero, 0, sizeof(directory->zero)))
		return VDE_FAULT_DIRECTORY_PADDING;
	return check_overlap(slots, layout->used_slots, layout);
}

/**
 * vde_layout_check_directory - check blocks 8 and 9
 * @directory: block 8 as read
 * @header: block 9 as read
 *
 * Return: VDE_FAULT_NONE, a block fault, _DIRECTORY_HEADER or
 * _DIRECTORY_CHECKSUM.
 */
enum vde_fault
vde_layout_check_directory(const struct vde_disk_directory *directory,
			   const struct vde_disk_directory_header *header)
{
	enum vde_fault fault;
	u32 active = 0;

	fault = vde_block_check(directory, VDE_TAG_REGION_MAP);
	if (!fault)
		fault = vde_block_check(header, VDE_TAG_REGION_MAP);
	if (fault)
		return fault;
	while (active < VDE_SLOTS &&
	       le32_to_cpu(directory->slots[active].flags) & VDE_SLOT_ACTIVE)
		active++;
	if (le16_to_cpu(header->version) != VDE_DIRECTORY_VERSION ||
	    le16_to_cpu(header->slots) != VDE_SLOTS ||
	    le16_to_cpu(header->active) != active || header->zero0 ||
	    memchr_inv(header->zero1, 0, sizeof(header->zero1)))
		return VDE_FAULT_DIRECTORY_HEADER;
	if (le64_to_cpu(header->checksum) !=
	    xxh64(directory, VDE_PAYLOAD_SIZE, 0))
		return VDE_FAULT_DIRECTORY_CHECKSUM;
	return VDE_FAULT_NONE;
}

/**
 * vde_layout_load - regions of a volume, from the directory or its copy
 * @directory: block 8 as read
 * @header: block 9 as read
 * @copy: block 1 or 5 of the superblock group in force, already checked
 * @total_blocks: size of the volume
 * @layout: set to the regions found; undefined on a fault
 * @warning: set to what is wrong with blocks 8 and 9 when @copy had to serve
 *
 * Return: as vde_layout_decode(), or VDE_FAULT_DIRECTORY_DIFFERS when both are
 * sound and disagree.
 */
enum vde_fault vde_layout_load(const struct vde_disk_directory *directory,
			       const struct vde_disk_directory_header *header,
			       const struct vde_disk_directory *copy,
			       u64 total_blocks, struct vde_layout *layout,
			       enum vde_fault *warning)
{
	*warning = vde_layout_check_directory(directory, header);
	if (!*warning &&
	    memcmp(directory, copy, offsetof(struct vde_disk_directory,
					     trailer)))
		return VDE_FAULT_DIRECTORY_DIFFERS;
	return vde_layout_decode(copy, total_blocks, layout);
}

/**
 * vde_layout_find - the nr-th region of a kind
 * @layout: to search
 * @kind: kind of region
 * @nr: from 0, in directory order
 *
 * Return: its geometry within @layout, or NULL.
 */
const struct vde_geometry *vde_layout_find(const struct vde_layout *layout,
					   enum vde_region_kind kind, u32 nr)
{
	u32 i;

	for (i = 0; i < layout->count; i++)
		if (layout->regions[i].kind == kind && !nr--)
			return &layout->regions[i];
	return NULL;
}

/**
 * vde_layout_region_uuid - derive a region's UUID
 * @volume_uuid: 16 bytes as stored in the superblock
 * @first_slot: first slot of the region's run
 * @uuid: set to the version 8 UUID, in guid_t order
 *
 * Source: format section "Commit slots", offset 0x70.
 */
void vde_layout_region_uuid(const u8 volume_uuid[16], u32 first_slot,
			    u8 uuid[16])
{
	struct {
		u8 volume[16];
		__le32 slot;
	} __packed seed;
	u8 digest[SHA256_DIGEST_SIZE];

	memcpy(seed.volume, volume_uuid, sizeof(seed.volume));
	seed.slot = cpu_to_le32(first_slot);
	sha256((const u8 *)&seed, sizeof(seed), digest);
	memcpy(uuid, digest, 16);
	uuid[7] = (uuid[7] & 0x0F) | 0x80;
	uuid[8] = (uuid[8] & 0x3F) | 0x80;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Superblock group: format section "Superblock fields". */
#include "rules.h"

#define KNOWN_INCOMPAT	VDE_INCOMPAT_WORM
#define KNOWN_RO_COMPAT	VDE_RO_COMPAT_STREAM

/* Tags of a group's blocks, by enum vde_group_block. */
static const u32 group_tags[VDE_GROUP_BLOCKS] = {
	[VDE_GROUP_SUPERBLOCK] = VDE_TAG_SUPERBLOCK,
	[VDE_GROUP_REGION_MAP] = VDE_TAG_REGION_MAP,
	[VDE_GROUP_EXTENDED] = VDE_TAG_EXTENDED,
	[VDE_GROUP_ANCHOR] = VDE_TAG_ANCHOR,
};

static_assert(sizeof(struct vde_group) == VDE_GROUP_BLOCKS * VDE_BLOCK_SIZE);

/* The feature words that a set of regions asks for. */
static void layout_features(const struct vde_layout *layout, u32 *incompat,
			    u32 *ro_compat, u32 *compat)
{
	u32 i;

	*incompat = 0;
	*ro_compat = 0;
	*compat = VDE_COMPAT_CHAIN;
	for (i = 0; i < layout->count; i++) {
		switch (layout->regions[i].kind) {
		case VDE_REGION_WORM:
			*incompat |= VDE_INCOMPAT_WORM;
			break;
		case VDE_REGION_STREAM:
			*ro_compat |= VDE_RO_COMPAT_STREAM;
			break;
		default:
			*compat |= VDE_COMPAT_VAULT;
			break;
		}
	}
}

/**
 * vde_superblock_init - superblock of a new volume
 * @sb: to fill; sealed by vde_group_seal()
 * @layout: its regions
 * @uuid: volume UUID, 16 bytes in guid_t order
 * @label: UTF-8, cut at 64 bytes
 * @now: ticks
 */
void vde_superblock_init(struct vde_disk_superblock *sb,
			 const struct vde_layout *layout, const u8 uuid[16],
			 const char *label, s64 now)
{
	u64 total = layout->total_blocks;
	u64 allocated = layout->region_blocks + VDE_BLOCK_FIRST_REGION;
	u32 incompat, ro_compat, compat;
	u32 i;

	layout_features(layout, &incompat, &ro_compat, &compat);
	memset(sb, 0, sizeof(*sb));
	memcpy(sb->magic, VDE_MAGIC, sizeof(sb->magic));
	sb->major = VDE_MAJOR;
	sb->minor = VDE_MINOR;
	sb->revision = cpu_to_le16(VDE_REVISION);
	memcpy(sb->uri, VDE_MAGIC_URI, sizeof(sb->uri));
	sb->min_reader = cpu_to_le16(VDE_READER_VERSION);
	sb->min_writer = cpu_to_le16(VDE_WRITER_VERSION);
	sb->incompat = cpu_to_le32(incompat);
	sb->ro_compat = cpu_to_le32(ro_compat);
	sb->compat = cpu_to_le32(compat);
	sb->modules = cpu_to_le32(VDE_MODULE_COMPLIANCE | VDE_MODULE_STREAMING |
				  VDE_MODULE_INTEGRITY);
	sb->block_size = cpu_to_le32(VDE_BLOCK_SIZE);
	sb->total_blocks = cpu_to_le64(total);
	sb->free_blocks = cpu_to_le64(total - allocated);
	sb->expected_bytes = cpu_to_le64(total << VDE_BLOCK_SHIFT);
	sb->allocated_blocks = cpu_to_le64(allocated);
	sb->physical_blocks = cpu_to_le64(allocated);
	memcpy(sb->uuid, uuid, sizeof(sb->uuid));
	sb->checksum = VDE_CHECKSUM_XXH64;
	sb->inode_size = cpu_to_le16(VDE_INODE_SIZE);
	sb->policy_version = cpu_to_le32(VDE_POLICY_VERSION);
	for (i = 0; i < VDE_LABEL_SIZE && label[i]; i++)
		sb->label[i] = label[i];
	sb->created = cpu_to_le64(now);
	sb->modified = cpu_to_le64(now);
	sb->sequence = cpu_to_le64(1);
}

static enum vde_fault check_sizes(const struct vde_disk_superblock *sb)
{
	u64 total = le64_to_cpu(sb->total_blocks);
	u64 free = le64_to_cpu(sb->free_blocks);

	if (total < VDE_BLOCK_FIRST_REGION || total > VDE_MAX_BLOCKS ||
	    le64_to_cpu(sb->expected_bytes) != total << VDE_BLOCK_SHIFT)
		return VDE_FAULT_SIZES;
	if (free > total - VDE_BLOCK_FIRST_REGION ||
	    le64_to_cpu(sb->allocated_blocks) != total - free ||
	    le64_to_cpu(sb->physical_blocks) != total - free)
		return VDE_FAULT_SIZES;
	return VDE_FAULT_NONE;
}

/**
 * vde_superblock_check - may this volume be used here?
 * @sb: superblock of a group that vde_group_check() accepted
 * @device_blocks: size of the device beneath
 *
 * Return: VDE_FAULT_NONE, _NOT_VDE, _VERSION, _FEATURES, _BLOCK_SIZE,
 * _ALGORITHM, _SIZES or _DEVICE_SHORT.
 */
enum vde_fault vde_superblock_check(const struct vde_disk_superblock *sb,
				    u64 device_blocks)
{
	enum vde_fault fault;

	if (memcmp(sb->magic, VDE_MAGIC, sizeof(sb->magic)) ||
	    memcmp(sb->uri, VDE_MAGIC_URI, sizeof(sb->uri)))
		return VDE_FAULT_NOT_VDE;
	if (sb->major != VDE_MAJOR ||
	    le16_to_cpu(sb->min_reader) > VDE_READER_VERSION)
		return VDE_FAULT_VERSION;
	if (le32_to_cpu(sb->incompat) & ~KNOWN_INCOMPAT)
		return VDE_FAULT_FEATURES;
	if (le32_to_cpu(sb->block_size) != VDE_BLOCK_SIZE)
		return VDE_FAULT_BLOCK_SIZE;
	if (sb->compression || sb->encryption ||
	    sb->checksum != VDE_CHECKSUM_XXH64)
		return VDE_FAULT_ALGORITHM;
	fault = check_sizes(sb);
	if (fault)
		return fault;
	if (le64_to_cpu(sb->total_blocks) > device_blocks)
		return VDE_FAULT_DEVICE_SHORT;
	return VDE_FAULT_NONE;
}

/**
 * vde_superblock_check_layout - do superblock and directory tell one story?
 * @sb: checked superblock
 * @layout: what the directory says
 *
 * Return: VDE_FAULT_NONE, _FEATURE_MISMATCH or _FREE_BLOCKS.
 */
enum vde_fault vde_superblock_check_layout(const struct vde_disk_superblock *sb,
					   const struct vde_layout *layout)
{
	u64 used = layout->region_blocks + VDE_BLOCK_FIRST_REGION;
	u32 incompat, ro_compat, compat;

	layout_features(layout, &incompat, &ro_compat, &compat);
	if ((le32_to_cpu(sb->incompat) & KNOWN_INCOMPAT) != incompat ||
	    (le32_to_cpu(sb->ro_compat) & KNOWN_RO_COMPAT) != ro_compat ||
	    (le32_to_cpu(sb->compat) & VDE_COMPAT_VAULT) !=
	    (compat & VDE_COMPAT_VAULT))
		return VDE_FAULT_FEATURE_MISMATCH;
	if (le64_to_cpu(sb->allocated_blocks) != used)
		return VDE_FAULT_FREE_BLOCKS;
	return VDE_FAULT_NONE;
}

/**
 * vde_superblock_check_writable - may this version write to the volume?
 * @sb: checked superblock
 *
 * Return: VDE_FAULT_NONE; _WRITER when an unknown read-only compatible feature
 * is set or a newer writer is asked for; or _SEQUENCE_SPENT.
 */
enum vde_fault
vde_superblock_check_writable(const struct vde_disk_superblock *sb)
{
	if ((le32_to_cpu(sb->ro_compat) & ~KNOWN_RO_COMPAT) ||
	    le16_to_cpu(sb->min_writer) > VDE_WRITER_VERSION)
		return VDE_FAULT_WRITER;
	if (le64_to_cpu(sb->sequence) > VDE_SEQUENCE_LAST)
		return VDE_FAULT_SEQUENCE_SPENT;
	return VDE_FAULT_NONE;
}

/**
 * vde_group_seal - seal the four blocks of a group under its sequence
 * @group: payloads and sequence set
 */
void vde_group_seal(struct vde_group *group)
{
	u32 generation = le64_to_cpu(group->superblock.sequence);
	struct vde_disk_block *block = (struct vde_disk_block *)group;
	u32 i;

	for (i = 0; i < VDE_GROUP_BLOCKS; i++)
		vde_block_seal(&block[i], group_tags[i], generation);
}

/**
 * vde_group_check - is a superblock group whole?
 * @group: four blocks as read
 *
 * A torn update leaves old and new blocks that each check, so their
 * generations must agree as well.
 *
 * Return: VDE_FAULT_NONE, a block fault, _SEQUENCE or _TORN_GROUP.
 */
enum vde_fault vde_group_check(const struct vde_group *group)
{
	u64 sequence = le64_to_cpu(group->superblock.sequence);
	const struct vde_disk_block *block = (const void *)group;
	enum vde_fault fault;
	u32 i;

	for (i = 0; i < VDE_GROUP_BLOCKS; i++) {
		fault = vde_block_check(&block[i], group_tags[i]);
		if (fault)
			return fault;
	}
	if (!sequence || sequence >= S64_MAX)
		return VDE_FAULT_SEQUENCE;
	for (i = 0; i < VDE_GROUP_BLOCKS; i++)
		if (vde_block_generation(&block[i]) != (u32)sequence)
			return VDE_FAULT_TORN_GROUP;
	return VDE_FAULT_NONE;
}

static bool has_magic(const struct vde_group *group)
{
	return !memcmp(group->superblock.magic, VDE_MAGIC,
		       sizeof(group->superblock.magic));
}

/* Why no group is valid, as exactly as the blocks allow to say. */
static enum vde_fault explain_no_group(const struct vde_group *primary,
				       const struct vde_group *mirror)
{
	u32 size = le32_to_cpu(primary->superblock.block_size);

	if (!has_magic(primary) && !has_magic(mirror))
		return VDE_FAULT_NOT_VDE;
	/* Another block size puts trailers and mirror elsewhere. */
	if (has_magic(primary) && size != VDE_BLOCK_SIZE && size >= 512 &&
	    size <= 65536 && !(size & (size - 1)))
		return VDE_FAULT_BLOCK_SIZE;
	return VDE_FAULT_NO_GROUP;
}

/**
 * vde_group_choose - which superblock group counts?
 * @primary: blocks 0..3 as read
 * @mirror: blocks 4..7 as read
 * @chosen: set to the valid group with the higher sequence, to @primary when
 *	equal
 *
 * Return: VDE_FAULT_NONE, _NOT_VDE, _BLOCK_SIZE or _NO_GROUP.
 */
enum vde_fault vde_group_choose(const struct vde_group *primary,
				const struct vde_group *mirror,
				const struct vde_group **chosen)
{
	bool primary_valid = !vde_group_check(primary);
	bool mirror_valid = !vde_group_check(mirror);

	if (!primary_valid && !mirror_valid)
		return explain_no_group(primary, mirror);
	if (!mirror_valid)
		*chosen = primary;
	else if (!primary_valid)
		*chosen = mirror;
	else if ((s64)le64_to_cpu(mirror->superblock.sequence) >
		 (s64)le64_to_cpu(primary->superblock.sequence))
		*chosen = mirror;
	else
		*chosen = primary;
	return VDE_FAULT_NONE;
}

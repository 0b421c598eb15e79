// SPDX-License-Identifier: GPL-2.0-only
/* Check of superblock groups and region directory. */
#include "check.h"


static const u32 tags[VDE_GROUP_BLOCKS] = {
	VDE_TAG_SUPERBLOCK, VDE_TAG_REGION_MAP, VDE_TAG_EXTENDED, VDE_TAG_ANCHOR
};

/* Sets the fields that an update changes to those of another superblock. */
static void copy_changing_fields(struct vde_disk_superblock *to,
				 const struct vde_disk_superblock *from)
{
	to->compat = (to->compat & ~cpu_to_le32(VDE_COMPAT_DIRTY)) |
		     (from->compat & cpu_to_le32(VDE_COMPAT_DIRTY));
	to->worm_hwm = from->worm_hwm;
	to->modified = from->modified;
	to->last_scrub = from->last_scrub;
	to->sequence = from->sequence;
	memcpy(to->writer_session, from->writer_session,
	       sizeof(to->writer_session));
	to->writer_time = from->writer_time;
	memcpy(to->writer_node, from->writer_node, sizeof(to->writer_node));
}

/* All but the trailers and what an update changes is the same. */
static bool same_volume(const struct vde_group *a, const struct vde_group *b)
{
	struct vde_disk_superblock sb = a->superblock;

	copy_changing_fields(&sb, &b->superblock);
	return !memcmp(&sb, &b->superblock, VDE_PAYLOAD_SIZE) &&
	       !memcmp(&a->map, &b->map, VDE_PAYLOAD_SIZE) &&
	       !memcmp(&a->extended, &b->extended, VDE_PAYLOAD_SIZE);
}

/*
 * A torn block is made of sectors of the group's old and new version, and one
 * of these is the intact group's. Trailers may thus be of either sequence.
 */
static bool trailer_torn(const struct vde_disk_trailer *torn,
			 const struct vde_disk_trailer *whole, u32 other)
{
	u32 generation = le32_to_cpu(torn->generation);

	return torn->tag == whole->tag &&
	       (generation == other || torn->generation == whole->generation);
}

/**
 * update_cut - can a crash while the group was written explain its state?
 * @torn: invalid group
 * @whole: the valid one
 * @other: sequence that the update began or ended with beside @whole's
 */
static bool update_cut(const struct vde_group *torn,
		       const struct vde_group *whole, u64 other)
{
	const struct vde_disk_block *t = (const void *)torn;
	const struct vde_disk_block *w = (const void *)whole;
	u64 sequence = le64_to_cpu(torn->superblock.sequence);
	u32 i;

	if (vde_bits_different(torn, whole, sizeof(*torn)) == 1)
		return false;
	if (sequence != other && torn->superblock.sequence !=
				 whole->superblock.sequence)
		return false;
	if (!same_volume(torn, whole))
		return false;
	for (i = 0; i < VDE_GROUP_BLOCKS; i++) {
		if (!trailer_torn(&t[i].trailer, &w[i].trailer, other))
			return false;
		if (vde_block_check(&t[i], tags[i]) &&
		    vde_block_one_bit_off(&t[i], tags[i]))
			return false;
	}
	return true;
}

/* Number within the group of the block to blame. */
static u32 bad_block(const struct vde_group *group)
{
	const struct vde_disk_block *block = (const void *)group;
	u32 generation = le64_to_cpu(group->superblock.sequence);
	u32 i;

	for (i = 0; i < VDE_GROUP_BLOCKS; i++)
		if (vde_block_check(&block[i], tags[i]))
			return i;
	for (i = 0; i < VDE_GROUP_BLOCKS; i++)
		if (vde_block_generation(&block[i]) != generation)
			return i;
	return 0;
}

/* The mirror is written first, so it may be ahead by one, never behind. */
static void check_valid_groups(const struct vde_check *check,
			       const struct vde_head *head)
{
	u64 primary = le64_to_cpu(head->primary.superblock.sequence);
	u64 mirror = le64_to_cpu(head->mirror.superblock.sequence);

	if (!memcmp(&head->primary, &head->mirror, sizeof(head->primary)))
		return;
	if (mirror == primary + 1 &&
	    same_volume(&head->primary, &head->mirror))
		check_report(check, VDE_NOTE, VDE_FAULT_UPDATE_CUT,
			     VDE_BLOCK_PRIMARY, NULL, VDE_NOWHERE);
	else
		check_report(check, VDE_WARNING, VDE_FAULT_GROUPS_DIFFER,
			     VDE_BLOCK_MIRROR, NULL, VDE_NOWHERE);
}

static void check_groups(const struct vde_check *check,
			 const struct vde_head *head)
{
	enum vde_fault primary = vde_group_check(&head->primary);
	enum vde_fault mirror = vde_group_check(&head->mirror);
	u64 block;
	bool cut;

	if (!primary && !mirror) {
		check_valid_groups(check, head);
	} else if (!primary) {
		/* Crash while the mirror was written to sequence + 1. */
		cut = update_cut(&head->mirror, &head->primary,
				 le64_to_cpu(head->primary.superblock.sequence)
				 + 1);
		block = VDE_BLOCK_MIRROR + bad_block(&head->mirror);
		check_report(check, cut ? VDE_NOTE : VDE_WARNING,
			     cut ? VDE_FAULT_UPDATE_CUT : mirror, block, NULL,
			     VDE_NOWHERE);
	} else if (!mirror) {
		/* Crash while the primary followed from sequence - 1. */
		cut = update_cut(&head->primary, &head->mirror,
				 le64_to_cpu(head->mirror.superblock.sequence)
				 - 1);
		block = VDE_BLOCK_PRIMARY + bad_block(&head->primary);
		check_report(check, cut ? VDE_NOTE : VDE_WARNING,
			     cut ? VDE_FAULT_UPDATE_CUT : primary, block, NULL,
			     VDE_NOWHERE);
	}
}

/* Blocks 8 and 9 are written by format only, as generation 1. */
static void check_directory(const struct vde_check *check,
			    const struct vde_volume *volume)
{
	const struct vde_head *head = volume->head;
	u64 block = VDE_BLOCK_DIRECTORY_HEADER;

	if (volume->directory_fault) {
		if (vde_block_check(&head->directory, VDE_TAG_REGION_MAP))
			block = VDE_BLOCK_DIRECTORY;
		check_report(check, VDE_WARNING, volume->directory_fault,
			     block, NULL, VDE_NOWHERE);
		return;
	}
	if (vde_block_generation(&head->directory) != 1)
		check_report(check, VDE_WARNING, VDE_FAULT_BLOCK_GENERATION,
			     VDE_BLOCK_DIRECTORY, NULL, VDE_NOWHERE);
	if (vde_block_generation(&head->directory_header) != 1)
		check_report(check, VDE_WARNING, VDE_FAULT_BLOCK_GENERATION,
			     VDE_BLOCK_DIRECTORY_HEADER, NULL, VDE_NOWHERE);
}

/**
 * check_head - check blocks 0..9
 * @check: whose volume has been opened
 */
void check_head(const struct vde_check *check)
{
	const struct vde_volume *volume = check->volume;

	if (volume->group)
		check_groups(check, volume->head);
	if (volume->has_layout)
		check_directory(check, volume);
	if (volume->fault)
		check_report(check, VDE_ERROR, volume->fault, VDE_NOWHERE,
			     NULL, VDE_NOWHERE);
}

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
 * Updates write the mirror first. What a cut one left in the mirror is thus as
 * old as the primary or newer, and in the primary as old as the mirror or
 * older; an update that failed on a bad disk uses its sequence up, too.
 */
static bool sequence_fits(u64 torn, u64 whole, bool mirror_torn)
{
	return mirror_torn ? torn >= whole : torn <= whole;
}

static bool trailer_fits(const struct vde_disk_trailer *torn,
			 const struct vde_disk_trailer *whole, bool mirror_torn)
{
	s32 ahead = le32_to_cpu(torn->generation) -
		    le32_to_cpu(whole->generation);

	return torn->tag == whole->tag &&
	       (mirror_torn ? ahead >= 0 : ahead <= 0);
}

/**
 * update_cut - can a crash while a group was written explain its state?
 * @torn: invalid group
 * @whole: the valid one
 * @mirror_torn: @torn is the mirror
 *
 * A torn group mixes sectors of two versions. Versions differ in few fields, so
 * all else must be as in the intact group; and a single flipped bit is damage.
 */
static bool update_cut(const struct vde_group *torn,
		       const struct vde_group *whole, bool mirror_torn)
{
	const struct vde_disk_block *t = (const void *)torn;
	const struct vde_disk_block *w = (const void *)whole;
	u32 i;

	if (vde_bits_different(torn, whole, sizeof(*torn)) == 1)
		return false;
	if (!sequence_fits(le64_to_cpu(torn->superblock.sequence),
			   le64_to_cpu(whole->superblock.sequence),
			   mirror_torn) || !same_volume(torn, whole))
		return false;
	for (i = 0; i < VDE_GROUP_BLOCKS; i++) {
		if (!trailer_fits(&t[i].trailer, &w[i].trailer, mirror_torn))
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

static void check_valid_groups(const struct vde_check *check,
			       const struct vde_head *head)
{
	u64 primary = le64_to_cpu(head->primary.superblock.sequence);
	u64 mirror = le64_to_cpu(head->mirror.superblock.sequence);

	if (!memcmp(&head->primary, &head->mirror, sizeof(head->primary)))
		return;
	/* Crash between the two halves of an update. */
	if (mirror > primary && same_volume(&head->primary, &head->mirror))
		check_report(check, VDE_NOTE, VDE_FAULT_UPDATE_CUT,
			     VDE_BLOCK_PRIMARY, NULL, VDE_NOWHERE);
	else
		check_report(check, VDE_WARNING, VDE_FAULT_GROUPS_DIFFER,
			     VDE_BLOCK_MIRROR, NULL, VDE_NOWHERE);
}

static void check_bad_group(const struct vde_check *check,
			    const struct vde_head *head, bool mirror_bad)
{
	const struct vde_group *bad = mirror_bad ? &head->mirror :
						   &head->primary;
	const struct vde_group *good = mirror_bad ? &head->primary :
						    &head->mirror;
	u64 block = bad_block(bad);

	if (mirror_bad)
		block += VDE_BLOCK_MIRROR;
	if (check->volume->unreadable & BIT(block))
		return;
	if (update_cut(bad, good, mirror_bad))
		check_report(check, VDE_NOTE, VDE_FAULT_UPDATE_CUT, block,
			     NULL, VDE_NOWHERE);
	else
		check_report(check, VDE_WARNING, vde_group_check(bad), block,
			     NULL, VDE_NOWHERE);
}

/* What makes the driver leave the volume as it is */
static void check_writable(const struct vde_check *check)
{
	const struct vde_volume *volume = check->volume;
	enum vde_fault fault =
		vde_superblock_check_writable(&volume->group->superblock);
	u64 block = volume->group == &volume->head->mirror ?
		    VDE_BLOCK_MIRROR : VDE_BLOCK_PRIMARY;

	if (fault)
		check_report(check, VDE_WARNING, fault, block, NULL,
			     VDE_NOWHERE);
}

static void check_groups(const struct vde_check *check,
			 const struct vde_head *head)
{
	bool primary_bad = vde_group_check(&head->primary);
	bool mirror_bad = vde_group_check(&head->mirror);

	if (!primary_bad && !mirror_bad)
		check_valid_groups(check, head);
	else if (primary_bad != mirror_bad)
		check_bad_group(check, head, mirror_bad);
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
		if (volume->unreadable & BIT(block))
			return;
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
	u32 i;

	for (i = 0; i < VDE_BLOCK_FIRST_REGION; i++)
		if (volume->unreadable & BIT(i))
			check_report(check, VDE_WARNING, VDE_FAULT_READ, i,
				     NULL, VDE_NOWHERE);
	if (volume->group) {
		check_groups(check, volume->head);
		check_writable(check);
	}
	if (volume->has_layout)
		check_directory(check, volume);
	if (volume->fault)
		check_report(check, VDE_ERROR, volume->fault, VDE_NOWHERE,
			     NULL, VDE_NOWHERE);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling a commit that a power cut tore from one that is damaged.
 *
 * A commit is one write over the one eight before it in its slot. A cut leaves some
 * sectors of the one and some of the other; a block whose checksum is right has them
 * from one of the two only. The one that was due may have been cut, and tried again,
 * more than once.
 *
 * Where a tear that is likely and a flipped bit would look the same, it is a tear. What
 * is left are sectors of two images that differ in one bit by chance, where a passport
 * begins or ends with a sector: those are taken for damage.
 */
#include "check.h"

/* Sequence of the commit that one replaces, 0 if there were zeros. */
static u64 before(u64 due)
{
	return due > VDE_COMMIT_SLOTS ? due - VDE_COMMIT_SLOTS : 0;
}

static bool sequence_belongs(const struct vde_disk_commit *record, u64 due)
{
	u64 sequence = le64_to_cpu(record->sequence);

	return sequence == due || sequence == before(due);
}

/* Is the trailer, which lies in one sector, that of either? */
static bool trailer_belongs(const void *block, u64 due)
{
	const struct vde_disk_block *b = block;
	u32 tag = le32_to_cpu(b->trailer.tag);
	u32 generation = vde_block_generation(block);

	if (generation == (u32)before(due) && tag == (before(due) ? VDE_TAG_COMMIT : 0))
		return true;
	return generation == (u32)due && tag == VDE_TAG_COMMIT;
}

/* Has a WORM region had this mark in all commits that there are? */
static bool mark_stayed(const struct vde_region *region, __le64 hwm)
{
	u32 i;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++)
		if (!region->faults[i] &&
		    region->slots[i].record.state.worm.hwm != hwm)
			return false;
	return true;
}

/*
 * Commits of streams image nothing, and those of a vault that nobody adds to image
 * the same. So do those of WORM regions that form one or start it anew, or between
 * which nothing was sealed.
 */
static bool may_image_the_same(const struct vde_region *region,
			       const struct vde_disk_commit *record)
{
	return le32_to_cpu(record->owner) != VDE_TAG_WORM ||
	       !record->state.worm.hwm ||
	       mark_stayed(region, record->state.worm.hwm);
}

/*
 * May another commit of this record's slot have had that many passports? A commit adds
 * one at most.
 */
static bool may_count(const struct vde_region *region,
		      const struct vde_disk_commit *record, u64 count)
{
	u64 newest = le64_to_cpu(vde_region_commit(region)->sequence);
	u32 oldest = (region->newest + 2) % VDE_COMMIT_SLOTS;
	u64 now = vde_region_passports(region);
	u64 then;

	if (count == now || count == now + 1)
		return true;
	if (le64_to_cpu(record->sequence) <= newest || region->faults[oldest])
		return false;
	then = le64_to_cpu(region->slots[oldest].record.state.vault.passports);
	return count == then || count + 1 == then;
}

/*
 * If two commits image a vault's first block, a tear can leave the count of the one in
 * the image of the other, and nothing else.
 */
static bool counts_of_other(const struct vde_region *region,
			    const struct vde_disk_commit_slot *slot)
{
	u64 count = le64_to_cpu(slot->record.state.vault.passports);
	u64 found = vde_vault_block_total(&slot->image);
	struct vde_disk_block whole = slot->image;

	if (le32_to_cpu(slot->record.owner) != VDE_TAG_VAULT ||
	    slot->record.imaged || found == count ||
	    !may_count(region, &slot->record, found))
		return false;
	vde_vault_block_set_total(&whole, count);
	return xxh64(&whole, VDE_PAYLOAD_SIZE, 0) ==
	       le64_to_cpu(slot->record.image_checksum);
}

/* Is the image, which fails its checksum, one bit off that of the slot's record? */
static bool image_one_bit_off(const struct vde_region *region,
			      const struct vde_disk_commit_slot *slot)
{
	return vde_block_generation(&slot->image) ==
		       (u32)le64_to_cpu(slot->record.sequence) &&
	       vde_bits_different(&slot->image.trailer.checksum,
				  &slot->record.image_checksum, 8) <= 1 &&
	       !counts_of_other(region, slot) &&
	       vde_block_one_bit_off(&slot->image, VDE_TAG_COMMIT);
}

/* A record that is whole is of one commit, which names its own generation. */
static bool record_contradicts_itself(const struct vde_disk_commit *record)
{
	return vde_block_generation(record) != (u32)le64_to_cpu(record->sequence);
}

/* Two whole blocks: may they be halves of two commits? Those of one were written so. */
static bool are_halves(const struct vde_region *region,
		       const struct vde_disk_commit_slot *slot)
{
	if (slot->record.image_checksum != slot->image.trailer.checksum)
		return true;
	return vde_block_generation(&slot->image) !=
		       vde_block_generation(&slot->record) &&
	       may_image_the_same(region, &slot->record);
}

/* Is it rather one bit of a commit, or of a slot of zeros, that has flipped? */
static bool one_bit_off(const struct vde_region *region,
			const struct vde_disk_commit_slot *slot)
{
	static const struct vde_disk_commit_slot zero;
	bool record = !vde_block_check(&slot->record, VDE_TAG_COMMIT);
	bool image = !vde_block_check(&slot->image, VDE_TAG_COMMIT);

	if (record && record_contradicts_itself(&slot->record))
		return true;
	if (record && image)
		return !are_halves(region, slot);
	if (record)
		return image_one_bit_off(region, slot);
	if (image)
		return vde_block_one_bit_off(&slot->record, VDE_TAG_COMMIT);
	return vde_bits_different(slot, &zero, sizeof(zero)) == 1;
}

/* No cut leaves a whole commit of another region, or with impossible contents. */
static bool cut_explains(enum vde_fault fault)
{
	return fault == VDE_FAULT_BLOCK_TAG ||
	       fault == VDE_FAULT_BLOCK_CHECKSUM ||
	       fault == VDE_FAULT_COMMIT_SEQUENCE ||
	       fault == VDE_FAULT_COMMIT_IMAGE;
}

/**
 * check_slot_torn - can a power cut have left the slot of the next commit so?
 * @region: region with a newest commit
 * @nr: the slot behind that, which holds none
 *
 * Takes some ten milliseconds, as vde_block_one_bit_off() does.
 *
 * Return: true if so; false if it is damaged.
 */
bool check_slot_torn(const struct vde_region *region, u32 nr)
{
	u64 due = le64_to_cpu(vde_region_commit(region)->sequence) + 1;
	const struct vde_disk_commit_slot *slot = &region->slots[nr];

	return cut_explains(region->faults[nr]) &&
	       sequence_belongs(&slot->record, due) &&
	       trailer_belongs(&slot->record, due) &&
	       trailer_belongs(&slot->image, due) &&
	       !one_bit_off(region, slot);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling a commit that a power cut tore from one that is damaged.
 *
 * A commit is one write over the one eight before it in its slot. A cut leaves some
 * sectors of the one and some of the other; a block whose checksum is right has them
 * from one of the two only.
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

/* The oldest commit that there is, or NULL if it is damaged, or never was. */
static const struct vde_disk_commit *oldest(const struct vde_region *region)
{
	u32 nr = (region->newest + 2) % VDE_COMMIT_SLOTS;

	return region->faults[nr] ? NULL : &region->slots[nr].record;
}

/*
 * Commits of streams image nothing, and those of a vault that nobody adds to image
 * the same. So do those of WORM regions that form one or start it anew, or between
 * which nothing was sealed.
 */
static bool may_image_the_same(const struct vde_region *region,
			       const struct vde_disk_commit *record)
{
	const struct vde_disk_commit *first = oldest(region);
	u64 hwm = le64_to_cpu(record->state.worm.hwm);

	if (le32_to_cpu(record->owner) != VDE_TAG_WORM || !hwm)
		return true;
	return hwm == vde_region_hwm(region) &&
	       (!first || hwm == le64_to_cpu(first->state.worm.hwm));
}

/*
 * If both commits image a vault's first block, a tear can leave the count of the one
 * in the image of the other, and nothing else. A commit adds one passport at most.
 */
static bool counts_of_other(const struct vde_region *region,
			    const struct vde_disk_commit_slot *slot, u64 due)
{
	const struct vde_disk_commit *first = oldest(region);
	bool is_newer = le64_to_cpu(slot->record.sequence) == due;
	u64 found = vde_vault_block_total(&slot->image);
	struct vde_disk_block whole = slot->image;
	u64 most;

	if (le32_to_cpu(slot->record.owner) != VDE_TAG_VAULT ||
	    slot->record.imaged || (is_newer && !first))
		return false;
	most = is_newer ? le64_to_cpu(first->state.vault.passports) :
			  vde_region_passports(region) + 1;
	if (found != most && found + 1 != most)
		return false;
	vde_vault_block_set_total(&whole,
				  le64_to_cpu(slot->record.state.vault.passports));
	return xxh64(&whole, VDE_PAYLOAD_SIZE, 0) ==
	       le64_to_cpu(slot->record.image_checksum);
}

/* Is the image, which fails its checksum, one bit off that of the slot's record? */
static bool image_one_bit_off(const struct vde_region *region,
			      const struct vde_disk_commit_slot *slot, u64 due)
{
	return vde_block_generation(&slot->image) ==
		       (u32)le64_to_cpu(slot->record.sequence) &&
	       vde_bits_different(&slot->image.trailer.checksum,
				  &slot->record.image_checksum, 8) <= 1 &&
	       !counts_of_other(region, slot, due) &&
	       vde_block_one_bit_off(&slot->image, VDE_TAG_COMMIT);
}

/* A record that is whole is of one commit, which names its own generation. */
static bool record_contradicts_itself(const struct vde_disk_commit *record)
{
	return vde_block_generation(record) != (u32)le64_to_cpu(record->sequence);
}

/* Two whole blocks: may they be halves of two commits? */
static bool are_halves(const struct vde_region *region,
		       const struct vde_disk_commit_slot *slot)
{
	return slot->record.image_checksum != slot->image.trailer.checksum ||
	       may_image_the_same(region, &slot->record);
}

/* Is it rather one bit of a commit, or of a slot of zeros, that has flipped? */
static bool one_bit_off(const struct vde_region *region,
			const struct vde_disk_commit_slot *slot, u64 due)
{
	static const struct vde_disk_commit_slot zero;
	bool record = !vde_block_check(&slot->record, VDE_TAG_COMMIT);
	bool image = !vde_block_check(&slot->image, VDE_TAG_COMMIT);

	if (record && record_contradicts_itself(&slot->record))
		return true;
	if (record && image)
		return !are_halves(region, slot);
	if (record)
		return image_one_bit_off(region, slot, due);
	if (image)
		return vde_block_one_bit_off(&slot->record, VDE_TAG_COMMIT);
	return vde_bits_different(slot, &zero, sizeof(zero)) == 1;
}

/*
 * A slot whose blocks are whole and belong together was written so, whatever is
 * wrong with it.
 */
static bool cut_explains(enum vde_fault fault)
{
	return fault == VDE_FAULT_BLOCK_TAG ||
	       fault == VDE_FAULT_BLOCK_CHECKSUM ||
	       fault == VDE_FAULT_COMMIT_SEQUENCE ||
	       fault == VDE_FAULT_COMMIT_IMAGE;
}

/**
 * check_slot_torn - can a power cut have left the slot of the next commit so?
 * @region: region with a newest commit; the slot behind that holds none
 *
 * Where a tear and a flipped bit would look the same, it is a tear. Takes some ten
 * milliseconds, as vde_block_one_bit_off() does.
 *
 * Return: true if so; false if it is damaged.
 */
bool check_slot_torn(const struct vde_region *region)
{
	u64 due = le64_to_cpu(vde_region_commit(region)->sequence) + 1;
	u32 nr = (region->newest + 1) % VDE_COMMIT_SLOTS;
	const struct vde_disk_commit_slot *slot = &region->slots[nr];

	return cut_explains(region->faults[nr]) &&
	       sequence_belongs(&slot->record, due) &&
	       trailer_belongs(&slot->record, due) &&
	       trailer_belongs(&slot->image, due) &&
	       !one_bit_off(region, slot, due);
}

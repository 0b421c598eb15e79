// SPDX-License-Identifier: GPL-2.0-only
/* Check of a vault's passports. Signatures take keys, and are not looked at. */
#include <stdlib.h>

#include "check.h"

/* Where a passport with an id lies. */
struct place {
	u8 id[16];
	u64 block;
};

/*
 * What is known while the blocks are walked through: @count passports before, the
 * ids of all of them, and the generation of the last block that nothing was
 * removed from.
 */
struct walk {
	const struct vde_check *check;
	const struct vde_region *region;
	u64 count;
	struct place *places;
	u64 room;
	u32 generation;
};

static int remember(struct walk *walk, const u8 id[16], u64 block)
{
	struct place *places;
	u64 room;

	if (walk->count == walk->room) {
		room = walk->room ? 2 * walk->room : 256;
		places = realloc(walk->places, room * sizeof(*places));
		if (!places)
			return -ENOMEM;
		walk->places = places;
		walk->room = room;
	}
	memcpy(walk->places[walk->count].id, id, sizeof(walk->places->id));
	walk->places[walk->count++].block = block;
	return 0;
}

/*
 * A block is written in place for the last time before the next one is begun, but
 * for removals, and block 0, which each clean close writes anew.
 */
static bool generation_fits(struct walk *walk, u64 block, u32 generation,
			    bool removed)
{
	u64 newest = le64_to_cpu(vde_region_commit(walk->region)->sequence);

	if (newest > UINT32_MAX)
		return true;
	if (!generation || generation > newest)
		return false;
	if (!block || removed)
		return true;
	if (generation < walk->generation)
		return false;
	walk->generation = generation;
	return true;
}

/* What block 0 in place says may be old; nothing is ever taken away. */
static bool total_fits(const struct vde_region *region, const void *block)
{
	u64 total = vde_region_passports(region);
	u32 said = vde_vault_block_total(block);

	return vde_region_imaged(region, 0) ? said == total : said <= total;
}

static int check_passports(struct walk *walk, u64 block, const void *buffer,
			   bool *removed, enum vde_fault *fault)
{
	u32 offset = vde_vault_block_begin(block);
	struct vde_passport passport;
	int ret = 0;

	*removed = false;
	for (;;) {
		*fault = vde_vault_block_next(buffer, offset, &passport);
		if (ret || *fault || !passport.size)
			return ret;
		if (passport.status == VDE_PASSPORT_REMOVED)
			*removed = true;
		offset += passport.size;
		ret = remember(walk, passport.id, block);
	}
}

/* One block, as recovery would see it. */
static int check_block(struct walk *walk, u64 block, void *buffer,
		       enum vde_fault *fault)
{
	const struct vde_region *region = walk->region;
	enum vde_fault inside;
	u32 count, end;
	bool removed;
	int ret;

	if (vde_region_read_metadata(walk->check->volume, region, block,
				     buffer, fault))
		*fault = VDE_FAULT_READ;
	if (*fault)
		return 0;
	*fault = vde_vault_block_check(buffer, block, &count, &end);
	ret = check_passports(walk, block, buffer, &removed, &inside);
	if (ret || *fault)
		return ret;
	if (!block && !total_fits(region, buffer))
		*fault = VDE_FAULT_VAULT_COUNT;
	else if (!vde_region_imaged(region, block) &&
		 !generation_fits(walk, block, vde_block_generation(buffer),
				  removed))
		*fault = VDE_FAULT_BLOCK_GENERATION;
	return 0;
}

/* Where in the volume a block of the vault was read. */
static u64 block_place(const struct vde_region *region, u64 block)
{
	return vde_region_imaged(region, block) ?
	       check_slot_block(region, region->newest) + 1 :
	       region->geo->meta_start + block;
}

/*
 * Every block that the newest commit counts; what lies above is nobody's. A block
 * with passports missing is damage of its own.
 */
static int check_blocks(struct walk *walk, void *buffer)
{
	const struct vde_region *region = walk->region;
	u64 used = vde_region_used_blocks(region);
	enum vde_fault fault;
	bool whole = true;
	u64 block;
	int ret;

	for (block = 0; block < used; block++) {
		ret = check_block(walk, block, buffer, &fault);
		if (ret)
			return ret;
		if (!fault)
			continue;
		whole = false;
		check_report(walk->check, VDE_ERROR, fault,
			     block_place(region, block), region, VDE_NOWHERE);
	}
	if (whole && walk->count != vde_region_passports(region))
		check_report(walk->check, VDE_ERROR, VDE_FAULT_VAULT_COUNT,
			     check_slot_block(region, region->newest), region,
			     VDE_NOWHERE);
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *p = a;
	const struct place *q = b;
	int order = memcmp(p->id, q->id, sizeof(p->id));

	return order ? order : (p->block > q->block) - (p->block < q->block);
}

/* An id is used once, also when its passport was removed. */
static void check_ids(struct walk *walk)
{
	const struct place *place = walk->places;
	u64 i;

	if (!walk->count)
		return;
	qsort(walk->places, walk->count, sizeof(*walk->places),
	      compare_places);
	for (i = 1; i < walk->count; i++)
		if (!memcmp(place[i].id, place[i - 1].id, sizeof(place->id)))
			check_report(walk->check, VDE_ERROR,
				     VDE_FAULT_PASSPORT_TWICE,
				     block_place(walk->region, place[i].block),
				     walk->region, VDE_NOWHERE);
}

/* From one commit to the next there are more passports, or as many. */
static void check_history(const struct vde_check *check,
			  const struct vde_region *region)
{
	const struct vde_disk_vault_state *state, *before;
	u32 age, nr, older;

	for (age = 0; age < VDE_COMMIT_SLOTS - 1; age++) {
		nr = (region->newest - age) % VDE_COMMIT_SLOTS;
		older = (nr - 1) % VDE_COMMIT_SLOTS;
		if (region->faults[nr] || region->faults[older] ||
		    le64_to_cpu(region->slots[nr].record.sequence) - 1 !=
		    le64_to_cpu(region->slots[older].record.sequence))
			continue;
		state = &region->slots[nr].record.state.vault;
		before = &region->slots[older].record.state.vault;
		if (le64_to_cpu(state->passports) <
		    le64_to_cpu(before->passports) ||
		    le64_to_cpu(state->used_blocks) <
		    le64_to_cpu(before->used_blocks))
			check_report(check, VDE_ERROR, VDE_FAULT_COMMIT_STATE,
				     check_slot_block(region, nr), region,
				     VDE_NOWHERE);
	}
}

/**
 * check_vault - check what is particular to a vault
 * @check: check under way
 * @region: vault without a fault
 * @buffer: one block of vde_alloc_blocks()
 *
 * Return: 0 or -ENOMEM.
 */
int check_vault(const struct vde_check *check,
		const struct vde_region *region, void *buffer)
{
	struct walk walk = { .check = check, .region = region };
	int ret;

	check_history(check, region);
	ret = check_blocks(&walk, buffer);
	if (!ret)
		check_ids(&walk);
	free(walk.places);
	return ret;
}

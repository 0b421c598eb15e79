// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit slots, of which one is from the input and copies of it fill the
 * others. Input: a byte (bit 0: leave checksums alone; bits 1..3: slot; bit 4:
 * sequence as it is; bit 5: owner and UUID as they are; bits 6 and 7: kind),
 * a capacity, the slot's two blocks, changes for the copies.
 */
#include "fuzz.h"

static struct vde_disk_commit_slot slots[VDE_COMMIT_SLOTS];
static struct vde_disk_block header;
static const u8 uuid[16] = { 0xAA, 0x55, 7 };

static void make_geometry(struct fuzz *fuzz, u8 how, struct vde_geometry *geo)
{
	u64 capacity = fuzz_size(fuzz, 1ULL << 50);

	memset(geo, 0, sizeof(*geo));
	geo->kind = (how >> 6) % VDE_REGION_KINDS;
	geo->capacity = capacity;
	geo->meta_start = 10;
	geo->meta_blocks = geo->kind == VDE_REGION_WORM ?
			   vde_layout_worm_metadata(capacity) :
			   geo->kind == VDE_REGION_VAULT ? capacity : 1;
	geo->commit_start = 10 + geo->meta_blocks;
	geo->data_start = geo->commit_start + 16;
}

/* As a forger would: whatever stands for itself is made to be right. */
static void seal(struct vde_disk_commit_slot *slot, u32 nr, u8 how,
		 const struct vde_geometry *geo)
{
	struct vde_disk_commit *commit = &slot->record;
	u64 sequence;

	if (how & 1)
		return;
	if (!(how & 0x10)) {
		sequence = le64_to_cpu(commit->sequence) & S64_MAX & ~7ULL;
		commit->sequence = cpu_to_le64(sequence | nr);
	}
	sequence = le64_to_cpu(commit->sequence);
	if (!(how & 0x20)) {
		commit->owner = cpu_to_le32(vde_region_kind_tag(geo->kind));
		memcpy(commit->region_uuid, uuid, sizeof(uuid));
	}
	commit->trailer.generation = cpu_to_le32(sequence);
	slot->image.trailer.generation = cpu_to_le32(sequence);
	fuzz_seal(&slot->image, VDE_TAG_COMMIT);
	commit->image_checksum = slot->image.trailer.checksum;
	fuzz_seal(commit, VDE_TAG_COMMIT);
}

static void check_worm(const struct vde_disk_commit *commit,
		       const struct vde_geometry *geo)
{
	const struct vde_disk_worm_header *state = &commit->state.worm;
	u64 imaged = le64_to_cpu(commit->imaged);
	u32 i;

	REQUIRE(le64_to_cpu(state->hwm) <= geo->capacity);
	REQUIRE((s64)le64_to_cpu(state->retention) >= 0);
	REQUIRE((s64)le64_to_cpu(state->created) >= 0);
	REQUIRE((s64)le64_to_cpu(commit->sealed_clock) >= 0);
	REQUIRE(le64_to_cpu(commit->sealed_clock) <=
		le64_to_cpu(commit->clock));
	REQUIRE(!imaged ||
		imaged == vde_record_open_block(le64_to_cpu(state->hwm)));
	for (i = 0; i < VDE_RESET_ENTRIES; i++)
		if (i >= le64_to_cpu(commit->resets))
			REQUIRE(!commit->reset[i].records &&
				!commit->reset[i].uid);
}

static void check_accepted(const struct vde_disk_commit_slot *slot, u32 nr,
			   const struct vde_geometry *geo)
{
	const struct vde_disk_commit *commit = &slot->record;
	const struct vde_disk_vault_state *vault = &commit->state.vault;
	u64 sequence = le64_to_cpu(commit->sequence);
	u64 imaged = le64_to_cpu(commit->imaged);
	struct vde_ring ring;

	REQUIRE(sequence && sequence < S64_MAX && sequence % 8 == nr);
	REQUIRE(vde_commit_block(geo, sequence) == geo->commit_start + 2 * nr);
	REQUIRE(!memcmp(commit->region_uuid, uuid, sizeof(uuid)));
	REQUIRE(imaged == U64_MAX || imaged < geo->meta_blocks);
	REQUIRE((s64)le64_to_cpu(commit->clock) >= 0);
	if (geo->kind == VDE_REGION_WORM) {
		check_worm(commit, geo);
	} else if (geo->kind == VDE_REGION_STREAM) {
		REQUIRE(!vde_ring_decode(&commit->state.stream, geo->capacity,
					 &ring));
	} else {
		REQUIRE(le64_to_cpu(vault->used_blocks) &&
			le64_to_cpu(vault->used_blocks) <= geo->meta_blocks);
		REQUIRE(le64_to_cpu(vault->passports) <= INT32_MAX);
		REQUIRE(le64_to_cpu(vault->used_blocks) <=
			le64_to_cpu(vault->passports) + 1);
		REQUIRE(imaged == U64_MAX ||
			imaged < le64_to_cpu(vault->used_blocks));
	}
}

/* An image of block 0 that was accepted is a header that agrees. */
static void check_header(const struct vde_disk_commit_slot *slot,
			 const struct vde_geometry *geo, bool accepted)
{
	header = slot->image;
	header.trailer.generation = slot->record.trailer.generation;
	fuzz_seal(&header, vde_region_kind_tag(geo->kind));
	if (fuzz_fault(vde_commit_check_header(&slot->record, &header, geo)))
		REQUIRE(!accepted || slot->record.imaged);
}

static void check_newest(struct fuzz *fuzz, u8 how, u32 first,
			 const struct vde_geometry *geo)
{
	enum vde_fault faults[VDE_COMMIT_SLOTS];
	u32 newest = VDE_COMMIT_SLOTS, i;
	bool any = false;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++) {
		if (i == first)
			continue;
		slots[i] = slots[first];
		slots[i].record.sequence = cpu_to_le64(fuzz_u64(fuzz));
		seal(&slots[i], i, how, geo);
	}
	if (fuzz_fault(vde_commit_newest(slots, geo, uuid, &newest, faults)))
		newest = VDE_COMMIT_SLOTS;
	else
		REQUIRE(newest < VDE_COMMIT_SLOTS && !faults[newest]);
	for (i = 0; i < VDE_COMMIT_SLOTS; i++) {
		any |= !fuzz_fault(faults[i]);
		if (!faults[i])
			REQUIRE(le64_to_cpu(slots[i].record.sequence) <=
				le64_to_cpu(slots[newest].record.sequence));
	}
	REQUIRE(any == (newest < VDE_COMMIT_SLOTS));
}

static void check_init(struct fuzz *fuzz, const struct vde_geometry *geo)
{
	static struct vde_disk_commit_slot made;
	s64 now = fuzz_u64(fuzz) & S64_MAX;

	if (geo->kind == VDE_REGION_WORM)
		vde_commit_init_worm(&made, geo, uuid, now,
				     fuzz_u64(fuzz) & S64_MAX);
	else if (geo->kind == VDE_REGION_STREAM)
		vde_commit_init_stream(&made, geo, uuid, now,
				       fuzz_size(fuzz, INT32_MAX),
				       fuzz_u8(fuzz) & 1);
	else
		vde_commit_init_vault(&made, geo, uuid, now);
	REQUIRE(!vde_commit_check(&made, 1, geo, uuid));
	check_accepted(&made, 1, geo);
	check_header(&made, geo, true);
}

void fuzz_one(struct fuzz *fuzz)
{
	u8 how = fuzz_u8(fuzz);
	u32 nr = how >> 1 & 7;
	struct vde_geometry geo;
	bool accepted;

	make_geometry(fuzz, how, &geo);
	fuzz_take(fuzz, &slots[nr], sizeof(slots[nr]));
	seal(&slots[nr], nr, how, &geo);
	accepted = !fuzz_fault(vde_commit_check(&slots[nr], nr, &geo, uuid));
	fuzz_fault(vde_commit_check_writable(&slots[nr].record));
	if (accepted)
		check_accepted(&slots[nr], nr, &geo);
	check_header(&slots[nr], &geo, accepted);
	check_newest(fuzz, how, nr, &geo);
	check_init(fuzz, &geo);
}

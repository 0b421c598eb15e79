// SPDX-License-Identifier: GPL-2.0-only
/* Commit slots: format section "Commit slots" and "The rules of a commit". */
#include "rules.h"

/**
 * vde_commit_block - where a commit is written
 * @geo: region
 * @sequence: of the commit, from 1
 *
 * Return: volume block of the first of its slot's two blocks.
 */
u64 vde_commit_block(const struct vde_geometry *geo, u64 sequence)
{
	return geo->commit_start + 2 * (sequence % VDE_COMMIT_SLOTS);
}

/* Commit 1 of a region; of a vault, metadata block 0 is all zero. */
static void fill_first(struct vde_disk_commit_slot *slot,
		       const struct vde_geometry *geo,
		       const u8 region_uuid[16], s64 now, const void *state,
		       u32 size)
{
	struct vde_disk_commit *commit = &slot->record;

	memset(slot, 0, sizeof(*slot));
	commit->sequence = cpu_to_le64(1);
	commit->owner = cpu_to_le32(vde_region_kind_tag(geo->kind));
	commit->flags = cpu_to_le32(VDE_COMMIT_CLEAN);
	commit->time = cpu_to_le64(now);
	memcpy(commit->region_uuid, region_uuid, sizeof(commit->region_uuid));
	memcpy(commit->state.bytes, state, size);
	if (geo->kind != VDE_REGION_VAULT)
		memcpy(&slot->image, state, size);
	vde_commit_seal(slot);
}

/**
 * vde_commit_init_worm - first commit of a new WORM region
 * @slot: to fill and seal: sequence 1, flagged clean, imaging the header block
 * @geo: region
 * @region_uuid: its UUID
 * @now: ticks
 * @retention: ticks, 0 = for ever
 */
void vde_commit_init_worm(struct vde_disk_commit_slot *slot,
			  const struct vde_geometry *geo,
			  const u8 region_uuid[16], s64 now, s64 retention)
{
	struct vde_disk_worm_header state = {
		.capacity = cpu_to_le64(geo->capacity),
		.retention = cpu_to_le64(retention),
		.created = cpu_to_le64(now),
	};

	fill_first(slot, geo, region_uuid, now, &state, sizeof(state));
}

/**
 * vde_commit_init_stream - first commit of a new stream
 * @slot: to fill and seal: sequence 1, flagged clean, imaging the header block
 * @geo: region
 * @region_uuid: its UUID
 * @now: ticks
 * @growth: blocks by which the ring grows, 1..S32_MAX
 * @policy: what happens when it is full
 */
void vde_commit_init_stream(struct vde_disk_commit_slot *slot,
			    const struct vde_geometry *geo,
			    const u8 region_uuid[16], s64 now, u32 growth,
			    enum vde_ring_policy policy)
{
	struct vde_disk_stream_header state;
	struct vde_ring ring;

	vde_ring_init(&ring, geo->capacity, growth, policy);
	vde_ring_encode(&ring, &state);
	fill_first(slot, geo, region_uuid, now, &state, sizeof(state));
}

/**
 * vde_commit_init_vault - first commit of a new vault
 * @slot: to fill and seal: sequence 1, flagged clean, imaging block 0
 * @geo: region
 * @region_uuid: its UUID
 * @now: ticks
 */
void vde_commit_init_vault(struct vde_disk_commit_slot *slot,
			   const struct vde_geometry *geo,
			   const u8 region_uuid[16], s64 now)
{
	struct vde_disk_vault_state state = {
		.used_blocks = cpu_to_le64(1),
	};

	fill_first(slot, geo, region_uuid, now, &state, sizeof(state));
}

/**
 * vde_commit_seal - finish a commit slot
 * @slot: every field but the checksums set
 */
void vde_commit_seal(struct vde_disk_commit_slot *slot)
{
	u32 generation = le64_to_cpu(slot->record.sequence);

	vde_block_seal(&slot->image, VDE_TAG_COMMIT, generation);
	slot->record.image_checksum = slot->image.trailer.checksum;
	vde_block_seal(&slot->record, VDE_TAG_COMMIT, generation);
}

static enum vde_fault check_slot_blocks(const struct vde_disk_commit_slot *slot,
					u32 slot_nr)
{
	const struct vde_disk_commit *commit = &slot->record;
	u64 sequence = le64_to_cpu(commit->sequence);
	enum vde_fault fault;

	fault = vde_block_check(commit, VDE_TAG_COMMIT);
	if (fault)
		return fault;
	if (!sequence || sequence >= S64_MAX || sequence % VDE_COMMIT_SLOTS != slot_nr ||
	    vde_block_generation(commit) != (u32)sequence)
		return VDE_FAULT_COMMIT_SEQUENCE;
	if (vde_block_check(&slot->image, VDE_TAG_COMMIT) ||
	    vde_block_generation(&slot->image) != (u32)sequence ||
	    commit->image_checksum != slot->image.trailer.checksum)
		return VDE_FAULT_COMMIT_IMAGE;
	return VDE_FAULT_NONE;
}

/* What follows an entry's root is padding, and so is the root until the tree. */
static bool resets_padded(const struct vde_disk_commit *commit, bool worm)
{
	u64 resets = le64_to_cpu(commit->resets);
	u32 i;

	if (resets && !worm)
		return false;
	for (i = 0; i < VDE_RESET_ENTRIES; i++) {
		const struct vde_disk_reset *reset = &commit->reset[i];

		if (i < resets ?
		    memchr_inv(reset->root, 0,
			       sizeof(*reset) -
			       offsetof(struct vde_disk_reset, root)) :
		    memchr_inv(reset, 0, sizeof(*reset)))
			return false;
	}
	return true;
}

/* The tree's fields count as unused until the tree is built. */
static enum vde_fault check_padding(const struct vde_disk_commit *commit,
				    enum vde_region_kind kind)
{
	static const u32 state_size[VDE_REGION_KINDS] = {
		[VDE_REGION_WORM] = sizeof(struct vde_disk_worm_header),
		[VDE_REGION_STREAM] = sizeof(struct vde_disk_stream_header),
		[VDE_REGION_VAULT] = sizeof(struct vde_disk_vault_state),
	};
	u32 used = state_size[kind];
	bool worm = kind == VDE_REGION_WORM;

	if (memchr_inv(commit->state.bytes + used, 0,
		       sizeof(commit->state) - used) ||
	    memchr_inv(commit->zero0, 0,
		       offsetof(struct vde_disk_commit, resets) -
		       offsetof(struct vde_disk_commit, zero0)) ||
	    !resets_padded(commit, worm) ||
	    (commit->sealed_clock && !worm) ||
	    memchr_inv(commit->zero3, 0, sizeof(commit->zero3)))
		return VDE_FAULT_COMMIT_PADDING;
	return VDE_FAULT_NONE;
}

static u64 header_records(const struct vde_disk_worm_header *header)
{
	return (u64)le32_to_cpu(header->records_high) << 32 |
	       le32_to_cpu(header->records_low);
}

static enum vde_fault check_worm_state(const struct vde_disk_commit *commit,
				       const struct vde_geometry *geo)
{
	const struct vde_disk_worm_header *state = &commit->state.worm;
	u64 hwm = le64_to_cpu(state->hwm);

	if (le64_to_cpu(state->capacity) != geo->capacity ||
	    hwm > geo->capacity || header_records(state) != hwm ||
	    (s64)le64_to_cpu(state->retention) < 0 ||
	    (s64)le64_to_cpu(state->created) < 0 ||
	    (s64)le64_to_cpu(commit->sealed_clock) < 0 ||
	    le64_to_cpu(commit->sealed_clock) > le64_to_cpu(commit->clock))
		return VDE_FAULT_COMMIT_STATE;
	return VDE_FAULT_NONE;
}

/*
 * Block 0 is always in use, and counts in 32 signed bits. Each other block in
 * use was begun for a passport.
 */
static enum vde_fault check_vault_state(const struct vde_disk_commit *commit,
					const struct vde_geometry *geo)
{
	const struct vde_disk_vault_state *state = &commit->state.vault;
	u64 passports = le64_to_cpu(state->passports);
	u64 used = le64_to_cpu(state->used_blocks);

	if (!used || used > geo->meta_blocks || passports > S32_MAX ||
	    used > passports + 1)
		return VDE_FAULT_COMMIT_STATE;
	return VDE_FAULT_NONE;
}

static enum vde_fault check_state(const struct vde_disk_commit *commit,
				  const struct vde_geometry *geo)
{
	struct vde_ring ring;

	if ((s64)le64_to_cpu(commit->clock) < 0 ||
	    (s64)le64_to_cpu(commit->attested_time) < 0 ||
	    (s64)le64_to_cpu(commit->attested_clock) < 0)
		return VDE_FAULT_COMMIT_STATE;
	switch (geo->kind) {
	case VDE_REGION_WORM:
		return check_worm_state(commit, geo);
	case VDE_REGION_STREAM:
		return vde_ring_decode(&commit->state.stream, geo->capacity,
				       &ring);
	case VDE_REGION_VAULT:
		return check_vault_state(commit, geo);
	default:
		return VDE_FAULT_COMMIT_OWNER;
	}
}

/*
 * The image is the log block with the newest record or the header block. It
 * holds no record at or above the mark, and as header it repeats the state.
 */
static enum vde_fault check_worm_image(const struct vde_disk_commit_slot *slot,
				       u64 imaged)
{
	const struct vde_disk_worm_header *state = &slot->record.state.worm;
	u64 hwm = le64_to_cpu(state->hwm);
	s64 time = 0;

	if (imaged && imaged != vde_record_open_block(hwm))
		return VDE_FAULT_COMMIT_STATE;
	if (!imaged && memcmp(&slot->image, state, sizeof(*state)))
		return VDE_FAULT_COMMIT_IMAGE;
	if (vde_record_check_block(&slot->image, imaged, hwm, &time))
		return VDE_FAULT_COMMIT_IMAGE;
	return VDE_FAULT_NONE;
}

/* A stream's one metadata block is its state, then zeros. */
static bool is_stream_header(const void *block,
			     const struct vde_disk_commit *commit)
{
	const struct vde_disk_stream_header *state = &commit->state.stream;

	return !memcmp(block, state, sizeof(*state)) &&
	       !memchr_inv(block + sizeof(*state), 0,
			   VDE_PAYLOAD_SIZE - sizeof(*state));
}

/* A block of passports; block 0 says how many there are in all. */
static enum vde_fault check_vault_block(const void *block, u64 index,
					const struct vde_disk_commit *commit)
{
	const struct vde_disk_vault_state *state = &commit->state.vault;
	u32 count, end;

	if (index >= le64_to_cpu(state->used_blocks))
		return VDE_FAULT_COMMIT_STATE;
	if (!index &&
	    vde_vault_block_total(block) != le64_to_cpu(state->passports))
		return VDE_FAULT_VAULT_COUNT;
	return vde_vault_block_check(block, index, &count, &end);
}

static enum vde_fault check_image(const struct vde_disk_commit_slot *slot,
				  const struct vde_geometry *geo)
{
	u64 imaged = le64_to_cpu(slot->record.imaged);

	if (imaged == VDE_COMMIT_NO_IMAGE && geo->kind != VDE_REGION_WORM)
		return memchr_inv(&slot->image, 0, VDE_PAYLOAD_SIZE) ?
		       VDE_FAULT_COMMIT_IMAGE : VDE_FAULT_NONE;
	if (imaged >= geo->meta_blocks)
		return VDE_FAULT_COMMIT_STATE;
	switch (geo->kind) {
	case VDE_REGION_WORM:
		return check_worm_image(slot, imaged);
	case VDE_REGION_STREAM:
		return is_stream_header(&slot->image, &slot->record) ?
		       VDE_FAULT_NONE : VDE_FAULT_COMMIT_IMAGE;
	default:
		return check_vault_block(&slot->image, imaged, &slot->record) ?
		       VDE_FAULT_COMMIT_IMAGE : VDE_FAULT_NONE;
	}
}

/**
 * vde_commit_check - is a commit slot valid?
 * @slot: its two blocks as read
 * @slot_nr: 0..7
 * @geo: the region that owns the slot
 * @region_uuid: its UUID
 *
 * Return: VDE_FAULT_NONE; _COMMIT_EMPTY for a slot that is all zero; a block
 * fault, a VDE_FAULT_COMMIT_* or _RING_STATE.
 */
enum vde_fault vde_commit_check(const struct vde_disk_commit_slot *slot,
				u32 slot_nr, const struct vde_geometry *geo,
				const u8 region_uuid[16])
{
	const struct vde_disk_commit *commit = &slot->record;
	enum vde_fault fault;

	if (vde_block_is_zero(commit) && vde_block_is_zero(&slot->image))
		return VDE_FAULT_COMMIT_EMPTY;
	fault = check_slot_blocks(slot, slot_nr);
	if (fault)
		return fault;
	if (le32_to_cpu(commit->owner) != vde_region_kind_tag(geo->kind) ||
	    memcmp(commit->region_uuid, region_uuid,
		   sizeof(commit->region_uuid)))
		return VDE_FAULT_COMMIT_OWNER;
	if (le32_to_cpu(commit->flags) & ~(VDE_COMMIT_CLEAN | VDE_COMMIT_HELD))
		return VDE_FAULT_COMMIT_FLAGS;
	fault = check_padding(commit, geo->kind);
	if (fault)
		return fault;
	fault = check_state(commit, geo);
	if (fault)
		return fault;
	return check_image(slot, geo);
}

static enum vde_fault check_worm_header(const struct vde_disk_commit *commit,
					const void *block)
{
	const struct vde_disk_worm_header *state = &commit->state.worm;
	s64 time = 0;

	if (memcmp(block, state, sizeof(*state)))
		return VDE_FAULT_HEADER_DIFFERS;
	return vde_record_check_block(block, 0, le64_to_cpu(state->hwm), &time);
}

/**
 * vde_commit_is_clean - is a commit a clean close?
 * @commit: checked
 *
 * A clean close images the header block, so that it can be in place.
 *
 * Return: true if so.
 */
bool vde_commit_is_clean(const struct vde_disk_commit *commit)
{
	return (le32_to_cpu(commit->flags) & VDE_COMMIT_CLEAN) &&
	       !commit->imaged;
}

/**
 * vde_commit_check_writable - may another commit follow?
 * @commit: newest commit, checked
 *
 * Return: VDE_FAULT_NONE or _SEQUENCE_SPENT.
 */
enum vde_fault
vde_commit_check_writable(const struct vde_disk_commit *commit)
{
	return le64_to_cpu(commit->sequence) > VDE_SEQUENCE_LAST ?
	       VDE_FAULT_SEQUENCE_SPENT : VDE_FAULT_NONE;
}

/**
 * vde_commit_check_header - does a header block match a clean commit?
 * @commit: newest commit, checked
 * @header_block: metadata block 0 as read
 * @geo: region
 *
 * Return: VDE_FAULT_NONE, a block, record or passport fault, or
 * _HEADER_DIFFERS.
 */
enum vde_fault vde_commit_check_header(const struct vde_disk_commit *commit,
				       const void *header_block,
				       const struct vde_geometry *geo)
{
	enum vde_fault fault;

	fault = vde_block_check(header_block, vde_region_kind_tag(geo->kind));
	if (fault)
		return fault;
	if (vde_block_generation(header_block) !=
	    (u32)le64_to_cpu(commit->sequence))
		return VDE_FAULT_HEADER_DIFFERS;
	if (geo->kind == VDE_REGION_WORM)
		return check_worm_header(commit, header_block);
	if (geo->kind == VDE_REGION_VAULT)
		return check_vault_block(header_block, 0, commit);
	return is_stream_header(header_block, commit) ?
	       VDE_FAULT_NONE : VDE_FAULT_HEADER_DIFFERS;
}

/**
 * vde_commit_newest - which commit counts?
 * @slots: the region's eight slots as read
 * @geo: region
 * @region_uuid: its UUID
 * @newest: set to the number of the slot with the highest valid sequence
 * @faults: set to what vde_commit_check() says of each slot
 *
 * Return: VDE_FAULT_NONE or _NO_COMMIT.
 */
enum vde_fault vde_commit_newest(const struct vde_disk_commit_slot *slots,
				 const struct vde_geometry *geo,
				 const u8 region_uuid[16], u32 *newest,
				 enum vde_fault faults[VDE_COMMIT_SLOTS])
{
	u64 highest = 0;
	u32 i;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++) {
		u64 sequence = le64_to_cpu(slots[i].record.sequence);

		faults[i] = vde_commit_check(&slots[i], i, geo, region_uuid);
		if (faults[i] || sequence <= highest)
			continue;
		highest = sequence;
		*newest = i;
	}
	return highest ? VDE_FAULT_NONE : VDE_FAULT_NO_COMMIT;
}

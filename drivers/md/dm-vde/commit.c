// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commit slots on the disk: one commit makes one region's state durable, by
 * one write with PREFLUSH and FUA to the slot that its sequence selects. The
 * slots in between survive, so a torn write loses only what it would have
 * added. Format section "The rules of a commit".
 */
#include <linux/slab.h>

#include "commit.h"
#include "media.h"

/**
 * vde_commit_log_init - allocate what commits need
 * @log: to fill; released with vde_commit_log_exit()
 *
 * Return: 0 or -ENOMEM.
 */
int vde_commit_log_init(struct vde_commit_log *log)
{
	log->slot = kzalloc(sizeof(*log->slot), GFP_KERNEL);
	return log->slot ? 0 : -ENOMEM;
}

/**
 * vde_commit_log_bind - say whose commits they are
 * @log: initialised
 * @media: disk beneath
 * @geo: region; must outlive @log
 * @uuid: its UUID; must outlive @log
 */
void vde_commit_log_bind(struct vde_commit_log *log, struct vde_media *media,
			 const struct vde_geometry *geo, const u8 *uuid)
{
	log->media = media;
	log->geo = geo;
	log->uuid = uuid;
}

/**
 * vde_commit_log_exit - free what vde_commit_log_init() allocated
 * @log: initialised, or zeroed
 */
void vde_commit_log_exit(struct vde_commit_log *log)
{
	kfree(log->slot);
	log->slot = NULL;
}

static u32 count_damaged(const enum vde_fault faults[VDE_COMMIT_SLOTS])
{
	u32 damaged = 0;
	u32 i;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++)
		if (faults[i] && faults[i] != VDE_FAULT_COMMIT_EMPTY)
			damaged++;
	return damaged;
}

/* Read all slots, one by one, so that a bad sector costs only its own. */
static u32 read_slots(struct vde_commit_log *log,
		      struct vde_disk_commit_slot *slots)
{
	u32 unreadable = 0;
	u32 i;

	for (i = 0; i < VDE_COMMIT_SLOTS; i++) {
		if (!vde_media_read(log->media,
				    vde_commit_block(log->geo, i), 2,
				    &slots[i]))
			continue;
		/* Neither valid nor empty: counts as damaged. */
		memset(&slots[i], 0xFF, sizeof(slots[i]));
		unreadable |= BIT(i);
	}
	return unreadable;
}

/**
 * vde_commit_recover - find the newest valid commit
 * @log: initialised; its slot is set to what was found
 * @recovery: set to what was met
 *
 * Writes nothing.
 *
 * Return: 0, -EUCLEAN with a fault in @recovery, or -ENOMEM.
 */
int vde_commit_recover(struct vde_commit_log *log,
		       struct vde_recovery *recovery)
{
	enum vde_fault faults[VDE_COMMIT_SLOTS];
	struct vde_disk_commit_slot *slots;
	u32 newest = 0;
	u32 unreadable;
	int err;

	recovery->fault = VDE_FAULT_NONE;
	slots = kmalloc_array(VDE_COMMIT_SLOTS, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	unreadable = read_slots(log, slots);
	recovery->fault = vde_commit_newest(slots, log->geo, log->uuid, &newest,
					    faults);
	recovery->damaged = count_damaged(faults);
	recovery->doubtful = unreadable & BIT((newest + 1) % VDE_COMMIT_SLOTS);
	err = vde_fault_errno(recovery->fault);
	if (!err)
		memcpy(log->slot, &slots[newest], sizeof(*log->slot));
	kfree(slots);
	return err;
}

/**
 * vde_commit_next_sequence - sequence that the next commit will have
 * @log: recovered
 *
 * Return: the sequence.
 */
u64 vde_commit_next_sequence(const struct vde_commit_log *log)
{
	return le64_to_cpu(log->slot->record.sequence) + 1;
}

/**
 * vde_commit_write - write the next commit
 * @log: its slot holds state, flags, times and image; sequence and checksums
 *	are set here
 *
 * A failed write uses its sequence up, so that no sequence is ever written
 * twice with different content.
 *
 * Return: 0 when the commit, and every write completed before the call, is
 * durable; or -EIO.
 */
int vde_commit_write(struct vde_commit_log *log)
{
	u64 sequence = vde_commit_next_sequence(log);

	log->slot->record.sequence = cpu_to_le64(sequence);
	vde_commit_seal(log->slot);
	return vde_media_write_durable(log->media,
				       vde_commit_block(log->geo, sequence),
				       2, log->slot);
}

/**
 * vde_commit_write_in_place - write the imaged block where it belongs
 * @log: its slot holds the newest durable commit
 *
 * Return: 0 when the disk has it, perhaps only in its cache; -ENOMEM or -EIO.
 */
int vde_commit_write_in_place(struct vde_commit_log *log)
{
	const struct vde_disk_commit *commit = &log->slot->record;
	u64 imaged = le64_to_cpu(commit->imaged);
	struct vde_disk_block *block;
	int err;

	if (imaged == VDE_COMMIT_NO_IMAGE)
		return 0;
	block = kmemdup(&log->slot->image, sizeof(*block), GFP_NOIO);
	if (!block)
		return -ENOMEM;
	vde_block_seal(block, vde_region_kind_tag(log->geo->kind),
		       le64_to_cpu(commit->sequence));
	err = vde_media_write(log->media, log->geo->meta_start + imaged, 1,
			      block);
	kfree(block);
	return err;
}

static int check_header(struct vde_commit_log *log, enum vde_fault *fault)
{
	void *header = kmalloc(VDE_BLOCK_SIZE, GFP_KERNEL);
	int err;

	if (!header)
		return -ENOMEM;
	err = vde_media_read(log->media, log->geo->meta_start, 1, header);
	if (!err) {
		*fault = vde_commit_check_header(&log->slot->record, header,
						 log->geo);
		err = vde_fault_errno(*fault);
	}
	kfree(header);
	return err;
}

/**
 * vde_commit_check_clean - was the region closed cleanly and in place?
 * @log: recovered
 * @fault: set to what speaks against it
 *
 * Return: 0 if so, -EUCLEAN with @fault set, -ENOMEM or -EIO.
 */
int vde_commit_check_clean(struct vde_commit_log *log, enum vde_fault *fault)
{
	*fault = VDE_FAULT_NONE;
	if (!vde_commit_is_clean(&log->slot->record)) {
		*fault = VDE_FAULT_NOT_CLEAN;
		return vde_fault_errno(*fault);
	}
	return check_header(log, fault);
}

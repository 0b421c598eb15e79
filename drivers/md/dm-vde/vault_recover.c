// SPDX-License-Identifier: GPL-2.0-only
/*
 * Activation and close of a vault. All that is stored is parsed; what is
 * damaged makes the vault read-only, and is never passed over in silence.
 * Format sections "Compliance vault" and "The rules of a commit".
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/err.h>
#include <linux/mm.h>

#include "recover.h"
#include "vault.h"
#include "vault_hold.h"
#include "volume.h"

#define BATCH_BLOCKS 32U

/**
 * struct scan - a vault's blocks being parsed
 * @media: disk beneath
 * @geo: the vault
 * @slot: its newest commit, whose image counts instead of the block in place
 * @index: where passports go
 * @name: for messages
 * @damaged: something cannot be read, or is not what it should be
 */
struct scan {
	struct vde_media *media;
	const struct vde_geometry *geo;
	const struct vde_disk_commit_slot *slot;
	struct vde_vault_index *index;
	const char *name;
	bool damaged;
};

static void report(struct scan *scan, u64 block, const char *what)
{
	scan->damaged = true;
	pr_err("%s: metadata block %llu: %s\n", scan->name, block, what);
}

static int index_passport(struct scan *scan,
			  const struct vde_passport *passport, u64 block,
			  u32 offset)
{
	struct vde_vault_entry *entry;

	entry = vde_vault_index_add(scan->index, passport, block, offset);
	if (PTR_ERR(entry) == -EEXIST) {
		report(scan, block, vde_fault_phrase(VDE_FAULT_PASSPORT_TWICE));
		return 0;
	}
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	vde_vault_index_publish(scan->index, entry, passport,
				VDE_VERDICT_UNCHECKED);
	return 0;
}

/* What lies before a fault counts; where the next begins nobody can say. */
static int index_block(struct scan *scan, const void *block, u64 index)
{
	u32 offset = vde_vault_block_begin(index);
	struct vde_passport passport;
	enum vde_fault fault;
	int err = 0;

	while (!err) {
		fault = vde_vault_block_next(block, offset, &passport);
		if (fault)
			report(scan, index, vde_fault_phrase(fault));
		if (!passport.size)
			return 0;
		err = index_passport(scan, &passport, index, offset);
		offset += passport.size;
	}
	return err;
}

static int scan_block(struct scan *scan, const void *block, u64 index)
{
	enum vde_fault fault = VDE_FAULT_NONE;

	if (index == le64_to_cpu(scan->slot->record.imaged))
		block = &scan->slot->image;
	else
		fault = vde_block_check(block, VDE_TAG_VAULT);
	if (!fault)
		return index_block(scan, block, index);
	report(scan, index, vde_fault_phrase(fault));
	return 0;
}

/* Where a batch cannot be read, each block for itself. */
static int scan_batch(struct scan *scan, u64 from, u32 count, void *buffer)
{
	bool readable = !vde_media_read(scan->media,
					scan->geo->meta_start + from, count,
					buffer);
	void *block = buffer;
	int err = 0;
	u32 i;

	for (i = 0; i < count && !err; i++, block += VDE_BLOCK_SIZE) {
		if (!readable && from + i !=
				 le64_to_cpu(scan->slot->record.imaged) &&
		    vde_media_read(scan->media,
				   scan->geo->meta_start + from + i, 1, block))
			report(scan, from + i, "cannot be read");
		else
			err = scan_block(scan, block, from + i);
	}
	cond_resched();
	return err;
}

/**
 * vde_vault_scan - parse all that a vault holds
 * @media: disk beneath
 * @geo: the vault
 * @slot: its newest commit
 * @index: empty; filled with what is sound
 * @name: what messages call the vault
 * @complete: set to whether that is all of it
 *
 * Writes nothing.
 *
 * Return: 0 or -ENOMEM.
 */
int vde_vault_scan(struct vde_media *media, const struct vde_geometry *geo,
		   const struct vde_disk_commit_slot *slot,
		   struct vde_vault_index *index, const char *name,
		   bool *complete)
{
	const struct vde_disk_vault_state *state = &slot->record.state.vault;
	struct scan scan = {
		.media = media, .geo = geo, .slot = slot, .index = index,
		.name = name,
	};
	u64 used = le64_to_cpu(state->used_blocks);
	void *buffer;
	u64 from;
	u32 count;
	int err = 0;

	buffer = kvmalloc(BATCH_BLOCKS * VDE_BLOCK_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	for (from = 0; from < used && !err; from += count) {
		count = min_t(u64, used - from, BATCH_BLOCKS);
		err = scan_batch(&scan, from, count, buffer);
	}
	kvfree(buffer);
	if (!err && index->published != le64_to_cpu(state->passports)) {
		scan.damaged = true;
		pr_err("%s: %u of %llu stored passports found\n", name,
		       index->published, le64_to_cpu(state->passports));
	}
	*complete = !scan.damaged;
	return err;
}

/* A vault that was active before starts from nothing. */
static int load_index(struct vde_vault *vault, const char **error)
{
	struct vde_region *region = &vault->region;
	int err;

	*error = "out of memory";
	down_write(&vault->lock);
	vde_vault_index_exit(&vault->index);
	err = vde_vault_index_init(&vault->index);
	if (!err)
		err = vde_vault_scan(&region->volume->media, &region->geo,
				     vault->commits.slot, &vault->index,
				     region->name, &vault->complete);
	up_write(&vault->lock);
	return err;
}

/* Where the next passport goes. */
static void find_end(struct vde_vault *vault)
{
	struct vde_vault_entry *last =
		vde_vault_index_at(&vault->index, vault->index.published - 1);
	u64 open = vault->used - 1;

	vault->end = last && last->block == open ?
		     last->offset + last->length : vde_vault_block_begin(open);
}

static void load_state(struct vde_vault *vault)
{
	const struct vde_disk_commit *commit = &vault->commits.slot->record;

	spin_lock(&vault->view_lock);
	vde_clock_start(&vault->clock, le64_to_cpu(commit->clock));
	vault->attested_time = le64_to_cpu(commit->attested_time);
	vault->attested_clock = le64_to_cpu(commit->attested_clock);
	spin_unlock(&vault->view_lock);
	vault->next = 0;
	vault->verifying = true;
	vde_vault_show(vault);
	find_end(vault);
}

/**
 * vde_vault_activate - recover a vault
 * @region: claimed vault on an active volume
 * @writable: the table and the disk allow writing
 * @error: set to a phrase on failure
 *
 * Damage that leaves passports readable makes the vault read-only. Legal holds
 * that it knows of are set where they are missing, and cleared where no vault
 * of the volume has them any more.
 *
 * Return: 0, -EUCLEAN when no commit is valid, or -ENOMEM.
 */
int vde_vault_activate(struct vde_region *region, bool writable,
		       const char **error)
{
	struct vde_vault *vault = to_vault(region);
	int err;

	err = vde_recover_commit(region, &vault->commits, error);
	if (!err)
		err = load_index(vault, error);
	if (err)
		return err;
	load_state(vault);
	if (!vault->complete)
		vde_region_degrade(region, VDE_MODE_RO,
				   "stored passports are damaged", -EUCLEAN);
	if (writable && region->mode == VDE_MODE_RW &&
	    !vde_recover_begin_writes(region, &vault->commits))
		vde_hold_reconcile(vault);
	return 0;
}

/* Commit block 0, which counts all passports, flagged clean and in place. */
static int close_cleanly(struct vde_vault *vault)
{
	int err;

	err = vde_vault_commit(vault, 0, vault->index.published, vault->used,
			       VDE_COMMIT_CLEAN);
	if (!err)
		err = vde_commit_write_in_place(&vault->commits);
	return err ? err : vde_media_flush(&vault->region.volume->media);
}

/**
 * vde_vault_deactivate - close a vault
 * @region: active region, or one that never resumed; nobody uses it
 *
 * Clean if the mode allows it; else the commit slots hold what is durable.
 */
void vde_vault_deactivate(struct vde_region *region)
{
	struct vde_vault *vault = to_vault(region);
	int err = -EIO;

	cancel_delayed_work_sync(&vault->hourly);
	vde_vault_verify_stop(vault);
	if (!region->writing)
		return;
	mutex_lock(&vault->changes);
	if (region->mode == VDE_MODE_RW)
		err = close_cleanly(vault);
	mutex_unlock(&vault->changes);
	if (err)
		pr_err("%s: not closed cleanly (error %d)\n", region->name,
		       err);
	region->writing = false;
	vde_volume_end_writes(region->volume, region->geo.first_slot, !err, 0,
			      vde_clock_wall());
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a vault stores: passports are read from the cache or the newest
 * commit's image, and each change is one commit. Format section "The rules of
 * a commit".
 */
#include <linux/err.h>

#include "trace.h"
#include "vault.h"
#include "volume.h"

/* A passport in a block that is final on the disk. */
static int read_cached(struct vde_vault *vault,
		       const struct vde_vault_entry *entry,
		       u8 buffer[VDE_PASSPORT_MAX])
{
	struct vde_region *region = &vault->region;
	struct dm_buffer *cached;
	const void *block;
	int err = 0;
	u32 *sound;

	block = vde_media_cache_get(&region->volume->media,
				    region->geo.meta_start + entry->block,
				    &cached);
	if (IS_ERR(block))
		return PTR_ERR(block);
	sound = vde_media_cache_note(cached);
	if (!*sound)
		*sound = !vde_block_check(block, VDE_TAG_VAULT);
	if (*sound)
		memcpy(buffer, block + entry->offset, entry->length);
	else
		err = -EUCLEAN;
	vde_media_cache_put(cached);
	return err;
}

static bool read_viewed(struct vde_vault *vault,
			const struct vde_vault_entry *entry,
			u8 buffer[VDE_PASSPORT_MAX])
{
	bool viewed;

	spin_lock(&vault->view_lock);
	viewed = vault->viewed == entry->block;
	if (viewed)
		memcpy(buffer, vault->view->payload + entry->offset,
		       entry->length);
	spin_unlock(&vault->view_lock);
	return viewed;
}

static bool is_entry(const struct vde_vault_entry *entry,
		     const struct vde_passport *passport)
{
	return entry->length == passport->size &&
	       !memcmp(entry->id, passport->id, sizeof(entry->id));
}

/**
 * vde_vault_read - read a passport
 * @vault: active vault, its lock held for reading at least
 * @entry: published
 * @buffer: room for it
 * @passport: set to its parts, which are in @buffer
 *
 * Sleeps.
 *
 * Return: 0; -EUCLEAN when something else is there; -EIO.
 */
int vde_vault_read(struct vde_vault *vault, const struct vde_vault_entry *entry,
		   u8 buffer[VDE_PASSPORT_MAX], struct vde_passport *passport)
{
	int err = 0;

	lockdep_assert_held(&vault->lock);
	if (!read_viewed(vault, entry, buffer))
		err = read_cached(vault, entry, buffer);
	if (err)
		return err;
	if (vde_passport_decode(buffer, entry->length, passport) ||
	    !is_entry(entry, passport))
		return -EUCLEAN;
	return 0;
}

/**
 * vde_vault_show - let readers see the newest commit's image
 * @vault: the changes lock is held, or it is being activated
 */
void vde_vault_show(struct vde_vault *vault)
{
	const struct vde_disk_commit_slot *slot = vault->commits.slot;

	spin_lock(&vault->view_lock);
	vault->used = le64_to_cpu(slot->record.state.vault.used_blocks);
	vault->stored = le64_to_cpu(slot->record.state.vault.passports);
	vault->viewed = le64_to_cpu(slot->record.imaged);
	memcpy(vault->view, &slot->image, sizeof(*vault->view));
	vde_block_seal(vault->view, VDE_TAG_VAULT,
		       le64_to_cpu(slot->record.sequence));
	spin_unlock(&vault->view_lock);
}

/* The image of the newest commit leaves it: nobody may have read it before. */
static int retire_image(struct vde_vault *vault)
{
	struct vde_region *region = &vault->region;
	u64 imaged = le64_to_cpu(vault->commits.slot->record.imaged);
	int err = vde_commit_write_in_place(&vault->commits);

	if (err || imaged == VDE_COMMIT_NO_IMAGE)
		return err;
	down_write(&vault->lock);
	vde_media_cache_drop(&region->volume->media,
			     region->geo.meta_start + imaged, 1);
	up_write(&vault->lock);
	return 0;
}

/* The ordinal of the first passport of a block, or of those behind it. */
static u32 first_ordinal(struct vde_vault *vault, u64 block)
{
	u32 low = 0, high = vault->index.published;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (vde_vault_index_at(&vault->index, mid)->block < block)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * Does a block hold the passports that the index knows of, and no others? A
 * disk that has lost a write gives an earlier version, which is sound as well.
 */
static bool is_known(struct vde_vault *vault, const void *image, u64 block)
{
	u32 ordinal = first_ordinal(vault, block);
	u32 offset = vde_vault_block_begin(block);
	const struct vde_vault_entry *entry;
	struct vde_passport passport;

	for (;; ordinal++, offset += passport.size) {
		if (vde_vault_block_next(image, offset, &passport))
			return false;
		entry = vde_vault_index_at(&vault->index, ordinal);
		if (entry && entry->block != block)
			entry = NULL;
		if (!entry || !passport.size)
			return !entry && !passport.size;
		if (entry->offset != offset ||
		    entry->status != passport.status ||
		    !is_entry(entry, &passport))
			return false;
	}
}

static int check_image(struct vde_vault *vault, const void *image, u64 block)
{
	enum vde_fault fault = vde_block_check(image, VDE_TAG_VAULT);
	bool known;

	if (!fault)
		fault = vde_vault_block_check_begin(image, block);
	down_read(&vault->lock);
	known = !fault && is_known(vault, image, block);
	up_read(&vault->lock);
	if (known)
		return 0;
	pr_err_ratelimited("%s: metadata block %llu is not what it was when it was read or written\n",
			   vault->region.name, block);
	return -EUCLEAN;
}

/* Load the image of a block: from its place, or empty where none is in use. */
static int load_image(struct vde_vault *vault, u64 block)
{
	struct vde_disk_block *image = &vault->commits.slot->image;
	struct vde_region *region = &vault->region;
	int err;

	if (block >= vault->used) {
		memset(image, 0, sizeof(*image));
		return 0;
	}
	err = vde_media_read(&region->volume->media,
			     region->geo.meta_start + block, 1, image);
	return err ? err : check_image(vault, image, block);
}

/*
 * Make the commit slot's image one of @block, with its newest content. What
 * was imaged is written in place first, which the next commit makes durable.
 */
static int take_image(struct vde_vault *vault, u64 block)
{
	u64 imaged = le64_to_cpu(vault->commits.slot->record.imaged);
	int err;

	lockdep_assert_held(&vault->changes);
	if (imaged == block)
		return 0;
	err = retire_image(vault);
	if (!err)
		err = load_image(vault, block);
	if (!err)
		vault->commits.slot->record.imaged = cpu_to_le64(block);
	return err;
}

/* Without memory nothing has changed yet; else what is on the disk counts. */
static int fail(struct vde_vault *vault, int err)
{
	if (err == -ENOMEM)
		return err;
	vde_region_degrade(&vault->region, VDE_MODE_FAILED,
			   "cannot write a commit", err);
	return err == -EUCLEAN ? err : -EIO;
}

/**
 * vde_vault_commit - write a commit
 * @vault: the changes lock is held
 * @imaged: metadata block to image; if its content has changed, the commit
 *	slot's image is of it already
 * @passports: stored in all, tombstones among them
 * @used: blocks in use
 * @flags: VDE_COMMIT_CLEAN or 0
 *
 * Sleeps.
 *
 * Return: 0 when it is durable, or a negative errno.
 */
int vde_vault_commit(struct vde_vault *vault, u64 imaged, u64 passports,
		     u64 used, u32 flags)
{
	struct vde_disk_commit_slot *slot = vault->commits.slot;
	struct vde_disk_commit *commit = &slot->record;
	int err = take_image(vault, imaged);

	if (err)
		return err;
	commit->flags = cpu_to_le32(flags);
	commit->time = cpu_to_le64(vde_clock_wall());
	spin_lock(&vault->view_lock);
	commit->clock = cpu_to_le64(vde_clock_now(&vault->clock));
	commit->attested_time = cpu_to_le64(vault->attested_time);
	commit->attested_clock = cpu_to_le64(vault->attested_clock);
	spin_unlock(&vault->view_lock);
	commit->imaged = cpu_to_le64(imaged);
	commit->state.vault.passports = cpu_to_le64(passports);
	commit->state.vault.used_blocks = cpu_to_le64(used);
	if (!imaged)
		vde_vault_block_set_total(&slot->image, passports);
	err = vde_commit_write(&vault->commits);
	trace_vde_commit(vault->region.dev, le64_to_cpu(commit->sequence),
			 passports, flags, err);
	if (err)
		return err;
	vault->commits_written++;
	vde_vault_show(vault);
	return 0;
}

/* Where a passport of this length goes; false if there is no room. */
static bool place(const struct vde_vault *vault, u32 length, u64 *block,
		  u32 *offset)
{
	*block = vault->used - 1;
	*offset = vault->end;
	if (!vde_vault_block_fits(vault->end, length)) {
		++*block;
		*offset = vde_vault_block_begin(*block);
	}
	return *block < vault->region.geo.meta_blocks &&
	       vault->index.published < S32_MAX;
}

/**
 * vde_vault_has_room - does a passport fit?
 * @vault: active vault, its changes lock held
 * @length: of the passport, in bytes
 *
 * Return: true if so.
 */
bool vde_vault_has_room(const struct vde_vault *vault, u32 length)
{
	u32 offset;
	u64 block;

	return place(vault, length, &block, &offset);
}

/*
 * Let a time attestation move the vault's clock on, durably with the next
 * commit. The first one is kept only.
 */
static void attest(struct vde_vault *vault, s64 time)
{
	lockdep_assert_held(&vault->changes);
	spin_lock(&vault->view_lock);
	vde_clock_attest(&vault->clock, &vault->attested_time,
			 &vault->attested_clock, 0, time);
	spin_unlock(&vault->view_lock);
}

static int write_passport(struct vde_vault *vault,
			  const struct vde_passport *passport, u64 block,
			  u32 offset)
{
	int err = take_image(vault, block);

	if (!err) {
		memcpy(vault->commits.slot->image.payload + offset,
		       passport->id, passport->size);
		/* From here on there is no ENOMEM, which changes nothing. */
		if (passport->status == VDE_PASSPORT_ATTESTATION)
			attest(vault, passport->issued);
		err = vde_vault_commit(vault, block,
				       vault->index.published + 1, block + 1,
				       0);
	}
	if (err)
		return fail(vault, err);
	vault->end = offset + passport->size;
	return 0;
}

/**
 * vde_vault_store - store a passport after the others
 * @vault: active vault in mode rw, its changes lock held
 * @passport: decoded and verified; lies in one piece from its id on
 *
 * Sleeps.
 *
 * Return: 0 when it is durable; -EEXIST; -ENOSPC; -ENOMEM; -EUCLEAN or -EIO:
 * the vault is in mode failed then.
 */
int vde_vault_store(struct vde_vault *vault,
		    const struct vde_passport *passport)
{
	struct vde_vault_entry *entry;
	u32 offset;
	u64 block;
	int err;

	lockdep_assert_held(&vault->changes);
	if (!place(vault, passport->size, &block, &offset))
		return -ENOSPC;
	down_write(&vault->lock);
	entry = vde_vault_index_add(&vault->index, passport, block, offset);
	up_write(&vault->lock);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	err = write_passport(vault, passport, block, offset);
	down_write(&vault->lock);
	if (err)
		vde_vault_index_undo(&vault->index, entry);
	else
		vde_vault_index_publish(&vault->index, entry, passport,
					VDE_VERDICT_VALID);
	up_write(&vault->lock);
	return err;
}

/**
 * vde_vault_erase - make a passport a tombstone
 * @vault: active vault in mode rw, its changes lock held
 * @entry: published; no tombstone, hold or release
 *
 * Sleeps.
 *
 * Return: 0 when it is durable; -EUCLEAN or -EIO: the vault is in mode failed
 * then.
 */
int vde_vault_erase(struct vde_vault *vault, struct vde_vault_entry *entry)
{
	int err = take_image(vault, entry->block);

	if (!err) {
		vde_passport_remove(vault->commits.slot->image.payload +
				    entry->offset, entry->length,
				    vde_clock_wall());
		err = vde_vault_commit(vault, entry->block,
				       vault->index.published, vault->used, 0);
	}
	if (err)
		return fail(vault, err);
	down_write(&vault->lock);
	vde_vault_index_remove(&vault->index, entry);
	up_write(&vault->lock);
	return 0;
}

/**
 * vde_vault_keep_clock - commit what the compliance clock has come to
 * @vault: active vault
 *
 * Sleeps.
 *
 * Return: 0 when it is durable or nothing may be written; -EUCLEAN or -EIO.
 */
int vde_vault_keep_clock(struct vde_vault *vault)
{
	int err = 0;

	mutex_lock(&vault->changes);
	if (vde_region_mode(&vault->region) == VDE_MODE_RW) {
		err = vde_vault_commit(vault,
				       le64_to_cpu(vault->commits.slot->record.imaged),
				       vault->index.published, vault->used, 0);
		if (err)
			err = fail(vault, err);
	}
	mutex_unlock(&vault->changes);
	return err;
}

/* Of the present clock, whatever else happens to it. */
static s64 attested_now(const struct vde_vault *vault)
{
	s64 now;

	if (!vault->attested_time)
		return 0;
	if (check_add_overflow(vault->attested_time,
			       vde_clock_now(&vault->clock) -
			       vault->attested_clock, &now))
		return S64_MAX;
	return now;
}

/**
 * vde_vault_attested_now - time of day that attestations speak for
 * @vault: active vault
 *
 * Return: ticks; 0 when there was no attestation.
 */
s64 vde_vault_attested_now(struct vde_vault *vault)
{
	s64 now;

	spin_lock(&vault->view_lock);
	now = attested_now(vault);
	spin_unlock(&vault->view_lock);
	return now;
}

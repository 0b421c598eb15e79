// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adding and removing passports. What an issuer has signed is verified before
 * anything else is believed; holds, releases and time attestations then take
 * effect on a WORM region. Design sections "Vault" and "WORM engine".
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/ratelimit.h>
#include <linux/sched/mm.h>

#include "trace.h"
#include "vault.h"
#include "vault_hold.h"
#include "volume.h"

/* One passport, no more and no less, that somebody may add. */
static int check_form(struct vde_vault *vault, const u8 *data, u32 length,
		      struct vde_passport *passport, struct vde_geometry *geo)
{
	if (vde_passport_decode(data, length, passport) ||
	    passport->size != length ||
	    passport->status == VDE_PASSPORT_REMOVED)
		return -EINVAL;
	if (!vde_passport_acts_on_worm(passport))
		return 0;
	/* Time 0 stands for no attestation. */
	if (passport->status == VDE_PASSPORT_ATTESTATION ? !passport->issued :
							   passport->expires)
		return -EINVAL;
	return vde_hold_find_worm(vault, passport->object, geo) ? 0 : -EINVAL;
}

static bool is_stored_so(struct vde_vault *vault,
			 const struct vde_vault_entry *entry,
			 const struct vde_passport *passport)
{
	u8 buffer[VDE_PASSPORT_MAX];
	struct vde_passport stored;
	bool same;

	if (entry->length != passport->size)
		return false;
	down_read(&vault->lock);
	same = !vde_vault_read(vault, entry, buffer, &stored) &&
	       !memcmp(buffer, passport->id, passport->size);
	up_read(&vault->lock);
	return same;
}

/*
 * A crash may have come before an attestation took effect. Doing that twice
 * changes nothing.
 */
static int add_again(struct vde_vault *vault,
		     const struct vde_vault_entry *entry,
		     const struct vde_passport *passport,
		     const struct vde_geometry *geo)
{
	int err = 0;

	if (passport->status == VDE_PASSPORT_ATTESTATION &&
	    is_stored_so(vault, entry, passport))
		err = vde_hold_attest(vault, geo, passport->issued);
	return err ? err : -EEXIST;
}

/* Before it is stored: who crashes now leaves a region held, not let go. */
static int take_first_effect(struct vde_vault *vault,
			     const struct vde_passport *passport,
			     const struct vde_geometry *geo)
{
	switch (passport->status) {
	case VDE_PASSPORT_HOLD:
		return vde_hold_place(vault, geo);
	case VDE_PASSPORT_RELEASE:
		return vde_vault_index_released(&vault->index, passport) ?
		       0 : -EINVAL;
	default:
		return 0;
	}
}

/*
 * Where it is certain that nothing was stored, the region is let go again: the
 * flag may be on the disk, also when it could not be placed for want of memory.
 */
static int undo_first_effect(struct vde_vault *vault,
			     const struct vde_passport *passport,
			     const struct vde_geometry *geo)
{
	if (passport->status != VDE_PASSPORT_HOLD)
		return -ENOMEM;
	return vde_hold_lift(vault, geo) ? -EIO : -ENOMEM;
}

static int take_effect(struct vde_vault *vault,
		       const struct vde_passport *passport,
		       const struct vde_geometry *geo)
{
	int err = 0;

	if (passport->status == VDE_PASSPORT_RELEASE)
		err = vde_hold_lift(vault, geo);
	else if (passport->status == VDE_PASSPORT_ATTESTATION)
		err = vde_hold_attest(vault, geo, passport->issued);
	/* ENOMEM says that nothing was stored. */
	return err == -ENOMEM ? -EIO : err;
}

static int add_locked(struct vde_vault *vault,
		      const struct vde_passport *passport,
		      const struct vde_geometry *geo)
{
	const struct vde_vault_entry *entry;
	int err;

	/* Only who holds the changes lock changes the index. */
	lockdep_assert_held(&vault->changes);
	/* Who was before may have failed: then the image is not to be used. */
	err = vde_region_check_writable(&vault->region);
	if (err)
		return err;
	entry = vde_vault_index_find(&vault->index, passport->id);
	if (entry)
		return add_again(vault, entry, passport, geo);
	if (!vde_vault_has_room(vault, passport->size))
		return -ENOSPC;
	err = take_first_effect(vault, passport, geo);
	if (!err)
		err = vde_vault_store(vault, passport);
	if (err == -ENOMEM)
		return undo_first_effect(vault, passport, geo);
	return err ? err : take_effect(vault, passport, geo);
}

static int add_verified(struct vde_vault *vault,
			const struct vde_passport *passport,
			const struct vde_geometry *geo)
{
	struct mutex *holds = &vault->region.volume->holds;
	bool acts = vde_passport_acts_on_worm(passport);
	unsigned int noio;
	int err;

	/* Reclaim must not wait for a device whose resume waits for this. */
	noio = memalloc_noio_save();
	if (acts)
		mutex_lock(holds);
	mutex_lock(&vault->changes);
	err = add_locked(vault, passport, geo);
	mutex_unlock(&vault->changes);
	if (acts)
		mutex_unlock(holds);
	memalloc_noio_restore(noio);
	return err;
}

static void reject(struct vde_vault *vault, const u8 *data, int err)
{
	struct vde_region *region = &vault->region;

	atomic64_inc(&vault->rejected);
	if (__ratelimit(&region->ratelimit))
		pr_warn("%s: passport %pUl refused (error %d)\n", region->name,
			data, err);
}

/**
 * vde_vault_add - verify a passport and store it
 * @vault: active vault; the caller is inside its gate
 * @data: its bytes
 * @length: how many, at least VDE_PASSPORT_MIN
 *
 * Sleeps.
 *
 * Return: 0 when it is durable and has taken effect; else see
 * VDE_IOC_VAULT_ADD.
 */
int vde_vault_add(struct vde_vault *vault, const u8 *data, u32 length)
{
	struct vde_passport passport;
	struct vde_geometry geo;
	int err;

	err = vde_region_check_writable(&vault->region);
	if (err)
		return err;
	err = check_form(vault, data, length, &passport, &geo);
	if (!err)
		err = vde_keys_verify(&vault->keys, &passport);
	if (!err)
		err = add_verified(vault, &passport, &geo);
	trace_vde_passport(vault->region.dev, "add", data, err);
	if (err)
		reject(vault, data, err);
	return err;
}

/* Has it expired, whichever of the two clocks is behind? */
static bool may_go(struct vde_vault *vault, const struct vde_vault_entry *entry)
{
	s64 now = vde_clock_wall();
	s64 attested = vde_vault_attested_now(vault);

	return vde_vault_index_expired(entry, attested ? min(now, attested) :
							 now);
}

static int remove_locked(struct vde_vault *vault, const u8 id[16])
{
	struct vde_vault_entry *entry;
	int err;

	lockdep_assert_held(&vault->changes);
	/* Who was before may have failed: then the image is not to be used. */
	err = vde_region_check_writable(&vault->region);
	if (err)
		return err;
	entry = vde_vault_index_find(&vault->index, id);
	if (!entry || entry->status == VDE_PASSPORT_REMOVED)
		return -ENOENT;
	if (entry->status == VDE_PASSPORT_HOLD ||
	    entry->status == VDE_PASSPORT_RELEASE)
		return -EACCES;
	return may_go(vault, entry) ? vde_vault_erase(vault, entry) : -EAGAIN;
}

/**
 * vde_vault_remove - remove an expired passport
 * @vault: active vault; the caller is inside its gate
 * @id: passport id
 *
 * Sleeps.
 *
 * Return: 0 when it is durable; else see VDE_IOC_VAULT_REMOVE.
 */
int vde_vault_remove(struct vde_vault *vault, const u8 id[16])
{
	int err = vde_region_check_writable(&vault->region);

	if (err)
		return err;
	mutex_lock(&vault->changes);
	err = remove_locked(vault, id);
	mutex_unlock(&vault->changes);
	trace_vde_passport(vault->region.dev, "remove", id, err);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passports of a vault on a disk, one by one. They are as the newest commit has
 * them; nothing says whether their signatures are good.
 */
#include <stdlib.h>

#include "vault.h"

/* A release in the vault, and what it must have in common with its hold. */
struct vde_release {
	u8 hold[16];
	u8 object[16];
	u32 issuer_length;
	u8 issuer[VDE_ISSUER_MAX];
};

static int compare_releases(const void *a, const void *b)
{
	return memcmp(((const struct vde_release *)a)->hold,
		      ((const struct vde_release *)b)->hold, 16);
}

static void rewind_vault(struct vde_vault *vault)
{
	vault->block = 0;
	vault->offset = vde_vault_block_begin(0);
	vault->loaded = false;
}

static int remember(struct vde_vault *vault,
		    const struct vde_passport *passport)
{
	u64 count = vault->release_count;
	struct vde_release *releases = vault->releases;
	struct vde_release *release;

	/* Room doubles when the count is a power of two. */
	if (!(count & (count - 1))) {
		releases = realloc(releases,
				   (count ? 2 * count : 1) * sizeof(*releases));
		if (!releases)
			return -ENOMEM;
		vault->releases = releases;
	}
	release = &releases[count];
	if (!vde_passport_released_hold(passport, release->hold))
		return 0;
	memcpy(release->object, passport->object, sizeof(release->object));
	release->issuer_length = passport->issuer_length;
	memcpy(release->issuer, passport->issuer, passport->issuer_length);
	vault->release_count++;
	return 0;
}

static int find_releases(struct vde_vault *vault, enum vde_fault *fault)
{
	struct vde_passport passport = {};
	int ret;

	while ((ret = vde_vault_next(vault, &passport, fault)) > 0) {
		if (passport.status != VDE_PASSPORT_RELEASE)
			continue;
		ret = remember(vault, &passport);
		if (ret)
			return ret;
	}
	if (vault->release_count)
		qsort(vault->releases, vault->release_count,
		      sizeof(*vault->releases), compare_releases);
	rewind_vault(vault);
	return ret;
}

/**
 * vde_vault_open - prepare to read passports, from the first on
 * @vault: to fill; to close unless this fails
 * @volume: where it lies
 * @region: vault without a fault
 * @fault: set to what is wrong with the vault; with one, the passports before it
 *	can still be read
 *
 * Return: 0, also with a fault; -ENOMEM; negative errno of reading.
 */
int vde_vault_open(struct vde_vault *vault, const struct vde_volume *volume,
		   const struct vde_region *region, enum vde_fault *fault)
{
	int ret;

	memset(vault, 0, sizeof(*vault));
	vault->volume = volume;
	vault->region = region;
	rewind_vault(vault);
	vault->buffer = vde_alloc_blocks(1);
	if (!vault->buffer)
		return -ENOMEM;
	ret = find_releases(vault, fault);
	if (!ret || *fault)
		return 0;
	vde_vault_close(vault);
	return ret;
}

/**
 * vde_vault_close - undo vde_vault_open()
 * @vault: opened
 */
void vde_vault_close(struct vde_vault *vault)
{
	free(vault->buffer);
	free(vault->releases);
	vault->buffer = NULL;
	vault->releases = NULL;
}

static int load(struct vde_vault *vault, enum vde_fault *fault)
{
	int ret;

	if (vault->loaded)
		return 0;
	ret = vde_region_read_metadata(vault->volume, vault->region,
				       vault->block, vault->buffer, fault);
	if (!ret && *fault)
		ret = vde_fault_errno(*fault);
	vault->loaded = !ret;
	return ret;
}

/**
 * vde_vault_next - read the next passport
 * @vault: opened
 * @passport: set to its parts, which stay valid until the next call
 * @fault: set to what is wrong with the vault at this place
 *
 * Return: 1; 0 when there are no more; the fault's errno; negative errno of
 * reading.
 */
int vde_vault_next(struct vde_vault *vault, struct vde_passport *passport,
		   enum vde_fault *fault)
{
	u64 used = vde_region_used_blocks(vault->region);
	int ret;

	*fault = VDE_FAULT_NONE;
	while (vault->block < used) {
		ret = load(vault, fault);
		if (ret)
			return ret;
		*fault = vde_vault_block_next(vault->buffer, vault->offset,
					      passport);
		if (*fault)
			return vde_fault_errno(*fault);
		vault->offset += passport->size;
		if (passport->size)
			return 1;
		vault->block++;
		vault->offset = 0;
		vault->loaded = false;
	}
	return 0;
}

static bool is_released(const struct vde_vault *vault,
			const struct vde_passport *passport)
{
	const struct vde_release *release = vault->releases;
	u64 low = 0, high = vault->release_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (memcmp(release[middle].hold, passport->id, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < vault->release_count; low++) {
		if (memcmp(release[low].hold, passport->id, 16))
			break;
		if (!memcmp(release[low].object, passport->object, 16) &&
		    release[low].issuer_length == passport->issuer_length &&
		    !memcmp(release[low].issuer, passport->issuer,
			    passport->issuer_length))
			return true;
	}
	return false;
}

/**
 * vde_vault_traits - has a passport expired, was it removed or released?
 * @vault: opened
 * @passport: read from it
 * @now: ticks
 *
 * Return: VDE_IOC_PASSPORT_*.
 */
u32 vde_vault_traits(const struct vde_vault *vault,
		     const struct vde_passport *passport, s64 now)
{
	u32 traits = 0;

	if (passport->status == VDE_PASSPORT_REMOVED)
		return VDE_IOC_PASSPORT_REMOVED;
	if (vde_passport_expired(passport, now))
		traits |= VDE_IOC_PASSPORT_EXPIRED;
	if (passport->status == VDE_PASSPORT_HOLD &&
	    is_released(vault, passport))
		traits |= VDE_IOC_PASSPORT_RELEASED;
	return traits;
}

/**
 * vde_vault_entry - a passport as the kernel would list it
 * @passport: decoded
 * @verdict: VDE_IOC_VERDICT_*
 * @traits: VDE_IOC_PASSPORT_*
 * @entry: to fill
 */
void vde_vault_entry(const struct vde_passport *passport, u32 verdict,
		     u32 traits, struct vde_ioc_passport_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->id, passport->id, sizeof(entry->id));
	memcpy(entry->object, passport->object, sizeof(entry->object));
	entry->framework = passport->framework;
	entry->status = passport->status;
	entry->issued = passport->issued;
	entry->expires = passport->expires;
	entry->verified = passport->verified;
	entry->verdict = verdict;
	entry->traits = traits;
	entry->length = passport->size;
	entry->issuer_length = passport->issuer_length;
	memcpy(entry->issuer, passport->issuer, passport->issuer_length);
}

/**
 * vde_vault_listed - do filters let a passport through?
 * @filter: @flags and what they name, as for VDE_IOC_VAULT_LIST
 * @entry: the passport
 *
 * Return: true if so.
 */
bool vde_vault_listed(const struct vde_ioc_vault_list *filter,
		      const struct vde_ioc_passport_entry *entry)
{
	u32 flags = filter->flags;

	if ((flags & VDE_IOC_VAULT_BY_STATUS) &&
	    entry->status != filter->status)
		return false;
	if ((entry->traits & VDE_IOC_PASSPORT_REMOVED) &&
	    !(flags & (VDE_IOC_VAULT_REMOVED | VDE_IOC_VAULT_BY_STATUS)))
		return false;
	if ((flags & VDE_IOC_VAULT_BY_OBJECT) &&
	    memcmp(entry->object, filter->object, sizeof(entry->object)))
		return false;
	if ((flags & VDE_IOC_VAULT_BY_FRAMEWORK) &&
	    entry->framework != filter->framework)
		return false;
	if ((flags & VDE_IOC_VAULT_BY_ISSUER) &&
	    (entry->issuer_length != filter->issuer_length ||
	     memcmp(entry->issuer, filter->issuer, entry->issuer_length)))
		return false;
	return !(flags & VDE_IOC_VAULT_EXPIRED) ||
	       (entry->traits & VDE_IOC_PASSPORT_EXPIRED);
}

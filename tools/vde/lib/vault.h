/* SPDX-License-Identifier: GPL-2.0-only */
/* libvde: the passports of vaults, on a disk and active. */
#ifndef VDE_VAULT_TOOLS_H
#define VDE_VAULT_TOOLS_H

#include "libvde.h"

struct vde_release;

/**
 * struct vde_vault - a place among the passports of a vault
 * @volume: where it lies
 * @region: the vault
 * @block: metadata block in @buffer
 * @offset: of the next passport in it
 * @loaded: @buffer holds that block
 * @buffer: one block
 * @releases: of legal holds, sorted by the hold's id
 * @release_count: how many
 */
struct vde_vault {
	const struct vde_volume *volume;
	const struct vde_region *region;
	u64 block;
	u32 offset;
	bool loaded;
	void *buffer;
	struct vde_release *releases;
	u64 release_count;
};

/* vault.c: passports of a vault on a disk, one by one */
int vde_vault_open(struct vde_vault *vault, const struct vde_volume *volume,
		   const struct vde_region *region, enum vde_fault *fault);
void vde_vault_close(struct vde_vault *vault);
int vde_vault_next(struct vde_vault *vault, struct vde_passport *passport,
		   enum vde_fault *fault);
u32 vde_vault_traits(const struct vde_vault *vault,
		     const struct vde_passport *passport, s64 now);
void vde_vault_entry(const struct vde_passport *passport, u32 verdict,
		     u32 traits, struct vde_ioc_passport_entry *entry);
bool vde_vault_listed(const struct vde_ioc_vault_list *filter,
		      const struct vde_ioc_passport_entry *entry);

/* device_vault.c: active vaults, by the ioctls of their character devices */
int vde_device_vault_add(const struct vde_device *device, const void *passport,
			 u32 size);
int vde_device_vault_get(const struct vde_device *device, const u8 id[16],
			 void *passport, u32 *size, u32 *verdict, u32 *traits);
int vde_device_vault_list(const struct vde_device *device,
			  struct vde_ioc_vault_list *list,
			  struct vde_ioc_passport_entry *entries, u32 *count);
int vde_device_vault_verify(const struct vde_device *device, const u8 id[16],
			    struct vde_ioc_verify_entry *entry);
int vde_device_vault_verify_all(const struct vde_device *device, u64 *cursor,
				struct vde_ioc_verify_entry *entries,
				u32 *count);
int vde_device_vault_remove(const struct vde_device *device, const u8 id[16]);
int vde_device_vault_status(const struct vde_device *device,
			    struct vde_ioc_vault_status *status);

/* object.c: ids of what passports are about */
int vde_object_of_file(const char *path, u8 object[16]);

/**
 * struct vde_object_range - the id of a range of a WORM region under way
 * @context: of the digest
 */
struct vde_object_range {
	void *context;
};

int vde_object_range_begin(struct vde_object_range *range,
			   const u8 region_uuid[16]);
int vde_object_range_add(struct vde_object_range *range,
			 const u8 digest[SHA256_DIGEST_SIZE]);
int vde_object_range_end(struct vde_object_range *range, u8 object[16]);

#endif /* VDE_VAULT_TOOLS_H */

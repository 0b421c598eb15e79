// SPDX-License-Identifier: GPL-2.0-only
/* Character device of an active vault. */
#include <sys/ioctl.h>

#include "vault.h"

static int command(const struct vde_device *device, unsigned int number,
		   void *argument)
{
	return ioctl(device->fd, number, argument) ? -errno : 0;
}

/*
 * All functions return 0 or the negative errno that the header of the uapi gives
 * for the command.
 */

/**
 * vde_device_vault_add - store a passport
 * @device: device opened with VDE_OPEN_WRITE
 * @passport: in its stored form
 * @size: of it in bytes
 */
int vde_device_vault_add(const struct vde_device *device, const void *passport,
			 u32 size)
{
	struct vde_ioc_vault_add add = {
		.size = sizeof(add),
		.data = (uintptr_t)passport,
		.length = size,
	};

	return command(device, VDE_IOC_VAULT_ADD, &add);
}

/**
 * vde_device_vault_get - read a passport
 * @device: open device
 * @id: its id
 * @passport: room for VDE_PASSPORT_MAX bytes
 * @size: set to its size
 * @verdict: set to VDE_IOC_VERDICT_*
 * @traits: set to VDE_IOC_PASSPORT_*
 */
int vde_device_vault_get(const struct vde_device *device, const u8 id[16],
			 void *passport, u32 *size, u32 *verdict, u32 *traits)
{
	struct vde_ioc_vault_get get = {
		.size = sizeof(get),
		.data = (uintptr_t)passport,
		.length = VDE_PASSPORT_MAX,
	};
	int ret;

	memcpy(get.id, id, sizeof(get.id));
	ret = command(device, VDE_IOC_VAULT_GET, &get);
	*size = ret ? 0 : get.length;
	*verdict = get.verdict;
	*traits = get.traits;
	return ret;
}

/**
 * vde_device_vault_list - list some passports more
 * @device: open device
 * @list: filters are set; @cursor is 0 at first and then left alone
 * @entries: to fill
 * @count: in: room in @entries; out: entries stored, 0 at the end
 */
int vde_device_vault_list(const struct vde_device *device,
			  struct vde_ioc_vault_list *list,
			  struct vde_ioc_passport_entry *entries, u32 *count)
{
	int ret;

	list->size = sizeof(*list);
	list->count = *count;
	list->entry_size = sizeof(*entries);
	list->entries = (uintptr_t)entries;
	ret = command(device, VDE_IOC_VAULT_LIST, list);
	*count = ret ? 0 : list->count;
	return ret;
}

/**
 * vde_device_vault_verify - have the kernel verify a passport again
 * @device: open device
 * @id: its id
 * @entry: set to the result
 */
int vde_device_vault_verify(const struct vde_device *device, const u8 id[16],
			    struct vde_ioc_verify_entry *entry)
{
	struct vde_ioc_vault_verify verify = {
		.size = sizeof(verify),
		.count = 1,
		.entry_size = sizeof(*entry),
		.entries = (uintptr_t)entry,
	};

	memcpy(verify.id, id, sizeof(verify.id));
	return command(device, VDE_IOC_VAULT_VERIFY, &verify);
}

/**
 * vde_device_vault_verify_all - have the kernel verify some passports more
 * @device: open device
 * @cursor: 0 at first, then left alone
 * @entries: to fill
 * @count: in: room in @entries; out: entries stored, 0 at the end
 */
int vde_device_vault_verify_all(const struct vde_device *device, u64 *cursor,
				struct vde_ioc_verify_entry *entries,
				u32 *count)
{
	struct vde_ioc_vault_verify verify = {
		.size = sizeof(verify),
		.flags = VDE_IOC_VAULT_ALL,
		.cursor = *cursor,
		.count = *count,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};
	int ret = command(device, VDE_IOC_VAULT_VERIFY, &verify);

	*count = ret ? 0 : verify.count;
	*cursor = verify.cursor;
	return ret;
}

/**
 * vde_device_vault_remove - make an expired passport a tombstone
 * @device: device opened with VDE_OPEN_WRITE
 * @id: its id
 */
int vde_device_vault_remove(const struct vde_device *device, const u8 id[16])
{
	struct vde_ioc_vault_remove remove = { .size = sizeof(remove) };

	memcpy(remove.id, id, sizeof(remove.id));
	return command(device, VDE_IOC_VAULT_REMOVE, &remove);
}

/**
 * vde_device_vault_status - how is the vault?
 * @device: open device
 * @status: to fill
 */
int vde_device_vault_status(const struct vde_device *device,
			    struct vde_ioc_vault_status *status)
{
	memset(status, 0, sizeof(*status));
	status->size = sizeof(*status);
	return command(device, VDE_IOC_VAULT_STATUS, status);
}

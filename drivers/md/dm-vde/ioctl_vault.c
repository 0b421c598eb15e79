// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands of vaults. The caller's memory is touched only when the region is
 * let go: see vde_ioctl_step_out().
 */
#include <linux/fs.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "chardev.h"
#include "ioctl.h"
#include "vault.h"

static_assert(VDE_IOC_PASSPORT_MAX == VDE_PASSPORT_MAX);
static_assert(VDE_IOC_ISSUER_MAX == VDE_ISSUER_MAX);
static_assert(VDE_IOC_VERDICT_UNCHECKED == (int)VDE_VERDICT_UNCHECKED);
static_assert(VDE_IOC_VERDICT_VALID == (int)VDE_VERDICT_VALID);
static_assert(VDE_IOC_VERDICT_BAD == (int)VDE_VERDICT_BAD);
static_assert(VDE_IOC_VERDICT_NO_KEY == (int)VDE_VERDICT_NO_KEY);
static_assert(VDE_IOC_VERDICT_REMOVED == (int)VDE_VERDICT_REMOVED);
static_assert(VDE_IOC_VERDICT_DAMAGED == (int)VDE_VERDICT_DAMAGED);

static int run_add(struct vde_ioctl_call *call)
{
	const struct vde_ioc_vault_add *add = call->arg;
	u8 data[VDE_PASSPORT_MAX];
	struct iov_iter from;
	int err;

	if (add->length < VDE_PASSPORT_MIN || add->length > VDE_PASSPORT_MAX)
		return -EINVAL;
	err = vde_chardev_import(add->data, add->length, true, &from);
	if (err)
		return err;
	vde_ioctl_step_out(call);
	if (!copy_from_iter_full(data, add->length, &from))
		return -EFAULT;
	err = vde_ioctl_step_in(call);
	if (!err)
		err = vde_gate_enter(&call->region->gate);
	if (err)
		return err;
	err = vde_vault_add(to_vault(call->region), data, add->length);
	vde_gate_leave(&call->region->gate);
	return err;
}

/**
 * vde_ioctl_vault_traits - traits of a passport, as user space knows them
 * @entry: published; the vault is locked
 *
 * Return: VDE_IOC_PASSPORT_*.
 */
u32 vde_ioctl_vault_traits(const struct vde_vault_entry *entry)
{
	u32 traits = 0;

	if (entry->status == VDE_PASSPORT_REMOVED)
		traits |= VDE_IOC_PASSPORT_REMOVED;
	if (vde_vault_index_expired(entry, vde_clock_wall()))
		traits |= VDE_IOC_PASSPORT_EXPIRED;
	if (vde_vault_index_is_released(entry))
		traits |= VDE_IOC_PASSPORT_RELEASED;
	return traits;
}

static int get_locked(struct vde_vault *vault, struct vde_ioc_vault_get *get,
		      u8 buffer[VDE_PASSPORT_MAX])
{
	struct vde_vault_entry *entry;
	struct vde_passport passport;
	u32 room = get->length;

	lockdep_assert_held(&vault->lock);
	entry = vde_vault_index_find(&vault->index, get->id);
	if (!entry)
		return -ENOENT;
	if (room < entry->length)
		return -EMSGSIZE;
	get->length = entry->length;
	get->verdict = entry->verdict;
	get->traits = vde_ioctl_vault_traits(entry);
	return vde_vault_read(vault, entry, buffer, &passport);
}

static int run_get(struct vde_ioctl_call *call)
{
	struct vde_vault *vault = to_vault(call->region);
	struct vde_ioc_vault_get *get = call->arg;
	u8 buffer[VDE_PASSPORT_MAX];
	struct iov_iter to;
	int err;

	err = vde_gate_enter(&call->region->gate);
	if (err)
		return err;
	down_read(&vault->lock);
	err = get_locked(vault, get, buffer);
	up_read(&vault->lock);
	vde_gate_leave(&call->region->gate);
	if (!err)
		err = vde_chardev_import(get->data, get->length, false, &to);
	if (err)
		return err;
	vde_ioctl_step_out(call);
	if (copy_to_iter(buffer, get->length, &to) != get->length)
		return -EFAULT;
	return 0;
}

static int run_remove(struct vde_ioctl_call *call)
{
	const struct vde_ioc_vault_remove *remove = call->arg;

	return vde_vault_remove(to_vault(call->region), remove->id);
}

static int run_status(struct vde_ioctl_call *call)
{
	struct vde_vault *vault = to_vault(call->region);
	struct vde_ioc_vault_status *out = call->arg;
	struct vde_vault_status status;

	vde_vault_status(vault, &status);
	out->mode = vde_region_mode(call->region);
	out->state = 0;
	if (!vde_signature_supported())
		out->state |= VDE_IOC_VAULT_NO_ECDSA;
	if (status.verifying)
		out->state |= VDE_IOC_VAULT_VERIFYING;
	if (!status.complete || status.count[VDE_VERDICT_DAMAGED])
		out->state |= VDE_IOC_VAULT_DAMAGED;
	out->passports = vde_vault_passports(&status);
	out->removed = status.count[VDE_VERDICT_REMOVED];
	out->stored = status.stored;
	out->verified = status.count[VDE_VERDICT_VALID];
	out->unverifiable = status.count[VDE_VERDICT_NO_KEY];
	out->bad = status.count[VDE_VERDICT_BAD];
	out->unchecked = status.count[VDE_VERDICT_UNCHECKED];
	out->rejected_adds = status.rejected;
	out->blocks = call->region->geo.capacity;
	out->used_blocks = status.used;
	out->free_bytes = status.free_bytes;
	out->holds = status.holds;
	out->attested = status.attested;
	out->commits = status.commits;
	out->damaged = status.count[VDE_VERDICT_DAMAGED];
	return 0;
}

#define FOR_VAULT	BIT(VDE_REGION_VAULT)

const struct vde_ioctl vde_ioctls_vault[] = {
	{ .cmd = VDE_IOC_VAULT_ADD, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_add, 24),
	  .reserved = offsetof(struct vde_ioc_vault_add, reserved),
	  .mode = FMODE_WRITE, .admin = true, .run = run_add },
	{ .cmd = VDE_IOC_VAULT_GET, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_get, 48),
	  .reserved = offsetof(struct vde_ioc_vault_get, reserved),
	  .mode = FMODE_READ, .run = run_get },
	{ .cmd = VDE_IOC_VAULT_REMOVE, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_remove, 24),
	  .mode = FMODE_WRITE, .admin = true, .gated = true,
	  .run = run_remove },
	{ .cmd = VDE_IOC_VAULT_STATUS, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_status, 136),
	  .mode = FMODE_READ, .run = run_status },
	{ }
};

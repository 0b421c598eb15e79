// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verification of what is stored, with the keys as they are now. A worker does
 * it after activation; it goes through the gate for each passport, so that it
 * waits while the device is suspended.
 */
#define pr_fmt(fmt) "vde " fmt

#include <linux/ratelimit.h>

#include "trace.h"
#include "vault.h"

static enum vde_verdict verdict_of(int err)
{
	switch (err) {
	case 0:
		return VDE_VERDICT_VALID;
	case -EKEYREJECTED:
		return VDE_VERDICT_BAD;
	case -ENOKEY:
	case -ENOPKG:
		return VDE_VERDICT_NO_KEY;
	default:
		return VDE_VERDICT_UNCHECKED;
	}
}

/* What is stored was valid once, or somebody has written to the disk. */
static void report_bad(struct vde_vault *vault,
		       const struct vde_vault_entry *entry)
{
	struct vde_region *region = &vault->region;

	if (__ratelimit(&region->ratelimit))
		pr_warn("%s: passport %pUl in block %u has a bad signature\n",
			region->name, entry->id, entry->block);
	region->news->raise(region->news, VDE_EVENT_CORRUPT, entry->block);
}

/**
 * vde_vault_lost - a passport cannot be read any more
 * @vault: active vault, its lock held
 * @entry: published
 * @err: from vde_vault_read()
 *
 * It stays in the index, and the vault becomes read-only.
 */
void vde_vault_lost(struct vde_vault *vault, struct vde_vault_entry *entry,
		    int err)
{
	struct vde_region *region = &vault->region;

	lockdep_assert_held(&vault->lock);
	vde_vault_index_judge(&vault->index, entry, VDE_VERDICT_DAMAGED);
	if (__ratelimit(&region->ratelimit))
		pr_err("%s: passport %pUl in block %u cannot be read (error %d)\n",
		       region->name, entry->id, entry->block, err);
	vde_region_degrade(region, VDE_MODE_RO,
			   "a stored passport cannot be read", err);
}

/**
 * vde_vault_verify - verify a stored passport again
 * @vault: active vault; the caller is inside its gate
 * @entry: published
 * @verdict: set to what was found
 *
 * Sleeps; nothing is locked. What cannot be read makes the vault read-only.
 *
 * Return: 0 or -ENOMEM.
 */
int vde_vault_verify(struct vde_vault *vault, struct vde_vault_entry *entry,
		     enum vde_verdict *verdict)
{
	u8 buffer[VDE_PASSPORT_MAX];
	struct vde_passport passport;
	int err;

	*verdict = VDE_VERDICT_REMOVED;
	down_read(&vault->lock);
	err = vde_vault_read(vault, entry, buffer, &passport);
	if (err) {
		*verdict = VDE_VERDICT_DAMAGED;
		vde_vault_lost(vault, entry, err);
	}
	up_read(&vault->lock);
	if (err || passport.status == VDE_PASSPORT_REMOVED)
		return 0;
	err = vde_keys_verify(&vault->keys, &passport);
	*verdict = verdict_of(err);
	if (*verdict == VDE_VERDICT_UNCHECKED)
		return err;
	trace_vde_passport(vault->region.dev, "verify", entry->id, err);
	if (*verdict == VDE_VERDICT_BAD)
		report_bad(vault, entry);
	down_read(&vault->lock);
	vde_vault_index_judge(&vault->index, entry, *verdict);
	up_read(&vault->lock);
	return 0;
}

static struct vde_vault_entry *next_entry(struct vde_vault *vault)
{
	struct vde_vault_entry *entry;

	down_read(&vault->lock);
	do {
		entry = vde_vault_index_at(&vault->index, vault->next++);
	} while (entry && entry->verdict == VDE_VERDICT_REMOVED);
	up_read(&vault->lock);
	return entry;
}

static void verify_work(struct work_struct *work)
{
	struct vde_vault *vault = container_of(work, struct vde_vault, verify);
	struct vde_gate *gate = &vault->region.gate;
	struct vde_vault_entry *entry;
	enum vde_verdict verdict;

	while (!vde_gate_enter_unless(gate, &vault->stop)) {
		entry = next_entry(vault);
		if (entry)
			vde_vault_verify(vault, entry, &verdict);
		vde_gate_leave(gate);
		if (!entry)
			break;
		cond_resched();
	}
	WRITE_ONCE(vault->verifying, READ_ONCE(vault->stop));
}

/**
 * vde_vault_verify_init - prepare the background verification
 * @vault: to initialise
 */
void vde_vault_verify_init(struct vde_vault *vault)
{
	INIT_WORK(&vault->verify, verify_work);
}

/**
 * vde_vault_verify_start - verify all that has not been verified yet
 * @vault: about to be resumed, its gate closed; @next says where to begin
 */
void vde_vault_verify_start(struct vde_vault *vault)
{
	if (!vault->verifying)
		return;
	vault->stop = false;
	queue_work(system_unbound_wq, &vault->verify);
}

/**
 * vde_vault_verify_stop - stop the background verification
 * @vault: any; its gate may be closed
 *
 * Sleeps. What was verified stays so.
 */
void vde_vault_verify_stop(struct vde_vault *vault)
{
	WRITE_ONCE(vault->stop, true);
	vde_gate_wake(&vault->region.gate);
	flush_work(&vault->verify);
}

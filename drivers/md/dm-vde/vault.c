// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vault engine: signed passports, verified by the kernel. Design section
 * "Vault".
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "vault.h"

/**
 * vde_vault_used - blocks of a vault that are in use
 * @vault: active vault
 *
 * Return: at least 1.
 */
u64 vde_vault_used(struct vde_vault *vault)
{
	u64 used;

	spin_lock(&vault->view_lock);
	used = vault->used;
	spin_unlock(&vault->view_lock);
	return used;
}

/* Blocks that are not in use, and what the open one has left. */
static u64 free_bytes(const struct vde_vault *vault, u64 used)
{
	u32 end = READ_ONCE(vault->end);

	return (vault->region.geo.meta_blocks - used) * VDE_PAYLOAD_SIZE +
	       VDE_PAYLOAD_SIZE - end;
}

/**
 * vde_vault_status - how things stand with a vault
 * @vault: any vault; zeros before its first resume
 * @status: set to it; the numbers belong together only approximately
 */
void vde_vault_status(struct vde_vault *vault, struct vde_vault_status *status)
{
	struct vde_vault_index *index = &vault->index;

	memset(status, 0, sizeof(*status));
	if (!vault->region.active)
		return;
	down_read(&vault->lock);
	spin_lock(&index->verdicts_lock);
	memcpy(status->count, index->count, sizeof(status->count));
	spin_unlock(&index->verdicts_lock);
	status->holds = index->holds;
	up_read(&vault->lock);
	status->used = vde_vault_used(vault);
	status->free_bytes = free_bytes(vault, status->used);
	status->rejected = atomic64_read(&vault->rejected);
	status->attested = vde_vault_attested_now(vault);
	spin_lock(&vault->view_lock);
	status->clock = vde_clock_now(&vault->clock);
	status->stored = vault->stored;
	spin_unlock(&vault->view_lock);
	status->commits = READ_ONCE(vault->commits_written);
	status->verifying = READ_ONCE(vault->verifying);
	status->complete = vault->complete;
}

/**
 * vde_vault_passports - passports of a vault
 * @status: from vde_vault_status()
 *
 * Return: how many there are, without tombstones.
 */
u64 vde_vault_passports(const struct vde_vault_status *status)
{
	return status->count[VDE_VERDICT_UNCHECKED] +
	       status->count[VDE_VERDICT_VALID] +
	       status->count[VDE_VERDICT_BAD] +
	       status->count[VDE_VERDICT_NO_KEY] +
	       status->count[VDE_VERDICT_DAMAGED];
}

static void arm(struct vde_vault *vault)
{
	queue_delayed_work(system_unbound_wq, &vault->hourly, 3600 * HZ);
}

static void hourly_work(struct work_struct *work)
{
	struct vde_vault *vault = container_of(to_delayed_work(work),
					       struct vde_vault, hourly);

	vde_vault_keep_clock(vault);
	arm(vault);
}

static bool same_keys(const struct vde_keys *a, const struct vde_keys *b)
{
	return a->keyring == b->keyring &&
	       a->has_issuer_key == b->has_issuer_key &&
	       !memcmp(a->issuer_key, b->issuer_key, sizeof(a->issuer_key));
}

/* With other keys, everything is to be verified again. */
static void vault_configure(struct vde_region *region,
			    const struct vde_options *options)
{
	struct vde_vault *vault = to_vault(region);

	vde_vault_verify_stop(vault);
	if (!same_keys(&vault->keys, options->keys)) {
		vde_keys_close(&vault->keys);
		vde_keys_copy(&vault->keys, options->keys);
		vault->next = 0;
		vault->verifying = true;
	}
	vde_vault_verify_start(vault);
	arm(vault);
}

static void vault_suspend(struct vde_region *region)
{
	struct vde_vault *vault = to_vault(region);

	cancel_delayed_work_sync(&vault->hourly);
	vde_vault_keep_clock(vault);
}

/* What was added is durable already. */
static int vault_commit(struct vde_region *region)
{
	return vde_region_mode(region) == VDE_MODE_FAILED ? -EIO : 0;
}

static void vault_status(struct vde_region *region, struct vde_status *status)
{
	const struct vde_vault *vault = to_vault(region);

	status->capacity = region->geo.capacity;
	status->stats.commits = READ_ONCE(vault->commits_written);
}

static struct vde_region *vault_alloc(const struct vde_geometry *geo)
{
	struct vde_vault *vault = kzalloc(sizeof(*vault), GFP_KERNEL);
	int err = -ENOMEM;

	if (!vault)
		return ERR_PTR(-ENOMEM);
	mutex_init(&vault->changes);
	init_rwsem(&vault->lock);
	spin_lock_init(&vault->view_lock);
	INIT_DELAYED_WORK(&vault->hourly, hourly_work);
	vde_vault_verify_init(vault);
	vault->view = kzalloc(sizeof(*vault->view), GFP_KERNEL);
	if (!vault->view)
		goto free_vault;
	err = vde_commit_log_init(&vault->commits);
	if (err)
		goto free_view;
	err = vde_vault_index_init(&vault->index);
	if (err)
		goto free_commits;
	return &vault->region;

free_commits:
	vde_commit_log_exit(&vault->commits);
free_view:
	kfree(vault->view);
free_vault:
	kfree(vault);
	return ERR_PTR(err);
}

static void vault_free(struct vde_region *region)
{
	struct vde_vault *vault = to_vault(region);

	vde_vault_index_exit(&vault->index);
	vde_keys_close(&vault->keys);
	vde_commit_log_exit(&vault->commits);
	kfree(vault->view);
	kfree(vault);
}

const struct vde_region_ops vde_vault_ops = {
	.alloc = vault_alloc,
	.free = vault_free,
	.activate = vde_vault_activate,
	.deactivate = vde_vault_deactivate,
	.configure = vault_configure,
	.map = vde_vault_map,
	.suspend = vault_suspend,
	.commit = vault_commit,
	.status = vault_status,
};

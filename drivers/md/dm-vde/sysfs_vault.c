// SPDX-License-Identifier: GPL-2.0-only
/* Attributes of vaults. */
#include <linux/math64.h>
#include <linux/sysfs.h>

#include "sysfs.h"
#include "vault.h"

static struct vde_vault_status status_of(struct vde_region *region)
{
	struct vde_vault_status status;

	vde_vault_status(to_vault(region), &status);
	return status;
}

static u64 passports_number(struct vde_region *region)
{
	struct vde_vault_status status = status_of(region);

	return vde_vault_passports(&status);
}

NUMBER(passports);

static u64 removed_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_REMOVED];
}

NUMBER(removed);

static u64 verified_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_VALID];
}

NUMBER(verified);

static u64 unverifiable_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_NO_KEY];
}

NUMBER(unverifiable);

static u64 bad_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_BAD];
}

NUMBER(bad);

static u64 unchecked_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_UNCHECKED];
}

NUMBER(unchecked);

static u64 damaged_number(struct vde_region *region)
{
	return status_of(region).count[VDE_VERDICT_DAMAGED];
}

NUMBER(damaged);

static u64 rejected_adds_number(struct vde_region *region)
{
	return status_of(region).rejected;
}

NUMBER(rejected_adds);

static u64 used_blocks_number(struct vde_region *region)
{
	return status_of(region).used;
}

NUMBER(used_blocks);

static u64 free_bytes_number(struct vde_region *region)
{
	return status_of(region).free_bytes;
}

NUMBER(free_bytes);

static u64 holds_number(struct vde_region *region)
{
	return status_of(region).holds;
}

NUMBER(holds);

static struct attribute *attrs[] = {
	&passports_value.attr.attr,
	&removed_value.attr.attr,
	&verified_value.attr.attr,
	&unverifiable_value.attr.attr,
	&bad_value.attr.attr,
	&unchecked_value.attr.attr,
	&damaged_value.attr.attr,
	&rejected_adds_value.attr.attr,
	&used_blocks_value.attr.attr,
	&free_bytes_value.attr.attr,
	&holds_value.attr.attr,
	NULL
};

static umode_t is_visible(struct kobject *kobj, struct attribute *attr, int nr)
{
	return vde_sysfs_is_kind(kobj, VDE_REGION_VAULT) ? attr->mode : 0;
}

const struct attribute_group vde_sysfs_vault_group = {
	.attrs = attrs,
	.is_visible = is_visible,
};

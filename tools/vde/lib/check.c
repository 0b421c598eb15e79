// SPDX-License-Identifier: GPL-2.0-only
/* Check of a whole volume that is not active. */
#include "check.h"

/* Hands a finding to the caller of vde_check_volume(). */
void check_report(const struct vde_check *check, enum vde_severity severity,
		  enum vde_fault fault, u64 block,
		  const struct vde_region *region, u64 record)
{
	const struct vde_finding finding = {
		.severity = severity,
		.fault = fault,
		.block = block,
		.region = region,
		.record = record,
	};

	check->finding(check->context, &finding);
}

static int each_region(struct vde_check *check,
		       int (*visit)(struct vde_check *check,
				    const struct vde_region *region))
{
	const struct vde_volume *volume = check->volume;
	struct vde_region region;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < volume->layout.count; i++) {
		ret = vde_region_load(volume, i, &region);
		if (ret == -ENOMEM)
			return ret;
		if (ret) {
			check_report(check, VDE_ERROR, VDE_FAULT_READ,
				     volume->layout.regions[i].commit_start,
				     NULL, VDE_NOWHERE);
			ret = 0;
			continue;
		}
		ret = visit(check, &region);
		vde_region_free(&region);
	}
	return ret;
}

static int visit_metadata(struct vde_check *check,
			  const struct vde_region *region)
{
	struct vde_ring ring;

	if (region->geo->kind == VDE_REGION_WORM && !region->fault)
		check->total += vde_region_hwm(region);
	if (region->geo->kind == VDE_REGION_STREAM && !region->fault) {
		vde_region_ring(region, &ring);
		check->entries += ring.head - ring.tail;
	}
	if (region->geo->kind == VDE_REGION_VAULT && !region->fault)
		check->passports += vde_region_passports(region);
	return check_region(check, region);
}

static int visit_data(struct vde_check *check, const struct vde_region *region)
{
	if (region->geo->kind != VDE_REGION_WORM || region->fault ||
	    !vde_region_hwm(region))
		return 0;
	return check_data(check, region);
}

/**
 * vde_check_volume - check a volume against every rule of the format
 * @check: what and how; @done, @total, @entries and @passports are
 *	set
 *
 * A volume that a crash left behind is in order as long as recovery would lose
 * nothing: such states are reported as VDE_NOTE.
 *
 * Return: 0 however much was found; -ENOMEM.
 */
int vde_check_volume(struct vde_check *check)
{
	int ret;

	check->done = 0;
	check->total = 0;
	check->entries = 0;
	check->passports = 0;
	check_head(check);
	if (!check->volume->has_layout)
		return 0;
	ret = each_region(check, visit_metadata);
	if (!ret && check->data)
		ret = each_region(check, visit_data);
	return ret;
}

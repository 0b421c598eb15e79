// SPDX-License-Identifier: GPL-2.0-only
/* One WORM region or vault of a volume on a disk or in an image file. */
#include "vdectl.h"

static int visit_in_volume(const char *path, enum vde_region_kind kind, u64 nr,
			   const struct vde_volume *volume,
			   int (*visit)(const struct vde_volume *volume,
					const struct vde_region *region,
					void *context),
			   void *context)
{
	const struct vde_geometry *geo = NULL;
	struct vde_region region;
	int ret;

	/* Good enough as long as the region can be found. */
	if (!volume->has_layout)
		return vdectl_volume_error(path, volume->fault);
	if (nr < VDE_MAX_REGIONS)
		geo = vde_layout_find(&volume->layout, kind, nr);
	if (!geo)
		return vdectl_volume_error(path, VDE_FAULT_NO_REGION);
	ret = vde_region_load(volume, geo - volume->layout.regions, &region);
	if (ret)
		return vdectl_open_error(path, ret);
	ret = region.fault ? vdectl_volume_error(path, region.fault) :
			     visit(volume, &region, context);
	vde_region_free(&region);
	return ret;
}

static int visit_kind(const char *path, enum vde_region_kind kind, u64 nr,
		      int (*visit)(const struct vde_volume *volume,
				   const struct vde_region *region,
				   void *context),
		      void *context)
{
	struct vde_volume volume;
	int ret = vde_volume_open(&volume, path, 0);

	if (ret)
		return vdectl_open_error(path, ret);
	ret = visit_in_volume(path, kind, nr, &volume, visit, context);
	vde_volume_close(&volume);
	return ret;
}

/**
 * vdectl_visit_region - look at a WORM region's newest commit, or say why not
 * @path: block device or image file
 * @nr: number of the region
 * @visit: called with the region, which has no fault
 * @context: passed on
 *
 * Return: what @visit returned, VDECTL_PROBLEM for a damaged volume, or
 * VDECTL_ERROR.
 */
int vdectl_visit_region(const char *path, u64 nr,
			int (*visit)(const struct vde_volume *volume,
				     const struct vde_region *region,
				     void *context),
			void *context)
{
	return visit_kind(path, VDE_REGION_WORM, nr, visit, context);
}

/**
 * vdectl_visit_vault - look at a vault's newest commit, or say why not
 * @path: block device or image file
 * @nr: number of the vault
 * @visit: called with the vault, which has no fault
 * @context: passed on
 *
 * Return: as vdectl_visit_region().
 */
int vdectl_visit_vault(const char *path, u64 nr,
		       int (*visit)(const struct vde_volume *volume,
				    const struct vde_region *region,
				    void *context),
		       void *context)
{
	return visit_kind(path, VDE_REGION_VAULT, nr, visit, context);
}

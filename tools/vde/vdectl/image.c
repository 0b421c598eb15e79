// SPDX-License-Identifier: GPL-2.0-only
/* A vault on a disk or in an image file: neither kernel module nor root. */
#include "passport.h"

static int visit_all(struct image *image, struct vde_vault *vault)
{
	s64 now = vde_ticks_now();
	struct vde_passport parts;
	enum vde_fault fault;
	int ret;

	while ((ret = vde_vault_next(vault, &parts, &fault)) > 0) {
		ret = image->visit(image->context, &parts,
				   vde_vault_traits(vault, &parts, now));
		if (ret < 0)
			return VDECTL_OK;
	}
	/* What lies beyond the damage is not known, and may be much. */
	if (fault)
		return vdectl_volume_error(image->path, fault);
	return ret ? vdectl_open_error(image->path, ret) : VDECTL_OK;
}

static int visit_region(const struct vde_volume *volume,
			const struct vde_region *region, void *context)
{
	struct image *image = context;
	struct vde_vault vault;
	enum vde_fault fault;
	int ret = vde_vault_open(&vault, volume, region, &fault);

	if (ret)
		return vdectl_open_error(image->path, ret);
	ret = visit_all(image, &vault);
	vde_vault_close(&vault);
	return ret;
}

/**
 * image_visit - look at every passport, tombstones among them, in order
 * @image: which and how
 *
 * Return: VDECTL_OK, also when it was stopped; VDECTL_PROBLEM or VDECTL_ERROR
 * after a message.
 */
int image_visit(struct image *image)
{
	return vdectl_visit_vault(image->path, image->region, visit_region,
				  image);
}

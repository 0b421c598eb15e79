/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_VAULT_HOLD_H
#define VDE_VAULT_HOLD_H

#include <linux/types.h>

struct vde_geometry;
struct vde_vault;

bool vde_hold_find_worm(struct vde_vault *vault, const u8 uuid[16],
			struct vde_geometry *geo);
int vde_hold_place(struct vde_vault *vault, const struct vde_geometry *geo);
int vde_hold_lift(struct vde_vault *vault, const struct vde_geometry *geo);
int vde_hold_attest(struct vde_vault *vault, const struct vde_geometry *geo,
		    s64 time);
void vde_hold_reconcile(struct vde_vault *vault);

#endif /* VDE_VAULT_HOLD_H */

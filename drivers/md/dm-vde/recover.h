/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_RECOVER_H
#define VDE_RECOVER_H

struct vde_commit_log;
struct vde_region;

int vde_recover_commit(struct vde_region *region, struct vde_commit_log *log,
		       const char **error);
int vde_recover_begin_writes(struct vde_region *region,
			     struct vde_commit_log *log);
void vde_recover_abort_writes(struct vde_region *region, int err);

#endif /* VDE_RECOVER_H */

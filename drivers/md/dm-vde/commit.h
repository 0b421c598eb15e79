/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_COMMIT_H
#define VDE_COMMIT_H

#include "rules.h"

struct vde_media;

/**
 * struct vde_commit_log - a region's commit slots
 * @media: disk beneath
 * @geo: region
 * @uuid: its UUID
 * @slot: newest commit; between vde_commit_write() calls its owner fills in
 *	state and image here. Its sequence is the newest ever tried.
 *
 * Owned by one region; calls are serialised by its commit worker, or by
 * activation and close when that worker cannot run.
 */
struct vde_commit_log {
	struct vde_media *media;
	const struct vde_geometry *geo;
	const u8 *uuid;
	struct vde_disk_commit_slot *slot;
};

/**
 * struct vde_recovery - what vde_commit_recover() met
 * @fault: VDE_FAULT_NO_COMMIT when no slot is valid
 * @damaged: slots that are damaged or cannot be read
 * @doubtful: the slot of the next commit cannot be read: what was found may
 *	not be the newest
 */
struct vde_recovery {
	enum vde_fault fault;
	u32 damaged;
	bool doubtful;
};

int vde_commit_log_init(struct vde_commit_log *log);
void vde_commit_log_bind(struct vde_commit_log *log, struct vde_media *media,
			 const struct vde_geometry *geo, const u8 *uuid);
void vde_commit_log_exit(struct vde_commit_log *log);
int vde_commit_recover(struct vde_commit_log *log,
		       struct vde_recovery *recovery);
int vde_commit_write(struct vde_commit_log *log);
int vde_commit_write_in_place(struct vde_commit_log *log);
int vde_commit_check_clean(struct vde_commit_log *log, enum vde_fault *fault);
u64 vde_commit_next_sequence(const struct vde_commit_log *log);

#endif /* VDE_COMMIT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_VOLUME_H
#define VDE_VOLUME_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "media.h"
#include "rules.h"

/**
 * enum vde_closed - how a region was left when the volume was last looked at
 * @VDE_CLOSED_CLEANLY: its newest commit is flagged clean and in place
 * @VDE_CLOSED_UNKNOWN: the volume was dirty; its commits must be looked at
 * @VDE_CLOSED_NOT: active for writing, or left without a clean close
 */
enum vde_closed {
	VDE_CLOSED_CLEANLY,
	VDE_CLOSED_UNKNOWN,
	VDE_CLOSED_NOT,
};

/**
 * struct vde_volume - an open volume, shared by the regions in use on it
 * @list: in the list of volumes; protected by the list's mutex
 * @ref: one per region object
 * @dev: disk beneath
 * @media: its own handle on that disk, independent of any table
 * @holds: regions become active, are closed, or have legal holds set, one at a
 *	time; taken before any region's lock
 * @lock: protects everything below
 * @group: superblock group as last read or tried to be written
 * @worm_hwm: for the next update: mark of the first WORM region
 * @last_scrub: for the next update: time of the last complete scrub, in ticks
 * @session: for the next update: who writes since the first writer came
 * @layout: its regions; fixed while @users is not zero
 * @closed: per region of @layout
 * @users: active regions
 * @writers: those of them that write
 * @primary_stale: the newest group is sound in the mirror only
 * @mirror_stale: when it was read, the newest group was sound in the primary only
 * @update_failed: what is on the disk may differ from @group
 * @loaded: superblock and directory were read and make sense
 * @replaced: the disk was found to hold something else: write no more
 * @warning: what was wrong with the directory blocks, if anything
 *
 * Made by the first region object on a disk, gone with the last.
 */
struct vde_volume {
	struct list_head list;
	struct kref ref;
	dev_t dev;
	struct vde_media media;
	struct mutex holds;	/* of which regions are active */
	struct mutex lock;	/* of all that follows */
	struct vde_group *group;
	u64 worm_hwm;
	s64 last_scrub;
	u8 session[16];
	struct vde_layout layout;
	enum vde_closed closed[VDE_MAX_REGIONS];
	u32 users;
	u32 writers;
	bool primary_stale;
	bool mirror_stale;
	bool update_failed;
	bool loaded;
	bool replaced;
	enum vde_fault warning;
};

struct vde_volume *vde_volume_open(dev_t dev, const char **error);
void vde_volume_put(struct vde_volume *volume);
int vde_volume_find_region(struct vde_volume *volume, enum vde_region_kind kind,
			   u32 nr, struct vde_geometry *geo, u8 uuid[16],
			   const char **error);
void vde_volume_identity(struct vde_volume *volume, u8 uuid[16],
			 u8 label[VDE_LABEL_SIZE]);
int vde_volume_activate(struct vde_volume *volume, const char **error);
void vde_volume_deactivate(struct vde_volume *volume);
int vde_volume_writable(struct vde_volume *volume, bool *writable);
enum vde_closed vde_volume_closed(struct vde_volume *volume, u32 first_slot);
int vde_volume_begin_writes(struct vde_volume *volume, u32 first_slot,
			    s64 now);
void vde_volume_end_writes(struct vde_volume *volume, u32 first_slot,
			   bool clean, u64 hwm, s64 now);

/* volume_group.c */
int vde_volume_fault(const char **error, enum vde_fault fault);
int vde_group_load(struct vde_volume *volume, struct vde_group *groups,
		   const char **error);
bool vde_group_is_dirty(const struct vde_volume *volume);
int vde_group_update(struct vde_volume *volume, bool dirty, s64 now);
int vde_volume_recheck(struct vde_volume *volume, const char **error);
int vde_volume_check_size(struct vde_volume *volume);
int vde_volume_scrubbed(struct vde_volume *volume, s64 scrubbed);
s64 vde_volume_last_scrub(struct vde_volume *volume);

#endif /* VDE_VOLUME_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_VAULT_H
#define VDE_VAULT_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "clock.h"
#include "commit.h"
#include "region.h"
#include "signature.h"
#include "vault_index.h"

/**
 * struct vde_vault - engine of an active vault
 * @region: what all kinds share
 * @changes: one change at a time; protects the fields marked (c), which
 *	activation and close use too
 * @commits: (c) commit slots
 * @used: (c) blocks in use, the last of them open; also changed with
 *	@view_lock held
 * @end: (c) offset after the last passport of the open block
 * @commits_written: (c) commits so far
 * @lock: of @index; also held for reading while cached blocks are used, and
 *	for writing while a block leaves the image
 * @index: where passports are; changed with @changes held, too
 * @complete: @index holds all that is stored; fixed at activation
 * @view_lock: protects the fields marked (v)
 * @view: (v) the newest commit's image as it will be in place
 * @viewed: (v) which block that is
 * @stored: (v) passports that the newest commit counts, tombstones among them
 * @clock: (v) compliance clock, which every commit keeps
 * @attested_time: (v) time of the first time attestation in ticks, 0 = none
 * @attested_clock: (v) compliance clock at that moment
 * @keys: issuers' keys; changed only while the gate is closed
 * @rejected: adds that failed
 * @hourly: keeps the compliance clock
 * @verify: verifies what is stored, in the background
 * @next: ordinal that @verify looks at next; of its worker, and of who
 *	starts it while the gate is closed
 * @verifying: @verify has not come to the end
 * @stop: @verify shall end
 */
struct vde_vault {
	struct vde_region region;
	struct mutex changes;	/* of what is stored */
	struct vde_commit_log commits;
	u64 used;
	u32 end;
	u64 commits_written;
	struct rw_semaphore lock;	/* of index */
	struct vde_vault_index index;
	bool complete;
	spinlock_t view_lock;	/* of view */
	struct vde_disk_block *view;
	u64 viewed;
	u64 stored;
	struct vde_clock clock;
	s64 attested_time;
	s64 attested_clock;
	struct vde_keys keys;
	atomic64_t rejected;
	struct delayed_work hourly;
	struct work_struct verify;
	u32 next;
	bool verifying;
	bool stop;
};

static inline struct vde_vault *to_vault(struct vde_region *region)
{
	return container_of(region, struct vde_vault, region);
}

/**
 * struct vde_vault_status - numbers of a vault
 * @count: passports by verdict; VDE_VERDICT_REMOVED are tombstones
 * @stored: all of them, as the newest commit says
 * @rejected: adds that failed since activation
 * @used: blocks in use
 * @free_bytes: that passports can still use
 * @holds: legal holds that were not released
 * @attested: attested time now in ticks, 0 = none
 * @clock: compliance clock in ticks
 * @commits: since activation
 * @verifying: the background has not verified all yet
 * @complete: all that is stored could be read when the vault was activated
 */
struct vde_vault_status {
	u64 count[VDE_VERDICTS];
	u64 stored;
	u64 rejected;
	u64 used;
	u64 free_bytes;
	u64 holds;
	s64 attested;
	s64 clock;
	u64 commits;
	bool verifying;
	bool complete;
};

extern const struct vde_region_ops vde_vault_ops;

void vde_vault_status(struct vde_vault *vault, struct vde_vault_status *status);
u64 vde_vault_passports(const struct vde_vault_status *status);
u64 vde_vault_used(struct vde_vault *vault);

/* vault_recover.c */
int vde_vault_scan(struct vde_media *media, const struct vde_geometry *geo,
		   const struct vde_disk_commit_slot *slot,
		   struct vde_vault_index *index, const char *name,
		   bool *complete);
int vde_vault_activate(struct vde_region *region, bool writable,
		       const char **error);
void vde_vault_deactivate(struct vde_region *region);

/* vault_store.c */
int vde_vault_read(struct vde_vault *vault, const struct vde_vault_entry *entry,
		   u8 buffer[VDE_PASSPORT_MAX], struct vde_passport *passport);
bool vde_vault_has_room(const struct vde_vault *vault, u32 length);
int vde_vault_store(struct vde_vault *vault,
		    const struct vde_passport *passport);
int vde_vault_erase(struct vde_vault *vault, struct vde_vault_entry *entry);
int vde_vault_commit(struct vde_vault *vault, u64 imaged, u64 passports,
		     u64 used, u32 flags);
int vde_vault_keep_clock(struct vde_vault *vault);
void vde_vault_show(struct vde_vault *vault);
s64 vde_vault_attested_now(struct vde_vault *vault);

/* vault_add.c */
int vde_vault_add(struct vde_vault *vault, const u8 *data, u32 length);
int vde_vault_remove(struct vde_vault *vault, const u8 id[16]);

/* vault_verify.c */
void vde_vault_lost(struct vde_vault *vault, struct vde_vault_entry *entry,
		    int err);
int vde_vault_verify(struct vde_vault *vault, struct vde_vault_entry *entry,
		     enum vde_verdict *verdict);
void vde_vault_verify_init(struct vde_vault *vault);
void vde_vault_verify_start(struct vde_vault *vault);
void vde_vault_verify_stop(struct vde_vault *vault);

/* vault_bio.c */
int vde_vault_map(struct vde_region *region, struct bio *bio);

#endif /* VDE_VAULT_H */

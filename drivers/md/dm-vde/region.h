/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_REGION_H
#define VDE_REGION_H

#include <linux/atomic.h>
#include <linux/blk_types.h>
#include <linux/dm-ioctl.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/ratelimit_types.h>

#include "gate.h"
#include "rules.h"
#include "signature.h"

struct mapped_device;
struct vde_call;
struct vde_region;
struct vde_volume;

/**
 * enum vde_mode - what a region still does; while active it only degrades
 * @VDE_MODE_RW: reads and appends
 * @VDE_MODE_RO: reads; nothing is ever written to the disk
 * @VDE_MODE_FAILED: reads; a metadata write failed
 */
enum vde_mode {
	VDE_MODE_RW,
	VDE_MODE_RO,
	VDE_MODE_FAILED,
};

/**
 * enum vde_refusal - why a request was refused, in the status line's order
 * @VDE_REFUSED_SEALED: write touching a sealed block
 * @VDE_REFUSED_GAP: write beyond the append pointer
 * @VDE_REFUSED_FULL: write past the capacity
 * @VDE_REFUSED_OP: discard and other operations that have no meaning here
 */
enum vde_refusal {
	VDE_REFUSED_SEALED,
	VDE_REFUSED_GAP,
	VDE_REFUSED_FULL,
	VDE_REFUSED_OP,
	/* private: */
	VDE_REFUSALS
};

/**
 * enum vde_event - news that users of a device want to hear
 * @VDE_EVENT_REFUSED: a request was refused
 * @VDE_EVENT_FAILED: the region's mode degraded
 * @VDE_EVENT_CORRUPT: a block is damaged
 */
enum vde_event {
	VDE_EVENT_REFUSED,
	VDE_EVENT_FAILED,
	VDE_EVENT_CORRUPT,
	/* private: */
	VDE_EVENTS
};

/**
 * struct vde_news - how news travels up; neither call sleeps
 * @raise: something happened; @block is a block of the region, or 0
 * @write_failed: @bio, a write, is about to end without being sealed
 * @advanced: more can be read; may be called with locks held
 */
struct vde_news {
	void (*raise)(struct vde_news *news, enum vde_event event, u64 block);
	void (*write_failed)(struct vde_news *news, const struct bio *bio);
	void (*advanced)(struct vde_news *news);
};

/**
 * enum vde_on_corruption - what follows when a read finds a damaged block
 * @VDE_ON_CORRUPTION_ERROR: the read fails
 * @VDE_ON_CORRUPTION_PANIC: the kernel panics
 * @VDE_ON_CORRUPTION_RESTART: the machine restarts
 */
enum vde_on_corruption {
	VDE_ON_CORRUPTION_ERROR,
	VDE_ON_CORRUPTION_PANIC,
	VDE_ON_CORRUPTION_RESTART,
};

/* Longest name of a keyring that a table may give, in bytes. */
#define VDE_KEYRING_MAX 127

/**
 * struct vde_options - optional table parameters
 * @region: which region of its kind
 * @has_uuid: @uuid was given
 * @uuid: the region's UUID, refused if it differs
 * @reorder_ms: how long a write waits for a gap below it, in milliseconds
 * @max_inflight: payload copies in flight, in bytes
 * @commit_ms: longest time from an append to its commit, in milliseconds
 * @sync: every append is durable before it completes
 * @no_verify_reads: data is returned without comparing it with its record
 * @on_corruption: enum vde_on_corruption
 * @reserve: blocks by which a stream's tail moves ahead of need, 0 = 1/64 of
 *	the ring
 * @discard: consumed space of a stream is discarded beneath
 * @keyring: of a vault, name or serial of the keyring with its keys
 * @has_issuer_key: @issuer_key was given
 * @issuer_key: of a vault, the key of every issuer: a point, uncompressed
 * @keys: of a vault, what these two were opened as; the table's
 */
struct vde_options {
	u64 region;
	bool has_uuid;
	u8 uuid[16];
	u64 reorder_ms;
	u64 max_inflight;
	u64 commit_ms;
	bool sync;
	bool no_verify_reads;
	u64 on_corruption;
	u64 reserve;
	bool discard;
	char keyring[VDE_KEYRING_MAX + 1];
	bool has_issuer_key;
	u8 issuer_key[VDE_POINT_SIZE];
	const struct vde_keys *keys;
};

/**
 * struct vde_status - numbers of the status line, in blocks unless said
 * @hwm: high-water mark; of a stream, its head
 * @tail: of a stream
 * @allocated: of a stream
 * @lost: entries of a stream that were overwritten since activation
 * @capacity: of the region
 * @committed: durable high-water mark
 * @inflight: admitted and not yet acknowledged
 * @stats: totals since activation, for the stats message
 */
struct vde_status {
	u64 hwm;
	u64 tail;
	u64 allocated;
	u64 lost;
	u64 capacity;
	u64 committed;
	u64 inflight;
	struct vde_stats {
		u64 appends;
		u64 held;
		u64 rollbacks;
		u64 commits;
		u64 flushes;
		u64 log_blocks;
	} stats;
};

/**
 * struct vde_region_ops - what a kind of region does
 * @alloc: make the engine; returns its embedded region, or an ERR_PTR()
 * @free: the reverse
 * @activate: recover; @writable asks for writing; may be called again on an
 *	active region that is read-only
 * @deactivate: close, cleanly if the mode allows; no I/O in flight
 * @configure: take over options before a resume
 * @map: handle a bio; returns DM_MAPIO_*
 * @end_io: a bio that was remapped has ended; may change @status; called in
 *	interrupts; NULL if not needed
 * @append: append what comes by a call, see vde_append_submit(); the caller
 *	has entered the gate
 * @drain: a suspend begins: give requests that wait for others their time, and
 *	hand them back to dm if that passes and @noflush is set; NULL, as
 *	@undrain, where none waits for others
 * @undrain: that suspend was given up
 * @suspend: make everything acknowledged durable and write nothing more until
 *	@configure; no I/O in flight
 * @commit: make everything acknowledged durable; sleeps
 * @status: fill in numbers
 */
struct vde_region_ops {
	struct vde_region *(*alloc)(const struct vde_geometry *geo);
	void (*free)(struct vde_region *region);
	int (*activate)(struct vde_region *region, bool writable,
			const char **error);
	void (*deactivate)(struct vde_region *region);
	void (*configure)(struct vde_region *region,
			  const struct vde_options *options);
	int (*map)(struct vde_region *region, struct bio *bio);
	void (*end_io)(struct vde_region *region, struct bio *bio,
		       blk_status_t *status);
	int (*append)(struct vde_region *region, struct vde_call *call,
		      bool durable, u64 *block);
	void (*drain)(struct vde_region *region, bool noflush);
	void (*undrain)(struct vde_region *region);
	void (*suspend)(struct vde_region *region);
	int (*commit)(struct vde_region *region);
	void (*status)(struct vde_region *region, struct vde_status *status);
};

/**
 * struct vde_region - a region in use: the part that all kinds share
 * @list: in the list of regions; protected by the list's mutex
 * @ref: one per table that names the region
 * @closing: the last reference is being given up; protected as @list
 * @md: the one mapped device that claimed it
 * @dev: that device's number
 * @name: its name in messages; changed only while no I/O is in flight
 * @volume: a reference
 * @nr: number among the regions of its kind
 * @geo: where it lies
 * @uuid: its UUID
 * @ops: what its kind does
 * @news: where news goes; outlives the region
 * @gate: for users that dm does not know of
 * @active: recovered, and closed with the last reference; changed in preresume
 *	and close, which dm serialises
 * @writing: counted as a writer by the volume; as @active
 * @half: closed to be recovered again, which failed; as @active
 * @mode: enum vde_mode, see vde_region_degrade()
 * @refused: refusals by kind
 * @corrupt: blocks that failed verification
 * @ratelimit: of messages about refusals
 */
struct vde_region {
	struct list_head list;
	struct kref ref;
	bool closing;
	struct mapped_device *md;
	dev_t dev;
	char name[DM_NAME_LEN];
	struct vde_volume *volume;
	u32 nr;
	struct vde_geometry geo;
	u8 uuid[16];
	const struct vde_region_ops *ops;
	struct vde_news *news;
	struct vde_gate gate;
	bool active;
	bool writing;
	bool half;
	int mode;
	atomic64_t refused[VDE_REFUSALS];
	atomic64_t corrupt;
	struct ratelimit_state ratelimit;
};

struct vde_region *vde_region_claim(struct vde_volume *volume,
				    enum vde_region_kind kind, u32 nr,
				    struct mapped_device *md,
				    struct vde_news *news, const char **error);
struct vde_region *vde_region_find_active(const struct vde_volume *volume,
					  const struct vde_geometry *geo);
bool vde_region_put(struct vde_region *region);
struct vde_news *vde_region_close(struct vde_region *region);
void vde_region_rename(struct vde_region *region);
int vde_region_resume(struct vde_region *region, bool writable,
		      const char **error);
enum vde_mode vde_region_mode(const struct vde_region *region);
int vde_region_check_writable(const struct vde_region *region);
void vde_region_notify(struct vde_region *region);
const char *vde_region_mode_name(enum vde_mode mode);
void vde_region_degrade(struct vde_region *region, enum vde_mode mode,
			const char *why, int err);

/* refuse.c */
void vde_region_refuse(struct vde_region *region, struct bio *bio,
		       enum vde_refusal refusal, u64 hwm);
const char *vde_region_refusal_name(enum vde_refusal refusal);
void vde_region_fail_write(struct vde_region *region, struct bio *bio,
			   blk_status_t status);
void vde_region_end_bio(struct bio *bio, blk_status_t status);
bool vde_region_is_aligned(const struct bio *bio);

#endif /* VDE_REGION_H */

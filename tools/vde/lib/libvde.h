/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvde: DWVD volumes from user space. It never prints and returns negative
 * errno; what is wrong with a volume is an enum vde_fault of the rules, which
 * the driver shares. Nothing read from a disk is trusted before its rule.
 */
#ifndef LIBVDE_H
#define LIBVDE_H

#include <linux/dm-vde.h>

#include "rules.h"

/* file.c: blocks of a block device or image file */

/**
 * struct vde_file - an open block device or image file
 * @fd: its descriptor; O_DIRECT on a block device
 * @block_device: it is one
 * @blocks: whole 4096-byte blocks on it
 */
struct vde_file {
	int fd;
	bool block_device;
	u64 blocks;
};

#define VDE_OPEN_WRITE		(1U << 0)
#define VDE_OPEN_EXCLUSIVE	(1U << 1)	/* nobody else holds the device */

int vde_file_open(struct vde_file *file, const char *path, unsigned int flags);
void vde_file_close(struct vde_file *file);
void *vde_alloc_blocks(u64 count);
int vde_file_read(const struct vde_file *file, u64 block, u64 count,
		  void *buffer);
int vde_file_write(const struct vde_file *file, u64 block, u64 count,
		   const void *buffer);
int vde_file_flush(const struct vde_file *file);

/* convert.c: GUIDs and times */
#define VDE_UUID_TEXT_SIZE 37

int vde_guid_parse(const char *text, u8 guid[16]);
void vde_guid_format(const u8 guid[16], char text[VDE_UUID_TEXT_SIZE]);
void vde_guid_random(u8 guid[16]);
s64 vde_ticks_now(void);
s64 vde_ticks_from_unix(s64 seconds, u32 nanoseconds);
s64 vde_ticks_to_unix(s64 ticks, u32 *nanoseconds);

/* signature.c: other users of a disk */
int vde_signature_find(const char *path, char *name, size_t size);
int vde_signature_wipe(const char *path);

/* volume.c: superblock groups and directory */

/**
 * struct vde_head - blocks 0..9 of a volume
 * @primary: superblock group
 * @mirror: its mirror
 * @directory: region directory
 * @directory_header: its header
 */
struct vde_head {
	struct vde_group primary;
	struct vde_group mirror;
	struct vde_disk_directory directory;
	struct vde_disk_directory_header directory_header;
};

/**
 * struct vde_volume - a volume as far as it can be read
 * @file: what it lies on
 * @head: its first blocks as read; NULL when the file is too short
 * @group: the superblock group in force, within @head; NULL when neither is
 *	valid
 * @has_layout: @layout can be used
 * @layout: its regions
 * @unreadable: bit n: block n of @head could not be read and is zero here
 * @fault: first thing that makes the volume unusable
 * @directory_fault: what is wrong with blocks 8 and 9 when the copy served
 */
struct vde_volume {
	struct vde_file file;
	struct vde_head *head;
	const struct vde_group *group;
	u32 unreadable;
	bool has_layout;
	struct vde_layout layout;
	enum vde_fault fault;
	enum vde_fault directory_fault;
};

int vde_volume_open(struct vde_volume *volume, const char *path,
		    unsigned int flags);
void vde_volume_close(struct vde_volume *volume);
bool vde_volume_dirty(const struct vde_volume *volume);

/* region.c: commit slots and metadata of one region */

/**
 * struct vde_region - a region's commits as read
 * @geo: where it lies, within the volume's layout
 * @nr: its number among the regions of its kind
 * @uuid: its UUID
 * @slots: the eight commit slots
 * @faults: what is wrong with each
 * @newest: the slot that counts, unless @fault
 * @fault: VDE_FAULT_NONE or _NO_COMMIT
 */
struct vde_region {
	const struct vde_geometry *geo;
	u32 nr;
	u8 uuid[16];
	struct vde_disk_commit_slot *slots;
	enum vde_fault faults[VDE_COMMIT_SLOTS];
	u32 newest;
	enum vde_fault fault;
};

int vde_region_load(const struct vde_volume *volume, u32 index,
		    struct vde_region *region);
void vde_region_free(struct vde_region *region);
const struct vde_disk_commit *vde_region_commit(const struct vde_region *region);
u64 vde_region_hwm(const struct vde_region *region);
bool vde_region_imaged(const struct vde_region *region, u64 block);
void vde_region_ring(const struct vde_region *region, struct vde_ring *ring);
u64 vde_region_passports(const struct vde_region *region);
u64 vde_region_used_blocks(const struct vde_region *region);

/**
 * struct vde_retention - how long a WORM region's data is kept
 * @period: ticks, 0 = for ever
 * @clock: compliance clock in ticks, now or at the newest commit
 * @sealed_clock: what it was when the newest block was sealed
 * @remaining: ticks that the clock has yet to run until the newest block may
 *	expire: 0 when it may, VDE_IOC_RETENTION_NEVER when @period is for ever
 * @held: the region is under legal hold
 * @resets: how often the region was reset
 */
struct vde_retention {
	s64 period;
	s64 clock;
	s64 sealed_clock;
	s64 remaining;
	bool held;
	u64 resets;
};

void vde_region_retention(const struct vde_region *region,
			  struct vde_retention *retention);
int vde_region_read_metadata(const struct vde_volume *volume,
			     const struct vde_region *region, u64 block,
			     void *buffer, enum vde_fault *fault);

/* log.c: write records in order */

/**
 * struct vde_log - a place in a WORM region's log
 * @volume: where it lies
 * @region: the region
 * @buffer: the metadata block that @block names
 * @block: metadata block in @buffer, or all ones
 */
struct vde_log {
	const struct vde_volume *volume;
	const struct vde_region *region;
	void *buffer;
	u64 block;
};

int vde_log_open(struct vde_log *log, const struct vde_volume *volume,
		 const struct vde_region *region);
void vde_log_close(struct vde_log *log);
int vde_log_read(struct vde_log *log, u64 n, struct vde_disk_record *record,
		 enum vde_fault *fault);

/* format.c */

/**
 * struct vde_format - what a new volume shall be
 * @layout: its regions
 * @uuid: volume UUID in guid_t order
 * @label: UTF-8, at most 64 bytes
 * @retention: of each WORM region of @layout in ticks, 0 = for ever
 * @growth: of each stream of @layout: blocks by which it grows, 1..S32_MAX
 * @policy: of each stream of @layout: what it does when it is full
 * @now: ticks
 */
struct vde_format {
	struct vde_layout layout;
	u8 uuid[16];
	const char *label;
	s64 retention[VDE_MAX_REGIONS];
	u32 growth[VDE_MAX_REGIONS];
	enum vde_ring_policy policy[VDE_MAX_REGIONS];
	s64 now;
};

int vde_format(const struct vde_file *file, const struct vde_format *format);

/* check.c and check_*.c */

/**
 * enum vde_severity - what a finding means
 * @VDE_NOTE: a state that a crash may legally leave; recovery puts it right
 * @VDE_WARNING: damage that costs nothing as long as its double is intact
 * @VDE_ERROR: damage to the volume's state or to sealed data
 */
enum vde_severity {
	VDE_NOTE,
	VDE_WARNING,
	VDE_ERROR,
};

#define VDE_NOWHERE U64_MAX

/**
 * struct vde_finding - one thing that is not as it should be
 * @severity: what it means
 * @fault: what it is
 * @block: block of the volume, or VDE_NOWHERE
 * @region: region that it belongs to, or NULL
 * @record: write record and data block it is about, or VDE_NOWHERE
 */
struct vde_finding {
	enum vde_severity severity;
	enum vde_fault fault;
	u64 block;
	const struct vde_region *region;
	u64 record;
};

/**
 * struct vde_check - a check under way
 * @volume: what is checked; its file must not change meanwhile
 * @data: compare sealed data with its records, too
 * @context: passed to the callbacks
 * @finding: called for each finding
 * @progress: called while data is read, with blocks done and their total;
 *	may be NULL
 * @done: data blocks compared so far
 * @total: data blocks to compare
 * @entries: blocks that streams hold
 * @passports: that vaults hold, tombstones among them
 */
struct vde_check {
	const struct vde_volume *volume;
	bool data;
	void *context;
	void (*finding)(void *context, const struct vde_finding *finding);
	void (*progress)(void *context, u64 done, u64 total);
	u64 done;
	u64 total;
	u64 entries;
	u64 passports;
};

int vde_check_volume(struct vde_check *check);

/* device.c: active regions, by the ioctls of their character devices */

/**
 * struct vde_device - the character device of an active region
 * @fd: its descriptor
 * @minor: N of /dev/vde/dm-N and of /dev/dm-N, the block device
 */
struct vde_device {
	int fd;
	u32 minor;
};

int vde_device_find(const char *name, u32 *minor);
int vde_device_open(struct vde_device *device, const char *name,
		    unsigned int flags);
int vde_device_open_blocks(const struct vde_device *device,
			   struct vde_file *file);
void vde_device_close(struct vde_device *device);
int vde_device_info(const struct vde_device *device, struct vde_ioc_info *info);
int vde_device_status(const struct vde_device *device,
		      struct vde_ioc_status *status);
int vde_device_append(const struct vde_device *device, const void *data,
		      u64 length, u64 *block, u64 *blocks);
int vde_device_sync(const struct vde_device *device);
int vde_device_records(const struct vde_device *device, u64 first, u32 *count,
		       struct vde_ioc_record_entry *records);
int vde_device_scrub_start(const struct vde_device *device, u32 flags,
			   u64 from, u64 rate);
int vde_device_scrub_stop(const struct vde_device *device);
int vde_device_scrub_status(const struct vde_device *device,
			    struct vde_ioc_scrub_status *status);
int vde_device_retention(const struct vde_device *device,
			 struct vde_retention *retention);
int vde_device_extend_retention(const struct vde_device *device, s64 period,
				struct vde_retention *retention);
int vde_device_reset(const struct vde_device *device, u64 *records);

/* device_stream.c: active streams */
int vde_device_stream_status(const struct vde_device *device,
			     struct vde_ioc_stream_status *status);
int vde_device_consume(const struct vde_device *device, u32 flags,
		       u64 *position, u64 *consumed);
int vde_device_stream_reset(const struct vde_device *device);
int vde_device_seek(const struct vde_device *device, u64 position);
int vde_device_read(const struct vde_device *device, void *buffer, u64 *blocks);

#endif /* LIBVDE_H */

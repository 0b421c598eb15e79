/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Character devices of dm-vde, /dev/vde/dm-N: one for each active region.
 *
 * Every command takes a pointer to a structure that begins with its size in
 * bytes. A structure may grow at its end: fields that the kernel does not know
 * must be zero (else E2BIG), fields that the caller does not know are neither
 * read nor written, fields that only the caller knows are zeroed. Flags that a
 * command does not define, and fields called reserved, must be zero.
 *
 * Blocks are of 4096 bytes and counted from the region's first. Times of day
 * and lengths of time are in ticks of 100 ns; a time of day counts from
 * 0001-01-01T00:00:00Z (Unix time 0 is tick 621355968000000000). The
 * compliance clock is the time that the region has been active, in ticks;
 * nobody can set it.
 *
 * Errors that every command can return:
 *	EFAULT	a pointer is bad
 *	EINVAL	size is below that of the structure's first version; an unknown
 *		flag or a reserved field is not zero
 *	E2BIG	size is larger than what the kernel knows, and the rest is not
 *		zero; or it is above 4096
 *	EBADF	the file is not open for reading or writing, as the command needs
 *	ENODEV	the device was removed while the file was open
 *	ENOTTY	no such command, or not for this kind of region
 *	EINTR	a signal arrived while the command waited
 */
#ifndef _UAPI_LINUX_DM_VDE_H
#define _UAPI_LINUX_DM_VDE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VDE_IOC_MAGIC			0xDE

#define VDE_IOC_INFO			_IO(VDE_IOC_MAGIC, 0x00)
#define VDE_IOC_STATUS			_IO(VDE_IOC_MAGIC, 0x01)
#define VDE_IOC_APPEND			_IO(VDE_IOC_MAGIC, 0x02)
#define VDE_IOC_RECORD			_IO(VDE_IOC_MAGIC, 0x03)
#define VDE_IOC_RECORDS			_IO(VDE_IOC_MAGIC, 0x04)
#define VDE_IOC_SCRUB_START		_IO(VDE_IOC_MAGIC, 0x05)
#define VDE_IOC_SCRUB_STOP		_IO(VDE_IOC_MAGIC, 0x06)
#define VDE_IOC_SCRUB_STATUS		_IO(VDE_IOC_MAGIC, 0x07)
#define VDE_IOC_RETENTION_GET		_IO(VDE_IOC_MAGIC, 0x08)
#define VDE_IOC_RETENTION_EXTEND	_IO(VDE_IOC_MAGIC, 0x09)
#define VDE_IOC_RESET			_IO(VDE_IOC_MAGIC, 0x0A)

#define VDE_IOC_STREAM_STATUS		_IO(VDE_IOC_MAGIC, 0x20)
#define VDE_IOC_STREAM_CONSUME		_IO(VDE_IOC_MAGIC, 0x21)
#define VDE_IOC_STREAM_RESET		_IO(VDE_IOC_MAGIC, 0x22)
#define VDE_IOC_STREAM_WAIT		_IO(VDE_IOC_MAGIC, 0x23)

#define VDE_IOC_VAULT_ADD		_IO(VDE_IOC_MAGIC, 0x40)
#define VDE_IOC_VAULT_GET		_IO(VDE_IOC_MAGIC, 0x41)
#define VDE_IOC_VAULT_LIST		_IO(VDE_IOC_MAGIC, 0x42)
#define VDE_IOC_VAULT_VERIFY		_IO(VDE_IOC_MAGIC, 0x43)
#define VDE_IOC_VAULT_REMOVE		_IO(VDE_IOC_MAGIC, 0x44)
#define VDE_IOC_VAULT_STATUS		_IO(VDE_IOC_MAGIC, 0x45)

/* Most bytes that one append takes. */
#define VDE_IOC_APPEND_MAX		(16U << 20)

/* Kinds of region. */
#define VDE_IOC_KIND_WORM		0
#define VDE_IOC_KIND_STREAM		1
#define VDE_IOC_KIND_VAULT		2

/* Modes: while a region is active its mode only degrades. */
#define VDE_IOC_MODE_RW			0	/* reads and appends */
#define VDE_IOC_MODE_RO			1	/* reads */
#define VDE_IOC_MODE_FAILED		2	/* reads; a metadata write failed */

/**
 * struct vde_ioc_info - VDE_IOC_INFO: what a region is
 * @size: in: sizeof(struct vde_ioc_info)
 * @flags: in: 0
 * @kind: out: VDE_IOC_KIND_*
 * @region: out: number among the volume's regions of that kind, from 0
 * @block_size: out: bytes per block, 4096
 * @reserved: in: 0
 * @capacity: out: blocks of data; of a vault, blocks of metadata
 * @uuid: out: the region's UUID, in guid_t order
 * @volume_uuid: out: the volume's UUID, in guid_t order
 * @label: out: the volume's label, UTF-8, zero padded, not terminated when
 *	full
 * @created: out: WORM: time of day of its creation; else 0
 *
 * Needs read access. These never change while the device exists.
 */
struct vde_ioc_info {
	__u32 size;
	__u32 flags;
	__u32 kind;
	__u32 region;
	__u32 block_size;
	__u32 reserved;
	__u64 capacity;
	__u8 uuid[16];
	__u8 volume_uuid[16];
	__u8 label[64];
	__s64 created;
};

/**
 * struct vde_ioc_status - VDE_IOC_STATUS: how a WORM region is
 * @size: in: sizeof(struct vde_ioc_status)
 * @flags: in: 0
 * @mode: out: VDE_IOC_MODE_*
 * @reserved: in: 0
 * @hwm: out: high-water mark, in blocks: all below is sealed
 * @committed: out: durable high-water mark, in blocks
 * @records: out: write records
 * @inflight: out: blocks admitted and not yet sealed
 * @refused_sealed: out: writes refused since activation, to sealed blocks
 * @refused_gap: out: ... beyond a gap
 * @refused_full: out: ... past the capacity
 * @refused_op: out: ... discards and other operations
 * @corrupted: out: blocks found not to match their record since activation
 * @appends: out: appends since activation
 * @held: out: writes that had to wait for a gap below them
 * @rollbacks: out: times that a failed write took later ones with it
 * @flushes: out: flushes since activation
 * @commits: out: commits since activation
 *
 * Needs read access. The numbers belong together only approximately.
 */
struct vde_ioc_status {
	__u32 size;
	__u32 flags;
	__u32 mode;
	__u32 reserved;
	__u64 hwm;
	__u64 committed;
	__u64 records;
	__u64 inflight;
	__u64 refused_sealed;
	__u64 refused_gap;
	__u64 refused_full;
	__u64 refused_op;
	__u64 corrupted;
	__u64 appends;
	__u64 held;
	__u64 rollbacks;
	__u64 flushes;
	__u64 commits;
};

/* The append is durable when the call returns, as if fsync() had followed. */
#define VDE_IOC_APPEND_DURABLE		(1U << 0)

/**
 * struct vde_ioc_append - VDE_IOC_APPEND: seal bytes at the high-water mark
 * @size: in: sizeof(struct vde_ioc_append)
 * @flags: in: 0 or VDE_IOC_APPEND_DURABLE
 * @data: in: address of the bytes
 * @length: in: how many, 1..VDE_IOC_APPEND_MAX
 * @block: out: first block; of a stream, its position
 * @blocks: out: how many blocks, ceil(length / 4096)
 *
 * WORM regions and streams. Needs write access. The blocks are contiguous, and
 * all are sealed or none is. The last record keeps the true length; the rest of its block is zero.
 *
 * Errors::
 *
 *	EINVAL		@length is 0, or on a stream no multiple of 4096
 *	EMSGSIZE	@length is above VDE_IOC_APPEND_MAX
 *	ENOSPC		the region has no room for all of it
 *	EROFS		the region or its block device is read-only
 *	EIO		the disk beneath failed, or the region is in mode failed
 *	ENOMEM		out of memory
 */
struct vde_ioc_append {
	__u32 size;
	__u32 flags;
	__u64 data;
	__u64 length;
	__u64 block;
	__u64 blocks;
};

/**
 * struct vde_ioc_record - VDE_IOC_RECORD: the write record of one block
 * @size: in: sizeof(struct vde_ioc_record)
 * @flags: in: 0
 * @index: in: block
 * @time: out: time of day when it was sealed
 * @length: out: bytes of data in it, 1..4096
 * @reserved: in: 0
 * @digest: out: SHA-256 of those bytes
 *
 * Needs read access.
 *
 * Errors::
 *
 *	ENODATA	@index is not below the high-water mark
 *	EILSEQ	the block of records on the disk is damaged
 *	EIO	the disk beneath failed
 */
struct vde_ioc_record {
	__u32 size;
	__u32 flags;
	__u64 index;
	__s64 time;
	__u32 length;
	__u32 reserved;
	__u8 digest[32];
};

/**
 * struct vde_ioc_record_entry - one write record of VDE_IOC_RECORDS
 * @index: block
 * @time: time of day when it was sealed
 * @length: bytes of data in it, 1..4096
 * @reserved: 0
 * @digest: SHA-256 of those bytes
 */
struct vde_ioc_record_entry {
	__u64 index;
	__s64 time;
	__u32 length;
	__u32 reserved;
	__u8 digest[32];
};

/**
 * struct vde_ioc_records - VDE_IOC_RECORDS: write records of a range of blocks
 * @size: in: sizeof(struct vde_ioc_records)
 * @flags: in: 0
 * @first: in: first block
 * @count: in: room for so many records; out: records stored, fewer at the
 *	high-water mark, at a damaged record, after 2 GiB, or when the caller
 *	is killed
 * @record_size: in: sizeof(struct vde_ioc_record_entry), which may grow too
 * @records: in: address of an array of @count times @record_size bytes
 *
 * Needs read access. A range beyond the high-water mark is no error: 0 records
 * are stored.
 *
 * Errors::
 *
 *	EINVAL	@record_size is below that of the structure's first version
 *	E2BIG	@record_size is above 4096
 *	EILSEQ	the block of records with the first one is damaged
 *	EIO	the disk beneath failed
 */
struct vde_ioc_records {
	__u32 size;
	__u32 flags;
	__u64 first;
	__u32 count;
	__u32 record_size;
	__u64 records;
};

/* Go on where the last scrub since activation was stopped, or begin. */
#define VDE_IOC_SCRUB_RESUME		(1U << 0)

/**
 * struct vde_ioc_scrub_start - VDE_IOC_SCRUB_START: verify data and records
 * @size: in: sizeof(struct vde_ioc_scrub_start)
 * @flags: in: 0 or VDE_IOC_SCRUB_RESUME
 * @from: in: first block; 0 with VDE_IOC_SCRUB_RESUME
 * @rate: in: bytes of data per second at most, 0 = no limit
 *
 * Needs write access. The scrub goes on in the kernel, up to the high-water
 * mark of its start, until it is done or stopped. When all blocks from 0 on
 * have been looked at, the time when that was begun is stored in the
 * superblock.
 *
 * Errors::
 *
 *	EBUSY	a scrub is running
 *	ENODATA	@from is above the high-water mark
 *	ENOSPC	the disk beneath is smaller than the volume
 *	ENOMEM	out of memory
 */
struct vde_ioc_scrub_start {
	__u32 size;
	__u32 flags;
	__u64 from;
	__u64 rate;
};

/**
 * struct vde_ioc_scrub_stop - VDE_IOC_SCRUB_STOP: stop a scrub
 * @size: in: sizeof(struct vde_ioc_scrub_stop)
 * @flags: in: 0
 *
 * Needs write access. The scrub has stopped when this returns.
 *
 * Errors::
 *
 *	ESRCH	no scrub is running
 */
struct vde_ioc_scrub_stop {
	__u32 size;
	__u32 flags;
};

/* States of a scrub. */
#define VDE_IOC_SCRUB_NEVER		0	/* none since activation */
#define VDE_IOC_SCRUB_RUNNING		1
#define VDE_IOC_SCRUB_STOPPED		2	/* on request; can be resumed */
#define VDE_IOC_SCRUB_DONE		3	/* got to its end */
#define VDE_IOC_SCRUB_FAILED		4	/* for another reason than damage */

/* How many damaged blocks a scrub names; all are counted. */
#define VDE_IOC_SCRUB_BLOCKS		16

/**
 * struct vde_ioc_scrub_status - VDE_IOC_SCRUB_STATUS: the scrub since activation
 * @size: in: sizeof(struct vde_ioc_scrub_status)
 * @flags: in: 0
 * @state: out: VDE_IOC_SCRUB_*
 * @error: out: errno of VDE_IOC_SCRUB_FAILED, or of storing the time of
 *	VDE_IOC_SCRUB_DONE in the superblock; else 0
 * @from: out: first block looked at
 * @position: out: next block to look at
 * @end: out: first block that is not looked at
 * @rate: out: limit in bytes per second, 0 = none
 * @corrupted: out: blocks that do not match their record, or have none that is
 *	sound, or cannot be read
 * @started: out: time of day when it was started or resumed
 * @ended: out: time of day when it ended, 0 while it runs
 * @last_scrub: out: time of the last complete scrub in the superblock, 0 = none
 * @blocks: out: the first of the damaged blocks, @corrupted of them at most
 *
 * Needs read access.
 */
struct vde_ioc_scrub_status {
	__u32 size;
	__u32 flags;
	__u32 state;
	__u32 error;
	__u64 from;
	__u64 position;
	__u64 end;
	__u64 rate;
	__u64 corrupted;
	__s64 started;
	__s64 ended;
	__s64 last_scrub;
	__u64 blocks[VDE_IOC_SCRUB_BLOCKS];
};

/* The region is under legal hold. */
#define VDE_IOC_RETENTION_HELD		(1U << 0)

/* No expiry can be foreseen: retention is for ever. */
#define VDE_IOC_RETENTION_NEVER		((__s64)0x7fffffffffffffffLL)

/**
 * struct vde_ioc_retention - VDE_IOC_RETENTION_GET and _EXTEND
 * @size: in: sizeof(struct vde_ioc_retention)
 * @flags: in: 0
 * @state: out: 0 or VDE_IOC_RETENTION_HELD
 * @reserved: in: 0
 * @retention: in for EXTEND: new period in ticks; out: the period, 0 = for ever
 * @clock: out: compliance clock now
 * @sealed_clock: out: compliance clock when the newest block was sealed; 0
 *	when there is none
 * @remaining: out: ticks that the compliance clock must still run until the
 *	newest block may expire: 0 when it may, VDE_IOC_RETENTION_NEVER when
 *	retention is for ever
 * @resets: out: how often the region was reset
 *
 * GET needs read access, EXTEND write access and CAP_SYS_ADMIN. EXTEND is
 * durable when it returns. 0 extends a period to for ever, and what is for ever
 * stays so.
 *
 * Errors of EXTEND::
 *
 *	EPERM	no CAP_SYS_ADMIN
 *	EINVAL	the period is negative or shorter than the present one
 *	EROFS	the region is read-only
 *	EIO	the disk beneath failed, or the region is in mode failed
 */
struct vde_ioc_retention {
	__u32 size;
	__u32 flags;
	__u32 state;
	__u32 reserved;
	__s64 retention;
	__s64 clock;
	__s64 sealed_clock;
	__s64 remaining;
	__u64 resets;
};

/**
 * struct vde_ioc_reset - VDE_IOC_RESET: start an expired WORM region anew
 * @size: in: sizeof(struct vde_ioc_reset)
 * @flags: in: 0
 * @records: out: how many records were removed
 *
 * Needs write access and CAP_SYS_ADMIN. Durable when it returns: the region is
 * empty, and an entry says who did it, when, and how many records there were.
 *
 * Errors, the first that applies::
 *
 *	EPERM		no CAP_SYS_ADMIN
 *	EROFS		the region is read-only
 *	EIO		the region is in mode failed
 *	ENODATA		the region is empty
 *	EOPNOTSUPP	retention is for ever
 *	EACCES		the region is under legal hold
 *	EAGAIN		retention has not passed for the newest record
 *	EOVERFLOW	the number of resets is 2^64 - 1: nobody got there by resets
 *	EBUSY		somebody else has the block device or this one open, or a
 *			scrub is running
 *	EIO		the disk beneath failed: the region is in mode failed now
 */
struct vde_ioc_reset {
	__u32 size;
	__u32 flags;
	__u64 records;
};

/* What a stream does when it is full. */
#define VDE_IOC_STREAM_OVERWRITE	0	/* the oldest blocks are lost */
#define VDE_IOC_STREAM_STOP		1	/* ENOSPC until some are consumed */

/**
 * struct vde_ioc_stream_status - VDE_IOC_STREAM_STATUS: how a stream is
 * @size: in: sizeof(struct vde_ioc_stream_status)
 * @flags: in: 0
 * @mode: out: VDE_IOC_MODE_*
 * @policy: out: VDE_IOC_STREAM_OVERWRITE or VDE_IOC_STREAM_STOP
 * @growth: out: blocks by which the ring grows
 * @reserved: in: 0
 * @capacity: out: most blocks that the ring can hold
 * @allocated: out: blocks that it has grown to
 * @head: out: position of the next block to be written
 * @tail: out: oldest position that can be read
 * @committed: out: durable head
 * @lost: out: blocks that were overwritten since activation
 * @reserve: out: blocks by which the tail moves ahead of need
 * @inflight: out: blocks admitted and not yet acknowledged
 * @refused_sealed: out: writes refused since activation, behind the head
 * @refused_gap: out: ... beyond a gap
 * @refused_full: out: ... because the ring was full
 * @refused_op: out: ... discards and other operations
 * @position: out: position of the block that this open file reads next
 * @overrun: out: blocks that were lost before this open file had read them
 *
 * Needs read access. Positions are absolute, in blocks; head, tail and
 * @allocated belong together.
 */
struct vde_ioc_stream_status {
	__u32 size;
	__u32 flags;
	__u32 mode;
	__u32 policy;
	__u32 growth;
	__u32 reserved;
	__u64 capacity;
	__u64 allocated;
	__u64 head;
	__u64 tail;
	__u64 committed;
	__u64 lost;
	__u64 reserve;
	__u64 inflight;
	__u64 refused_sealed;
	__u64 refused_gap;
	__u64 refused_full;
	__u64 refused_op;
	__u64 position;
	__u64 overrun;
};

/* The argument is a number of blocks, not a position. */
#define VDE_IOC_STREAM_COUNT		(1U << 0)

/**
 * struct vde_ioc_stream_consume - VDE_IOC_STREAM_CONSUME: give blocks up
 * @size: in: sizeof(struct vde_ioc_stream_consume)
 * @flags: in: 0 or VDE_IOC_STREAM_COUNT
 * @position: in: new tail, or how many blocks to give up, more than there are
 *	meaning all; out: the tail
 * @consumed: out: how many were given up; 0 when the tail was there already
 *
 * Needs write access. Durable with the next commit: fsync() waits for it.
 *
 * Errors::
 *
 *	ENXIO	@position is beyond the head
 *	EROFS	the region is read-only
 *	EIO	the region is in mode failed
 */
struct vde_ioc_stream_consume {
	__u32 size;
	__u32 flags;
	__u64 position;
	__u64 consumed;
};

/**
 * struct vde_ioc_stream_reset - VDE_IOC_STREAM_RESET: positions start at 0 again
 * @size: in: sizeof(struct vde_ioc_stream_reset)
 * @flags: in: 0
 *
 * Needs write access and CAP_SYS_ADMIN. What is allocated stays so. Reads and
 * appends in flight end first; while it goes on, the block node answers reads
 * with ENODATA and writes with EIO. Durable when it returns.
 *
 * Errors::
 *
 *	EPERM	no CAP_SYS_ADMIN
 *	EROFS	the region is read-only
 *	EIO	the disk beneath failed, or the region is in mode failed
 */
struct vde_ioc_stream_reset {
	__u32 size;
	__u32 flags;
};

/* No time limit. */
#define VDE_IOC_STREAM_FOREVER		(~0ULL)

/**
 * struct vde_ioc_stream_wait - VDE_IOC_STREAM_WAIT: wait for the head
 * @size: in: sizeof(struct vde_ioc_stream_wait)
 * @flags: in: 0
 * @position: in: the head must move past this position
 * @timeout: in: in milliseconds, or VDE_IOC_STREAM_FOREVER
 * @head: out: the head
 * @tail: out: the tail
 *
 * Needs read access. With an error nothing is stored. poll() waits too, for the
 * head to move past the position of the open file.
 *
 * Errors::
 *
 *	ETIMEDOUT	it has not moved so far in time
 *	ECANCELED	the stream was reset meanwhile
 */
struct vde_ioc_stream_wait {
	__u32 size;
	__u32 flags;
	__u64 position;
	__u64 timeout;
	__u64 head;
	__u64 tail;
};

/* Most bytes of one passport, as it is stored. */
#define VDE_IOC_PASSPORT_MAX		516
#define VDE_IOC_ISSUER_MAX		128

/* What the signature of a passport was found to be, with the keys of that time. */
#define VDE_IOC_VERDICT_UNCHECKED	0	/* not yet looked at */
#define VDE_IOC_VERDICT_VALID		1
#define VDE_IOC_VERDICT_BAD		2	/* not by the issuer's key */
#define VDE_IOC_VERDICT_NO_KEY		3	/* no key, or no ECDSA here */
#define VDE_IOC_VERDICT_REMOVED		4	/* a tombstone has none */
#define VDE_IOC_VERDICT_DAMAGED		5	/* cannot be read any more */

/* Traits of a passport. */
#define VDE_IOC_PASSPORT_EXPIRED	(1U << 0)	/* by the wall clock */
#define VDE_IOC_PASSPORT_REMOVED	(1U << 1)	/* it is a tombstone */
#define VDE_IOC_PASSPORT_RELEASED	(1U << 2)	/* a hold that was lifted */

/**
 * struct vde_ioc_vault_add - VDE_IOC_VAULT_ADD: store a passport
 * @size: in: sizeof(struct vde_ioc_vault_add)
 * @flags: in: 0
 * @data: in: address of the passport in its stored form
 * @length: in: its length in bytes, 132..VDE_IOC_PASSPORT_MAX
 * @reserved: in: 0
 *
 * Needs write access and CAP_SYS_ADMIN. The signature is verified first. The
 * passport is durable when this returns. A legal hold has then taken hold of
 * its WORM region; a release has let it go, unless another hold is on it; a
 * time attestation has moved the compliance clock on.
 *
 * Errors, the first that applies::
 *
 *	EPERM		no CAP_SYS_ADMIN
 *	EROFS		the vault is read-only
 *	EIO		the vault is in mode failed
 *	EINVAL		not exactly one passport in canonical form; it is a
 *			tombstone; a hold, release or attestation whose object is
 *			no WORM region of this volume, a hold or release that
 *			expires, an attestation of time 0
 *	ENOPKG		the kernel has no ECDSA
 *	ENOKEY		no key of the issuer
 *	EKEYREJECTED	the signature is not by that key
 *	EEXIST		there is a passport of that id, perhaps a removed one. Of a
 *			time attestation that is there already, byte for byte, the
 *			effect has been made sure of
 *	EINVAL		a release whose notes are not the id of a hold in this vault
 *			of the same issuer and object
 *	EBUSY		the WORM region of a hold, release or attestation is
 *			suspended
 *	EROFS		that region is read-only, or would be if it were active
 *	ENOSPC		the vault is full
 *	EUCLEAN		the block that it goes to is not what it was: the vault is
 *			in mode failed now
 *	EIO		the disk beneath failed: the vault, or the WORM region, is in
 *			mode failed now
 *	ENOMEM		out of memory
 */
struct vde_ioc_vault_add {
	__u32 size;
	__u32 flags;
	__u64 data;
	__u32 length;
	__u32 reserved;
};

/**
 * struct vde_ioc_vault_get - VDE_IOC_VAULT_GET: read a passport
 * @size: in: sizeof(struct vde_ioc_vault_get)
 * @flags: in: 0
 * @id: in: passport id, in guid_t order
 * @data: in: address of a buffer
 * @length: in: its room in bytes; out: length of the passport
 * @verdict: out: VDE_IOC_VERDICT_*
 * @traits: out: VDE_IOC_PASSPORT_*
 * @reserved: in: 0
 *
 * Needs read access. A tombstone can be read too.
 *
 * Errors::
 *
 *	ENOENT		there is no passport of that id
 *	EMSGSIZE	@length is below that of the passport
 *	EUCLEAN		what is stored is damaged
 *	EIO		the disk beneath failed
 */
struct vde_ioc_vault_get {
	__u32 size;
	__u32 flags;
	__u8 id[16];
	__u64 data;
	__u32 length;
	__u32 verdict;
	__u32 traits;
	__u32 reserved;
};

/* Which passports are listed: all of these that are set must hold. */
#define VDE_IOC_VAULT_BY_OBJECT		(1U << 0)
#define VDE_IOC_VAULT_BY_FRAMEWORK	(1U << 1)
#define VDE_IOC_VAULT_BY_STATUS		(1U << 2)
#define VDE_IOC_VAULT_BY_ISSUER		(1U << 3)
#define VDE_IOC_VAULT_EXPIRED		(1U << 4)	/* expired ones only */
#define VDE_IOC_VAULT_REMOVED		(1U << 5)	/* tombstones as well */

/**
 * struct vde_ioc_passport_entry - one passport of VDE_IOC_VAULT_LIST
 * @id: passport id, in guid_t order
 * @object: object id, in guid_t order
 * @framework: as stored
 * @status: as stored; 0xFFFF of a tombstone
 * @issued: time of day
 * @expires: time of day, 0 = never
 * @verified: time of day that the issuer gave; of a tombstone, of its removal
 * @verdict: VDE_IOC_VERDICT_*
 * @traits: VDE_IOC_PASSPORT_*
 * @length: bytes of the passport
 * @issuer_length: bytes of @issuer
 * @issuer: UTF-8, zero padded
 */
struct vde_ioc_passport_entry {
	__u8 id[16];
	__u8 object[16];
	__u32 framework;
	__u32 status;
	__s64 issued;
	__s64 expires;
	__s64 verified;
	__u32 verdict;
	__u32 traits;
	__u32 length;
	__u32 issuer_length;
	__u8 issuer[VDE_IOC_ISSUER_MAX];
};

/**
 * struct vde_ioc_vault_list - VDE_IOC_VAULT_LIST: look through the vault
 * @size: in: sizeof(struct vde_ioc_vault_list)
 * @flags: in: VDE_IOC_VAULT_*
 * @cursor: in: 0 to begin; out: to go on with
 * @count: in: room for so many entries; out: entries stored, 0 at the end
 * @entry_size: in: sizeof(struct vde_ioc_passport_entry), which may grow too
 * @entries: in: address of an array of @count times @entry_size bytes
 * @object: in: with VDE_IOC_VAULT_BY_OBJECT
 * @framework: in: with VDE_IOC_VAULT_BY_FRAMEWORK
 * @status: in: with VDE_IOC_VAULT_BY_STATUS; 0xFFFF lists tombstones
 * @issuer_length: in: with VDE_IOC_VAULT_BY_ISSUER, bytes of @issuer
 * @reserved: in: 0
 * @issuer: in: with VDE_IOC_VAULT_BY_ISSUER
 *
 * Needs read access. Passports come in the order in which they were added;
 * what is added meanwhile comes at the end, and nothing comes twice or is left
 * out. Filters that are not set must be zero. Of what cannot be read any more
 * @issued, @verified and the issuer are zero, and it comes whatever the issuer
 * that is asked for.
 *
 * Errors::
 *
 *	EINVAL	@entry_size is below that of the structure's first version;
 *		a filter has a value that cannot be; @cursor is none that came
 *		from here
 *	E2BIG	@entry_size is above 4096
 */
struct vde_ioc_vault_list {
	__u32 size;
	__u32 flags;
	__u64 cursor;
	__u32 count;
	__u32 entry_size;
	__u64 entries;
	__u8 object[16];
	__u32 framework;
	__u32 status;
	__u32 issuer_length;
	__u32 reserved;
	__u8 issuer[VDE_IOC_ISSUER_MAX];
};

/* Verify all passports from the cursor on, not the one of @id. */
#define VDE_IOC_VAULT_ALL		(1U << 0)

/**
 * struct vde_ioc_verify_entry - one result of VDE_IOC_VAULT_VERIFY
 * @id: passport id, in guid_t order
 * @verdict: VDE_IOC_VERDICT_*
 * @traits: VDE_IOC_PASSPORT_*
 */
struct vde_ioc_verify_entry {
	__u8 id[16];
	__u32 verdict;
	__u32 traits;
};

/**
 * struct vde_ioc_vault_verify - VDE_IOC_VAULT_VERIFY: verify signatures again
 * @size: in: sizeof(struct vde_ioc_vault_verify)
 * @flags: in: 0 or VDE_IOC_VAULT_ALL
 * @id: in: passport id without VDE_IOC_VAULT_ALL, else 0
 * @cursor: in: 0 to begin; out: to go on with; without VDE_IOC_VAULT_ALL, 0
 * @count: in: room for so many entries; out: entries stored, 0 at the end;
 *	without VDE_IOC_VAULT_ALL, 1
 * @entry_size: in: sizeof(struct vde_ioc_verify_entry), which may grow too
 * @entries: in: address of an array of @count times @entry_size bytes
 *
 * Needs read access. With the keys as they are now. Tombstones are passed over
 * when all are verified.
 *
 * Errors::
 *
 *	EINVAL	@entry_size is below that of the structure's first version, or
 *		@count is 0; @cursor is none that came from here
 *	E2BIG	@entry_size is above 4096
 *	ENOENT	there is no passport of that id
 */
struct vde_ioc_vault_verify {
	__u32 size;
	__u32 flags;
	__u8 id[16];
	__u64 cursor;
	__u32 count;
	__u32 entry_size;
	__u64 entries;
};

/**
 * struct vde_ioc_vault_remove - VDE_IOC_VAULT_REMOVE: remove a passport
 * @size: in: sizeof(struct vde_ioc_vault_remove)
 * @flags: in: 0
 * @id: in: passport id, in guid_t order
 *
 * Needs write access and CAP_SYS_ADMIN. Only what has expired, both by the wall
 * clock and by the attested time if there is one, can be removed. A tombstone
 * stays. Durable when it returns.
 *
 * Errors, the first that applies::
 *
 *	EPERM	no CAP_SYS_ADMIN
 *	EROFS	the vault is read-only
 *	EIO	the vault is in mode failed
 *	ENOENT	there is no passport of that id, or it was removed
 *	EACCES	a legal hold or a release cannot be removed
 *	EAGAIN	it has not expired
 *	EUCLEAN	what is stored is damaged, or not what it was; then the vault is
 *		in mode failed now
 *	EIO	the disk beneath failed: the vault is in mode failed now
 */
struct vde_ioc_vault_remove {
	__u32 size;
	__u32 flags;
	__u8 id[16];
};

/* States of a vault. */
#define VDE_IOC_VAULT_NO_ECDSA		(1U << 0)	/* nothing can be verified */
#define VDE_IOC_VAULT_VERIFYING		(1U << 1)	/* in the background */
#define VDE_IOC_VAULT_DAMAGED		(1U << 2)	/* not all could be read */

/**
 * struct vde_ioc_vault_status - VDE_IOC_VAULT_STATUS: how a vault is
 * @size: in: sizeof(struct vde_ioc_vault_status)
 * @flags: in: 0
 * @mode: out: VDE_IOC_MODE_*
 * @state: out: VDE_IOC_VAULT_NO_ECDSA, _VERIFYING, _DAMAGED
 * @passports: out: passports, without tombstones
 * @removed: out: tombstones
 * @stored: out: both, as the newest commit says
 * @verified: out: passports whose verdict is VDE_IOC_VERDICT_VALID
 * @unverifiable: out: ... _NO_KEY
 * @bad: out: ... _BAD
 * @unchecked: out: ... _UNCHECKED
 * @rejected_adds: out: adds that failed since activation
 * @blocks: out: metadata blocks
 * @used_blocks: out: of those in use
 * @free_bytes: out: bytes that passports can still use
 * @holds: out: legal holds that were not released
 * @attested: out: attested time now, in ticks, 0 = none
 * @commits: out: commits since activation
 * @damaged: out: passports whose verdict is VDE_IOC_VERDICT_DAMAGED
 *
 * Needs read access.
 */
struct vde_ioc_vault_status {
	__u32 size;
	__u32 flags;
	__u32 mode;
	__u32 state;
	__u64 passports;
	__u64 removed;
	__u64 stored;
	__u64 verified;
	__u64 unverifiable;
	__u64 bad;
	__u64 unchecked;
	__u64 rejected_adds;
	__u64 blocks;
	__u64 used_blocks;
	__u64 free_bytes;
	__u64 holds;
	__s64 attested;
	__u64 commits;
	__u64 damaged;
};

#endif /* _UAPI_LINUX_DM_VDE_H */

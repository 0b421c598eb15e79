// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where each field of the character device's structures lies, in numbers: for
 * 32-bit and 64-bit programs alike, and for ever. Only compiled, with -m32 and
 * -m64, by test_char_ioctl.sh.
 */
#include <linux/dm-vde.h>

#define OFFSET(type, field, offset)					       \
	_Static_assert(__builtin_offsetof(struct vde_ioc_##type, field) ==     \
		       (offset), #type "." #field)
#define FIRST(type, bytes)						       \
	_Static_assert(sizeof(struct vde_ioc_##type) == (bytes), #type);       \
	OFFSET(type, size, 0);						       \
	OFFSET(type, flags, 4)

FIRST(info, 136);
OFFSET(info, kind, 8);
OFFSET(info, region, 12);
OFFSET(info, block_size, 16);
OFFSET(info, reserved, 20);
OFFSET(info, capacity, 24);
OFFSET(info, uuid, 32);
OFFSET(info, volume_uuid, 48);
OFFSET(info, label, 64);
OFFSET(info, created, 128);

FIRST(status, 128);
OFFSET(status, mode, 8);
OFFSET(status, reserved, 12);
OFFSET(status, hwm, 16);
OFFSET(status, committed, 24);
OFFSET(status, records, 32);
OFFSET(status, inflight, 40);
OFFSET(status, refused_sealed, 48);
OFFSET(status, refused_gap, 56);
OFFSET(status, refused_full, 64);
OFFSET(status, refused_op, 72);
OFFSET(status, corrupted, 80);
OFFSET(status, appends, 88);
OFFSET(status, held, 96);
OFFSET(status, rollbacks, 104);
OFFSET(status, flushes, 112);
OFFSET(status, commits, 120);

FIRST(append, 40);
OFFSET(append, data, 8);
OFFSET(append, length, 16);
OFFSET(append, block, 24);
OFFSET(append, blocks, 32);

FIRST(record, 64);
OFFSET(record, index, 8);
OFFSET(record, time, 16);
OFFSET(record, length, 24);
OFFSET(record, reserved, 28);
OFFSET(record, digest, 32);

_Static_assert(sizeof(struct vde_ioc_record_entry) == 56, "record_entry");
OFFSET(record_entry, index, 0);
OFFSET(record_entry, time, 8);
OFFSET(record_entry, length, 16);
OFFSET(record_entry, reserved, 20);
OFFSET(record_entry, digest, 24);

FIRST(records, 32);
OFFSET(records, first, 8);
OFFSET(records, count, 16);
OFFSET(records, record_size, 20);
OFFSET(records, records, 24);

FIRST(scrub_start, 24);
OFFSET(scrub_start, from, 8);
OFFSET(scrub_start, rate, 16);

FIRST(scrub_stop, 8);

FIRST(scrub_status, 208);
OFFSET(scrub_status, state, 8);
OFFSET(scrub_status, error, 12);
OFFSET(scrub_status, from, 16);
OFFSET(scrub_status, position, 24);
OFFSET(scrub_status, end, 32);
OFFSET(scrub_status, rate, 40);
OFFSET(scrub_status, corrupted, 48);
OFFSET(scrub_status, started, 56);
OFFSET(scrub_status, ended, 64);
OFFSET(scrub_status, last_scrub, 72);
OFFSET(scrub_status, blocks, 80);

FIRST(retention, 56);
OFFSET(retention, state, 8);
OFFSET(retention, reserved, 12);
OFFSET(retention, retention, 16);
OFFSET(retention, clock, 24);
OFFSET(retention, sealed_clock, 32);
OFFSET(retention, remaining, 40);
OFFSET(retention, resets, 48);

FIRST(reset, 16);
OFFSET(reset, records, 8);

_Static_assert(VDE_IOC_INFO == 0xDE00 && VDE_IOC_STATUS == 0xDE01 &&
	       VDE_IOC_APPEND == 0xDE02 && VDE_IOC_RECORD == 0xDE03 &&
	       VDE_IOC_RECORDS == 0xDE04 && VDE_IOC_SCRUB_START == 0xDE05 &&
	       VDE_IOC_SCRUB_STOP == 0xDE06 &&
	       VDE_IOC_SCRUB_STATUS == 0xDE07 &&
	       VDE_IOC_RETENTION_GET == 0xDE08 &&
	       VDE_IOC_RETENTION_EXTEND == 0xDE09 && VDE_IOC_RESET == 0xDE0A,
	       "numbers of the commands");
_Static_assert(VDE_IOC_APPEND_MAX == 16777216, "limit of an append");

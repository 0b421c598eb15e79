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

FIRST(vault_add, 24);
OFFSET(vault_add, data, 8);
OFFSET(vault_add, length, 16);
OFFSET(vault_add, reserved, 20);

FIRST(vault_get, 48);
OFFSET(vault_get, id, 8);
OFFSET(vault_get, data, 24);
OFFSET(vault_get, length, 32);
OFFSET(vault_get, verdict, 36);
OFFSET(vault_get, traits, 40);
OFFSET(vault_get, reserved, 44);

_Static_assert(sizeof(struct vde_ioc_passport_entry) == 208, "passport_entry");
OFFSET(passport_entry, id, 0);
OFFSET(passport_entry, object, 16);
OFFSET(passport_entry, framework, 32);
OFFSET(passport_entry, status, 36);
OFFSET(passport_entry, issued, 40);
OFFSET(passport_entry, expires, 48);
OFFSET(passport_entry, verified, 56);
OFFSET(passport_entry, verdict, 64);
OFFSET(passport_entry, traits, 68);
OFFSET(passport_entry, length, 72);
OFFSET(passport_entry, issuer_length, 76);
OFFSET(passport_entry, issuer, 80);

FIRST(vault_list, 192);
OFFSET(vault_list, cursor, 8);
OFFSET(vault_list, count, 16);
OFFSET(vault_list, entry_size, 20);
OFFSET(vault_list, entries, 24);
OFFSET(vault_list, object, 32);
OFFSET(vault_list, framework, 48);
OFFSET(vault_list, status, 52);
OFFSET(vault_list, issuer_length, 56);
OFFSET(vault_list, reserved, 60);
OFFSET(vault_list, issuer, 64);

_Static_assert(sizeof(struct vde_ioc_verify_entry) == 24, "verify_entry");
OFFSET(verify_entry, id, 0);
OFFSET(verify_entry, verdict, 16);
OFFSET(verify_entry, traits, 20);

FIRST(vault_verify, 48);
OFFSET(vault_verify, id, 8);
OFFSET(vault_verify, cursor, 24);
OFFSET(vault_verify, count, 32);
OFFSET(vault_verify, entry_size, 36);
OFFSET(vault_verify, entries, 40);

FIRST(vault_remove, 24);
OFFSET(vault_remove, id, 8);

FIRST(vault_status, 136);
OFFSET(vault_status, mode, 8);
OFFSET(vault_status, state, 12);
OFFSET(vault_status, passports, 16);
OFFSET(vault_status, removed, 24);
OFFSET(vault_status, stored, 32);
OFFSET(vault_status, verified, 40);
OFFSET(vault_status, unverifiable, 48);
OFFSET(vault_status, bad, 56);
OFFSET(vault_status, unchecked, 64);
OFFSET(vault_status, rejected_adds, 72);
OFFSET(vault_status, blocks, 80);
OFFSET(vault_status, used_blocks, 88);
OFFSET(vault_status, free_bytes, 96);
OFFSET(vault_status, holds, 104);
OFFSET(vault_status, attested, 112);
OFFSET(vault_status, commits, 120);
OFFSET(vault_status, damaged, 128);

_Static_assert(VDE_IOC_VAULT_ADD == 0xDE40 && VDE_IOC_VAULT_GET == 0xDE41 &&
	       VDE_IOC_VAULT_LIST == 0xDE42 && VDE_IOC_VAULT_VERIFY == 0xDE43 &&
	       VDE_IOC_VAULT_REMOVE == 0xDE44 &&
	       VDE_IOC_VAULT_STATUS == 0xDE45, "numbers of a vault's commands");
_Static_assert(VDE_IOC_VAULT_BY_OBJECT == 1 && VDE_IOC_VAULT_BY_FRAMEWORK == 2 &&
	       VDE_IOC_VAULT_BY_STATUS == 4 && VDE_IOC_VAULT_BY_ISSUER == 8 &&
	       VDE_IOC_VAULT_EXPIRED == 16 && VDE_IOC_VAULT_REMOVED == 32 &&
	       VDE_IOC_VAULT_ALL == 1 && VDE_IOC_VAULT_NO_ECDSA == 1 &&
	       VDE_IOC_VAULT_VERIFYING == 2 && VDE_IOC_VAULT_DAMAGED == 4,
	       "flags of a vault's commands");
_Static_assert(VDE_IOC_PASSPORT_MAX == 516 && VDE_IOC_ISSUER_MAX == 128,
	       "limits of passports");
_Static_assert(VDE_IOC_INFO == 0xDE00 && VDE_IOC_STATUS == 0xDE01 &&
	       VDE_IOC_APPEND == 0xDE02 && VDE_IOC_RECORD == 0xDE03 &&
	       VDE_IOC_RECORDS == 0xDE04 && VDE_IOC_SCRUB_START == 0xDE05 &&
	       VDE_IOC_SCRUB_STOP == 0xDE06 &&
	       VDE_IOC_SCRUB_STATUS == 0xDE07 &&
	       VDE_IOC_RETENTION_GET == 0xDE08 &&
	       VDE_IOC_RETENTION_EXTEND == 0xDE09 && VDE_IOC_RESET == 0xDE0A,
	       "numbers of the commands");
_Static_assert(VDE_IOC_APPEND_MAX == 16777216, "limit of an append");

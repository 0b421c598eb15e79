/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_VAULT_INDEX_H
#define VDE_VAULT_INDEX_H

#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "rules.h"

/**
 * enum vde_verdict - what a passport's signature was found to be
 * @VDE_VERDICT_UNCHECKED: nobody has looked yet
 * @VDE_VERDICT_VALID: it is by the issuer's key
 * @VDE_VERDICT_BAD: it is not
 * @VDE_VERDICT_NO_KEY: nobody can say
 * @VDE_VERDICT_REMOVED: a tombstone has none
 * @VDE_VERDICT_DAMAGED: it was read when the vault was activated, and cannot be
 *	now
 */
enum vde_verdict {
	VDE_VERDICT_UNCHECKED,
	VDE_VERDICT_VALID,
	VDE_VERDICT_BAD,
	VDE_VERDICT_NO_KEY,
	VDE_VERDICT_REMOVED,
	VDE_VERDICT_DAMAGED,
	/* private: */
	VDE_VERDICTS
};

/**
 * struct vde_vault_object - all passports of one object
 * @node: in the index, by @id
 * @id: object id
 * @passports: in the order in which they were added
 * @holds: legal holds on it, struct vde_vault_hold
 * @held: of those, how many are in force
 */
struct vde_vault_object {
	struct rhash_head node;
	u8 id[16];
	struct list_head passports;
	struct list_head holds;
	u32 held;
};

/**
 * struct vde_vault_hold - a legal hold
 * @list: in its object's
 * @entry: its passport
 * @released: it was lifted
 * @issuer_length: bytes of @issuer
 * @issuer: who alone can lift it
 */
struct vde_vault_hold {
	struct list_head list;
	const struct vde_vault_entry *entry;
	bool released;
	u32 issuer_length;
	u8 issuer[];
};

/**
 * struct vde_vault_entry - where a passport is, and what lists ask for
 * @node: in the index, by @id
 * @of_object: in its object's list
 * @of_framework: in the list of its framework
 * @object: its object
 * @id: passport id
 * @expires: ticks, 0 = never
 * @ordinal: number in the order in which passports were added
 * @block: metadata block
 * @offset: in that block
 * @length: in bytes
 * @status: enum vde_passport_status
 * @framework: enum vde_framework
 * @verdict: enum vde_verdict; protected by the index's verdicts lock
 *
 * Lives until the vault is closed: a removed passport leaves a tombstone. All
 * but @status and @verdict never change.
 */
struct vde_vault_entry {
	struct rhash_head node;
	struct list_head of_object;
	struct list_head of_framework;
	struct vde_vault_object *object;
	u8 id[16];
	s64 expires;
	u32 ordinal;
	u32 block;
	u16 offset;
	u16 length;
	u16 status;
	u8 framework;
	u8 verdict;
};

/**
 * struct vde_vault_index - all passports of a vault
 * @ids: entries by passport id
 * @objects: objects by their id
 * @order: entries by ordinal
 * @frameworks: entries by framework, in the order of ordinals
 * @published: ordinals below are durable: others are not to be seen
 * @holds: legal holds in force
 * @verdicts_lock: protects the verdicts, and @count
 * @count: published entries by verdict
 *
 * Its owner's lock protects it, held for writing where it changes. Finding and
 * adding cost the same however many passports there are.
 */
struct vde_vault_index {
	struct rhashtable ids;
	struct rhashtable objects;
	struct xarray order;
	struct list_head frameworks[VDE_FRAMEWORKS];
	u32 published;
	u32 holds;
	spinlock_t verdicts_lock;	/* of verdicts */
	u64 count[VDE_VERDICTS];
};

/**
 * struct vde_vault_filter - which entries are asked for
 * @object: object id, or NULL
 * @framework: enum vde_framework, or -1
 * @status: enum vde_passport_status, or -1
 * @expired_at: only what has expired at that time in ticks, or 0
 * @removed: tombstones too
 */
struct vde_vault_filter {
	const u8 *object;
	int framework;
	int status;
	s64 expired_at;
	bool removed;
};

int vde_vault_index_init(struct vde_vault_index *index);
void vde_vault_index_exit(struct vde_vault_index *index);
struct vde_vault_entry *
vde_vault_index_find(struct vde_vault_index *index, const u8 id[16]);
struct vde_vault_entry *
vde_vault_index_at(struct vde_vault_index *index, u32 ordinal);
struct vde_vault_object *
vde_vault_index_object(struct vde_vault_index *index, const u8 id[16]);
struct vde_vault_entry *
vde_vault_index_add(struct vde_vault_index *index,
		    const struct vde_passport *passport, u32 block, u32 offset);
void vde_vault_index_publish(struct vde_vault_index *index,
			     struct vde_vault_entry *entry,
			     const struct vde_passport *passport,
			     enum vde_verdict verdict);
void vde_vault_index_undo(struct vde_vault_index *index,
			  struct vde_vault_entry *entry);
void vde_vault_index_remove(struct vde_vault_index *index,
			    struct vde_vault_entry *entry);
void vde_vault_index_judge(struct vde_vault_index *index,
			   struct vde_vault_entry *entry,
			   enum vde_verdict verdict);
bool vde_vault_index_expired(const struct vde_vault_entry *entry, s64 now);
struct vde_vault_hold *
vde_vault_index_released(struct vde_vault_index *index,
			 const struct vde_passport *release);
bool vde_vault_index_is_released(const struct vde_vault_entry *entry);
bool vde_vault_index_holds(struct vde_vault_index *index, const u8 object[16]);

/* vault_filter.c */
struct vde_vault_entry *
vde_vault_index_next(struct vde_vault_index *index,
		     const struct vde_vault_filter *filter, u32 *cursor,
		     u32 *budget);

#endif /* VDE_VAULT_INDEX_H */

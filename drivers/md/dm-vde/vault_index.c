// SPDX-License-Identifier: GPL-2.0-only
/*
 * Index of a vault: passports by id, by object, by framework and in the order
 * in which they were added. Design section "Vault".
 */
#include <linux/err.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "vault_index.h"

static const struct rhashtable_params id_params = {
	.head_offset = offsetof(struct vde_vault_entry, node),
	.key_offset = offsetof(struct vde_vault_entry, id),
	.key_len = sizeof_field(struct vde_vault_entry, id),
	.automatic_shrinking = true,
};

static const struct rhashtable_params object_params = {
	.head_offset = offsetof(struct vde_vault_object, node),
	.key_offset = offsetof(struct vde_vault_object, id),
	.key_len = sizeof_field(struct vde_vault_object, id),
	.automatic_shrinking = true,
};

/**
 * vde_vault_index_init - make an empty index
 * @index: to fill
 *
 * Return: 0 or -ENOMEM.
 */
int vde_vault_index_init(struct vde_vault_index *index)
{
	int err;
	u32 i;

	memset(index, 0, sizeof(*index));
	spin_lock_init(&index->verdicts_lock);
	xa_init(&index->order);
	for (i = 0; i < VDE_FRAMEWORKS; i++)
		INIT_LIST_HEAD(&index->frameworks[i]);
	err = rhashtable_init(&index->ids, &id_params);
	if (err)
		return err;
	err = rhashtable_init(&index->objects, &object_params);
	if (err) {
		rhashtable_destroy(&index->ids);
		index->ids.tbl = NULL;
	}
	return err;
}

static void free_object(void *object, void *arg)
{
	struct vde_vault_hold *hold, *next;
	struct vde_vault_object *o = object;

	list_for_each_entry_safe(hold, next, &o->holds, list)
		kfree(hold);
	kfree(o);
}

/**
 * vde_vault_index_exit - free an index and all that is in it
 * @index: nobody uses it any more; may be one that could not be made
 */
void vde_vault_index_exit(struct vde_vault_index *index)
{
	struct vde_vault_entry *entry;
	unsigned long ordinal;

	if (!index->ids.tbl)
		return;
	rhashtable_destroy(&index->ids);
	xa_for_each(&index->order, ordinal, entry)
		kfree(entry);
	xa_destroy(&index->order);
	rhashtable_free_and_destroy(&index->objects, free_object, NULL);
}

/**
 * vde_vault_index_find - find a passport by its id
 * @index: locked
 * @id: passport id
 *
 * Return: the entry, a tombstone perhaps, or NULL. Before it is published only
 * who adds may look.
 */
struct vde_vault_entry *
vde_vault_index_find(struct vde_vault_index *index, const u8 id[16])
{
	struct vde_vault_entry *entry =
		rhashtable_lookup_fast(&index->ids, id, id_params);

	return entry && entry->ordinal < index->published ? entry : NULL;
}

/**
 * vde_vault_index_at - find a passport by its ordinal
 * @index: locked
 * @ordinal: any
 *
 * Return: the entry, a tombstone perhaps, or NULL.
 */
struct vde_vault_entry *
vde_vault_index_at(struct vde_vault_index *index, u32 ordinal)
{
	return ordinal < index->published ? xa_load(&index->order, ordinal) :
					    NULL;
}

/**
 * vde_vault_index_object - find an object by its id
 * @index: locked
 * @id: object id
 *
 * Return: the object, or NULL.
 */
struct vde_vault_object *
vde_vault_index_object(struct vde_vault_index *index, const u8 id[16])
{
	return rhashtable_lookup_fast(&index->objects, id, object_params);
}

/* Objects stay, even if all that was known of one is taken back. */
static struct vde_vault_object *get_object(struct vde_vault_index *index,
					   const u8 id[16])
{
	struct vde_vault_object *object = vde_vault_index_object(index, id);
	int err;

	if (object)
		return object;
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	if (!object)
		return ERR_PTR(-ENOMEM);
	memcpy(object->id, id, sizeof(object->id));
	INIT_LIST_HEAD(&object->passports);
	INIT_LIST_HEAD(&object->holds);
	err = rhashtable_insert_fast(&index->objects, &object->node,
				     object_params);
	if (!err)
		return object;
	kfree(object);
	return ERR_PTR(-ENOMEM);
}

static int add_hold(const struct vde_vault_entry *entry,
		    const struct vde_passport *passport)
{
	struct vde_vault_hold *hold;

	hold = kzalloc(struct_size(hold, issuer, passport->issuer_length),
		       GFP_KERNEL);
	if (!hold)
		return -ENOMEM;
	hold->entry = entry;
	hold->issuer_length = passport->issuer_length;
	memcpy(hold->issuer, passport->issuer, passport->issuer_length);
	list_add_tail(&hold->list, &entry->object->holds);
	return 0;
}

static struct vde_vault_hold *find_hold(const struct vde_vault_entry *entry)
{
	struct vde_vault_hold *hold;

	list_for_each_entry(hold, &entry->object->holds, list)
		if (hold->entry == entry)
			return hold;
	return NULL;
}

static struct vde_vault_entry *
create_entry(const struct vde_passport *passport, u32 ordinal, u32 block,
	     u32 offset)
{
	struct vde_vault_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	memcpy(entry->id, passport->id, sizeof(entry->id));
	entry->expires = passport->expires;
	entry->ordinal = ordinal;
	entry->block = block;
	entry->offset = offset;
	entry->length = passport->size;
	entry->status = passport->status;
	entry->framework = passport->framework;
	return entry;
}

static void drop_hold(const struct vde_vault_entry *entry)
{
	struct vde_vault_hold *hold = find_hold(entry);

	if (!hold)
		return;
	list_del(&hold->list);
	kfree(hold);
}

/* All that can fail; the rest is done when it is published. */
static int insert(struct vde_vault_index *index, struct vde_vault_entry *entry,
		  const struct vde_passport *passport)
{
	int err;

	entry->object = get_object(index, passport->object);
	if (IS_ERR(entry->object))
		return PTR_ERR(entry->object);
	err = rhashtable_lookup_insert_fast(&index->ids, &entry->node,
					    id_params);
	if (err)
		return err == -EEXIST ? err : -ENOMEM;
	err = xa_err(xa_store(&index->order, entry->ordinal, entry,
			      GFP_KERNEL));
	if (!err && entry->status == VDE_PASSPORT_HOLD)
		err = add_hold(entry, passport);
	if (!err)
		return 0;
	xa_erase(&index->order, entry->ordinal);
	rhashtable_remove_fast(&index->ids, &entry->node, id_params);
	return -ENOMEM;
}

/**
 * vde_vault_index_add - note a passport that is about to be stored
 * @index: locked for writing
 * @passport: decoded
 * @block: metadata block where it will be
 * @offset: in that block
 *
 * Nobody sees it until vde_vault_index_publish(), which cannot fail.
 *
 * Return: the entry; ERR_PTR(-EEXIST) when there is a passport of that id;
 * ERR_PTR(-ENOMEM).
 */
struct vde_vault_entry *
vde_vault_index_add(struct vde_vault_index *index,
		    const struct vde_passport *passport, u32 block, u32 offset)
{
	struct vde_vault_entry *entry;
	int err;

	entry = create_entry(passport, index->published, block, offset);
	if (!entry)
		return ERR_PTR(-ENOMEM);
	err = insert(index, entry, passport);
	if (!err)
		return entry;
	kfree(entry);
	return ERR_PTR(err);
}

/**
 * vde_vault_index_undo - forget a passport that could not be stored
 * @index: locked for writing
 * @entry: from vde_vault_index_add(), not published; freed
 */
void vde_vault_index_undo(struct vde_vault_index *index,
			  struct vde_vault_entry *entry)
{
	drop_hold(entry);
	xa_erase(&index->order, entry->ordinal);
	rhashtable_remove_fast(&index->ids, &entry->node, id_params);
	kfree(entry);
}

static bool same_issuer(const struct vde_vault_hold *hold,
			const struct vde_passport *passport)
{
	return hold->issuer_length == passport->issuer_length &&
	       !memcmp(hold->issuer, passport->issuer, hold->issuer_length);
}

/**
 * vde_vault_index_released - the hold that a release lifts
 * @index: locked
 * @release: decoded passport of status VDE_PASSPORT_RELEASE
 *
 * Return: the hold, lifted already perhaps; NULL if the release names none of
 * its issuer on its object.
 */
struct vde_vault_hold *
vde_vault_index_released(struct vde_vault_index *index,
			 const struct vde_passport *release)
{
	struct vde_vault_entry *entry;
	struct vde_vault_hold *hold;
	u8 id[16];

	if (!vde_passport_released_hold(release, id))
		return NULL;
	entry = vde_vault_index_find(index, id);
	if (!entry || memcmp(entry->object->id, release->object, 16))
		return NULL;
	hold = find_hold(entry);
	return hold && same_issuer(hold, release) ? hold : NULL;
}

static void take_effect(struct vde_vault_index *index,
			const struct vde_vault_entry *entry,
			const struct vde_passport *passport)
{
	struct vde_vault_hold *hold;

	if (entry->status == VDE_PASSPORT_HOLD) {
		index->holds++;
		entry->object->held++;
		return;
	}
	if (entry->status != VDE_PASSPORT_RELEASE)
		return;
	hold = vde_vault_index_released(index, passport);
	if (!hold || hold->released)
		return;
	hold->released = true;
	index->holds--;
	hold->entry->object->held--;
}

/**
 * vde_vault_index_publish - a passport is stored
 * @index: locked for writing
 * @entry: from the last vde_vault_index_add()
 * @passport: the same as there
 * @verdict: what is known of its signature
 *
 * A hold is in force from now on, what a release lifts is not.
 */
void vde_vault_index_publish(struct vde_vault_index *index,
			     struct vde_vault_entry *entry,
			     const struct vde_passport *passport,
			     enum vde_verdict verdict)
{
	if (entry->status == VDE_PASSPORT_REMOVED)
		verdict = VDE_VERDICT_REMOVED;
	list_add_tail(&entry->of_object, &entry->object->passports);
	list_add_tail(&entry->of_framework,
		      &index->frameworks[entry->framework]);
	index->published++;
	take_effect(index, entry, passport);
	spin_lock(&index->verdicts_lock);
	entry->verdict = verdict;
	index->count[verdict]++;
	spin_unlock(&index->verdicts_lock);
}

/**
 * vde_vault_index_judge - note what a signature was found to be
 * @index: locked, for reading at least
 * @entry: published
 * @verdict: ignored for a tombstone
 */
void vde_vault_index_judge(struct vde_vault_index *index,
			   struct vde_vault_entry *entry,
			   enum vde_verdict verdict)
{
	spin_lock(&index->verdicts_lock);
	if (entry->verdict != VDE_VERDICT_REMOVED) {
		index->count[entry->verdict]--;
		entry->verdict = verdict;
		index->count[verdict]++;
	}
	spin_unlock(&index->verdicts_lock);
}

/**
 * vde_vault_index_remove - a passport is a tombstone now
 * @index: locked for writing
 * @entry: published; no hold
 */
void vde_vault_index_remove(struct vde_vault_index *index,
			    struct vde_vault_entry *entry)
{
	vde_vault_index_judge(index, entry, VDE_VERDICT_REMOVED);
	entry->status = VDE_PASSPORT_REMOVED;
}

/**
 * vde_vault_index_expired - has a passport expired?
 * @entry: published; the index is locked
 * @now: ticks
 *
 * Return: as vde_passport_expired(); false of a tombstone.
 */
bool vde_vault_index_expired(const struct vde_vault_entry *entry, s64 now)
{
	struct vde_passport passport = {
		.status = entry->status,
		.expires = entry->expires,
	};

	return entry->status != VDE_PASSPORT_REMOVED &&
	       vde_passport_expired(&passport, now);
}

/**
 * vde_vault_index_is_released - is it a hold that was lifted?
 * @entry: published; the index is locked
 *
 * Return: true if so.
 */
bool vde_vault_index_is_released(const struct vde_vault_entry *entry)
{
	const struct vde_vault_hold *hold;

	if (entry->status != VDE_PASSPORT_HOLD)
		return false;
	hold = find_hold(entry);
	return hold && hold->released;
}

/**
 * vde_vault_index_holds - is an object under a hold that is in force?
 * @index: locked
 * @object: its id
 *
 * Return: true if so.
 */
bool vde_vault_index_holds(struct vde_vault_index *index, const u8 object[16])
{
	const struct vde_vault_object *found =
		vde_vault_index_object(index, object);

	return found && found->held;
}

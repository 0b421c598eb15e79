// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of passports: what a filter lets through, in the order in which
 * passports were added. Nothing comes twice, whatever is added meanwhile.
 */
#include "vault_index.h"

static bool matches(const struct vde_vault_entry *entry,
		    const struct vde_vault_filter *filter)
{
	if (filter->object &&
	    memcmp(entry->object->id, filter->object, sizeof(entry->id)))
		return false;
	if (filter->framework >= 0 && entry->framework != filter->framework)
		return false;
	if (filter->status >= 0 && entry->status != filter->status)
		return false;
	if (filter->status < 0 && entry->status == VDE_PASSPORT_REMOVED &&
	    !filter->removed)
		return false;
	return !filter->expired_at ||
	       vde_vault_index_expired(entry, filter->expired_at);
}

/*
 * The entry after @entry in the list that serves the filter best. A cursor may
 * come from another list: then what follows in the vault leads to that one.
 */
static struct vde_vault_entry *
following(struct vde_vault_index *index, struct vde_vault_entry *entry,
	  const struct vde_vault_filter *filter)
{
	if (filter->object &&
	    !memcmp(entry->object->id, filter->object, sizeof(entry->id)))
		return list_is_last(&entry->of_object,
				    &entry->object->passports) ?
		       NULL : list_next_entry(entry, of_object);
	if (!filter->object && filter->framework == entry->framework)
		return list_is_last(&entry->of_framework,
				    &index->frameworks[entry->framework]) ?
		       NULL : list_next_entry(entry, of_framework);
	return vde_vault_index_at(index, entry->ordinal + 1);
}

static struct vde_vault_entry *first(struct vde_vault_index *index,
				     const struct vde_vault_filter *filter)
{
	struct vde_vault_object *object;
	struct list_head *list;

	if (filter->object) {
		object = vde_vault_index_object(index, filter->object);
		return object ?
		       list_first_entry_or_null(&object->passports,
						struct vde_vault_entry,
						of_object) : NULL;
	}
	if (filter->framework < 0)
		return vde_vault_index_at(index, 0);
	list = &index->frameworks[filter->framework];
	return list_first_entry_or_null(list, struct vde_vault_entry,
					of_framework);
}

/* Where to go on: behind the entry that was looked at last. */
static struct vde_vault_entry *
resume_at(struct vde_vault_index *index, const struct vde_vault_filter *filter,
	  u32 cursor)
{
	struct vde_vault_entry *entry;

	if (!cursor)
		return first(index, filter);
	entry = vde_vault_index_at(index, cursor - 1);
	return entry ? following(index, entry, filter) : NULL;
}

/**
 * vde_vault_index_next - the next passport that a filter lets through
 * @index: locked
 * @filter: which ones are asked for
 * @cursor: 0 to begin; moved behind what was looked at
 * @budget: entries to look at; counted down
 *
 * Return: the entry; NULL with @budget left at the end, and without when it
 * must be called again.
 */
struct vde_vault_entry *
vde_vault_index_next(struct vde_vault_index *index,
		     const struct vde_vault_filter *filter, u32 *cursor,
		     u32 *budget)
{
	struct vde_vault_entry *entry = resume_at(index, filter, *cursor);

	for (; entry && *budget; entry = following(index, entry, filter)) {
		--*budget;
		*cursor = entry->ordinal + 1;
		if (matches(entry, filter))
			return entry;
	}
	return NULL;
}

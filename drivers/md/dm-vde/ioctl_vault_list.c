// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that go through a vault: lists and verification. The caller's
 * memory is touched only when the region is let go: see vde_ioctl_step_out().
 */
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <uapi/linux/dm-vde.h>

#include "ioctl.h"
#include "vault.h"

#define BATCH		8U	/* entries in our memory at a time */
#define BUDGET		4096U	/* entries looked at in one go */

/**
 * struct listing - a list being made
 * @call: the caller's
 * @list: what the caller asked for
 * @filter: the same, for the index
 * @cursor: where it has come to
 * @ended: there is no more
 */
struct listing {
	struct vde_ioctl_call *call;
	const struct vde_ioc_vault_list *list;
	struct vde_vault_filter filter;
	u32 cursor;
	bool ended;
};

static bool is_zero(const void *field, size_t size)
{
	return !memchr_inv(field, 0, size);
}

static int check_filters(const struct vde_ioc_vault_list *list)
{
	u32 flags = list->flags;

	if (!(flags & VDE_IOC_VAULT_BY_OBJECT) &&
	    !is_zero(list->object, sizeof(list->object)))
		return -EINVAL;
	if (flags & VDE_IOC_VAULT_BY_FRAMEWORK ?
	    list->framework >= VDE_FRAMEWORKS : list->framework)
		return -EINVAL;
	if (flags & VDE_IOC_VAULT_BY_STATUS ?
	    !vde_passport_status_name(list->status) : list->status)
		return -EINVAL;
	if (!(flags & VDE_IOC_VAULT_BY_ISSUER) && list->issuer_length)
		return -EINVAL;
	if (list->issuer_length > VDE_ISSUER_MAX ||
	    !is_zero(list->issuer + list->issuer_length,
		     VDE_ISSUER_MAX - list->issuer_length))
		return -EINVAL;
	return 0;
}

static void set_filter(struct vde_vault_filter *filter,
		       const struct vde_ioc_vault_list *list)
{
	u32 flags = list->flags;

	filter->object = flags & VDE_IOC_VAULT_BY_OBJECT ? list->object : NULL;
	filter->framework = flags & VDE_IOC_VAULT_BY_FRAMEWORK ?
			    (int)list->framework : -1;
	filter->status = flags & VDE_IOC_VAULT_BY_STATUS ?
			 (int)list->status : -1;
	filter->expired_at = flags & VDE_IOC_VAULT_EXPIRED ?
			     vde_clock_wall() : 0;
	filter->removed = flags & VDE_IOC_VAULT_REMOVED;
}

static bool is_issuer(const struct listing *listing,
		      const struct vde_passport *passport)
{
	const struct vde_ioc_vault_list *list = listing->list;

	if (!(list->flags & VDE_IOC_VAULT_BY_ISSUER))
		return true;
	return passport->issuer_length == list->issuer_length &&
	       !memcmp(passport->issuer, list->issuer, list->issuer_length);
}

static void fill(struct vde_ioc_passport_entry *out,
		 const struct vde_vault_entry *entry,
		 const struct vde_passport *passport)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, passport->id, sizeof(out->id));
	memcpy(out->object, passport->object, sizeof(out->object));
	out->framework = passport->framework;
	out->status = passport->status;
	out->issued = passport->issued;
	out->expires = passport->expires;
	out->verified = passport->verified;
	out->verdict = entry->verdict;
	out->traits = vde_ioctl_vault_traits(entry);
	out->length = passport->size;
	out->issuer_length = passport->issuer_length;
	memcpy(out->issuer, passport->issuer, passport->issuer_length);
}

/* What the index knows of a passport that cannot be read any more. */
static void fill_lost(struct vde_ioc_passport_entry *out,
		      const struct vde_vault_entry *entry)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, entry->id, sizeof(out->id));
	memcpy(out->object, entry->object->id, sizeof(out->object));
	out->framework = entry->framework;
	out->status = entry->status;
	out->expires = entry->expires;
	out->verdict = VDE_VERDICT_DAMAGED;
	out->traits = vde_ioctl_vault_traits(entry);
	out->length = entry->length;
}

static void list_locked(struct listing *listing,
			struct vde_ioc_passport_entry *batch, u32 room,
			u32 *got)
{
	struct vde_vault *vault = to_vault(listing->call->region);
	struct vde_vault_entry *entry;
	u8 buffer[VDE_PASSPORT_MAX];
	struct vde_passport passport;
	u32 budget = BUDGET;
	int err;

	lockdep_assert_held(&vault->lock);
	while (*got < room && budget) {
		entry = vde_vault_index_next(&vault->index, &listing->filter,
					     &listing->cursor, &budget);
		if (!entry)
			break;
		err = vde_vault_read(vault, entry, buffer, &passport);
		if (err) {
			vde_vault_lost(vault, entry, err);
			fill_lost(&batch[(*got)++], entry);
		} else if (is_issuer(listing, &passport)) {
			fill(&batch[(*got)++], entry, &passport);
		}
	}
	listing->ended = *got < room && budget;
}

/* A batch in our memory, for which the caller need not be inside the gate. */
static int list_batch(struct listing *listing,
		      struct vde_ioc_passport_entry *batch, u32 room, u32 *got)
{
	struct vde_vault *vault = to_vault(listing->call->region);
	int err;

	*got = 0;
	err = vde_gate_enter(&vault->region.gate);
	if (err)
		return err;
	down_read(&vault->lock);
	list_locked(listing, batch, room, got);
	up_read(&vault->lock);
	vde_gate_leave(&vault->region.gate);
	return 0;
}

static int put_list(struct listing *listing, u32 count, struct iov_iter *to,
		    u32 *done)
{
	struct vde_ioc_passport_entry *batch;
	int err = 0;
	u32 got;

	batch = kmalloc_array(BATCH, sizeof(*batch), GFP_KERNEL);
	if (!batch)
		return -ENOMEM;
	*done = 0;
	while (!err && !listing->ended && *done < count &&
	       !fatal_signal_pending(current)) {
		err = list_batch(listing, batch, min(count - *done, BATCH),
				 &got);
		if (!err)
			err = vde_ioctl_put_entries(listing->call, to,
						    listing->list->entry_size,
						    batch, sizeof(*batch), got);
		*done += got;
	}
	kfree(batch);
	return *done && err != -EFAULT ? 0 : err;
}

#define LIST_ENTRY_SIZE_V1 208U	/* stays when the structure grows */
static_assert(sizeof(struct vde_ioc_passport_entry) >= LIST_ENTRY_SIZE_V1);

static bool is_cursor(struct vde_vault *vault, u64 cursor)
{
	bool is;

	down_read(&vault->lock);
	is = cursor <= vault->index.published;
	up_read(&vault->lock);
	return is;
}

static int run_list(struct vde_ioctl_call *call)
{
	struct vde_ioc_vault_list *list = call->arg;
	struct listing listing = {
		.call = call,
		.list = list,
		.cursor = list->cursor,
	};
	u32 count = list->count;
	struct iov_iter to;
	int err;

	err = check_filters(list);
	if (!err)
		err = vde_ioctl_import_entries(list->entries, list->entry_size,
					       LIST_ENTRY_SIZE_V1, &count, &to);
	if (!err && !is_cursor(to_vault(call->region), list->cursor))
		err = -EINVAL;
	if (err)
		return err;
	set_filter(&listing.filter, list);
	err = put_list(&listing, count, &to, &list->count);
	list->cursor = listing.cursor;
	return err;
}

static int verify_gated(struct vde_vault *vault, struct vde_vault_entry *entry,
			struct vde_ioc_verify_entry *out)
{
	enum vde_verdict verdict;
	int err = vde_vault_verify(vault, entry, &verdict);

	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	memcpy(out->id, entry->id, sizeof(out->id));
	out->verdict = verdict;
	down_read(&vault->lock);
	out->traits = vde_ioctl_vault_traits(entry);
	up_read(&vault->lock);
	return 0;
}

/* Entries stay as long as the vault. */
static struct vde_vault_entry *find(struct vde_vault *vault, const u8 id[16])
{
	struct vde_vault_entry *entry;

	down_read(&vault->lock);
	entry = vde_vault_index_find(&vault->index, id);
	up_read(&vault->lock);
	return entry;
}

static struct vde_vault_entry *next(struct vde_vault *vault, u32 *cursor)
{
	const struct vde_vault_filter all = { .framework = -1, .status = -1 };
	struct vde_vault_entry *entry;
	u32 budget = U32_MAX;

	down_read(&vault->lock);
	entry = vde_vault_index_next(&vault->index, &all, cursor, &budget);
	up_read(&vault->lock);
	return entry;
}

/* The one that is asked for, or the next; -ENOENT when there is none. */
static int verify_next(struct vde_vault *vault,
		       const struct vde_ioc_vault_verify *verify, u32 *cursor,
		       struct vde_ioc_verify_entry *out)
{
	struct vde_vault_entry *entry;
	u32 before = *cursor;
	int err;

	err = vde_gate_enter(&vault->region.gate);
	if (err)
		return err;
	entry = verify->flags & VDE_IOC_VAULT_ALL ? next(vault, cursor) :
						    find(vault, verify->id);
	err = entry ? verify_gated(vault, entry, out) : -ENOENT;
	if (err && err != -ENOENT)
		*cursor = before;
	vde_gate_leave(&vault->region.gate);
	return err;
}

static int put_verdicts(struct vde_ioctl_call *call, u32 count,
			struct iov_iter *to)
{
	struct vde_ioc_vault_verify *verify = call->arg;
	bool all = verify->flags & VDE_IOC_VAULT_ALL;
	struct vde_ioc_verify_entry entry;
	u32 cursor = verify->cursor;
	u32 done = 0;
	int err = 0;

	while (!err && done < count && !fatal_signal_pending(current)) {
		err = verify_next(to_vault(call->region), verify, &cursor,
				  &entry);
		if (err)
			break;
		err = vde_ioctl_put_entries(call, to, verify->entry_size,
					    &entry, sizeof(entry), 1);
		if (err == -EFAULT)
			return err;
		done++;
	}
	verify->count = done;
	verify->cursor = cursor;
	return done || (all && err == -ENOENT) ? 0 : err;
}

#define VERIFY_ENTRY_SIZE_V1 24U	/* stays when the structure grows */
static_assert(sizeof(struct vde_ioc_verify_entry) >= VERIFY_ENTRY_SIZE_V1);

static int run_verify(struct vde_ioctl_call *call)
{
	struct vde_ioc_vault_verify *verify = call->arg;
	bool all = verify->flags & VDE_IOC_VAULT_ALL;
	u32 count = all ? verify->count : min(verify->count, 1U);
	struct iov_iter to;
	int err;

	if (!count || (all ? !is_zero(verify->id, sizeof(verify->id)) :
			     verify->cursor))
		return -EINVAL;
	err = vde_ioctl_import_entries(verify->entries, verify->entry_size,
				       VERIFY_ENTRY_SIZE_V1, &count, &to);
	if (!err && !is_cursor(to_vault(call->region), verify->cursor))
		err = -EINVAL;
	return err ? err : put_verdicts(call, count, &to);
}

#define FOR_VAULT	BIT(VDE_REGION_VAULT)
#define LIST_FLAGS	(VDE_IOC_VAULT_BY_OBJECT |			       \
			 VDE_IOC_VAULT_BY_FRAMEWORK |			       \
			 VDE_IOC_VAULT_BY_STATUS | VDE_IOC_VAULT_BY_ISSUER |  \
			 VDE_IOC_VAULT_EXPIRED | VDE_IOC_VAULT_REMOVED)

const struct vde_ioctl vde_ioctls_vault_list[] = {
	{ .cmd = VDE_IOC_VAULT_LIST, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_list, 192),
	  .flags = LIST_FLAGS,
	  .reserved = offsetof(struct vde_ioc_vault_list, reserved),
	  .mode = FMODE_READ, .run = run_list },
	{ .cmd = VDE_IOC_VAULT_VERIFY, .kinds = FOR_VAULT,
	  VDE_IOCTL_STRUCTURE(vde_ioc_vault_verify, 48),
	  .flags = VDE_IOC_VAULT_ALL,
	  .mode = FMODE_READ, .run = run_verify },
	{ }
};

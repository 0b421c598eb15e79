// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "beside.h"
#include "call.h"
#include "held_worm.h"
#include "look_vault.h"

#define PROMISES 16

struct state before;
uint8_t many[MANY * BLOCK_SIZE] __attribute__((aligned(4096)));
uint8_t *const last_block = many + (MANY - 1) * BLOCK_SIZE;
uint8_t seen[BLOCK_SIZE] __attribute__((aligned(4096)));
const uint8_t *passport, *doomed;
int node = -1;
bool read_only;

/* Passports of a file, one after the other */
struct supply {
	uint8_t *next, *end;
	unsigned int taken;
};

static struct supply plain, holds, attestations, expired;
static struct promise promises[PROMISES];
static unsigned int promised;
static bool doubtful;	/* a passport of which the vault may have been told */
static uint64_t requests;	/* to the disk that were lost before the call */
static struct doubt doubt;	/* of the call */

long answer(long ret)
{
	return ret < 0 ? -errno : ret;
}

static struct supply load_passports(const char *images, const char *name)
{
	struct supply supply = {};
	char path[4096];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", images, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	supply.next = calloc(1, 1 << 20);
	got = read(fd, supply.next, (1 << 20) - VDE_IOC_PASSPORT_MAX);
	if (got < 132)
		give_up("%s: no passports", path);
	supply.end = supply.next + got;
	close(fd);
	return supply;
}

void calls_begin(const char *images)
{
	plain = load_passports(images, "more");
	holds = load_passports(images, "holds");
	attestations = load_passports(images, "attestations");
	expired = load_passports(images, "expired");
}

uint32_t passport_length(const uint8_t *at)
{
	uint32_t issuer = get_le(at + 60, 4);

	return 132 + issuer + get_le(at + 64 + issuer, 4);
}

static void take(struct supply *supply)
{
	supply->taken++;
	supply->next += passport_length(supply->next);
	if (supply->next >= supply->end)
		give_up("not enough passports");
}

/* Where the passport that a call adds comes from */
static struct supply *supply_of(const struct call *call)
{
	if (call->traits & ATTESTS)
		return &attestations;
	return call->traits & (HOLDS | RELEASES) ? &holds : &plain;
}

struct state look_at(const struct active *active)
{
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_stream_status stream = { .size = sizeof(stream) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };
	struct state state = {};

	switch (active->kind) {
	case WORM:
		if (ioctl(active->device, VDE_IOC_STATUS, &worm) ||
		    ioctl(active->device, VDE_IOC_RETENTION_GET, &retention))
			give_up("status: %s", strerror(errno));
		state.head = worm.hwm;
		state.corrupted = worm.corrupted;
		state.retention = retention.retention;
		state.resets = retention.resets;
		break;
	case STREAM:
		if (ioctl(active->device, VDE_IOC_STREAM_STATUS, &stream))
			give_up("status: %s", strerror(errno));
		state.head = stream.head;
		state.tail = stream.tail;
		break;
	default:
		if (ioctl(active->device, VDE_IOC_VAULT_STATUS, &vault))
			give_up("status: %s", strerror(errno));
		state.stored = vault.stored;
		state.removed = vault.removed;
		state.holds = vault.holds;
		state.corrupted = vault.damaged + vault.bad;
		state.attested = vault.attested / TICKS_PER_DAY;
		held_worm_look(&state.worm_attested, &state.worm_held);
	}
	return state;
}

void give_up_state(const char *what, const struct state *was,
		   const struct state *now)
{
	static const char *const names[] = {
		"head", "tail", "stored", "removed", "holds", "corrupted", "resets",
		"retention", "day", "region's day", "region held",
	};
	const uint64_t *from = (const void *)was, *to = (const void *)now;
	char text[512] = "";
	size_t i, length = 0;

	for (i = 0; i < sizeof(*was) / sizeof(*from); i++)
		if (from[i] != to[i])
			length += snprintf(text + length, sizeof(text) - length,
					   ", %s %llu to %llu", names[i],
					   (unsigned long long)from[i],
					   (unsigned long long)to[i]);
	give_up("%s%s", what, text);
}

static uint32_t mode_of(const struct active *active)
{
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	struct vde_ioc_stream_status stream = { .size = sizeof(stream) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };

	if (active->kind == WORM && !ioctl(active->device, VDE_IOC_STATUS, &worm))
		return worm.mode;
	if (active->kind == STREAM &&
	    !ioctl(active->device, VDE_IOC_STREAM_STATUS, &stream))
		return stream.mode;
	if (active->kind == VAULT &&
	    !ioctl(active->device, VDE_IOC_VAULT_STATUS, &vault))
		return vault.mode;
	give_up("status: %s", strerror(errno));
}

static bool is_degraded(const struct active *active)
{
	return mode_of(active) != (read_only ? VDE_IOC_MODE_RO : VDE_IOC_MODE_RW);
}

bool is_whole(const struct active *active)
{
	return !is_degraded(active) && beside_is_whole();
}

/* For one call with many of its faults */
bool has_room(const struct active *active)
{
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	struct vde_ioc_info info = { .size = sizeof(info) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };

	if (active->kind == WORM && !ioctl(active->device, VDE_IOC_STATUS, &worm) &&
	    !ioctl(active->device, VDE_IOC_INFO, &info))
		return worm.hwm < info.capacity / 3;
	if (active->kind == VAULT && !ioctl(active->device, VDE_IOC_VAULT_STATUS, &vault))
		return vault.used_blocks < vault.blocks / 2;
	return active->kind == STREAM;
}

static void close_node(void)
{
	if (node >= 0)
		close(node);
	node = -1;
}

/* Without faults; it may have been added, for all that a failed call knew */
static void add_next(const struct active *active, const struct supply *supply)
{
	struct vde_ioc_vault_add call = {
		.size = sizeof(call),
		.data = (uintptr_t)supply->next,
		.length = passport_length(supply->next),
	};

	if (ioctl(active->device, VDE_IOC_VAULT_ADD, &call) && errno != EEXIST)
		give_up("add: %s", strerror(errno));
}

/* A passport that can be removed */
static void add_expired(const struct active *active)
{
	add_next(active, &expired);
	doomed = expired.next;
}

/* Holds and their releases take turns */
static void add_other(const struct active *active, bool release)
{
	if (holds.taken % 2 != release) {
		add_next(active, &holds);
		take(&holds);
	}
}

void make_hold(const struct active *active)
{
	add_next(active, &holds);
}

void make_dirty(const struct active *active)
{
	if (active->kind == VAULT)
		return;
	if (write(active->device, many, BLOCK_SIZE) < 0 && errno != ENOSPC)
		give_up("append without a fault: %s", strerror(errno));
}

void prepare_call(struct active *active, const struct call *call)
{
	unsigned int i;

	if (call->traits & (STARTS_ANEW | NEEDS_DATA))
		make_promise(active);
	if (call->traits & REMOVES)
		add_expired(active);
	if (call->traits & (HOLDS | RELEASES))
		add_other(active, call->traits & RELEASES);
	if (call->traits & DIRTY && !read_only)
		make_dirty(active);
	prepare_disk(active, call);
	before = look_at(active);
	requests = fault_counts().request;
	passport = supply_of(call)->next;
	if (active->kind == VAULT)
		return;
	for (i = 0; (call->adds || call->traits & REFUSED) && i < sizeof(many); i++)
		many[i] = 1 + random_below(255);
	if (!(call->traits & ALONE))
		node = open_node(active, read_only ? O_RDONLY : O_WRONLY);
}

long make_call(struct active *active, const struct call *call,
	       enum fault_where where, unsigned int nth, bool *reached)
{
	long ret;

	if (call->traits & ALONE)
		close(active->node);
	fault_arm(where, nth);
	ret = call->make(active);
	if (where == IN_WORKERS && nth)
		linger(call);
	*reached = fault_disarm();
	doubt.failed = *reached;
	doubt.told = *reached && where == IN_WORKERS;
	if (call->traits & ALONE)
		active->node = open_node(active, O_RDONLY);
	if (call->traits & SUSPENDS && dm_recover())
		give_up("it stays suspended");
	return ret;
}

static void keep_promise(const void *bytes, size_t size, uint64_t at)
{
	struct promise *promise = &promises[promised++ % PROMISES];

	promise->any = true;
	promise->at = at;
	promise->end = at + 1;
	memcpy(promise->bytes, bytes, size);
}

const struct promise *newest_promise(void)
{
	return &promises[(promised + PROMISES - 1) % PROMISES];
}

/* What a passport that was added, or is there already, has done to a WORM region */
static void check_effect(const struct call *call, const struct state *now)
{
	uint64_t day = get_le(passport + 36, 8) / TICKS_PER_DAY;

	if (call->traits & (HOLDS | RELEASES) && now->worm_held != !!now->holds)
		give_up("%llu holds, but the region's flag is %llu",
			(unsigned long long)now->holds,
			(unsigned long long)now->worm_held);
	if (call->traits & ATTESTS && (now->attested != day || now->worm_attested != day))
		give_up("day %llu was attested: it is %llu, and the region's %llu",
			(unsigned long long)day, (unsigned long long)now->attested,
			(unsigned long long)now->worm_attested);
}

static void check_added(const struct active *active, const struct call *call,
			const struct state *now)
{
	if (active->kind == VAULT) {
		if (now->stored != before.stored + 1)
			give_up("what was added is not counted");
		keep_promise(passport, passport_length(passport), 0);
		take(supply_of(call));
		doubtful = false;
		return;
	}
	if (now->head != before.head + call->adds)
		give_up("what was appended is not there");
	/* Nothing was promised yet, and the next flush may fail by itself */
	if (!(call->traits & DURABLE) && fsync(active->device))
		return;
	keep_promise(last_block, BLOCK_SIZE, now->head - 1);
}

/* A commit that failed may be on the disk: that shows at the next activation */
static bool may_have_happened(const struct active *active, const struct call *call)
{
	return call->traits & STEPS ||
	       (call->traits & (DURABLE | STARTS_ANEW) && is_degraded(active));
}

static void check_failed(const struct active *active, const struct call *call,
			 const struct state *now, int error)
{
	bool uncertain = may_have_happened(active, call);
	struct state later;

	/* EIO: it is stored, and takes effect when the vault is activated next */
	if (call->traits & RELEASES && error == EIO &&
	    now->stored == before.stored + 1) {
		check_added(active, call, now);
		return;
	}
	/* or when it is added again */
	if (call->traits & ATTESTS && error == EIO &&
	    now->stored == before.stored + 1) {
		beside_renew();
		add_next(active, &attestations);
		later = look_at(active);
		check_effect(call, &later);
		check_added(active, call, &later);
		return;
	}
	if (error == EEXIST && doubtful && call->adds) {
		if (call->traits & ATTESTS)
			check_effect(call, now);
		take(supply_of(call));
		doubtful = false;
		return;
	}
	if (error != ENOMEM && error != EIO && error != call->error &&
	    !(call->traits & PASSES_ON && error == ETIMEDOUT))
		give_up("an errno that is documented nowhere: %s", strerror(error));
	/* Room for it was made first */
	if (active->kind == STREAM && call->adds && now->tail > before.tail)
		before.tail = now->tail;
	/* A region is held before the hold is stored; EIO may leave it so, ENOMEM lets it go */
	if (call->traits & HOLDS && (error == EIO || !now->worm_held))
		before.worm_held = now->worm_held;
	/* One that is stored already, and that takes effect late */
	if (call->traits & ATTESTS && doubtful)
		before.worm_attested = now->worm_attested;
	if (memcmp(now, &before, sizeof(*now)) && !uncertain)
		give_up_state(strerror(error), &before, now);
	/* It stays so until it is known, whatever fails before that */
	if (uncertain && active->kind == VAULT && call->adds)
		doubtful = true;
	if (uncertain && call->traits & REMOVES)
		take(&expired);
}

bool may_be_damaged(const struct active *active, uint64_t requests)
{
	return active->kind == VAULT && (read_only || is_degraded(active)) &&
	       fault_counts().request != requests;
}

void check_call(const struct active *active, const struct call *call, long ret)
{
	struct state now = look_at(active);

	check_disk(active, call, ret, &now, &doubt);
	close_node();
	if (call->traits & UNREADABLE || may_be_damaged(active, requests))
		now.corrupted = before.corrupted;
	if (now.corrupted != before.corrupted)
		give_up("a fault is taken for damage");
	if (call->traits & (HOLDS | RELEASES))
		beside_check(now.worm_held);
	if (ret < 0) {
		check_failed(active, call, &now, -ret);
		return;
	}
	if (call->adds) {
		check_effect(call, &now);
		check_added(active, call, &now);
	}
	if (call->traits & REMOVES) {
		if (now.removed != before.removed + 1)
			give_up("what was removed is not counted");
		take(&expired);
	}
	if (call->traits & STARTS_ANEW) {
		if (now.head)
			give_up("it did not start anew");
		forget_promises();
	}
}

void make_promise(struct active *active)
{
	const struct call *call = active->kind == VAULT ? vault_calls : append_calls;
	bool reached;
	long ret;

	prepare_call(active, call);
	ret = make_call(active, call, IN_CALLER, 0, &reached);
	close_node();
	if (ret == -ENOSPC)
		return;
	if (ret < 0 && ret != -EEXIST)
		give_up("append without a fault: %s", strerror(-ret));
	check_call(active, call, ret);
}

void check_promises(const struct active *active, bool may_start_anew)
{
	struct state now = look_at(active);
	unsigned int i;

	if (may_start_anew && !now.head)
		forget_promises();
	for (i = 0; i < PROMISES; i++)
		if (active->kind != STREAM || promises[i].at >= now.tail)
			look_again(active, &promises[i]);
}

void forget_promises(void)
{
	memset(promises, 0, sizeof(promises));
	promised = 0;
	doubtful = false;
	/* A release is of no use without its hold */
	if (holds.taken % 2)
		take(&holds);
}

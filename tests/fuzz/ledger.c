// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ledger.h"

static uint8_t *passports[PASSPORTS];
static unsigned int passports_known;

static uint64_t hash(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t sum = size, word;

	for (; size; size -= 8, at += 8) {
		memcpy(&word, at, 8);
		sum = (sum ^ word) * 0x9E3779B97F4A7C15ULL;
		sum ^= sum >> 29;
	}
	return sum | 1;
}

static uint64_t load(const uint64_t *number)
{
	return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

static void raise_to(uint64_t *number, uint64_t to)
{
	uint64_t old = load(number);

	while (old < to &&
	       !__atomic_compare_exchange_n(number, &old, to, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

/* The first one says what it is; false if it is another now. */
static bool settle(uint64_t *number, uint64_t value)
{
	uint64_t old = 0;

	return __atomic_compare_exchange_n(number, &old, value, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
	       old == value;
}

uint64_t ledger_end(const struct place *place)
{
	return load(&place->end);
}

void ledger_raise_end(struct place *place, uint64_t end)
{
	if (!place->may_restart)
		raise_to(&place->end, end);
}

void ledger_block(struct place *place, uint64_t block, const void *bytes,
		  enum witness witness)
{
	static const char *const names[] = {
		[APPEND_IOCTL] = "appended", [NODE_WRITE] = "written",
		[NODE_ZEROOUT] = "zeroed", [NODE_READ] = "read",
	};

	if (place->may_restart || block >= LEDGER)
		return;
	if (!load(&place->content[block]))
		place->witness[block] = witness;
	if (!settle(&place->content[block], hash(bytes, BLOCK_SIZE)))
		wrong(place, "block %llu is another, as %s, than it was, as %s",
		      (unsigned long long)block, names[witness],
		      names[place->witness[block]]);
}

static bool is_zero(const uint8_t *block)
{
	return !*block && !memcmp(block, block + 1, BLOCK_SIZE - 1);
}

static uint64_t worm_end(int device)
{
	struct vde_ioc_status status = { .size = sizeof(status) };

	return ioctl(device, VDE_IOC_STATUS, &status) ? UINT64_MAX : status.hwm;
}

void ledger_compare(struct place *place, int device, uint64_t first,
		    uint64_t count, const uint8_t *bytes, uint64_t end)
{
	uint64_t i, now = 0;

	for (i = 0; i < count; i++, bytes += BLOCK_SIZE) {
		if (place->kind == STREAM || first + i < end) {
			ledger_block(place, first + i, bytes, NODE_READ);
			continue;
		}
		if (is_zero(bytes))
			continue;
		/* Sealed by somebody meanwhile, or nothing that may be seen */
		if (!now)
			now = worm_end(device);
		if (first + i >= now)
			wrong(place, "block %llu, above the mark %llu, is not zero",
			      (unsigned long long)(first + i),
			      (unsigned long long)now);
	}
	__atomic_add_fetch(&crowd->compared, count, __ATOMIC_RELAXED);
}

void ledger_record(struct place *place, const void *entry)
{
	struct vde_ioc_record_entry now, *first;

	memcpy(&now, entry, sizeof(now));
	if (now.index >= LEDGER)
		return;
	first = &place->entries[now.index];
	if (!load(&place->records[now.index]))
		*first = now;
	if (settle(&place->records[now.index], hash(&now, sizeof(now))))
		return;
	wrong(place, "record %llu is another than it was: time %lld was %lld, length %u was %u, hash %llx was %llx",
	      (unsigned long long)now.index, (long long)now.time,
	      (long long)first->time, now.length, first->length,
	      (unsigned long long)get_le(now.digest, 8),
	      (unsigned long long)get_le(first->digest, 8));
}

static void look_worm(struct place *place, int device)
{
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_status status = { .size = sizeof(status) };
	uint64_t end = load(&place->end), period = load((uint64_t *)&place->retention);

	if (ioctl(device, VDE_IOC_STATUS, &status) ||
	    ioctl(device, VDE_IOC_RETENTION_GET, &retention))
		return;
	if (status.hwm < end)
		wrong(place, "the mark went back from %llu to %llu",
		      (unsigned long long)end, (unsigned long long)status.hwm);
	if (status.committed > status.hwm || status.corrupted ||
	    status.mode == VDE_IOC_MODE_FAILED)
		wrong(place, "mark %llu, committed %llu, corrupted %llu, mode %u",
		      (unsigned long long)status.hwm,
		      (unsigned long long)status.committed,
		      (unsigned long long)status.corrupted, status.mode);
	raise_to(&place->end, status.hwm);
	if (!retention.retention)
		retention.retention = INT64_MAX;
	if (retention.retention < (int64_t)period || retention.resets ||
	    retention.state != place->held)
		wrong(place, "retention %lld, was %lld; resets %llu, state %u",
		      (long long)retention.retention, (long long)period,
		      (unsigned long long)retention.resets, retention.state);
	raise_to((uint64_t *)&place->retention, retention.retention);
}

static void look_stream(struct place *place, int device)
{
	struct vde_ioc_stream_status ring = { .size = sizeof(ring) };
	uint64_t end = load(&place->end), tail = load(&place->tail);

	if (ioctl(device, VDE_IOC_STREAM_STATUS, &ring))
		return;
	if (ring.tail > ring.head || ring.allocated > ring.capacity ||
	    ring.head - ring.tail > ring.allocated ||
	    ring.mode == VDE_IOC_MODE_FAILED)
		wrong(place, "positions %llu to %llu, allocated %llu of %llu, mode %u",
		      (unsigned long long)ring.tail,
		      (unsigned long long)ring.head,
		      (unsigned long long)ring.allocated,
		      (unsigned long long)ring.capacity, ring.mode);
	if (place->may_restart)
		return;
	if (ring.head < end || ring.tail < tail)
		wrong(place, "head went from %llu to %llu, or tail from %llu to %llu",
		      (unsigned long long)end, (unsigned long long)ring.head,
		      (unsigned long long)tail, (unsigned long long)ring.tail);
	raise_to(&place->end, ring.head);
	raise_to(&place->tail, ring.tail);
}

/* Does the vault give it as it was stored? Not, if the vault is gone. */
void ledger_passport(struct place *place, int device, unsigned int i)
{
	uint8_t data[VDE_IOC_PASSPORT_MAX];
	struct vde_ioc_vault_get call = {
		.size = sizeof(call),
		.data = (uintptr_t)data,
		.length = sizeof(data),
	};
	uint32_t length;
	const uint8_t *passport = passport_at(i, &length);

	memcpy(call.id, passport, 16);
	if (ioctl(device, VDE_IOC_VAULT_GET, &call)) {
		if (errno != ENODEV && errno != EINTR)
			wrong(place, "passport %u: %s", i, strerror(errno));
		return;
	}
	if (call.length != length || memcmp(data, passport, length) ||
	    call.traits || call.verdict == VDE_IOC_VERDICT_DAMAGED)
		wrong(place, "passport %u is another than it was: traits %u, verdict %u",
		      i, call.traits, call.verdict);
}

static void look_vault(struct place *place, int device)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };
	unsigned int i = random_below(passports_known);
	uint64_t end = load(&place->end);

	if (ioctl(device, VDE_IOC_VAULT_STATUS, &status))
		return;
	if (status.stored < end || status.removed ||
	    status.holds != place->held ||
	    status.state & VDE_IOC_VAULT_DAMAGED ||
	    status.mode == VDE_IOC_MODE_FAILED)
		wrong(place, "stored %llu, was %llu; removed %llu, holds %llu, mode %u",
		      (unsigned long long)status.stored, (unsigned long long)end,
		      (unsigned long long)status.removed,
		      (unsigned long long)status.holds, status.mode);
	raise_to(&place->end, status.stored);
	if (place->stored[i])
		ledger_passport(place, device, i);
}

void ledger_look(struct place *place, int device)
{
	if (place->kind == WORM)
		look_worm(place, device);
	else if (place->kind == STREAM)
		look_stream(place, device);
	else
		look_vault(place, device);
}

void passports_begin(const char *path)
{
	static uint8_t all[1 << 21];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, all, sizeof(all) - 1024);
	uint8_t *at = all;
	uint32_t length;

	if (got < 132)
		die("%s: no passports", path);
	close(fd);
	while (at < all + got && passports_known < PASSPORTS) {
		passports[passports_known] = at;
		passport_at(passports_known++, &length);
		at += length;
	}
}

unsigned int passports_count(void)
{
	return passports_known;
}

const uint8_t *passport_at(unsigned int i, uint32_t *length)
{
	const uint8_t *at = passports[i];
	uint32_t issuer = get_le(at + 60, 4);

	*length = 132 + issuer + get_le(at + 64 + issuer, 4);
	return at;
}

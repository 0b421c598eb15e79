// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "look_vault.h"

#define BATCH 32

static uint8_t passports[8192];
static ssize_t passports_bytes;

void vault_passports(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	passports_bytes = read(fd, passports, sizeof(passports));
	if (passports_bytes < 132)
		give_up("%s: no passports", path);
	close(fd);
}

static uint32_t length_of(const uint8_t *passport)
{
	uint32_t issuer = get_le(passport + 60, 4);

	return 132 + issuer + get_le(passport + 64 + issuer, 4);
}

/* Its length, or 0 */
static uint32_t get(const struct active *active, const void *id,
		    uint8_t data[VDE_IOC_PASSPORT_MAX], uint32_t *verdict)
{
	struct vde_ioc_vault_get call = {
		.size = sizeof(call),
		.data = (uintptr_t)data,
		.length = VDE_IOC_PASSPORT_MAX,
	};

	memcpy(call.id, id, 16);
	if (ioctl(active->device, VDE_IOC_VAULT_GET, &call))
		return 0;
	*verdict = call.verdict;
	return call.length;
}

/* What is said to be valid is a passport that its issuer has signed. */
static void check_entry(const struct active *active, const struct image *image,
			const struct vde_ioc_passport_entry *entry)
{
	uint8_t data[VDE_IOC_PASSPORT_MAX];
	uint32_t verdict, length = get(active, entry->id, data, &verdict);

	if (!length) {
		counts.errors++;
		return;
	}
	if (verdict != VDE_IOC_VERDICT_VALID)
		return;
	counts.passports++;
	if (!memmem(image->good, image->blocks * BLOCK_SIZE, data, length) &&
	    !memmem(passports, passports_bytes, data, length))
		give_up("a passport that nobody signed is valid");
}

static void verify_all(const struct active *active)
{
	static struct vde_ioc_verify_entry entries[BATCH];
	struct vde_ioc_vault_verify call;
	uint64_t cursor = 0;
	int left = 1000;

	do {
		memset(&call, 0, sizeof(call));
		call.size = sizeof(call);
		call.flags = VDE_IOC_VAULT_ALL;
		call.cursor = cursor;
		call.count = BATCH;
		call.entry_size = sizeof(*entries);
		call.entries = (uintptr_t)entries;
		if (ioctl(active->device, VDE_IOC_VAULT_VERIFY, &call)) {
			counts.errors++;
			return;
		}
		cursor = call.cursor;
	} while (call.count && --left);
	if (!left)
		give_up("a vault does not end");
}

static void list(const struct active *active, const struct image *image,
		 uint8_t last[16])
{
	static struct vde_ioc_passport_entry entries[BATCH];
	struct vde_ioc_vault_list call;
	uint64_t cursor = 0;
	int left = 1000;
	uint32_t i;

	do {
		memset(&call, 0, sizeof(call));
		call.size = sizeof(call);
		call.flags = VDE_IOC_VAULT_REMOVED;
		call.cursor = cursor;
		call.count = BATCH;
		call.entry_size = sizeof(*entries);
		call.entries = (uintptr_t)entries;
		if (ioctl(active->device, VDE_IOC_VAULT_LIST, &call)) {
			counts.errors++;
			return;
		}
		cursor = call.cursor;
		for (i = 0; i < call.count; i++) {
			check_entry(active, image, &entries[i]);
			memcpy(last, entries[i].id, 16);
		}
	} while (call.count && --left);
	if (!left)
		give_up("a list does not end");
}

static void add(const struct active *active, struct promise *promise)
{
	struct vde_ioc_vault_add call = {
		.size = sizeof(call),
		.data = (uintptr_t)passports,
		.length = length_of(passports),
	};

	if (ioctl(active->device, VDE_IOC_VAULT_ADD, &call)) {
		counts.refused_writes++;
		return;
	}
	counts.appends++;
	promise->any = true;
	memcpy(promise->bytes, passports, call.length);
	look_vault_again(active, promise);
}

void look_vault(const struct active *active, struct image *image,
		struct promise *promise)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };
	struct vde_ioc_vault_remove removal = { .size = sizeof(removal) };

	if (random_below(2))
		verify_all(active);
	list(active, image, removal.id);
	if (ioctl(active->device, VDE_IOC_VAULT_STATUS, &status))
		give_up("status: %s", strerror(errno));
	if (!active->writable)
		return;
	add(active, promise);
	ioctl(active->device, VDE_IOC_VAULT_REMOVE, &removal);
	if (promise->any)
		look_vault_again(active, promise);
}

void look_vault_again(const struct active *active, const struct promise *promise)
{
	uint8_t data[VDE_IOC_PASSPORT_MAX];
	uint32_t verdict, length = get(active, promise->bytes, data, &verdict);

	if (length != length_of(promise->bytes) ||
	    memcmp(data, promise->bytes, length))
		give_up("an acknowledged passport is not there");
}

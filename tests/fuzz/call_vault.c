// SPDX-License-Identifier: GPL-2.0-only
/* Calls that vaults alone have. */
#include <errno.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"
#include "look.h"

static long add(const struct active *active)
{
	struct vde_ioc_vault_add call = {
		.size = sizeof(call),
		.data = (uintptr_t)passport,
		.length = passport_length(passport),
	};

	return answer(ioctl(active->device, VDE_IOC_VAULT_ADD, &call));
}

static long get(const struct active *active)
{
	struct vde_ioc_vault_get call = {
		.size = sizeof(call),
		.data = (uintptr_t)seen,
		.length = VDE_IOC_PASSPORT_MAX,
	};
	const struct promise *promise = newest_promise();
	long ret;

	memcpy(call.id, promise->bytes, 16);
	ret = answer(ioctl(active->device, VDE_IOC_VAULT_GET, &call));
	if (ret >= 0 && memcmp(seen, promise->bytes, call.length))
		give_up("what was read is wrong");
	return ret;
}

static long list(const struct active *active)
{
	static struct vde_ioc_passport_entry entries[64];
	struct vde_ioc_vault_list call = {
		.size = sizeof(call),
		.count = 64,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};

	return answer(ioctl(active->device, VDE_IOC_VAULT_LIST, &call));
}

/* One that cannot be verified for want of memory must not be called bad. */
static long verify(const struct active *active)
{
	static struct vde_ioc_verify_entry entries[3];
	struct vde_ioc_vault_verify call = {
		.size = sizeof(call),
		.flags = VDE_IOC_VAULT_ALL,
		.count = 3,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};

	return answer(ioctl(active->device, VDE_IOC_VAULT_VERIFY, &call));
}

static long remove_one(const struct active *active)
{
	struct vde_ioc_vault_remove call = { .size = sizeof(call) };

	memcpy(call.id, doomed, sizeof(call.id));
	return answer(ioctl(active->device, VDE_IOC_VAULT_REMOVE, &call));
}

static long status(const struct active *active)
{
	struct vde_ioc_vault_status call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_VAULT_STATUS, &call));
}

static long read_node(const struct active *active)
{
	return answer(pread(active->node, seen, BLOCK_SIZE, 0));
}

void settle(const struct active *active)
{
	struct vde_ioc_vault_status call;
	int left = 60000;

	do {
		call = (struct vde_ioc_vault_status) { .size = sizeof(call) };
		if (active->kind != VAULT || ioctl(active->device, VDE_IOC_VAULT_STATUS, &call))
			return;
		if (call.state & VDE_IOC_VAULT_VERIFYING)
			poll(NULL, 0, 1);
	} while (call.state & VDE_IOC_VAULT_VERIFYING && --left);
	if (!left)
		give_up("verification in the background does not end");
}

/* While the WORM region that they act on is active, and commits by itself */
const struct call effect_calls[] = {
	{ "hold, active", add, 1, FRESH | DURABLE | HOLDS, 0 },
	{ "release, active", add, 1, FRESH | DURABLE | RELEASES, 0 },
	{ "attest, active", add, 1, FRESH | DURABLE | ATTESTS, 0 },
	{ }
};

const struct call vault_calls[] = {
	{ "add", add, 1, FRESH | DURABLE | NONE_IN_WORKERS, 0 },
	{ "hold", add, 1, FRESH | DURABLE | HOLDS | NONE_IN_WORKERS, 0 },
	{ "release", add, 1, FRESH | DURABLE | RELEASES | NONE_IN_WORKERS, 0 },
	{ "attest", add, 1, FRESH | DURABLE | ATTESTS | NONE_IN_WORKERS, 0 },
	{ "remove", remove_one, 0, FRESH | DURABLE | REMOVES | NONE_IN_WORKERS, 0 },
	{ "get", get, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "list", list, 0, READS | NONE_IN_WORKERS, 0 },
	{ "verify", verify, 0, READS | NONE_IN_WORKERS, 0 },
	{ "ioctl status", status, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "node: read", read_node, 0, READS | NONE_IN_WORKERS, ETIMEDOUT },
	{ "fsync(2)", sync_char, 0, NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "commit", say_commit, 0, NONE_IN_WORKERS, 0 },
	{ "suspend, resume", suspend_and_resume, 0, SUSPENDS | READS | NONE_IN_WORKERS, 0 },
	{ "replace table", replace_table, 0, SUSPENDS | READS | NONE_IN_WORKERS, 0 },
	{ }
};

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"
#include "fault.h"
#include "look_vault.h"

#define PROMISES 16

/* What a call that fails must leave as it is; no padding */
struct state {
	uint64_t head, tail, stored, removed;
	int64_t retention;
};

static struct state before;
static struct promise promises[PROMISES];
static unsigned int promised;
static uint8_t block[BLOCK_SIZE] __attribute__((aligned(4096)));
static uint8_t seen[BLOCK_SIZE] __attribute__((aligned(4096)));
static uint8_t *passports, *passport;	/* all, and the next one */
static size_t passports_bytes;
static int node = -1;	/* for writing */

static uint8_t *load_passports(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	passports = calloc(1, 1 << 20);
	got = read(fd, passports, (1 << 20) - VDE_IOC_PASSPORT_MAX);
	if (got < 132)
		give_up("%s: no passports", path);
	passports_bytes = got;
	close(fd);
	return passports;
}

void calls_begin(const char *images, const char *disk, enum kind kind,
		 char *parameters, size_t size)
{
	char path[4096], point[160] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/more", images);
	passport = load_passports(path);
	snprintf(path, sizeof(path), "%s/point", images);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%150s", point) != 1)
		give_up("no %s", path);
	fclose(file);
	snprintf(parameters, size, "%s %s%s%s", disk, kind_names[kind],
		 kind == VAULT ? " 1 issuer_key=" : "",
		 kind == VAULT ? point : "");
}

static uint32_t passport_length(const uint8_t *at)
{
	uint32_t issuer = get_le(at + 60, 4);

	return 132 + issuer + get_le(at + 64 + issuer, 4);
}

/* Each call that adds something has its own */
static void next_passport(void)
{
	passport += passport_length(passport);
	if (passport >= passports + passports_bytes)
		give_up("not enough passports");
}

static struct state look_at(const struct active *active)
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
		state.retention = retention.retention;
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
	}
	return state;
}

bool is_writable(const struct active *active)
{
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	struct vde_ioc_stream_status stream = { .size = sizeof(stream) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };

	if (active->kind == WORM && !ioctl(active->device, VDE_IOC_STATUS, &worm))
		return worm.mode == VDE_IOC_MODE_RW;
	if (active->kind == STREAM &&
	    !ioctl(active->device, VDE_IOC_STREAM_STATUS, &stream))
		return stream.mode == VDE_IOC_MODE_RW;
	if (active->kind == VAULT &&
	    !ioctl(active->device, VDE_IOC_VAULT_STATUS, &vault))
		return vault.mode == VDE_IOC_MODE_RW;
	give_up("status: %s", strerror(errno));
}

static long answer(long ret)
{
	return ret < 0 ? -errno : ret;
}

static long append_with(const struct active *active, uint32_t flags)
{
	struct vde_ioc_append call = {
		.size = sizeof(call),
		.flags = flags,
		.data = (uintptr_t)block,
		.length = BLOCK_SIZE,
	};

	return answer(ioctl(active->device, VDE_IOC_APPEND, &call));
}

static long append_durably(const struct active *active)
{
	return append_with(active, VDE_IOC_APPEND_DURABLE);
}

static long append(const struct active *active)
{
	return append_with(active, 0);
}

static long write_char(const struct active *active)
{
	return answer(write(active->device, block, BLOCK_SIZE));
}

static long write_node(const struct active *active)
{
	(void)active;
	return answer(pwrite(node, block, BLOCK_SIZE, before.head * BLOCK_SIZE));
}

static long sync_char(const struct active *active)
{
	return answer(fsync(active->device));
}

static long sync_node(const struct active *active)
{
	(void)active;
	return answer(fsync(node));
}

static long read_node(const struct active *active)
{
	return answer(pread(active->node, seen, BLOCK_SIZE,
			    (before.head - 1) * BLOCK_SIZE));
}

static long read_records(const struct active *active)
{
	static struct vde_ioc_record_entry entries[100];
	struct vde_ioc_records call = {
		.size = sizeof(call),
		.count = 100,
		.record_size = sizeof(*entries),
		.records = (uintptr_t)entries,
	};

	return answer(ioctl(active->device, VDE_IOC_RECORDS, &call));
}

static long scrub(const struct active *active)
{
	struct vde_ioc_scrub_start call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_SCRUB_START, &call));
}

static long stop_scrub(const struct active *active)
{
	struct vde_ioc_scrub_stop call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_SCRUB_STOP, &call));
}

static long extend(const struct active *active)
{
	struct vde_ioc_retention call = {
		.size = sizeof(call),
		.retention = before.retention + 1,
	};

	return answer(ioctl(active->device, VDE_IOC_RETENTION_EXTEND, &call));
}

static long info(const struct active *active)
{
	struct vde_ioc_info call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_INFO, &call));
}

static long reopen(const struct active *active)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/vde/dm-%d", active->minor);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : close(fd);
}

static long say_stats(const struct active *active)
{
	(void)active;
	return dm_message("stats");
}

static long say_commit(const struct active *active)
{
	(void)active;
	return dm_message("commit");
}

static long say_status(const struct active *active)
{
	(void)active;
	return dm_status(false);
}

static long say_table(const struct active *active)
{
	(void)active;
	return dm_status(true);
}

static long read_char(const struct active *active)
{
	return answer(read(active->device, seen, BLOCK_SIZE));
}

static long consume(const struct active *active)
{
	struct vde_ioc_stream_consume call = {
		.size = sizeof(call),
		.position = before.tail + 1,
	};

	return answer(ioctl(active->device, VDE_IOC_STREAM_CONSUME, &call));
}

static long reset_stream(const struct active *active)
{
	struct vde_ioc_stream_reset call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_STREAM_RESET, &call));
}

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

	memcpy(call.id, promises[0].bytes, 16);
	return answer(ioctl(active->device, VDE_IOC_VAULT_GET, &call));
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

static const struct call tables[KINDS][24] = {
	[WORM] = {
		{ "append durably", append_durably, true, true },
		{ "append", append, true, true },
		{ "write(2)", write_char, true, true },
		{ "write to node", write_node, true, true },
		{ "fsync(2)", sync_char, false, false },
		{ "fsync of node", sync_node, false, false },
		{ "read of node", read_node, false, false },
		{ "records", read_records, false, false },
		{ "scrub", scrub, false, false },
		{ "stop scrub", stop_scrub, false, false },
		{ "extend", extend, false, false },
		{ "info", info, false, false },
		{ "open(2)", reopen, false, false },
		{ "stats", say_stats, false, false },
		{ "commit", say_commit, false, false },
		{ "status", say_status, false, false },
		{ "table", say_table, false, false },
		{ }
	},
	[STREAM] = {
		{ "append durably", append_durably, true, true },
		{ "append", append, true, true },
		{ "write(2)", write_char, true, true },
		{ "write to node", write_node, true, true },
		{ "fsync(2)", sync_char, false, false },
		{ "read of node", read_node, false, false },
		{ "read(2)", read_char, false, false },
		{ "consume", consume, false, false },
		{ "info", info, false, false },
		{ "open(2)", reopen, false, false },
		{ "commit", say_commit, false, false },
		{ "status", say_status, false, false },
		{ "reset", reset_stream, false, false },
		{ }
	},
	[VAULT] = {
		{ "add", add, true, true },
		{ "get", get, false, false },
		{ "list", list, false, false },
		{ "verify", verify, false, false },
		{ "info", info, false, false },
		{ "open(2)", reopen, false, false },
		{ "commit", say_commit, false, false },
		{ "status", say_status, false, false },
		{ "table", say_table, false, false },
		{ }
	},
};

const struct call *calls_of(enum kind kind)
{
	return tables[kind];
}

void prepare_call(const struct active *active, const struct call *call)
{
	unsigned int i;
	char path[64];

	before = look_at(active);
	if (active->kind == VAULT)
		return;
	for (i = 0; call->append && i < BLOCK_SIZE; i++)
		block[i] = 1 + random_below(255);
	if (node >= 0)
		close(node);
	snprintf(path, sizeof(path), "/dev/dm-%d", active->minor);
	node = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
	if (node < 0)
		give_up("%s: %s", path, strerror(errno));
}

long make_call(const struct active *active, const struct call *call,
	       unsigned int nth, bool *reached)
{
	long ret;

	fault_arm(nth);
	ret = call->make(active);
	*reached = fault_disarm();
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

static void check_added(const struct active *active, const struct state *now)
{
	if (active->kind == VAULT) {
		if (now->stored != before.stored + 1)
			give_up("what was added is not counted");
		keep_promise(passport, passport_length(passport), 0);
		next_passport();
		return;
	}
	if (now->head != before.head + 1)
		give_up("what was appended is not there");
	keep_promise(block, BLOCK_SIZE, before.head);
}

void check_call(const struct active *active, const struct call *call, long ret)
{
	struct state now = look_at(active);

	/* One that waits for a commit may fail after the append */
	if (ret < 0 && memcmp(&now, &before, sizeof(now)))
		give_up("%s, but head %llu to %llu, tail %llu to %llu, stored %llu to %llu",
			strerror(-ret), (unsigned long long)before.head,
			(unsigned long long)now.head,
			(unsigned long long)before.tail,
			(unsigned long long)now.tail,
			(unsigned long long)before.stored,
			(unsigned long long)now.stored);
	if (ret >= 0 && call->append)
		check_added(active, &now);
	if (node >= 0)
		close(node);
	node = -1;
}

void make_promise(const struct active *active)
{
	static const struct call appending = { "append", append_durably, true, false };
	static const struct call adding = { "add", add, true, false };
	const struct call *call = active->kind == VAULT ? &adding : &appending;
	bool reached;
	long ret;

	prepare_call(active, call);
	ret = make_call(active, call, 0, &reached);
	if (ret < 0 && ret != -ENOSPC)
		give_up("append without a fault: %s", strerror(-ret));
	check_call(active, call, ret);
}

void check_promises(const struct active *active)
{
	struct state now = look_at(active);
	unsigned int i;

	for (i = 0; i < PROMISES; i++)
		if (active->kind != STREAM || promises[i].at >= now.tail)
			look_again(active, &promises[i]);
}

void forget_promises(void)
{
	memset(promises, 0, sizeof(promises));
	promised = 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands of the character device with single fields that are wrong. What a
 * command may not do by its description is checked when it has succeeded.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "handle.h"
#include "ledger.h"

#define FOR(kind) (1U << (kind))
#define APPENDS	(FOR(WORM) | FOR(STREAM))
#define ALL	(APPENDS | FOR(VAULT))

enum field_type { NONE, INDEX, NUMBER, SMALL, PERIOD, ROOMY, DATA, LENGTH, ID };

/* What a field is likely to be, when it is not wrong */
struct field {
	uint8_t offset, width;
	enum field_type type;
};

static const struct command {
	const char *name;
	uint32_t request, size, flags;
	uint8_t kinds;
	int mode;	/* a file must be open at least so */
	bool admin;
	struct field fields[5];
	uint8_t errors[10];	/* besides those that each can return */
} commands[COMMANDS] = {
	{ "INFO", VDE_IOC_INFO, 136, 0, ALL, O_RDONLY, false, {}, {} },
	{ "STATUS", VDE_IOC_STATUS, 128, 0, FOR(WORM), O_RDONLY, false, {}, {} },
	{ "APPEND", VDE_IOC_APPEND, 40, 1, APPENDS, O_WRONLY, false,
	  { { 8, 8, DATA }, { 16, 8, LENGTH } },
	  { EMSGSIZE, ENOSPC, EROFS, ENOMEM } },
	{ "RECORD", VDE_IOC_RECORD, 64, 0, FOR(WORM), O_RDONLY, false,
	  { { 8, 8, INDEX } },
	  { ENODATA } },
	{ "RECORDS", VDE_IOC_RECORDS, 32, 0, FOR(WORM), O_RDONLY, false,
	  { { 8, 8, INDEX }, { 16, 4, SMALL }, { 20, 4, ROOMY }, { 24, 8, DATA } }, {} },
	{ "SCRUB_START", VDE_IOC_SCRUB_START, 24, 1, FOR(WORM), O_WRONLY, false,
	  { { 8, 8, INDEX }, { 16, 8, NUMBER } },
	  { EBUSY, ENODATA, ENOMEM } },
	{ "SCRUB_STOP", VDE_IOC_SCRUB_STOP, 8, 0, FOR(WORM), O_WRONLY, false, {},
	  { ESRCH } },
	{ "SCRUB_STATUS", VDE_IOC_SCRUB_STATUS, 208, 0, FOR(WORM), O_RDONLY, false, {}, {} },
	{ "RETENTION_GET", VDE_IOC_RETENTION_GET, 56, 0, FOR(WORM), O_RDONLY, false, {}, {} },
	{ "RETENTION_EXTEND", VDE_IOC_RETENTION_EXTEND, 56, 0, FOR(WORM), O_WRONLY, true,
	  { { 16, 8, PERIOD } },
	  { EPERM, EROFS } },
	{ "RESET", VDE_IOC_RESET, 16, 0, FOR(WORM), O_WRONLY, true, {},
	  { EPERM, EROFS, ENODATA, EOPNOTSUPP, EACCES, EAGAIN, EBUSY } },
	{ "STREAM_STATUS", VDE_IOC_STREAM_STATUS, 136, 0, FOR(STREAM), O_RDONLY, false, {}, {} },
	{ "STREAM_CONSUME", VDE_IOC_STREAM_CONSUME, 24, 1, FOR(STREAM), O_WRONLY, false,
	  { { 8, 8, SMALL } },
	  { ENXIO, EROFS } },
	{ "STREAM_RESET", VDE_IOC_STREAM_RESET, 8, 0, FOR(STREAM), O_WRONLY, true, {},
	  { EPERM, EROFS } },
	{ "STREAM_WAIT", VDE_IOC_STREAM_WAIT, 40, 0, FOR(STREAM), O_RDONLY, false,
	  { { 8, 8, INDEX }, { 16, 8, SMALL } },
	  { ETIMEDOUT, ECANCELED } },
	{ "VAULT_ADD", VDE_IOC_VAULT_ADD, 24, 0, FOR(VAULT), O_WRONLY, true, {},
	  { EPERM, EROFS, ENOPKG, ENOKEY, EKEYREJECTED, EEXIST, EBUSY,
	    ENOSPC, ENOMEM } },
	{ "VAULT_GET", VDE_IOC_VAULT_GET, 48, 0, FOR(VAULT), O_RDONLY, false,
	  { { 8, 16, ID }, { 24, 8, DATA }, { 32, 4, ROOMY } },
	  { ENOENT, EMSGSIZE } },
	{ "VAULT_LIST", VDE_IOC_VAULT_LIST, 192, 63, FOR(VAULT), O_RDONLY, false,
	  { { 8, 8, SMALL }, { 16, 4, SMALL }, { 20, 4, ROOMY }, { 24, 8, DATA } }, {} },
	{ "VAULT_VERIFY", VDE_IOC_VAULT_VERIFY, 48, 1, FOR(VAULT), O_RDONLY, false,
	  { { 8, 16, ID }, { 32, 4, SMALL }, { 36, 4, ROOMY }, { 40, 8, DATA } },
	  { ENOENT } },
	{ "VAULT_REMOVE", VDE_IOC_VAULT_REMOVE, 24, 0, FOR(VAULT), O_WRONLY, true,
	  { { 8, 16, ID } },
	  { EPERM, EROFS, ENOENT, EACCES, EAGAIN } },
	{ "VAULT_STATUS", VDE_IOC_VAULT_STATUS, 136, 0, FOR(VAULT), O_RDONLY, false, {}, {} },
};

/* What was called, for those who judge the answer */
struct attempt {
	const struct command *command;	/* NULL: there is none of that number */
	uint32_t request, size, flags;
	uint64_t at;		/* of the structure */
};

static uint64_t likely(const struct place *place, enum field_type type)
{
	switch (type) {
	case INDEX:
		return random_below(ledger_end(place) + 3);
	case SMALL:
		return random_below(40);
	case PERIOD:
		return place->retention + random_below(3) - 1;
	case ROOMY:
		return chance(4) ? 56 + random_below(600) : 516;
	case LENGTH:
		return chance(20) ? random_below(300000) : 1 + random_below(9000);
	default:
		return odd_number();
	}
}

/* One of those that are there, or of the next ones */
static unsigned int some_passport(const struct place *place)
{
	uint64_t most = ledger_end(place) + 8;

	return random_below(most < passports_count() ? most : passports_count());
}

static void put_field(const struct place *place, const struct field *field,
		      uint8_t *arg, bool odd)
{
	uint32_t length;

	if (field->type == ID && !odd)
		memcpy(arg + field->offset,
		       passport_at(some_passport(place), &length), 16);
	else if (field->type == DATA)
		put_le(arg + field->offset, field->width,
		       odd ? odd_address(8192) :
		       (uintptr_t)room + 8192 + random_below(ROOM / 2));
	else
		put_le(arg + field->offset, field->width < 8 ? field->width : 8,
		       odd ? odd_number() : likely(place, field->type));
}

/* A passport that was not tried yet, or one that its issuer never signed */
static void put_passport(const struct place *place, uint8_t *arg)
{
	uint8_t *to = room + 8192 + random_below(4096);
	unsigned int i = some_passport(place);
	uint32_t length;
	const uint8_t *passport = passport_at(i, &length);

	memcpy(to, passport, length);
	put_le(arg + 8, 8, (uintptr_t)to);
	put_le(arg + 16, 4, length);
	if (chance(3) || place->stored[i])
		to[random_below(length)] ^= 1 << random_below(8);
}

static void put_fields(const struct place *place, uint8_t *arg,
		       const struct attempt *attempt)
{
	const struct field *field = attempt->command->fields;
	int odd = chance(2) ? -1 : (int)random_below(5), i;

	/* A byte that is nobody's, or that must be zero; but not one of a pointer */
	if (chance(8))
		arg[8 + random_below(attempt->command->size - 7)] =
			random_below(256);
	if (attempt->command->request == VDE_IOC_VAULT_ADD)
		put_passport(place, arg);
	for (i = 0; i < 5 && field[i].width; i++)
		put_field(place, &field[i], arg, i == odd);
}

/* Where the structure is: seldom anywhere else than in the room */
static uint64_t place_of_structure(const uint8_t *arg, uint32_t size)
{
	uint64_t at = (uintptr_t)arg;

	if (!chance(6))
		return at;
	at = odd_place(size);
	if (in_room(at, size))
		memmove((void *)(uintptr_t)at, arg, size);
	return at;
}

/*
 * Not a command whose success would be right and spoil the ledger; nor one that
 * would leave nothing to be read, too often.
 */
static bool is_allowed(const struct place *place, uint32_t request)
{
	if (place->may_restart || unprivileged)
		return true;
	return request != VDE_IOC_STREAM_RESET &&
	       (request != VDE_IOC_STREAM_CONSUME || chance(20));
}

static const struct command *find(uint32_t request)
{
	unsigned int i;

	for (i = 0; i < COMMANDS; i++)
		if (commands[i].request == request)
			return &commands[i];
	return NULL;
}

static void check_permission(const struct handle *handle,
			     const struct attempt *attempt)
{
	const struct command *command = attempt->command;
	const struct place *place = handle->place;
	bool mode = handle->mode == O_RDWR || handle->mode == command->mode;

	if (!(command->kinds & FOR(place->kind)) || !mode ||
	    (command->admin && unprivileged))
		wrong(place, "%s succeeded on a file of mode %d", command->name,
		      handle->mode);
	if (attempt->size < command->size || attempt->flags & ~command->flags)
		wrong(place, "%s succeeded with size %u, flags %#x",
		      command->name, attempt->size, attempt->flags);
	if (command->request == VDE_IOC_RESET ||
	    command->request == VDE_IOC_VAULT_REMOVE)
		wrong(place, "%s succeeded", command->name);
}

/* The last block is zero beyond the data */
static void take_append(struct place *place, const uint8_t *arg)
{
	static uint8_t block[BLOCK_SIZE];
	uint64_t data = get_le(arg + 8, 8), length = get_le(arg + 16, 8);
	uint64_t first = get_le(arg + 24, 8), blocks = get_le(arg + 32, 8), i;

	if (blocks != (length + BLOCK_SIZE - 1) / BLOCK_SIZE)
		wrong(place, "%llu bytes are %llu blocks",
		      (unsigned long long)length, (unsigned long long)blocks);
	__atomic_add_fetch(&crowd->appended, blocks, __ATOMIC_RELAXED);
	ledger_raise_end(place, first + blocks);
	/* The answer may have been written over some of it */
	if (!in_room(data, length) || data < (uintptr_t)room + 8192 ||
	    (data < (uintptr_t)arg + 300 && data + length > (uintptr_t)arg))
		return;
	for (i = 0; i < blocks; i++) {
		uint64_t left = length - i * BLOCK_SIZE;

		memset(block, 0, sizeof(block));
		memcpy(block, (void *)(uintptr_t)(data + i * BLOCK_SIZE),
		       left < BLOCK_SIZE ? left : BLOCK_SIZE);
		ledger_block(place, first + i, block, APPEND_IOCTL);
	}
}

static void take_add(struct place *place, const uint8_t *arg)
{
	const uint8_t *data = (void *)(uintptr_t)get_le(arg + 8, 8);
	uint32_t length, given = get_le(arg + 16, 4);
	unsigned int i;

	for (i = 0; i < passports_count(); i++) {
		const uint8_t *passport = passport_at(i, &length);

		if (length == given && !memcmp(data, passport, length)) {
			place->stored[i] = 1;
			__atomic_add_fetch(&crowd->added, 1, __ATOMIC_RELAXED);
			return;
		}
	}
	wrong(place, "a passport was stored that the issuer never signed");
}

static void take(struct handle *handle, const struct attempt *attempt)
{
	const uint8_t *arg = (void *)(uintptr_t)attempt->at;
	const struct command *command = attempt->command;

	if (!command) {
		if ((attempt->request & 0xffff) >> 8 == VDE_IOC_MAGIC)
			wrong(handle->place, "there is a command %#x",
			      attempt->request);
		return;
	}
	check_permission(handle, attempt);
	__atomic_add_fetch(&crowd->commands[command - commands], 1,
			   __ATOMIC_RELAXED);
	if (!in_room(attempt->at, 300))
		return;
	if (command->request == VDE_IOC_APPEND)
		take_append(handle->place, arg);
	else if (command->request == VDE_IOC_RECORD)
		ledger_record(handle->place, arg + 8);
	else if (command->request == VDE_IOC_VAULT_ADD)
		take_add(handle->place, arg);
	else if (command->request == VDE_IOC_STREAM_RESET)
		__atomic_add_fetch(&crowd->restarts, 1, __ATOMIC_RELAXED);
}

/* Nothing has failed beneath, so only the caller can be to blame. */
static void check_error(const struct handle *handle,
			const struct attempt *attempt)
{
	static const uint8_t any[] = {
		EFAULT, EINVAL, E2BIG, EBADF, ENODEV, ENOTTY, EINTR, 0
	};
	const struct command *command = attempt->command;
	int error = errno;

	if (command && !strchr((const char *)any, error) &&
	    !strchr((const char *)command->errors, error))
		wrong(handle->place, "%s: %s", command->name, strerror(error));
	errno = error;
}

static uint32_t odd_request(void)
{
	static const uint32_t strangers[] = {
		0x1260, 0x5401, 0x541B, 0x2285, 0xC138FD00, 0x80081272,
	};

	if (chance(3))
		return strangers[random_below(6)];
	return VDE_IOC_MAGIC << 8 | random_below(256) |
	       (chance(2) ? (uint32_t)random_below(0) << 16 : 0);
}

void report_ioctls(void)
{
	unsigned int i;

	printf("succeeded:");
	for (i = 0; i < COMMANDS; i++)
		printf(" %s=%llu", commands[i].name,
		       (unsigned long long)crowd->commands[i]);
	putchar('\n');
}

/* One for this kind of region, mostly */
static const struct command *choose(const struct place *place)
{
	const struct command *command;

	do
		command = &commands[random_below(COMMANDS)];
	while (!(command->kinds & FOR(place->kind)) && !chance(20));
	return command;
}

/* Others change it while the kernel looks: whatever it becomes, it may be */
static void call_moving(struct handle *handle, const struct attempt *attempt,
			const uint8_t *arg)
{
	uint8_t *at = moving_place();

	/* Whole numbers, of eight bytes */
	memcpy(at, arg, 304);
	count(IOCTLS, ioctl(handle->device, attempt->request, (uintptr_t)at));
}

void fuzz_ioctl(struct handle *handle)
{
	struct attempt attempt = {};
	uint8_t *arg = room + 8 * random_below(64);
	long ret;

	attempt.command = choose(handle->place);
	attempt.request = attempt.command->request;
	attempt.size = attempt.command->size;
	attempt.flags = random_below(4) & attempt.command->flags;
	memset(room, 0, 8192);
	put_fields(handle->place, arg, &attempt);
	if (chance(10))
		attempt.size = chance(2) ? attempt.size + random_below(300) : odd_number();
	if (chance(10))
		attempt.flags = 1U << random_below(32);
	if (chance(20))
		attempt.request = odd_request();
	put_le(arg, 4, attempt.size);
	put_le(arg + 4, 4, attempt.flags);
	attempt.command = find(attempt.request);
	if (!is_allowed(handle->place, attempt.request))
		return;
	if (chance(30)) {
		call_moving(handle, &attempt, arg);
		return;
	}
	attempt.at = place_of_structure(arg, 300);
	ret = ioctl(handle->device, attempt.request, (uintptr_t)attempt.at);
	count(IOCTLS, ret);
	if (ret >= 0)
		take(handle, &attempt);
	else
		check_error(handle, &attempt);
}

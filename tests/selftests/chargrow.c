// SPDX-License-Identifier: GPL-2.0-only
/*
 * chargrow DEVICE: calls each command of the character device with structures
 * that are shorter, longer and otherwise filled than those of today's header,
 * and prints a line for each command and kind of trial: "ok ..." when all of
 * them went as they must, after a line "# ..." for each that did not. A WORM
 * region must hold records, have a retention period that has not passed, and
 * no scrub. A vault must hold a passport that has not expired first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pattern.h"
#include "sealed.h"

#define ROOM (80U << 10)
#define LONGEST 4096U

/*
 * @size is that of the first version, in numbers: what the header says may
 * grow. @flags are those that the command knows, @reserved is the offset of a
 * reserved field or 0, @want is what the command must answer when its
 * structure is right.
 */
struct command {
	const char *name;
	unsigned int request;
	uint32_t size;
	uint32_t flags;
	uint32_t reserved;
	void (*fill)(void *arg);
	int want;
};

static struct sealed region;
static bool vault;
static char payload[100];
static uint8_t passport[VDE_IOC_PASSPORT_MAX];
static uint32_t passport_length;
static struct vde_ioc_passport_entry listed[4];
static struct vde_ioc_verify_entry verified[4];
static struct vde_ioc_record_entry entries[4];
static int64_t retention;

static void fill_nothing(void *arg)
{
	(void)arg;
}

static void fill_append(void *arg)
{
	struct vde_ioc_append *append = arg;

	append->data = (uintptr_t)payload;
	append->length = sizeof(payload);
}

static void fill_records(void *arg)
{
	struct vde_ioc_records *records = arg;

	records->count = 4;
	records->record_size = 56;
	records->records = (uintptr_t)entries;
}

static void fill_start(void *arg)
{
	struct vde_ioc_scrub_start *start = arg;

	start->from = 1ULL << 40;
}

static void fill_extend(void *arg)
{
	struct vde_ioc_retention *extend = arg;

	extend->retention = retention;
}

static void fill_add(void *arg)
{
	struct vde_ioc_vault_add *add = arg;

	add->data = (uintptr_t)passport;
	add->length = passport_length;
}

static void fill_get(void *arg)
{
	struct vde_ioc_vault_get *get = arg;

	memcpy(get->id, listed[0].id, 16);
	get->data = (uintptr_t)passport;
	get->length = sizeof(passport);
}

static void fill_list(void *arg)
{
	struct vde_ioc_vault_list *list = arg;

	list->count = 4;
	list->entry_size = 208;
	list->entries = (uintptr_t)listed;
}

static void fill_verify(void *arg)
{
	struct vde_ioc_vault_verify *verify = arg;

	memcpy(verify->id, listed[0].id, 16);
	verify->count = 4;
	verify->entry_size = 24;
	verify->entries = (uintptr_t)verified;
}

static void fill_remove(void *arg)
{
	struct vde_ioc_vault_remove *remove = arg;

	memcpy(remove->id, listed[0].id, 16);
}

/* What a vault has of its own */
static const struct command vault_commands[] = {
	{ "INFO", VDE_IOC_INFO, 136, 0, 20, fill_nothing, 0 },
	{ "VAULT_ADD", VDE_IOC_VAULT_ADD, 24, 0, 20, fill_add, EEXIST },
	{ "VAULT_GET", VDE_IOC_VAULT_GET, 48, 0, 44, fill_get, 0 },
	{ "VAULT_LIST", VDE_IOC_VAULT_LIST, 192, 63, 60, fill_list, 0 },
	{ "VAULT_VERIFY", VDE_IOC_VAULT_VERIFY, 48, VDE_IOC_VAULT_ALL, 0,
	  fill_verify, 0 },
	{ "VAULT_REMOVE", VDE_IOC_VAULT_REMOVE, 24, 0, 0, fill_remove, EAGAIN },
	{ "VAULT_STATUS", VDE_IOC_VAULT_STATUS, 136, 0, 0, fill_nothing, 0 },
	{ }
};

static const struct command worm_commands[] = {
	{ "INFO", VDE_IOC_INFO, 136, 0, 20, fill_nothing, 0 },
	{ "STATUS", VDE_IOC_STATUS, 128, 0, 12, fill_nothing, 0 },
	{ "APPEND", VDE_IOC_APPEND, 40, VDE_IOC_APPEND_DURABLE, 0, fill_append,
	  0 },
	{ "RECORD", VDE_IOC_RECORD, 64, 0, 28, fill_nothing, 0 },
	{ "RECORDS", VDE_IOC_RECORDS, 32, 0, 0, fill_records, 0 },
	{ "SCRUB_START", VDE_IOC_SCRUB_START, 24, VDE_IOC_SCRUB_RESUME, 0,
	  fill_start, ENODATA },
	{ "SCRUB_STOP", VDE_IOC_SCRUB_STOP, 8, 0, 0, fill_nothing, ESRCH },
	{ "SCRUB_STATUS", VDE_IOC_SCRUB_STATUS, 208, 0, 0, fill_nothing, 0 },
	{ "RETENTION_GET", VDE_IOC_RETENTION_GET, 56, 0, 12, fill_nothing, 0 },
	{ "RETENTION_EXTEND", VDE_IOC_RETENTION_EXTEND, 56, 0, 12, fill_extend,
	  0 },
	{ "RESET", VDE_IOC_RESET, 16, 0, 0, fill_nothing, EAGAIN },
	{ }
};

/* Room for the longest structure, and no memory behind it */
static char *room;

static void put32(char *arg, uint32_t offset, uint32_t value)
{
	memcpy(arg + offset, &value, sizeof(value));
}

/* A structure of @size bytes at the end of the room, right but for its size */
static char *prepare(const struct command *command, uint32_t size)
{
	uint32_t there = size > command->size ? size : command->size;
	char *arg = room + ROOM - there;

	memset(room, 0, ROOM);
	command->fill(arg);
	put32(arg, 0, size);
	return arg;
}

/* How much the region holds */
static uint64_t stored(void)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };

	if (!vault)
		return sealed_hwm(&region);
	if (ioctl(region.device, VDE_IOC_VAULT_STATUS, &status)) {
		perror("chargrow: VAULT_STATUS");
		exit(2);
	}
	return status.stored << 32 | status.removed;
}

static int call(const struct command *command, void *arg)
{
	return ioctl(region.device, command->request, arg) ? errno : 0;
}

static unsigned int failures;

static void complain(const char *what, const char *how)
{
	printf("# %s: %s\n", what, how);
	failures++;
}

static void result(const char *what, int got, int want)
{
	char how[64];

	if (got == want)
		return;
	snprintf(how, sizeof(how), "%s, want %s", errno_name(got),
		 errno_name(want));
	complain(what, how);
}

static void end_group(const struct command *command, const char *group)
{
	printf("%sok %s: %s\n", failures ? "not " : "", command->name, group);
	failures = 0;
}

/* The same, and no append may have happened, nor anything been written out */
static void refused(const struct command *command, const char *what, char *arg,
		    int want)
{
	uint64_t before_it = stored();
	char *before = buffer_alloc(ROOM);
	int got;

	memcpy(before, room, ROOM);
	got = call(command, arg);
	result(what, got, want);
	if (stored() != before_it)
		complain(what, "stored something");
	if (memcmp(before, room, ROOM))
		complain(what, "changed the structure");
	munmap(before, ROOM);
}

static bool is_zero(const char *bytes, uint32_t count)
{
	while (count && !*bytes) {
		bytes++;
		count--;
	}
	return !count;
}

static void try_longer(const struct command *command, uint32_t longer)
{
	uint32_t size = command->size;
	char what[64], *arg;

	snprintf(what, sizeof(what), "%u bytes, zeros behind", longer);
	arg = prepare(command, longer);
	result(what, call(command, arg), command->want);
	if (!is_zero(arg + size, longer - size))
		complain(what, "not zero any more");
	snprintf(what, sizeof(what), "%u bytes, a 1 behind", longer);
	arg = prepare(command, longer);
	arg[size] = 1;
	refused(command, what, arg, E2BIG);
	snprintf(what, sizeof(what), "%u bytes, the last is 1", longer);
	arg = prepare(command, longer);
	arg[longer - 1] = 1;
	refused(command, what, arg, E2BIG);
}

static void try_sizes(const struct command *command)
{
	static const uint32_t more[] = { 1, 4, 8, 100 };
	uint32_t size = command->size, i;

	result("as it is", call(command, prepare(command, size)),
	       command->want);
	refused(command, "size 0", prepare(command, 0), EINVAL);
	refused(command, "size 4", prepare(command, 4), EINVAL);
	refused(command, "a byte short", prepare(command, size - 1), EINVAL);
	for (i = 0; i < sizeof(more) / sizeof(*more); i++)
		try_longer(command, size + more[i]);
	try_longer(command, LONGEST);
	refused(command, "longer than any", prepare(command, LONGEST + 1),
		E2BIG);
	refused(command, "64 KiB", prepare(command, 65536), E2BIG);
}

static void try_flags(const struct command *command)
{
	char what[64], *arg;
	uint32_t bit;

	for (bit = 0; bit < 32; bit++) {
		if (command->flags & 1U << bit)
			continue;
		arg = prepare(command, command->size);
		put32(arg, 4, 1U << bit | command->flags);
		snprintf(what, sizeof(what), "unknown flag %u", bit);
		refused(command, what, arg, EINVAL);
	}
	if (!command->reserved)
		return;
	arg = prepare(command, command->size);
	put32(arg, command->reserved, 1);
	refused(command, "reserved is 1", arg, EINVAL);
	arg = prepare(command, command->size);
	put32(arg, command->reserved, 0x80000000);
	refused(command, "reserved is 1 << 31", arg, EINVAL);
}

static void try_pointers(const struct command *command)
{
	char *arg;

	prepare(command, command->size);
	refused(command, "no pointer", NULL, EFAULT);
	refused(command, "pointer to the kernel", (void *)-4096L, EFAULT);
	refused(command, "no memory there", room + ROOM, EFAULT);
	arg = prepare(command, command->size) + 4;
	put32(arg, 0, command->size);
	refused(command, "memory ends within", arg, EFAULT);
	put32(arg, 0, LONGEST);
	refused(command, "size beyond the memory", arg, EFAULT);
}

/* Where the answer cannot be stored nothing may have been done for it */
static void try_read_only(const struct command *command)
{
	char *arg = prepare(command, command->size);
	uint64_t before_it = stored();
	int got;

	mprotect(room, ROOM, PROT_READ);
	got = call(command, arg);
	mprotect(room, ROOM, PROT_READ | PROT_WRITE);
	if (got != command->want || !got)
		result("memory that cannot be written", got, EFAULT);
	if (stored() != before_it)
		complain("memory that cannot be written", "stored something");
}

static void try_misaligned(const struct command *command)
{
	uint32_t offset;
	char *arg;

	for (offset = 1; offset < 8; offset++) {
		prepare(command, command->size);
		arg = room + offset;
		command->fill(arg);
		put32(arg, 0, command->size);
		if (call(command, arg) != command->want)
			break;
	}
	if (offset < 8)
		complain("misaligned", errno_name(errno));
}

static int get_ready(const char *device)
{
	struct vde_ioc_info info = { .size = sizeof(info) };
	struct vde_ioc_retention retained = { .size = sizeof(retained) };
	struct vde_ioc_vault_list list = { .size = sizeof(list) };
	struct vde_ioc_vault_get get = { .size = sizeof(get) };
	int err;

	errno = -sealed_open(&region, device, O_RDWR);
	if (errno || ioctl(region.device, VDE_IOC_INFO, &info))
		return -1;
	vault = info.kind == VDE_IOC_KIND_VAULT;
	if (!vault) {
		err = ioctl(region.device, VDE_IOC_RETENTION_GET, &retained);
		retention = retained.retention;
		return err;
	}
	fill_list(&list);
	if (ioctl(region.device, VDE_IOC_VAULT_LIST, &list))
		return -1;
	fill_get(&get);
	err = ioctl(region.device, VDE_IOC_VAULT_GET, &get);
	passport_length = get.length;
	return err;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc != 2)
		return 2;
	if (get_ready(argv[1])) {
		perror(argv[1]);
		return 2;
	}
	room = buffer_alloc(ROOM + 4096);
	mprotect(room + ROOM, 4096, PROT_NONE);
	command = vault ? vault_commands : worm_commands;
	for (; command->name; command++) {
		try_sizes(command);
		end_group(command, "structures of other sizes");
		try_flags(command);
		end_group(command, "unknown flags, reserved fields");
		try_pointers(command);
		try_read_only(command);
		try_misaligned(command);
		end_group(command, "bad and odd pointers");
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * vaultcheck DEVICE FILE MODEL [ADDS [SWEEPS]]: does a vault hold what it must?
 * Called as vaultcheck -b DEVICE..., it compares bytes only, and verifies nothing.
 *
 * FILE holds the passports in the order in which they are added. MODEL says what
 * was there when this last looked, a character for each passport: "." or, of a
 * tombstone, "x"; it need not exist, and is written anew. ADDS is what vdevault
 * each has answered since, SWEEPS what vdevault sweep has. All that was
 * acknowledged must be there, byte for byte, with a valid signature, and nothing
 * else but what was being done last. Each kind of list must have what belongs
 * there. Prints a line "there=N tombstones=N OK", or what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_PASSPORTS	200000
#define MAX_BATCH	300
#define MIN_SIZE	132
#define TICKS		10000000LL
#define UNIX_EPOCH	621355968000000000LL
#define TOMBSTONE	0xFFFF

/* Where fields lie in a passport */
enum { ID = 0, OBJECT = 16, FRAMEWORK = 32, STATUS = 34, EXPIRES = 44,
       VERIFIED = 52, ISSUER_LENGTH = 60, ISSUER = 64 };

struct passport {
	const uint8_t *data;
	uint32_t size;
	bool removed;	/* seen as a tombstone */
	bool tried;	/* somebody wanted to remove it */
	bool done;	/* ... and was told that it is removed */
};

static struct passport passports[MAX_PASSPORTS];
static uint32_t known;	/* of them, in the file */
static uint32_t there;	/* of them, in the vault */
static bool bytes_only;
static int device;

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	puts("");
	exit(1);
}

static uint64_t get(const uint8_t *at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static uint8_t *read_all(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	size_t room = 128 << 20;
	uint8_t *data;

	*size = 0;
	if (!file)
		return NULL;
	data = malloc(room);
	if (!data)
		die("out of memory");
	*size = fread(data, 1, room - 1, file);
	data[*size] = 0;
	fclose(file);
	return data;
}

static void read_passports(const char *name)
{
	size_t left;
	const uint8_t *data = read_all(name, &left);
	uint32_t issuer, size;

	for (; left; data += size, left -= size) {
		issuer = get(data + ISSUER_LENGTH, 4);
		size = MIN_SIZE + issuer + get(data + ISSUER + issuer, 4);
		if (left < size || known == MAX_PASSPORTS)
			die("malformed passports");
		passports[known].data = data;
		passports[known++].size = size;
	}
}

/* What was there before, and how many more must be now */
static uint32_t read_model(const char *name, const char *adds)
{
	size_t size, i;
	const char *model = (char *)read_all(name, &size);
	uint32_t least = 0;

	for (i = 0; i < size && model[i] != '\n'; i++)
		if (model[i] == 'x')
			passports[i].tried = passports[i].done = true;
	least = i;
	if (!adds)
		return least;
	model = (char *)read_all(adds, &size);
	for (; model && (model = strstr(model, "OK\n")); model += 3)
		least++;
	return least;
}

static void read_sweeps(const char *name)
{
	size_t size;
	char *text = (char *)read_all(name, &size), *end;
	unsigned long number;

	while (text && *text) {
		number = strtoul(text, &end, 10);
		if (end == text || number >= known)
			die("malformed sweeps");
		passports[number].tried = true;
		passports[number].done |= !strncmp(end, " OK\n", 4);
		text = strchr(end, '\n');
		text = text ? text + 1 : end + strlen(end);
	}
}

static void write_model(const char *name)
{
	FILE *file = fopen(name, "w");
	uint32_t i;

	if (!file)
		die("cannot write the model");
	for (i = 0; i < there; i++)
		fputc(passports[i].removed ? 'x' : '.', file);
	fputc('\n', file);
	if (fclose(file))
		die("cannot write the model");
}

/* Fields that a tombstone does not keep count as those of @passport */
static bool is_tombstone_of(uint8_t *data, const struct passport *passport)
{
	uint32_t notes = ISSUER + 4 + get(passport->data + ISSUER_LENGTH, 4);
	uint32_t i;

	for (i = notes; i < passport->size; i++)
		if (data[i])
			return false;
	memcpy(data + STATUS, passport->data + STATUS, 2);
	memcpy(data + VERIFIED, passport->data + VERIFIED, 8);
	return !memcmp(data, passport->data, notes);
}

static void check_bytes(uint32_t nr, bool removed)
{
	struct passport *passport = &passports[nr];
	uint8_t data[VDE_IOC_PASSPORT_MAX];
	struct vde_ioc_vault_get arg = {
		.size = sizeof(arg),
		.data = (uintptr_t)data,
		.length = sizeof(data),
	};

	memcpy(arg.id, passport->data, 16);
	if (ioctl(device, VDE_IOC_VAULT_GET, &arg))
		die("passport %u: %s", nr, errno_name(errno));
	if (arg.length != passport->size ||
	    removed != (get(data + STATUS, 2) == TOMBSTONE))
		die("passport %u: another one is read", nr);
	if (removed ? !is_tombstone_of(data, passport) :
		      memcmp(data, passport->data, passport->size))
		die("passport %u: its bytes have changed", nr);
}

/* The whole list, tombstones as well */
static void check_entry(const struct vde_ioc_passport_entry *entry)
{
	struct passport *passport = &passports[there];
	bool removed = entry->status == TOMBSTONE;

	if (there == known || memcmp(entry->id, passport->data, 16))
		die("entry %u of the list is not passport %u", there, there);
	if (removed && !passport->tried)
		die("passport %u is a tombstone, and nobody wanted that",
		    there);
	if (!removed && passport->done)
		die("passport %u was removed, and is there again", there);
	passport->removed = removed;
	check_bytes(there, removed);
	there++;
}

/* A list with the filters that are set in @list; @want says what belongs there */
static void check_list(const char *name, struct vde_ioc_vault_list list,
		       bool (*want)(const struct passport *passport,
				    const struct vde_ioc_vault_list *list))
{
	static struct vde_ioc_passport_entry entries[MAX_BATCH];
	uint32_t nr = 0, i;

	list.size = sizeof(list);
	list.entry_size = sizeof(*entries);
	list.entries = (uintptr_t)entries;
	do {
		list.count = 1 + random() % MAX_BATCH;
		if (ioctl(device, VDE_IOC_VAULT_LIST, &list))
			die("list %s: %s", name, errno_name(errno));
		for (i = 0; i < list.count; i++, nr++) {
			if (!want) {
				check_entry(&entries[i]);
				continue;
			}
			while (nr < there && !want(&passports[nr], &list))
				nr++;
			if (nr == there ||
			    memcmp(entries[i].id, passports[nr].data, 16))
				die("list %s: passport %u is missing, or another one is there",
				    name, nr);
		}
	} while (list.count);
	for (; want && nr < there; nr++)
		if (want(&passports[nr], &list))
			die("list %s: passport %u is missing", name, nr);
}

static bool is_wanted(const struct passport *passport,
		      const struct vde_ioc_vault_list *list)
{
	const uint8_t *data = passport->data;
	uint32_t status = passport->removed ? TOMBSTONE : get(data + STATUS, 2);
	int64_t now = time(NULL) * TICKS + UNIX_EPOCH;
	int64_t expires = get(data + EXPIRES, 8);

	if (list->flags & VDE_IOC_VAULT_BY_OBJECT &&
	    memcmp(data + OBJECT, list->object, 16))
		return false;
	if (list->flags & VDE_IOC_VAULT_BY_FRAMEWORK &&
	    get(data + FRAMEWORK, 2) != list->framework)
		return false;
	if (list->flags & VDE_IOC_VAULT_BY_ISSUER &&
	    (get(data + ISSUER_LENGTH, 4) != list->issuer_length ||
	     memcmp(data + ISSUER, list->issuer, list->issuer_length)))
		return false;
	if (list->flags & VDE_IOC_VAULT_EXPIRED &&
	    (passport->removed || !expires || expires > now))
		return false;
	if (list->flags & VDE_IOC_VAULT_BY_STATUS)
		return status == list->status;
	return !passport->removed || list->flags & VDE_IOC_VAULT_REMOVED;
}

static void set_issuer(struct vde_ioc_vault_list *list,
		       const struct passport *passport)
{
	list->issuer_length = get(passport->data + ISSUER_LENGTH, 4);
	memcpy(list->issuer, passport->data + ISSUER, list->issuer_length);
}

static void check_filters(void)
{
	static const uint32_t statuses[] = { 0, 1, 2, 3, 4, 5, 6, 7, TOMBSTONE };
	struct vde_ioc_vault_list list;
	uint32_t i;

	check_list("of all", (struct vde_ioc_vault_list) { }, is_wanted);
	check_list("of expired ones", (struct vde_ioc_vault_list) {
		   .flags = VDE_IOC_VAULT_EXPIRED }, is_wanted);
	for (i = 0; i < 9; i++)
		check_list("by framework", (struct vde_ioc_vault_list) {
			   .flags = VDE_IOC_VAULT_BY_FRAMEWORK,
			   .framework = i }, is_wanted);
	for (i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		check_list("by status", (struct vde_ioc_vault_list) {
			   .flags = VDE_IOC_VAULT_BY_STATUS,
			   .status = statuses[i] }, is_wanted);
	for (i = 0; i < there && i < 9; i++) {
		list = (struct vde_ioc_vault_list) {
			.flags = VDE_IOC_VAULT_BY_OBJECT };
		memcpy(list.object, passports[i].data + OBJECT, 16);
		check_list("by object", list, is_wanted);
		list.flags |= VDE_IOC_VAULT_BY_FRAMEWORK |
			      VDE_IOC_VAULT_REMOVED;
		list.framework = get(passports[i].data + FRAMEWORK, 2);
		check_list("by object and framework", list, is_wanted);
		list = (struct vde_ioc_vault_list) {
			.flags = VDE_IOC_VAULT_BY_ISSUER };
		set_issuer(&list, &passports[i]);
		check_list("by issuer", list, is_wanted);
		list.flags |= VDE_IOC_VAULT_EXPIRED;
		check_list("by issuer, expired", list, is_wanted);
	}
}

static void check_signatures(void)
{
	struct vde_ioc_verify_entry entries[64];
	struct vde_ioc_vault_verify arg = {
		.size = sizeof(arg),
		.flags = VDE_IOC_VAULT_ALL,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};
	uint32_t nr = 0, i;

	do {
		arg.count = 64;
		if (ioctl(device, VDE_IOC_VAULT_VERIFY, &arg))
			die("verify: %s", errno_name(errno));
		for (i = 0; i < arg.count; i++, nr++) {
			while (nr < there && passports[nr].removed)
				nr++;
			if (nr == there || memcmp(entries[i].id,
						  passports[nr].data, 16))
				die("passport %u was not verified", nr);
			if (entries[i].verdict != VDE_IOC_VERDICT_VALID)
				die("passport %u: verdict %u", nr,
				    entries[i].verdict);
		}
	} while (arg.count);
	for (; nr < there; nr++)
		if (!passports[nr].removed)
			die("passport %u was not verified", nr);
}

static uint32_t check_numbers(void)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };
	uint32_t removed = 0, i;

	for (i = 0; i < there; i++)
		removed += passports[i].removed;
	if (ioctl(device, VDE_IOC_VAULT_STATUS, &status))
		die("status: %s", errno_name(errno));
	if (status.mode != VDE_IOC_MODE_RW ||
	    status.passports != there - removed || status.removed != removed ||
	    status.stored != there ||
	    (status.verified != there - removed && !bytes_only))
		die("mode %u, %llu passports, %llu removed, %llu stored, %llu verified",
		    status.mode, status.passports, status.removed,
		    status.stored, status.verified);
	return removed;
}

int main(int argc, char **argv)
{
	uint32_t least;

	bytes_only = argc > 1 && !strcmp(argv[1], "-b");
	argv += bytes_only;
	argc -= bytes_only;
	if (argc < 4)
		die("see the head of vaultcheck.c");
	srandom(time(NULL) ^ getpid());
	device = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (device < 0)
		die("open: %s", errno_name(errno));
	read_passports(argv[2]);
	least = read_model(argv[3], argc > 4 ? argv[4] : NULL);
	if (argc > 5)
		read_sweeps(argv[5]);
	check_list("of everything", (struct vde_ioc_vault_list) {
		   .flags = VDE_IOC_VAULT_REMOVED }, NULL);
	if (there < least || there > least + 1)
		die("%u passports are there, %u were acknowledged", there,
		    least);
	if (!bytes_only)
		check_signatures();
	check_filters();
	write_model(argv[3]);
	printf("there=%u tombstones=%u OK\n", there, check_numbers());
	return 0;
}

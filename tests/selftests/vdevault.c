// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdevault DEVICE r|w|rw OPERATION...: operations on one open character device
 * of a vault. Each is answered with the lines said below, or with the name of an
 * errno. An ID is a GUID in text.
 *
 *	add:FILE		OK
 *	addfail:N:FILE		the same while the Nth allocation of the kernel fails:
 *				OK or an errno, and 1 if there were so many, else 0
 *	addall:FILE		passports one after the other: a line for each errno,
 *				or OK, and how often; stops at ENOSPC
 *	each:FILE[:FROM]	passports one after the other, from number FROM on: a
 *				line for each, OK or the errno that ends it
 *	sweep:FILE[:FROM]	removes those that have expired, likewise: a line for
 *				each, NUMBER and OK or the errno that ends it; it has
 *				the number as soon as it is tried
 *	flips:FILE		likewise, of the passport with each one of its bits
 *				flipped in turn
 *	addraw:ADDRESS:LENGTH	memory that may not be there; OK
 *	get:ID[:FILE]		LENGTH VERDICT TRAITS DATA, or the data to FILE
 *	getroom:ID:ROOM		the same with so much room
 *	list[:FILTER...]	a line for each passport: ID OBJECT FRAMEWORK STATUS
 *				ISSUED EXPIRES VERIFIED VERDICT TRAITS LENGTH ISSUER;
 *				filters: object=ID framework=N status=N issuer=TEXT
 *				expired removed; batch=N entries a call (64), from=N
 *				the cursor to begin with, entry=N bytes each
 *	count[:FILTER...]	only how many lines that would be
 *	verify:ID		ID VERDICT TRAITS
 *	verifyall[:BATCH]	such a line for each passport
 *	remove:ID		OK
 *	status			key=value...
 *	nobody			become an unprivileged user: OK
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guid.h"
#include "pattern.h"
#include "vdevault.h"

#define MIN_SIZE 132
#define MAX_BATCH 4096
#define SAY(name, value) printf(" " name "=%lld", (long long)(value))

int vault_device;

void vault_fail(const char *what)
{
	fprintf(stderr, "vdevault: %s; see the head of vdevault.c\n", what);
	exit(2);
}

void vault_answer(long got)
{
	puts(got < 0 ? errno_name(errno) : "OK");
}

static void take_guid(const char *text, uint8_t guid[16])
{
	if (!text || !guid_parse(text, guid))
		vault_fail("not a GUID");
}

uint64_t vault_number(const char *text)
{
	char *end;
	uint64_t number;

	if (!text || !*text)
		vault_fail("a number is missing");
	number = strtoull(text, &end, 0);
	if (*end)
		vault_fail(text);
	return number;
}

size_t vault_read_file(const char *name, uint8_t **data)
{
	FILE *file = fopen(name ? name : "", "rb");
	size_t size, room = 64 << 20;

	if (!file)
		vault_fail("cannot open a file");
	*data = malloc(room);
	if (!*data)
		vault_fail("out of memory");
	size = fread(*data, 1, room, file);
	fclose(file);
	return size;
}

/* 0, or an errno */
int vault_add(const void *data, size_t length)
{
	struct vde_ioc_vault_add arg = {
		.size = sizeof(arg),
		.data = (uintptr_t)data,
		.length = length,
	};

	return ioctl(vault_device, VDE_IOC_VAULT_ADD, &arg) < 0 ? errno : 0;
}

static void do_add(char *words)
{
	uint8_t *data;
	size_t size = vault_read_file(words, &data);

	puts(errno_name(vault_add(data, size)));
	free(data);
}

static void do_addraw(char *words)
{
	uint64_t address = vault_number(strsep(&words, ":"));

	puts(errno_name(vault_add((void *)(uintptr_t)address, vault_number(words))));
}

static void say_tally(const long tally[4096])
{
	int i;

	for (i = 0; i < 4096; i++)
		if (tally[i])
			printf("%s %ld\n", errno_name(i), tally[i]);
}

static uint32_t peek32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Of a passport that is sound, else some length in the range */
size_t vault_passport_size(const uint8_t *passport, size_t left)
{
	size_t issuer, notes;

	if (left < MIN_SIZE)
		return left;
	issuer = peek32(passport + 60);
	if (issuer > left - MIN_SIZE)
		return left;
	notes = peek32(passport + 64 + issuer);
	return notes > left - MIN_SIZE - issuer ? left :
	       MIN_SIZE + issuer + notes;
}

static void do_addall(char *words)
{
	long tally[4096] = { };
	uint8_t *data, *next;
	size_t left = vault_read_file(words, &data), size;
	int err = 0;

	for (next = data; left && err != ENOSPC; next += size, left -= size) {
		size = vault_passport_size(next, left);
		err = vault_add(next, size);
		tally[err]++;
	}
	say_tally(tally);
	free(data);
}

static void do_flips(char *words)
{
	long tally[4096] = { };
	uint8_t *data;
	size_t size = vault_read_file(words, &data), bit;

	for (bit = 0; bit < size * 8; bit++) {
		data[bit / 8] ^= 1 << bit % 8;
		tally[vault_add(data, size)]++;
		data[bit / 8] ^= 1 << bit % 8;
	}
	say_tally(tally);
	free(data);
}

static const char *verdict_name(uint32_t verdict)
{
	static const char *const names[] = {
		[VDE_IOC_VERDICT_UNCHECKED] = "unchecked",
		[VDE_IOC_VERDICT_VALID] = "valid",
		[VDE_IOC_VERDICT_BAD] = "bad",
		[VDE_IOC_VERDICT_NO_KEY] = "no-key",
		[VDE_IOC_VERDICT_REMOVED] = "removed",
		[VDE_IOC_VERDICT_DAMAGED] = "damaged",
	};

	return verdict < sizeof(names) / sizeof(*names) ? names[verdict] : "?";
}

static const char *trait_names(uint32_t traits)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s",
		 traits & VDE_IOC_PASSPORT_EXPIRED ? "+expired" : "",
		 traits & VDE_IOC_PASSPORT_REMOVED ? "+removed" : "",
		 traits & VDE_IOC_PASSPORT_RELEASED ? "+released" : "",
		 traits & ~(VDE_IOC_PASSPORT_EXPIRED | VDE_IOC_PASSPORT_REMOVED |
			    VDE_IOC_PASSPORT_RELEASED) ? "+?" : "");
	return *text ? text + 1 : "-";
}

static void get(const char *id, const char *name, uint32_t room)
{
	uint8_t data[VDE_IOC_PASSPORT_MAX];
	struct vde_ioc_vault_get arg = {
		.size = sizeof(arg),
		.data = (uintptr_t)data,
		.length = room,
	};
	FILE *file;
	uint32_t i;

	take_guid(id, arg.id);
	if (ioctl(vault_device, VDE_IOC_VAULT_GET, &arg) < 0) {
		vault_answer(-1);
		return;
	}
	printf("%u %s %s ", arg.length, verdict_name(arg.verdict),
	       trait_names(arg.traits));
	if (name) {
		file = fopen(name, "wb");
		if (!file || fwrite(data, 1, arg.length, file) != arg.length ||
		    fclose(file))
			vault_fail("cannot write a file");
	}
	for (i = 0; !name && i < arg.length; i++)
		printf("%02x", data[i]);
	puts("");
}

static void do_get(char *words)
{
	char *id = strsep(&words, ":");

	get(id, words, VDE_IOC_PASSPORT_MAX);
}

static void do_getroom(char *words)
{
	char *id = strsep(&words, ":");

	get(id, NULL, vault_number(words));
}

static void take_filter(struct vde_ioc_vault_list *list, uint32_t *batch,
			char *value)
{
	const char *name = strsep(&value, "=");

	if (!strcmp(name, "object")) {
		list->flags |= VDE_IOC_VAULT_BY_OBJECT;
		take_guid(value, list->object);
	} else if (!strcmp(name, "framework")) {
		list->flags |= VDE_IOC_VAULT_BY_FRAMEWORK;
		list->framework = vault_number(value);
	} else if (!strcmp(name, "status")) {
		list->flags |= VDE_IOC_VAULT_BY_STATUS;
		list->status = vault_number(value);
	} else if (!strcmp(name, "issuer") && value &&
		   strlen(value) <= VDE_IOC_ISSUER_MAX) {
		list->flags |= VDE_IOC_VAULT_BY_ISSUER;
		list->issuer_length = strlen(value);
		memcpy(list->issuer, value, list->issuer_length);
	} else if (!strcmp(name, "expired")) {
		list->flags |= VDE_IOC_VAULT_EXPIRED;
	} else if (!strcmp(name, "removed")) {
		list->flags |= VDE_IOC_VAULT_REMOVED;
	} else if (!strcmp(name, "from")) {
		list->cursor = vault_number(value);
	} else if (!strcmp(name, "entry")) {
		list->entry_size = vault_number(value);
	} else if (!strcmp(name, "batch")) {
		*batch = vault_number(value);
	} else {
		vault_fail(name);
	}
}

static void say_entry(const struct vde_ioc_passport_entry *entry)
{
	char id[GUID_TEXT], object[GUID_TEXT];

	printf("%s %s %u %u %lld %lld %lld %s %s %u %.*s\n",
	       guid_print(entry->id, id), guid_print(entry->object, object),
	       entry->framework, entry->status, (long long)entry->issued,
	       (long long)entry->expires, (long long)entry->verified,
	       verdict_name(entry->verdict), trait_names(entry->traits),
	       entry->length, (int)entry->issuer_length, entry->issuer);
}

static void list(char *words, bool print)
{
	struct vde_ioc_vault_list list = {
		.size = sizeof(list),
		.entry_size = sizeof(struct vde_ioc_passport_entry),
	};
	uint32_t batch = 64, i;
	long count = 0;
	char *entries;

	while (words)
		take_filter(&list, &batch, strsep(&words, ":"));
	if (batch > MAX_BATCH)
		vault_fail("too large a batch");
	entries = calloc(batch + 1, list.entry_size + 1);
	if (!entries)
		vault_fail("out of memory");
	list.entries = (uintptr_t)entries;
	do {
		list.count = batch;
		if (ioctl(vault_device, VDE_IOC_VAULT_LIST, &list) < 0) {
			vault_answer(-1);
			break;
		}
		for (i = 0; print && i < list.count; i++)
			say_entry((void *)(entries + (size_t)i * list.entry_size));
		count += list.count;
	} while (list.count);
	if (!print && !list.count)
		printf("%ld\n", count);
	free(entries);
}

static void do_list(char *words)
{
	list(words, true);
}

static void do_count(char *words)
{
	list(words, false);
}

/* One passport, or all of them; a line for each */
static void verify(struct vde_ioc_vault_verify *arg, uint32_t batch)
{
	struct vde_ioc_verify_entry *entries = calloc(batch, sizeof(*entries));
	char id[GUID_TEXT];
	uint32_t i;

	if (!entries)
		vault_fail("out of memory");
	arg->size = sizeof(*arg);
	arg->entry_size = sizeof(*entries);
	arg->entries = (uintptr_t)entries;
	do {
		arg->count = batch;
		if (ioctl(vault_device, VDE_IOC_VAULT_VERIFY, arg) < 0) {
			vault_answer(-1);
			break;
		}
		for (i = 0; i < arg->count; i++)
			printf("%s %s %s\n", guid_print(entries[i].id, id),
			       verdict_name(entries[i].verdict),
			       trait_names(entries[i].traits));
	} while (arg->count && arg->flags & VDE_IOC_VAULT_ALL);
	free(entries);
}

static void do_verify(char *words)
{
	struct vde_ioc_vault_verify arg = { };

	take_guid(words, arg.id);
	verify(&arg, 1);
}

static void do_verifyall(char *words)
{
	struct vde_ioc_vault_verify arg = { .flags = VDE_IOC_VAULT_ALL };
	uint64_t batch = words ? vault_number(words) : 64;

	if (!batch || batch > MAX_BATCH)
		vault_fail("no such batch");
	verify(&arg, batch);
}

static void do_remove(char *words)
{
	struct vde_ioc_vault_remove arg = { .size = sizeof(arg) };

	take_guid(words, arg.id);
	vault_answer(ioctl(vault_device, VDE_IOC_VAULT_REMOVE, &arg));
}

static void do_status(char *words)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };

	(void)words;
	if (ioctl(vault_device, VDE_IOC_VAULT_STATUS, &status) < 0) {
		vault_answer(-1);
		return;
	}
	printf("mode=%u state=%u", status.mode, status.state);
	SAY("passports", status.passports);
	SAY("removed", status.removed);
	SAY("stored", status.stored);
	SAY("verified", status.verified);
	SAY("unverifiable", status.unverifiable);
	SAY("bad", status.bad);
	SAY("unchecked", status.unchecked);
	SAY("rejected_adds", status.rejected_adds);
	SAY("blocks", status.blocks);
	SAY("used_blocks", status.used_blocks);
	SAY("free_bytes", status.free_bytes);
	SAY("holds", status.holds);
	SAY("attested", status.attested);
	SAY("commits", status.commits);
	SAY("damaged", status.damaged);
	puts("");
}

static void do_nobody(char *words)
{
	(void)words;
	vault_answer(setresgid(65534, 65534, 65534) ? -1 :
	       setresuid(65534, 65534, 65534));
}

static const struct operation {
	const char *name;
	void (*run)(char *words);	/* what follows its colon, or NULL */
} operations[] = {
	{ "add", do_add },
	{ "addfail", vault_addfail },
	{ "addall", do_addall },
	{ "each", vault_each },
	{ "sweep", vault_sweep },
	{ "flips", do_flips },
	{ "addraw", do_addraw },
	{ "get", do_get },
	{ "getroom", do_getroom },
	{ "list", do_list },
	{ "count", do_count },
	{ "verify", do_verify },
	{ "verifyall", do_verifyall },
	{ "remove", do_remove },
	{ "status", do_status },
	{ "nobody", do_nobody },
	{ }
};

static void run(char *words)
{
	const char *name = strsep(&words, ":");
	const struct operation *operation = operations;

	while (operation->name && strcmp(operation->name, name))
		operation++;
	if (!operation->name)
		vault_fail(name);
	operation->run(words);
}

int main(int argc, char **argv)
{
	int i, flags = O_RDWR;

	if (argc < 4)
		vault_fail("nothing to do");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(argv[2], "r"))
		flags = O_RDONLY;
	else if (!strcmp(argv[2], "w"))
		flags = O_WRONLY;
	else if (strcmp(argv[2], "rw"))
		vault_fail(argv[2]);
	vault_device = open(argv[1], flags | O_CLOEXEC);
	if (vault_device < 0) {
		printf("open: %s\n", errno_name(errno));
		return 1;
	}
	for (i = 3; i < argc; i++)
		run(argv[i]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * vaultcost DEVICE PASSPORTS COUNT...: what a command costs when a vault holds so many
 * passports. DEVICE is the character device of an empty vault, PASSPORTS a file of passports
 * of the same length, which are added up to each COUNT in turn. A line for each:
 *
 *	COUNT INFO ADD GET MISS OBJECT VERIFY
 *
 * medians in nanoseconds: an INFO ioctl, for comparison; adding one passport (of the last
 * up to 500); getting one of those that are there, at random; asking for one that is not;
 * listing those of one object; verifying one.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MIN_SIZE 132
#define ISSUER_AT 60
#define OBJECT_AT 16
#define SAMPLES 500

static int device;
static const uint8_t *passports;
static size_t size;	/* of each */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void info(const uint8_t *passport)
{
	struct vde_ioc_info arg = { .size = sizeof(arg) };

	(void)passport;
	if (ioctl(device, VDE_IOC_INFO, &arg) < 0)
		err(1, "INFO");
}

static void add(const uint8_t *passport)
{
	struct vde_ioc_vault_add arg = {
		.size = sizeof(arg),
		.data = (uintptr_t)passport,
		.length = size,
	};

	if (ioctl(device, VDE_IOC_VAULT_ADD, &arg) < 0)
		err(1, "ADD");
}

static bool get_id(const uint8_t *id)
{
	uint8_t buffer[VDE_IOC_PASSPORT_MAX];
	struct vde_ioc_vault_get arg = {
		.size = sizeof(arg),
		.data = (uintptr_t)buffer,
		.length = sizeof(buffer),
	};

	memcpy(arg.id, id, sizeof(arg.id));
	if (!ioctl(device, VDE_IOC_VAULT_GET, &arg))
		return true;
	if (errno != ENOENT)
		err(1, "GET");
	return false;
}

static void get(const uint8_t *passport)
{
	if (!get_id(passport))
		errx(1, "GET: a passport is missing");
}

static void miss(const uint8_t *passport)
{
	uint8_t id[16];

	memcpy(id, passport, sizeof(id));
	id[8] ^= 0xFF;	/* ids count up in the last bytes */
	if (get_id(id))
		errx(1, "GET: found what is not there");
}

static void object(const uint8_t *passport)
{
	struct vde_ioc_passport_entry entries[4];
	struct vde_ioc_vault_list arg = {
		.size = sizeof(arg),
		.flags = VDE_IOC_VAULT_BY_OBJECT,
		.count = 4,
		.entry_size = sizeof(entries[0]),
		.entries = (uintptr_t)entries,
	};

	memcpy(arg.object, passport + OBJECT_AT, sizeof(arg.object));
	if (ioctl(device, VDE_IOC_VAULT_LIST, &arg) < 0)
		err(1, "LIST");
	if (arg.count != 1)
		errx(1, "LIST: %u passports of an object", arg.count);
}

static void verify(const uint8_t *passport)
{
	struct vde_ioc_verify_entry entry;
	struct vde_ioc_vault_verify arg = {
		.size = sizeof(arg),
		.count = 1,
		.entry_size = sizeof(entry),
		.entries = (uintptr_t)&entry,
	};

	memcpy(arg.id, passport, sizeof(arg.id));
	if (ioctl(device, VDE_IOC_VAULT_VERIFY, &arg) < 0)
		err(1, "VERIFY");
	if (entry.verdict != VDE_IOC_VERDICT_VALID)
		errx(1, "VERIFY: verdict %u", entry.verdict);
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static uint64_t median(uint64_t *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), compare);
	return samples[count / 2];
}

/* Of passports at random among those that are there. */
static uint64_t cost(void (*command)(const uint8_t *passport), size_t there)
{
	uint64_t samples[SAMPLES], start;
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		const uint8_t *passport = passports + random() % there * size;

		start = now();
		command(passport);
		samples[i] = now() - start;
	}
	return median(samples, SAMPLES);
}

static uint64_t add_up_to(size_t from, size_t to)
{
	uint64_t samples[SAMPLES], start;
	size_t i, count = 0;

	for (i = from; i < to; i++) {
		start = now();
		add(passports + i * size);
		samples[count++ % SAMPLES] = now() - start;
	}
	return median(samples, count < SAMPLES ? count : SAMPLES);
}

/* Bytes of the first passport; all have as many. */
static size_t passport_size(const uint8_t *passport)
{
	uint32_t issuer, notes;

	memcpy(&issuer, passport + ISSUER_AT, sizeof(issuer));
	memcpy(&notes, passport + ISSUER_AT + 4 + issuer, sizeof(notes));
	return MIN_SIZE + issuer + notes;
}

static size_t load(const char *name)
{
	struct stat stat;
	uint8_t *data;
	int file = open(name, O_RDONLY);

	if (file < 0 || fstat(file, &stat))
		err(1, "%s", name);
	data = malloc(stat.st_size);
	if (!data || read(file, data, stat.st_size) != stat.st_size)
		err(1, "%s", name);
	passports = data;
	size = passport_size(data);
	return stat.st_size / size;
}

int main(int argc, char **argv)
{
	size_t from = 0, to, room;
	uint64_t added;
	int i;

	if (argc < 4)
		errx(2, "see the head of vaultcost.c");
	device = open(argv[1], O_RDWR);
	if (device < 0)
		err(1, "%s", argv[1]);
	room = load(argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 3; i < argc; i++, from = to) {
		to = strtoull(argv[i], NULL, 0);
		if (to <= from || to > room)
			errx(2, "%s passports are too few or too many", argv[i]);
		added = add_up_to(from, to);
		printf("%zu %llu %llu", to,
		       (unsigned long long)cost(info, to),
		       (unsigned long long)added);
		printf(" %llu %llu", (unsigned long long)cost(get, to),
		       (unsigned long long)cost(miss, to));
		printf(" %llu %llu\n", (unsigned long long)cost(object, to),
		       (unsigned long long)cost(verify, to));
	}
	return 0;
}

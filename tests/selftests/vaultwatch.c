// SPDX-License-Identifier: GPL-2.0-only
/*
 * vaultwatch DEVICE list|verify FILE: goes through a vault again and again, in
 * batches of any size, until FILE is there, while others add to it. Each round
 * must begin as the one before was, with nothing twice, and have as many
 * passports as there were when it began at least; those verified must be valid.
 * Prints a line "rounds=N passports=N OK", or what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

#define MAX_PASSPORTS 100000
#define MAX_BATCH 100

static uint8_t ids[MAX_PASSPORTS][16];
static uint32_t known;	/* of them, from earlier rounds */
static int device;

static void die(const char *what, uint32_t where)
{
	printf("%s at %u\n", what, where);
	exit(1);
}

static uint32_t passports(void)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };

	if (ioctl(device, VDE_IOC_VAULT_STATUS, &status))
		die(errno_name(errno), 0);
	return status.passports;
}

/* The passport that came as number @nr of a round */
static void note(uint32_t nr, const uint8_t id[16])
{
	uint32_t i;

	if (nr == MAX_PASSPORTS)
		die("too many", nr);
	if (nr < known) {
		if (memcmp(ids[nr], id, 16))
			die("another passport than before", nr);
		return;
	}
	for (i = 0; i < nr; i++)
		if (!memcmp(ids[i], id, 16))
			die("a passport that was there before", nr);
	memcpy(ids[nr], id, 16);
	known = nr + 1;
}

static uint32_t list_batch(uint32_t nr, uint64_t *cursor)
{
	static struct vde_ioc_passport_entry entries[MAX_BATCH];
	struct vde_ioc_vault_list list = {
		.size = sizeof(list),
		.cursor = *cursor,
		.count = 1 + random() % MAX_BATCH,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};
	uint32_t i;

	if (ioctl(device, VDE_IOC_VAULT_LIST, &list))
		die(errno_name(errno), nr);
	for (i = 0; i < list.count; i++)
		note(nr + i, entries[i].id);
	*cursor = list.cursor;
	return list.count;
}

static uint32_t verify_batch(uint32_t nr, uint64_t *cursor)
{
	struct vde_ioc_verify_entry entries[MAX_BATCH];
	struct vde_ioc_vault_verify verify = {
		.size = sizeof(verify),
		.flags = VDE_IOC_VAULT_ALL,
		.cursor = *cursor,
		.count = 1 + random() % MAX_BATCH,
		.entry_size = sizeof(*entries),
		.entries = (uintptr_t)entries,
	};
	uint32_t i;

	if (ioctl(device, VDE_IOC_VAULT_VERIFY, &verify))
		die(errno_name(errno), nr);
	for (i = 0; i < verify.count; i++) {
		note(nr + i, entries[i].id);
		if (entries[i].verdict != VDE_IOC_VERDICT_VALID)
			die("a passport that is not valid", nr + i);
	}
	*cursor = verify.cursor;
	return verify.count;
}

static uint32_t one_round(bool verify)
{
	uint32_t least = passports(), nr = 0, count;
	uint64_t cursor = 0;

	do {
		count = verify ? verify_batch(nr, &cursor) :
				 list_batch(nr, &cursor);
		nr += count;
	} while (count);
	if (nr < least || nr < known)
		die("passports are left out", nr);
	return nr;
}

int main(int argc, char **argv)
{
	uint32_t rounds = 0, nr;
	bool last, verify;

	if (argc != 4 || (strcmp(argv[2], "list") && strcmp(argv[2], "verify")))
		die("see the head of vaultwatch.c", 0);
	verify = !strcmp(argv[2], "verify");
	srandom(time(NULL) ^ getpid());
	device = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (device < 0)
		die(errno_name(errno), 0);
	do {
		last = !access(argv[3], F_OK);
		nr = one_round(verify);
		rounds++;
	} while (!last);
	printf("rounds=%u passports=%u OK\n", rounds, nr);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Operations of vdevault on many passports, whose answers come one by one. */
#include <errno.h>
#include <linux/dm-vde.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "pattern.h"
#include "vdevault.h"

/* Each passport of a file, from a number on, until one fails */
static void for_each(char *words, bool (*one)(uint8_t *passport, size_t size,
					      long number))
{
	const char *name = strsep(&words, ":");
	long number = 0, from = words ? vault_number(words) : 0;
	uint8_t *data, *next;
	size_t left = vault_read_file(name, &data), size;

	for (next = data; left; next += size, left -= size, number++) {
		size = vault_passport_size(next, left);
		if (number >= from && !one(next, size, number))
			break;
	}
	free(data);
}

static bool add_one(uint8_t *passport, size_t size, long number)
{
	int err = vault_add(passport, size);

	(void)number;
	puts(errno_name(err));
	return !err;
}

static bool sweep_one(uint8_t *passport, size_t size, long number)
{
	struct vde_ioc_vault_remove arg = { .size = sizeof(arg) };
	uint64_t expires;
	bool good;

	(void)size;
	memcpy(&expires, passport + 44, 8);
	if (expires != 1)
		return true;
	printf("%ld ", number);
	fflush(stdout);
	memcpy(arg.id, passport, 16);
	good = !ioctl(vault_device, VDE_IOC_VAULT_REMOVE, &arg);
	vault_answer(good ? 0 : -1);
	return good;
}

void vault_each(char *words)
{
	for_each(words, add_one);
}

void vault_sweep(char *words)
{
	for_each(words, sweep_one);
}

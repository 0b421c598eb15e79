// SPDX-License-Identifier: GPL-2.0-only
/*
 * activate TRIALS TABLE: how long it takes to make device-mapper devices from a table of one
 * line, and how much less of the kernel's memory is free while they are there. COUNT of them
 * are made, so that what caches of the kernel hide is little; @ in TABLE stands for the
 * number of each. A line a trial, for one device:
 *
 *	NANOSECONDS KIB
 *
 * Timed are loading the table and the first resume, without a process to start.
 */
#include <err.h>
#include <fcntl.h>
#include <libdevmapper.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT 16

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void add_table(struct dm_task *task, const char *table, int number)
{
	unsigned long long start, length;
	char target[64], line[1024];
	const char *at = strchr(table, '@');
	int rest = 0;

	if (at)
		snprintf(line, sizeof(line), "%.*s%d%s", (int)(at - table),
			 table, number, at + 1);
	else
		snprintf(line, sizeof(line), "%s", table);
	if (sscanf(line, "%llu %llu %63s %n", &start, &length, target,
		   &rest) < 3)
		errx(2, "%s: not a table", line);
	if (!dm_task_add_target(task, start, length, target, line + rest))
		errx(1, "out of memory");
	if (!strcmp(target, "verity"))
		dm_task_set_ro(task);
}

static void run(int type, const char *table, int number)
{
	struct dm_task *task = dm_task_create(type);
	char name[32];

	snprintf(name, sizeof(name), "bench-%d", number);
	if (!task || !dm_task_set_name(task, name))
		errx(1, "out of memory");
	if (table)
		add_table(task, table, number);
	if (!dm_task_run(task))
		errx(1, "dm command %d failed", type);
	dm_task_destroy(task);
}

/* Past caches, and what a CPU keeps for itself. */
static long free_kib(void)
{
	FILE *file = fopen("/proc/sys/vm/drop_caches", "w");
	long kib = -1;
	char line[128];

	if (!file || fputs("3", file) < 0 || fclose(file))
		err(1, "drop_caches");
	file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %ld", &kib) == 1)
			break;
	if (!file || fclose(file) || kib < 0)
		errx(1, "no MemFree");
	return kib;
}

static void trial(const char *table)
{
	uint64_t start, took = 0;
	long before;
	int i;

	before = free_kib();
	for (i = 0; i < COUNT; i++) {
		run(DM_DEVICE_CREATE, NULL, i);
		start = now();
		run(DM_DEVICE_RELOAD, table, i);
		run(DM_DEVICE_RESUME, NULL, i);
		took += now() - start;
	}
	printf("%llu %ld\n", (unsigned long long)took / COUNT,
	       (before - free_kib()) / COUNT);
	for (i = 0; i < COUNT; i++)
		run(DM_DEVICE_REMOVE, NULL, i);
}

int main(int argc, char **argv)
{
	int trials;

	if (argc != 3)
		errx(2, "see the head of activate.c");
	dm_udev_set_sync_support(0);
	/* The first finds nothing of the driver in any cache. */
	for (trials = atoi(argv[1]); trials >= 0; trials--)
		trial(argv[2]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * callers DEVICE WRITERS BYTES MILLISECONDS [durable]: so many threads append by write(2),
 * BYTES a call, until the time is over or the region is full. A durable call returns when
 * what it appended is. Prints what fio would be asked for:
 *
 *	KIB MILLISECONDS CALLS
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *name;
static int flags = O_WRONLY;
static size_t bytes;
static uint64_t end;
static _Atomic uint64_t calls;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void *append(void *unused)
{
	int device = open(name, flags);
	char *data = calloc(1, bytes);

	(void)unused;
	if (device < 0 || !data)
		err(1, "%s", name);
	while (now() < end) {
		ssize_t done = write(device, data, bytes);

		if (done < 0 && errno == ENOSPC)
			break;
		if (done != (ssize_t)bytes)
			err(1, "%s: %zd of %zu bytes", name, done, bytes);
		calls++;
	}
	free(data);
	close(device);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	unsigned int writers, i;
	uint64_t start, took;

	if (argc < 5 || argc > 6)
		errx(2, "see the head of callers.c");
	if (argc == 6)
		flags |= O_DSYNC;
	name = argv[1];
	writers = strtoul(argv[2], NULL, 0);
	bytes = strtoull(argv[3], NULL, 0);
	if (!writers || writers > 64)
		errx(2, "1 to 64 writers");
	if (!bytes || bytes > 16 << 20)
		errx(2, "1 byte to 16 MiB");
	start = now();
	end = start + strtoull(argv[4], NULL, 0) * 1000000;
	for (i = 0; i < writers; i++)
		if (pthread_create(&threads[i], NULL, append, NULL))
			errx(1, "no thread");
	for (i = 0; i < writers; i++)
		pthread_join(threads[i], NULL);
	took = (now() - start) / 1000000;
	printf("%llu %llu %llu\n", (unsigned long long)(calls * bytes / 1024),
	       (unsigned long long)(took ? took : 1), (unsigned long long)calls);
	return 0;
}

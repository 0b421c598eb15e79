// SPDX-License-Identifier: GPL-2.0-only
/*
 * flip IMAGE FIRST COUNT STEP: flips one bit at a time in blocks FIRST.. of
 * IMAGE, every STEP-th, and prints those that vdectl check would not complain
 * about. The image is as before afterwards. In one process, since a bit takes
 * microseconds and a program milliseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libvde.h"

static u64 complaints;

static void count_finding(void *context, const struct vde_finding *finding)
{
	(void)context;
	complaints += finding->severity > VDE_NOTE;
}

/* Would vdectl check exit with anything but 0? */
static bool noticed(const char *path)
{
	struct vde_volume volume;
	struct vde_check check = {
		.volume = &volume,
		.data = true,
		.finding = count_finding,
	};

	complaints = 0;
	if (vde_volume_open(&volume, path, 0) || vde_check_volume(&check))
		return false;
	vde_volume_close(&volume);
	return complaints;
}

static void flip(int fd, u64 bit)
{
	u8 byte;

	if (pread(fd, &byte, 1, bit / 8) != 1)
		abort();
	byte ^= 1 << bit % 8;
	if (pwrite(fd, &byte, 1, bit / 8) != 1)
		abort();
}

int main(int argc, char **argv)
{
	struct vde_file file;
	u64 missed = 0;
	u64 first, bits, step, bit;

	if (argc != 5 || vde_file_open(&file, argv[1], VDE_OPEN_WRITE))
		return 2;
	first = strtoull(argv[2], NULL, 0) * VDE_BLOCK_SIZE * 8;
	bits = strtoull(argv[3], NULL, 0) * VDE_BLOCK_SIZE * 8;
	step = strtoull(argv[4], NULL, 0);
	for (bit = first; bit < first + bits; bit += step) {
		flip(file.fd, bit);
		if (!noticed(argv[1])) {
			missed++;
			printf("bit %llu of byte %llu of block %llu\n",
			       (unsigned long long)bit % 8,
			       (unsigned long long)bit / 8 % VDE_BLOCK_SIZE,
			       (unsigned long long)bit / 8 / VDE_BLOCK_SIZE);
		}
		flip(file.fd, bit);
	}
	vde_file_close(&file);
	return missed ? 1 : 0;
}

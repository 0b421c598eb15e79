// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "disk.h"

static int fd = -1;

void disk_begin(const char *path)
{
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
}

static void check(ssize_t done, uint64_t blocks)
{
	if (done != (ssize_t)(blocks * BLOCK_SIZE))
		give_up("the disk: %s", done < 0 ? strerror(errno) : "too short");
}

void disk_read(void *to, uint64_t first, uint64_t blocks)
{
	check(pread(fd, to, blocks * BLOCK_SIZE, first * BLOCK_SIZE), blocks);
}

void disk_write(const void *from, uint64_t first, uint64_t blocks)
{
	check(pwrite(fd, from, blocks * BLOCK_SIZE, first * BLOCK_SIZE), blocks);
}

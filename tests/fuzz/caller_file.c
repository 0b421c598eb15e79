// SPDX-License-Identifier: GPL-2.0-only
/* System calls of the character device, other than ioctl(2). */
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "handle.h"
#include "ledger.h"

/* Bytes that others change while they are appended: only what is read counts */
static long append_moving(const struct handle *handle)
{
	uint64_t length = random_below(MOVING) + 1;
	struct vde_ioc_append call = {
		.size = sizeof(call),
		.data = (uintptr_t)crowd->moving,
		.length = length & ~4095ULL ? length & ~4095ULL : 4096,
	};

	return ioctl(handle->device, VDE_IOC_APPEND, &call);
}

static void move(void)
{
	memset(moving_place(), random_below(256), 4096);
}

static long write_some(const struct handle *handle)
{
	uint64_t length = chance(20) ? odd_number() : random_below(20000);
	struct iovec vector[4];
	int i;

	for (i = 0; i < 4; i++) {
		vector[i].iov_len = random_below(9000);
		vector[i].iov_base =
			(void *)(uintptr_t)odd_place(vector[i].iov_len);
	}
	switch (random_below(4)) {
	case 0:
		return writev(handle->device, vector, random_below(5));
	case 1:
		return pwritev2(handle->device, vector, 1, -1,
				1 << random_below(6));
	case 2:
		return pwrite(handle->device, room, length, odd_number());
	default:
		return write(handle->device, (void *)(uintptr_t)odd_place(length),
			     length);
	}
}

static long read_some(const struct handle *handle)
{
	uint64_t length = chance(20) ? odd_number() : random_below(20000);

	return read(handle->device, (void *)(uintptr_t)odd_place(length), length);
}

static long map(const struct handle *handle)
{
	void *at = mmap(NULL, 4096, random_below(8), 1 + random_below(2),
			handle->device, 0);

	if (at == MAP_FAILED)
		return -1;
	munmap(at, 4096);
	return 0;
}

static long splice_some(const struct handle *handle)
{
	long ret;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	if (chance(2)) {
		ret = write(ends[1], room, 1 + random_below(8192));
		ret = splice(ends[0], NULL, handle->device, NULL, 8192, 0);
	} else {
		ret = splice(handle->device, NULL, ends[1], NULL, 8192, 0);
	}
	close(ends[0]);
	close(ends[1]);
	return ret;
}

static long other(const struct handle *handle)
{
	struct pollfd poll_one = {
		.fd = handle->device, .events = random_below(1 << 15),
	};

	switch (random_below(6)) {
	case 0:
		return fsync(handle->device);
	case 1:
		return lseek(handle->device, odd_number(), random_below(6));
	case 2:
		return map(handle);
	case 3:
		return ftruncate(handle->device, odd_number());
	case 4:
		return fcntl(handle->device, F_SETFL,
			     chance(2) ? O_NONBLOCK : 0);
	default:
		return poll(&poll_one, 1, random_below(20));
	}
}

void fuzz_file(struct handle *handle)
{
	long ret;

	switch (random_below(7)) {
	case 0:
		ret = append_moving(handle);
		break;
	case 1:
		move();
		return;
	case 2:
		ret = write_some(handle);
		break;
	case 3:
		ret = read_some(handle);
		break;
	case 4:
		ret = splice_some(handle);
		break;
	default:
		ret = other(handle);
	}
	count(FILES, ret);
}

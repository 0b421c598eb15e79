// SPDX-License-Identifier: GPL-2.0-only
/*
 * A write of any size in one bio: with a registered buffer of io_uring the
 * kernel hands its vector over as it is, where every other way cuts a write
 * into bios of 256 segments.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

struct ring {
	int fd;
	struct io_uring_params params;
	void *rings;
	struct io_uring_sqe *sqes;
};

static int ring_open(struct ring *ring)
{
	size_t bytes;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 1, &ring->params);
	if (ring->fd < 0)
		return -errno;
	bytes = ring->params.cq_off.cqes +
		ring->params.cq_entries * sizeof(struct io_uring_cqe);
	ring->rings = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			   ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, sizeof(*ring->sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if (ring->rings == MAP_FAILED || (void *)ring->sqes == MAP_FAILED)
		return -errno;
	return 0;
}

static int ring_run(struct ring *ring)
{
	unsigned int *array = ring->rings + ring->params.sq_off.array;
	unsigned int *tail = ring->rings + ring->params.sq_off.tail;
	struct io_uring_cqe *cqe = ring->rings + ring->params.cq_off.cqes;

	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) != 1)
		return -errno;
	return cqe->res;
}

long uring_write(int fd, void *buf, size_t bytes, uint64_t offset)
{
	struct iovec vec = { .iov_base = buf, .iov_len = bytes };
	struct ring ring;
	long ret;

	ret = ring_open(&ring);
	if (ret)
		return ret;
	if (!(ring.params.features & IORING_FEAT_SINGLE_MMAP))
		return -EOPNOTSUPP;
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS,
		    &vec, 1))
		return -errno;
	*ring.sqes = (struct io_uring_sqe) {
		.opcode = IORING_OP_WRITE_FIXED,
		.fd = fd,
		.off = offset,
		.addr = (uintptr_t)buf,
		.len = bytes,
	};
	ret = ring_run(&ring);
	close(ring.fd);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The block node: reads and writes of any place and size, and what else it takes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#undef BLOCK_SIZE
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "handle.h"
#include "ledger.h"

#define MOST 16	/* blocks in one call */

/* Around the end of what is there, or anywhere, in bytes */
static uint64_t some_offset(const struct place *place)
{
	uint64_t end = ledger_end(place) * BLOCK_SIZE;

	switch (random_below(5)) {
	case 0:
		return end + random_below(3 * BLOCK_SIZE);
	case 1:
		return random_below(end + 64 * BLOCK_SIZE) & ~511ULL;
	case 2:
		return odd_number() & INT64_MAX & ~4095ULL;
	default:
		return random_below(end + 1) & ~4095ULL;
	}
}

static uint64_t some_length(void)
{
	return chance(4) ? (1 + random_below(MOST * 8)) * 512 :
			   (1 + random_below(MOST)) * BLOCK_SIZE;
}

static uint8_t *some_buffer(void)
{
	return room + 65536 + (chance(4) ? random_below(4096) : 0);
}

/* What an intact disk and a region that is there never answer */
static void check_error(const struct handle *handle)
{
	if (errno == EILSEQ || errno == EBADMSG || errno == EUCLEAN)
		wrong(handle->place, "a read: %s", strerror(errno));
}

static long read_some(struct handle *handle)
{
	uint64_t at = some_offset(handle->place), length = some_length();
	uint64_t end = ledger_end(handle->place);
	uint8_t *buffer = some_buffer();
	long ret = pread(handle->node, buffer, length, at);

	if (ret < 0)
		check_error(handle);
	else if (handle->direct && handle->place->kind != VAULT &&
		 !(at % BLOCK_SIZE))
		ledger_compare(handle->place, handle->device, at / BLOCK_SIZE,
			       ret / BLOCK_SIZE, buffer, end);
	return ret;
}

/*
 * Just at the end, if nobody is faster: all of it, or as much as is said. Where
 * pages are cached that is not the driver's word: a direct write goes through
 * the cache when one of its pages is in use there, is mixed with what others
 * write to that page, and its error is told to whoever asks first.
 */
static long append(struct handle *handle)
{
	uint64_t first = ledger_end(handle->place), blocks, i;
	uint8_t *buffer = room + 65536;
	long ret;

	blocks = chance(20) ? 1 + random_below(100) : 1 + random_below(6);
	if (chance(4))
		first += random_below(5) - 2;
	for (i = 0; i < blocks * BLOCK_SIZE; i += 8)
		put_le(buffer + i, 8, random_below(0));
	ret = pwrite(handle->node, buffer, blocks * BLOCK_SIZE,
		     first * BLOCK_SIZE);
	if (ret > 0 && handle->place->cached && handle->mode == O_RDWR)
		ledger_look(handle->place, handle->device);
	if (ret <= 0 || handle->place->cached)
		return ret;
	blocks = ret / BLOCK_SIZE;
	for (i = 0; i < blocks; i++)
		ledger_block(handle->place, first + i, buffer + i * BLOCK_SIZE,
			     NODE_WRITE);
	__atomic_add_fetch(&crowd->appended, blocks, __ATOMIC_RELAXED);
	ledger_raise_end(handle->place, first + blocks);
	return ret;
}

static long write_anywhere(struct handle *handle)
{
	struct iovec vector = {
		.iov_base = chance(8) ? crowd->moving : some_buffer(),
		.iov_len = some_length() / 2 & ~511ULL,
	};
	static const int flags[] = { 0, 0, RWF_DSYNC, RWF_NOWAIT, RWF_HIPRI };

	/* A hole is held until it times out: not too many of them */
	return pwritev2(handle->node, &vector, 1, some_offset(handle->place),
			flags[random_below(5)]);
}

/* Discards must never succeed; zeros can be appended like all else. */
static long discard(struct handle *handle)
{
	static const unsigned long requests[] = {
		BLKDISCARD, BLKSECDISCARD, BLKZEROOUT,
	};
	static const uint8_t zeros[BLOCK_SIZE];
	uint64_t range[2] = { some_offset(handle->place) & ~4095ULL,
			      some_length() & ~4095ULL };
	unsigned int which = random_below(3);
	long ret = ioctl(handle->node, requests[which], range);
	uint64_t i;

	if (ret || !range[1])
		return ret;
	if (which < 2)
		wrong(handle->place, "a discard succeeded");
	for (i = 0; i < range[1] && which == 2; i += BLOCK_SIZE)
		ledger_block(handle->place, (range[0] + i) / BLOCK_SIZE, zeros,
			     NODE_ZEROOUT);
	return ret;
}

static long allocate(struct handle *handle)
{
	static const int modes[] = {
		0, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE | FALLOC_FL_NO_HIDE_STALE,
		FALLOC_FL_COLLAPSE_RANGE,
	};
	unsigned int which = random_below(sizeof(modes) / sizeof(*modes));
	long ret = fallocate(handle->node, modes[which],
			     some_offset(handle->place), some_length());

	if (!ret && which != 2 && which != 3)
		wrong(handle->place, "fallocate(2), mode %#x, succeeded",
		      modes[which]);
	return ret;
}

/* Through the kernel, which says EFAULT where this program would get SIGBUS */
static long map(struct handle *handle)
{
	static int zero = -1;
	int ends[2];
	long ret;
	void *at = mmap(NULL, 2 * BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			handle->node, some_offset(handle->place) & ~4095ULL);

	if (at == MAP_FAILED)
		return -1;
	if (zero < 0)
		zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (chance(2) || pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		ret = read(zero, at, BLOCK_SIZE + 17);
	} else {
		ret = write(ends[1], at, 2 * BLOCK_SIZE);
		close(ends[0]);
		close(ends[1]);
	}
	if (chance(2))
		msync(at, 2 * BLOCK_SIZE, chance(2) ? MS_SYNC : MS_ASYNC);
	munmap(at, 2 * BLOCK_SIZE);
	return ret;
}

/* Whatever else a block device may know */
static long other(struct handle *handle)
{
	static const unsigned long requests[] = {
		BLKFLSBUF, BLKRRPART, BLKSSZGET, BLKPBSZGET, BLKIOMIN,
		BLKROTATIONAL, BLKSECTGET, BLKRAGET, BLKBSZGET, BLKDISCARDZEROES,
		BLKBSZSET, BLKALIGNOFF, FIFREEZE, FITRIM,
		0x1269 /* BLKPG */, 0x2285 /* SG_IO */, 0x5331 /* CDROM */,
		0x80041270, 0xc0481273,
	};
	int one = 1, none = 0;

	switch (random_below(6)) {
	case 0:
		return fsync(handle->node);
	case 1:
		return sync_file_range(handle->node, some_offset(handle->place),
				       some_length(), random_below(8));
	case 2:
		return lseek(handle->node, odd_number(), random_below(6));
	case 3:
		if (ioctl(handle->node, BLKROSET, &one))
			return -1;
		return ioctl(handle->node, BLKROSET, &none);
	default:
		memset(room, 0, 8192);
		put_le(room, 8, odd_number());
		return ioctl(handle->node,
			     requests[random_below(sizeof(requests) / sizeof(*requests))],
			     (uintptr_t)odd_place(512));
	}
}

void fuzz_bio(struct handle *handle)
{
	long ret;

	if (handle->node < 0)
		return;
	switch (random_below(12)) {
	case 0:
	case 1:
	case 2:
		ret = append(handle);
		break;
	case 3:
	case 4:
		ret = write_anywhere(handle);
		break;
	case 5:
		ret = discard(handle);
		break;
	case 6:
		ret = allocate(handle);
		break;
	case 7:
		ret = handle->place->cached ? map(handle) : read_some(handle);
		break;
	case 8:
		ret = other(handle);
		break;
	default:
		ret = read_some(handle);
	}
	count(BIOS, ret);
}

// SPDX-License-Identifier: GPL-2.0-only
/* vdechar: what only streams know. Positions are in blocks. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pattern.h"
#include "vdechar.h"

#define LLU unsigned long long

static int stream_status(struct sealed *sealed,
			 struct vde_ioc_stream_status *status)
{
	*status = (struct vde_ioc_stream_status){ .size = sizeof(*status) };
	return ioctl(sealed->device, VDE_IOC_STREAM_STATUS, status);
}

static void do_ring(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_stream_status s;

	(void)arg;
	(void)count;
	if (stream_status(sealed, &s)) {
		answer(-1);
		return;
	}
	printf("mode=%u policy=%u growth=%u", s.mode, s.policy, s.growth);
	printf(" capacity=%llu allocated=%llu head=%llu tail=%llu",
	       (LLU)s.capacity, (LLU)s.allocated, (LLU)s.head, (LLU)s.tail);
	printf(" committed=%llu lost=%llu reserve=%llu inflight=%llu",
	       (LLU)s.committed, (LLU)s.lost, (LLU)s.reserve, (LLU)s.inflight);
	printf(" sealed=%llu gap=%llu full=%llu op=%llu",
	       (LLU)s.refused_sealed, (LLU)s.refused_gap, (LLU)s.refused_full,
	       (LLU)s.refused_op);
	printf(" position=%llu overrun=%llu\n", (LLU)s.position,
	       (LLU)s.overrun);
}

/* The pattern of the blocks that come next, if nobody else writes */
static void do_put(struct sealed *sealed, const uint64_t *arg, int count)
{
	void *buf = buffer_alloc(arg[0] * BLOCK);
	struct vde_ioc_stream_status status;
	ssize_t got;

	(void)count;
	if (stream_status(sealed, &status)) {
		answer(-1);
		return;
	}
	pattern_fill(buf, status.head, arg[0], arg[1]);
	got = write(sealed->device, buf, arg[0] * BLOCK);
	if (got != (ssize_t)(arg[0] * BLOCK))
		answer_number(got);
	else
		printf("%llu+%llu\n", (LLU)status.head, (LLU)arg[0]);
	munmap(buf, arg[0] * BLOCK);
}

/* Are bytes from any byte position on what was written there? */
static void answer_bytes(const char *got, uint64_t at, uint64_t bytes,
			 uint64_t seed)
{
	char want[BLOCK];
	uint64_t done, step;

	for (done = 0; done < bytes; done += step) {
		uint64_t offset = (at + done) % BLOCK;

		step = BLOCK - offset;
		if (step > bytes - done)
			step = bytes - done;
		pattern_fill(want, (at + done) / BLOCK, 1, seed);
		if (memcmp(got + done, want + offset, step)) {
			printf("DIFFERS@%llu\n", (LLU)(at + done) / BLOCK);
			return;
		}
	}
	if (at % BLOCK || bytes % BLOCK)
		printf("%llub+%llub\n", (LLU)at, (LLU)bytes);
	else
		printf("%llu+%llu\n", (LLU)(at / BLOCK), (LLU)(bytes / BLOCK));
}

/* Where the bytes came from is where the file is now, less their number */
static void get_bytes(struct sealed *sealed, uint64_t bytes, uint64_t seed)
{
	char *buf = buffer_alloc(bytes + !bytes);
	ssize_t got = read(sealed->device, buf, bytes);
	off_t at;

	if (got <= 0) {
		answer_number(got);
	} else {
		at = lseek(sealed->device, 0, SEEK_CUR);
		if (at < 0)
			answer(-1);
		else
			answer_bytes(buf, at - got, got, seed);
	}
	munmap(buf, bytes + !bytes);
}

static void do_get(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	get_bytes(sealed, arg[0] * BLOCK, arg[1]);
}

static void do_getbytes(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	get_bytes(sealed, arg[0], arg[1]);
}

static bool is_asleep(pid_t pid)
{
	char path[32], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (file && fscanf(file, "%*d %*s %c", &state) != 1)
		state = 0;
	if (file)
		fclose(file);
	return state == 'S';
}

/* A get while somebody else splices a block into the same open file */
static void do_spliceget(struct sealed *sealed, const uint64_t *arg, int count)
{
	char block[BLOCK] = { 0 };
	int ends[2], status;
	pid_t pid;

	(void)count;
	if (pipe(ends)) {
		answer(-1);
		return;
	}
	pid = fork();
	if (!pid) {
		close(ends[1]);
		_exit(splice(ends[0], NULL, sealed->device, NULL, BLOCK, 0) !=
		      BLOCK);
	}
	while (!is_asleep(pid))
		usleep(1000);
	get_bytes(sealed, arg[0] * BLOCK, arg[1]);
	if (write(ends[1], block, BLOCK) != BLOCK ||
	    waitpid(pid, &status, 0) != pid || status)
		puts("not spliced");
	close(ends[0]);
	close(ends[1]);
}

/* Into memory of which only the first blocks are there */
static void do_halfget(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t bytes = (arg[0] + 1) * BLOCK;
	char *buf = buffer_alloc(bytes);

	(void)count;
	mprotect(buf + arg[0] * BLOCK, BLOCK, PROT_NONE);
	answer_number(read(sealed->device, buf, bytes));
	munmap(buf, bytes);
}

static void do_pread(struct sealed *sealed, const uint64_t *arg, int count)
{
	char buf[16];

	(void)arg;
	(void)count;
	answer_number(pread(sealed->device, buf, sizeof(buf), 0));
}

static void do_seek(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	answer_number(lseek(sealed->device, arg[0], arg[1]));
}

static void consume(struct sealed *sealed, uint64_t position, uint32_t flags)
{
	struct vde_ioc_stream_consume consume = {
		.size = sizeof(consume),
		.flags = flags,
		.position = position,
	};

	if (ioctl(sealed->device, VDE_IOC_STREAM_CONSUME, &consume))
		answer(-1);
	else
		printf("%llu-%llu\n", (LLU)consume.position, (LLU)consume.consumed);
}

static void do_consume(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	consume(sealed, arg[0], 0);
}

static void do_count(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)count;
	consume(sealed, arg[0], VDE_IOC_STREAM_COUNT);
}

static void do_anew(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_stream_reset reset = { .size = sizeof(reset) };

	(void)arg;
	(void)count;
	answer(ioctl(sealed->device, VDE_IOC_STREAM_RESET, &reset));
}

static void do_wait(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_stream_wait wait = {
		.size = sizeof(wait),
		.position = arg[0],
		.timeout = count > 1 ? arg[1] : VDE_IOC_STREAM_FOREVER,
	};

	if (ioctl(sealed->device, VDE_IOC_STREAM_WAIT, &wait))
		answer(-1);
	else
		printf("%llu-%llu\n", (LLU)wait.tail, (LLU)wait.head);
}

static void do_await(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct pollfd pollfd = { .fd = sealed->device, .events = POLLIN };
	int got = poll(&pollfd, 1, count ? (int)arg[0] : -1);

	if (got > 0)
		printf("%#x\n", pollfd.revents);
	else
		answer_number(got);
}

static void do_epoll(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);
	int got;

	got = epoll_ctl(epoll, EPOLL_CTL_ADD, sealed->device, &event);
	if (!got)
		got = epoll_wait(epoll, &event, 1, count ? (int)arg[0] : -1);
	if (got > 0)
		printf("%#x\n", event.events);
	else
		answer_number(got);
	close(epoll);
}

static void set_nonblock(struct sealed *sealed, bool on)
{
	int flags = fcntl(sealed->device, F_GETFL);

	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	answer(fcntl(sealed->device, F_SETFL, flags));
}

static void do_nonblock(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)arg;
	(void)count;
	set_nonblock(sealed, true);
}

static void do_block(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)arg;
	(void)count;
	set_nonblock(sealed, false);
}

const struct operation char_streams[] = {
	{ "ring", 0, 0, do_ring },
	{ "put", 2, 2, do_put },
	{ "get", 2, 2, do_get },
	{ "getbytes", 2, 2, do_getbytes },
	{ "spliceget", 2, 2, do_spliceget },
	{ "halfget", 1, 1, do_halfget },
	{ "pread", 0, 0, do_pread },
	{ "seek", 2, 2, do_seek },
	{ "consume", 1, 1, do_consume },
	{ "count", 1, 1, do_count },
	{ "anew", 0, 0, do_anew },
	{ "wait", 1, 2, do_wait },
	{ "await", 0, 1, do_await },
	{ "epoll", 0, 1, do_epoll },
	{ "nonblock", 0, 0, do_nonblock },
	{ "block", 0, 0, do_block },
	{ }
};

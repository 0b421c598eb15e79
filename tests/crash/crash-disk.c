// SPDX-License-Identifier: GPL-2.0-only
/*
 * crash-disk NBD FILE SEED [COUNT]: serves FILE as the block device NBD, a disk
 * with a volatile write cache (see cache.h) that answers in any order. SIGTERM
 * cuts the power: of what is in flight or was not flushed some survives, and
 * the device is gone. So does, if it comes, the write or flush after COUNT of
 * them; the exit status is 3 then. After SIGUSR1 it lies: flushes and FUA do
 * nothing.
 *
 * null_blk has such a cache too, but loses only the first version of a block:
 * what overwrites a block that was flushed before is never lost.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nbd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache.h"
#include "content.h"

#define MAX_REQUESTS 64

struct request {
	struct nbd_request head;
	uint32_t length;
	char *data;
};

static struct cache cache;
static struct request requests[MAX_REQUESTS];
static unsigned int waiting;
static unsigned long changes_left = ULONG_MAX;
static volatile sig_atomic_t power_is_cut;

static void fatal(const char *what)
{
	perror(what);
	exit(2);
}

static void on_signal(int nr)
{
	if (nr == SIGTERM)
		power_is_cut = 1;
	else
		cache.lying = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGUSR1);
	sigprocmask(SIG_BLOCK, &both, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
}

/* The kernel's side of the device; returns when the other end is closed. */
static void run_kernel_side(int nbd, int socket, uint64_t blocks)
{
	unsigned long flags = NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH |
			      NBD_FLAG_SEND_FUA | NBD_FLAG_SEND_TRIM;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ioctl(nbd, NBD_SET_BLKSIZE, (unsigned long)BLOCK_BYTES) ||
	    ioctl(nbd, NBD_SET_SIZE_BLOCKS, blocks) ||
	    ioctl(nbd, NBD_SET_FLAGS, flags) ||
	    ioctl(nbd, NBD_SET_SOCK, socket))
		fatal("nbd");
	ioctl(nbd, NBD_DO_IT);
	ioctl(nbd, NBD_CLEAR_SOCK);
	_exit(0);
}

/* False when the device is gone. */
static int receive(int socket, void *buf, size_t length)
{
	char *to = buf;

	while (length) {
		ssize_t got = recv(socket, to, length, MSG_WAITALL);

		if (got <= 0)
			return 0;
		to += got;
		length -= got;
	}
	return 1;
}

static int receive_request(int socket)
{
	struct request *request = &requests[waiting];
	uint32_t type;

	if (!receive(socket, &request->head, sizeof(request->head)))
		return 0;
	request->length = be32toh(request->head.len);
	request->data = malloc(request->length + 1);
	if (!request->data)
		fatal("memory");
	type = be32toh(request->head.type) & 0xffff;
	if (type == NBD_CMD_DISC ||
	    (type == NBD_CMD_WRITE &&
	     !receive(socket, request->data, request->length)))
		return 0;
	waiting++;
	return 1;
}

/* A disk that forgets at once, in its cache: zeros like any other version. */
static int trim(uint64_t block, uint64_t count)
{
	static const char zeros[BLOCK_BYTES];
	int err = 0;

	while (!err && count--)
		err = cache_write(&cache, zeros, block++, 1, 0);
	return err;
}

static int perform(struct request *request)
{
	uint64_t block = be64toh(request->head.from) / BLOCK_BYTES;
	uint64_t count = request->length / BLOCK_BYTES;
	uint32_t type = be32toh(request->head.type);

	switch (type & 0xffff) {
	case NBD_CMD_READ:
		return cache_read(&cache, request->data, block, count);
	case NBD_CMD_WRITE:
		return cache_write(&cache, request->data, block, count,
				   !!(type & NBD_CMD_FLAG_FUA));
	case NBD_CMD_TRIM:
		return trim(block, count);
	case NBD_CMD_FLUSH:
		return cache_flush(&cache);
	}
	errno = EINVAL;
	return -1;
}

/* The device may be gone meanwhile: no matter. */
static void answer(int socket, struct request *request)
{
	struct nbd_reply reply = {
		.magic = htobe32(NBD_REPLY_MAGIC),
		.error = htobe32(perform(request) ? errno : 0),
	};
	uint32_t type = be32toh(request->head.type) & 0xffff;

	memcpy(reply.handle, request->head.handle, sizeof(reply.handle));
	if (send(socket, &reply, sizeof(reply), MSG_NOSIGNAL) > 0 &&
	    type == NBD_CMD_READ && !reply.error)
		send(socket, request->data, request->length, MSG_NOSIGNAL);
	free(request->data);
	*request = requests[--waiting];
}

/* A write or flush that finds none left is the one the power goes at. */
static int changes_allow(const struct request *request)
{
	if ((be32toh(request->head.type) & 0xffff) == NBD_CMD_READ)
		return 1;
	return changes_left && changes_left--;
}

/* Take all requests there are, answer any one of them, again and again. */
static void serve(int socket)
{
	struct pollfd pollfd = { .fd = socket, .events = POLLIN };
	struct timespec now = { 0 };
	sigset_t none;

	/* Signals come in here and nowhere else. */
	sigemptyset(&none);
	while (!power_is_cut) {
		int ready = ppoll(&pollfd, 1, waiting ? &now : NULL, &none);
		struct request *any;

		if (ready < 0)
			continue;
		if (ready && waiting < MAX_REQUESTS) {
			if (!receive_request(socket))
				return;
			continue;
		}
		any = &requests[content_random(&cache.random) % waiting];
		if (!changes_allow(any))
			return;
		answer(socket, any);
	}
}

/* What has not been answered may get anywhere between nowhere and the medium. */
static int lose_power(void)
{
	struct request *request;

	for (request = requests; request < requests + waiting; request++) {
		request->head.type &= htobe32(0xffff);
		if (request->head.type == htobe32(NBD_CMD_WRITE) &&
		    perform(request))
			return -1;
	}
	return cache_lose(&cache);
}

int main(int argc, char **argv)
{
	int sockets[2];
	int nbd;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: crash-disk NBD FILE SEED [COUNT]\n");
		return 2;
	}
	if (cache_open(&cache, argv[2], strtoull(argv[3], NULL, 10)))
		fatal(argv[2]);
	if (argc == 5)
		changes_left = strtoul(argv[4], NULL, 10);
	nbd = open(argv[1], O_RDWR);
	if (nbd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		fatal(argv[1]);
	catch_signals();
	if (!fork()) {
		close(sockets[1]);
		run_kernel_side(nbd, sockets[0], cache.blocks);
	}
	close(sockets[0]);
	close(nbd);
	serve(sockets[1]);
	if (lose_power())
		fatal("the medium");
	close(sockets[1]);
	wait(NULL);
	return power_is_cut ? 0 : 3;
}

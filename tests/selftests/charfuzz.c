// SPDX-License-Identifier: GPL-2.0-only
/*
 * charfuzz DEVICE r|w|rw|none CALLS SEED alone|crowd [nobody] [FILE]: so many
 * calls of a character device with random numbers, sizes, flags, fields and
 * pointers, as an unprivileged user if that is asked for. The commands are those
 * of the kind of region it is. FILE holds passports, of which each is to be
 * tried, if that is a vault. "alone" says that nobody else uses the device: then
 * a call that returns an error must not have changed anything. Prints one line:
 *
 *	calls=N succeeded=N VERDICT
 *
 * RETENTION_EXTEND gets periods up to 2^40 ticks only, so that a region stays
 * one that may be reset.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "charfuzz.h"
#include "pattern.h"

#define LONELY (1ULL << 32)

/* What a failing call must leave as it is; no padding: compared as bytes */
struct state {
	uint64_t hwm, records, resets;
	int64_t retention;
	uint64_t scrub;
};

static int fd, watch = -1;
static bool alone;
static unsigned int kind;	/* VDE_IOC_KIND_* */

unsigned char *room, *fixed, *passports;
size_t passports_left;

/* Some bytes of it, in the worst case its size */
static void garble(unsigned char *arg, uint32_t size)
{
	int i;

	for (i = pick(4); i > 0; i--)
		arg[pick(size)] = random();
}

/* For ever would be no retention that a test can wait for */
static void keep_finite(unsigned int request, unsigned char *arg)
{
	int64_t *retention = (int64_t *)(arg + 16);

	if (request == VDE_IOC_RETENTION_EXTEND)
		*retention = *retention & ((1LL << 40) - 1) ? : 1;
}

static const struct command *random_command(void)
{
	return &commands[kind].list[pick(commands[kind].count)];
}

static unsigned int random_request(void)
{
	static const unsigned int strangers[] = {
		0x1260, 0x5401, 0x541B, 0x2285, 0xC138FD00, 0x80081272,
	};

	switch (pick(4)) {
	case 0:
		return strangers[pick(sizeof(strangers) / sizeof(*strangers))];
	case 1:
		return VDE_IOC_MAGIC << 8 | pick(256);
	case 2:
		return random_command()->request | random() << 16;
	default:
		return random();
	}
}

static void fail(const char *what)
{
	fprintf(stderr, "charfuzz: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* The structure where no answer can be written */
static uintptr_t fix(const unsigned char *arg)
{
	if (mprotect(fixed, 4096, PROT_READ | PROT_WRITE))
		fail("mprotect");
	memcpy(fixed, arg, 512);
	if (mprotect(fixed, 4096, PROT_READ))
		fail("mprotect");
	return (uintptr_t)fixed;
}

static int fuzz_ioctl(void)
{
	const struct command *command = random_command();
	uint32_t first_size = command->size;
	uint32_t size = first_size, *field = (uint32_t *)room;
	unsigned int request = command->request;
	unsigned char *arg = room;
	uintptr_t at;

	memset(arg, 0, 4096);
	if (command->make_likely)
		command->make_likely(arg);
	if (!pick(3))
		size = pick(2) ? size + pick(300) : number();
	field[0] = size;
	if (!pick(8))
		field[1] = 1U << pick(32);
	if (!pick(3))
		garble(arg, 256);
	if (!pick(12))
		request = random_request();
	keep_finite(request, arg);
	switch (pick(8)) {
	case 0:
		at = place(first_size);
		break;
	case 1:
		/* The same structure, elsewhere */
		at = place(first_size);
		if (at >= (uintptr_t)room && at < (uintptr_t)room + ROOM)
			memmove((void *)at, arg,
				(uintptr_t)room + ROOM - at < first_size ?
					(uintptr_t)room + ROOM - at :
					first_size);
		break;
	case 2:
		at = fix(arg);
		break;
	default:
		at = (uintptr_t)arg;
	}
	return ioctl(fd, request, at);
}

static int fuzz_write(void)
{
	uint64_t length = pick(20) ? pick(20000) : number();
	struct iovec vec[4];
	int i;

	switch (pick(5)) {
	case 0:
		for (i = 0; i < 4; i++) {
			vec[i].iov_len = pick(9000);
			vec[i].iov_base = (void *)place(vec[i].iov_len);
		}
		return writev(fd, vec, pick(5)) < 0 ? -1 : 0;
	case 1:
		return pwrite(fd, room, length, number()) < 0 ? -1 : 0;
	default:
		return write(fd, (void *)place(length), length) < 0 ? -1 : 0;
	}
}

static int fuzz_other(void)
{
	struct pollfd pollfd = { .fd = fd, .events = random() };

	switch (pick(6)) {
	case 0:
		return fsync(fd);
	case 1:
		return lseek(fd, number(), pick(5)) < 0 ? -1 : 0;
	case 2:
		return read(fd, (void *)place(100), number()) < 0 ? -1 : 0;
	case 3:
		return mmap(NULL, 4096, pick(8), 1 + pick(2), fd, 0) ==
		       MAP_FAILED ? -1 : 0;
	case 4:
		return ftruncate(fd, number());
	default:
		return poll(&pollfd, 1, 0) < 0 ? -1 : 0;
	}
}

static int fuzz(void)
{
	switch (pick(10)) {
	case 0:
		return fuzz_write();
	case 1:
		return fuzz_other();
	default:
		return fuzz_ioctl();
	}
}

static struct state look_at_stream(void)
{
	struct vde_ioc_stream_status status = { .size = sizeof(status) };

	if (ioctl(watch, VDE_IOC_STREAM_STATUS, &status))
		fail("looking at the state");
	return (struct state) {
		.hwm = status.head,
		.records = status.tail,
		.resets = status.lost,
		.scrub = status.mode,
	};
}

static struct state look_at_vault(void)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };

	if (ioctl(watch, VDE_IOC_VAULT_STATUS, &status))
		fail("looking at the state");
	return (struct state) {
		.hwm = status.stored,
		.records = status.free_bytes,
		.resets = status.removed,
		.retention = status.passports,
		.scrub = status.mode,
	};
}

static struct state look(void)
{
	struct vde_ioc_status status = { .size = sizeof(status) };
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_scrub_status scrub = { .size = sizeof(scrub) };
	struct state state;

	if (kind == VDE_IOC_KIND_STREAM)
		return look_at_stream();
	if (kind == VDE_IOC_KIND_VAULT)
		return look_at_vault();
	if (ioctl(watch, VDE_IOC_STATUS, &status) ||
	    ioctl(watch, VDE_IOC_RETENTION_GET, &retention) ||
	    ioctl(watch, VDE_IOC_SCRUB_STATUS, &scrub))
		fail("looking at the state");
	memset(&state, 0, sizeof(state));
	state.hwm = status.hwm;
	state.records = status.records;
	state.resets = retention.resets;
	state.retention = retention.retention;
	/* A scrub may end by itself */
	state.scrub = scrub.state == VDE_IOC_SCRUB_NEVER;
	return state;
}

static void open_device(const char *path, const char *mode)
{
	struct vde_ioc_info info = { .size = sizeof(info) };
	int flags = !strcmp(mode, "r") ? O_RDONLY :
		    !strcmp(mode, "w") ? O_WRONLY :
		    !strcmp(mode, "rw") ? O_RDWR : O_ACCMODE;

	fd = open(path, flags);
	watch = open(path, O_RDONLY);
	if (fd < 0 || watch < 0)
		fail(path);
	if (ioctl(watch, VDE_IOC_INFO, &info))
		fail("asking for the kind of region");
	kind = info.kind;
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* Who waits for a stream that nobody appends to is interrupted after a while */
static void interrupt_waits(void)
{
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	const struct sigaction action = { .sa_handler = do_nothing };

	if (sigaction(SIGALRM, &action, NULL) ||
	    setitimer(ITIMER_REAL, &often, NULL))
		fail("timer");
}

/*
 * Alone in 4 GiB of addresses: where an address is garbled, the kernel must not
 * be told to write to what this program lives on.
 */
static void make_room(void)
{
	void *all = mmap(NULL, 2 * LONELY, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (all == MAP_FAILED)
		fail("mmap");
	all += LONELY - (uintptr_t)all % LONELY;
	room = all + LONELY / 4;
	fixed = all + LONELY / 2;
	if (mprotect(room, ROOM, PROT_READ | PROT_WRITE) ||
	    mprotect(fixed, 4096, PROT_READ))
		fail("mprotect");
}

static void read_passports(const char *name)
{
	size_t room = 1 << 22;
	int file = open(name, O_RDONLY);
	ssize_t got = -1;

	passports = malloc(room);
	if (passports && file >= 0)
		got = read(file, passports, room);
	if (got < 0)
		fail(name);
	passports_left = got;
	close(file);
}

static void become_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		fail("nobody");
}

int main(int argc, char **argv)
{
	uint64_t calls, i, succeeded = 0;
	struct state before, after;
	bool same = true;
	int got, error, next = 6;

	if (argc < 6)
		return 2;
	calls = strtoull(argv[3], NULL, 0);
	srandom(strtoul(argv[4], NULL, 0));
	alone = !strcmp(argv[5], "alone");
	open_device(argv[1], argv[2]);
	if (argc > next && !strcmp(argv[next], "nobody")) {
		become_nobody();
		next++;
	}
	if (argc > next)
		read_passports(argv[next]);
	make_room();
	if (kind == VDE_IOC_KIND_STREAM)
		interrupt_waits();
	for (i = 0; i < calls && same; i++) {
		if (alone)
			before = look();
		got = fuzz();
		error = errno;
		succeeded += got >= 0;
		if (!alone || got >= 0)
			continue;
		after = look();
		same = !memcmp(&before, &after, sizeof(before));
	}
	printf("calls=%llu succeeded=%llu ", (unsigned long long)i,
	       (unsigned long long)succeeded);
	if (same)
		puts("OK");
	else
		printf("a call that returned %s changed something\n",
		       errno_name(error));
	return 0;
}

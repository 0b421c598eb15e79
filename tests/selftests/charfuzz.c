// SPDX-License-Identifier: GPL-2.0-only
/*
 * charfuzz DEVICE r|w|rw|none CALLS SEED alone|crowd [nobody] [FILE]: so many
 * calls of a character device with random numbers, sizes, flags, fields and
 * pointers, as an unprivileged user if that is asked for. FILE holds passports,
 * of which each is to be tried, if the device is that of a vault. "alone" says that nobody else
 * uses the device: then a call that returns an error must not have changed
 * anything. Prints one line:
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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pattern.h"

#define ROOM (1U << 20)
#define LONELY (1ULL << 32)

/* What a failing call must leave as it is; no padding: compared as bytes */
struct state {
	uint64_t hwm, records, resets;
	int64_t retention;
	uint64_t scrub;
};

static int fd, watch = -1;
static unsigned char *room;	/* with no memory around it */
static unsigned char *fixed;	/* memory that cannot be written */
static bool alone;
static bool vault;
static unsigned char *passports;	/* a file of them */
static size_t passports_left;

static uint64_t pick(uint64_t below)
{
	return ((uint64_t)random() << 31 | random()) % below;
}

/* Numbers where something may break */
static uint64_t number(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 4095, 4096, 4097, 8193, 1ULL << 24, (1ULL << 24) + 1,
		INT32_MAX, 1ULL << 31, UINT32_MAX, 1ULL << 32, 1ULL << 52,
		INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 4095,
	};

	switch (pick(4)) {
	case 0:
		return edges[pick(sizeof(edges) / sizeof(*edges))];
	case 1:
		return pick(20);
	case 2:
		return pick(1 << 14);
	default:
		return (uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^
		       random();
	}
}

/* Where @length bytes may be, or not be */
static uintptr_t place(uint64_t length)
{
	uint64_t inside = length < ROOM ? length : ROOM;

	switch (pick(10)) {
	case 0:
		return 0;
	case 1:
		return pick(4096);
	case 2:
		return number();
	case 3:
		return UINT64_MAX - pick(1 << 20);
	case 4:
		return 0xffff800000000000ULL + pick(1ULL << 40);
	case 5:
		return (uintptr_t)room + ROOM - pick(inside + 1);
	case 6:
		return (uintptr_t)fixed + pick(2048);
	default:
		return (uintptr_t)room + pick(ROOM - inside + 1);
	}
}

static const uint32_t worm_sizes[] = {
	136, 128, 40, 64, 32, 24, 8, 208, 56, 56, 16,
};

/* From VDE_IOC_VAULT_ADD on */
static const uint32_t vault_sizes[] = { 24, 48, 192, 48, 24, 136 };

#define WORM_COMMANDS (sizeof(worm_sizes) / sizeof(*worm_sizes))
#define VAULT_COMMANDS (sizeof(vault_sizes) / sizeof(*vault_sizes))

/* Fields that make it likely that a command gets further */
static void make_likely(unsigned int nr, unsigned char *arg)
{
	struct vde_ioc_append *append = (void *)arg;
	struct vde_ioc_record *record = (void *)arg;
	struct vde_ioc_records *records = (void *)arg;
	struct vde_ioc_scrub_start *start = (void *)arg;
	struct vde_ioc_retention *retention = (void *)arg;

	switch (nr) {
	case 2:
		append->length = number();
		append->data = place(append->length);
		break;
	case 3:
		record->index = number();
		break;
	case 4:
		records->first = number();
		records->count = pick(2) ? pick(200) : number();
		records->record_size = pick(3) ? 56 + pick(80) : number();
		records->records = place(records->count * 56);
		break;
	case 5:
		start->from = number();
		start->rate = number();
		break;
	case 9:
		retention->retention = 1 + pick(1ULL << 40);
		break;
	}
}

static uint32_t peek32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* The next passport of the file, or one that is not quite one */
static void make_add(struct vde_ioc_vault_add *add)
{
	uint32_t issuer, size;

	if (passports_left < VDE_IOC_PASSPORT_MAX || pick(4) == 0) {
		add->length = pick(2) ? pick(600) : number();
		add->data = place(add->length);
		return;
	}
	issuer = peek32(passports + 60);
	size = 132 + issuer + peek32(passports + 64 + issuer);
	add->length = pick(8) ? size : size + 1 - pick(3);
	add->data = (uintptr_t)room + 8192;
	memcpy(room + 8192, passports, size);
	if (!pick(3))
		room[8192 + pick(size)] ^= 1 << pick(8);
	else if (pick(4))
		passports += size, passports_left -= size;
}

static void make_likely_vault(unsigned int nr, unsigned char *arg)
{
	struct vde_ioc_vault_get *get = (void *)arg;
	struct vde_ioc_vault_list *list = (void *)arg;
	struct vde_ioc_vault_verify *verify = (void *)arg;

	switch (nr) {
	case 0:
		make_add((void *)arg);
		return;
	case 1:
		get->length = pick(2) ? VDE_IOC_PASSPORT_MAX : number();
		get->data = place(get->length);
		break;
	case 2:
		list->flags = pick(3) ? 0 : pick(64);
		list->cursor = pick(2) ? pick(100) : number();
		list->count = pick(2) ? pick(200) : number();
		list->entry_size = pick(3) ? 208 + pick(80) : number();
		list->entries = place(list->count * 208);
		return;
	case 3:
		verify->flags = pick(2);
		verify->cursor = !verify->flags ? 0 : pick(2) ? pick(100) : number();
		verify->count = pick(9) ? 1 + pick(9) : number();
		verify->entry_size = pick(3) ? 24 + pick(80) : number();
		verify->entries = place(verify->count * 24);
		if (verify->flags)
			return;
		break;
	}
	/* One that was tried lately is there, perhaps */
	memcpy(arg + 8, room + 8192, 16);
}

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

	if (vault)
		return;
	if (request == VDE_IOC_RETENTION_EXTEND)
		*retention = *retention & ((1LL << 40) - 1) ? : 1;
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
		return VDE_IOC_MAGIC << 8 | (vault ? 64 + pick(6) : pick(11)) |
		       random() << 16;
	default:
		return random();
	}
}

static int fuzz_ioctl(void)
{
	unsigned int nr = pick(vault ? VAULT_COMMANDS : WORM_COMMANDS);
	uint32_t first_size = vault ? vault_sizes[nr] : worm_sizes[nr];
	uint32_t size = first_size, *field = (uint32_t *)room;
	unsigned int request = (vault ? VDE_IOC_VAULT_ADD : VDE_IOC_INFO) + nr;
	unsigned char *arg = room;
	uintptr_t at;

	memset(arg, 0, 4096);
	if (vault)
		make_likely_vault(nr, arg);
	else
		make_likely(nr, arg);
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

static struct state look_at_vault(void)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };

	if (ioctl(watch, VDE_IOC_VAULT_STATUS, &status)) {
		perror("charfuzz: looking at the state");
		exit(2);
	}
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

	if (vault)
		return look_at_vault();
	if (ioctl(watch, VDE_IOC_STATUS, &status) ||
	    ioctl(watch, VDE_IOC_RETENTION_GET, &retention) ||
	    ioctl(watch, VDE_IOC_SCRUB_STATUS, &scrub)) {
		perror("charfuzz: looking at the state");
		exit(2);
	}
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
	int flags = !strcmp(mode, "r") ? O_RDONLY :
		    !strcmp(mode, "w") ? O_WRONLY :
		    !strcmp(mode, "rw") ? O_RDWR : O_ACCMODE;

	fd = open(path, flags);
	if (alone)
		watch = open(path, O_RDONLY);
	if (fd < 0 || (alone && watch < 0)) {
		perror(path);
		exit(2);
	}
}

/*
 * Alone in 4 GiB of addresses: where an address is garbled, the kernel must not
 * be told to write to what this program lives on.
 */
static void make_room(void)
{
	void *all = mmap(NULL, 2 * LONELY, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (all == MAP_FAILED) {
		perror("charfuzz: mmap");
		exit(2);
	}
	all += LONELY - (uintptr_t)all % LONELY;
	room = all + LONELY / 4;
	fixed = all + LONELY / 2;
	if (mprotect(room, ROOM, PROT_READ | PROT_WRITE) ||
	    mprotect(fixed, 4096, PROT_READ)) {
		perror("charfuzz: mprotect");
		exit(2);
	}
}

static void read_passports(const char *name)
{
	size_t room = 1 << 22;
	int file = open(name, O_RDONLY);
	ssize_t got = -1;

	vault = true;
	passports = malloc(room);
	if (passports && file >= 0)
		got = read(file, passports, room);
	if (got < 0) {
		perror(name);
		exit(2);
	}
	passports_left = got;
	close(file);
}

static void become_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) {
		perror("charfuzz: nobody");
		exit(2);
	}
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdechar DEVICE r|w|rw|none[,dsync] OPERATION...: operations on one open file
 * of a character device, each answered with one line: OK, a number, values, or
 * the name of an errno. A single OPERATION "-" reads them from standard input,
 * one a line. Lengths are in bytes, places in blocks, times in ticks. What is
 * appended depends on SEED.
 *
 *	write:LENGTH:SEED	how many bytes write(2) took
 *	dsync:LENGTH:SEED	the same, with RWF_DSYNC
 *	writev:SEED:LENGTH:...	in pieces
 *	splice:LENGTH:SEED	from a pipe, however many calls that takes
 *	sendfile:LENGTH:SEED	from a file, likewise
 *	append:LENGTH:SEED[:FLAGS]	VDE_IOC_APPEND: BLOCK+BLOCKS
 *	halfwrite:LENGTH:MORE	memory of which MORE bytes are not there
 *	halfwritev:LENGTH:MORE	... in a piece of their own
 *	halfappend:LENGTH:MORE	... with VDE_IOC_APPEND
 *	forever:LENGTH:SEED	write(2) until it fails, with what
 *	lengths:FROM:TO		one write of each length
 *	mapped:LENGTH:SEED	write(2) while the node is mapped there
 *	fromnode:LENGTH		write(2) of what the node holds from its start, mapped
 *	intonode:LENGTH		read(2) into a private mapping of the node's block 32 on
 *	holds:BLOCK:LENGTH:SEED		do node and records hold that append?
 *	holds_lengths:BLOCK:FROM:TO	... what lengths has appended?
 *	holds_pieces:BLOCK:LENGTH:SEED	... those bytes, cut anywhere?
 *	info, status, retention, scrub	key=value...
 *	record:BLOCK		LENGTH TIME DIGEST
 *	records:FIRST:COUNT[:SIZE]	how many are stored, in entries of SIZE
 *	extend:TICKS, reset, start:FROM:RATE[:FLAGS], stop
 *	fsync, fdatasync, poll, read
 * of streams, positions in blocks:
 *	put:BLOCKS:SEED		write(2) at the head: POSITION+BLOCKS
 *	get:BLOCKS:SEED		one read(2): POSITION+BLOCKS, or DIFFERS@POSITION
 *	getbytes:BYTES:SEED	the same in bytes, which are marked with a b
 *	halfget:BLOCKS		into memory of which only so many are there
 *	spliceget:BLOCKS:SEED	a get while another process splices a block into the file
 *	pread, seek:BYTES:WHENCE
 *	ring			VDE_IOC_STREAM_STATUS: key=value...
 *	consume:POSITION, count:BLOCKS	new tail-how many were given up
 *	anew			VDE_IOC_STREAM_RESET
 *	wait:POSITION[:MS]	tail-head
 *	await[:MS], epoll[:MS]	for POLLIN; events, or 0
 *	nonblock, block
 *	nobody			become an unprivileged user
 *	uid:UID			become that user, but keep CAP_SYS_ADMIN
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pattern.h"
#include "vdechar.h"

#define SAY(name, value) printf(" " name "=%lld", (long long)(value))

void answer_number(long got)
{
	if (got < 0)
		puts(errno_name(errno));
	else
		printf("%ld\n", got);
}

void answer(long got)
{
	puts(got < 0 ? errno_name(errno) : "OK");
}

/* True when a command succeeded; else its error is the answer */
static bool command(struct sealed *sealed, unsigned int request, void *arg)
{
	if (!ioctl(sealed->device, request, arg))
		return true;
	answer(-1);
	return false;
}

static void say_hex(const char *name, const uint8_t *bytes, int count)
{
	printf(" %s=", name);
	while (count--)
		printf("%02x", *bytes++);
}

static void do_info(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_info info = { .size = sizeof(info) };

	(void)arg;
	(void)count;
	if (!command(sealed, VDE_IOC_INFO, &info))
		return;
	printf("kind=%u", info.kind);
	SAY("region", info.region);
	SAY("block_size", info.block_size);
	SAY("capacity", info.capacity);
	say_hex("uuid", info.uuid, 16);
	say_hex("volume_uuid", info.volume_uuid, 16);
	printf(" label=%.64s", info.label);
	SAY("created", info.created);
	puts("");
}

static void do_status(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_status status = { .size = sizeof(status) };

	(void)arg;
	(void)count;
	if (!command(sealed, VDE_IOC_STATUS, &status))
		return;
	printf("mode=%u", status.mode);
	SAY("hwm", status.hwm);
	SAY("committed", status.committed);
	SAY("records", status.records);
	SAY("inflight", status.inflight);
	SAY("sealed", status.refused_sealed);
	SAY("gap", status.refused_gap);
	SAY("full", status.refused_full);
	SAY("op", status.refused_op);
	SAY("corrupted", status.corrupted);
	SAY("appends", status.appends);
	SAY("held", status.held);
	SAY("rollbacks", status.rollbacks);
	SAY("flushes", status.flushes);
	SAY("commits", status.commits);
	puts("");
}

static void do_retention(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_retention retention = { .size = sizeof(retention) };

	(void)arg;
	(void)count;
	if (!command(sealed, VDE_IOC_RETENTION_GET, &retention))
		return;
	printf("state=%u", retention.state);
	SAY("retention", retention.retention);
	SAY("clock", retention.clock);
	SAY("sealed_clock", retention.sealed_clock);
	SAY("remaining", retention.remaining);
	SAY("resets", retention.resets);
	puts("");
}

static void do_extend(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_retention retention = {
		.size = sizeof(retention),
		.retention = arg[0],
	};

	(void)count;
	answer(ioctl(sealed->device, VDE_IOC_RETENTION_EXTEND, &retention));
}

static void do_reset(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_reset reset = { .size = sizeof(reset) };

	(void)arg;
	(void)count;
	if (command(sealed, VDE_IOC_RESET, &reset))
		printf("%llu\n", (unsigned long long)reset.records);
}

static void do_record(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_record record = {
		.size = sizeof(record),
		.index = arg[0],
	};

	(void)count;
	if (!command(sealed, VDE_IOC_RECORD, &record))
		return;
	printf("length=%u", record.length);
	SAY("time", record.time);
	say_hex("digest", record.digest, 32);
	puts("");
}

/* Records and, where they are larger than known, zeros behind each */
static void do_records(struct sealed *sealed, const uint64_t *arg, int count)
{
	uint64_t size = count > 2 ? arg[2] :
				    sizeof(struct vde_ioc_record_entry);
	unsigned char *array = buffer_alloc(arg[1] * size + BLOCK);
	struct vde_ioc_records records = {
		.size = sizeof(records),
		.first = arg[0],
		.count = arg[1],
		.record_size = size,
		.records = (uintptr_t)array,
	};
	uint64_t i, k;

	memset(array, 0xA5, arg[1] * size + BLOCK);
	if (!command(sealed, VDE_IOC_RECORDS, &records))
		return;
	for (i = 0; i < records.count; i++) {
		struct vde_ioc_record_entry *entry = (void *)array + i * size;

		if (entry->index != arg[0] + i || entry->reserved)
			break;
		for (k = sizeof(*entry); k < size; k++)
			if (array[i * size + k])
				break;
		if (k < size)
			break;
	}
	if (i < records.count)
		printf("bad record %llu\n", (unsigned long long)i);
	else if (array[i * size] != 0xA5 || array[i * size + BLOCK - 1] != 0xA5)
		puts("overrun");
	else
		printf("%u\n", records.count);
	munmap(array, arg[1] * size + BLOCK);
}

static void do_start(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_scrub_start start = {
		.size = sizeof(start),
		.flags = arg[2],
		.from = arg[0],
		.rate = arg[1],
	};

	(void)count;
	answer(ioctl(sealed->device, VDE_IOC_SCRUB_START, &start));
}

static void do_stop(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_scrub_stop stop = { .size = sizeof(stop) };

	(void)arg;
	(void)count;
	answer(ioctl(sealed->device, VDE_IOC_SCRUB_STOP, &stop));
}

static void do_scrub(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct vde_ioc_scrub_status scrub = { .size = sizeof(scrub) };
	uint64_t i;

	(void)arg;
	(void)count;
	if (!command(sealed, VDE_IOC_SCRUB_STATUS, &scrub))
		return;
	printf("state=%u", scrub.state);
	SAY("error", scrub.error);
	SAY("from", scrub.from);
	SAY("position", scrub.position);
	SAY("end", scrub.end);
	SAY("rate", scrub.rate);
	SAY("corrupted", scrub.corrupted);
	SAY("started", scrub.started);
	SAY("ended", scrub.ended);
	SAY("last_scrub", scrub.last_scrub);
	printf(" blocks=");
	for (i = 0; i < scrub.corrupted && i < VDE_IOC_SCRUB_BLOCKS; i++)
		printf("%s%llu", i ? "," : "",
		       (unsigned long long)scrub.blocks[i]);
	puts("");
}

static void do_fsync(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)arg;
	(void)count;
	answer(fsync(sealed->device));
}

static void do_fdatasync(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)arg;
	(void)count;
	answer(fdatasync(sealed->device));
}

static void do_poll(struct sealed *sealed, const uint64_t *arg, int count)
{
	struct pollfd pollfd = {
		.fd = sealed->device,
		.events = POLLIN | POLLOUT,
	};
	int got = poll(&pollfd, 1, 0);

	(void)arg;
	(void)count;
	if (got > 0)
		printf("%#x\n", pollfd.revents);
	else
		answer_number(got);
}

static void do_read(struct sealed *sealed, const uint64_t *arg, int count)
{
	char buf[16];

	(void)arg;
	(void)count;
	answer_number(read(sealed->device, buf, sizeof(buf)));
}

static void become(uid_t uid, bool keep)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		[0].effective = keep ? 1U << CAP_SYS_ADMIN : 0,
		[0].permitted = keep ? 1U << CAP_SYS_ADMIN : 0,
	};

	if (prctl(PR_SET_KEEPCAPS, keep) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid) || syscall(SYS_capset, &header, data)) {
		perror("vdechar: another user");
		exit(2);
	}
	answer(0);
}

static void do_nobody(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)sealed;
	(void)arg;
	(void)count;
	become(65534, false);
}

static void do_uid(struct sealed *sealed, const uint64_t *arg, int count)
{
	(void)sealed;
	(void)count;
	become(arg[0], true);
}

static const struct operation others[] = {
	{ "info", 0, 0, do_info },
	{ "status", 0, 0, do_status },
	{ "retention", 0, 0, do_retention },
	{ "extend", 1, 1, do_extend },
	{ "reset", 0, 0, do_reset },
	{ "record", 1, 1, do_record },
	{ "records", 2, 3, do_records },
	{ "start", 2, 3, do_start },
	{ "stop", 0, 0, do_stop },
	{ "scrub", 0, 0, do_scrub },
	{ "fsync", 0, 0, do_fsync },
	{ "fdatasync", 0, 0, do_fdatasync },
	{ "poll", 0, 0, do_poll },
	{ "read", 0, 0, do_read },
	{ "nobody", 0, 0, do_nobody },
	{ "uid", 1, 1, do_uid },
	{ }
};

static void usage(const char *word)
{
	fprintf(stderr, "vdechar: cannot do '%s'; see the head of vdechar.c\n",
		word);
	exit(2);
}

static const struct operation *find(const struct operation *table,
				    const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

static void run(struct sealed *sealed, char *word)
{
	uint64_t arg[MAX_ARGS] = { 0 };
	const struct operation *operation;
	char *name = strtok(word, ":");
	char *number, *end;
	int count = 0;

	operation = find(char_writes, name ? name : "");
	if (!operation)
		operation = find(char_streams, name ? name : "");
	if (!operation)
		operation = find(others, name ? name : "");
	if (!operation)
		usage(word);
	while ((number = strtok(NULL, ":"))) {
		if (count == operation->most)
			usage(number);
		arg[count++] = strtoull(number, &end, 0);
		if (*end)
			usage(number);
	}
	if (count < operation->least)
		usage(word);
	operation->run(sealed, arg, count);
}

static int parse_mode(char *mode)
{
	char *comma = strchr(mode, ',');
	int dsync = 0;

	if (comma) {
		*comma++ = '\0';
		if (strcmp(comma, "dsync"))
			usage(comma);
		dsync = O_DSYNC;
	}
	if (!strcmp(mode, "r"))
		return O_RDONLY;
	if (!strcmp(mode, "w"))
		return O_WRONLY | dsync;
	if (!strcmp(mode, "rw"))
		return O_RDWR | dsync;
	/* A file for ioctl() only */
	if (!strcmp(mode, "none"))
		return O_ACCMODE;
	usage(mode);
	return -1;
}

static void run_input(struct sealed *sealed)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		run(sealed, line);
	}
}

/* Makes calls that wait return */
static void on_signal(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sealed sealed;
	int i;

	if (argc < 4)
		usage("nothing");
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGUSR1, &action, NULL);
	errno = -sealed_open(&sealed, argv[1], parse_mode(argv[2]));
	if (errno) {
		printf("open: %s\n", errno_name(errno));
		return 1;
	}
	if (!strcmp(argv[3], "-"))
		run_input(&sealed);
	else
		for (i = 3; i < argc; i++)
			run(&sealed, argv[i]);
	return 0;
}

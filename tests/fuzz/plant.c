// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ledger.h"
#include "mapper.h"
#include "plant.h"

#define CHUNK (256 * BLOCK_SIZE)

static uint8_t chunk[CHUNK] __attribute__((aligned(4096)));
static uint8_t block[BLOCK_SIZE];

static int open_device(const struct place *place, int mode)
{
	int fd = mapper_open_char(place->name, mode);

	if (fd < 0)
		die("%s: %s", place->name, strerror(-fd));
	return fd;
}

/* Sum of everything on a disk, past the page cache */
static uint64_t sum_of(const char *disk)
{
	int fd = open(disk, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t sum = 1, word;
	ssize_t got, i;

	while ((got = read(fd, chunk, CHUNK)) > 0)
		for (i = 0; i < got; i += 8) {
			memcpy(&word, chunk + i, 8);
			sum = (sum ^ word) * 0x9E3779B97F4A7C15ULL;
			sum ^= sum >> 31;
		}
	if (fd < 0 || got)
		die("%s: %s", disk, strerror(errno));
	close(fd);
	return sum;
}

/* Clocks go on by themselves, and so does the verification of passports. */
static void ask(const struct place *place, uint8_t answers[4][256])
{
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };
	struct vde_ioc_scrub_status scrub = { .size = sizeof(scrub) };
	struct vde_ioc_stream_status stream = { .size = sizeof(stream) };
	struct vde_ioc_status worm = { .size = sizeof(worm) };
	int fd = open_device(place, O_RDONLY);

	while (!ioctl(fd, VDE_IOC_VAULT_STATUS, &vault) &&
	       vault.state & VDE_IOC_VAULT_VERIFYING)
		poll(NULL, 0, 10);
	vault.attested = 0;
	memcpy(answers[0], &vault, sizeof(vault));
	/* Who may read may ask for a flush */
	if (!ioctl(fd, VDE_IOC_STATUS, &worm)) {
		worm.flushes = 0;
		memcpy(answers[0], &worm, sizeof(worm));
	}
	if (!ioctl(fd, VDE_IOC_STREAM_STATUS, &stream))
		memcpy(answers[0], &stream, sizeof(stream));
	if (!ioctl(fd, VDE_IOC_SCRUB_STATUS, &scrub))
		memcpy(answers[1], &scrub, sizeof(scrub));
	if (!ioctl(fd, VDE_IOC_RETENTION_GET, &retention)) {
		retention.clock = 0;
		retention.remaining = 0;
		memcpy(answers[2], &retention, sizeof(retention));
	}
	close(fd);
}

/* What goes on by itself ends, and what is durable by then stays as it is. */
static void settle(const struct place *place)
{
	struct vde_ioc_scrub_stop stop = { .size = sizeof(stop) };
	int fd = open_device(place, O_RDWR);

	if (ioctl(fd, VDE_IOC_SCRUB_STOP, &stop) && errno != ESRCH &&
	    errno != ENOTTY)
		die("%s: stop the scrub: %s", place->name, strerror(errno));
	close(fd);
	mapper_message(place->name, 0, "commit");
}

void snapshot_take(struct snapshot *snapshot)
{
	struct place *place;
	unsigned int i;
	char type[16];

	memset(snapshot, 0, sizeof(*snapshot));
	for (i = 0; i < PLACES; i++)
		settle(&crowd->places[i]);
	for (i = 0; i < PLACES; i++) {
		place = &crowd->places[i];
		ask(place, snapshot->places[i].answers);
		if (mapper_status(place->name, 0, type,
				  snapshot->places[i].status) ||
		    mapper_status(place->name, DM_STATUS_TABLE_FLAG, type,
				  snapshot->places[i].table))
			die("%s: no status", place->name);
	}
	for (i = 0; i < VOLUMES; i++)
		snapshot->disks[i] = sum_of(crowd->places[i * KINDS].disk);
}

static void compare_answers(const struct place *place,
			    const uint8_t before[4][256],
			    const uint8_t after[4][256])
{
	unsigned int i, j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 256; j++)
			if (before[i][j] != after[i][j])
				wrong(place, "unprivileged users changed byte %u of answer %u",
				      j, i);
}

void snapshot_compare(const struct snapshot *before,
		      const struct snapshot *after)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		const struct place *place = &crowd->places[i];

		if (strcmp(before->places[i].status, after->places[i].status) ||
		    strcmp(before->places[i].table, after->places[i].table))
			wrong(place, "unprivileged users changed it: %s, was %s",
			      after->places[i].status, before->places[i].status);
		compare_answers(place, before->places[i].answers,
				after->places[i].answers);
	}
	for (i = 0; i < VOLUMES; i++)
		if (before->disks[i] != after->disks[i])
			wrong(&crowd->places[i * KINDS],
			      "unprivileged users changed the disk");
}

static void plant_passport(struct place *place)
{
	struct vde_ioc_vault_add call = { .size = sizeof(call) };
	int fd = open_device(place, O_RDWR);
	unsigned int i = 0;

	while (place->stored[i])
		i++;
	call.data = (uintptr_t)passport_at(i, &call.length);
	if (ioctl(fd, VDE_IOC_VAULT_ADD, &call))
		die("%s: add: %s", place->name, strerror(errno));
	place->stored[i] = 1;
	close(fd);
}

static void plant_block(struct place *place)
{
	struct vde_ioc_append call = {
		.size = sizeof(call),
		.data = (uintptr_t)block,
		.length = sizeof(block),
	};
	int fd = open_device(place, O_RDWR);
	unsigned int i;

	for (i = 0; i < BLOCK_SIZE; i += 8)
		put_le(block + i, 8, random_below(0));
	if (ioctl(fd, VDE_IOC_APPEND, &call))
		die("%s: append: %s", place->name, strerror(errno));
	ledger_block(place, call.block, block, APPEND_IOCTL);
	close(fd);
}

void plant_append(struct place *place)
{
	if (place->kind == VAULT)
		plant_passport(place);
	else
		plant_block(place);
}

/* The last byte of what is found on the disk becomes another */
static void flip(const char *disk, const void *bytes, size_t size)
{
	int fd = open(disk, O_RDWR | O_CLOEXEC);
	uint8_t *found = NULL;
	off_t at = 0;

	/* What is looked for lies within one block */
	while (fd >= 0 && !found && pread(fd, chunk, CHUNK, at) == CHUNK) {
		found = memmem(chunk, CHUNK, bytes, size);
		at += found ? found - chunk : CHUNK;
	}
	if (!found)
		die("%s: there is nothing to be damaged", disk);
	at += size - 1;
	found[size - 1] ^= 1;
	if (pwrite(fd, found + size - 1, 1, at) != 1 || fsync(fd))
		die("%s: %s", disk, strerror(errno));
	close(fd);
}

static void flip_passport(const struct place *place)
{
	const uint8_t *passport;
	unsigned int i = 0;
	uint32_t length;

	while (!place->stored[i])
		i++;
	passport = passport_at(i, &length);
	flip(place->disk, passport, length);
}

/* The driver must not be the one who notices: it is asked not to look. */
void plant_damage(const char *what)
{
	struct place *place = &crowd->places[0];

	while (strcmp(kind_names[place->kind], what))
		place++;
	if (place->kind == VAULT) {
		flip_passport(place);
		return;
	}
	if (place->kind == WORM)
		place->options = "1 no_verify_reads";
	flip(place->disk, block, sizeof(block));
}

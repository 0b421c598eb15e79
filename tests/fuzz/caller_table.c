// SPDX-License-Identifier: GPL-2.0-only
/*
 * What root can do with dmsetup while others use a device. A device of a place
 * has its region, the target "error", or nothing; so whatever a file is open
 * on, it is known what may be read there. Hence a table of something else is
 * never resumed there, for which each place has a lock: shared by those who
 * may resume, exclusive for those who have loaded what nobody may.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "handle.h"
#include "mapper.h"
#include "table_line.h"

static int locks[PLACES];
static pid_t locks_owner;	/* a file that a parent has opened is his lock */

static void lock(const struct place *place, int how)
{
	unsigned int i = place - crowd->places;
	char path[64];

	if (crowd->in_turn && how == LOCK_SH)
		how = LOCK_EX;
	if (locks_owner != getpid())
		memset(locks, 0, sizeof(locks));
	locks_owner = getpid();
	if (!locks[i]) {
		snprintf(path, sizeof(path), "/run/crowd.%u", i);
		locks[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (locks[i] < 0)
			die("%s: %s", path, strerror(errno));
	}
	while (flock(locks[i], how))
		if (errno != EINTR)
			die("flock: %s", strerror(errno));
}

static struct place *some_place(void)
{
	return &crowd->places[random_below(PLACES)];
}

static long tell(enum surface surface, int err)
{
	count(surface, err);
	return err;
}

/*
 * A table that cannot go live leaves the device suspended, with those who use
 * it waiting. The target "error" always can.
 */
static int resume(const struct place *place)
{
	int err, tries;

	for (tries = 0; tries < 1000; tries++) {
		err = mapper_call(DM_DEV_SUSPEND, place->name, 0);
		if (!err || err == -ENXIO)
			return err;
		if (err != -EINTR && tries > 2)
			mapper_load(place->name, "error", place->sectors, "", 0);
	}
	wrong(place, "it cannot be resumed: %s", strerror(-err));
	return err;
}

int place_attach(struct place *place)
{
	char line[LINE];
	int err, ret;

	line_good(place, line);
	lock(place, LOCK_SH);
	mapper_call(DM_DEV_CREATE, place->name, 0);
	err = mapper_load(place->name, "vde", place->sectors, line, 0);
	ret = resume(place);
	lock(place, LOCK_UN);
	return err ? err : ret;
}

static long reload(struct place *place)
{
	char line[LINE];
	long err;

	line_odd(place, line);
	lock(place, LOCK_SH);
	err = mapper_load(place->name, "vde", place->sectors, line,
			  chance(20) ? DM_READONLY_FLAG : 0);
	if (!err)
		err = resume(place);
	lock(place, LOCK_UN);
	return err;
}

static long load_foreign(struct place *place)
{
	char line[LINE];
	long err;

	line_foreign(place, line, false);
	lock(place, LOCK_EX);
	err = mapper_load(place->name, chance(20) ? "linear" : "vde",
			  chance(4) ? odd_number() : place->sectors, line,
			  chance(8) ? DM_READONLY_FLAG : 0);
	mapper_call(DM_TABLE_CLEAR, place->name, 0);
	lock(place, LOCK_UN);
	return err;
}

static long suspend(struct place *place)
{
	static const uint32_t flags[] = {
		0, 0, DM_NOFLUSH_FLAG, DM_SKIP_LOCKFS_FLAG,
		DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG,
	};
	long err = mapper_call(DM_DEV_SUSPEND, place->name,
			       DM_SUSPEND_FLAG | flags[random_below(5)]);
	char line[LINE];

	poll(NULL, 0, random_below(20));
	lock(place, LOCK_SH);
	if (chance(3)) {
		line_odd(place, line);
		mapper_load(place->name, "vde", place->sectors, line, 0);
	}
	resume(place);
	lock(place, LOCK_UN);
	return err;
}

/* Nobody makes another of its name meanwhile */
static long rename_twice(struct place *place)
{
	char other[24];
	long err;
	int again;

	snprintf(other, sizeof(other), "%s-renamed", place->name);
	lock(place, LOCK_EX);
	err = mapper_rename(place->name, other);
	poll(NULL, 0, random_below(5));
	again = err ? 0 : mapper_rename(other, place->name);
	while (again == -EINTR)
		again = mapper_rename(other, place->name);
	lock(place, LOCK_UN);
	if (again && again != -ENXIO)
		wrong(place, "it cannot be renamed: %s", strerror(-again));
	return err;
}

static long swap_for_error(struct place *place)
{
	long err;

	lock(place, LOCK_SH);
	err = mapper_load(place->name, "error", place->sectors, "", 0);
	if (!err)
		err = resume(place);
	lock(place, LOCK_UN);
	return err;
}

static long ask(struct place *place)
{
	static const unsigned long commands[] = {
		DM_DEV_STATUS, DM_TABLE_DEPS, DM_TABLE_STATUS, DM_TABLE_CLEAR,
		DM_DEV_WAIT, DM_LIST_DEVICES, DM_LIST_VERSIONS,
		DM_DEV_SET_GEOMETRY, DM_DEV_ARM_POLL,
	};
	static const uint32_t flags[] = {
		0, DM_STATUS_TABLE_FLAG, DM_IMA_MEASUREMENT_FLAG,
		DM_QUERY_INACTIVE_TABLE_FLAG, DM_NOFLUSH_FLAG,
	};

	unsigned long command = commands[random_below(9)];
	long err;

	if (command != DM_TABLE_CLEAR)
		return mapper_call(command, place->name, flags[random_below(5)]);
	lock(place, LOCK_SH);
	err = mapper_call(command, place->name, 0);
	lock(place, LOCK_UN);
	return err;
}

void fuzz_table(void)
{
	struct place *place = some_place();
	long err;

	switch (random_below(8)) {
	case 0:
	case 1:
		err = reload(place);
		break;
	case 2:
		err = load_foreign(place);
		break;
	case 3:
		err = suspend(place);
		break;
	case 4:
		err = crowd->in_turn ? 0 : rename_twice(place);
		break;
	case 5:
		err = chance(3) ? swap_for_error(place) : 0;
		break;
	case 6:
		err = place_attach(place);
		break;
	default:
		err = ask(place);
	}
	tell(TABLES, err);
}

/* A device of its own, which takes a region if nobody else has it just now */
static long try_foreign(void)
{
	const struct place *place = some_place();
	char name[32], line[LINE];
	int err, tries;

	snprintf(name, sizeof(name), "other-%d", (int)getpid());
	err = mapper_call(DM_DEV_CREATE, name, 0);
	if (err)
		return err;
	line_foreign(place, line, true);
	err = mapper_load(name, "vde", chance(4) ? odd_number() : place->sectors,
			  line, 0);
	if (!err)
		err = mapper_call(DM_DEV_SUSPEND, name, 0);
	mapper_message(name, 0, "commit");
	for (tries = 0; tries < 1000; tries++) {
		int removed = mapper_call(DM_DEV_REMOVE, name, 0);

		if (!removed || removed == -ENXIO)
			return err;
		poll(NULL, 0, 10);
	}
	wrong(NULL, "%s cannot be removed", name);
	return err;
}

void fuzz_attach(void)
{
	struct place *place = some_place();
	int err;

	switch (random_below(4)) {
	case 0:
		err = try_foreign();
		break;
	case 1:
		err = place_attach(place);
		break;
	default:
		lock(place, LOCK_SH);
		if (!crowd->in_turn && chance(50))
			err = mapper_call(DM_REMOVE_ALL, "", 0);
		else
			err = mapper_call(DM_DEV_REMOVE, place->name,
					  chance(4) ? DM_DEFERRED_REMOVE : 0);
		lock(place, LOCK_UN);
	}
	tell(ATTACHING, err);
}

void fuzz_message(void)
{
	static const char *const words[] = {
		"commit", "commit", "stats", "COMMIT", "Stats", "commit 1",
		"stats commit", "", " ", "@", "@cancel_deferred_remove", "reset",
		"\"commit\"", "commit\\ ", "resume", "\\",
	};
	char text[600];
	size_t i;

	if (chance(4)) {
		for (i = 0; i < sizeof(text) - 1; i++)
			text[i] = chance(4) ? ' ' : 1 + random_below(255);
		text[random_below(sizeof(text))] = 0;
		text[sizeof(text) - 1] = 0;
	} else if (chance(4)) {
		snprintf(text, sizeof(text), "%s %s", words[random_below(16)],
			 word_of_table());
	} else {
		snprintf(text, sizeof(text), "%s", words[random_below(16)]);
	}
	tell(MESSAGES, mapper_message(some_place()->name,
				      chance(5) ? odd_number() : 0, text));
}

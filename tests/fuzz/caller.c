// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/dm-vde.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#include "caller.h"
#include "handle.h"
#include "ledger.h"
#include "mapper.h"

#define HANDLES	4
#define NOBODY	65534

static struct handle handles[HANDLES];

static bool is_device_of(const struct place *place, int device)
{
	struct vde_ioc_info info = { .size = sizeof(info) };

	return !ioctl(device, VDE_IOC_INFO, &info) &&
	       !memcmp(info.uuid, place->uuid, 16);
}

/* As long as the first file knows its region, no other has the same number. */
static int open_device(const struct place *place, const char *path, int mode)
{
	int first = open(path, O_RDONLY | O_CLOEXEC), device = -1;

	if (first < 0)
		return -1;
	if (is_device_of(place, first))
		device = open(path, mode | O_CLOEXEC | (chance(2) ? O_NONBLOCK : 0));
	if (device >= 0 && !is_device_of(place, first)) {
		close(device);
		device = -1;
	}
	close(first);
	return device;
}

/* While it is open the device stays, and its name. */
static int open_node(const struct place *place, int minor, int mode, bool direct)
{
	char path[64];
	int node;

	snprintf(path, sizeof(path), "/dev/dm-%d", minor);
	node = open(path, mode | O_CLOEXEC | (direct ? O_DIRECT : 0) |
		    (chance(8) ? O_DSYNC : 0));
	if (node >= 0 && mapper_minor(place->name) != minor) {
		close(node);
		node = -1;
	}
	return node;
}

bool handle_open(struct handle *handle, struct place *place, int mode)
{
	int minor = mapper_minor(place->name);
	char path[64];

	if (minor < 0)
		return false;
	snprintf(path, sizeof(path), "/dev/vde/dm-%d", minor);
	handle->device = open_device(place, path, mode);
	if (handle->device < 0)
		return false;
	handle->place = place;
	handle->mode = mode;
	handle->direct = !place->cached || !chance(4);
	handle->node = chance(3) ? -1 :
		       open_node(place, minor, mode, handle->direct);
	return true;
}

void handle_close(struct handle *handle)
{
	if (!handle->place)
		return;
	close(handle->device);
	if (handle->node >= 0)
		close(handle->node);
	handle->place = NULL;
}

/* What needs a privilege or a permission that this process has not */
static void try_what_is_denied(void)
{
	static const unsigned long commands[] = {
		DM_DEV_CREATE, DM_DEV_REMOVE, DM_DEV_SUSPEND, DM_TABLE_LOAD,
		DM_TABLE_CLEAR, DM_TARGET_MSG, DM_REMOVE_ALL, DM_DEV_RENAME,
		DM_TABLE_STATUS, DM_DEV_SET_GEOMETRY,
	};
	const struct place *place = &crowd->places[random_below(PLACES)];
	unsigned long command = commands[random_below(10)];
	char path[64];
	int ret;

	switch (random_below(4)) {
	case 0:
		snprintf(path, sizeof(path), "/dev/dm-%d", (int)random_below(PLACES));
		break;
	case 1:
		snprintf(path, sizeof(path), "/dev/vde/dm-%d", (int)random_below(PLACES));
		break;
	case 2:
		snprintf(path, sizeof(path), "%s",
			 chance(2) ? place->disk : "/dev/mapper/control");
		break;
	default:
		ret = mapper_call(command, place->name,
				  chance(2) ? DM_SUSPEND_FLAG : 0);
		count(TABLES, ret);
		if (!ret)
			wrong(place, "dm command %#lx succeeded", command);
		return;
	}
	ret = open(path, random_below(3));
	count(FILES, ret);
	if (ret >= 0)
		wrong(place, "%s can be opened", path);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		die("nobody: %s", strerror(errno));
	unprivileged = true;
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* Signals arrive in the middle of everything; and nothing waits for ever. */
static void interrupt_often(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval interval = {
		.it_interval.tv_usec = 20000 + random_below(200000),
	};

	interval.it_value = interval.it_interval;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
}

static void use(struct handle *handle)
{
	switch (random_below(10)) {
	case 0:
		if (handle->mode != O_WRONLY)
			ledger_look(handle->place, handle->device);
		break;
	case 1:
	case 2:
	case 3:
		fuzz_bio(handle);
		break;
	case 4:
		fuzz_file(handle);
		break;
	default:
		errno = 0;
		fuzz_ioctl(handle);
		if (errno == ENODEV && !unprivileged)
			handle_close(handle);
	}
}

static void administer(void)
{
	switch (random_below(4)) {
	case 0:
		fuzz_message();
		break;
	case 1:
		fuzz_attach();
		break;
	default:
		fuzz_table();
	}
}

static void act(bool admin)
{
	struct handle *handle = &handles[random_below(HANDLES)];

	if (chance(12)) {
		fuzz_sysfs();
	} else if (unprivileged && chance(12)) {
		try_what_is_denied();
	} else if (admin && chance(3)) {
		administer();
	} else if (handle->place) {
		use(handle);
		if (!unprivileged && chance(30))
			handle_close(handle);
	} else if (!unprivileged) {
		handle_open(handle, &crowd->places[random_below(PLACES)],
			    random_below(3));
	}
}

static void live(bool quiet, bool admin, bool nobody)
{
	unsigned int left = 100 + random_below(900), i;

	interrupt_often();
	for (i = 0; nobody && i < HANDLES; i++)
		handle_open(&handles[i], &crowd->places[random_below(PLACES)],
			    quiet ? O_RDONLY : random_below(3));
	if (nobody)
		become_nobody();
	while (left-- && !crowd->stop)
		act(admin);
}

void caller_start(struct caller *caller, uint64_t seed)
{
	bool nobody = caller->quiet || caller->number % 4 == 3;
	bool admin = !nobody && caller->number % 2 == 0;

	caller->may_be_killed = !admin;
	caller->killed = false;
	caller->pid = fork();
	if (caller->pid < 0)
		die("fork: %s", strerror(errno));
	if (caller->pid)
		return;
	random_begin(seed);
	live(caller->quiet, admin, nobody);
	_exit(0);
}

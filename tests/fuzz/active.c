// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "active.h"
#include "fault.h"
#include "mapper.h"

#define NAME "fuzz"

static int log_fd = -1;
static char last_said[256];	/* by the driver, since the last call */

struct dm_fault {
	unsigned long command;
	enum fault_where where;
	unsigned int nth;
	bool reached;
};

static struct dm_fault fault;

/* What it was activated with */
static struct {
	uint64_t sectors;
	char parameters[512];
	uint32_t flags;
} loaded;

static void arm(unsigned long command)
{
	if (command == fault.command)
		fault_arm(fault.where, fault.nth);
}

static int disarm(unsigned long command, int ret)
{
	if (command == fault.command)
		fault.reached |= fault_disarm();
	return ret;
}

static int dm(unsigned long command, uint32_t flags)
{
	arm(command);
	return disarm(command, mapper_call(command, NAME, flags));
}

void dm_fail(unsigned long command, enum fault_where where, unsigned int nth)
{
	fault = (struct dm_fault) {
		.command = command, .where = where, .nth = nth
	};
}

bool dm_failed(void)
{
	bool reached = fault.reached;

	dm_fail(0, IN_CALLER, 0);
	return reached;
}

void messages_begin(void)
{
	if (mapper_open())
		give_up("/dev/mapper/control: %s", strerror(errno));
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		give_up("/dev/kmsg: %s", strerror(errno));
}

static bool is_report(const char *text)
{
	static const char *const marks[] = {
		"BUG:", "BUG ", "WARNING:", "KASAN", "UBSAN", "INFO: ", "Oops",
		"possible recursive", "pagealloc: ", "Kernel panic",
	};
	unsigned int i;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strstr(text, marks[i]))
			return true;
	return false;
}

const char *messages_read(void)
{
	static char record[8192], report[256];
	bool any = false;
	ssize_t got;
	char *text;

	while ((got = read(log_fd, record, sizeof(record) - 1)) > 0 ||
	       (got < 0 && errno == EPIPE)) {
		record[got > 0 ? got : 0] = 0;
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = 0;
		if (!any && is_report(text)) {
			any = true;
			snprintf(report, sizeof(report), "%s", text + 1);
		}
		/* dm repeats what failed, not why */
		if (strstr(text, "vde") && !strstr(text, "preresume failed"))
			snprintf(last_said, sizeof(last_said), "%s", text + 1);
	}
	return any ? report : NULL;
}

/* "device-mapper: table: 254:0: vde: PHRASE (-EUCLEAN)" */
static void take_phrase(char phrase[128])
{
	char *from = last_said, *next, *end;

	messages_read();
	while ((next = strstr(from, ": ")))
		from = next + 2;
	end = strstr(from, " (");
	if (end)
		*end = 0;
	snprintf(phrase, 128, "%.127s", from);
	*last_said = 0;
}

static void refuse(char phrase[128])
{
	int err;

	take_phrase(phrase);
	err = dm(DM_DEV_REMOVE, 0);
	if (err)
		give_up("remove after a refusal: %s", strerror(-err));
}

int dm_message(const char *text)
{
	arm(DM_TARGET_MSG);
	return disarm(DM_TARGET_MSG, mapper_message(NAME, 0, text));
}

static int status(uint32_t flags, char line[1024])
{
	char type[16];

	arm(DM_TABLE_STATUS);
	return disarm(DM_TABLE_STATUS, mapper_status(NAME, flags, type, line));
}

int dm_status(bool table)
{
	char line[1024];

	return status(table ? DM_STATUS_TABLE_FLAG : 0, line);
}

static bool is_rw(void)
{
	char line[1024];

	if (status(0, line))
		give_up("no status");
	return strlen(line) > 3 && !strcmp(line + strlen(line) - 3, " rw");
}

int dm_suspend(void)
{
	return dm(DM_DEV_SUSPEND, DM_SUSPEND_FLAG);
}

int dm_resume(void)
{
	return dm(DM_DEV_SUSPEND, 0);
}

int dm_reload(void)
{
	arm(DM_TABLE_LOAD);
	return disarm(DM_TABLE_LOAD,
		      mapper_load(NAME, "vde", loaded.sectors,
				  loaded.parameters, loaded.flags));
}

int dm_recover(void)
{
	int err = dm(DM_TABLE_CLEAR, 0);

	return err ? err : dm_resume();
}

/* With too little memory the kernel makes a device without its node. */
static int open_device(const char *path, mode_t type, dev_t dev, int flags)
{
	static const char other[] = "/run/fuzz-node";
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && !mknod(other, type | 0600, dev)) {
		fd = open(other, flags | O_CLOEXEC);
		unlink(other);
	}
	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
	return fd;
}

int open_node(const struct active *active, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/dm-%d", active->minor);
	return open_device(path, S_IFBLK, active->dev, flags | O_DIRECT);
}

static dev_t char_number(const struct active *active)
{
	unsigned int major_nr = 0, minor_nr = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/vde/dm-%d/dev", active->minor);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%u:%u", &major_nr, &minor_nr) != 2)
		give_up("%s", path);
	fclose(file);
	return makedev(major_nr, minor_nr);
}

static void open_both(struct active *active, bool read_only)
{
	char path[64];

	active->node = open_node(active, O_RDONLY);
	snprintf(path, sizeof(path), "/dev/vde/dm-%d", active->minor);
	active->device = open_device(path, S_IFCHR, char_number(active),
				     read_only ? O_RDONLY : O_RDWR);
}

enum outcome activate(struct active *active, enum kind kind, uint64_t sectors,
		      const char *parameters, bool read_only, char phrase[128])
{
	int err;

	messages_read();
	*last_said = 0;
	loaded.sectors = sectors;
	loaded.flags = read_only ? DM_READONLY_FLAG : 0;
	snprintf(loaded.parameters, sizeof(loaded.parameters), "%s", parameters);
	err = dm(DM_DEV_CREATE, 0);
	if (err)
		give_up("create: %s", strerror(-err));
	if (dm_reload()) {
		refuse(phrase);
		return REFUSED_TABLE;
	}
	if (dm_resume()) {
		refuse(phrase);
		return REFUSED_RESUME;
	}
	active->kind = kind;
	if (mapper_number(NAME, &active->dev))
		give_up("it is not there");
	active->minor = minor(active->dev);
	open_both(active, read_only);
	active->writable = is_rw() && !read_only;
	return active->writable ? ACCEPTED_RW : ACCEPTED_RO;
}

void deactivate(struct active *active)
{
	int err;

	close(active->node);
	close(active->device);
	err = dm(DM_DEV_REMOVE, 0);
	/* With too little memory it may be there still */
	if (err && fault.command == DM_DEV_REMOVE) {
		fault.command = 0;
		err = dm(DM_DEV_REMOVE, 0);
		if (err == -ENXIO)
			err = 0;
	}
	if (err)
		give_up("remove: %s", strerror(-err));
}

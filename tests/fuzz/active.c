// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "active.h"
#include "fault.h"

#define NAME "fuzz"

static int control = -1, log_fd = -1;
static char last_said[256];	/* by the driver, since the last call */

struct dm_fault {
	unsigned long command;
	enum fault_where where;
	unsigned int nth;
	bool reached;
};

static struct dm_fault fault;

struct request {
	struct dm_ioctl header;
	struct dm_target_spec spec;
	char parameters[512];
};

static struct request last_load;

static int dm(struct request *request, unsigned long command)
{
	bool faulty = command == fault.command;
	int ret;

	if (control < 0)
		control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	request->header.version[0] = DM_VERSION_MAJOR;
	request->header.data_size = sizeof(*request);
	request->header.data_start = offsetof(struct request, spec);
	strcpy(request->header.name, NAME);
	if (faulty)
		fault_arm(fault.where, fault.nth);
	ret = ioctl(control, command, request) ? -errno : 0;
	if (faulty)
		fault.reached |= fault_disarm();
	return ret;
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
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		give_up("/dev/kmsg: %s", strerror(errno));
}

static bool is_report(const char *text)
{
	static const char *const marks[] = {
		"BUG:", "WARNING:", "KASAN", "UBSAN", "INFO: ", "Oops",
		"possible recursive", "kernel BUG", "Kernel panic",
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
	struct request request = {};
	int err;

	take_phrase(phrase);
	err = dm(&request, DM_DEV_REMOVE);
	if (err)
		give_up("remove after a refusal: %s", strerror(-err));
}

int dm_message(const char *text)
{
	struct request request = {};
	struct dm_target_msg *message = (void *)&request.spec;

	strcpy(message->message, text);
	return dm(&request, DM_TARGET_MSG);
}

int dm_status(bool table)
{
	struct request request = {};

	request.header.flags = table ? DM_STATUS_TABLE_FLAG : 0;
	return dm(&request, DM_TABLE_STATUS);
}

static bool is_rw(void)
{
	struct request request = {};
	const char *line;

	if (dm(&request, DM_TABLE_STATUS))
		give_up("no status");
	line = (const char *)&request + request.header.data_start +
	       sizeof(struct dm_target_spec);
	return strlen(line) > 3 && !strcmp(line + strlen(line) - 3, " rw");
}

int dm_suspend(void)
{
	struct request request = { .header.flags = DM_SUSPEND_FLAG };

	return dm(&request, DM_DEV_SUSPEND);
}

int dm_resume(void)
{
	struct request request = {};

	return dm(&request, DM_DEV_SUSPEND);
}

int dm_reload(void)
{
	struct request request = last_load;

	return dm(&request, DM_TABLE_LOAD);
}

int dm_recover(void)
{
	struct request request = {};
	int err = dm(&request, DM_TABLE_CLEAR);

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
	struct request create = {}, resume = {}, load = {
		.header.target_count = 1,
		.header.flags = read_only ? DM_READONLY_FLAG : 0,
		.spec = { .length = sectors, .target_type = "vde" },
	};
	int err;

	messages_read();
	*last_said = 0;
	snprintf(load.parameters, sizeof(load.parameters), "%s", parameters);
	last_load = load;
	err = dm(&create, DM_DEV_CREATE);
	if (err)
		give_up("create: %s", strerror(-err));
	if (dm(&load, DM_TABLE_LOAD)) {
		refuse(phrase);
		return REFUSED_TABLE;
	}
	if (dm(&resume, DM_DEV_SUSPEND)) {
		refuse(phrase);
		return REFUSED_RESUME;
	}
	active->kind = kind;
	active->dev = resume.header.dev;
	active->minor = minor(active->dev);
	open_both(active, read_only);
	active->writable = is_rw() && !read_only;
	return active->writable ? ACCEPTED_RW : ACCEPTED_RO;
}

void deactivate(struct active *active)
{
	struct request request = {};
	int err;

	close(active->node);
	close(active->device);
	err = dm(&request, DM_DEV_REMOVE);
	/* With too little memory it may be there still */
	if (err && fault.command == DM_DEV_REMOVE) {
		fault.command = 0;
		memset(&request, 0, sizeof(request));
		err = dm(&request, DM_DEV_REMOVE);
		if (err == -ENXIO)
			err = 0;
	}
	if (err)
		give_up("remove: %s", strerror(-err));
}

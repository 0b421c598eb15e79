// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "mapper.h"

static int control = -1;

struct request {
	struct dm_ioctl header;
	union {
		struct {
			struct dm_target_spec spec;
			char parameters[2048];
		} load;
		struct {
			uint64_t sector;
			char words[2048];
		} message;
		char text[4096];
	};
};

int mapper_open(void)
{
	control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	return control < 0 ? -errno : 0;
}

static int call(struct request *request, unsigned long command,
		const char *name, uint32_t flags)
{
	struct dm_ioctl *header = &request->header;

	memset(header, 0, sizeof(*header));
	header->version[0] = DM_VERSION_MAJOR;
	header->data_size = sizeof(*request);
	header->data_start = offsetof(struct request, load);
	header->flags = flags;
	snprintf(header->name, sizeof(header->name), "%s", name);
	if (command == DM_TABLE_LOAD)
		header->target_count = 1;
	return ioctl(control, command, request) ? -errno : 0;
}

int mapper_call(unsigned long command, const char *name, uint32_t flags)
{
	struct request request = {};

	return call(&request, command, name, flags);
}

int mapper_load(const char *name, const char *type, uint64_t sectors,
		const char *parameters, uint32_t flags)
{
	struct request request = { .load.spec.length = sectors };

	snprintf(request.load.spec.target_type, sizeof(request.load.spec.target_type),
		 "%s", type);
	snprintf(request.load.parameters, sizeof(request.load.parameters), "%s",
		 parameters);
	return call(&request, DM_TABLE_LOAD, name, flags);
}

int mapper_message(const char *name, uint64_t sector, const char *message)
{
	struct request request = { .message.sector = sector };

	snprintf(request.message.words, sizeof(request.message.words), "%s",
		 message);
	return call(&request, DM_TARGET_MSG, name, 0);
}

int mapper_rename(const char *name, const char *to)
{
	struct request request = {};

	snprintf(request.text, sizeof(request.text), "%s", to);
	return call(&request, DM_DEV_RENAME, name, 0);
}

int mapper_number(const char *name, dev_t *number)
{
	struct request request = {};
	int err = call(&request, DM_DEV_STATUS, name, 0);

	*number = request.header.dev;
	return err;
}

int mapper_minor(const char *name)
{
	dev_t number;
	int err = mapper_number(name, &number);

	return err ? err : (int)minor(number);
}

int mapper_open_char(const char *name, int mode)
{
	int number = mapper_minor(name);
	char path[64];
	int fd;

	if (number < 0)
		return number;
	snprintf(path, sizeof(path), "/dev/vde/dm-%d", number);
	fd = open(path, mode | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int mapper_status(const char *name, uint32_t flags, char type[16], char line[1024])
{
	struct request request = {};
	int err = call(&request, DM_TABLE_STATUS, name, flags);

	if (err)
		return err;
	if (!request.header.target_count)
		return -ENODATA;
	snprintf(type, 16, "%.15s", request.load.spec.target_type);
	snprintf(line, 1024, "%.1023s", request.load.parameters);
	return 0;
}

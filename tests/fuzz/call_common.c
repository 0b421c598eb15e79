// SPDX-License-Identifier: GPL-2.0-only
/* Calls that regions of all kinds have in common. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "call.h"

long sync_char(const struct active *active)
{
	return answer(fsync(active->device));
}

static long info(const struct active *active)
{
	struct vde_ioc_info call = { .size = sizeof(call) };

	return answer(ioctl(active->device, VDE_IOC_INFO, &call));
}

static long reopen(const struct active *active)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", active->device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : close(fd);
}

static long say_stats(const struct active *active)
{
	(void)active;
	return dm_message("stats");
}

long say_commit(const struct active *active)
{
	(void)active;
	return dm_message("commit");
}

static long say_status(const struct active *active)
{
	(void)active;
	return dm_status(false);
}

static long say_table(const struct active *active)
{
	(void)active;
	return dm_status(true);
}

long suspend_and_resume(const struct active *active)
{
	int err = dm_suspend();

	(void)active;
	return err ? err : dm_resume();
}

long replace_table(const struct active *active)
{
	int err = dm_reload();

	(void)active;
	if (!err)
		err = dm_suspend();
	return err ? err : dm_resume();
}

const struct call common_calls[] = {
	{ "open(2)", reopen, 0, READS | NONE_IN_WORKERS, 0 },
	{ "info", info, 0, READS | NONE_IN_CALLER | NONE_IN_WORKERS, 0 },
	{ "stats", say_stats, 0, READS | NONE_IN_WORKERS, 0 },
	{ "status", say_status, 0, READS | NONE_IN_WORKERS, 0 },
	{ "table", say_table, 0, READS | NONE_IN_WORKERS, 0 },
	{ "sysfs", read_sysfs, 0, READS | NONE_IN_WORKERS, 0 },
	{ }
};

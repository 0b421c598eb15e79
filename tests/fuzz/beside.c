// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "active.h"
#include "beside.h"
#include "mapper.h"

#define NAME "fuzz-beside"

static char parameters[300];
static uint64_t sectors;	/* 0: it is not wanted */
static int device = -1;

void beside_begin(const char *disk, const struct image *image)
{
	snprintf(parameters, sizeof(parameters), "%s worm", disk);
	sectors = image->regions[WORM].capacity * 8;
}

void beside_stop(void)
{
	sectors = 0;
}

static void must(int err, const char *what)
{
	if (err)
		give_up("%s of the WORM region: %s", what, strerror(-err));
}

void beside_activate(void)
{
	if (!sectors)
		return;
	must(mapper_call(DM_DEV_CREATE, NAME, 0), "create");
	must(mapper_load(NAME, "vde", sectors, parameters, 0), "load");
	must(mapper_call(DM_DEV_SUSPEND, NAME, 0), "resume");
	device = mapper_open_char(NAME, O_RDWR);
	must(device < 0 ? device : 0, "character device");
	if (!beside_is_whole())
		give_up("the WORM region is not writable");
}

void beside_deactivate(void)
{
	if (!sectors)
		return;
	close(device);
	must(mapper_call(DM_DEV_REMOVE, NAME, 0), "remove");
}

bool beside_is_whole(void)
{
	struct vde_ioc_status status = { .size = sizeof(status) };

	if (!sectors)
		return true;
	if (ioctl(device, VDE_IOC_STATUS, &status))
		give_up("status of the WORM region: %s", strerror(errno));
	return status.mode == VDE_IOC_MODE_RW;
}

void beside_renew(void)
{
	if (beside_is_whole())
		return;
	beside_deactivate();
	beside_activate();
}

/* What a commit that failed has left on the disk shows at the next activation. */
void beside_check(bool held)
{
	struct vde_ioc_retention retention = { .size = sizeof(retention) };

	if (!sectors || !beside_is_whole())
		return;
	if (ioctl(device, VDE_IOC_RETENTION_GET, &retention))
		give_up("retention of the WORM region: %s", strerror(errno));
	if (!!(retention.state & VDE_IOC_RETENTION_HELD) != held)
		give_up("the WORM region's flag is %d in memory, and %d on the disk",
			!held, held);
}

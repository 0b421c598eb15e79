// SPDX-License-Identifier: GPL-2.0-only
/* What calls that are refused, or find damage, begin with and leave behind. */
#include <errno.h>
#include <linux/dm-vde.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "refused.h"
#include "told.h"

#define LINGER 500	/* milliseconds for workers that nobody waits for */

/* Up to the last block */
static void fill(const struct active *active)
{
	struct vde_ioc_info info = { .size = sizeof(info) };
	uint64_t room, blocks;

	if (ioctl(active->device, VDE_IOC_INFO, &info))
		give_up("info: %s", strerror(errno));
	room = info.capacity - look_at(active).head;
	for (; room > 1; room -= blocks) {
		blocks = room > MANY ? MANY : room - 1;
		if (write(active->device, many, blocks * BLOCK_SIZE) < 0)
			give_up("append without a fault: %s", strerror(errno));
	}
}

void prepare_disk(const struct active *active, const struct call *call)
{
	if (call->traits & FILLED)
		fill(active);
	if (call->traits & (DAMAGED | NO_RECORD))
		damage(call->traits & NO_RECORD);
	else if (call->traits & REFUSED)
		prepare_refused(active);
	if (call->traits & TOLD)
		told_forget();
}

static const char *event_of(const struct call *call)
{
	return call->traits & (DAMAGED | NO_RECORD) ? "corrupt" : "refused";
}

void linger(const struct call *call)
{
	if (call->traits & TOLD)
		told_within(event_of(call), LINGER);
}

/* EIO may be that of the fault, of which no event tells. */
static void check_told(const struct call *call, long ret,
		       const struct doubt *doubt)
{
	long want = call->traits & REFUSED ? -call->error : 0;

	if (ret == want && !doubt->told && !(ret == -EIO && doubt->failed))
		told_wait(event_of(call));
}

void check_disk(const struct active *active, const struct call *call, long ret,
		struct state *now, const struct doubt *doubt)
{
	if (call->traits & (DAMAGED | NO_RECORD)) {
		check_damaged(call, ret, now->corrupted - before.corrupted);
		now->corrupted = before.corrupted;
		repair(active);
	} else if (call->traits & REFUSED) {
		check_refused(active, call, ret, doubt);
	}
	if (call->traits & TOLD)
		check_told(call, ret, doubt);
}

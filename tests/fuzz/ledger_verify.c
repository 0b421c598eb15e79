// SPDX-License-Identifier: GPL-2.0-only
/* What must be there when nobody uses a region any more. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ledger.h"
#include "mapper.h"

#define CHUNK 64

static uint8_t chunk[CHUNK * BLOCK_SIZE] __attribute__((aligned(4096)));

static void read_blocks(struct place *place, int node, int device,
			uint64_t first, uint64_t end)
{
	uint64_t count = end - first < CHUNK ? end - first : CHUNK;
	ssize_t got = pread(node, chunk, count * BLOCK_SIZE, first * BLOCK_SIZE);

	if (got != (ssize_t)(count * BLOCK_SIZE))
		wrong(place, "blocks from %llu: %s", (unsigned long long)first,
		      got < 0 ? strerror(errno) : "cut short");
	else
		ledger_compare(place, device, first, count, chunk, end);
}

/* Not beyond the device */
static void read_above(struct place *place, int node, int device, uint64_t end)
{
	ssize_t got = pread(node, chunk, sizeof(chunk), end * BLOCK_SIZE);

	if (got > 0)
		ledger_compare(place, device, end, got / BLOCK_SIZE, chunk, end);
}

static void read_records(struct place *place, int device, uint64_t first,
			 uint64_t end)
{
	static struct vde_ioc_record_entry entries[CHUNK];
	struct vde_ioc_records call = {
		.size = sizeof(call),
		.first = first,
		.count = end - first < CHUNK ? end - first : CHUNK,
		.record_size = sizeof(*entries),
		.records = (uintptr_t)entries,
	};
	uint32_t i, want = call.count;

	if (ioctl(device, VDE_IOC_RECORDS, &call) || call.count != want) {
		wrong(place, "records from %llu: %s", (unsigned long long)first,
		      strerror(errno));
		return;
	}
	for (i = 0; i < want; i++)
		ledger_record(place, &entries[i]);
}

static uint64_t verify_worm(struct place *place, int node, int device)
{
	struct vde_ioc_status status = { .size = sizeof(status) };
	uint64_t i;

	if (ioctl(device, VDE_IOC_STATUS, &status))
		die("%s: status: %s", place->name, strerror(errno));
	if (status.mode != VDE_IOC_MODE_RW || status.inflight)
		wrong(place, "mode %u, %llu blocks in flight", status.mode,
		      (unsigned long long)status.inflight);
	for (i = 0; i < status.hwm; i += CHUNK) {
		read_blocks(place, node, device, i, status.hwm);
		read_records(place, device, i, status.hwm);
	}
	read_above(place, node, device, status.hwm);
	return status.hwm;
}

static uint64_t verify_stream(struct place *place, int node, int device)
{
	struct vde_ioc_stream_status ring = { .size = sizeof(ring) };
	uint64_t i;

	if (ioctl(device, VDE_IOC_STREAM_STATUS, &ring))
		die("%s: status: %s", place->name, strerror(errno));
	if (ring.mode != VDE_IOC_MODE_RW || ring.inflight)
		wrong(place, "mode %u, %llu blocks in flight", ring.mode,
		      (unsigned long long)ring.inflight);
	for (i = ring.tail; i < ring.head; i += CHUNK)
		read_blocks(place, node, device, i, ring.head);
	if (pread(node, chunk, BLOCK_SIZE, ring.head * BLOCK_SIZE) >= 0)
		wrong(place, "the head can be read");
	return ring.head - ring.tail;
}

/* Every one is valid, and none is missing; where nothing can be verified, there. */
static uint64_t verify_vault(struct place *place, int device)
{
	struct vde_ioc_vault_status status = { .size = sizeof(status) };
	unsigned int i, passports = 0;

	/* They are verified in the background first */
	while (!ioctl(device, VDE_IOC_VAULT_STATUS, &status) &&
	       status.state & VDE_IOC_VAULT_VERIFYING)
		poll(NULL, 0, 10);
	for (i = 0; i < passports_count(); i++) {
		passports += place->stored[i];
		if (place->stored[i])
			ledger_passport(place, device, i);
	}
	if (status.mode != VDE_IOC_MODE_RW || status.passports < passports ||
	    status.bad || status.unchecked || status.damaged ||
	    status.verified != status.passports)
		wrong(place, "mode %u; of %llu passports %llu are valid",
		      status.mode, (unsigned long long)status.passports,
		      (unsigned long long)status.verified);
	return status.passports;
}

uint64_t ledger_verify(struct place *place)
{
	int minor = mapper_minor(place->name), node, device;
	char path[64];
	uint64_t compared;

	snprintf(path, sizeof(path), "/dev/dm-%d", minor);
	node = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	snprintf(path, sizeof(path), "/dev/vde/dm-%d", minor);
	device = open(path, O_RDONLY | O_CLOEXEC);
	if (node < 0 || device < 0)
		die("%s: %s", path, strerror(errno));
	ledger_look(place, device);
	if (place->kind == WORM)
		compared = verify_worm(place, node, device);
	else if (place->kind == STREAM)
		compared = verify_stream(place, node, device);
	else
		compared = verify_vault(place, device);
	close(node);
	close(device);
	return compared;
}

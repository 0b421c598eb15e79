// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-vde.h>
#ifndef NO_OPENSSL
#include <openssl/sha.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pattern.h"
#include "sealed.h"

int sealed_open(struct sealed *sealed, const char *device, int flags)
{
	const char *slash = strrchr(device, '/');

	snprintf(sealed->path, sizeof(sealed->path), "/dev/%s",
		 slash ? slash + 1 : device);
	sealed->node = -1;
	sealed->device = open(device, flags | O_CLOEXEC);
	return sealed->device < 0 ? -errno : 0;
}

static void give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(2);
}

int sealed_node(struct sealed *sealed)
{
	if (sealed->node < 0)
		sealed->node = open(sealed->path,
				    O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (sealed->node < 0)
		give_up(sealed->path);
	return sealed->node;
}

uint64_t sealed_hwm(const struct sealed *sealed)
{
	struct vde_ioc_status status = { .size = sizeof(status) };

	if (ioctl(sealed->device, VDE_IOC_STATUS, &status))
		give_up("VDE_IOC_STATUS");
	return status.hwm;
}

static char said[160];

static const char *say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return said;
}

static bool is_digest_of(const uint8_t *digest, const void *bytes,
			 uint32_t length)
{
#ifdef NO_OPENSSL
	(void)digest;
	(void)bytes;
	(void)length;
	return true;
#else
	uint8_t want[SHA256_DIGEST_LENGTH];

	SHA256(bytes, length, want);
	return !memcmp(digest, want, sizeof(want));
#endif
}

static const char *record_differs(const struct vde_ioc_record_entry *entry,
				  uint64_t block, const void *bytes,
				  uint32_t length)
{
	if (entry->index != block)
		return say("record %llu is of block %llu",
			   (unsigned long long)block,
			   (unsigned long long)entry->index);
	if (entry->length != length)
		return say("record %llu: length %u, not %u",
			   (unsigned long long)block, entry->length, length);
	if (entry->reserved)
		return say("record %llu: reserved is not 0",
			   (unsigned long long)block);
	if (!is_digest_of(entry->digest, bytes, length))
		return say("record %llu: another digest",
			   (unsigned long long)block);
	return NULL;
}

static const char *block_differs(const char *got, uint64_t block,
				 const void *bytes, uint32_t length)
{
	static const char zeros[BLOCK];

	if (memcmp(got, bytes, length))
		return say("block %llu holds something else",
			   (unsigned long long)block);
	if (memcmp(got + length, zeros, BLOCK - length))
		return say("block %llu is not zero after %u bytes",
			   (unsigned long long)block, length);
	return NULL;
}

static const char *compare(struct sealed *sealed, uint64_t block,
			   uint32_t count, const char *bytes, uint64_t length,
			   char *got, struct vde_ioc_record_entry *entries)
{
	struct vde_ioc_records records = {
		.size = sizeof(records),
		.first = block,
		.count = count,
		.record_size = sizeof(*entries),
		.records = (uintptr_t)entries,
	};
	const char *wrong = NULL;
	uint64_t at;
	uint32_t i;

	if (pread(sealed_node(sealed), got, count * BLOCK, block * BLOCK) !=
	    (ssize_t)(count * BLOCK))
		return say("blocks from %llu: %s", (unsigned long long)block,
			   strerror(errno));
	if (ioctl(sealed->device, VDE_IOC_RECORDS, &records))
		return say("records from %llu: %s", (unsigned long long)block,
			   strerror(errno));
	if (records.count != count)
		return say("%u records from %llu, not %u", records.count,
			   (unsigned long long)block, count);
	for (i = 0; i < count && !wrong; i++) {
		uint32_t part;

		at = i * BLOCK;
		part = length - at < BLOCK ? length - at : BLOCK;
		wrong = block_differs(got + at, block + i, bytes + at, part);
		if (!wrong)
			wrong = record_differs(&entries[i], block + i,
					       bytes + at, part);
	}
	return wrong;
}

const char *sealed_differs(struct sealed *sealed, uint64_t block,
			   const void *bytes, uint64_t length)
{
	uint32_t count = (length + BLOCK - 1) / BLOCK;
	size_t size = count * sizeof(struct vde_ioc_record_entry);
	void *entries = buffer_alloc(size);
	void *got = buffer_alloc(count * BLOCK);
	const char *wrong;

	wrong = compare(sealed, block, count, bytes, length, got, entries);
	munmap(entries, size);
	munmap(got, count * BLOCK);
	return wrong;
}

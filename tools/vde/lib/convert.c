// SPDX-License-Identifier: GPL-2.0-only
/* GUIDs and times between the disk's form and what people read. */
#include <time.h>
#include <uuid/uuid.h>

#include "libvde.h"

#define NANOSECONDS_PER_TICK 100

/* guid_t keeps the first three fields of a UUID little-endian. */
static void swap_guid(const u8 from[16], u8 to[16])
{
	static const u8 order[16] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	u32 i;

	for (i = 0; i < 16; i++)
		to[i] = from[order[i]];
}

/**
 * vde_guid_parse - read a UUID
 * @text: 36 characters
 * @guid: set to it in guid_t order
 *
 * Return: 0 or -EINVAL.
 */
int vde_guid_parse(const char *text, u8 guid[16])
{
	uuid_t uuid;

	if (uuid_parse(text, uuid))
		return -EINVAL;
	swap_guid(uuid, guid);
	return 0;
}

/**
 * vde_guid_format - write a UUID
 * @guid: in guid_t order
 * @text: set to 36 lower-case characters and a NUL
 */
void vde_guid_format(const u8 guid[16], char text[VDE_UUID_TEXT_SIZE])
{
	uuid_t uuid;

	swap_guid(guid, uuid);
	uuid_unparse_lower(uuid, text);
}

/**
 * vde_guid_random - make a UUID
 * @guid: set to a random version 4 UUID in guid_t order
 */
void vde_guid_random(u8 guid[16])
{
	uuid_t uuid;

	uuid_generate_random(uuid);
	swap_guid(uuid, guid);
}

/**
 * vde_ticks_now - wall time
 *
 * Return: ticks, 100 ns units since 0001-01-01T00:00:00Z.
 */
s64 vde_ticks_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return vde_ticks_from_unix(now.tv_sec, now.tv_nsec);
}

/**
 * vde_ticks_from_unix - convert a time of day
 * @seconds: since 1970-01-01T00:00:00Z, of the years 1 to 9999
 * @nanoseconds: below a second
 *
 * Return: ticks.
 */
s64 vde_ticks_from_unix(s64 seconds, u32 nanoseconds)
{
	return seconds * VDE_TICKS_PER_SECOND +
	       nanoseconds / NANOSECONDS_PER_TICK + VDE_TICKS_UNIX_EPOCH;
}

/**
 * vde_ticks_to_unix - convert a time from the disk
 * @ticks: any value
 * @nanoseconds: set to the part below a second
 *
 * Return: seconds since 1970-01-01T00:00:00Z, negative before it.
 */
s64 vde_ticks_to_unix(s64 ticks, u32 *nanoseconds)
{
	s64 seconds = ticks / VDE_TICKS_PER_SECOND;
	s64 rest = ticks % VDE_TICKS_PER_SECOND;

	if (rest < 0) {
		rest += VDE_TICKS_PER_SECOND;
		seconds--;
	}
	*nanoseconds = rest * NANOSECONDS_PER_TICK;
	return seconds - VDE_TICKS_UNIX_EPOCH / VDE_TICKS_PER_SECOND;
}

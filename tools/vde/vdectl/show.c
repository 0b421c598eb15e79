// SPDX-License-Identifier: GPL-2.0-only
/* Values as text. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "vdectl.h"

/**
 * vdectl_size_text - a size for people
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @blocks: size
 *
 * Return: @text, such as "1.5 GiB".
 */
const char *vdectl_size_text(char *text, u64 blocks)
{
	static const char * const units[] = {
		"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	double size = blocks * (VDE_BLOCK_SIZE / 1024.0);
	u32 i = 0;

	while (size >= 1024 && i < ARRAY_SIZE(units) - 1) {
		size /= 1024;
		i++;
	}
	snprintf(text, VDECTL_TEXT_SIZE, size == (u64)size ? "%.0f %s" :
		 "%.1f %s", size, units[i]);
	return text;
}

/**
 * vdectl_duration_text - a retention for people
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @ticks: 0 = for ever
 *
 * Return: @text, such as "7d" or "for ever".
 */
const char *vdectl_duration_text(char *text, s64 ticks)
{
	static const struct {
		char unit;
		u32 seconds;
	} units[] = {
		{ 'y', 366 * 86400 }, { 'd', 86400 }, { 'h', 3600 },
		{ 'm', 60 }, { 's', 1 },
	};
	s64 seconds = ticks / VDE_TICKS_PER_SECOND;
	u32 i = 0;

	if (!ticks)
		return "for ever";
	if (ticks % VDE_TICKS_PER_SECOND) {
		snprintf(text, VDECTL_TEXT_SIZE, "%.7fs",
			 (double)ticks / VDE_TICKS_PER_SECOND);
		return text;
	}
	while (seconds % units[i].seconds)
		i++;
	snprintf(text, VDECTL_TEXT_SIZE, "%" PRId64 "%c",
		 seconds / units[i].seconds, units[i].unit);
	return text;
}

/* Day and time up to the second in RFC 3339 form, without the final Z. */
static bool second_text(char *text, s64 ticks, u32 *nanoseconds)
{
	time_t seconds = vde_ticks_to_unix(ticks, nanoseconds);
	struct tm tm;

	return gmtime_r(&seconds, &tm) &&
	       strftime(text, VDECTL_TEXT_SIZE - 16, "%Y-%m-%dT%H:%M:%S", &tm);
}

/**
 * vdectl_time_text - a time from the disk
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @ticks: any value
 *
 * Return: @text, UTC in RFC 3339 form with all seven decimals; "-" for 0.
 */
const char *vdectl_time_text(char *text, s64 ticks)
{
	u32 nanoseconds;

	if (!ticks || !second_text(text, ticks, &nanoseconds))
		return "-";
	sprintf(text + strlen(text), ".%07uZ", nanoseconds / 100);
	return text;
}

/**
 * vdectl_second_text - a time of day for people
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @ticks: any value
 *
 * Return: @text, UTC in RFC 3339 form, rounded up to a second; "-" for 0.
 */
const char *vdectl_second_text(char *text, s64 ticks)
{
	u32 nanoseconds;

	if (!ticks || check_add_overflow(ticks, VDE_TICKS_PER_SECOND - 1,
					 &ticks) ||
	    !second_text(text, ticks, &nanoseconds))
		return "-";
	strcat(text, "Z");
	return text;
}

/**
 * vdectl_clock_text - how long the compliance clock has run or must run
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @ticks: length of time, not negative
 *
 * Return: @text, such as "12d 03:04:05", rounded up to a second.
 */
const char *vdectl_clock_text(char *text, s64 ticks)
{
	s64 seconds = ticks / VDE_TICKS_PER_SECOND +
		      !!(ticks % VDE_TICKS_PER_SECOND);

	snprintf(text, VDECTL_TEXT_SIZE, "%" PRId64 "d %02d:%02d:%02d",
		 seconds / 86400, (int)(seconds / 3600 % 24),
		 (int)(seconds / 60 % 60), (int)(seconds % 60));
	return text;
}

/**
 * vdectl_expiry - when may the newest block expire at the earliest?
 * @retention: of the region
 * @hwm: its high-water mark
 * @ticks: set to that time of day if the region stays active from now on
 *
 * Return: false when nothing is sealed or no time can be told.
 */
bool vdectl_expiry(const struct vde_retention *retention, u64 hwm, s64 *ticks)
{
	return hwm && retention->remaining >= 0 &&
	       retention->remaining != VDE_IOC_RETENTION_NEVER &&
	       !check_add_overflow(vde_ticks_now(), retention->remaining,
				   ticks);
}

/**
 * vdectl_expiry_text - when may the newest block expire at the earliest?
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @retention: of the region
 * @hwm: its high-water mark
 *
 * Return: @text, such as "not before 2030-01-31T12:00:00Z".
 */
const char *vdectl_expiry_text(char *text,
			       const struct vde_retention *retention, u64 hwm)
{
	static const char words[] = "not before ";
	s64 ticks;

	if (!hwm)
		return "nothing is sealed";
	if (!vdectl_expiry(retention, hwm, &ticks))
		return "never";
	if (!retention->remaining)
		return retention->held ? "not while under legal hold" : "now";
	vdectl_second_text(text + sizeof(words) - 1, ticks);
	memcpy(text, words, sizeof(words) - 1);
	return text;
}

/**
 * vdectl_hex_text - bytes as hexadecimal digits
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @bytes: at most 64
 * @count: how many
 *
 * Return: @text.
 */
const char *vdectl_hex_text(char *text, const u8 *bytes, u32 count)
{
	u32 i;

	text[0] = '\0';
	for (i = 0; i < count; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return text;
}

/**
 * vdectl_safe_text - text from the disk, fit for a terminal and for JSON
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @bytes: UTF-8 or anything, up to a zero byte or its end
 * @size: of @bytes, below VDECTL_TEXT_SIZE
 *
 * Return: @text; what is no printable UTF-8 character became '?'.
 */
const char *vdectl_safe_text(char *text, const void *bytes, size_t size)
{
	const char *from = bytes;
	const char *end = from + strnlen(from, size);
	mbstate_t state = {};
	char *to = text;
	wchar_t c;
	size_t n;

	while (from < end) {
		n = mbrtowc(&c, from, end - from, &state);
		if (n == 0 || n > size || !iswprint(c)) {
			/* From (size_t)-1 and -2 on, one byte is skipped. */
			n = n == 0 || n > size ? 1 : n;
			memset(&state, 0, sizeof(state));
			*to++ = '?';
		} else {
			memcpy(to, from, n);
			to += n;
		}
		from += n;
	}
	*to = '\0';
	return text;
}

/**
 * vdectl_label_text - a volume's label
 * @text: VDECTL_TEXT_SIZE bytes to write to
 * @sb: superblock
 *
 * Return: as vdectl_safe_text().
 */
const char *vdectl_label_text(char *text, const struct vde_disk_superblock *sb)
{
	return vdectl_safe_text(text, sb->label, VDE_LABEL_SIZE);
}

/**
 * vdectl_fault_name - a fault as programs know it
 * @fault: any fault
 *
 * Return: its name in the rules, such as "BLOCK_CHECKSUM".
 */
const char *vdectl_fault_name(enum vde_fault fault)
{
	static const char * const names[VDE_FAULTS_COUNT] = {
#define VDE_FAULT_NAME(name, errno, phrase) #name,
		VDE_FAULTS(VDE_FAULT_NAME)
#undef VDE_FAULT_NAME
	};

	return (u32)fault < VDE_FAULTS_COUNT ? names[fault] : "UNKNOWN";
}

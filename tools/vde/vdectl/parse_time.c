// SPDX-License-Identifier: GPL-2.0-only
/* Times of day on the command line and in JSON. */
#include <ctype.h>
#include <time.h>

#include "vdectl.h"

/* So many digits and no more. */
static bool take_number(const char **text, u32 digits, int *number)
{
	for (*number = 0; digits--; ++*text) {
		if (!isdigit((unsigned char)**text))
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

static bool take_char(const char **text, const char *set)
{
	if (!**text || !strchr(set, **text))
		return false;
	++*text;
	return true;
}

static bool take_day(const char **text, struct tm *tm)
{
	bool taken = take_number(text, 4, &tm->tm_year) &&
		     take_char(text, "-") &&
		     take_number(text, 2, &tm->tm_mon) &&
		     take_char(text, "-") &&
		     take_number(text, 2, &tm->tm_mday);

	if (!taken || tm->tm_year < 1)
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

/* At most seven decimals: that is what a tick is. */
static bool take_decimals(const char **text, u32 *nanoseconds)
{
	u32 unit = 100000000;

	*nanoseconds = 0;
	if (!take_char(text, "."))
		return true;
	for (; isdigit((unsigned char)**text); ++*text, unit /= 10) {
		if (unit < 100)
			return false;
		*nanoseconds += (**text - '0') * unit;
	}
	return unit < 100000000;
}

/* Z, or the hours and minutes that a clock there is ahead. */
static bool take_zone(const char **text, s64 *seconds)
{
	bool behind = **text == '-';
	int hours, minutes;

	*seconds = 0;
	if (take_char(text, "Zz"))
		return true;
	if (!take_char(text, "+-") || !take_number(text, 2, &hours) ||
	    !take_char(text, ":") || !take_number(text, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60;
	if (behind)
		*seconds = -*seconds;
	return true;
}

static bool take_time(const char **text, struct tm *tm, u32 *nanoseconds,
		      s64 *zone)
{
	*nanoseconds = 0;
	*zone = 0;
	if (!**text)
		return true;
	if (!take_char(text, "Tt ") || !take_number(text, 2, &tm->tm_hour) ||
	    !take_char(text, ":") || !take_number(text, 2, &tm->tm_min))
		return false;
	if (take_char(text, ":") &&
	    (!take_number(text, 2, &tm->tm_sec) ||
	     !take_decimals(text, nanoseconds)))
		return false;
	return take_zone(text, zone) && !**text;
}

/**
 * vdectl_parse_time - read a time of day
 * @text: "now"; a day, YYYY-MM-DD, at its beginning in UTC; or a day and time in
 *	ISO 8601 form with Z or a distance from UTC, and up to seven decimals
 * @ticks: set to it
 *
 * Return: 0 or -EINVAL, also for days that no calendar has.
 */
int vdectl_parse_time(const char *text, s64 *ticks)
{
	u32 nanoseconds;
	struct tm wanted;
	struct tm tm = {};
	s64 seconds, zone;

	if (!strcmp(text, "now")) {
		*ticks = vde_ticks_now();
		return 0;
	}
	if (!take_day(&text, &tm) ||
	    !take_time(&text, &tm, &nanoseconds, &zone))
		return -EINVAL;
	wanted = tm;
	seconds = timegm(&tm);
	/* What timegm() had to carry was none. */
	if (tm.tm_mon != wanted.tm_mon || tm.tm_mday != wanted.tm_mday ||
	    tm.tm_hour != wanted.tm_hour || tm.tm_min != wanted.tm_min ||
	    tm.tm_sec != wanted.tm_sec)
		return -EINVAL;
	*ticks = vde_ticks_from_unix(seconds - zone, nanoseconds);
	return *ticks < 0 ? -EINVAL : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Compliance clock and wall time in ticks: design section "WORM engine". */
#include <linux/math64.h>
#include <linux/ktime.h>

#include "clock.h"
#include "rules.h"
#include "vde_disk.h"

#define NS_PER_TICK 100

/**
 * vde_clock_start - let the compliance clock run on
 * @clock: to start
 * @base: ticks that the newest commit says it had run
 */
void vde_clock_start(struct vde_clock *clock, s64 base)
{
	clock->base = base;
	clock->started = ktime_get_raw();
}

/**
 * vde_clock_advance - move the compliance clock on
 * @clock: started
 * @to: ticks; ignored if that is less than it has run
 */
void vde_clock_advance(struct vde_clock *clock, s64 to)
{
	s64 ahead = to - vde_clock_now(clock);

	/* Neither is negative, and the sum is at most @to. */
	if (ahead > 0)
		clock->base += ahead;
}

/**
 * vde_clock_attest - let a time attestation move the compliance clock on
 * @clock: started
 * @first_time: time of the first attestation in ticks, 0 = none; set to @time
 *	then, which is all that the first one does
 * @first_clock: compliance clock at that moment
 * @created: time of the region's creation in ticks, 0 = unknown
 * @time: attested time of day in ticks
 *
 * Format section "Compliance vault".
 */
void vde_clock_attest(struct vde_clock *clock, s64 *first_time,
		      s64 *first_clock, s64 created, s64 time)
{
	s64 now = vde_clock_now(clock);

	if (!*first_time) {
		*first_time = time;
		*first_clock = now;
	}
	vde_clock_advance(clock, vde_passport_attested_clock(now, *first_time,
							     *first_clock,
							     created, time));
}

/**
 * vde_clock_now - read the compliance clock
 * @clock: started
 *
 * Return: ticks run since the region's creation; never less than before.
 */
s64 vde_clock_now(const struct vde_clock *clock)
{
	u64 ran = ktime_to_ns(ktime_sub(ktime_get_raw(), clock->started));
	s64 now;

	if (check_add_overflow(clock->base, (s64)div_u64(ran, NS_PER_TICK),
			       &now))
		return S64_MAX;
	return now;
}

/**
 * vde_clock_wall - wall time
 *
 * Return: ticks since 0001-01-01T00:00:00Z.
 */
s64 vde_clock_wall(void)
{
	return (s64)div_u64(ktime_get_real_ns(), NS_PER_TICK) +
	       VDE_TICKS_UNIX_EPOCH;
}

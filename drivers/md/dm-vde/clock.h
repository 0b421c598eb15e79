/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_CLOCK_H
#define VDE_CLOCK_H

#include <linux/ktime.h>
#include <linux/types.h>

/**
 * struct vde_clock - compliance clock of an active region, in ticks
 * @base: ticks run until @started
 * @started: ktime_get_raw() at activation
 *
 * Runs only while the region is active; no one can set it, and only a signed
 * time attestation moves it on. Changed under the append queue's lock, of a
 * vault under its view lock, or at activation; who reads it holds that lock.
 */
struct vde_clock {
	s64 base;
	ktime_t started;
};

void vde_clock_start(struct vde_clock *clock, s64 base);
void vde_clock_advance(struct vde_clock *clock, s64 to);
void vde_clock_attest(struct vde_clock *clock, s64 *first_time,
		      s64 *first_clock, s64 created, s64 time);
s64 vde_clock_now(const struct vde_clock *clock);
s64 vde_clock_wall(void);

#endif /* VDE_CLOCK_H */

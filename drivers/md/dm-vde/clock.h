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
 * Runs only while the region is active; no one can set it. Written at
 * activation, under the append queue's lock; who reads it holds that, or works
 * for the active region.
 */
struct vde_clock {
	s64 base;
	ktime_t started;
};

void vde_clock_start(struct vde_clock *clock, s64 base);
s64 vde_clock_now(const struct vde_clock *clock);
s64 vde_clock_wall(void);

#endif /* VDE_CLOCK_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_SPREAD_H
#define VDE_SPREAD_H

#include <linux/cpumask.h>
#include <linux/workqueue.h>

/**
 * vde_spread_work - queue work of which there is a lot, the online CPUs in turn
 * @wq: unbound
 * @cpu: where work went last; a hint that callers may share unlocked
 * @work: what to queue
 *
 * Left alone, an unbound workqueue keeps work on the CPUs that share a cache
 * with the submitter, however many others are idle. Hashing gains more from
 * them than it loses with the cache.
 */
static inline void vde_spread_work(struct workqueue_struct *wq,
				   unsigned int *cpu, struct work_struct *work)
{
	unsigned int next = cpumask_next(READ_ONCE(*cpu), cpu_online_mask);

	if (next >= nr_cpu_ids)
		next = cpumask_first(cpu_online_mask);
	WRITE_ONCE(*cpu, next);
	queue_work_on(next, wq, work);
}

#endif /* VDE_SPREAD_H */

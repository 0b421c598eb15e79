// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults planted on purpose, to see that the lab's debug kernel notices each.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "leak, stale, page, sleep, order or none");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

/* Memory nobody points to any more; several, for a register may still hold one. */
static void leak(void)
{
	int i;

	for (i = 0; i < 10; i++) {
		char *volatile lost = kmalloc(1000, GFP_KERNEL);

		if (lost)
			memset(lost, 1, 1000);
		lost = NULL;
	}
}

static void stale(void)
{
	char *volatile gone = kmalloc(100, GFP_KERNEL);

	kfree(gone);
	if (gone)
		gone[10] = 1;
}

/* As a disk would write there, which KASAN does not see */
static __no_sanitize_address void scribble(volatile char *at)
{
	*at = 1;
}

/* A page that is written to when it is free, and given away again */
static void page(void)
{
	unsigned long gone = __get_free_page(GFP_KERNEL);

	free_page(gone);
	if (gone)
		scribble((char *)gone + 100);
	free_page(__get_free_page(GFP_KERNEL));
}

static void sleep_in_lock(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

/* Both orders: a deadlock that never happens here, yet could. */
static void order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static int __init faulty_init(void)
{
	if (!strcmp(fault, "leak"))
		leak();
	else if (!strcmp(fault, "stale"))
		stale();
	else if (!strcmp(fault, "page"))
		page();
	else if (!strcmp(fault, "sleep"))
		sleep_in_lock();
	else if (!strcmp(fault, "order"))
		order();
	return 0;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Faults planted on purpose");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the machine can do at most, measured by the kernel itself when a file in debugfs is
 * read: vde-limit/sha256 hashes blocks of 4 KiB one by one, as the driver does, and
 * vde-limit/memcpy copies them. A line for each CPU alone and one for all at once:
 *
 *	<cpu>|all <bytes> <nanoseconds>
 */
#include <crypto/hash.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define BLOCK 4096
#define BLOCKS 2048	/* 8 MiB: more than a CPU's own caches hold */

static unsigned int run_ms = 100;
module_param(run_ms, uint, 0644);
MODULE_PARM_DESC(run_ms, "how long each measurement takes, in milliseconds");

/**
 * struct runner - one CPU's part of a measurement
 * @work: runs on the CPU
 * @step: what is measured, on block @i
 * @from: blocks to hash or copy
 * @to: where copies go
 * @bytes: done
 */
struct runner {
	struct work_struct work;
	int (*step)(struct runner *runner, size_t i);
	u8 *from;
	u8 *to;
	u64 bytes;
	int err;
};

static struct crypto_shash *tfm;
static struct dentry *dir;
static DEFINE_MUTEX(one_at_a_time);

static int hash_step(struct runner *runner, size_t i)
{
	u8 digest[32];

	return crypto_shash_tfm_digest(tfm, runner->from + i * BLOCK, BLOCK,
				       digest);
}

static int copy_step(struct runner *runner, size_t i)
{
	memcpy(runner->to + i * BLOCK, runner->from + i * BLOCK, BLOCK);
	return 0;
}

static void run(struct work_struct *work)
{
	struct runner *runner = container_of(work, struct runner, work);
	u64 end = ktime_get_ns() + run_ms * NSEC_PER_MSEC;
	size_t i = 0;

	do {
		int count;

		for (count = 0; count < 64; count++, i = (i + 1) % BLOCKS)
			runner->err |= runner->step(runner, i);
		runner->bytes += count * BLOCK;
		cond_resched();
	} while (ktime_get_ns() < end);
}

/* On the CPUs of @mask at once; the time is that of the slowest. */
static void measure(struct seq_file *file, struct runner *runners,
		    const struct cpumask *mask, const char *name)
{
	u64 bytes = 0;
	u64 start = ktime_get_ns();
	int cpu;

	for_each_cpu(cpu, mask) {
		runners[cpu].bytes = 0;
		schedule_work_on(cpu, &runners[cpu].work);
	}
	for_each_cpu(cpu, mask) {
		flush_work(&runners[cpu].work);
		bytes += runners[cpu].bytes;
	}
	seq_printf(file, "%s %llu %llu\n", name, bytes, ktime_get_ns() - start);
}

static int measure_all(struct seq_file *file, struct runner *runners)
{
	char name[12];
	int err = 0;
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		snprintf(name, sizeof(name), "%d", cpu);
		measure(file, runners, cpumask_of(cpu), name);
	}
	measure(file, runners, cpu_online_mask, "all");
	for_each_online_cpu(cpu)
		err |= runners[cpu].err;
	cpus_read_unlock();
	return err;
}

static void free_runners(struct runner *runners)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		vfree(runners[cpu].from);
		vfree(runners[cpu].to);
	}
	kfree(runners);
}

static struct runner *alloc_runners(int (*step)(struct runner *, size_t))
{
	struct runner *runners = kcalloc(nr_cpu_ids, sizeof(*runners),
					 GFP_KERNEL);
	int cpu;

	if (!runners)
		return NULL;
	for_each_possible_cpu(cpu) {
		struct runner *runner = &runners[cpu];

		INIT_WORK(&runner->work, run);
		runner->step = step;
		if (!cpu_online(cpu))
			continue;
		/* Touched: a page of zeroes for all would stay in the cache. */
		runner->from = vmalloc(BLOCKS * BLOCK);
		runner->to = vmalloc(BLOCKS * BLOCK);
		if (!runner->from || !runner->to) {
			free_runners(runners);
			return NULL;
		}
		memset(runner->from, cpu + 1, BLOCKS * BLOCK);
		memset(runner->to, 0, BLOCKS * BLOCK);
	}
	return runners;
}

static int show(struct seq_file *file, int (*step)(struct runner *, size_t))
{
	struct runner *runners = alloc_runners(step);
	int err;

	if (!runners)
		return -ENOMEM;
	mutex_lock(&one_at_a_time);
	err = measure_all(file, runners);
	mutex_unlock(&one_at_a_time);
	free_runners(runners);
	return err ? -EIO : 0;
}

static int sha256_show(struct seq_file *file, void *unused)
{
	return show(file, hash_step);
}
DEFINE_SHOW_ATTRIBUTE(sha256);

static int memcpy_show(struct seq_file *file, void *unused)
{
	return show(file, copy_step);
}
DEFINE_SHOW_ATTRIBUTE(memcpy);

static int __init limit_init(void)
{
	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	dir = debugfs_create_dir("vde-limit", NULL);
	debugfs_create_file("sha256", 0400, dir, NULL, &sha256_fops);
	debugfs_create_file("memcpy", 0400, dir, NULL, &memcpy_fops);
	return 0;
}

static void __exit limit_exit(void)
{
	debugfs_remove_recursive(dir);
	crypto_free_shash(tfm);
}

module_init(limit_init);
module_exit(limit_exit);
MODULE_DESCRIPTION("What the machine can do at most, for dm-vde's benchmarks");
MODULE_LICENSE("GPL");

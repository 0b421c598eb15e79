// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "active.h"
#include "fault.h"

#define TIMES 1000000000	/* more faults than ever happen; they count down */
#define MOST_WORKERS 512

const char *const where_names[WHERES] = { "caller", "workers" };

/* A null_blk disk also loses requests, or wants them to be made again */
enum { SLAB, PAGE, REQUEST, TIMEOUT, REQUEUE, ATTRIBUTES };

static char attributes[ATTRIBUTES][96] = {
	"kernel/debug/failslab",
	"kernel/debug/fail_page_alloc",
	"kernel/debug/fail_make_request",
};

static int control = -1;
static unsigned int armed;
static uint64_t counted;	/* when it was armed */
static enum fault_where armed_where;

/* The kernel's workers that are known, by number of the task; 0: it has ended */
static struct worker {
	int pid, fd;
} workers[MOST_WORKERS];
static unsigned int worker_count;

static void set(const char *attribute, const char *name, const char *value)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/sys/%.90s/%.40s", attribute, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

void fault_begin(const char *disk)
{
	const char *name = strrchr(disk, '/') + 1;
	char path[32], times[16];
	unsigned int i;

	if (!strncmp(name, "nullb", 5)) {
		snprintf(attributes[TIMEOUT], sizeof(*attributes),
			 "kernel/config/nullb/%.20s/timeout_inject", name);
		snprintf(attributes[REQUEUE], sizeof(*attributes),
			 "kernel/config/nullb/%.20s/requeue_inject", name);
	}
	snprintf(times, sizeof(times), "%u", TIMES);
	for (i = 0; i < ATTRIBUTES; i++) {
		if (!*attributes[i])
			continue;
		set(attributes[i], "verbose", "0");
		set(attributes[i], "times", times);
	}
	/* Most allocations may wait for memory */
	set(attributes[SLAB], "ignore-gfp-wait", "N");
	set(attributes[PAGE], "ignore-gfp-wait", "N");
	set(attributes[PAGE], "ignore-gfp-highmem", "N");
	set(attributes[PAGE], "min-order", "0");
	snprintf(path, sizeof(path), "block/%.20s", name);
	set(path, "make-it-fail", "1");
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		give_up("fail-nth: %s", strerror(errno));
}

static uint64_t count(const char *attribute)
{
	char path[128], text[16] = "";
	int fd;

	if (!*attribute)
		return 0;
	snprintf(path, sizeof(path), "/sys/%.90s/times", attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
	return TIMES - atoll(text);
}

/* Of all kinds, lost or not */
static uint64_t count_all(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < ATTRIBUTES; i++)
		sum += count(attributes[i]);
	return sum;
}

struct fault_counts fault_counts(void)
{
	return (struct fault_counts) {
		.slab = count(attributes[SLAB]),
		.page = count(attributes[PAGE]),
		/* One that is made again is not lost */
		.request = count(attributes[REQUEST]) + count(attributes[TIMEOUT]),
	};
}

/* False when the task has ended */
static bool put(int fd, unsigned int nth)
{
	char text[16];
	int length = sprintf(text, "%u", nth);

	return pwrite(fd, text, length, 0) == length;
}

static unsigned int left(int fd)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) < 1 ? ~0U : (unsigned int)atol(text);
}

static bool is_worker(const char *pid)
{
	char path[64], name[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, name, sizeof(name) - 1) < 0)
		*name = 0;
	close(fd);
	return !strncmp(name, "kworker/", 8);
}

static bool is_known(int pid)
{
	unsigned int i;

	for (i = 0; i < worker_count; i++)
		if (workers[i].pid == pid)
			return true;
	return false;
}

static void learn(const char *pid)
{
	struct worker *worker;
	char path[64];
	int fd;

	if (is_known(atoi(pid)) || !is_worker(pid))
		return;
	snprintf(path, sizeof(path), "/proc/%.20s/fail-nth", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	for (worker = workers; worker < workers + worker_count; worker++)
		if (!worker->pid)
			break;
	if (worker == workers + worker_count && worker_count++ == MOST_WORKERS)
		give_up("too many workers");
	*worker = (struct worker) { .pid = atoi(pid), .fd = fd };
}

/* They come and go. */
static void find_workers(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		give_up("/proc: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if (isdigit(*entry->d_name))
			learn(entry->d_name);
	closedir(dir);
}

static void arm_workers(unsigned int nth)
{
	unsigned int i;

	for (i = 0; i < worker_count; i++) {
		if (!workers[i].pid || put(workers[i].fd, nth))
			continue;
		close(workers[i].fd);
		workers[i].pid = 0;
	}
}

static bool has_any_failed(void)
{
	unsigned int i;

	for (i = 0; i < worker_count; i++)
		if (workers[i].pid && !left(workers[i].fd))
			return true;
	return false;
}

void fault_arm(enum fault_where where, unsigned int nth)
{
	armed = nth;
	armed_where = where;
	if (!nth)
		return;
	if (where == IN_WORKERS) {
		find_workers();
		counted = count_all();
		arm_workers(nth);
	} else if (!put(control, nth)) {
		give_up("fail-nth: %s", strerror(errno));
	}
}

bool fault_disarm(void)
{
	int error = errno;
	bool failed;

	if (!armed)
		return false;
	armed = 0;
	if (armed_where == IN_WORKERS) {
		failed = has_any_failed();
		arm_workers(0);
		/* One may have done so after it was looked at */
		failed |= count_all() != counted;
	} else {
		failed = !left(control);
		put(control, 0);
	}
	errno = error;
	return failed;
}

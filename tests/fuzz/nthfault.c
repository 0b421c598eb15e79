// SPDX-License-Identifier: GPL-2.0-only
/*
 * nthfault DISK IMAGES KIND[:PART] [SEED]: every call that a user can make of a region,
 * with each of the allocations and requests to the disk that the kernel makes
 * in it failing in turn, in the task that calls and in the kernel's workers. A
 * call that returns an error must have changed nothing; what was acknowledged
 * must be there afterwards, also when the region was activated again. With a
 * SEED only some of many faults are tried, and with a PART only what has that in
 * its name.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "beside.h"
#include "cut.h"
#include "disk.h"
#include "held_worm.h"
#include "nthfault.h"
#include "refused.h"
#include "told.h"

static const char *doing = "begin";
static const char *wanted;	/* only what has it in its name */
static const char *disk;
static uint64_t sectors;
static bool brief;
static unsigned int missing;	/* surfaces without a fault */
static struct sums all;

enum fault_where where;
unsigned int nth;
struct active active;
struct image image;
char plain[600], other[600];
const char *parameters = plain;
struct sums one;

void give_up(const char *what, ...)
{
	va_list args;

	printf("WRONG in %s, fault %u of the %s: ", doing, nth, where_names[where]);
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

void check_kernel(void)
{
	const char *report = messages_read();

	if (report)
		give_up("the kernel: %s", report);
}

enum outcome begin(void)
{
	char phrase[128] = "";

	return activate(&active, active.kind, sectors, parameters, read_only,
			phrase);
}

void must_begin(void)
{
	enum outcome outcome;

	beside_activate();
	outcome = begin();
	if (outcome != (read_only ? ACCEPTED_RO : ACCEPTED_RW) || !is_whole(&active))
		give_up("not active and writable afterwards: %d", outcome);
}

static void end(void)
{
	deactivate(&active);
	beside_deactivate();
}

/* What an error has left in memory only must be gone, and all else not. */
static void again(bool may_start_anew)
{
	struct state then = look_at(&active), now;
	bool whole = is_whole(&active);

	end();
	must_begin();
	now = look_at(&active);
	then.corrupted = 0;
	/* Holds and releases that have not taken effect do so now */
	if (now.worm_held != !!now.holds && !read_only)
		give_up("%llu holds, but the region's flag is %llu",
			(unsigned long long)now.holds,
			(unsigned long long)now.worm_held);
	then.worm_held = now.worm_held;
	/* A stream's tail is ahead on the disk: what it held was given up */
	if (active.kind == STREAM && now.tail > then.tail)
		now.tail = then.tail;
	if (whole && memcmp(&then, &now, sizeof(now)))
		give_up_state("another state after activation", &then, &now);
	check_promises(&active, may_start_anew);
}

static void load_good(void)
{
	disk_write(image.good, 0, image.blocks);
	forget_promises();
}

void start_fresh(void)
{
	end();
	load_good();
	must_begin();
}

/* All of a few; of many, some that lie further and further apart */
unsigned int next_nth(void)
{
	return nth + 1 + (brief && nth > 5 ? random_below(nth) : 0);
}

void start_counting(const char *name)
{
	doing = name;
	one = (struct sums) { .faults = fault_counts() };
}

void stop_counting(bool none)
{
	struct fault_counts now = fault_counts();
	uint64_t slab = now.slab - one.faults.slab;
	uint64_t page = now.page - one.faults.page;
	uint64_t request = now.request - one.faults.request;

	printf("# %-6s %-17s %-7s %4llu slab %4llu page %4llu disk: %4llu errors, %llu degraded\n",
	       kind_names[active.kind], doing, where_names[where],
	       (unsigned long long)slab, (unsigned long long)page,
	       (unsigned long long)request, (unsigned long long)one.failed,
	       (unsigned long long)one.degraded);
	if (!none && !(slab + page + request)) {
		puts("WRONG: nothing failed there");
		missing++;
	}
	all.tried += one.tried;
	all.failed += one.failed;
	all.degraded += one.degraded;
}

/*
 * An error without a fault is one that an earlier fault has left behind. A
 * passport may be there already, when all that failed was to say so.
 */
static void check_no_fault(const struct call *call, long ret)
{
	if (call->traits & REFUSED) {
		if (ret != -call->error)
			give_up("refused with %ld, not with error %d", ret, call->error);
		return;
	}
	if (ret >= 0 || (ret == -EEXIST && call->adds))
		return;
	if (!(call->traits & MAY_REFUSE) || -ret != call->error)
		give_up("%s, but nothing failed", strerror(-ret));
}

/* As it would be without a fault */
static bool is_refusal(const struct call *call, long ret)
{
	return call->traits & REFUSED && ret == -call->error;
}

/* Each fault that does no harm takes some, and some kernels have many of them */
static void make_room(const struct call *call)
{
	if (active.kind != WORM || !call->adds || has_room(&active))
		return;
	start_fresh();
	make_promise(&active);
}

static void each_fault(const struct call *call)
{
	bool reached, none;
	long ret;

	start_counting(call->name);
	for (nth = 1; nth < MOST; nth = next_nth()) {
		if (call->traits & COLD)
			again(false);
		make_room(call);
		prepare_call(&active, call);
		ret = make_call(&active, call, where, nth, &reached);
		check_call(&active, call, ret);
		if (!reached)
			check_no_fault(call, ret);
		check_kernel();
		one.tried++;
		one.failed += ret < 0 && !is_refusal(call, ret);
		if (!is_whole(&active)) {
			one.degraded++;
			again(call->traits & STARTS_ANEW);
		}
		if (!reached && ret != -EEXIST)
			break;
	}
	if (nth >= MOST)
		give_up("no end of faults");
	none = call->traits & (where == IN_CALLER ? NONE_IN_CALLER : NONE_IN_WORKERS);
	/* With a read-only table there is nothing to commit */
	none |= read_only && where == IN_WORKERS && call->traits & DIRTY;
	stop_counting(none);
}

bool is_wanted(const char *name)
{
	return !wanted || strstr(name, wanted);
}

static void each_call(const struct call *call)
{
	for (; call->name; call++) {
		if (!is_wanted(call->name) || (read_only && !(call->traits & READS)))
			continue;
		if (call->traits & FRESH && !has_room(&active) && !read_only)
			start_fresh();
		if (!read_only)
			make_promise(&active);
		for (where = 0; where < WHERES; where++)
			each_fault(call);
		again(false);
	}
}

/* The word in a file that make-images wrote */
static const char *word_of(const char *images, const char *name)
{
	static char words[4][160];
	static unsigned int next;
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", images, name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%150s", words[next]) != 1)
		give_up("no %s", path);
	fclose(file);
	return words[next++];
}

static void set_parameters(const char *images)
{
	const char *kind = kind_names[active.kind];
	const char *uuid = word_of(images, kind);

	if (active.kind == VAULT) {
		snprintf(plain, sizeof(plain), "%s vault 1 issuer_key=%s", disk,
			 word_of(images, "point"));
		snprintf(other, sizeof(other), "%s vault 3 keyring=%s region=0 uuid=%s",
			 disk, word_of(images, "keyring"), uuid);
	} else if (active.kind == WORM) {
		snprintf(plain, sizeof(plain), "%s worm", disk);
		snprintf(other, sizeof(other),
			 "%s worm 8 region=0 uuid=%s reorder_ms=9 max_inflight=65536 commit_ms=99 sync no_verify_reads on_corruption=panic",
			 disk, uuid);
	} else {
		snprintf(plain, sizeof(plain), "%s stream 1 discard", disk);
		snprintf(other, sizeof(other),
			 "%s stream 8 region=0 uuid=%s reorder_ms=9 max_inflight=65536 commit_ms=99 sync reserve=3 discard",
			 disk, uuid);
	}
}

static void each_call_of_all(void)
{
	if (active.kind != VAULT) {
		each_call(append_calls);
		each_call(refused_calls);
	}
	if (active.kind == WORM) {
		each_call(damaged_calls);
		each_call(worm_calls);
		each_call(full_calls);
	} else {
		each_call(active.kind == VAULT ? vault_calls : stream_calls);
	}
	each_call(common_calls);
}

/* What passports do to a WORM region that is active, too */
static void each_effect(void)
{
	start_fresh();
	end();
	beside_begin(disk, &image);
	must_begin();
	each_call(effect_calls);
	end();
	beside_stop();
	must_begin();
}

/* KIND or KIND:PART */
static bool set_kind(char *word)
{
	char *part = strchr(word, ':');

	if (part) {
		*part = 0;
		wanted = part + 1;
	}
	while (active.kind < KINDS && strcmp(word, kind_names[active.kind]))
		active.kind++;
	return active.kind < KINDS;
}

static void set_up(char **argv)
{
	char path[4096];

	disk = argv[1];
	snprintf(path, sizeof(path), "%s/%s.img", argv[2], argv[3]);
	image_load(&image, path);
	disk_begin(disk);
	cut_begin(&image);
	damage_begin(&image);
	told_begin();
	set_parameters(argv[2]);
	calls_begin(argv[2]);
	if (active.kind == VAULT)
		held_worm_begin(&image);
	sectors = active.kind == STREAM ? 1ULL << 51 :
		  image.regions[active.kind].capacity * 8;
	brief = argv[4];
	random_begin(brief ? strtoull(argv[4], NULL, 0) : 1);
	messages_begin();
	fault_begin(disk);
	load_good();
	must_begin();
}

int main(int argc, char **argv)
{
	struct fault_counts faults;

	if (argc != 4 && argc != 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Faults are for the driver, not for pages of this program */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 2;
	if (!set_kind(argv[3]))
		return 2;
	set_up(argv);
	each_call_of_all();
	if (active.kind == VAULT)
		each_effect();
	each_read_only(each_call_of_all);
	each_change_after_cut();
	each_change_of_all();
	deactivate(&active);
	if (missing)
		return 1;
	faults = fault_counts();
	printf("%s: %llu calls, %llu slab, %llu page, %llu disk, %llu errors, %llu degraded, wrong 0\n",
	       argv[3], (unsigned long long)all.tried,
	       (unsigned long long)faults.slab, (unsigned long long)faults.page,
	       (unsigned long long)faults.request, (unsigned long long)all.failed,
	       (unsigned long long)all.degraded);
	return 0;
}

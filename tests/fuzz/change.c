// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a region active and lets it go, with each of its faults: of a
 * volume that was closed cleanly, after a power cut, and with a read-only table.
 */
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include "cut.h"
#include "held_worm.h"
#include "nthfault.h"

static bool cut;	/* the power goes each time before a region is let go */

/* Of a vault: is its WORM region held, as it should be? */
static void check_held(bool held)
{
	uint64_t day, now;

	if (active.kind != VAULT)
		return;
	held_worm_look(&day, &now);
	if (now != held)
		give_up("the region's flag is %llu", (unsigned long long)now);
}

/*
 * What was acknowledged, what is committed beside it, and what is not even that;
 * of a vault, a hold that has been placed and is not stored.
 */
static void take_cut(void)
{
	make_dirty(&active);
	if (say_commit(&active))
		give_up("commit without a fault");
	make_dirty(&active);
	cut_take();
	if (active.kind != VAULT)
		return;
	make_hold(&active);
	cut_take_beside(&image.regions[VAULT]);
}

static void end(void)
{
	deactivate(&active);
	if (cut) {
		cut_put_back();
		check_held(true);
	}
}

/* What began with a fault; with a read-only table nothing may be written. */
static void end_tried(enum outcome outcome, uint64_t requests)
{
	one.failed += outcome < ACCEPTED_RO;
	if (outcome >= ACCEPTED_RO) {
		one.degraded += !is_whole(&active);
		if (look_at(&active).corrupted && !may_be_damaged(&active, requests))
			give_up("a fault is taken for damage");
		deactivate(&active);
	}
	if (read_only)
		cut_check();
}

/* In a call of dm's that makes a region active */
static bool try_to_begin(unsigned long command)
{
	uint64_t requests = fault_counts().request;
	enum outcome outcome;
	bool reached;

	end();
	dm_fail(command, where, nth);
	outcome = begin();
	reached = dm_failed();
	end_tried(outcome, requests);
	must_begin();
	return reached;
}

/* From the beginning until nothing goes on in the background any more */
static bool try_to_settle(unsigned long command)
{
	uint64_t requests = fault_counts().request;
	enum outcome outcome;
	bool reached;

	(void)command;
	end();
	fault_arm(where, nth);
	outcome = begin();
	if (outcome >= ACCEPTED_RO)
		settle(&active);
	reached = fault_disarm();
	end_tried(outcome, requests);
	must_begin();
	return reached;
}

static bool try_to_end(unsigned long command)
{
	bool reached;

	if (!read_only)
		make_dirty(&active);
	dm_fail(command, where, nth);
	deactivate(&active);
	reached = dm_failed();
	must_begin();
	return reached;
}

/*
 * Less and less often: a load makes hundreds, for which a volume has no room,
 * and each passport is something more that can fail
 */
static void add_something(void)
{
	if (nth & (nth - 1) || read_only)
		return;
	make_promise(&active);
	if (cut)
		take_cut();
}

static void each_change(const char *name, unsigned long command,
			bool (*try)(unsigned long command), bool none)
{
	bool reached = true;

	if (!is_wanted(name))
		return;
	start_counting(name);
	for (nth = 1; reached && nth < MOST; nth = next_nth()) {
		add_something();
		reached = try(command);
		one.tried++;
		check_promises(&active, false);
		if (!read_only)
			check_held(look_at(&active).holds);
		check_kernel();
	}
	stop_counting(none);
}

void each_change_of_all(void)
{
	bool vault = active.kind == VAULT;

	/* The more a vault holds, the more can fail in an activation */
	start_fresh();
	where = IN_CALLER;
	each_change("load", DM_TABLE_LOAD, try_to_begin, false);
	each_change("resume", DM_DEV_SUSPEND, try_to_begin, false);
	each_change("remove", DM_DEV_REMOVE, try_to_end, false);
	start_fresh();
	where = IN_WORKERS;
	each_change("activation", 0, try_to_settle, !vault);
	each_change("remove", DM_DEV_REMOVE, try_to_end, vault);
	/* With all options that there are; what they change is tested elsewhere */
	parameters = other;
	start_fresh();
	where = IN_CALLER;
	each_change("load, options", DM_TABLE_LOAD, try_to_begin, false);
	each_change("resume, options", DM_DEV_SUSPEND, try_to_begin, false);
	parameters = plain;
}

void each_change_after_cut(void)
{
	start_fresh();
	cut = true;
	where = IN_CALLER;
	each_change("cut: load", DM_TABLE_LOAD, try_to_begin, false);
	each_change("cut: resume", DM_DEV_SUSPEND, try_to_begin, false);
	where = IN_WORKERS;
	each_change("cut: activation", 0, try_to_settle, active.kind != VAULT);
	parameters = other;
	where = IN_CALLER;
	each_change("cut: options", DM_DEV_SUSPEND, try_to_begin, false);
	parameters = plain;
	cut = false;
}

static void begin_read_only(bool after_cut)
{
	start_fresh();
	make_promise(&active);
	if (after_cut)
		take_cut();
	deactivate(&active);
	if (after_cut)
		cut_put_back();
	else
		cut_keep();
	read_only = true;
	must_begin();
}

static void end_read_only(void)
{
	deactivate(&active);
	cut_check();
	read_only = false;
	must_begin();
	check_promises(&active, false);
	check_held(look_at(&active).holds);
}

void each_read_only(void (*calls)(void))
{
	begin_read_only(false);
	where = IN_CALLER;
	each_change("ro: load", DM_TABLE_LOAD, try_to_begin, false);
	each_change("ro: resume", DM_DEV_SUSPEND, try_to_begin, false);
	end_read_only();
	begin_read_only(true);
	where = IN_CALLER;
	each_change("ro, cut: resume", DM_DEV_SUSPEND, try_to_begin, false);
	each_change("ro, cut: remove", DM_DEV_REMOVE, try_to_end, false);
	where = IN_WORKERS;
	each_change("ro, cut: active", 0, try_to_settle, active.kind != VAULT);
	calls();
	end_read_only();
}

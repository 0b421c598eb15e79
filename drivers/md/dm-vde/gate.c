// SPDX-License-Identifier: GPL-2.0-only
/* The way into a region for those whom dm does not know of. */
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "gate.h"

/**
 * vde_gate_init - make a gate
 * @gate: to fill; suspended until vde_gate_resume()
 */
void vde_gate_init(struct vde_gate *gate)
{
	spin_lock_init(&gate->lock);
	init_waitqueue_head(&gate->wait);
	gate->inside = 0;
	gate->alone = false;
	gate->suspended = true;
	gate->gone = false;
}

/* Sets @err unless this must wait. */
static bool try_enter(struct vde_gate *gate, bool alone, int *err)
{
	bool waits;

	spin_lock(&gate->lock);
	waits = !gate->gone && (gate->suspended || gate->alone);
	if (!waits) {
		*err = gate->gone ? -ENODEV : 0;
		if (!gate->gone && alone)
			gate->alone = true;
		else if (!gate->gone)
			gate->inside++;
	}
	spin_unlock(&gate->lock);
	return !waits;
}

static int wait_to_enter(struct vde_gate *gate, bool alone)
{
	int err = 0;

	if (wait_event_interruptible(gate->wait, try_enter(gate, alone, &err)))
		return -ERESTARTSYS;
	return err;
}

/* Sets @err unless this must wait. */
static bool try_enter_unless(struct vde_gate *gate, const bool *stop, int *err)
{
	if (!READ_ONCE(*stop))
		return try_enter(gate, false, err);
	*err = -ECANCELED;
	return true;
}

static bool is_empty(struct vde_gate *gate)
{
	bool empty;

	spin_lock(&gate->lock);
	empty = !gate->inside;
	spin_unlock(&gate->lock);
	return empty;
}

static bool is_unused(struct vde_gate *gate)
{
	bool unused;

	spin_lock(&gate->lock);
	unused = !gate->inside && !gate->alone;
	spin_unlock(&gate->lock);
	return unused;
}

/* Set a field, and wake whoever waits for that. */
static void set(struct vde_gate *gate, bool *field, bool value)
{
	spin_lock(&gate->lock);
	*field = value;
	/* Under the lock: a closer may free the gate as soon as it is let go. */
	wake_up_all(&gate->wait);
	spin_unlock(&gate->lock);
}

/**
 * vde_gate_enter - start to use a region
 * @gate: of a region that the caller keeps alive
 *
 * Sleeps while the device is suspended.
 *
 * Return: 0; -ENODEV when the region is being closed; -ERESTARTSYS when a
 * signal came first.
 */
int vde_gate_enter(struct vde_gate *gate)
{
	return wait_to_enter(gate, false);
}

/**
 * vde_gate_try_enter - start to use a region if that needs no waiting
 * @gate: of a region that the caller keeps alive
 *
 * Return: 0; -EBUSY while the device is suspended or somebody is alone inside;
 * -ENODEV when the region is being closed.
 */
int vde_gate_try_enter(struct vde_gate *gate)
{
	int err;

	return try_enter(gate, false, &err) ? err : -EBUSY;
}

/**
 * vde_gate_enter_unless - start to use a region, from a worker
 * @gate: of a region that the caller keeps alive
 * @stop: whoever sets this and calls vde_gate_wake() ends the wait
 *
 * Sleeps while the device is suspended.
 *
 * Return: 0; -ENODEV when the region is being closed; -ECANCELED when @stop is
 * set.
 */
int vde_gate_enter_unless(struct vde_gate *gate, const bool *stop)
{
	int err = 0;

	/* Not counted as load, however long it is; workers get no signals. */
	wait_event_idle(gate->wait, try_enter_unless(gate, stop, &err));
	return err;
}

/**
 * vde_gate_wake - let workers that wait look at what shall stop them
 * @gate: any gate
 */
void vde_gate_wake(struct vde_gate *gate)
{
	wake_up_all(&gate->wait);
}

/**
 * vde_gate_leave - end the use of a region
 * @gate: entered
 */
void vde_gate_leave(struct vde_gate *gate)
{
	spin_lock(&gate->lock);
	gate->inside--;
	wake_up_all(&gate->wait);
	spin_unlock(&gate->lock);
}

/**
 * vde_gate_enter_alone - start to use a region that nobody else uses
 * @gate: of a region that the caller keeps alive
 *
 * Sleeps until all others have left. Bios are not kept out.
 *
 * Return: as vde_gate_enter().
 */
int vde_gate_enter_alone(struct vde_gate *gate)
{
	int err = wait_to_enter(gate, true);

	if (!err)
		wait_event(gate->wait, is_empty(gate));
	return err;
}

/**
 * vde_gate_leave_alone - end the use of a region, let others in
 * @gate: entered with vde_gate_enter_alone()
 */
void vde_gate_leave_alone(struct vde_gate *gate)
{
	set(gate, &gate->alone, false);
}

/**
 * vde_gate_suspend - let nobody in, and wait until all have left
 * @gate: any gate
 */
void vde_gate_suspend(struct vde_gate *gate)
{
	set(gate, &gate->suspended, true);
	wait_event(gate->wait, is_unused(gate));
}

/**
 * vde_gate_resume - let users in
 * @gate: any gate; its region is active and configured
 */
void vde_gate_resume(struct vde_gate *gate)
{
	set(gate, &gate->suspended, false);
}

/**
 * vde_gate_close - let nobody in any more, and wait until all have left
 * @gate: any gate
 */
void vde_gate_close(struct vde_gate *gate)
{
	set(gate, &gate->gone, true);
	wait_event(gate->wait, is_unused(gate));
}

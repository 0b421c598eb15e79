/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_GATE_H
#define VDE_GATE_H

#include <linux/spinlock.h>
#include <linux/wait.h>

/**
 * struct vde_gate - who uses a region other than by its block node
 * @lock: protects the rest
 * @wait: for changes of the rest
 * @inside: users that have entered
 * @alone: one of them wants no others
 * @suspended: the device is suspended or was never resumed: nobody may enter
 * @gone: the region is being closed: nobody may enter any more
 *
 * dm keeps bios out while it suspends a device. What comes through the
 * character device, or from a worker of our own, dm does not know of; it goes
 * through this gate. A user inside must not wait for a bio to the block node:
 * a suspend waits for it.
 */
struct vde_gate {
	spinlock_t lock;	/* of what follows */
	wait_queue_head_t wait;
	u32 inside;
	bool alone;
	bool suspended;
	bool gone;
};

void vde_gate_init(struct vde_gate *gate);
int vde_gate_enter(struct vde_gate *gate);
int vde_gate_try_enter(struct vde_gate *gate);
int vde_gate_enter_unless(struct vde_gate *gate, const bool *stop);
void vde_gate_wake(struct vde_gate *gate);
void vde_gate_leave(struct vde_gate *gate);
int vde_gate_enter_alone(struct vde_gate *gate);
void vde_gate_leave_alone(struct vde_gate *gate);
void vde_gate_suspend(struct vde_gate *gate);
void vde_gate_resume(struct vde_gate *gate);
void vde_gate_close(struct vde_gate *gate);

#endif /* VDE_GATE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_IOCTL_H
#define VDE_IOCTL_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/types.h>

struct device;
struct iov_iter;
struct vde_call;
struct vde_region;
struct vde_stream_file;

/* Room for any command's structure, in bytes. */
#define VDE_IOCTL_MAX_SIZE 256

/**
 * struct vde_ioctl_call - one command on its way
 * @region: what it is for; stays while the command runs, but for what
 *	vde_ioctl_step_out() says; then NULL
 * @dev: its character device
 * @arg: the command's structure, in kernel memory
 * @reader: the file's, of a stream
 * @payload: of an append, or NULL
 * @opens: open files of the character device
 */
struct vde_ioctl_call {
	struct vde_region *region;
	struct device *dev;
	void *arg;
	struct vde_stream_file *reader;
	struct vde_call *payload;
	const atomic_t *opens;
};

/**
 * struct vde_ioctl - one command
 * @cmd: VDE_IOC_*
 * @kinds: bit per enum vde_region_kind that knows it
 * @size: of its structure, in bytes
 * @min_size: of the structure's first version
 * @flags: that the caller may set
 * @reserved: offset of a 32-bit reserved field, or 0
 * @mode: FMODE_READ or FMODE_WRITE that the file must have
 * @admin: needs CAP_SYS_ADMIN
 * @gated: uses the disk or changes the region: goes through its gate
 * @prepare: takes the caller's memory before the region is locked, or NULL
 * @run: does it; what it leaves in @arg goes back unless it failed
 */
struct vde_ioctl {
	unsigned int cmd;
	u32 kinds;
	u32 size;
	u32 min_size;
	u32 flags;
	u32 reserved;
	fmode_t mode;
	bool admin;
	bool gated;
	int (*prepare)(struct vde_ioctl_call *call);
	int (*run)(struct vde_ioctl_call *call);
};

/*
 * A structure, and the size of its first version, which stays what it is when
 * the structure grows.
 */
#define VDE_IOCTL_STRUCTURE(type, first)				       \
	.size = sizeof(struct type) +					       \
		BUILD_BUG_ON_ZERO(sizeof(struct type) > VDE_IOCTL_MAX_SIZE) +  \
		BUILD_BUG_ON_ZERO(sizeof(struct type) < (first)),	       \
	.min_size = (first)

/* Tables end with an entry that has no function. */
extern const struct vde_ioctl vde_ioctls_worm[];
extern const struct vde_ioctl vde_ioctls_scrub[];
extern const struct vde_ioctl vde_ioctls_stream[];
extern const struct vde_ioctl vde_ioctls_vault[];
extern const struct vde_ioctl vde_ioctls_vault_list[];

const struct vde_ioctl *vde_ioctl_find(unsigned int cmd);
int vde_ioctl_prepare(const struct vde_ioctl *ioctl,
		      struct vde_ioctl_call *call);
int vde_ioctl_run(const struct vde_ioctl *ioctl, struct vde_ioctl_call *call);
void vde_ioctl_step_out(struct vde_ioctl_call *call);
int vde_ioctl_step_in(struct vde_ioctl_call *call);
int vde_ioctl_import_entries(u64 address, u32 size, u32 min_size, u32 *count,
			     struct iov_iter *to);
int vde_ioctl_put_entries(struct vde_ioctl_call *call, struct iov_iter *to,
			  u32 size, const void *entries, u32 entry_size,
			  u32 count);

/* ioctl_vault.c */
struct vde_vault_entry;

u32 vde_ioctl_vault_traits(const struct vde_vault_entry *entry);

#endif /* VDE_IOCTL_H */

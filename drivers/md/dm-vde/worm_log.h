/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_WORM_LOG_H
#define VDE_WORM_LOG_H

#include <linux/list.h>
#include <linux/mempool.h>

#include "rules.h"

struct vde_media;

/**
 * struct vde_log_block - one metadata block of write records in memory
 * @list: in the log's full blocks or those being written
 * @index: block within the region's metadata
 * @generation: for its trailer, set when it is full
 * @stale: was rolled back while it was being written
 * @data: its 4096 bytes
 */
struct vde_log_block {
	struct list_head list;
	u64 index;
	u32 generation;
	bool stale;
	struct vde_disk_block *data;
};

/**
 * struct vde_worm_log - the end of a region's write records
 * @geo: region
 * @base: block with the newest published record: what a commit images
 * @tail: block that the next record goes to, or is full; @base until an append
 *	that is not published yet crosses a block's end
 * @next: number of the next record
 * @last_time: ticks of the newest record
 * @full: full blocks on their way to their place on the disk. Those below
 *	@base are published, the others hold nothing that counts yet.
 * @full_count: how many
 * @writing: full blocks that the commit worker has taken: until all of them
 *	have been written, readers must find them here
 * @lowest: all metadata blocks below this one are final on the disk
 * @pool: of blocks, three in reserve: base, tail and one being written
 *
 * The append worker adds records; the commit worker takes images and writes
 * full blocks; readers look up records. @base, @tail, @full, @full_count,
 * @writing and @lowest change only under the append queue's lock; records are added without
 * it, beyond what any image includes or any reader may ask for.
 */
struct vde_worm_log {
	const struct vde_geometry *geo;
	struct vde_log_block *base;
	struct vde_log_block *tail;
	u64 next;
	s64 last_time;
	struct list_head full;
	u32 full_count;
	struct list_head writing;
	u64 lowest;
	mempool_t pool;
};

int vde_worm_log_init(struct vde_worm_log *log,
		      const struct vde_geometry *geo);
void vde_worm_log_exit(struct vde_worm_log *log);
void vde_worm_log_load(struct vde_worm_log *log, const void *block, u64 hwm,
		       s64 last_time);
bool vde_worm_log_full(const struct vde_worm_log *log);
struct vde_log_block *vde_worm_log_next(struct vde_worm_log *log);
void vde_worm_log_extend(struct vde_worm_log *log, struct vde_log_block *block,
			 u64 sequence);
void vde_worm_log_add(struct vde_worm_log *log, s64 now, u32 length,
		      const u8 digest[SHA256_DIGEST_SIZE]);
void vde_worm_log_publish(struct vde_worm_log *log);
void vde_worm_log_rollback(struct vde_worm_log *log, u64 hwm);
void vde_worm_log_image(const struct vde_worm_log *log, u64 hwm, void *image);
u32 vde_worm_log_take_full(struct vde_worm_log *log);
int vde_worm_log_write(struct vde_worm_log *log, struct vde_media *media);
void vde_worm_log_take_written(struct vde_worm_log *log,
			       struct list_head *written);
void vde_worm_log_free(struct vde_worm_log *log, struct list_head *written);
void vde_worm_log_lose(struct vde_worm_log *log);
const void *vde_worm_log_find(const struct vde_worm_log *log, u64 index);
u64 vde_worm_log_lowest(const struct vde_worm_log *log);

#endif /* VDE_WORM_LOG_H */

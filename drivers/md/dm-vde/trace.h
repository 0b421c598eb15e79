/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vde

#if !defined(VDE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VDE_TRACE_H

#include <linux/types.h>
#include <linux/kdev_t.h>
#include <linux/tracepoint.h>

/* Blocks are of 4096 bytes, counted from the region's first data block. */

TRACE_EVENT(vde_admit,
	TP_PROTO(dev_t dev, u64 block, u64 blocks),
	TP_ARGS(dev, block, blocks),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, block)
		__field(u64, blocks)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->block = block;
		__entry->blocks = blocks;
	),
	TP_printk("%d:%d block %llu + %llu", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->block, __entry->blocks)
);

TRACE_EVENT(vde_refuse,
	TP_PROTO(dev_t dev, int refusal, u64 block, u64 blocks, u64 hwm),
	TP_ARGS(dev, refusal, block, blocks, hwm),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(int, refusal)
		__field(u64, block)
		__field(u64, blocks)
		__field(u64, hwm)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->refusal = refusal;
		__entry->block = block;
		__entry->blocks = blocks;
		__entry->hwm = hwm;
	),
	TP_printk("%d:%d %s block %llu + %llu hwm %llu", MAJOR(__entry->dev),
		  MINOR(__entry->dev),
		  __print_symbolic(__entry->refusal, { 0, "sealed" },
				   { 1, "gap" }, { 2, "full" }, { 3, "op" }),
		  __entry->block, __entry->blocks, __entry->hwm)
);

TRACE_EVENT(vde_complete,
	TP_PROTO(dev_t dev, u64 block, u64 blocks, int err),
	TP_ARGS(dev, block, blocks, err),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, block)
		__field(u64, blocks)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->block = block;
		__entry->blocks = blocks;
		__entry->err = err;
	),
	TP_printk("%d:%d block %llu + %llu error %d", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->block, __entry->blocks,
		  __entry->err)
);

TRACE_EVENT(vde_corrupt,
	TP_PROTO(dev_t dev, u64 block, int damage),
	TP_ARGS(dev, block, damage),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, block)
		__field(int, damage)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->block = block;
		__entry->damage = damage;
	),
	TP_printk("%d:%d block %llu %s", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->block,
		  __print_symbolic(__entry->damage, { 0, "record" },
				   { 1, "data" }, { 2, "padding" },
				   { 3, "unreadable" }))
);

TRACE_EVENT(vde_commit,
	TP_PROTO(dev_t dev, u64 sequence, u64 hwm, u32 flags, int err),
	TP_ARGS(dev, sequence, hwm, flags, err),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(u64, sequence)
		__field(u64, hwm)
		__field(u32, flags)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->sequence = sequence;
		__entry->hwm = hwm;
		__entry->flags = flags;
		__entry->err = err;
	),
	TP_printk("%d:%d sequence %llu hwm %llu flags %#x error %d",
		  MAJOR(__entry->dev), MINOR(__entry->dev), __entry->sequence,
		  __entry->hwm, __entry->flags, __entry->err)
);

TRACE_EVENT(vde_passport,
	TP_PROTO(dev_t dev, const char *what, const u8 *id, int err),
	TP_ARGS(dev, what, id, err),
	TP_STRUCT__entry(
		__field(dev_t, dev)
		__field(const char *, what)
		__array(u8, id, 16)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->what = what;
		memcpy(__entry->id, id, sizeof(__entry->id));
		__entry->err = err;
	),
	TP_printk("%d:%d %s %pUl error %d", MAJOR(__entry->dev),
		  MINOR(__entry->dev), __entry->what, __entry->id,
		  __entry->err)
);

#endif /* VDE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

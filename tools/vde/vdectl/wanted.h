/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions that format is asked for. */
#ifndef VDECTL_WANTED_H
#define VDECTL_WANTED_H

#include "vdectl.h"

#define WANTED_REST U64_MAX
#define WANTED_GROWTH 16U

#define WANTED_RETENTION_ERROR						       \
	"retention '%s' is neither 'forever' nor a number with s, m, h, d, w or y"

/**
 * struct wanted_region - a region asked for
 * @kind: its kind
 * @blocks: blocks of data, or WANTED_REST
 * @has_retention: @retention was given
 * @retention: ticks, 0 = for ever
 * @growth: of a stream: blocks by which it grows
 * @policy: of a stream: what it does when it is full
 */
struct wanted_region {
	enum vde_region_kind kind;
	u64 blocks;
	bool has_retention;
	s64 retention;
	u32 growth;
	enum vde_ring_policy policy;
};

int wanted_parse(const struct vdectl_command *command,
		 enum vde_region_kind kind, char *text,
		 struct wanted_region *wanted);

#endif /* VDECTL_WANTED_H */

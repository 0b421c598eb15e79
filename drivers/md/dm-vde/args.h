/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_ARGS_H
#define VDE_ARGS_H

#include <linux/device-mapper.h>

#include "region.h"

int vde_args_parse_kind(const char *word, enum vde_region_kind *kind,
			char **error);
int vde_args_parse(struct dm_arg_set *as, enum vde_region_kind kind,
		   struct vde_options *options, char **error);
unsigned int vde_args_emit_table(const struct vde_options *options,
				 enum vde_region_kind kind, char *result,
				 unsigned int maxlen);
unsigned int vde_args_emit_ima(const struct vde_options *options,
			       enum vde_region_kind kind, char *result,
			       unsigned int maxlen);

#endif /* VDE_ARGS_H */

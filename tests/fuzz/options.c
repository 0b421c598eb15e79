// SPDX-License-Identifier: GPL-2.0-only
/*
 * Optional parameters of tables: the driver's args.c. Input: a byte for the
 * kind of region, then words as in a table. What is printed of a table is
 * read back as the same.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "args.h"

#define WORDS 40

static char text[4096], again[4096], ima[4096];

static int parse(char *line, enum vde_region_kind kind,
		 struct vde_options *options)
{
	char *argv[WORDS], *next = line, *error = NULL;
	struct dm_arg_set as = { .argv = argv };
	int err;

	while (as.argc < WORDS) {
		char *word = strsep(&next, " ");

		if (!word)
			break;
		if (*word)
			argv[as.argc++] = word;
	}
	err = vde_args_parse(&as, kind, options, &error);
	REQUIRE(!err || (err == -EINVAL && error && *error));
	return err;
}

static void check_ranges(const struct vde_options *options,
			 enum vde_region_kind kind)
{
	REQUIRE(options->region < VDE_MAX_REGIONS);
	REQUIRE(options->on_corruption <= VDE_ON_CORRUPTION_RESTART);
	REQUIRE(options->reserve <= VDE_MAX_BLOCKS);
	REQUIRE(memchr(options->keyring, 0, sizeof(options->keyring)));
	REQUIRE(!options->keyring[0] || !options->has_issuer_key);
	if (kind == VDE_REGION_VAULT)
		return;
	REQUIRE(options->reorder_ms <= 10000);
	REQUIRE(options->commit_ms && options->commit_ms <= 3600000);
	REQUIRE(options->max_inflight && options->max_inflight <= 1U << 30 &&
		!(options->max_inflight & 4095));
}

static void check_printed(const struct vde_options *options,
			  enum vde_region_kind kind)
{
	struct vde_options second;
	unsigned int length, short_length;
	char little[24];

	length = vde_args_emit_table(options, kind, again, sizeof(again));
	REQUIRE(length == strlen(again));
	short_length = vde_args_emit_table(options, kind, little, sizeof(little));
	REQUIRE(short_length == strlen(little));
	REQUIRE(!strncmp(little, again, short_length));
	length = vde_args_emit_ima(options, kind, ima, sizeof(ima));
	REQUIRE(length == strlen(ima) && *ima == ',');
	REQUIRE(!parse(again, kind, &second));
	REQUIRE(!memcmp(options, &second, sizeof(second)));
}

void fuzz_one(struct fuzz *fuzz)
{
	enum vde_region_kind kind = fuzz_u8(fuzz) % VDE_REGION_KINDS;
	struct vde_options options;
	enum vde_region_kind named;
	char *error = NULL;

	fuzz_take(fuzz, text, sizeof(text) - 1);
	REQUIRE(!vde_args_parse_kind(vde_region_kind_name(kind), &named,
				     &error) && named == kind);
	if (vde_args_parse_kind(text, &named, &error))
		REQUIRE(error && *error);
	if (parse(text, kind, &options))
		return;
	check_ranges(&options, kind);
	check_printed(&options, kind);
}

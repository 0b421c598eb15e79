// SPDX-License-Identifier: GPL-2.0-only
/*
 * Optional parameters of a table:
 *
 *	<device> worm|stream|vault [<#opts> <opt>...]
 *
 * An option is a word or key=value, in any order, each at most once. One table
 * drives parsing, STATUSTYPE_TABLE and STATUSTYPE_IMA.
 */
#define pr_fmt(fmt) "vde: " fmt

#include <linux/bits.h>
#include <linux/kstrtox.h>
#include <linux/uuid.h>

#include "args.h"
#include "compat.h"

#define FOR_WORM	BIT(VDE_REGION_WORM)
#define FOR_STREAM	BIT(VDE_REGION_STREAM)
#define FOR_VAULT	BIT(VDE_REGION_VAULT)
#define FOR_ALL		(FOR_WORM | FOR_STREAM | FOR_VAULT)
#define FOR_APPENDS	(FOR_WORM | FOR_STREAM)

enum type { NUMBER, CHOICE, FLAG, UUID, TEXT, KEY };

static const char *const on_corruption[] = {
	[VDE_ON_CORRUPTION_ERROR] = "error",
	[VDE_ON_CORRUPTION_PANIC] = "panic",
	[VDE_ON_CORRUPTION_RESTART] = "restart",
};

/*
 * A number lies in min..max, is a multiple of step, a power of two, and is def when not given.
 * A choice is the number of one of its words, of which max is the last.
 * A text has 1..max bytes, and is empty when not given.
 * TABLE and IMA leave out what has its default, but for always.
 */
static const struct option {
	const char *name;
	enum type type;
	u32 kinds;
	size_t offset;
	u64 min;
	u64 max;
	u64 step;
	u64 def;
	bool always;
	const char *const *words;
} table[] = {
	{ .name = "region", .type = NUMBER, .kinds = FOR_ALL,
	  .offset = offsetof(struct vde_options, region),
	  .max = VDE_MAX_REGIONS - 1, .step = 1, .always = true },
	{ .name = "uuid", .type = UUID, .kinds = FOR_ALL,
	  .offset = offsetof(struct vde_options, uuid) },
	{ .name = "reorder_ms", .type = NUMBER, .kinds = FOR_APPENDS,
	  .offset = offsetof(struct vde_options, reorder_ms),
	  .max = 10000, .step = 1, .def = 100 },
	{ .name = "max_inflight", .type = NUMBER, .kinds = FOR_APPENDS,
	  .offset = offsetof(struct vde_options, max_inflight),
	  .min = VDE_BLOCK_SIZE, .max = 1ULL << 30, .step = VDE_BLOCK_SIZE,
	  .def = 8ULL << 20 },
	{ .name = "commit_ms", .type = NUMBER, .kinds = FOR_APPENDS,
	  .offset = offsetof(struct vde_options, commit_ms),
	  .min = 1, .max = 3600000, .step = 1, .def = 1000 },
	{ .name = "sync", .type = FLAG, .kinds = FOR_APPENDS,
	  .offset = offsetof(struct vde_options, sync) },
	{ .name = "no_verify_reads", .type = FLAG, .kinds = FOR_WORM,
	  .offset = offsetof(struct vde_options, no_verify_reads) },
	{ .name = "on_corruption", .type = CHOICE, .kinds = FOR_WORM,
	  .offset = offsetof(struct vde_options, on_corruption),
	  .max = VDE_ON_CORRUPTION_RESTART, .words = on_corruption },
	{ .name = "reserve", .type = NUMBER, .kinds = FOR_STREAM,
	  .offset = offsetof(struct vde_options, reserve),
	  .max = VDE_MAX_BLOCKS, .step = 1 },
	{ .name = "discard", .type = FLAG, .kinds = FOR_STREAM,
	  .offset = offsetof(struct vde_options, discard) },
	{ .name = "keyring", .type = TEXT, .kinds = FOR_VAULT,
	  .offset = offsetof(struct vde_options, keyring),
	  .max = VDE_KEYRING_MAX },
	{ .name = "issuer_key", .type = KEY, .kinds = FOR_VAULT,
	  .offset = offsetof(struct vde_options, issuer_key) },
};

static void *field(const struct option *option, struct vde_options *options)
{
	return (void *)options + option->offset;
}

/**
 * vde_args_parse_kind - which kind of region does a table name?
 * @word: second parameter
 * @kind: set to it
 * @error: set to a phrase on failure
 *
 * Return: 0 or -EINVAL.
 */
int vde_args_parse_kind(const char *word, enum vde_region_kind *kind,
			char **error)
{
	u32 i;

	for (i = 0; i < VDE_REGION_KINDS; i++) {
		if (!strcmp(word, vde_region_kind_name(i))) {
			*kind = i;
			return 0;
		}
	}
	*error = "region kind is not worm, stream or vault";
	return -EINVAL;
}

static const struct option *find(const char *arg, enum vde_region_kind kind)
{
	size_t len = strcspn(arg, "=");
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].kinds & BIT(kind) &&
		    strlen(table[i].name) == len &&
		    !memcmp(table[i].name, arg, len))
			return &table[i];
	return NULL;
}

static int parse_choice(const struct option *option, const char *value,
			u64 *number)
{
	for (*number = 0; *number <= option->max; ++*number)
		if (value && !strcmp(value, option->words[*number]))
			return 0;
	return -EINVAL;
}

/* Nothing that dm, IMA or a shell would take for the end of an option. */
static int parse_text(const struct option *option, const char *value,
		      char *text)
{
	size_t i;

	for (i = 0; value && value[i]; i++)
		if (i >= option->max || value[i] <= ' ' || value[i] > '~' ||
		    strchr(",;=\\", value[i]))
			return -EINVAL;
	if (!value || !i)
		return -EINVAL;
	memcpy(text, value, i + 1);
	return 0;
}

/* An uncompressed point; whether it is on the curve is seen later. */
static int parse_key(const char *value, struct vde_options *options)
{
	u8 *key = options->issuer_key;

	if (!value || strlen(value) != 2 * VDE_POINT_SIZE ||
	    hex2bin(key, value, VDE_POINT_SIZE) || key[0] != 0x04)
		return -EINVAL;
	options->has_issuer_key = true;
	return 0;
}

static int parse_value(const struct option *option, const char *value,
		       struct vde_options *options, char **error)
{
	u64 *number = field(option, options);

	*error = "option has a malformed value";
	switch (option->type) {
	case FLAG:
		if (value)
			return -EINVAL;
		*(bool *)field(option, options) = true;
		return 0;
	case UUID:
		if (!value || strlen(value) != UUID_STRING_LEN ||
		    guid_parse(value, field(option, options)))
			return -EINVAL;
		options->has_uuid = true;
		return 0;
	case CHOICE:
		return parse_choice(option, value, number);
	case TEXT:
		return parse_text(option, value, field(option, options));
	case KEY:
		return parse_key(value, options);
	case NUMBER:
		if (!value || kstrtou64(value, 10, number))
			return -EINVAL;
		*error = "option value is out of range";
		return *number < option->min || *number > option->max ||
		       *number & (option->step - 1) ? -EINVAL : 0;
	}
	return -EINVAL;
}

static int parse_option(const char *arg, enum vde_region_kind kind,
			unsigned long *seen, struct vde_options *options,
			char **error)
{
	const struct option *option = find(arg, kind);
	const char *value = strchr(arg, '=');
	int err;

	if (!option) {
		*error = "unknown option";
		err = -EINVAL;
	} else if (*seen & BIT(option - table)) {
		*error = "option given twice";
		err = -EINVAL;
	} else {
		*seen |= BIT(option - table);
		err = parse_value(option, value ? value + 1 : NULL, options,
				  error);
	}
	if (err)
		pr_err("option '%s': %s\n", arg, *error);
	return err;
}

static void set_defaults(struct vde_options *options)
{
	u32 i;

	memset(options, 0, sizeof(*options));
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].type == NUMBER || table[i].type == CHOICE)
			*(u64 *)field(&table[i], options) = table[i].def;
}

/**
 * vde_args_parse - parse the optional parameters
 * @as: what is left after device and kind
 * @kind: kind of region
 * @options: set to the values, defaults where not given
 * @error: set to a phrase on failure
 *
 * Return: 0 or -EINVAL.
 */
int vde_args_parse(struct dm_arg_set *as, enum vde_region_kind kind,
		   struct vde_options *options, char **error)
{
	static const struct dm_arg count_arg = {
		0, ARRAY_SIZE(table), "wrong number of options"
	};
	unsigned long seen = 0;
	unsigned int count;
	int err;

	set_defaults(options);
	if (!as->argc)
		return 0;
	err = dm_read_arg_group(&count_arg, as, &count, error);
	while (!err && count--)
		err = parse_option(dm_shift_arg(as), kind, &seen, options,
				   error);
	if (!err && as->argc) {
		*error = "more parameters than the number of options says";
		err = -EINVAL;
	}
	if (!err && options->keyring[0] && options->has_issuer_key) {
		*error = "keyring and issuer_key exclude each other";
		err = -EINVAL;
	}
	return err;
}

static bool is_shown(const struct option *option, enum vde_region_kind kind,
		     const struct vde_options *options)
{
	const void *value = field(option, (struct vde_options *)options);

	if (!(option->kinds & BIT(kind)))
		return false;
	switch (option->type) {
	case FLAG:
		return *(const bool *)value;
	case UUID:
		return options->has_uuid;
	case TEXT:
		return *(const char *)value;
	case KEY:
		return options->has_issuer_key;
	default:
		return option->always || *(const u64 *)value != option->def;
	}
}

/* printk's own hexadecimals end after 64 bytes. */
static unsigned int emit_key(const u8 *key, char *result, unsigned int maxlen)
{
	return scnprintf(result, maxlen, "=%*phN%*phN", 64, key,
			 VDE_POINT_SIZE - 64, key + 64);
}

static unsigned int emit_value(const struct option *option,
			       const struct vde_options *options, char *result,
			       unsigned int maxlen)
{
	const void *value = field(option, (struct vde_options *)options);

	if (option->type == UUID)
		return scnprintf(result, maxlen, "=%pUl", value);
	if (option->type == CHOICE)
		return scnprintf(result, maxlen, "=%s",
				 option->words[*(const u64 *)value]);
	if (option->type == TEXT)
		return scnprintf(result, maxlen, "=%s", (const char *)value);
	if (option->type == KEY)
		return emit_key(value, result, maxlen);
	return scnprintf(result, maxlen, "=%llu", *(const u64 *)value);
}

/**
 * vde_args_emit_table - options as a table gives them
 * @options: to print
 * @kind: kind of region
 * @result: where to
 * @maxlen: room there, in bytes
 *
 * Return: bytes printed: " <#opts> <opt>...", without the final NUL.
 */
unsigned int vde_args_emit_table(const struct vde_options *options,
				 enum vde_region_kind kind, char *result,
				 unsigned int maxlen)
{
	unsigned int sz = 0;
	u32 count = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		count += is_shown(&table[i], kind, options);
	DMEMIT(" %u", count);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (!is_shown(&table[i], kind, options))
			continue;
		DMEMIT(" %s", table[i].name);
		if (table[i].type != FLAG)
			sz += emit_value(&table[i], options, result + sz,
					 maxlen - sz);
	}
	return sz;
}

/* Neither given nor with a default that could be printed. */
static bool is_left_out(const struct option *option, enum vde_region_kind kind,
			const struct vde_options *options)
{
	return (option->type == UUID || option->type == TEXT ||
		option->type == KEY) && !is_shown(option, kind, options);
}

/**
 * vde_args_emit_ima - options as IMA measures them
 * @options: to print
 * @kind: kind of region
 * @result: where to
 * @maxlen: room there, in bytes
 *
 * Return: bytes printed: ",key=value..." with every option of the kind.
 */
unsigned int vde_args_emit_ima(const struct vde_options *options,
			       enum vde_region_kind kind, char *result,
			       unsigned int maxlen)
{
	unsigned int sz = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct option *option = &table[i];

		if (!(option->kinds & BIT(kind)))
			continue;
		DMEMIT(",%s", option->name);
		if (option->type == FLAG)
			DMEMIT("=%c", is_shown(option, kind, options) ?
				      'y' : 'n');
		else if (is_left_out(option, kind, options))
			DMEMIT("=-");
		else
			sz += emit_value(option, options, result + sz,
					 maxlen - sz);
	}
	return sz;
}

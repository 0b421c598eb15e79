// SPDX-License-Identifier: GPL-2.0-only
/* SIZE[,KEY=VALUE]...: a region on the command line of format. */
#include "wanted.h"

static int set_retention(const struct vdectl_command *command,
			 const char *value, struct wanted_region *wanted)
{
	wanted->has_retention = true;
	return vdectl_parse_duration(value, &wanted->retention) ?
	       vdectl_usage(command, WANTED_RETENTION_ERROR, value) : VDECTL_OK;
}

static int set_growth(const struct vdectl_command *command, const char *value,
		      struct wanted_region *wanted)
{
	u64 growth;

	if (vdectl_parse_number(value, &growth) || !growth || growth > S32_MAX)
		return vdectl_usage(command, "growth '%s' is not a number of blocks, 1 to %d",
				    value, S32_MAX);
	wanted->growth = growth;
	return VDECTL_OK;
}

static int set_policy(const struct vdectl_command *command, const char *value,
		      struct wanted_region *wanted)
{
	enum vde_ring_policy policy;

	for (policy = VDE_RING_OVERWRITE; policy <= VDE_RING_STOP; policy++) {
		if (!strcmp(value, vde_ring_policy_name(policy))) {
			wanted->policy = policy;
			return VDECTL_OK;
		}
	}
	return vdectl_usage(command, "policy '%s' is neither 'overwrite' nor 'stop'",
			    value);
}

/* What may follow the size of each kind of region. */
static const struct key {
	enum vde_region_kind kind;
	const char *name;
	int (*set)(const struct vdectl_command *command, const char *value,
		   struct wanted_region *wanted);
} keys[] = {
	{ VDE_REGION_WORM, "retention", set_retention },
	{ VDE_REGION_STREAM, "growth", set_growth },
	{ VDE_REGION_STREAM, "policy", set_policy },
};

static int set_key(const struct vdectl_command *command, char *word,
		   struct wanted_region *wanted, u32 *given)
{
	char *value = strchr(word, '=');
	u32 i;

	if (value)
		*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].kind == wanted->kind && !strcmp(keys[i].name, word))
			break;
	if (i == ARRAY_SIZE(keys))
		return vdectl_usage(command, "a %s region has no '%s'",
				    vde_region_kind_name(wanted->kind), word);
	if (!value)
		return vdectl_usage(command, "give %s=VALUE", word);
	if (*given & BIT(i))
		return vdectl_usage(command, "give %s once", word);
	*given |= BIT(i);
	return keys[i].set(command, value, wanted);
}

/**
 * wanted_parse - read a region on the command line
 * @command: the verb
 * @kind: kind of region
 * @text: SIZE or 'rest', and KEY=VALUE each after a comma; changed
 * @wanted: to fill
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int wanted_parse(const struct vdectl_command *command,
		 enum vde_region_kind kind, char *text,
		 struct wanted_region *wanted)
{
	const char *size = strsep(&text, ",");
	u32 given = 0;
	int ret = VDECTL_OK;

	memset(wanted, 0, sizeof(*wanted));
	wanted->kind = kind;
	wanted->growth = WANTED_GROWTH;
	if (!strcmp(size, "rest"))
		wanted->blocks = WANTED_REST;
	else if (vdectl_parse_size(size, &wanted->blocks))
		return vdectl_usage(command, "size '%s' is neither 'rest' nor a multiple of 4096 bytes",
				    size);
	while (!ret && text)
		ret = set_key(command, strsep(&text, ","), wanted, &given);
	return ret;
}

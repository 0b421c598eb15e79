// SPDX-License-Identifier: GPL-2.0-only
/* Status lines and messages. */
#define DM_MSG_PREFIX "vde"

#include "args.h"
#include "status.h"
#include "vault.h"

static unsigned int emit_vault(struct vde_region *region, char *result,
			       unsigned int maxlen)
{
	struct vde_vault_status status;
	unsigned int sz = 0;

	vde_vault_status(to_vault(region), &status);
	DMEMIT("%u %llu %llu %llu %llu %llu %llu/%llu %llu %s", region->nr,
	       vde_vault_passports(&status), status.count[VDE_VERDICT_VALID],
	       status.count[VDE_VERDICT_NO_KEY], status.count[VDE_VERDICT_BAD],
	       status.rejected, status.used, region->geo.capacity,
	       status.holds, vde_region_mode_name(vde_region_mode(region)));
	return sz;
}

static unsigned int emit_info(struct vde_region *region, char *result,
			      unsigned int maxlen)
{
	bool stream = region->geo.kind == VDE_REGION_STREAM;
	struct vde_status status = {};
	unsigned int sz = 0;
	u32 i;

	region->ops->status(region, &status);
	if (stream)
		DMEMIT("%u %llu %llu %llu/%llu %llu %llu", region->nr,
		       status.hwm, status.tail, status.allocated,
		       status.capacity, status.committed, status.lost);
	else
		DMEMIT("%u %llu/%llu %llu %llu", region->nr, status.hwm,
		       status.capacity, status.committed, status.hwm);
	for (i = 0; i < VDE_REFUSALS; i++)
		DMEMIT(" %lld", atomic64_read(&region->refused[i]));
	if (!stream)
		DMEMIT(" %lld", atomic64_read(&region->corrupt));
	DMEMIT(" %llu %s", status.inflight,
	       vde_region_mode_name(vde_region_mode(region)));
	return sz;
}

/**
 * vde_status - status lines of a target
 * @ti: target
 * @type: INFO, TABLE or IMA
 * @flags: DM_STATUS_*
 * @result: where to
 * @maxlen: room there, in bytes
 */
void vde_status(struct dm_target *ti, status_type_t type, unsigned int flags,
		char *result, unsigned int maxlen)
{
	struct vde_target *target = ti->private;
	struct vde_region *region = target->region;
	enum vde_region_kind kind = region->geo.kind;
	unsigned int sz = 0;

	switch (type) {
	case STATUSTYPE_INFO:
		if (kind == VDE_REGION_VAULT)
			emit_vault(region, result, maxlen);
		else
			emit_info(region, result, maxlen);
		break;
	case STATUSTYPE_TABLE:
		DMEMIT("%s %s", target->dev->name, vde_region_kind_name(kind));
		vde_args_emit_table(&target->options, kind, result + sz,
				    maxlen - sz);
		break;
	case STATUSTYPE_IMA:
		DMEMIT_TARGET_NAME_VERSION(ti->type);
		DMEMIT(",device=%s,kind=%s,region_uuid=%pUl",
		       target->dev->name, vde_region_kind_name(kind),
		       region->uuid);
		sz += vde_args_emit_ima(&target->options, kind, result + sz,
					maxlen - sz);
		DMEMIT(";");
		break;
	}
}

static int emit_stats(struct vde_region *region, char *result,
		      unsigned int maxlen)
{
	struct vde_status status = {};
	unsigned int sz = 0;
	u32 i;

	region->ops->status(region, &status);
	DMEMIT("appends=%llu held=%llu rollbacks=%llu flushes=%llu",
	       status.stats.appends, status.stats.held, status.stats.rollbacks,
	       status.stats.flushes);
	DMEMIT(" commits=%llu log_blocks=%llu", status.stats.commits,
	       status.stats.log_blocks);
	for (i = 0; i < VDE_REFUSALS; i++)
		DMEMIT(" refused_%s=%lld", vde_region_refusal_name(i),
		       atomic64_read(&region->refused[i]));
	DMEMIT(" corrupted_blocks=%lld", atomic64_read(&region->corrupt));
	return 1;
}

/**
 * vde_message - messages of a target
 * @ti: target
 * @argc: number of words
 * @argv: "commit" makes everything acknowledged durable; "stats" answers with
 *	totals since activation
 * @result: where answers go
 * @maxlen: room there, in bytes
 *
 * Return: 0 or 1 (an answer was given); -EINVAL for an unknown message; -EIO
 * when the commit failed; -ENXIO before the first resume.
 */
int vde_message(struct dm_target *ti, unsigned int argc, char **argv,
		char *result, unsigned int maxlen)
{
	struct vde_target *target = ti->private;
	struct vde_region *region = target->region;

	if (argc == 1 && !strcasecmp(argv[0], "stats"))
		return emit_stats(region, result, maxlen);
	if (argc == 1 && !strcasecmp(argv[0], "commit"))
		return region->active ? region->ops->commit(region) : -ENXIO;
	DMERR("%s: unknown message '%s'", dm_table_device_name(ti->table),
	      argc ? argv[0] : "");
	return -EINVAL;
}

// SPDX-License-Identifier: GPL-2.0-only
/* NAME|DEVICE:FROM+COUNT: the id of a range of sealed blocks. */
#include <inttypes.h>

#include "object.h"
#include "vault.h"

#define BATCH 256U

/* A range that was asked for, and its id under way. */
struct range {
	const char *path;
	u64 from;
	u64 count;
	u8 *object;
	struct vde_object_range id;
};

/* FROM+COUNT after the last colon, which is made the path's end. */
static int parse_range(char *text, struct range *range)
{
	char *from = strrchr(text, ':');
	char *count = from ? strchr(from, '+') : NULL;

	if (!count)
		return -EINVAL;
	*from++ = '\0';
	*count++ = '\0';
	range->path = text;
	if (vdectl_parse_number(from, &range->from) ||
	    vdectl_parse_number(count, &range->count) || !range->count)
		return -EINVAL;
	return *text ? 0 : -EINVAL;
}

static int end(struct range *range, int ret)
{
	int err = vde_object_range_end(&range->id, range->object);

	if (!ret && err)
		ret = vdectl_error("%s", strerror(-err));
	return ret;
}

static int not_sealed(const struct range *range, u64 hwm)
{
	return vdectl_error("%s: only blocks below %" PRIu64 " are sealed",
			    range->path, hwm);
}

static int record_error(const struct range *range, u64 n, const char *why)
{
	return vdectl_error("%s: record %" PRIu64 ": %s", range->path, n, why);
}

static int add_logged(struct range *range, struct vde_log *log)
{
	struct vde_disk_record record;
	enum vde_fault fault;
	u64 n;
	int ret;

	for (n = range->from; n - range->from < range->count; n++) {
		ret = vde_log_read(log, n, &record, &fault);
		if (!ret)
			ret = vde_object_range_add(&range->id, record.digest);
		if (ret)
			return record_error(range, n, fault ?
					    vde_fault_phrase(fault) :
					    strerror(-ret));
	}
	return VDECTL_OK;
}

static int visit_region(const struct vde_volume *volume,
			const struct vde_region *region, void *context)
{
	struct range *range = context;
	u64 hwm = vde_region_hwm(region);
	struct vde_log log;
	int ret;

	if (range->from > hwm || range->count > hwm - range->from)
		return not_sealed(range, hwm);
	ret = vde_log_open(&log, volume, region);
	if (!ret) {
		ret = vde_object_range_begin(&range->id, region->uuid);
		if (ret)
			vde_log_close(&log);
	}
	if (ret)
		return vdectl_error("%s", strerror(-ret));
	ret = end(range, add_logged(range, &log));
	vde_log_close(&log);
	return ret;
}

static int add_records(struct range *range, const struct vde_device *device)
{
	struct vde_ioc_record_entry records[BATCH];
	u64 done = 0;
	u32 count, i;
	int ret;

	while (done < range->count) {
		count = range->count - done < BATCH ? range->count - done :
						      BATCH;
		ret = vde_device_records(device, range->from + done, &count,
					 records);
		if (!ret && !count)
			ret = -ENODATA;
		for (i = 0; !ret && i < count; i++)
			ret = vde_object_range_add(&range->id,
						   records[i].digest);
		if (ret)
			return record_error(range, range->from + done,
					    strerror(-ret));
		done += count;
	}
	return VDECTL_OK;
}

static int ask_device(struct range *range, const char *name)
{
	struct vde_ioc_status status;
	struct vde_device device;
	struct vde_ioc_info info;
	int ret = vdectl_open_device(name, 0, &device, &info);

	if (ret)
		return ret;
	ret = vde_device_status(&device, &status);
	if (ret)
		ret = vdectl_device_error(name, "read its status", ret);
	else if (range->from > status.hwm ||
		 range->count > status.hwm - range->from)
		ret = not_sealed(range, status.hwm);
	else if (vde_object_range_begin(&range->id, info.uuid))
		ret = vdectl_error("%s", strerror(ENOMEM));
	else
		ret = end(range, add_records(range, &device));
	vde_device_close(&device);
	return ret;
}

/**
 * object_of_range - the id of blocks of a WORM region, or say why not
 * @text: NAME|DEVICE:FROM+COUNT
 * @region: WORM region of DEVICE
 * @object: set to the id in guid_t order
 *
 * Return: VDECTL_OK, VDECTL_PROBLEM for a damaged volume, or VDECTL_ERROR.
 */
int object_of_range(const char *text, u64 region, u8 object[16])
{
	struct range range = { .object = object };
	char words[DM_PARAMS_SIZE];
	const char *name;
	u32 minor;

	if ((size_t)snprintf(words, sizeof(words), "%s", text) >=
	    sizeof(words) || parse_range(words, &range))
		return vdectl_error("range '%s' is not NAME:FROM+COUNT or DEVICE:FROM+COUNT, with one block at least",
				    text);
	name = vdectl_plain_name(range.path);
	if (!strchr(name, '/') && !vde_device_find(name, &minor))
		return ask_device(&range, name);
	return vdectl_visit_region(range.path, region, visit_region, &range);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The status of an active device as table, text and JSON. */
#include <inttypes.h>

#include "status.h"
#include "stream.h"

static const char * const counter_names[COUNTERS] = {
	[COUNTER_COMMITTED] = "committed_hwm",
	[COUNTER_RECORDS] = "records",
	[COUNTER_SEALED] = "refused_sealed",
	[COUNTER_GAP] = "refused_gap",
	[COUNTER_FULL] = "refused_full",
	[COUNTER_OP] = "refused_op",
	[COUNTER_CORRUPT] = "corrupt",
	[COUNTER_INFLIGHT] = "inflight_blocks",
};

/**
 * scrub_state_name - a scrub's state as programs know it
 * @state: VDE_IOC_SCRUB_*
 *
 * Return: a word.
 */
const char *scrub_state_name(u32 state)
{
	static const char * const names[] = {
		[VDE_IOC_SCRUB_NEVER] = "never",
		[VDE_IOC_SCRUB_RUNNING] = "running",
		[VDE_IOC_SCRUB_STOPPED] = "stopped",
		[VDE_IOC_SCRUB_DONE] = "done",
		[VDE_IOC_SCRUB_FAILED] = "failed",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

static struct json_object *scrub_json(const struct status *status)
{
	const struct vde_ioc_scrub_status *scrub = &status->scrub;
	struct json_object *object;

	if (!status->has_scrub)
		return NULL;
	object = json_object_new_object();
	json_add_text(object, "state", scrub_state_name(scrub->state));
	json_add_number(object, "from", scrub->from);
	json_add_number(object, "position", scrub->position);
	json_add_number(object, "end", scrub->end);
	json_add_number(object, "corrupted", scrub->corrupted);
	return object;
}

/**
 * status_json - a device's status for programs
 * @status: filled
 *
 * Return: object to print.
 */
struct json_object *status_json(const struct status *status)
{
	struct json_object *object = json_object_new_object();
	u32 i;

	json_add_text(object, "name", status->device->name);
	json_add_text(object, "kind", status->kind);
	json_add_text(object, "device", status->path);
	json_add_bool(object, "suspended", status->device->suspended);
	json_add_text(object, "status", status->device->status);
	if (status->understood) {
		json_add_number(object, "region", status->region);
		json_add_text(object, "mode", status->mode);
	}
	if (status->is_stream) {
		stream_add_json(object, &status->stream, status->asked);
	} else if (status->is_vault) {
		status_add_vault_json(object, status);
	} else if (status->understood) {
		json_add_number(object, "hwm", status->hwm);
		json_add_number(object, "capacity", status->capacity);
		for (i = 0; i < COUNTERS; i++)
			json_add_number(object, counter_names[i],
					status->counters[i]);
	}
	json_add_text(object, "label",
		      status->has_volume ? status->label : NULL);
	json_add_text(object, "volume_uuid",
		      status->has_volume ? status->volume_uuid : NULL);
	json_add_text(object, "region_uuid",
		      *status->region_uuid ? status->region_uuid : NULL);
	json_add_time(object, "last_scrub", status->last_scrub);
	if (status->is_stream || status->is_vault)
		return object;
	if (status->has_retention)
		json_add_retention(object, &status->retention, status->hwm);
	else
		json_add_null(object, "retention_ticks");
	json_object_object_add(object, "scrub", scrub_json(status));
	return object;
}

/* Short enough for a table: a day, or what is said instead of one. */
static const char *expiry_day(char *text, const struct status *status)
{
	const struct vde_retention *retention = &status->retention;
	s64 ticks;

	if (!status->has_retention || !status->hwm)
		return "-";
	if (retention->held)
		return "held";
	if (!retention->remaining)
		return "now";
	if (!vdectl_expiry(retention, status->hwm, &ticks))
		return "never";
	vdectl_second_text(text, ticks);
	text[strcspn(text, "T")] = '\0';
	return text;
}

/**
 * status_print_row - a device as a line of a table
 * @status: filled
 * @first: print the head of the table, too
 */
void status_print_row(const struct status *status, bool first)
{
	char day[VDECTL_TEXT_SIZE];
	char used[48];
	u64 refused;

	if (first)
		printf("%-16s %-6s %6s %25s %12s %8s %8s %8s %-6s %-10s %s\n",
		       "NAME", "KIND", "REGION", "HWM/CAPACITY", "COMMITTED",
		       "REFUSED", "CORRUPT", "INFLIGHT", "MODE", "EXPIRES",
		       "DEVICE");
	if (!status->understood) {
		printf("%-16s %-6s %s\n", status->device->name, status->kind,
		       status->device->status);
		return;
	}
	refused = status->counters[COUNTER_SEALED] +
		  status->counters[COUNTER_GAP] +
		  status->counters[COUNTER_FULL] +
		  status->counters[COUNTER_OP];
	snprintf(used, sizeof(used), "%" PRIu64 "/%" PRIu64, status->hwm,
		 status->capacity);
	printf("%-16s %-6s %6" PRIu64 " %25s %12" PRIu64 " %8" PRIu64
	       " %8" PRIu64 " %8" PRIu64 " %-6s %-10s %s\n",
	       status->device->name, status->kind, status->region, used,
	       status->counters[COUNTER_COMMITTED], refused,
	       status->counters[COUNTER_CORRUPT],
	       status->counters[COUNTER_INFLIGHT], status->mode,
	       expiry_day(day, status), status->path);
}

static void print_retention(const struct status *status)
{
	const struct vde_retention *retention = &status->retention;
	char text[VDECTL_TEXT_SIZE];

	printf("retention:        %s\n",
	       vdectl_duration_text(text, retention->period));
	printf("may expire:       %s\n",
	       vdectl_expiry_text(text, retention, status->hwm));
	printf("legal hold:       %s\n", retention->held ? "yes" : "no");
	printf("resets:           %" PRIu64 "\n", retention->resets);
}

static void print_scrub(const struct status *status)
{
	const struct vde_ioc_scrub_status *scrub = &status->scrub;
	char text[VDECTL_TEXT_SIZE];

	if (status->has_scrub && scrub->state != VDE_IOC_SCRUB_NEVER)
		printf("scrub:            %s at block %" PRIu64 " of %" PRIu64
		       ", %" PRIu64 " damaged\n",
		       scrub_state_name(scrub->state), (u64)scrub->position,
		       (u64)scrub->end, (u64)scrub->corrupted);
	printf("last scrub:       %s\n",
	       vdectl_time_text(text, status->last_scrub));
}

static void print_worm(const struct status *status)
{
	const u64 *counters = status->counters;
	char text[VDECTL_TEXT_SIZE];

	printf("high-water mark:  %" PRIu64 " of %" PRIu64 " blocks (%s sealed)\n",
	       status->hwm, status->capacity,
	       vdectl_size_text(text, status->hwm));
	printf("committed:        %" PRIu64 " blocks\n",
	       counters[COUNTER_COMMITTED]);
	printf("write records:    %" PRIu64 "\n", counters[COUNTER_RECORDS]);
	printf("in flight:        %" PRIu64 " blocks\n",
	       counters[COUNTER_INFLIGHT]);
	printf("refused:          %" PRIu64 " sealed, %" PRIu64 " gap, %" PRIu64
	       " full, %" PRIu64 " op\n", counters[COUNTER_SEALED],
	       counters[COUNTER_GAP], counters[COUNTER_FULL],
	       counters[COUNTER_OP]);
	printf("corrupt reads:    %" PRIu64 "\n", counters[COUNTER_CORRUPT]);
	if (status->has_retention)
		print_retention(status);
	print_scrub(status);
}

/**
 * status_print_details - all about a device
 * @status: filled
 */
void status_print_details(const struct status *status)
{
	printf("name:             %s\n", status->device->name);
	printf("device:           %s\n", status->path);
	if (status->has_volume)
		printf("volume label:     %s\nvolume UUID:      %s\n",
		       status->label, status->volume_uuid);
	if (!status->understood) {
		printf("kind:             %s\nstatus line:      %s\n",
		       status->kind, status->device->status);
		return;
	}
	printf("region:           %s %" PRIu64 "\n", status->kind,
	       status->region);
	printf("region UUID:      %s\n", status->region_uuid);
	printf("mode:             %s%s\n", status->mode,
	       status->device->suspended ? ", suspended" : "");
	if (status->is_stream) {
		stream_print(&status->stream, status->asked);
		return;
	}
	if (status->is_vault) {
		status_print_vault(status);
		return;
	}
	print_worm(status);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of an active device. */
#ifndef VDECTL_STATUS_H
#define VDECTL_STATUS_H

#include "dm.h"

/* Numbers of a worm status line after <hwm>/<capacity>, in its order. */
enum status_counter {
	COUNTER_COMMITTED,
	COUNTER_RECORDS,
	COUNTER_SEALED,
	COUNTER_GAP,
	COUNTER_FULL,
	COUNTER_OP,
	COUNTER_CORRUPT,
	COUNTER_INFLIGHT,
	COUNTERS
};

/**
 * struct status - an active device: what the kernel and its disk say
 * @device: the device
 * @kind: kind of region in its table
 * @is_stream: it is a stream: @stream tells its state
 * @is_vault: it is a vault: @vault does; if it is neither, it is a WORM region, and
 *	@hwm, @capacity and @counters do
 * @understood: it is one of these, and what follows could be read
 * @region: number of the region
 * @hwm: high-water mark
 * @capacity: blocks of data
 * @counters: by enum status_counter
 * @stream: of a stream; from its status line unless @asked
 * @vault: of a vault; from its status line unless @asked
 * @asked: its character device has told @stream, growth, policy and reserve
 *	included, or all of @vault
 * @mode: "rw", "ro" or "failed"
 * @path: the disk beneath
 * @has_volume: the next two were read from it
 * @label: of the volume
 * @volume_uuid: of the volume
 * @region_uuid: of the region, or empty
 * @has_retention: @retention is known
 * @retention: now; if only the newest commit could be read, as of that
 * @has_scrub: @scrub is known
 * @scrub: the scrub since activation
 * @last_scrub: when the last complete scrub ended, 0 = never
 */
struct status {
	const struct dm_device *device;
	char kind[16];
	bool is_stream;
	bool is_vault;
	bool understood;
	u64 region;
	u64 hwm;
	u64 capacity;
	u64 counters[COUNTERS];
	struct vde_ioc_stream_status stream;
	struct vde_ioc_vault_status vault;
	bool asked;
	char mode[16];
	char path[DM_PARAMS_SIZE];
	bool has_volume;
	char label[VDECTL_TEXT_SIZE];
	char volume_uuid[VDE_UUID_TEXT_SIZE];
	char region_uuid[VDE_UUID_TEXT_SIZE];
	bool has_retention;
	struct vde_retention retention;
	bool has_scrub;
	struct vde_ioc_scrub_status scrub;
	s64 last_scrub;
};

/* status_show.c */
const char *scrub_state_name(u32 state);
struct json_object *status_json(const struct status *status);
void status_print_row(const struct status *status, bool first);
void status_print_details(const struct status *status);

/* status_stream.c */
bool status_parse_stream(struct status *status);
void status_print_stream_row(const struct status *status, bool first);

/* status_vault.c */
bool status_parse_vault(struct status *status);
void status_print_vault_row(const struct status *status, bool first);
void status_print_vault(const struct status *status);
void status_add_vault_json(struct json_object *object,
			   const struct status *status);

#endif /* VDECTL_STATUS_H */

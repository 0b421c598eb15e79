// SPDX-License-Identifier: GPL-2.0-only
/* The status of an active stream as text and JSON. */
#include <inttypes.h>

#include "stream.h"

/**
 * stream_mode_name - a mode as programs know it
 * @mode: VDE_IOC_MODE_*
 *
 * Return: a word.
 */
const char *stream_mode_name(u32 mode)
{
	static const char * const names[] = {
		[VDE_IOC_MODE_RW] = "rw",
		[VDE_IOC_MODE_RO] = "ro",
		[VDE_IOC_MODE_FAILED] = "failed",
	};

	return mode < ARRAY_SIZE(names) ? names[mode] : "unknown";
}

/**
 * stream_policy_name - a policy as programs know it
 * @policy: VDE_IOC_STREAM_*
 *
 * Return: a word.
 */
const char *stream_policy_name(u32 policy)
{
	return policy <= VDE_RING_STOP ? vde_ring_policy_name(policy) :
					 "unknown";
}

static double percent(u64 part, u64 whole)
{
	return whole ? 100.0 * part / whole : 0;
}

/**
 * stream_print - a stream's status as text
 * @status: of the stream
 * @asked: the character device was asked; else the status line, which does not
 *	tell growth, policy and reserve
 */
void stream_print(const struct vde_ioc_stream_status *status, bool asked)
{
	u64 entries = status->head - status->tail;
	char text[VDECTL_TEXT_SIZE];

	printf("head:             %" PRIu64 " (committed %" PRIu64 ")\n",
	       (u64)status->head, (u64)status->committed);
	printf("tail:             %" PRIu64 "\n", (u64)status->tail);
	printf("holds:            %" PRIu64 " of %" PRIu64 " blocks (%s, %.1f%%)\n",
	       entries, (u64)status->capacity, vdectl_size_text(text, entries),
	       percent(entries, status->capacity));
	printf("allocated:        %" PRIu64 " blocks (%s, %.1f%%)\n",
	       (u64)status->allocated,
	       vdectl_size_text(text, status->allocated),
	       percent(status->allocated, status->capacity));
	printf("lost:             %" PRIu64 " blocks\n", (u64)status->lost);
	if (asked) {
		printf("growth:           %u blocks\n", status->growth);
		printf("policy:           %s\n", stream_policy_name(status->policy));
		printf("reserve:          %" PRIu64 " blocks\n",
		       (u64)status->reserve);
	}
	printf("in flight:        %" PRIu64 " blocks\n", (u64)status->inflight);
	printf("refused:          %" PRIu64 " sealed, %" PRIu64 " gap, %" PRIu64
	       " full, %" PRIu64 " op\n", (u64)status->refused_sealed,
	       (u64)status->refused_gap, (u64)status->refused_full,
	       (u64)status->refused_op);
}

/**
 * stream_add_json - a stream's status for programs
 * @object: to extend
 * @status: of the stream
 * @asked: as for stream_print()
 */
void stream_add_json(struct json_object *object,
		     const struct vde_ioc_stream_status *status, bool asked)
{
	json_add_number(object, "head", status->head);
	json_add_number(object, "tail", status->tail);
	json_add_number(object, "entries", status->head - status->tail);
	json_add_number(object, "capacity", status->capacity);
	json_add_number(object, "allocated", status->allocated);
	json_add_number(object, "committed_head", status->committed);
	json_add_number(object, "lost", status->lost);
	if (asked) {
		json_add_text(object, "policy", stream_policy_name(status->policy));
		json_add_number(object, "growth", status->growth);
		json_add_number(object, "reserve", status->reserve);
	} else {
		json_add_null(object, "policy");
		json_add_null(object, "growth");
		json_add_null(object, "reserve");
	}
	json_add_number(object, "refused_sealed", status->refused_sealed);
	json_add_number(object, "refused_gap", status->refused_gap);
	json_add_number(object, "refused_full", status->refused_full);
	json_add_number(object, "refused_op", status->refused_op);
	json_add_number(object, "inflight_blocks", status->inflight);
}

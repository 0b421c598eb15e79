// SPDX-License-Identifier: GPL-2.0-only
/* The status of an active stream: its status line, and how it is shown. */
#include <inttypes.h>
#include <stddef.h>

#include "status.h"
#include "stream.h"

/* Numbers of a stream's status line after <allocated>/<capacity>, in its order. */
static const size_t numbers[] = {
	offsetof(struct vde_ioc_stream_status, committed),
	offsetof(struct vde_ioc_stream_status, lost),
	offsetof(struct vde_ioc_stream_status, refused_sealed),
	offsetof(struct vde_ioc_stream_status, refused_gap),
	offsetof(struct vde_ioc_stream_status, refused_full),
	offsetof(struct vde_ioc_stream_status, refused_op),
	offsetof(struct vde_ioc_stream_status, inflight),
};

static bool parse_word(const char *line, u32 n, u64 *number)
{
	char word[64];

	return table_word(line, n, word, sizeof(word)) &&
	       !vdectl_parse_number(word, number);
}

/**
 * status_parse_stream - read a stream's status line
 * @status: @device is set; @region, @stream and @mode are filled
 *
 * It is <region> <head> <tail> <allocated>/<capacity> <numbers...> <mode>, maybe
 * with more one day.
 *
 * Return: false if it is something else.
 */
bool status_parse_stream(struct status *status)
{
	struct vde_ioc_stream_status *stream = &status->stream;
	const char *line = status->device->status;
	u64 allocated, capacity, head, tail, number;
	char word[64];
	u32 i;

	if (!parse_word(line, 0, &status->region) ||
	    !parse_word(line, 1, &head) || !parse_word(line, 2, &tail) ||
	    !table_word(line, 3, word, sizeof(word)) ||
	    sscanf(word, "%" SCNu64 "/%" SCNu64, &allocated, &capacity) != 2)
		return false;
	stream->head = head;
	stream->tail = tail;
	stream->allocated = allocated;
	stream->capacity = capacity;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!parse_word(line, 4 + i, &number))
			return false;
		*(__u64 *)((void *)stream + numbers[i]) = number;
	}
	return table_word(line, 4 + ARRAY_SIZE(numbers), status->mode,
			  sizeof(status->mode));
}

/**
 * status_print_stream_row - a stream as a line of a table
 * @status: filled and understood
 * @first: print the head of the table, too
 */
void status_print_stream_row(const struct status *status, bool first)
{
	const struct vde_ioc_stream_status *stream = &status->stream;
	char allocated[48];
	u64 refused;

	if (first)
		printf("%-16s %-6s %6s %12s %12s %25s %10s %8s %8s %-9s %-6s %s\n",
		       "NAME", "KIND", "REGION", "HEAD", "TAIL",
		       "ALLOCATED/CAPACITY", "LOST", "REFUSED", "INFLIGHT",
		       "POLICY", "MODE", "DEVICE");
	refused = stream->refused_sealed + stream->refused_gap +
		  stream->refused_full + stream->refused_op;
	snprintf(allocated, sizeof(allocated), "%" PRIu64 "/%" PRIu64,
		 (u64)stream->allocated, (u64)stream->capacity);
	printf("%-16s %-6s %6" PRIu64 " %12" PRIu64 " %12" PRIu64
	       " %25s %10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %-9s %-6s %s\n",
	       status->device->name, status->kind, status->region,
	       (u64)stream->head, (u64)stream->tail, allocated,
	       (u64)stream->lost, refused, (u64)stream->inflight,
	       status->asked ? stream_policy_name(stream->policy) : "-",
	       status->mode, status->path);
}

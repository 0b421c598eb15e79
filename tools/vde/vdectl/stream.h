/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verbs of 'vdectl stream' share. */
#ifndef VDECTL_STREAM_H
#define VDECTL_STREAM_H

#include "vdectl.h"

extern const struct vdectl_command vdectl_stream_append;
extern const struct vdectl_command vdectl_stream_cat;
extern const struct vdectl_command vdectl_stream_tail;
extern const struct vdectl_command vdectl_stream_consume;
extern const struct vdectl_command vdectl_stream_reset;
extern const struct vdectl_command vdectl_stream_status;
extern const struct vdectl_command vdectl_stream_watch;

/* stream_show.c */
const char *stream_mode_name(u32 mode);
const char *stream_policy_name(u32 policy);
void stream_print(const struct vde_ioc_stream_status *status, bool asked);
void stream_add_json(struct json_object *object,
		     const struct vde_ioc_stream_status *status, bool asked);

/* stream_reader.c */

/**
 * struct stream_reader - a stream's blocks on their way to standard output
 * @name: the device
 * @device: its character device, O_NONBLOCK
 * @buffer: for a piece
 * @position: of the next block
 * @head: of the stream when it was opened, or when blocks were last lost
 * @overrun: what the kernel has counted for this file
 * @blocks: written so far
 * @lost: blocks that were overwritten before they could be read
 * @reset: the stream was reset meanwhile
 * @chosen: the user has chosen the first position
 */
struct stream_reader {
	const char *name;
	struct vde_device device;
	void *buffer;
	u64 position;
	u64 head;
	u64 overrun;
	u64 blocks;
	u64 lost;
	bool reset;
	bool chosen;
};

/* First positions that are no numbers. */
#define STREAM_FROM_TAIL	U64_MAX
#define STREAM_FROM_HEAD	(U64_MAX - 1)

int stream_reader_copy(struct stream_reader *reader, u64 most);
int stream_reader_run(const struct vdectl_command *command, int argc,
		      char **argv, u64 from,
		      int (*copy)(struct stream_reader *reader, u64 count));

#endif /* VDECTL_STREAM_H */

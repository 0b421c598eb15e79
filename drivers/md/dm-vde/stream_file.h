/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_STREAM_FILE_H
#define VDE_STREAM_FILE_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/wait.h>

struct iov_iter;
struct vde_stream;

/**
 * struct vde_stream_file - an open file that reads a stream
 * @lock: protects the next three
 * @position: what is read next, in bytes; the VFS moves f_pos as it likes, also
 *	when it splices into the file
 * @epoch: of the stream that the position belongs to
 * @overrun: blocks that were lost before they were read
 * @wait: woken when more can be read
 * @gone: the region is being closed; woken too
 */
struct vde_stream_file {
	struct mutex lock;	/* of what follows */
	u64 position;
	u64 epoch;
	u64 overrun;
	wait_queue_head_t *wait;
	bool *gone;
};

void vde_stream_file_open(struct vde_stream_file *reader,
			  struct vde_stream *stream);
ssize_t vde_stream_file_read(struct vde_stream_file *reader,
			     struct vde_stream *stream, bool may_wait,
			     bool begun, struct iov_iter *to, bool *fault);
loff_t vde_stream_file_seek(struct vde_stream_file *reader,
			    struct vde_stream *stream, loff_t offset,
			    int whence);
u64 vde_stream_file_position(struct vde_stream_file *reader,
			     struct vde_stream *stream);
__poll_t vde_stream_file_poll(struct vde_stream_file *reader,
			      struct vde_stream *stream);
int vde_stream_file_wait(struct vde_stream_file *reader,
			 struct vde_stream *stream, u64 position,
			 u64 timeout_ms);

#endif /* VDE_STREAM_FILE_H */

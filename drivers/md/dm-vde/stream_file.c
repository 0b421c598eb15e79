// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that read a stream: each has its position, waits at the head, and is
 * told once when what it was about to read is gone.
 */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "stream.h"
#include "stream_file.h"

static u64 next_block(const struct vde_stream_file *reader)
{
	return READ_ONCE(reader->position) >> VDE_BLOCK_SHIFT;
}

static void move(struct vde_stream_file *reader, u64 byte, u64 epoch)
{
	WRITE_ONCE(reader->position, byte);
	WRITE_ONCE(reader->epoch, epoch);
}

/**
 * vde_stream_file_open - start at the tail
 * @reader: to set up; its wait queue is set
 * @stream: active stream
 */
void vde_stream_file_open(struct vde_stream_file *reader,
			  struct vde_stream *stream)
{
	struct vde_ring ring;
	u64 epoch;

	mutex_init(&reader->lock);
	epoch = vde_stream_state(stream, &ring);
	move(reader, ring.tail << VDE_BLOCK_SHIFT, epoch);
}

/* Is there anything to say to the reader: data, or that it has lost some? */
static bool has_news(struct vde_stream_file *reader, struct vde_stream *stream)
{
	struct vde_ring ring;

	return READ_ONCE(*reader->gone) ||
	       vde_stream_state(stream, &ring) != READ_ONCE(reader->epoch) ||
	       ring.head > next_block(reader);
}

/* Is the file's position neither in the ring nor at its head? */
static bool is_overrun(const struct vde_stream_file *reader,
		       const struct vde_ring *ring, u64 epoch)
{
	return epoch != reader->epoch || next_block(reader) < ring->tail;
}

/* How much was lost, if anything; the reader goes on at the tail. */
static int check_overrun(struct vde_stream_file *reader,
			 struct vde_stream *stream)
{
	struct vde_ring ring;
	u64 epoch;

	epoch = vde_stream_state(stream, &ring);
	if (!is_overrun(reader, &ring, epoch))
		return 0;
	if (epoch == reader->epoch)
		reader->overrun += ring.tail - next_block(reader);
	move(reader, ring.tail << VDE_BLOCK_SHIFT, epoch);
	return -ENODATA;
}

static int wait_for_data(struct vde_stream_file *reader,
			 struct vde_stream *stream, bool may_wait)
{
	if (!has_news(reader, stream)) {
		if (!may_wait)
			return -EAGAIN;
		if (wait_event_interruptible(*reader->wait,
					     has_news(reader, stream)))
			return -ERESTARTSYS;
	}
	if (READ_ONCE(*reader->gone))
		return -ENODEV;
	return check_overrun(reader, stream);
}

static ssize_t read_some(struct vde_stream_file *reader,
			 struct vde_stream *stream, struct iov_iter *to)
{
	ssize_t ret = vde_stream_read(stream, reader->position, reader->epoch,
				      to);

	if (ret > 0)
		move(reader, reader->position + ret, reader->epoch);
	return ret;
}

/* Is there more to read at once? Of a loss, the next call tells. */
static bool has_more(struct vde_stream_file *reader, struct vde_stream *stream)
{
	struct vde_ring ring;
	u64 epoch;

	epoch = vde_stream_state(stream, &ring);
	return !is_overrun(reader, &ring, epoch) &&
	       next_block(reader) < ring.head;
}

static ssize_t read_first(struct vde_stream_file *reader,
			  struct vde_stream *stream, bool may_wait,
			  struct iov_iter *to)
{
	ssize_t ret = wait_for_data(reader, stream, may_wait);

	if (ret)
		return ret;
	ret = read_some(reader, stream, to);
	/* What was there a moment ago may be gone. */
	return ret == -ENODATA ? check_overrun(reader, stream) : ret;
}

static ssize_t read_all(struct vde_stream_file *reader,
			struct vde_stream *stream, bool may_wait, bool begun,
			struct iov_iter *to, bool *fault)
{
	ssize_t total = 0;
	ssize_t ret = 0;

	if (!begun) {
		ret = read_first(reader, stream, may_wait, to);
		total = ret;
	}
	while (ret >= 0 && iov_iter_count(to) && !signal_pending(current) &&
	       has_more(reader, stream)) {
		ret = read_some(reader, stream, to);
		if (ret > 0)
			total += ret;
	}
	*fault = ret == -EFAULT;
	return total;
}

/**
 * vde_stream_file_read - read from the file's position
 * @reader: the file's
 * @stream: its stream, active
 * @may_wait: wait at the head
 * @begun: what was read before the memory was not there goes on
 * @to: where to
 * @fault: set to whether it ended since the memory was not there
 *
 * Return: bytes read, 0 only if none were asked for, or no more are there;
 * -ENODATA once when blocks were lost before they could be read, or the stream
 * was reset; -EAGAIN; -ENODEV; -ERESTARTSYS; -EFAULT when the memory is not
 * there now; -ENOMEM; or what the disk beneath says.
 */
ssize_t vde_stream_file_read(struct vde_stream_file *reader,
			     struct vde_stream *stream, bool may_wait,
			     bool begun, struct iov_iter *to, bool *fault)
{
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	ret = read_all(reader, stream, may_wait, begun, to, fault);
	mutex_unlock(&reader->lock);
	return ret;
}

/* Where is that? Nowhere, relative to a position from before a reset. */
static loff_t find(const struct vde_stream_file *reader,
		   const struct vde_ring *ring, u64 epoch, loff_t offset,
		   int whence)
{
	loff_t base = 0, target;

	if (whence > SEEK_END)
		return -EINVAL;
	if (whence == SEEK_CUR && epoch != reader->epoch)
		return -ENXIO;
	if (whence == SEEK_CUR)
		base = reader->position;
	else if (whence == SEEK_END)
		base = ring->head << VDE_BLOCK_SHIFT;
	if (check_add_overflow(base, offset, &target) ||
	    target < (loff_t)(ring->tail << VDE_BLOCK_SHIFT) ||
	    target > (loff_t)(ring->head << VDE_BLOCK_SHIFT))
		return -ENXIO;
	return target;
}

/**
 * vde_stream_file_seek - move the file's position
 * @reader: the file's
 * @stream: its stream, active
 * @offset: bytes
 * @whence: SEEK_SET, SEEK_CUR or SEEK_END; the end is the head
 *
 * Return: the new position; -ENXIO when it is not in [tail, head], or relative
 * to one from before a reset of which the file has not been told; -EINVAL;
 * -ERESTARTSYS.
 */
loff_t vde_stream_file_seek(struct vde_stream_file *reader,
			    struct vde_stream *stream, loff_t offset,
			    int whence)
{
	struct vde_ring ring;
	loff_t target;
	u64 epoch;

	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	epoch = vde_stream_state(stream, &ring);
	target = find(reader, &ring, epoch, offset, whence);
	if (target >= 0)
		move(reader, target, epoch);
	mutex_unlock(&reader->lock);
	return target;
}

/**
 * vde_stream_file_position - what will be read next?
 * @reader: the file's
 * @stream: its stream, active
 *
 * Return: position of the block; the tail if the stream was reset and the file
 * has not been told yet.
 */
u64 vde_stream_file_position(struct vde_stream_file *reader,
			     struct vde_stream *stream)
{
	struct vde_ring ring;

	if (vde_stream_state(stream, &ring) != READ_ONCE(reader->epoch))
		return ring.tail;
	return next_block(reader);
}

/**
 * vde_stream_file_poll - can the file be read?
 * @reader: the file's, registered with its wait queue by the caller
 * @stream: its stream, active
 *
 * Return: EPOLLIN if a read would not wait.
 */
__poll_t vde_stream_file_poll(struct vde_stream_file *reader,
			      struct vde_stream *stream)
{
	return has_news(reader, stream) ? EPOLLIN | EPOLLRDNORM : 0;
}

static bool has_passed(struct vde_stream_file *reader,
		       struct vde_stream *stream, u64 position, u64 epoch)
{
	struct vde_ring ring;

	return READ_ONCE(*reader->gone) ||
	       vde_stream_state(stream, &ring) != epoch ||
	       ring.head > position;
}

/**
 * vde_stream_file_wait - wait until the head has moved past a position
 * @reader: the file's
 * @stream: its stream, active
 * @position: in blocks
 * @timeout_ms: in milliseconds; U64_MAX for no limit
 *
 * Return: 0; -ETIMEDOUT; -ECANCELED when the stream was reset meanwhile;
 * -ENODEV; -ERESTARTSYS.
 */
int vde_stream_file_wait(struct vde_stream_file *reader,
			 struct vde_stream *stream, u64 position,
			 u64 timeout_ms)
{
	long timeout = MAX_SCHEDULE_TIMEOUT - 1;
	struct vde_ring ring;
	u64 epoch;
	long left;

	if (timeout_ms < jiffies_to_msecs(timeout))
		timeout = msecs_to_jiffies(timeout_ms);
	epoch = vde_stream_state(stream, &ring);
	left = wait_event_interruptible_timeout(*reader->wait,
						has_passed(reader, stream,
							   position, epoch),
						timeout);
	if (left < 0)
		return left;
	if (READ_ONCE(*reader->gone))
		return -ENODEV;
	if (vde_stream_state(stream, &ring) != epoch)
		return -ECANCELED;
	return ring.head > position ? 0 : -ETIMEDOUT;
}

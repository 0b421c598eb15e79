// SPDX-License-Identifier: GPL-2.0-only
/* Copying a stream's blocks to standard output, and telling of those lost. */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream.h"

#define PIECE_BLOCKS 256U

/* A position, "tail" or "head". Return: 0 or -EINVAL. */
static int parse_from(const char *text, u64 *from)
{
	if (!strcmp(text, "tail"))
		*from = STREAM_FROM_TAIL;
	else if (!strcmp(text, "head"))
		*from = STREAM_FROM_HEAD;
	else if (vdectl_parse_number(text, from) || *from >= STREAM_FROM_HEAD)
		return -EINVAL;
	return 0;
}

/* Where the open file is now, as the kernel says. */
static int update(struct stream_reader *reader,
		  struct vde_ioc_stream_status *status)
{
	int ret = vde_device_stream_status(&reader->device, status);

	if (ret)
		return ret;
	reader->position = status->position;
	reader->head = status->head;
	return 0;
}

/* An open file is at the tail. */
static int go_to(struct stream_reader *reader, u64 from)
{
	struct vde_ioc_stream_status status;
	int sought = 0;
	int ret;

	if (from == STREAM_FROM_HEAD)
		sought = vde_device_seek(&reader->device, U64_MAX);
	else if (from != STREAM_FROM_TAIL)
		sought = vde_device_seek(&reader->device, from);
	if (sought && sought != -ENXIO)
		return vdectl_device_error(reader->name, "seek", sought);
	ret = update(reader, &status);
	if (ret)
		return vdectl_device_error(reader->name, "read its status",
					   ret);
	if (sought)
		return vdectl_error("%s: position %" PRIu64 " is not in the stream, which holds %" PRIu64
				    " up to %" PRIu64, reader->name, from,
				    (u64)status.tail, (u64)status.head);
	return VDECTL_OK;
}

static void close_reader(struct stream_reader *reader)
{
	free(reader->buffer);
	vde_device_close(&reader->device);
}

static int open_reader(struct stream_reader *reader, const char *name, u64 from)
{
	int ret = vdectl_open_stream(name, 0, &reader->device);

	if (ret)
		return ret;
	reader->name = name;
	reader->chosen = from != STREAM_FROM_TAIL;
	reader->buffer = vde_alloc_blocks(PIECE_BLOCKS);
	if (!reader->buffer)
		ret = vdectl_error("%s", strerror(ENOMEM));
	else if (fcntl(reader->device.fd, F_SETFL, O_NONBLOCK))
		ret = vdectl_error("%s: %s", name, strerror(errno));
	else
		ret = go_to(reader, from);
	if (ret)
		close_reader(reader);
	return ret;
}

/*
 * What happened that the kernel has gone on at the tail. Without a position that
 * the user chose, the first block is whichever is the oldest by then.
 */
static int note_loss(struct stream_reader *reader)
{
	u64 position = reader->position;
	struct vde_ioc_stream_status status;
	u64 lost;
	int ret = update(reader, &status);

	if (ret)
		return vdectl_device_error(reader->name, "read its status",
					   ret);
	lost = status.overrun - reader->overrun;
	reader->overrun = status.overrun;
	if (!lost) {
		reader->reset = true;
		vdectl_error("%s was reset: positions start at 0 again",
			     reader->name);
		return VDECTL_OK;
	}
	if (!reader->chosen && !reader->blocks)
		return VDECTL_OK;
	reader->lost += lost;
	vdectl_error("%s: %" PRIu64 " block(s) from position %" PRIu64
		     " were lost before they could be read", reader->name,
		     lost, position);
	return VDECTL_OK;
}

/* Return: 0; negative errno of write(2), -EINTR only if a signal should end it. */
static int write_out(const void *data, size_t left)
{
	ssize_t done;

	while (left) {
		done = write(STDOUT_FILENO, data, left);
		if (done < 0 && errno == EINTR && !vdectl_interrupted())
			continue;
		if (done < 0)
			return -errno;
		data += done;
		left -= done;
	}
	return 0;
}

/**
 * stream_reader_copy - copy a piece, or say that some were lost
 * @reader: opened
 * @most: blocks at most, from 1
 *
 * Return: VDECTL_OK; -EAGAIN at the head; -EINTR; VDECTL_ERROR after a message.
 */
int stream_reader_copy(struct stream_reader *reader, u64 most)
{
	u64 blocks = most < PIECE_BLOCKS ? most : PIECE_BLOCKS;
	int ret;

	ret = vde_device_read(&reader->device, reader->buffer, &blocks);
	if (ret == -ENODATA)
		return note_loss(reader);
	if (ret == -EAGAIN || ret == -EINTR)
		return ret;
	/* A stream has no end. */
	if (!ret && !blocks)
		ret = -EIO;
	if (ret)
		return vdectl_device_error(reader->name, "read", ret);
	reader->position += blocks;
	ret = write_out(reader->buffer, blocks << VDE_BLOCK_SHIFT);
	if (ret == -EINTR)
		return ret;
	if (ret)
		return vdectl_error("writing output: %s", strerror(-ret));
	reader->blocks += blocks;
	return VDECTL_OK;
}

static int run(const char *name, u64 from, u64 count,
	       int (*copy)(struct stream_reader *reader, u64 count))
{
	struct stream_reader reader = {};
	int ret = open_reader(&reader, name, from);

	if (ret)
		return ret;
	ret = copy(&reader, count);
	close_reader(&reader);
	return ret;
}

/**
 * stream_reader_run - run a verb that copies blocks
 * @command: the verb, with the options --from, --count and --help
 * @argc: of its command line
 * @argv: of its command line
 * @from: where it begins unless told otherwise
 * @copy: copies @count blocks at most; returns the exit status
 *
 * Return: exit status.
 */
int stream_reader_run(const struct vdectl_command *command, int argc,
		      char **argv, u64 from,
		      int (*copy)(struct stream_reader *reader, u64 count))
{
	static const struct option long_options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	u64 count = U64_MAX;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'f') {
			if (parse_from(optarg, &from))
				return vdectl_usage(command, "'%s' is no position",
						    optarg);
		} else if (option == 'c') {
			if (vdectl_parse_number(optarg, &count))
				return vdectl_usage(command, "'%s' is not a number",
						    optarg);
		} else {
			return vdectl_usage(command, NULL);
		}
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	return run(vdectl_plain_name(argv[optind]), from, count, copy);
}

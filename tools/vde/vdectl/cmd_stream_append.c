// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream append: write a file or standard input at the head. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "progress.h"
#include "stream.h"

/* Pieces are small beside the ring, so that who follows it is not overrun. */
#define PIECE_BLOCKS	256U
#define PIECES_PER_RING	8U

/*
 * An append under way. @total tells how many blocks there are, 0 if that is not
 * known. @held bytes are in @buffer, which has room for @room blocks. @blocks
 * have been written, from @first on up to @end, perhaps with others' between
 * them.
 */
struct append {
	const char *name;
	struct vdectl_input input;
	struct vde_device device;
	bool pad;
	bool sync;
	bool json;
	u64 total;
	u64 room;
	u8 *buffer;
	u64 held;
	bool ended;
	u64 padding;
	u64 first;
	u64 end;
	u64 blocks;
	struct progress progress;
};

/*
 * Whole blocks do not wait for more to come: somebody may be following. Return:
 * 0; -EINTR; the negative errno of read(2).
 */
static int fill(struct append *append)
{
	struct pollfd input = { .fd = append->input.fd, .events = POLLIN };
	u64 size = append->room << VDE_BLOCK_SHIFT;
	ssize_t done;
	int ret;

	while (append->held < size && !append->ended) {
		ret = vdectl_wait(&input, 1,
				  append->held < VDE_BLOCK_SIZE ? -1 : 0);
		if (ret <= 0)
			return ret;
		done = read(append->input.fd, append->buffer + append->held,
			    size - append->held);
		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		append->ended = !done;
		append->held += done > 0 ? done : 0;
	}
	return 0;
}

/* Room in a ring that stops when it is full; 0 also if it cannot be told. */
static u64 free_blocks(const struct append *append)
{
	struct vde_ioc_stream_status status;

	if (vde_device_stream_status(&append->device, &status) ||
	    status.policy != VDE_IOC_STREAM_STOP)
		return 0;
	return status.capacity - (status.head - status.tail);
}

static int put(struct append *append, const u8 *data, u64 blocks)
{
	u64 position;
	u64 written;
	int ret;

	do {
		ret = vde_device_append(&append->device, data,
					blocks << VDE_BLOCK_SHIFT, &position,
					&written);
	} while (ret == -EINTR && !vdectl_interrupted());
	if (ret)
		return ret;
	if (!append->blocks)
		append->first = position;
	append->end = position + blocks;
	append->blocks += blocks;
	progress_show(&append->progress, append->blocks, append->total);
	return 0;
}

/* What does not fit as a whole is written as far as it does. */
static int put_all(struct append *append, const u8 *data, u64 left)
{
	u64 blocks;
	int ret;

	while (left) {
		blocks = left;
		ret = put(append, data, blocks);
		if (ret == -ENOSPC) {
			blocks = free_blocks(append);
			if (!blocks || blocks >= left)
				return ret;
			ret = put(append, data, blocks);
		}
		if (ret)
			return ret;
		data += blocks << VDE_BLOCK_SHIFT;
		left -= blocks;
	}
	return 0;
}

static int put_error(struct append *append, int err)
{
	progress_clear(&append->progress);
	switch (err) {
	case -EINTR:
		return vdectl_error("interrupted: %" PRIu64 " blocks were appended",
				    append->blocks);
	case -ENOSPC:
		return vdectl_error("%s is full until blocks are consumed: %" PRIu64
				    " blocks were appended, and the rest of %s was not",
				    append->name, append->blocks,
				    append->input.name);
	case -EROFS:
		return vdectl_error("%s is read-only: %" PRIu64
				    " blocks were appended", append->name,
				    append->blocks);
	case -EIO:
		return vdectl_error("%s: %" PRIu64 " blocks were appended, then the disk beneath failed; see 'vdectl stream status %s' and dmesg",
				    append->name, append->blocks, append->name);
	default:
		vdectl_device_error(append->name, "append", err);
		return vdectl_error("%" PRIu64 " blocks were appended",
				    append->blocks);
	}
}

static int partial_error(struct append *append, u64 bytes)
{
	progress_clear(&append->progress);
	return vdectl_error("%s ends with a partial block of %" PRIu64
			    " bytes, which --pad would fill with zeros: %" PRIu64
			    " blocks were appended", append->input.name, bytes,
			    append->blocks);
}

/* The input has ended with a partial block, or none. */
static int put_rest(struct append *append)
{
	u64 padding = VDE_BLOCK_SIZE - append->held;
	int ret;

	if (!append->held)
		return VDECTL_OK;
	if (!append->pad)
		return partial_error(append, append->held);
	memset(append->buffer + append->held, 0, padding);
	ret = put_all(append, append->buffer, 1);
	if (ret)
		return put_error(append, ret);
	append->padding = padding;
	return VDECTL_OK;
}

static int put_input(struct append *append)
{
	u64 blocks;
	int ret;

	while (!append->ended) {
		ret = fill(append);
		if (ret == -EINTR)
			return put_error(append, ret);
		if (ret) {
			progress_clear(&append->progress);
			return vdectl_error("%s: %s: %" PRIu64 " blocks were appended",
					    append->input.name, strerror(-ret),
					    append->blocks);
		}
		blocks = append->held >> VDE_BLOCK_SHIFT;
		ret = put_all(append, append->buffer, blocks);
		if (ret)
			return put_error(append, ret);
		append->held %= VDE_BLOCK_SIZE;
		memmove(append->buffer,
			append->buffer + (blocks << VDE_BLOCK_SHIFT),
			append->held);
	}
	return put_rest(append);
}

static void print_json(const struct append *append, bool complete, bool durable)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "name", append->name);
	json_add_bool(object, "complete", complete);
	json_add_bool(object, "durable", durable);
	json_add_number(object, "blocks", append->blocks);
	if (append->blocks) {
		json_add_number(object, "first", append->first);
		json_add_number(object, "end", append->end);
	} else {
		json_add_null(object, "first");
		json_add_null(object, "end");
	}
	json_add_number(object, "padding_bytes", append->padding);
	json_print(object);
}

static void print_text(const struct append *append)
{
	u64 others = append->end - append->first - append->blocks;

	if (!append->blocks) {
		puts("nothing was appended");
		return;
	}
	printf("positions %" PRIu64 "..%" PRIu64 ": %" PRIu64 " blocks",
	       append->first, append->end - 1, append->blocks);
	if (others)
		printf(", with %" PRIu64 " of others between them", others);
	if (append->padding)
		printf(", the last one with %" PRIu64 " bytes of padding",
		       append->padding);
	putchar('\n');
}

/* What was written before an error is made durable and reported, too. */
static int finish(struct append *append, int ret)
{
	bool complete = !ret;
	int err = 0;

	progress_clear(&append->progress);
	if (append->sync && append->blocks)
		err = vde_device_sync(&append->device);
	if (append->json)
		print_json(append, complete, append->sync && !err);
	else
		print_text(append);
	if (err)
		ret = vdectl_error("%s: appended, but not durable: %s",
				   append->name, strerror(-err));
	return ret;
}

static int append_all(struct append *append)
{
	struct vde_ioc_stream_status status;
	int ret;

	ret = vde_device_stream_status(&append->device, &status);
	if (ret)
		return vdectl_device_error(append->name, "read its status",
					   ret);
	append->room = status.capacity / PIECES_PER_RING;
	if (append->room > PIECE_BLOCKS)
		append->room = PIECE_BLOCKS;
	if (!append->room)
		append->room = 1;
	append->buffer = vde_alloc_blocks(append->room);
	if (!append->buffer)
		return vdectl_error("%s", strerror(ENOMEM));
	vdectl_catch_interrupt();
	progress_start(&append->progress);
	ret = finish(append, put_input(append));
	free(append->buffer);
	return ret;
}

/* Of a regular file it can be told before anything is written. */
static int check_input(struct append *append)
{
	u64 size = append->input.size;

	append->total = size >> VDE_BLOCK_SHIFT;
	return size % VDE_BLOCK_SIZE && !append->pad ?
	       partial_error(append, size % VDE_BLOCK_SIZE) : VDECTL_OK;
}

static int append_input(struct append *append)
{
	int ret = check_input(append);

	if (ret)
		return ret;
	ret = vdectl_open_stream(append->name, VDE_OPEN_WRITE, &append->device);
	if (ret)
		return ret;
	ret = append_all(append);
	vde_device_close(&append->device);
	return ret;
}

static int append_file(struct append *append, const char *path)
{
	int ret = vdectl_input_open(path, &append->input);

	if (ret)
		return ret;
	ret = append_input(append);
	vdectl_input_close(&append->input);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "pad", no_argument, NULL, 'p' },
		{ "no-sync", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct append append = { .sync = true };
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'p')
			append.pad = true;
		else if (option == 'n')
			append.sync = false;
		else if (option == 'j')
			append.json = true;
		else
			return vdectl_usage(command, NULL);
	}
	if (argc - optind < 1 || argc - optind > 2)
		return vdectl_usage(command, "give NAME and one FILE at most");
	append.name = vdectl_plain_name(argv[optind]);
	return append_file(&append, argv[optind + 1]);
}

const struct vdectl_command vdectl_stream_append = {
	.name = "stream append",
	.summary = "write a file or standard input at the head",
	.help =
"NAME [FILE|-] [--pad] [--no-sync] [--json]\n"
"\n"
"Write FILE, or standard input, at the head of the active stream NAME and print the\n"
"positions. Whole blocks are written as soon as they are there.\n"
"\n"
"  --pad      fill a partial last block with zeros; without it, it is an error\n"
"  --no-sync  do not wait until it is durable\n"
"  --json     print JSON\n"
"  --help     show this text\n"
"\n"
"When a stream with the policy 'stop' is full this ends with an error that tells how\n"
"many blocks were written.\n",
	.run = run,
};

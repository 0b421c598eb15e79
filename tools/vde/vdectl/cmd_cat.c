// SPDX-License-Identifier: GPL-2.0-only
/* vdectl cat: what was sealed, to the byte. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "vdectl.h"

#define CHUNK_BLOCKS 2048U

/* @next is the block to read next, @end the first that is not read. */
struct cat {
	const char *name;
	u64 next;
	u64 end;
	struct vde_device device;
	struct vde_file blocks;
	u8 *data;
	struct vde_ioc_record_entry *records;
};

/* A reader who has seen enough is no reason for a message. */
static int write_out(const u8 *data, size_t length)
{
	ssize_t done;

	for (; length; data += done, length -= done) {
		done = write(STDOUT_FILENO, data, length);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done < 0 && errno == EPIPE)
			return VDECTL_ERROR;
		else if (done < 0)
			return vdectl_error("writing output: %s",
					    strerror(errno));
	}
	return VDECTL_OK;
}

/* Writes blocks that were read without the padding after short ones. */
static int write_blocks(struct cat *cat, u32 count)
{
	size_t used = 0;
	u32 length;
	u32 i;

	for (i = 0; i < count; i++) {
		length = cat->records[i].length;
		if (used != (size_t)i * VDE_BLOCK_SIZE)
			memmove(cat->data + used,
				cat->data + (size_t)i * VDE_BLOCK_SIZE, length);
		used += length;
	}
	cat->next += count;
	return write_out(cat->data, used);
}

static int report_block(const struct cat *cat, u64 block, int err)
{
	if (err == -EILSEQ)
		vdectl_error("%s: block %" PRIu64 ": %s", cat->name, block,
			     vde_fault_phrase(VDE_FAULT_DATA_DIGEST));
	else
		vdectl_error("%s: block %" PRIu64 ": %s", cat->name, block,
			     strerror(-err));
	return VDECTL_PROBLEM;
}

/* One of @count blocks cannot be read: write what lies before it, and name it. */
static int write_up_to_bad(struct cat *cat, u32 count)
{
	u64 first = cat->next;
	u32 good;
	int err = 0;
	int ret;

	for (good = 0; good < count; good++) {
		err = vde_file_read(&cat->blocks, first + good, 1, cat->data +
				    (size_t)good * VDE_BLOCK_SIZE);
		if (err)
			break;
	}
	ret = write_blocks(cat, good);
	return ret || !err ? ret : report_block(cat, first + good, err);
}

/* The kernel never gives more, and a wrong length must not reach memmove(). */
static bool lengths_are_sound(const struct cat *cat, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (cat->records[i].index != cat->next + i ||
		    cat->records[i].length < 1 ||
		    cat->records[i].length > VDE_BLOCK_SIZE)
			return false;
	return true;
}

static int record_error(const struct cat *cat, int err)
{
	if (err == -EILSEQ)
		vdectl_error("%s: the write record of block %" PRIu64
			     " is damaged", cat->name, cat->next);
	else if (err == -EIO)
		vdectl_error("%s: the write record of block %" PRIu64
			     " cannot be read", cat->name, cat->next);
	else
		return vdectl_device_error(cat->name, "read write records",
					   err);
	return VDECTL_PROBLEM;
}

static int copy_chunk(struct cat *cat)
{
	u64 left = cat->end - cat->next;
	u32 count = left < CHUNK_BLOCKS ? left : CHUNK_BLOCKS;
	int ret;

	ret = vde_device_records(&cat->device, cat->next, &count,
				 cat->records);
	if (ret == -EINTR)
		return VDECTL_OK;
	if (!ret && (!count || !lengths_are_sound(cat, count)))
		ret = -EILSEQ;
	if (ret)
		return record_error(cat, ret);
	if (vde_file_read(&cat->blocks, cat->next, count, cat->data))
		return write_up_to_bad(cat, count);
	return write_blocks(cat, count);
}

static int copy_blocks(struct cat *cat)
{
	int ret = VDECTL_OK;

	cat->data = vde_alloc_blocks(CHUNK_BLOCKS);
	cat->records = calloc(CHUNK_BLOCKS, sizeof(*cat->records));
	if (!cat->data || !cat->records)
		ret = vdectl_error("%s", strerror(ENOMEM));
	while (!ret && cat->next < cat->end)
		ret = copy_chunk(cat);
	free(cat->records);
	free(cat->data);
	return ret;
}

static int copy_range(struct cat *cat, u64 count)
{
	struct vde_ioc_status status;
	int ret = vde_device_status(&cat->device, &status);

	if (ret)
		return vdectl_device_error(cat->name, "read its status", ret);
	if (cat->next > status.hwm)
		return vdectl_error("%s: block %" PRIu64 " is above the high-water mark, %" PRIu64,
				    cat->name, cat->next,
				    (u64)status.hwm);
	cat->end = count < status.hwm - cat->next ? cat->next + count :
						    status.hwm;
	ret = vde_device_open_blocks(&cat->device, &cat->blocks);
	if (ret)
		return vdectl_error("%s: cannot open its block device: %s",
				    cat->name, strerror(-ret));
	ret = copy_blocks(cat);
	vde_file_close(&cat->blocks);
	return ret;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct vde_ioc_info info;
	struct cat cat = {};
	u64 count = U64_MAX;
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option != 'f' && option != 'c')
			return vdectl_usage(command, NULL);
		if (vdectl_parse_number(optarg, option == 'f' ? &cat.next :
					&count))
			return vdectl_usage(command, "'%s' is not a number",
					    optarg);
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	cat.name = vdectl_plain_name(argv[optind]);
	ret = vdectl_open_device(cat.name, 0, &cat.device, &info);
	if (ret)
		return ret;
	ret = copy_range(&cat, count);
	vde_device_close(&cat.device);
	return ret;
}

const struct vdectl_command vdectl_cat = {
	.name = "cat",
	.summary = "write what was sealed to standard output",
	.help =
"NAME [--from BLOCK] [--count N]\n"
"\n"
"Write what is sealed on the active device NAME to standard output: the exact bytes\n"
"that were appended, without the padding of short blocks.\n"
"\n"
"  --from BLOCK  begin with BLOCK, counted from 0; default 0\n"
"  --count N     write N blocks at most; default all below the high-water mark\n"
"  --help        show this text\n"
"\n"
"A block that does not match its write record ends the output with exit status 1.\n",
	.run = run,
};

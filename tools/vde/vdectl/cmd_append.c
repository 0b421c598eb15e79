// SPDX-License-Identifier: GPL-2.0-only
/* vdectl append: seal bytes at a WORM region's high-water mark. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "progress.h"

/* Blocks that were sealed one after the other, by one call or several. */
struct range {
	u64 block;
	u64 blocks;
	u64 length;
};

/* An append under way: @length bytes have been sealed in @ranges. */
struct append {
	const char *name;
	struct vdectl_input input;
	struct vde_device device;
	struct vde_ioc_info info;
	bool sync;
	bool json;
	u64 length;
	u32 count;
	struct range *ranges;
	struct progress progress;
};

static u64 blocks_of(u64 bytes)
{
	return bytes / VDE_BLOCK_SIZE + !!(bytes % VDE_BLOCK_SIZE);
}

/* Only what was sealed in whole blocks can be gone on with. */
static int add_range(struct append *append, const struct range *range)
{
	struct range *last = NULL;
	struct range *more;

	append->length += range->length;
	if (append->count)
		last = &append->ranges[append->count - 1];
	if (last && last->block + last->blocks == range->block &&
	    last->blocks * VDE_BLOCK_SIZE == last->length) {
		last->blocks += range->blocks;
		last->length += range->length;
		return 0;
	}
	/* Doubled whenever the count is a power of two. */
	if (!(append->count & (append->count - 1))) {
		more = realloc(append->ranges, sizeof(*more) *
			       (append->count ? 2 * append->count : 1));
		if (!more)
			return -ENOMEM;
		append->ranges = more;
	}
	append->ranges[append->count++] = *range;
	return 0;
}

/*
 * Fills the buffer, unless the input ends: a short read of a pipe must not
 * become a short block. Return: 0 or the negative errno of read(2).
 */
static int read_piece(struct append *append, void *buffer, u64 *length)
{
	ssize_t done;

	for (*length = 0; *length < VDE_IOC_APPEND_MAX; *length += done) {
		if (vdectl_interrupted())
			return -EINTR;
		done = read(append->input.fd, buffer + *length,
			    VDE_IOC_APPEND_MAX - *length);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done < 0)
			return -errno;
		else if (!done)
			return 0;
		progress_show(&append->progress,
			      (append->length + *length) >> VDE_BLOCK_SHIFT,
			      append->input.size >> VDE_BLOCK_SHIFT);
	}
	return 0;
}

static int seal_piece(struct append *append, const void *buffer, u64 length)
{
	struct range range = { .length = length };
	int ret;

	do {
		ret = vde_device_append(&append->device, buffer, length,
					&range.block, &range.blocks);
	} while (ret == -EINTR && !vdectl_interrupted());
	return ret ? ret : add_range(append, &range);
}

/* Room that is left; as much as there is at all when the status cannot be read. */
static u64 free_blocks(const struct append *append)
{
	struct vde_ioc_status status;

	if (vde_device_status(&append->device, &status))
		return append->info.capacity;
	return append->info.capacity - status.hwm;
}

static int seal_error(struct append *append, int err)
{
	char text[VDECTL_TEXT_SIZE];

	progress_clear(&append->progress);
	switch (err) {
	case -EINTR:
		return vdectl_error("interrupted: %" PRIu64 " bytes were sealed",
				    append->length);
	case -ENOSPC:
		return vdectl_error("%s has no room for what comes next: %" PRIu64
				    " bytes were sealed, %s are left",
				    append->name, append->length,
				    vdectl_size_text(text, free_blocks(append)));
	case -EROFS:
		return vdectl_error("%s is read-only: %" PRIu64
				    " bytes were sealed", append->name,
				    append->length);
	case -EIO:
		return vdectl_error("%s: %" PRIu64 " bytes were sealed, then the disk beneath failed; see 'vdectl status %s' and dmesg",
				    append->name, append->length, append->name);
	default:
		vdectl_device_error(append->name, "append", err);
		return vdectl_error("%" PRIu64 " bytes were sealed",
				    append->length);
	}
}

static int read_error(struct append *append, int err)
{
	if (err == -EINTR)
		return seal_error(append, err);
	progress_clear(&append->progress);
	return vdectl_error("%s: %s: %" PRIu64 " bytes were sealed",
			    append->input.name, strerror(-err), append->length);
}

static int seal_all(struct append *append, void *buffer)
{
	u64 length;
	int ret;

	do {
		ret = read_piece(append, buffer, &length);
		if (ret)
			return read_error(append, ret);
		if (!length)
			break;
		ret = seal_piece(append, buffer, length);
		if (ret)
			return seal_error(append, ret);
	} while (length == VDE_IOC_APPEND_MAX);
	return VDECTL_OK;
}

static void print_ranges(const struct append *append)
{
	const struct range *range;
	u32 i;

	for (i = 0; i < append->count; i++) {
		range = &append->ranges[i];
		printf("blocks %" PRIu64 "..%" PRIu64 ": %" PRIu64 " bytes\n",
		       range->block, range->block + range->blocks - 1,
		       range->length);
	}
	if (!append->length)
		puts("nothing was appended");
}

static void print_json(const struct append *append, bool complete, bool durable)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *entry;
	u32 i;

	json_add_text(object, "name", append->name);
	json_add_bool(object, "complete", complete);
	json_add_bool(object, "durable", durable);
	json_add_number(object, "length", append->length);
	for (i = 0; i < append->count; i++) {
		entry = json_object_new_object();
		json_add_number(entry, "block", append->ranges[i].block);
		json_add_number(entry, "blocks", append->ranges[i].blocks);
		json_add_number(entry, "length", append->ranges[i].length);
		json_object_array_add(list, entry);
	}
	json_object_object_add(object, "ranges", list);
	json_print(object);
}

/* What was sealed before an error is made durable and reported, too. */
static int finish(struct append *append, int ret)
{
	bool complete = !ret;
	int err = 0;

	progress_clear(&append->progress);
	if (append->sync && append->length)
		err = vde_device_sync(&append->device);
	if (append->json)
		print_json(append, complete, append->sync && !err);
	else
		print_ranges(append);
	if (err)
		ret = vdectl_error("%s: sealed, but not durable: %s",
				   append->name, strerror(-err));
	return ret;
}

static int append_all(struct append *append)
{
	void *buffer = vde_alloc_blocks(VDE_IOC_APPEND_MAX >> VDE_BLOCK_SHIFT);
	int ret;

	if (!buffer)
		return vdectl_error("%s", strerror(ENOMEM));
	vdectl_catch_interrupt();
	progress_start(&append->progress);
	ret = seal_all(append, buffer);
	ret = finish(append, ret);
	free(append->ranges);
	free(buffer);
	return ret;
}

/* Half an archive cannot be taken back: see whether it fits before. */
static int check_room(const struct append *append)
{
	u64 room = free_blocks(append);
	char text[VDECTL_TEXT_SIZE];

	if (!append->input.has_size || blocks_of(append->input.size) <= room)
		return VDECTL_OK;
	return vdectl_error("%s has %" PRIu64 " bytes, and %s has room for %s: nothing was appended",
			    append->input.name, append->input.size, append->name,
			    vdectl_size_text(text, room));
}

static int append_input(struct append *append)
{
	int ret = vdectl_open_device(append->name, VDE_OPEN_WRITE,
				     &append->device, &append->info);

	if (ret)
		return ret;
	ret = check_room(append);
	if (!ret)
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
		if (option == 'n')
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

const struct vdectl_command vdectl_append = {
	.name = "append",
	.summary = "seal a file or standard input",
	.help =
"NAME [FILE|-] [--no-sync] [--json]\n"
"\n"
"Seal the bytes of FILE, or of standard input, at the high-water mark of the active\n"
"device NAME and print where they lie. What is sealed cannot be taken back.\n"
"\n"
"  --no-sync  do not wait until it is durable\n"
"  --json     print JSON\n"
"  --help     show this text\n"
"\n"
"Each 16 MiB are contiguous and sealed all or not at all; while others append, too,\n"
"their blocks may lie between. 'vdectl cat' gives the bytes back.\n",
	.run = run,
};

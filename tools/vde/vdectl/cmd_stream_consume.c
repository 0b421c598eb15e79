// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream consume: give up the oldest blocks. */
#include <getopt.h>
#include <inttypes.h>

#include "stream.h"

/* What to give up; @chosen counts how often that was said. */
struct consume {
	const char *name;
	u32 chosen;
	u32 flags;
	u64 position;
	bool sync;
	bool json;
};

static void print_consumed(const struct consume *consume, u64 tail,
			   u64 consumed, bool durable)
{
	struct json_object *object;

	if (!consume->json) {
		printf("%" PRIu64 " blocks consumed, the tail is %" PRIu64 "\n",
		       consumed, tail);
		return;
	}
	object = json_object_new_object();
	json_add_text(object, "name", consume->name);
	json_add_number(object, "consumed", consumed);
	json_add_number(object, "tail", tail);
	json_add_bool(object, "durable", durable);
	json_print(object);
}

static int consume_error(const struct consume *consume,
			 const struct vde_device *device, int err)
{
	struct vde_ioc_stream_status status;

	switch (err) {
	case -ENXIO:
		if (vde_device_stream_status(device, &status))
			status.head = 0;
		return vdectl_error("%s: position %" PRIu64 " is beyond the head, %" PRIu64,
				    consume->name, consume->position,
				    (u64)status.head);
	case -EROFS:
		return vdectl_error("%s is read-only", consume->name);
	case -EIO:
		return vdectl_error("%s is in mode failed; see dmesg",
				    consume->name);
	default:
		return vdectl_device_error(consume->name, "consume", err);
	}
}

static int consume_blocks(const struct consume *consume,
			  const struct vde_device *device)
{
	u64 tail = consume->position;
	u64 consumed;
	int err = 0;
	int ret;

	ret = vde_device_consume(device, consume->flags, &tail, &consumed);
	if (ret)
		return consume_error(consume, device, ret);
	if (consume->sync)
		err = vde_device_sync(device);
	print_consumed(consume, tail, consumed, consume->sync && !err);
	return err ? vdectl_error("%s: consumed, but not durable: %s",
				  consume->name, strerror(-err)) : VDECTL_OK;
}

static int consume_device(const struct consume *consume)
{
	struct vde_device device;
	int ret = vdectl_open_stream(consume->name, VDE_OPEN_WRITE, &device);

	if (ret)
		return ret;
	ret = consume_blocks(consume, &device);
	vde_device_close(&device);
	return ret;
}

static int take_option(const struct vdectl_command *command,
		       struct consume *consume, int option)
{
	switch (option) {
	case 't':
	case 'c':
		consume->chosen++;
		consume->flags = option == 'c' ? VDE_IOC_STREAM_COUNT : 0;
		return vdectl_parse_number(optarg, &consume->position) ?
		       vdectl_usage(command, "'%s' is not a number", optarg) :
		       VDECTL_OK;
	case 'a':
		consume->chosen++;
		consume->flags = VDE_IOC_STREAM_COUNT;
		consume->position = U64_MAX;
		return VDECTL_OK;
	case 'n':
		consume->sync = false;
		return VDECTL_OK;
	case 'j':
		consume->json = true;
		return VDECTL_OK;
	default:
		return vdectl_usage(command, NULL);
	}
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "count", required_argument, NULL, 'c' },
		{ "all", no_argument, NULL, 'a' },
		{ "no-sync", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct consume consume = { .sync = true };
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &consume, option);
		if (ret)
			return ret;
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	if (consume.chosen != 1)
		return vdectl_usage(command, "give one of --to, --count and --all");
	consume.name = vdectl_plain_name(argv[optind]);
	return consume_device(&consume);
}

const struct vdectl_command vdectl_stream_consume = {
	.name = "stream consume",
	.summary = "give up the oldest blocks",
	.help =
"NAME --to POSITION|--count N|--all [--no-sync] [--json]\n"
"\n"
"Give up the oldest blocks of the active stream NAME, so that there is room for\n"
"others, and print the new tail.\n"
"\n"
"  --to POSITION  all before that position; nothing happens when they are gone\n"
"  --count N      N blocks, or all if there are fewer\n"
"  --all          all that there are\n"
"  --no-sync      do not wait until it is durable\n"
"  --json         print JSON\n"
"  --help         show this text\n"
"\n"
"After reading, --to is what to give: --count may hit others than those that were\n"
"read when some are overwritten meanwhile.\n",
	.run = run,
};

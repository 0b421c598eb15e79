// SPDX-License-Identifier: GPL-2.0-only
/* vdectl scrub: have the kernel verify all that is sealed. */
#include <getopt.h>
#include <inttypes.h>

#include "progress.h"
#include "status.h"

#define FIRST_POLL_MS 10
#define SLOWEST_POLL_MS 200

struct scrub {
	const char *name;
	bool stop;
	bool status;
	bool background;
	bool json;
	bool has_from;
	u32 flags;
	u64 from;
	u64 rate;
	struct vde_device device;
};

static u32 named_blocks(const struct vde_ioc_scrub_status *status)
{
	return status->corrupted < VDE_IOC_SCRUB_BLOCKS ?
	       status->corrupted : VDE_IOC_SCRUB_BLOCKS;
}

static void print_status(const struct vde_ioc_scrub_status *status)
{
	u32 named = named_blocks(status);
	char text[VDECTL_TEXT_SIZE];
	u32 i;

	printf("scrub:            %s\n", status->state == VDE_IOC_SCRUB_NEVER ?
	       "none since activation" : scrub_state_name(status->state));
	if (status->state != VDE_IOC_SCRUB_NEVER) {
		printf("from, to:         block %" PRIu64 ", %" PRIu64 "\n",
		       (u64)status->from, (u64)status->end);
		printf("verified up to:   block %" PRIu64 "\n",
		       (u64)status->position);
		printf("started:          %s\n",
		       vdectl_time_text(text, status->started));
		printf("ended:            %s\n",
		       vdectl_time_text(text, status->ended));
		printf("damaged blocks:   %" PRIu64,
		       (u64)status->corrupted);
		for (i = 0; i < named; i++)
			printf("%s%" PRIu64, i ? " " : ": ",
			       (u64)status->blocks[i]);
		puts(status->corrupted > named ? " ..." : "");
	}
	printf("last complete:    %s\n",
	       vdectl_time_text(text, status->last_scrub));
}

static void print_json(const char *name,
		       const struct vde_ioc_scrub_status *status)
{
	struct json_object *object = json_object_new_object();
	struct json_object *blocks = json_object_new_array();
	u32 i;

	json_add_text(object, "name", name);
	json_add_text(object, "state", scrub_state_name(status->state));
	json_add_text(object, "error",
		      status->error ? strerror(status->error) : NULL);
	json_add_number(object, "from", status->from);
	json_add_number(object, "position", status->position);
	json_add_number(object, "end", status->end);
	json_add_number(object, "rate", status->rate);
	json_add_number(object, "corrupted", status->corrupted);
	for (i = 0; i < named_blocks(status); i++)
		json_object_array_add(blocks,
				      json_object_new_uint64(status->blocks[i]));
	json_object_object_add(object, "blocks", blocks);
	json_add_time(object, "started", status->started);
	json_add_time(object, "ended", status->ended);
	json_add_time(object, "last_scrub", status->last_scrub);
	json_print(object);
}

/* Prints where the scrub is. Return: what the command exits with. */
static int report(const struct scrub *scrub, bool waited)
{
	struct vde_ioc_scrub_status status;
	int ret = vde_device_scrub_status(&scrub->device, &status);

	if (ret)
		return vdectl_device_error(scrub->name, "read the scrub's state",
					   ret);
	if (scrub->json)
		print_json(scrub->name, &status);
	else
		print_status(&status);
	ret = VDECTL_OK;
	if (status.state == VDE_IOC_SCRUB_FAILED)
		ret = vdectl_error("%s: the scrub ended early: %s", scrub->name,
				   strerror(status.error));
	else if (status.error)
		ret = vdectl_error("%s: the time of the scrub could not be stored: %s",
				   scrub->name, strerror(status.error));
	else if (waited && status.state == VDE_IOC_SCRUB_STOPPED)
		ret = vdectl_error("%s: stopped; 'vdectl scrub %s --resume' goes on at block %" PRIu64,
				   scrub->name, scrub->name,
				   (u64)status.position);
	return status.corrupted ? VDECTL_PROBLEM : ret;
}

static void sleep_ms(u32 ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000L };

	nanosleep(&time, NULL);
}

/* It may have ended by itself just now. */
static int stop_running(const struct scrub *scrub)
{
	int ret;

	do {
		ret = vde_device_scrub_stop(&scrub->device);
	} while (ret == -EINTR);
	return ret == -ESRCH ? 0 : ret;
}

/* Return: 0 when it has ended, or a negative errno. */
static int wait_for_end(const struct scrub *scrub)
{
	struct vde_ioc_scrub_status status;
	u32 pause = FIRST_POLL_MS;
	struct progress progress;
	u64 begin = U64_MAX;
	int ret;

	progress_start(&progress);
	for (;;) {
		ret = vde_device_scrub_status(&scrub->device, &status);
		if (vdectl_interrupted()) {
			ret = stop_running(scrub);
			break;
		}
		if (ret == -EINTR)
			continue;
		if (ret || status.state != VDE_IOC_SCRUB_RUNNING)
			break;
		if (begin == U64_MAX)
			begin = status.position;
		progress_show(&progress, status.position - begin,
			      status.end - begin);
		sleep_ms(pause);
		pause = pause < SLOWEST_POLL_MS / 2 ? 2 * pause :
						      SLOWEST_POLL_MS;
	}
	progress_clear(&progress);
	return ret;
}

static int start_error(const struct scrub *scrub, int err)
{
	if (err == -EBUSY)
		return vdectl_error("%s: a scrub is running; see 'vdectl scrub %s --status' or '--stop'",
				    scrub->name, scrub->name);
	if (err == -ENODATA)
		return vdectl_error("%s: block %" PRIu64 " is above the high-water mark",
				    scrub->name, scrub->from);
	return vdectl_device_error(scrub->name, "start a scrub", err);
}

static int start(const struct scrub *scrub)
{
	int ret;

	do {
		ret = vde_device_scrub_start(&scrub->device, scrub->flags,
					     scrub->from, scrub->rate);
	} while (ret == -EINTR);
	if (ret)
		return start_error(scrub, ret);
	if (scrub->background)
		return report(scrub, false);
	vdectl_catch_interrupt();
	ret = wait_for_end(scrub);
	if (ret)
		return vdectl_device_error(scrub->name, "wait for the scrub",
					   ret);
	return report(scrub, true);
}

static int stop(const struct scrub *scrub)
{
	int ret = vde_device_scrub_stop(&scrub->device);

	if (ret == -ESRCH)
		return vdectl_error("%s: no scrub is running", scrub->name);
	if (ret)
		return vdectl_device_error(scrub->name, "stop the scrub", ret);
	return report(scrub, false);
}

static int scrub_device(struct scrub *scrub)
{
	struct vde_ioc_info info;
	int ret = vdectl_open_device(scrub->name,
				     scrub->status ? 0 : VDE_OPEN_WRITE,
				     &scrub->device, &info);

	if (ret)
		return ret;
	if (scrub->status)
		ret = report(scrub, false);
	else if (scrub->stop)
		ret = stop(scrub);
	else
		ret = start(scrub);
	vde_device_close(&scrub->device);
	return ret;
}

enum {
	OPT_FROM = 256,
	OPT_RESUME,
	OPT_RATE,
	OPT_STOP,
	OPT_STATUS,
	OPT_BACKGROUND,
	OPT_JSON,
};

static const struct option long_options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "resume", no_argument, NULL, OPT_RESUME },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "stop", no_argument, NULL, OPT_STOP },
	{ "status", no_argument, NULL, OPT_STATUS },
	{ "background", no_argument, NULL, OPT_BACKGROUND },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int take_option(const struct vdectl_command *command,
		       struct scrub *scrub, int option)
{
	switch (option) {
	case OPT_FROM:
		scrub->has_from = true;
		if (vdectl_parse_number(optarg, &scrub->from))
			return vdectl_usage(command, "'%s' is not a number",
					    optarg);
		break;
	case OPT_RATE:
		if (vdectl_parse_bytes(optarg, &scrub->rate) || !scrub->rate)
			return vdectl_usage(command, "rate '%s' is not a number of bytes",
					    optarg);
		break;
	case OPT_RESUME:
		scrub->flags = VDE_IOC_SCRUB_RESUME;
		break;
	case OPT_STOP:
		scrub->stop = true;
		break;
	case OPT_STATUS:
		scrub->status = true;
		break;
	case OPT_BACKGROUND:
		scrub->background = true;
		break;
	case OPT_JSON:
		scrub->json = true;
		break;
	default:
		return vdectl_usage(command, NULL);
	}
	return VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct scrub scrub = {};
	bool begins;
	int option;
	int ret;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		ret = take_option(command, &scrub, option);
		if (ret)
			return ret;
	}
	begins = scrub.has_from || scrub.flags || scrub.rate ||
		 scrub.background;
	if (scrub.has_from && scrub.flags)
		return vdectl_usage(command, "give --from or --resume");
	if (scrub.stop + scrub.status + begins > 1)
		return vdectl_usage(command, "--stop and --status stand alone");
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	scrub.name = vdectl_plain_name(argv[optind]);
	return scrub_device(&scrub);
}

const struct vdectl_command vdectl_scrub = {
	.name = "scrub",
	.summary = "verify all that is sealed, while in use",
	.help =
"NAME [OPTION]...\n"
"\n"
"Have the kernel read everything sealed on the active device NAME, and compare it\n"
"with its write records. Waits until that is done; Ctrl-C stops it.\n"
"\n"
"  --from BLOCK  begin with BLOCK; default 0\n"
"  --resume      go on where the last one since activation was stopped\n"
"  --rate SIZE   read at most SIZE bytes per second (a number, or one with K, M, G, T)\n"
"  --background  do not wait\n"
"  --status      show how far it is, or how the last one ended\n"
"  --stop        stop the one that is running\n"
"  --json        print JSON\n"
"  --help        show this text\n"
"\n"
"Exit status: 0 no damage found, 1 damaged blocks found, 2 the scrub did not run to\n"
"its end, or an error.\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream watch: fill and rate, live. */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#define MAX_INTERVAL 86400

/*
 * A stream under watch: a look each @interval_ms milliseconds, @left of them to
 * go. @before and @when are the last one's.
 */
struct watch {
	const char *name;
	struct vde_device device;
	int interval_ms;
	u64 left;
	bool terminal;
	bool looked;
	struct vde_ioc_stream_status before;
	struct timespec when;
};

static double seconds_between(const struct timespec *from,
			      const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) +
	       (to->tv_nsec - from->tv_nsec) / 1e9;
}

/* Blocks per second since the last look; none when positions began anew. */
static u64 rate(const struct watch *watch, u64 before, u64 now,
		const struct timespec *when)
{
	double seconds = seconds_between(&watch->when, when);

	if (!watch->looked || now < before || seconds <= 0)
		return 0;
	return (now - before) / seconds;
}

static void print_line(const struct watch *watch,
		       const struct vde_ioc_stream_status *status,
		       const struct timespec *when)
{
	u64 entries = status->head - status->tail;
	char capacity[VDECTL_TEXT_SIZE];
	char holds[VDECTL_TEXT_SIZE];
	char in[VDECTL_TEXT_SIZE];

	printf("%s%s: %" PRIu64 "..%" PRIu64 " holds %s of %s (%.0f%%), allocated %.0f%%, lost %" PRIu64
	       ", in %s/s, %s%s", watch->terminal ? "\r" : "", watch->name,
	       (u64)status->tail, (u64)status->head,
	       vdectl_size_text(holds, entries),
	       vdectl_size_text(capacity, status->capacity),
	       100.0 * entries / status->capacity,
	       100.0 * status->allocated / status->capacity,
	       (u64)status->lost,
	       vdectl_size_text(in, rate(watch, watch->before.head,
					 status->head, when)),
	       stream_mode_name(status->mode),
	       watch->terminal ? " \033[K" : "\n");
	fflush(stdout);
}

static int look(struct watch *watch)
{
	struct vde_ioc_stream_status status;
	struct timespec when;
	int ret;

	ret = vde_device_stream_status(&watch->device, &status);
	if (ret)
		return ret;
	clock_gettime(CLOCK_MONOTONIC, &when);
	print_line(watch, &status, &when);
	watch->before = status;
	watch->when = when;
	watch->looked = true;
	return ferror(stdout) ? -EPIPE : 0;
}

static int watch_device(struct watch *watch)
{
	int ret;

	for (;;) {
		ret = look(watch);
		if (ret || !--watch->left)
			break;
		ret = vdectl_wait(NULL, 0, watch->interval_ms);
		if (ret)
			break;
	}
	if (watch->terminal)
		putchar('\n');
	/* main() tells of output that cannot be written. */
	if (!ret || ret == -EINTR || ret == -EPIPE)
		return VDECTL_OK;
	return vdectl_device_error(watch->name, "read its status", ret);
}

static int run_watch(struct watch *watch)
{
	int ret = vdectl_open_stream(watch->name, 0, &watch->device);

	if (ret)
		return ret;
	vdectl_catch_interrupt();
	watch->terminal = isatty(STDOUT_FILENO);
	ret = watch_device(watch);
	vde_device_close(&watch->device);
	return ret;
}

/* Seconds, with or without decimals. */
static int parse_interval(const char *text, int *milliseconds)
{
	char *end;
	double seconds;

	if (!isdigit((unsigned char)*text) || strspn(text, "0123456789.") !=
	    strlen(text))
		return -EINVAL;
	seconds = strtod(text, &end);
	if (*end || seconds < 0.001 || seconds > MAX_INTERVAL)
		return -EINVAL;
	*milliseconds = seconds * 1000;
	return 0;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct watch watch = { .interval_ms = 1000, .left = U64_MAX };
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'i') {
			if (parse_interval(optarg, &watch.interval_ms))
				return vdectl_usage(command, "interval '%s' is not a number of seconds, 0.001 to %d",
						    optarg, MAX_INTERVAL);
		} else if (option == 'c') {
			if (vdectl_parse_number(optarg, &watch.left) ||
			    !watch.left)
				return vdectl_usage(command, "'%s' is not a number from 1",
						    optarg);
		} else {
			return vdectl_usage(command, NULL);
		}
	}
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME");
	watch.name = vdectl_plain_name(argv[optind]);
	return run_watch(&watch);
}

const struct vdectl_command vdectl_stream_watch = {
	.name = "stream watch",
	.summary = "show fill and rate until interrupted",
	.help =
"NAME [--interval SECONDS] [--count N]\n"
"\n"
"Show positions, fill and rate of the active stream NAME, in one line that is kept\n"
"up to date on a terminal, else in a line each time.\n"
"\n"
"  --interval SECONDS  time from one look to the next, such as 0.5; default 1\n"
"  --count N           end after N looks\n"
"  --help              show this text\n",
	.run = run,
};

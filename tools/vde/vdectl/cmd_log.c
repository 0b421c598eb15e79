// SPDX-License-Identifier: GPL-2.0-only
/* vdectl log: the write records and resets of a WORM region. */
#include <getopt.h>
#include <inttypes.h>

#include "dm.h"

struct log_options {
	bool json;
	bool resets;
	bool has_region;
	u64 region;
	u64 from;
	u64 count;
};

static void print_record(const struct vde_disk_record *record, bool json,
			 bool first)
{
	char digest[VDECTL_TEXT_SIZE];
	char time[VDECTL_TEXT_SIZE];
	const char *when = vdectl_time_text(time,
					    (s64)le64_to_cpu(record->time));
	u64 index = le64_to_cpu(record->index);
	u32 length = le32_to_cpu(record->length);

	vdectl_hex_text(digest, record->digest, sizeof(record->digest));
	/* One at a time: a log may be larger than memory. */
	if (json)
		printf("%s\n    {\"index\": %" PRIu64 ", \"time\": \"%s\", \"ticks\": %" PRId64
		       ", \"length\": %u, \"sha256\": \"%s\"}",
		       first ? "" : ",", index, when,
		       (s64)le64_to_cpu(record->time), length, digest);
	else
		printf("%" PRIu64 " %s %u %s\n", index, when, length, digest);
}

static int print_records(const struct log_options *options,
			 struct vde_log *log, u64 hwm)
{
	struct vde_disk_record record;
	enum vde_fault fault;
	u64 n = options->from;
	u64 left = options->count;
	int ret;

	for (; n < hwm && left; n++, left--) {
		ret = vde_log_read(log, n, &record, &fault);
		if (fault) {
			vdectl_error("record %" PRIu64 ": %s", n,
				     vde_fault_phrase(fault));
			return VDECTL_PROBLEM;
		}
		if (ret)
			return vdectl_error("record %" PRIu64 ": %s", n,
					    strerror(-ret));
		print_record(&record, options->json, n == options->from);
		if (ferror(stdout))
			return VDECTL_ERROR;
	}
	return VDECTL_OK;
}

static int print_log(const struct vde_volume *volume,
		     const struct vde_region *region, void *context)
{
	const struct log_options *options = context;
	u64 hwm = vde_region_hwm(region);
	char uuid[VDE_UUID_TEXT_SIZE];
	struct vde_log log;
	int ret;

	ret = vde_log_open(&log, volume, region);
	if (ret)
		return vdectl_error("%s", strerror(-ret));
	vde_guid_format(region->uuid, uuid);
	if (options->json)
		printf("{\n  \"region\": %u,\n  \"region_uuid\": \"%s\",\n  \"hwm\": %" PRIu64
		       ",\n  \"records\": [", region->nr, uuid, hwm);
	ret = print_records(options, &log, hwm);
	if (options->json)
		puts("\n  ]\n}");
	vde_log_close(&log);
	return ret;
}

static void print_reset(const struct vde_disk_reset *reset, u64 nr)
{
	u64 records = le64_to_cpu(reset->records);
	char clock[VDECTL_TEXT_SIZE];
	char comm[VDECTL_TEXT_SIZE];
	char time[VDECTL_TEXT_SIZE];

	printf("%" PRIu64 " %s clock %s records 0..%" PRIu64 " uid %u %s\n", nr,
	       vdectl_time_text(time, (s64)le64_to_cpu(reset->time)),
	       vdectl_clock_text(clock, (s64)le64_to_cpu(reset->clock)),
	       records - 1, le32_to_cpu(reset->uid),
	       vdectl_safe_text(comm, reset->comm, sizeof(reset->comm)));
}

static struct json_object *reset_json(const struct vde_disk_reset *reset,
				      u64 nr)
{
	struct json_object *object = json_object_new_object();
	char comm[VDECTL_TEXT_SIZE];

	json_add_number(object, "number", nr);
	json_add_time(object, "time", (s64)le64_to_cpu(reset->time));
	json_add_ticks(object, "clock_ticks", reset->clock);
	json_add_number(object, "records", le64_to_cpu(reset->records));
	json_add_number(object, "uid", le32_to_cpu(reset->uid));
	json_add_text(object, "comm",
		      vdectl_safe_text(comm, reset->comm, sizeof(reset->comm)));
	return object;
}

/* The newest commit keeps the latest entries; all are counted. */
static int print_resets(const struct vde_volume *volume,
			const struct vde_region *region, void *context)
{
	const struct vde_disk_commit *commit = vde_region_commit(region);
	const struct log_options *options = context;
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();
	u64 resets = le64_to_cpu(commit->resets);
	u64 kept = resets < VDE_RESET_ENTRIES ? resets : VDE_RESET_ENTRIES;
	u32 i;

	(void)volume;
	json_add_number(object, "region", region->nr);
	json_add_guid(object, "region_uuid", region->uuid);
	json_add_number(object, "resets", resets);
	for (i = 0; i < kept; i++) {
		if (!options->json)
			print_reset(&commit->reset[i], resets - i);
		json_object_array_add(list, reset_json(&commit->reset[i],
						       resets - i));
	}
	json_object_object_add(object, "entries", list);
	if (options->json)
		return json_print(object);
	json_object_put(object);
	return VDECTL_OK;
}

/* What is sealed but not committed is not on the disk yet. */
static void commit_first(const struct vdectl_source *source)
{
	int ret;

	if (!source->active || source->device.read_only)
		return;
	ret = dm_message(source->device.name, "commit");
	if (ret)
		vdectl_error("warning: %s could not commit (%s): the newest records may be missing",
			     source->device.name, strerror(-ret));
}

static int show_log(struct log_options *options, const char *argument)
{
	struct vdectl_source source;
	char kind[16];
	int ret;

	ret = vdectl_find_source(argument, &source);
	if (ret)
		return vdectl_error("%s is neither an active vde device nor a volume: %s",
				    argument, strerror(-ret));
	if (source.active &&
	    table_word(source.device.table, 1, kind, sizeof(kind)) &&
	    strcmp(kind, "worm"))
		return vdectl_error("%s is a %s region: it has no write records",
				    source.device.name, kind);
	if (source.active && options->has_region &&
	    options->region != source.region)
		return vdectl_error("%s is region %" PRIu64 "; name the disk to see another",
				    argument, source.region);
	if (source.active)
		options->region = source.region;
	/* A reset is its own commit. */
	if (options->resets)
		return vdectl_visit_region(source.path, options->region,
					   print_resets, options);
	commit_first(&source);
	return vdectl_visit_region(source.path, options->region, print_log,
				   options);
}

static const struct option long_options[] = {
	{ "region", required_argument, NULL, 'r' },
	{ "from", required_argument, NULL, 'f' },
	{ "count", required_argument, NULL, 'c' },
	{ "resets", no_argument, NULL, 'R' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	struct log_options options = { .count = U64_MAX };
	int option;
	int bad;

	while ((option = getopt_long(argc, argv, "h", long_options,
				     NULL)) != -1) {
		bad = 0;
		if (option == 'h')
			return vdectl_help(command);
		if (option == 'r') {
			bad = vdectl_parse_number(optarg, &options.region);
			options.has_region = true;
		} else if (option == 'f') {
			bad = vdectl_parse_number(optarg, &options.from);
		} else if (option == 'c') {
			bad = vdectl_parse_number(optarg, &options.count);
		} else if (option == 'R') {
			options.resets = true;
		} else if (option == 'j') {
			options.json = true;
		} else {
			return vdectl_usage(command, NULL);
		}
		if (bad)
			return vdectl_usage(command, "'%s' is not a number",
					    optarg);
	}
	if (options.resets && (options.from || options.count != U64_MAX))
		return vdectl_usage(command, "--from and --count are for write records");
	if (argc - optind != 1)
		return vdectl_usage(command, "give one NAME or DEVICE");
	return show_log(&options, argv[optind]);
}

const struct vdectl_command vdectl_log = {
	.name = "log",
	.summary = "list a WORM region's write records or resets",
	.help =
"NAME|DEVICE [OPTION]...\n"
"\n"
"List the write records of the active device NAME, after a commit, or of a region\n"
"of the volume on DEVICE: block, time (UTC), length in bytes, SHA-256 of the data.\n"
"Or list what is known of its resets, the newest first.\n"
"\n"
"  --region N  WORM region N of DEVICE; default 0\n"
"  --from N    begin with record N; default 0\n"
"  --count N   list N records at most; default all\n"
"  --resets    list resets: number, time (UTC), compliance clock, records removed, who\n"
"  --json      print JSON\n"
"  --help      show this text\n",
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * callfuzz [OPTION]... DISK DISK: hostile callers. Each DISK holds a volume with
 * a WORM region, a stream and a vault. Processes that come and go, root's and
 * others', call whatever can be called, all at the same time; then
 * unprivileged ones alone, who must change nothing. In the end all that was
 * ever acknowledged or seen must be there.
 *
 *	--seed N		repeats the choices, not the order of processes
 *	--seconds N		for so long (10); --calls N: for so many instead,
 *				of which a hundredth is on each surface
 *	--processes N		at once (4)
 *	--words FILE		options.dict
 *	--passports FILE	further passports of the issuer
 *	--point HEX		his public key, for the vaults' tables
 *	--in-turn		root changes a device only when nobody else does,
 *				and does not rename it: dm-ima of 6.x frees what
 *				it still uses, whatever the target is
 *	--plant WHAT		does wrong itself, to show that it is found: a byte
 *				of a sealed block (worm), of a stream (stream) or
 *				of a passport (vault); an append among the
 *				unprivileged (quiet)
 *
 * Exits with 0 when nothing was wrong, 1 when something was.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/dm-vde.h>

#include "caller.h"
#include "handle.h"
#include "ledger.h"
#include "mapper.h"
#include "plant.h"

#define MOST_PROCESSES 16

static struct {
	uint64_t seed, seconds, calls, processes;
	const char *words, *passports, *point, *plant;
	bool in_turn;
} options = { .seconds = 10, .processes = 4, .point = "", .plant = "" };

static const char *const surface_names[SURFACES] = {
	"ioctls", "calls of the character device", "sysfs", "messages",
	"tables", "attach and detach", "bios",
};

static const struct option long_options[] = {
	{ "seed", 1, NULL, 's' }, { "seconds", 1, NULL, 't' },
	{ "calls", 1, NULL, 'c' }, { "processes", 1, NULL, 'n' },
	{ "words", 1, NULL, 'w' }, { "passports", 1, NULL, 'p' },
	{ "point", 1, NULL, 'k' }, { "plant", 1, NULL, 'x' },
	{ "in-turn", 0, NULL, 'i' }, {}
};

static void take_option(int option)
{
	switch (option) {
	case 's':
		options.seed = strtoull(optarg, NULL, 0);
		break;
	case 't':
		options.seconds = strtoull(optarg, NULL, 0);
		break;
	case 'c':
		options.calls = strtoull(optarg, NULL, 0);
		break;
	case 'n':
		options.processes = strtoull(optarg, NULL, 0);
		break;
	case 'w':
		options.words = optarg;
		break;
	case 'p':
		options.passports = optarg;
		break;
	case 'k':
		options.point = optarg;
		break;
	case 'i':
		options.in_turn = true;
		break;
	case 'x':
		options.plant = optarg;
		break;
	default:
		exit(2);
	}
}

static bool is_planted(const char *what)
{
	return !strcmp(options.plant, what);
}

static const char *table_options(enum kind kind)
{
	static char vault[200];

	snprintf(vault, sizeof(vault), "1 issuer_key=%s", options.point);
	return kind == VAULT ? vault : "0";
}

/* Geometry as the disk has it */
static void set_place(struct place *place, const char *disk, enum kind kind,
		      unsigned int volume)
{
	static uint8_t start[8 * BLOCK_SIZE];
	struct region regions[KINDS];
	int fd = open(disk, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, start, sizeof(start)) != sizeof(start))
		die("%s: %s", disk, strerror(errno));
	close(fd);
	image_regions(start, 0, regions);
	if (!regions[kind].there)
		die("%s has no %s region", disk, kind_names[kind]);
	snprintf(place->name, sizeof(place->name), "%s%u", kind_names[kind],
		 volume);
	place->disk = disk;
	place->kind = kind;
	place->options = table_options(kind);
	place->sectors = kind == STREAM ? 1ULL << 51 :
			 regions[kind].capacity * (BLOCK_SIZE / 512);
	place->may_restart = kind == STREAM && volume;
	/* Of one stream blocks are remembered; whether as acknowledged or as
	 * the cache has written them is the seed's choice.
	 */
	place->cached = kind == STREAM ? (options.seed & 1) != volume : volume;
}

/* Whose it is, and whether it is held, when nobody has done anything yet */
static void look_at_first(struct place *place)
{
	struct vde_ioc_retention retention = { .size = sizeof(retention) };
	struct vde_ioc_vault_status vault = { .size = sizeof(vault) };
	struct vde_ioc_info info = { .size = sizeof(info) };
	int fd, err = place_attach(place);

	if (err)
		die("%s: %s", place->name, strerror(-err));
	fd = mapper_open_char(place->name, O_RDONLY);
	if (fd < 0 || ioctl(fd, VDE_IOC_INFO, &info))
		die("%s: %s", place->name, strerror(fd < 0 ? -fd : errno));
	memcpy(place->uuid, info.uuid, 16);
	if (place->kind == WORM && !ioctl(fd, VDE_IOC_RETENTION_GET, &retention))
		place->held = retention.state;
	if (place->kind == VAULT && !ioctl(fd, VDE_IOC_VAULT_STATUS, &vault))
		place->held = vault.holds;
	ledger_look(place, fd);
	close(fd);
}

static void begin(char **disks)
{
	unsigned int i;

	crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crowd == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	crowd->in_turn = options.in_turn;
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	random_begin(options.seed);
	room_begin();
	if (mapper_open())
		die("/dev/mapper/control: %s", strerror(errno));
	words_begin(options.words);
	passports_begin(options.passports);
	for (i = 0; i < PLACES; i++) {
		set_place(&crowd->places[i], disks[i / KINDS], i % KINDS, i / KINDS);
		look_at_first(&crowd->places[i]);
	}
}

/* A phase takes @calls in all and @each on every surface, or else ends at @end. */
static bool is_over(uint64_t calls, uint64_t each, time_t end)
{
	uint64_t seen, sum = 0, least = UINT64_MAX;
	unsigned int i;

	if (crowd->stop)
		return true;
	for (i = 0; i < SURFACES; i++) {
		seen = __atomic_load_n(&crowd->calls[i], __ATOMIC_RELAXED);
		sum += seen;
		least = seen < least ? seen : least;
	}
	return options.calls ? sum >= calls && least >= each : time(NULL) >= end;
}

/* One that ends in another way than it should has not done all its calls */
static bool has_ended(struct caller *caller)
{
	pid_t ended;
	int status;

	do
		ended = waitpid(caller->pid, &status, WNOHANG);
	while (ended < 0 && errno == EINTR);
	if (!ended)
		return false;
	if (ended < 0)
		die("waitpid: %s", strerror(errno));
	if (WIFSIGNALED(status) &&
	    !(caller->killed && WTERMSIG(status) == SIGKILL))
		wrong(NULL, "a process died of signal %d", WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		wrong(NULL, "a process ended with %d", WEXITSTATUS(status));
	caller->pid = 0;
	return true;
}

/* A process that does not come to its end is one that the kernel has lost */
static void wait_for(struct caller *caller)
{
	char command[128];
	int left;

	for (left = 30000; left; left--) {
		if (has_ended(caller))
			return;
		poll(NULL, 0, 10);
	}
	snprintf(command, sizeof(command), "cat /proc/%d/stack",
		 (int)caller->pid);
	wrong(NULL, "process %d hangs", (int)caller->pid);
	if (system(command))
		perror(command);
	exit(1);
}

static bool kill_caller(struct caller *caller)
{
	if (kill(caller->pid, SIGKILL))
		return false;
	caller->killed = true;
	return true;
}

static void run_crowd(uint64_t *lives, uint64_t *killed)
{
	struct caller callers[MOST_PROCESSES] = {};
	time_t end = time(NULL) + options.seconds;
	unsigned int i;

	while (!is_over(options.calls, options.calls / 100, end)) {
		for (i = 0; i < options.processes; i++) {
			struct caller *caller = &callers[i];

			caller->number = i;
			if (!caller->pid || has_ended(caller))
				caller_start(caller, options.seed * 1000003 + ++*lives);
			else if (caller->may_be_killed && chance(200))
				*killed += kill_caller(caller);
		}
		poll(NULL, 0, 10);
	}
	crowd->stop = true;
	for (i = 0; i < options.processes; i++)
		if (callers[i].pid)
			wait_for(&callers[i]);
	crowd->stop = false;
}

/* Nothing is left that the crowd has made */
static void tidy(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		struct place *place = &crowd->places[i];
		int err = mapper_call(DM_DEV_REMOVE, place->name, 0);

		if (err && err != -ENXIO)
			wrong(place, "it cannot be removed: %s", strerror(-err));
	}
}

static void attach_all(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		int err = place_attach(&crowd->places[i]);

		if (err)
			wrong(&crowd->places[i], "it cannot be attached: %s",
			      strerror(-err));
	}
}

static void run_quiet(uint64_t *lives)
{
	struct snapshot *before = malloc(sizeof(*before));
	struct snapshot *after = malloc(sizeof(*after));
	struct caller caller = { .quiet = true };
	time_t end;

	snapshot_take(before);
	/* Taking it may need longer than the phase has */
	end = time(NULL) + options.seconds / 4 + 1;
	if (is_planted("quiet"))
		plant_append(&crowd->places[0]);
	while (!is_over(options.calls / 4, 0, end)) {
		caller_start(&caller, options.seed * 1000003 + ++*lives);
		wait_for(&caller);
	}
	/* Who has made no call has changed nothing anyway */
	if (!crowd->succeeded[IOCTLS])
		wrong(NULL, "no ioctl of the unprivileged succeeded");
	snapshot_take(after);
	snapshot_compare(before, after);
	free(before);
	free(after);
}

static void report(const char *what, uint64_t lives)
{
	unsigned int i;

	printf("%s: %llu processes\n", what, (unsigned long long)lives);
	for (i = 0; i < SURFACES; i++)
		printf("%s: %s: %llu calls, %llu succeeded\n", what,
		       surface_names[i], (unsigned long long)crowd->calls[i],
		       (unsigned long long)crowd->succeeded[i]);
	memset(crowd->calls, 0, sizeof(crowd->calls));
	memset(crowd->succeeded, 0, sizeof(crowd->succeeded));
}

static void verify(void)
{
	uint64_t compared[KINDS] = {};
	unsigned int i;

	if (*options.plant && !is_planted("quiet"))
		plant_damage(options.plant);
	attach_all();
	for (i = 0; i < PLACES && !crowd->wrong; i++)
		compared[i % KINDS] += ledger_verify(&crowd->places[i]);
	tidy();
	printf("in the end: %llu sealed blocks, %llu blocks of streams, %llu passports are right\n",
	       (unsigned long long)compared[WORM],
	       (unsigned long long)compared[STREAM],
	       (unsigned long long)compared[VAULT]);
}

int main(int argc, char **argv)
{
	uint64_t lives = 0, killed = 0;
	unsigned int i;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(option);
	if (argc - optind != VOLUMES || !options.words || !options.passports ||
	    !options.processes || options.processes > MOST_PROCESSES)
		return 2;
	printf("seed %llu\n", (unsigned long long)options.seed);
	begin(argv + optind);
	run_crowd(&lives, &killed);
	report("all together", lives);
	report_ioctls();
	printf("all together: %llu killed, %llu blocks appended, %llu compared, %llu passports added, %llu streams started anew\n",
	       (unsigned long long)killed, (unsigned long long)crowd->appended,
	       (unsigned long long)crowd->compared, (unsigned long long)crowd->added,
	       (unsigned long long)crowd->restarts);
	lives = 0;
	/* A removal that was deferred may come true only when all is closed. */
	tidy();
	attach_all();
	if (!crowd->wrong)
		run_quiet(&lives);
	report("unprivileged", lives);
	for (i = 0; i < KINDS; i++)
		if (is_planted(kind_names[i]))
			plant_append(&crowd->places[i]);
	tidy();
	if (!crowd->wrong)
		verify();
	printf("wrong %llu\n", (unsigned long long)crowd->wrong);
	return crowd->wrong > 0;
}

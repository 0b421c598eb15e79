// SPDX-License-Identifier: GPL-2.0-only
/*
 * imagefuzz DISK IMAGES SEED FIRST COUNT: damages volumes of the directory
 * IMAGES, puts them on DISK and activates a region of each, COUNT times. All
 * that is done in activation N follows from SEED and N: "imagefuzz DISK IMAGES
 * SEED N 1" repeats it. Prints what became of them; ends at the first that
 * shows what it must not.
 */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "look_vault.h"

#define MAX_IMAGES 16
#define MAX_PHRASES 100

static struct image images[MAX_IMAGES];
static unsigned int image_count;
static char point[160];
static uint64_t seed, current;
static const char *doing = "begin";

static struct {
	char text[128];
	uint64_t count;
} phrases[MAX_PHRASES];

static uint64_t outcomes[KINDS][OUTCOMES];
static uint64_t again_count, again_refused;

void give_up(const char *what, ...)
{
	va_list args;

	printf("WRONG in activation %llu of seed %llu (%s): ",
	       (unsigned long long)current, (unsigned long long)seed, doing);
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

static void load_all(const char *dir)
{
	char path[4096];
	glob_t found;
	FILE *file;

	snprintf(path, sizeof(path), "%s/*.img", dir);
	if (glob(path, 0, NULL, &found))
		give_up("no images in %s", dir);
	for (; image_count < found.gl_pathc && image_count < MAX_IMAGES; image_count++)
		image_load(&images[image_count], found.gl_pathv[image_count]);
	globfree(&found);
	snprintf(path, sizeof(path), "%s/point", dir);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%150s", point) != 1)
		give_up("no %s", path);
	fclose(file);
	snprintf(path, sizeof(path), "%s/more", dir);
	vault_passports(path);
}

static void count_phrase(const char *text)
{
	unsigned int i = 0;

	if (!*text)
		give_up("refused without a phrase");
	while (phrases[i].count && strcmp(phrases[i].text, text))
		if (++i == MAX_PHRASES)
			return;
	strcpy(phrases[i].text, text);
	phrases[i].count++;
}

static uint64_t sectors_of(const struct image *image, enum kind kind)
{
	struct region regions[KINDS];
	uint64_t capacity;

	if (kind == STREAM)
		return 1ULL << 51;
	/*
	 * As whoever believes the directory, or remembers it. A table of no
	 * sectors would be dm's to refuse and come to no target.
	 */
	image_regions(image->now, image->blocks, regions);
	capacity = regions[kind].there ? regions[kind].capacity : 0;
	if (random_below(4) && capacity && capacity < 1U << 20)
		return capacity * 8;
	return image->regions[kind].capacity * 8;
}

static void check_kernel(void)
{
	const char *report = messages_read();

	if (report)
		give_up("the kernel: %s", report);
}

/* Once more, after a clean close: whatever it was, it is in order now. */
static void activate_again(struct active *active, enum kind kind,
			   uint64_t sectors, const char *parameters,
			   const struct promise *promise)
{
	char phrase[128] = "";
	enum outcome outcome;

	doing = "again";
	again_count++;
	outcome = activate(active, kind, sectors, parameters, false, phrase);
	if (outcome < ACCEPTED_RO) {
		again_refused++;
		if (promise->any)
			give_up("what was written is refused now: %s", phrase);
		return;
	}
	look_again(active, promise);
	deactivate(active);
}

static void once(const char *disk)
{
	struct image *image = &images[random_below(image_count)];
	enum kind kind = random_below(KINDS);
	bool read_only = !random_below(8);
	char parameters[512], phrase[128] = "";
	struct active active;
	struct promise promise;
	enum outcome outcome;
	uint64_t sectors;

	while (!image->regions[kind].there)
		kind = (kind + 1) % KINDS;
	doing = kind_names[kind];
	image_mutate(image);
	disk_write(image->now, 0, image->blocks);
	sectors = sectors_of(image, kind);
	snprintf(parameters, sizeof(parameters), "%s %s%s%s", disk,
		 kind_names[kind], kind == VAULT ? " 1 issuer_key=" : "",
		 kind == VAULT ? point : "");
	outcome = activate(&active, kind, sectors, parameters, read_only, phrase);
	outcomes[kind][outcome]++;
	if (outcome < ACCEPTED_RO) {
		count_phrase(phrase);
	} else {
		look(&active, image, &promise);
		deactivate(&active);
		if (outcome == ACCEPTED_RW)
			activate_again(&active, kind, sectors, parameters, &promise);
	}
	check_kernel();
}

static void report(uint64_t count)
{
	unsigned int i, best;

	printf("%llu activations of damaged volumes, seed %llu, from %llu on\n",
	       (unsigned long long)count, (unsigned long long)seed,
	       (unsigned long long)(current + 1 - count));
	for (i = 0; i < KINDS; i++)
		printf("%-8s table refused %llu, resume refused %llu, ro %llu, rw %llu\n",
		       kind_names[i], (unsigned long long)outcomes[i][REFUSED_TABLE],
		       (unsigned long long)outcomes[i][REFUSED_RESUME],
		       (unsigned long long)outcomes[i][ACCEPTED_RO],
		       (unsigned long long)outcomes[i][ACCEPTED_RW]);
	printf("blocks   right %llu, errors %llu, zeros %llu; valid passports %llu\n",
	       (unsigned long long)counts.right, (unsigned long long)counts.errors,
	       (unsigned long long)counts.zeros, (unsigned long long)counts.passports);
	printf("writes   %llu, refused %llu, scrubs %llu, consumed %llu\n",
	       (unsigned long long)counts.appends,
	       (unsigned long long)counts.refused_writes,
	       (unsigned long long)counts.scrubs, (unsigned long long)counts.consumed);
	printf("again    %llu, refused %llu\n", (unsigned long long)again_count,
	       (unsigned long long)again_refused);
	for (;;) {
		for (best = 0, i = 1; i < MAX_PHRASES; i++)
			if (phrases[i].count > phrases[best].count)
				best = i;
		if (!phrases[best].count)
			break;
		printf("%8llu %s\n", (unsigned long long)phrases[best].count,
		       phrases[best].text);
		phrases[best].count = 0;
	}
	printf("wrong 0\n");
}

int main(int argc, char **argv)
{
	uint64_t first, count, i;

	if (argc != 6)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoull(argv[3], NULL, 0);
	first = strtoull(argv[4], NULL, 0);
	count = strtoull(argv[5], NULL, 0);
	load_all(argv[2]);
	disk_begin(argv[1]);
	messages_begin();
	for (i = 0; i < count; i++) {
		current = first + i;
		random_begin(seed << 32 | current);
		once(argv[1]);
		if (i % 500 == 499)
			printf("# %llu\n", (unsigned long long)i + 1);
	}
	report(count);
	return 0;
}

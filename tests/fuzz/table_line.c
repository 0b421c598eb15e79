// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of tables: good ones, odd ones, and ones of something else. */
#include <stdio.h>
#include <string.h>

#include "table_line.h"

#define WORDS 64

static char words[WORDS][32];
static unsigned int words_known;

void words_begin(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[128];

	if (!file)
		die("no %s", path);
	while (words_known < WORDS && fgets(line, sizeof(line), file))
		if (sscanf(line, "\"%31[^\"]\"", words[words_known]) == 1)
			words_known++;
	fclose(file);
	if (!words_known)
		die("%s: no words", path);
}

const char *word_of_table(void)
{
	return words[random_below(words_known)];
}

void line_good(const struct place *place, char line[LINE])
{
	snprintf(line, LINE, "%s %s %s", place->disk, kind_names[place->kind],
		 place->options);
}

/* None that makes a test wait for long; at random one of them is for another kind */
static const char *some_option(const struct place *place)
{
	static const char *const options[] = {
		"region=0", "reorder_ms=0", "reorder_ms=1", "reorder_ms=300",
		"max_inflight=4096", "max_inflight=65536", "commit_ms=1",
		"commit_ms=50", "sync", "max_inflight=1073741824",
		/* WORM */
		"no_verify_reads", "on_corruption=error", "on_corruption=panic",
		"on_corruption=restart",
		/* streams */
		"reserve=0", "reserve=5", "reserve=1000", "discard",
	};

	if (chance(20))
		return options[random_below(18)];
	if (place->kind == WORM)
		return options[random_below(14)];
	return options[(random_below(14) + 14) % 18];
}

static void add(char line[LINE], const char *format, const char *text,
		unsigned long long number)
{
	size_t length = strlen(line);

	snprintf(line + length, LINE - length, format, text, number);
}

static void add_odd(char line[LINE])
{
	char bytes[4];
	unsigned int i;

	switch (random_below(4)) {
	case 0:
		add(line, " %s%llu", word_of_table(), odd_number());
		break;
	case 1:
		add(line, " %s", word_of_table(), 0);
		break;
	case 2:
		add(line, " %s%llu", "region=", odd_number());
		break;
	default:
		for (i = 0; i < 3; i++)
			bytes[i] = 33 + random_below(223);
		bytes[3] = 0;
		add(line, " %s=%llu", bytes, odd_number());
	}
}

/* The same region always: the volume has one of each kind */
void line_odd(const struct place *place, char line[LINE])
{
	unsigned int options = random_below(4), odd = chance(3), key, i;

	key = place->kind == VAULT && !chance(8);
	if (place->kind == VAULT)
		options = chance(4);
	snprintf(line, LINE, "%s %s", place->disk, kind_names[place->kind]);
	add(line, "%s %llu", "", options + odd + key +
	    (chance(12) ? odd_number() : 0));
	for (i = 0; i < options; i++)
		add(line, " %s", place->kind == VAULT ? "region=0" :
		    some_option(place), 0);
	if (key)
		add(line, "%s", strchr(place->options, ' '), 0);
	if (odd)
		add_odd(line);
}

/* Of another region, another disk, or of nothing */
void line_foreign(const struct place *place, char line[LINE], bool stacked)
{
	static const char *const devices[] = {
		"/dev/null", "/dev/mapper/control", "7:99", "-", "/", "0:0",
		"/dev/vde/dm-0", "4294967295:4294967295",
	};
	const struct place *other = &crowd->places[random_below(PLACES)];
	char device[32];

	snprintf(device, sizeof(device), "%s", other->disk);
	if (stacked && chance(2))
		snprintf(device, sizeof(device), "/dev/dm-%u",
			 (unsigned int)random_below(PLACES + 2));
	else if (chance(4))
		snprintf(device, sizeof(device), "%s", devices[random_below(8)]);
	snprintf(line, LINE, "%s %s %s", device,
		 chance(8) ? word_of_table() : kind_names[random_below(KINDS)],
		 chance(3) ? place->options : other->options);
	if (chance(3))
		add_odd(line);
}

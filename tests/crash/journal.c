// SPDX-License-Identifier: GPL-2.0-only
/* The writer's journal of promises. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "mark.h"

/* A machine that dies leaves whole lines, or half a last. */
static void add_line(struct journal *journal, const char *line)
{
	size_t length = strlen(line);

	if (write(journal->fd, line, length) != (ssize_t)length) {
		perror("journal");
		exit(2);
	}
	mark_line(++journal->lines);
}

static void add_epoch(struct journal *journal, uint64_t number, uint64_t start)
{
	size_t size = (journal->count + 1) * sizeof(*journal->epochs);

	journal->epochs = realloc(journal->epochs, size);
	if (!journal->epochs)
		abort();
	journal->epochs[journal->count].number = number;
	journal->epochs[journal->count].start = start;
	journal->count++;
}

uint64_t journal_begin(struct journal *journal, uint64_t start)
{
	uint64_t number = journal->count + 1;
	char line[64];

	add_epoch(journal, number, start);
	snprintf(line, sizeof(line), "epoch %" PRIu64 " %" PRIu64 "\n", number,
		 start);
	add_line(journal, line);
	return number;
}

/* Note a mark when it moves on. */
static void add_mark(struct journal *journal, const char *name,
		     uint64_t *mark, uint64_t value)
{
	char line[64];

	if (value <= *mark)
		return;
	*mark = value;
	snprintf(line, sizeof(line), "%s %" PRIu64 "\n", name, value);
	add_line(journal, line);
}

void journal_durable(struct journal *journal, uint64_t end)
{
	add_mark(journal, "durable", &journal->durable, end);
}

void journal_consuming(struct journal *journal, uint64_t position)
{
	add_mark(journal, "consuming", &journal->consuming, position);
}

void journal_consumed(struct journal *journal, uint64_t position)
{
	add_mark(journal, "consumed", &journal->consumed, position);
}

static int parse(struct journal *journal, const char *line)
{
	uint64_t number, start;

	if (sscanf(line, "epoch %" SCNu64 " %" SCNu64 "\n", &number,
		   &start) == 2)
		add_epoch(journal, number, start);
	else if (sscanf(line, "durable %" SCNu64 "\n", &number) == 1)
		journal->durable = number;
	else if (sscanf(line, "consuming %" SCNu64 "\n", &number) == 1)
		journal->consuming = number;
	else if (sscanf(line, "consumed %" SCNu64 "\n", &number) == 1)
		journal->consumed = number;
	else
		return -1;
	return 0;
}

/* Half a last line was never finished: nobody relies on it. */
static int load(struct journal *journal)
{
	FILE *file = fdopen(dup(journal->fd), "r");
	off_t good = 0;
	char line[64];
	int err = !file;

	while (!err && fgets(line, sizeof(line), file) && strchr(line, '\n')) {
		err = parse(journal, line);
		good += strlen(line);
		journal->lines++;
	}
	if (file)
		fclose(file);
	return err || ftruncate(journal->fd, good);
}

int journal_open(struct journal *journal, const char *path)
{
	memset(journal, 0, sizeof(*journal));
	journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_DSYNC, 0644);
	if (journal->fd < 0 || load(journal)) {
		fprintf(stderr, "%s: cannot be read as a journal\n", path);
		return -1;
	}
	return 0;
}

int journal_epoch_of(const struct journal *journal, uint64_t block,
		     uint64_t *epoch)
{
	unsigned int i = journal->count;

	/* What a crash dropped was written again by the epoch after it. */
	while (i--) {
		if (journal->epochs[i].start > block)
			continue;
		*epoch = journal->epochs[i].number;
		return 0;
	}
	return -1;
}

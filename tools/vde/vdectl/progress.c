// SPDX-License-Identifier: GPL-2.0-only
/* A progress bar with rate and time left, for whoever waits at a terminal. */
#include <inttypes.h>
#include <unistd.h>

#include "progress.h"

#define BAR_WIDTH 30
#define REDRAW_SECONDS 0.2

static double seconds_between(const struct timespec *from,
			      const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) +
	       (to->tv_nsec - from->tv_nsec) / 1e9;
}

/**
 * progress_start - note when the work begins
 * @progress: to fill
 */
void progress_start(struct progress *progress)
{
	progress->active = isatty(STDERR_FILENO);
	progress->shown = false;
	clock_gettime(CLOCK_MONOTONIC, &progress->start);
	progress->last = progress->start;
}

static void draw_bar(double seconds, u64 done, u64 total)
{
	static const char marks[] = "##############################";
	char rate[VDECTL_TEXT_SIZE];
	u64 left = (total - done) * seconds / done + 0.5;

	fprintf(stderr, "\r[%-*.*s] %3.0f%% %s/s, %" PRIu64 ":%02" PRIu64
		":%02" PRIu64 " left \033[K", BAR_WIDTH,
		(int)(BAR_WIDTH * (double)done / total), marks,
		100.0 * done / total, vdectl_size_text(rate, done / seconds),
		left / 3600, left / 60 % 60, left % 60);
}

/**
 * progress_show - draw the bar if it is time to
 * @progress: started
 * @done: blocks done
 * @total: blocks in all; 0 or less than @done if that is not known: then only
 *	amount and rate are shown
 */
void progress_show(struct progress *progress, u64 done, u64 total)
{
	char amount[VDECTL_TEXT_SIZE];
	char rate[VDECTL_TEXT_SIZE];
	struct timespec now;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!progress->active || !done ||
	    seconds_between(&progress->last, &now) < REDRAW_SECONDS)
		return;
	progress->last = now;
	seconds = seconds_between(&progress->start, &now);
	if (total >= done)
		draw_bar(seconds, done, total);
	else
		fprintf(stderr, "\r%s, %s/s \033[K",
			vdectl_size_text(amount, done),
			vdectl_size_text(rate, done / seconds));
	progress->shown = true;
}

/**
 * progress_clear - take the bar off the screen
 * @progress: started
 */
void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

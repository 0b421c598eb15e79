/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress bar on a terminal. */
#ifndef VDECTL_PROGRESS_H
#define VDECTL_PROGRESS_H

#include <time.h>

#include "vdectl.h"

/**
 * struct progress - a bar on standard error
 * @active: standard error is a terminal
 * @shown: the bar is on the screen
 * @start: when the work began
 * @last: when the bar was drawn last
 */
struct progress {
	bool active;
	bool shown;
	struct timespec start;
	struct timespec last;
};

void progress_start(struct progress *progress);
void progress_show(struct progress *progress, u64 done, u64 total);
void progress_clear(struct progress *progress);

#endif /* VDECTL_PROGRESS_H */

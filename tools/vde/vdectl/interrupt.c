// SPDX-License-Identifier: GPL-2.0-only
/* Signals that end a command early, but not without a word about what it did. */
#include <signal.h>

#include "vdectl.h"

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/**
 * vdectl_catch_interrupt - from now on SIGINT and SIGTERM only set a flag
 *
 * System calls that wait return EINTR. A signal that was ignored stays so.
 */
void vdectl_catch_interrupt(void)
{
	static const int signals[] = { SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = note_signal };
	struct sigaction old;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

/**
 * vdectl_interrupted - did such a signal arrive?
 *
 * Return: true from then on.
 */
bool vdectl_interrupted(void)
{
	return interrupted;
}

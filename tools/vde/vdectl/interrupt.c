// SPDX-License-Identifier: GPL-2.0-only
/* Signals that end a command early, but not without a word about what it did. */
#include <signal.h>

#include "vdectl.h"

static const int signals[] = { SIGINT, SIGTERM };
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

/**
 * vdectl_wait - wait for files, but not past a signal
 * @fds: as for poll(2)
 * @count: how many
 * @timeout_ms: -1 for no limit
 *
 * After vdectl_catch_interrupt() no signal can slip through between a look at
 * the flag and the wait.
 *
 * Return: how many files are ready, 0 after the time limit; -EINTR; other
 * negative errno of ppoll(2).
 */
int vdectl_wait(struct pollfd *fds, u32 count, int timeout_ms)
{
	struct timespec limit = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	sigset_t blocked;
	sigset_t before;
	int ret = -EINTR;
	u32 i;

	sigemptyset(&blocked);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	if (!interrupted) {
		ret = ppoll(fds, count, timeout_ms < 0 ? NULL : &limit,
			    &before);
		if (ret < 0)
			ret = -errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

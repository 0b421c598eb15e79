/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CRASH_MARK_H
#define CRASH_MARK_H

/*
 * Where the writes of a test are logged by dm-log-writes, promises are tied to
 * places in that log: after each line of a journal, the mark "NAME:LINES" goes
 * into the log of the mapped device that $CRASH_LOG names, with $CRASH_NAME for
 * NAME. Without $CRASH_LOG nothing is done. Failing ends the program.
 */
void mark_line(unsigned int lines);

#endif /* CRASH_MARK_H */

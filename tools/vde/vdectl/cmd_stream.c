// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream: verbs for active streams. */
#include "stream.h"

static const struct vdectl_command *const verbs[] = {
	&vdectl_stream_append,
	&vdectl_stream_cat,
	&vdectl_stream_tail,
	&vdectl_stream_consume,
	&vdectl_stream_reset,
	&vdectl_stream_status,
	&vdectl_stream_watch,
};

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	return vdectl_run_verb(command, verbs, ARRAY_SIZE(verbs), argc, argv);
}

const struct vdectl_command vdectl_stream = {
	.name = "stream",
	.summary = "write, read and consume a stream",
	.help =
"VERB NAME [ARGUMENT]...\n"
"\n"
"Use the active stream NAME, a ring of blocks of 4096 bytes. It is written at the\n"
"head and can be read from the tail on, by positions that only ever grow.\n"
"\n"
"  append NAME [FILE|-]  write a file or standard input at the head\n"
"  cat NAME              print what is in the ring now\n"
"  tail NAME             print what is written from now on\n"
"  consume NAME          give up the oldest blocks\n"
"  reset NAME            give up all, and let positions start at 0 again\n"
"  status NAME           show head, tail and fill\n"
"  watch NAME            show fill and rate until interrupted\n"
"\n"
"'vdectl stream VERB --help' describes a verb.\n",
	.run = run,
};

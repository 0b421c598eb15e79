// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream cat: print what is in the ring now. */
#include "stream.h"

/* Up to the head of the start: who writes meanwhile does not keep it going. */
static int copy_ring(struct stream_reader *reader, u64 count)
{
	u64 end = reader->head;
	u64 left;
	int ret;

	while (!reader->reset && reader->position < end &&
	       reader->blocks < count) {
		left = end - reader->position;
		if (left > count - reader->blocks)
			left = count - reader->blocks;
		ret = stream_reader_copy(reader, left);
		/* At the head of a ring that was reset, before it could be told. */
		if (ret == -EAGAIN)
			break;
		if (ret == -EINTR)
			continue;
		if (ret)
			return ret;
	}
	return reader->lost || reader->reset ? VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	return stream_reader_run(command, argc, argv, STREAM_FROM_TAIL,
				 copy_ring);
}

const struct vdectl_command vdectl_stream_cat = {
	.name = "stream cat",
	.summary = "print what is in the ring now",
	.help =
"NAME [--from POSITION] [--count N]\n"
"\n"
"Write the blocks of the active stream NAME to standard output, from the tail up to\n"
"where the head is now. They stay in the ring.\n"
"\n"
"  --from POSITION  begin there instead\n"
"  --count N        N blocks at most\n"
"  --help           show this text\n"
"\n"
"Exit status 1 tells that blocks were overwritten before they could be read, or that\n"
"the stream was reset: standard error says which.\n",
	.run = run,
};

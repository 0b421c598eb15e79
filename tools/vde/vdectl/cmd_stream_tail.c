// SPDX-License-Identifier: GPL-2.0-only
/* vdectl stream tail: print what is written from now on. */
#include <signal.h>
#include <unistd.h>

#include "stream.h"

/*
 * Wait for more, or for the end. Return: VDECTL_OK; -EINTR; -EPIPE when nobody
 * reads what we write; other negative errno.
 */
static int wait_for_more(const struct stream_reader *reader)
{
	struct pollfd fds[] = {
		{ .fd = reader->device.fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	int ret;

	ret = vdectl_wait(fds, ARRAY_SIZE(fds), -1);
	if (ret < 0)
		return ret;
	return fds[1].revents & POLLERR ? -EPIPE : VDECTL_OK;
}

static int follow(struct stream_reader *reader, u64 count)
{
	int ret = VDECTL_OK;

	vdectl_catch_interrupt();
	while (!ret && reader->blocks < count && !vdectl_interrupted()) {
		ret = stream_reader_copy(reader, count - reader->blocks);
		if (ret == -EAGAIN)
			ret = wait_for_more(reader);
	}
	if (ret > 0)
		return ret;
	/* As if we had written there. */
	if (ret == -EPIPE)
		raise(SIGPIPE);
	else if (ret && ret != -EINTR)
		return vdectl_device_error(reader->name, "wait", ret);
	return reader->lost ? VDECTL_PROBLEM : VDECTL_OK;
}

static int run(const struct vdectl_command *command, int argc, char **argv)
{
	return stream_reader_run(command, argc, argv, STREAM_FROM_HEAD, follow);
}

const struct vdectl_command vdectl_stream_tail = {
	.name = "stream tail",
	.summary = "print what is written from now on",
	.help =
"NAME [--from POSITION] [--count N]\n"
"\n"
"Write the blocks of the active stream NAME to standard output as they come, until\n"
"interrupted. They stay in the ring. When some were overwritten before they could be\n"
"read, standard error says which, and it goes on with the oldest that there is.\n"
"\n"
"  --from POSITION  begin there instead of at the head; 'tail' is the oldest block\n"
"  --count N        end after N blocks\n"
"  --help           show this text\n"
"\n"
"Exit status 1 tells that blocks were lost.\n",
	.run = run,
};

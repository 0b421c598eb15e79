// SPDX-License-Identifier: GPL-2.0-only
/* Where bytes come from: a file or standard input. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vdectl.h"

/* A regular file's size counts from where it will be read. */
static int find_size(struct vdectl_input *input)
{
	struct stat st;
	off_t at;

	if (fstat(input->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	at = lseek(input->fd, 0, SEEK_CUR);
	input->has_size = S_ISREG(st.st_mode) && at >= 0;
	input->size = input->has_size && at < st.st_size ? st.st_size - at : 0;
	return 0;
}

static bool is_standard(const char *path)
{
	return !path || !strcmp(path, "-");
}

/**
 * vdectl_input_open - open what is to be read, or say why not
 * @path: a file; NULL or "-" is standard input
 * @input: to fill
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int vdectl_input_open(const char *path, struct vdectl_input *input)
{
	int ret;

	input->name = is_standard(path) ? "standard input" : path;
	input->fd = is_standard(path) ? STDIN_FILENO :
					 open(path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0)
		return vdectl_error("%s: %s", input->name, strerror(errno));
	ret = find_size(input);
	if (!ret)
		return VDECTL_OK;
	vdectl_input_close(input);
	return vdectl_error("%s: %s", input->name, strerror(-ret));
}

/**
 * vdectl_input_close - close what was opened
 * @input: from vdectl_input_open()
 */
void vdectl_input_close(const struct vdectl_input *input)
{
	if (input->fd != STDIN_FILENO)
		close(input->fd);
}

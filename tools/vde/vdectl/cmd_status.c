// SPDX-License-Identifier: GPL-2.0-only
#include "vdectl.h"
static int run(const struct vdectl_command *command, int argc, char **argv)
{
	(void)argc; (void)argv;
	return vdectl_usage(command, "not yet");
}
const struct vdectl_command vdectl_status = { .name = "status", .summary="", .help="", .run = run };

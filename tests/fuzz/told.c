// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "active.h"
#include "told.h"

#define LONGEST 10000	/* milliseconds */

static int fd = -1;
static bool heard;

void told_begin(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		give_up("netlink: %s", strerror(errno));
}

/* Some may have been lost, when nobody read them: those of devices that come and go */
static ssize_t receive(char text[8192])
{
	ssize_t got;

	do
		got = recv(fd, text, 8191, MSG_DONTWAIT);
	while (got < 0 && errno == ENOBUFS);
	return got;
}

void told_forget(void)
{
	char text[8192];

	while (receive(text) > 0)
		;
	heard = false;
}

static bool has(const char *text, ssize_t length, const char *word)
{
	const char *at;

	for (at = text; at < text + length; at += strlen(at) + 1)
		if (!strcmp(at, word))
			return true;
	return false;
}

bool told_within(const char *event, int ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	char text[8192], word[32];
	ssize_t got;

	snprintf(word, sizeof(word), "VDE_EVENT=%s", event);
	do {
		while (!heard && (got = receive(text)) > 0) {
			text[got] = 0;
			heard = has(text, got, word);
		}
	} while (!heard && poll(&pollfd, 1, ms) == 1);
	return heard;
}

void told_wait(const char *event)
{
	if (!told_within(event, LONGEST))
		give_up("no event tells \"%s\"", event);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * uevents SECONDS KEY=VALUE...: prints "ready" when it listens, then waits for
 * a uevent of the kernel that has all these variables, prints all variables of
 * that one and exits with 0; with 1 when the time is over.
 */
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int listen_to_kernel(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("netlink");
		exit(2);
	}
	return fd;
}

/* Is WORD among the zero-terminated strings? */
static int has(const char *text, size_t len, const char *word)
{
	const char *at;

	for (at = text; at < text + len; at += strlen(at) + 1)
		if (!strcmp(at, word))
			return 1;
	return 0;
}

static int matches(const char *text, size_t len, char **words)
{
	for (; *words; words++)
		if (!has(text, len, *words))
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	char text[8193];
	struct pollfd pollfd = { .events = POLLIN };
	const char *at;
	time_t end;
	ssize_t len;

	if (argc < 3)
		return 2;
	pollfd.fd = listen_to_kernel();
	end = time(NULL) + atoi(argv[1]);
	puts("ready");
	fflush(stdout);
	while (time(NULL) <= end) {
		if (poll(&pollfd, 1, 1000) != 1)
			continue;
		len = recv(pollfd.fd, text, sizeof(text) - 1, 0);
		if (len <= 0)
			continue;
		text[len] = '\0';
		if (!matches(text, len, argv + 2))
			continue;
		for (at = text; at < text + len; at += strlen(at) + 1)
			puts(at);
		return 0;
	}
	return 1;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * reseal DEVICE BLOCK [OFFSET=HEX]...: changes bytes of a metadata block and
 * makes its checksum right again, as an attacker or another program would. The
 * format is written down once more here, on purpose: this must not follow a
 * mistake in the project's own rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define BLOCK 4096
#define PAYLOAD 4080
#define CHECKSUM (PAYLOAD + 8)

static void die(const char *what)
{
	fprintf(stderr, "reseal: %s: %s\n", what,
		errno ? strerror(errno) : "malformed");
	exit(2);
}

/* OFFSET=HEX, two digits a byte */
static void patch(uint8_t *block, const char *word)
{
	char *at;
	unsigned long offset = strtoul(word, &at, 0);
	unsigned int byte;

	if (*at++ != '=')
		die(word);
	for (; *at; at += 2) {
		if (offset >= CHECKSUM || sscanf(at, "%2x", &byte) != 1 || !at[1])
			die(word);
		block[offset++] = byte;
	}
}

static void put_checksum(uint8_t *block)
{
	uint64_t sum = XXH64(block, PAYLOAD, 0);
	int i;

	for (i = 0; i < 8; i++)
		block[CHECKSUM + i] = sum >> 8 * i;
}

int main(int argc, char **argv)
{
	uint8_t block[BLOCK];
	off_t offset;
	int fd, i;

	if (argc < 3)
		die("usage");
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		die(argv[1]);
	offset = strtoull(argv[2], NULL, 0) * BLOCK;
	if (pread(fd, block, BLOCK, offset) != BLOCK)
		die("read");
	for (i = 3; i < argc; i++)
		patch(block, argv[i]);
	put_checksum(block);
	if (pwrite(fd, block, BLOCK, offset) != BLOCK || fsync(fd))
		die("write");
	return 0;
}

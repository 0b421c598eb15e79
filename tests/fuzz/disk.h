/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk beneath, past the page cache; each ends the program when it fails. */
#ifndef FUZZ_DISK_H
#define FUZZ_DISK_H

#include <stdint.h>

/* Before all others */
void disk_begin(const char *path);

/* Blocks, to and from memory that is aligned as they are */
void disk_read(void *to, uint64_t first, uint64_t blocks);
void disk_write(const void *from, uint64_t first, uint64_t blocks);

#endif /* FUZZ_DISK_H */

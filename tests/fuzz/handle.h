/* SPDX-License-Identifier: GPL-2.0-only */
/* Files on a region, and what can be done with them. */
#ifndef FUZZ_HANDLE_H
#define FUZZ_HANDLE_H

#include "crowd.h"

struct handle {
	struct place *place;	/* NULL: not open */
	int mode;		/* O_RDONLY, O_WRONLY or O_RDWR */
	int device;		/* /dev/vde/dm-N */
	int node;		/* /dev/dm-N, or -1 */
	bool direct;		/* the node */
};

/* It is just that region, though devices come and go; false if it is not there. */
bool handle_open(struct handle *handle, struct place *place, int mode);
void handle_close(struct handle *handle);

/* Each makes one random call, or a few that belong together. */
void fuzz_ioctl(struct handle *handle);	/* caller_ioctl.c */
void fuzz_file(struct handle *handle);	/* caller_file.c: the character device */
void fuzz_bio(struct handle *handle);	/* caller_bio.c */
void fuzz_sysfs(void);			/* caller_sysfs.c */

/* How often each command has succeeded */
void report_ioctls(void);

/* caller_table.c: a message, a table, or a device that comes or goes. */
void words_begin(const char *path);
void fuzz_message(void);
void fuzz_table(void);
void fuzz_attach(void);

/* There, with its own table, and resumed */
int place_attach(struct place *place);

#endif /* FUZZ_HANDLE_H */

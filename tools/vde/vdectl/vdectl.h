/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of vdectl share. */
#ifndef VDECTL_H
#define VDECTL_H

#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>

#include "libvde.h"

/**
 * enum vdectl_exit - exit status of every command
 * @VDECTL_OK: done, nothing wrong
 * @VDECTL_PROBLEM: done, and a problem with the volume or device was found
 * @VDECTL_ERROR: wrong usage, refused, or an error of the system
 */
enum vdectl_exit {
	VDECTL_OK,
	VDECTL_PROBLEM,
	VDECTL_ERROR,
};

/**
 * struct vdectl_command - one verb
 * @name: the verb
 * @summary: one line for the list of commands
 * @help: usage and options, printed by --help
 * @run: does it; argv[0] is the program's name
 */
struct vdectl_command {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(const struct vdectl_command *command, int argc, char **argv);
};

extern const struct vdectl_command vdectl_format;
extern const struct vdectl_command vdectl_attach;
extern const struct vdectl_command vdectl_detach;
extern const struct vdectl_command vdectl_status;
extern const struct vdectl_command vdectl_append;
extern const struct vdectl_command vdectl_cat;
extern const struct vdectl_command vdectl_log;
extern const struct vdectl_command vdectl_scrub;
extern const struct vdectl_command vdectl_retention;
extern const struct vdectl_command vdectl_reset;
extern const struct vdectl_command vdectl_stream;
extern const struct vdectl_command vdectl_key;
extern const struct vdectl_command vdectl_passport;
extern const struct vdectl_command vdectl_check;
extern const struct vdectl_command vdectl_dump;

/* verbs.c */
int vdectl_run_verb(const struct vdectl_command *command,
		    const struct vdectl_command *const *verbs, u32 count,
		    int argc, char **argv);

/* message.c */
int vdectl_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
int vdectl_usage(const struct vdectl_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int vdectl_help(const struct vdectl_command *command);
int vdectl_open_error(const char *path, int err);
int vdectl_volume_error(const char *path, enum vde_fault fault);

/* options.c */
int vdectl_option(const struct vdectl_command *command, int argc, char **argv,
		  const char *name, bool *given);

/**
 * struct vdectl_input - where bytes come from
 * @name: for messages
 * @fd: is read
 * @has_size: it is a regular file
 * @size: bytes it has from where it is read; 0 if that is not known
 */
struct vdectl_input {
	const char *name;
	int fd;
	bool has_size;
	u64 size;
};

/* input.c */
int vdectl_input_open(const char *path, struct vdectl_input *input);
void vdectl_input_close(const struct vdectl_input *input);

/* device.c: an active device named on the command line */
const char *vdectl_plain_name(const char *argument);
int vdectl_device_error(const char *name, const char *what, int err);
int vdectl_open_device(const char *name, unsigned int flags,
		       struct vde_device *device, struct vde_ioc_info *info);
int vdectl_open_vault(const char *name, unsigned int flags,
		      struct vde_device *device);
int vdectl_open_stream(const char *name, unsigned int flags,
		       struct vde_device *device);

/* confirm.c */
int vdectl_can_confirm(const char *name);
int vdectl_confirm(const char *name, const char *what);

/* interrupt.c: signals that end a command early */
void vdectl_catch_interrupt(void);
bool vdectl_interrupted(void);
int vdectl_wait(struct pollfd *fds, u32 count, int timeout_ms);

/* region.c */
int vdectl_visit_region(const char *path, u64 nr,
			int (*visit)(const struct vde_volume *volume,
				     const struct vde_region *region,
				     void *context),
			void *context);
int vdectl_visit_vault(const char *path, u64 nr,
		       int (*visit)(const struct vde_volume *volume,
				    const struct vde_region *region,
				    void *context),
		       void *context);

/* parse_time.c */
int vdectl_parse_time(const char *text, s64 *ticks);

/* parse.c: all return 0 or -EINVAL */
int vdectl_parse_number(const char *text, u64 *number);
int vdectl_parse_bytes(const char *text, u64 *bytes);
int vdectl_parse_size(const char *text, u64 *blocks);
int vdectl_parse_duration(const char *text, s64 *ticks);
int vdectl_parse_hex(const char *text, u8 *bytes, size_t size);
int vdectl_check_label(const char *text);

/* show.c: text of values, in buffers of VDECTL_TEXT_SIZE */
#define VDECTL_TEXT_SIZE 300

const char *vdectl_size_text(char *text, u64 blocks);
const char *vdectl_duration_text(char *text, s64 ticks);
const char *vdectl_time_text(char *text, s64 ticks);
const char *vdectl_second_text(char *text, s64 ticks);
const char *vdectl_clock_text(char *text, s64 ticks);
const char *vdectl_expiry_text(char *text,
			       const struct vde_retention *retention, u64 hwm);
bool vdectl_expiry(const struct vde_retention *retention, u64 hwm, s64 *ticks);
const char *vdectl_hex_text(char *text, const u8 *bytes, u32 count);
const char *vdectl_safe_text(char *text, const void *bytes, size_t size);
const char *vdectl_label_text(char *text, const struct vde_disk_superblock *sb);
const char *vdectl_fault_name(enum vde_fault fault);

/* json.c */
void json_add_number(struct json_object *object, const char *key, u64 number);
void json_add_ticks(struct json_object *object, const char *key, __le64 ticks);
void json_add_signed(struct json_object *object, const char *key, s64 number);
void json_add_time(struct json_object *object, const char *key, s64 ticks);
void json_add_bool(struct json_object *object, const char *key, bool value);
void json_add_null(struct json_object *object, const char *key);
void json_add_text(struct json_object *object, const char *key,
		   const char *text);
void json_add_guid(struct json_object *object, const char *key,
		   const u8 guid[16]);
void json_add_retention(struct json_object *object,
			const struct vde_retention *retention, u64 hwm);
int json_print(struct json_object *object);

#endif /* VDECTL_H */

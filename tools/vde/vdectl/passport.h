/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verbs of 'vdectl passport' share. */
#ifndef VDECTL_PASSPORT_H
#define VDECTL_PASSPORT_H

#include "keys.h"
#include "vault.h"

extern const struct vdectl_command vdectl_passport_new;
extern const struct vdectl_command vdectl_passport_sign;
extern const struct vdectl_command vdectl_passport_add;
extern const struct vdectl_command vdectl_passport_get;
extern const struct vdectl_command vdectl_passport_list;
extern const struct vdectl_command vdectl_passport_verify;
extern const struct vdectl_command vdectl_passport_remove;
extern const struct vdectl_command vdectl_passport_hold;
extern const struct vdectl_command vdectl_passport_release;
extern const struct vdectl_command vdectl_passport_attest;

/**
 * struct passport - a passport as it is stored
 * @bytes: what vde_passport_decode() accepts
 * @size: how many
 */
struct passport {
	u8 bytes[VDE_PASSPORT_MAX];
	u32 size;
};

/**
 * struct passport_list - passports that were read
 * @passports: the passports
 * @count: how many
 */
struct passport_list {
	struct passport *passports;
	u32 count;
};

/* passport.c */
enum vde_fault passport_build(struct vde_passport *parts,
			      struct passport *passport);
void passport_parts(const struct passport *passport,
		    struct vde_passport *parts);
bool passport_is_signed(const struct vde_passport *parts);
int passport_sign(struct passport *passport, const struct vde_key *key);
int passport_parse_framework(const char *text, u32 *framework);
int passport_parse_status(const char *text, u32 *status);
const char *passport_verdict_name(u32 verdict);

/* passport_json.c */
struct json_object *passport_json(const struct vde_passport *parts);
void passport_add_verdict(struct json_object *object, u32 verdict, u32 traits);
int passport_from_json(const char *where, struct json_object *object,
		       struct passport *passport);

/* passport_read.c */
int passport_list_add(struct passport_list *list,
		      const struct passport *passport);
void passport_list_free(struct passport_list *list);
int passport_read(const char *path, struct passport_list *list);

/* passport_show.c */
int passport_put(const struct passport *passports, u32 count, bool binary);
void passport_print(const struct vde_passport *parts, u32 verdict, u32 traits);

/* passport_error.c */
int passport_add_error(const char *name, const struct vde_passport *parts,
		       int err);
int passport_error(const char *name, const u8 id[16], const char *what,
		   int err);

/* passport_place.c */

/**
 * struct place - a passport that is made, signed and added at once
 * @name: the vault
 * @region: UUID of the WORM region, or name of its active device
 * @key: to sign with
 * @module: PKCS#11 module, or NULL
 * @issuer: whose the key is, or NULL
 * @notes: text, or NULL
 * @framework: number
 * @time: of issue in ticks
 * @has_time: @time was given
 * @print: print it, and do not add it
 * @json: print JSON
 */
struct place {
	const char *name;
	const char *region;
	const char *key;
	const char *module;
	const char *issuer;
	const char *notes;
	u32 framework;
	s64 time;
	bool has_time;
	bool print;
	bool json;
};

int place_options(const struct vdectl_command *command, int argc, char **argv,
		  struct place *place);
int place_object(const char *region, u8 object[16]);
int place_passport(const struct place *place, struct vde_passport *parts);

/* image.c: a vault on a disk or in an image file */

/**
 * struct image - which vault, and what to do with its passports
 * @path: block device or image file
 * @region: number of the vault
 * @context: passed on
 * @visit: called for each passport; negative to stop
 */
struct image {
	const char *path;
	u64 region;
	void *context;
	int (*visit)(void *context, const struct vde_passport *parts,
		     u32 traits);
};

int image_visit(struct image *image);

#endif /* VDECTL_PASSPORT_H */

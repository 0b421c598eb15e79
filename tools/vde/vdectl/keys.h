/* SPDX-License-Identifier: GPL-2.0-only */
/* Issuers' keys on the command line. */
#ifndef VDECTL_KEYS_H
#define VDECTL_KEYS_H

#include "key.h"
#include "vdectl.h"

extern const struct vdectl_command vdectl_key_generate;
extern const struct vdectl_command vdectl_key_show;
extern const struct vdectl_command vdectl_key_import;

/* keys.c */
int keys_load(const char *path, struct vde_key *key);
int keys_load_private(const char *path, const char *module,
		      struct vde_key *key);
int keys_check_issuer(const struct vdectl_command *command,
		      const char *issuer);

#define KEYS_MAX 64

/**
 * struct key_set - keys to verify with
 * @count: how many
 * @keys: the keys
 * @issuers: whose key each is, NULL for anybody's
 * @issuer: whose keys those are that follow, or NULL
 */
struct key_set {
	u32 count;
	struct vde_key keys[KEYS_MAX];
	const char *issuers[KEYS_MAX];
	const char *issuer;
};

/* key_set.c */
int key_set_add_file(struct key_set *set, const char *path, bool named);
int key_set_add_hex(struct key_set *set, const char *hex);
void key_set_free(struct key_set *set);
u32 key_set_verify(const struct key_set *set,
		   const struct vde_passport *passport);

#endif /* VDECTL_KEYS_H */

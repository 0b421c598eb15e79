/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_SIGNATURE_H
#define VDE_SIGNATURE_H

#include "rules.h"

struct key;

/* A public key on the wire: 04, then x and y, 32 big-endian bytes each. */
#define VDE_POINT_SIZE	65

/**
 * struct vde_keys - whose passports are believed
 * @keyring: asymmetric keys described "vde:<issuer>"; a reference, or NULL
 * @has_issuer_key: @issuer_key was given
 * @issuer_key: key of every issuer, where @keyring is NULL
 */
struct vde_keys {
	struct key *keyring;
	bool has_issuer_key;
	u8 issuer_key[VDE_POINT_SIZE];
};

int vde_keys_open(struct vde_keys *keys, const char *keyring,
		  bool has_issuer_key, const u8 issuer_key[VDE_POINT_SIZE],
		  const char **error);
void vde_keys_copy(struct vde_keys *to, const struct vde_keys *from);
void vde_keys_close(struct vde_keys *keys);
int vde_keys_verify(const struct vde_keys *keys,
		    const struct vde_passport *passport);
bool vde_signature_supported(void);
int vde_signature_verify(const u8 *point, u32 point_length,
			 const u8 digest[SHA256_DIGEST_SIZE],
			 const u8 *signature, u32 signature_length);

#endif /* VDE_SIGNATURE_H */

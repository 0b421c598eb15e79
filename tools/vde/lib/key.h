/* SPDX-License-Identifier: GPL-2.0-only */
/* libvde: keys of issuers, ECDSA on P-256, through libcrypto. */
#ifndef VDE_KEY_H
#define VDE_KEY_H

#include "libvde.h"

#define VDE_POINT_SIZE	65U	/* 04, x, y */

/**
 * struct vde_key - a key on P-256
 * @pkey: libcrypto's, with the private part if @is_private
 * @public: the same without it
 * @point: public key, uncompressed
 * @is_private: it can sign
 * @name: common name of the certificate that it came from, or NULL
 * @certificate: DER of that certificate, or NULL
 * @certificate_size: of it in bytes
 */
struct vde_key {
	void *pkey;
	void *public;
	u8 point[VDE_POINT_SIZE];
	bool is_private;
	char *name;
	u8 *certificate;
	u32 certificate_size;
};

/*
 * Asked for the passphrase of a key or the PIN of a token: writes it to @buffer
 * and returns its length, or -1.
 */
typedef int (*vde_passphrase)(char *buffer, int size, int writing,
			      void *context);

/* key.c: keys in files */
int vde_key_load(const char *path, vde_passphrase passphrase,
		 struct vde_key *key);
int vde_key_of_point(const u8 point[VDE_POINT_SIZE], struct vde_key *key);
int vde_key_take(void *pkey, bool is_private, struct vde_key *key);
void vde_key_free(struct vde_key *key);
int vde_key_fingerprint(const struct vde_key *key,
			u8 digest[SHA256_DIGEST_SIZE]);

/* key_token.c: keys that a token keeps */
bool vde_key_is_uri(const char *path);
int vde_key_load_uri(const char *uri, const char *module,
		     struct vde_key *key);

/* key_sign.c: raw signatures, r || s */
int vde_key_sign(const struct vde_key *key, const void *data, size_t size,
		 u8 signature[VDE_SIGNATURE_SIZE]);
int vde_key_verify(const struct vde_key *key, const void *data, size_t size,
		   const u8 signature[VDE_SIGNATURE_SIZE]);

/* key_make.c: new keys and certificates */
int vde_key_generate(struct vde_key *key);
int vde_key_write(const struct vde_key *key, const char *path);
int vde_key_certify(struct vde_key *key, const char *issuer, u32 days);
int vde_key_write_certificate(const struct vde_key *key, const char *path);

/* keyring.c: keys of the kernel */
int vde_keyring_find(const char *name, s32 *serial);
int vde_keyring_add(s32 keyring, const char *issuer, const void *certificate,
		    size_t size, s32 *serial);

#endif /* VDE_KEY_H */

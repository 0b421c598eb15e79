// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA over SHA-256: raw signatures here, DER in libcrypto. */
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "key.h"

#define NUMBER_SIZE	(VDE_SIGNATURE_SIZE / 2)
#define DER_MAX		80

static int to_raw(const u8 *der, size_t size, u8 raw[VDE_SIGNATURE_SIZE])
{
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, size);
	const BIGNUM *r, *s;
	int ret = -EBADMSG;

	if (!signature)
		return ret;
	ECDSA_SIG_get0(signature, &r, &s);
	if (BN_bn2binpad(r, raw, NUMBER_SIZE) > 0 &&
	    BN_bn2binpad(s, raw + NUMBER_SIZE, NUMBER_SIZE) > 0)
		ret = 0;
	ECDSA_SIG_free(signature);
	return ret;
}

static int to_der(const u8 raw[VDE_SIGNATURE_SIZE], u8 der[DER_MAX])
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, NUMBER_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(raw + NUMBER_SIZE, NUMBER_SIZE, NULL);
	int size;

	if (!signature || !r || !s || !ECDSA_SIG_set0(signature, r, s)) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(signature);
		return -ENOMEM;
	}
	size = i2d_ECDSA_SIG(signature, &der);
	ECDSA_SIG_free(signature);
	return size > 0 ? size : -ENOMEM;
}

static int sign(EVP_MD_CTX *context, EVP_PKEY *pkey, const void *data,
		size_t size, u8 raw[VDE_SIGNATURE_SIZE])
{
	u8 der[DER_MAX];
	size_t length = sizeof(der);

	if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey) <= 0 ||
	    EVP_DigestSign(context, der, &length, data, size) <= 0)
		return -EIO;
	return to_raw(der, length, raw);
}

/**
 * vde_key_sign - sign
 * @key: private key
 * @data: what to sign
 * @size: of @data in bytes
 * @signature: set to raw r || s
 *
 * A token that signs with another key than it shows is found out here, and not
 * by whoever verifies one day.
 *
 * Return: 0; -ENOKEY without a private key; -EIO if libcrypto or the token fails;
 * -EKEYREJECTED if the signature is not by @key's public key; -ENOMEM.
 */
int vde_key_sign(const struct vde_key *key, const void *data, size_t size,
		 u8 signature[VDE_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context;
	int ret;

	if (!key->is_private)
		return -ENOKEY;
	context = EVP_MD_CTX_new();
	if (!context)
		return -ENOMEM;
	ret = sign(context, key->pkey, data, size, signature);
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return ret ? ret : vde_key_verify(key, data, size, signature);
}

/**
 * vde_key_verify - verify a signature
 * @key: the key
 * @data: what was signed
 * @size: of @data in bytes
 * @signature: raw r || s
 *
 * Return: 0; -EKEYREJECTED if it is not by that key; -ENOMEM.
 */
int vde_key_verify(const struct vde_key *key, const void *data, size_t size,
		   const u8 signature[VDE_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context;
	u8 der[DER_MAX];
	int length = to_der(signature, der);
	int ret = -EKEYREJECTED;

	if (length < 0)
		return length;
	context = EVP_MD_CTX_new();
	if (!context)
		return -ENOMEM;
	if (EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL,
				 key->public) <= 0)
		ret = -ENOMEM;
	else if (EVP_DigestVerify(context, der, length, data, size) == 1)
		ret = 0;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys in files: private, public, or a certificate, in PEM; certificates in DER,
 * too. libcrypto's own errors are left out: the errno tells which step failed.
 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "key.h"

#define FILE_MAX	(1 << 20)
#define COORDINATE_SIZE	32

static bool is_p256(EVP_PKEY *pkey)
{
	char name[64];

	return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) &&
	       !strcmp(name, "prime256v1");
}

static int get_point(EVP_PKEY *public, u8 point[VDE_POINT_SIZE])
{
	BIGNUM *x = NULL, *y = NULL;
	int ret = -EBADMSG;

	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	if (EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_X, &x) &&
	    EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_Y, &y) &&
	    BN_bn2binpad(x, point + 1, COORDINATE_SIZE) > 0 &&
	    BN_bn2binpad(y, point + 1 + COORDINATE_SIZE, COORDINATE_SIZE) > 0)
		ret = 0;
	BN_free(x);
	BN_free(y);
	return ret;
}

/* The public part as libcrypto's own, also of a key that lives in a token. */
static EVP_PKEY *copy_public(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	const unsigned char *from;
	EVP_PKEY *public = NULL;
	int size = i2d_PUBKEY(pkey, &der);

	from = der;
	if (size > 0)
		public = d2i_PUBKEY(NULL, &from, size);
	OPENSSL_free(der);
	return public;
}

/**
 * vde_key_take - make a key of libcrypto's
 * @pkey: an EVP_PKEY, which is given up also on failure; NULL for none
 * @is_private: it can sign
 * @key: to fill; to free unless this fails
 *
 * Return: 0; -EBADMSG without a key; -EPROTONOSUPPORT if it is not on P-256.
 */
int vde_key_take(void *pkey, bool is_private, struct vde_key *key)
{
	int ret = -EBADMSG;

	memset(key, 0, sizeof(*key));
	key->pkey = pkey;
	key->is_private = is_private;
	if (pkey && !is_p256(pkey)) {
		ret = -EPROTONOSUPPORT;
	} else if (pkey) {
		key->public = copy_public(pkey);
		if (key->public)
			ret = get_point(key->public, key->point);
	}
	if (ret)
		vde_key_free(key);
	ERR_clear_error();
	return ret;
}

/**
 * vde_key_free - give a key up
 * @key: filled, or all zero
 */
void vde_key_free(struct vde_key *key)
{
	EVP_PKEY_free(key->pkey);
	EVP_PKEY_free(key->public);
	OPENSSL_free(key->name);
	OPENSSL_free(key->certificate);
	memset(key, 0, sizeof(*key));
}

static char *common_name(X509 *certificate)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	ASN1_STRING *value;
	int length;

	if (at < 0)
		return NULL;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	length = ASN1_STRING_to_UTF8(&text, value);
	if (length >= 0 && strlen((char *)text) == (size_t)length)
		return (char *)text;
	OPENSSL_free(text);
	return NULL;
}

static int take_certificate(X509 *certificate, struct vde_key *key)
{
	EVP_PKEY *pkey = X509_get_pubkey(certificate);
	int ret = vde_key_take(pkey, false, key);
	int size;

	if (!ret) {
		key->name = common_name(certificate);
		size = i2d_X509(certificate, &key->certificate);
		key->certificate_size = size > 0 ? size : 0;
		ret = size > 0 ? 0 : -ENOMEM;
	}
	if (ret)
		vde_key_free(key);
	X509_free(certificate);
	return ret;
}

/* Notes whether libcrypto wanted to know a passphrase. */
struct question {
	vde_passphrase ask;
	bool asked;
};

static int ask(char *buffer, int size, int writing, void *context)
{
	struct question *question = context;

	question->asked = true;
	return question->ask ? question->ask(buffer, size, writing, NULL) : -1;
}

/* Each kind is looked for from the beginning, a private key first. */
static int parse(BIO *bio, vde_passphrase passphrase, struct vde_key *key)
{
	struct question question = { .ask = passphrase };
	X509 *certificate;
	EVP_PKEY *pkey;

	pkey = PEM_read_bio_PrivateKey(bio, NULL, ask, &question);
	if (pkey)
		return vde_key_take(pkey, true, key);
	if (question.asked)
		return -EKEYREJECTED;
	BIO_seek(bio, 0);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (pkey)
		return vde_key_take(pkey, false, key);
	BIO_seek(bio, 0);
	certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!certificate) {
		BIO_seek(bio, 0);
		certificate = d2i_X509_bio(bio, NULL);
	}
	return certificate ? take_certificate(certificate, key) : -EBADMSG;
}

/**
 * vde_key_load - read a key from a file
 * @path: private or public key or certificate in PEM, or certificate in DER
 * @passphrase: asked when the key is encrypted, or NULL
 * @key: to fill; to free unless this fails
 *
 * Return: 0; -EBADMSG if there is no key; -EPROTONOSUPPORT if it is not on P-256;
 * -EKEYREJECTED without its passphrase; -EFBIG; other negative errno of reading.
 */
int vde_key_load(const char *path, vde_passphrase passphrase,
		 struct vde_key *key)
{
	struct stat st;
	BIO *bio;
	int ret;

	memset(key, 0, sizeof(*key));
	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	errno = 0;
	bio = BIO_new_file(path, "re");
	if (!bio) {
		ERR_clear_error();
		return errno ? -errno : -ENOMEM;
	}
	ret = parse(bio, passphrase, key);
	BIO_free(bio);
	ERR_clear_error();
	return ret;
}

/**
 * vde_key_of_point - a public key from its point
 * @point: uncompressed
 * @key: to fill; to free unless this fails
 *
 * Return: 0; -EBADMSG if it is no point of P-256; -ENOMEM.
 */
int vde_key_of_point(const u8 point[VDE_POINT_SIZE], struct vde_key *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
				       "prime256v1", 10),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
					(void *)point, VDE_POINT_SIZE),
		OSSL_PARAM_END
	};
	EVP_PKEY *pkey = NULL;

	memset(key, 0, sizeof(*key));
	if (!context)
		return -ENOMEM;
	if (point[0] == POINT_CONVERSION_UNCOMPRESSED &&
	    EVP_PKEY_fromdata_init(context) > 0)
		EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(context);
	return vde_key_take(pkey, false, key);
}

/**
 * vde_key_fingerprint - what people compare
 * @key: the key
 * @digest: set to the SHA-256 of its SubjectPublicKeyInfo in DER
 *
 * Return: 0 or -ENOMEM.
 */
int vde_key_fingerprint(const struct vde_key *key,
			u8 digest[SHA256_DIGEST_SIZE])
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(key->public, &der);

	if (size <= 0)
		return -ENOMEM;
	sha256(der, size, digest);
	OPENSSL_free(der);
	return 0;
}

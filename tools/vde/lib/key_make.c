// SPDX-License-Identifier: GPL-2.0-only
/* New private keys and the certificates that kernel keyrings take. */
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "key.h"

/**
 * vde_key_generate - make a private key
 * @key: to fill; to free unless this fails
 *
 * Return: 0 or -EBADMSG.
 */
int vde_key_generate(struct vde_key *key)
{
	return vde_key_take(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), true,
			    key);
}

static int write_all(int fd, const char *data, size_t left)
{
	ssize_t done;

	while (left) {
		done = write(fd, data, left);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		left -= done;
	}
	return fsync(fd) ? -errno : 0;
}

/* A key that somebody has is never overwritten, and no half of one is left. */
static int write_new_file(const char *path, mode_t mode, const void *data,
			  size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write_all(fd, data, size);
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(path);
	return ret;
}

/**
 * vde_key_write - write a private key to a new file, in PEM
 * @key: private key
 * @path: file that must not exist; for its owner's eyes only
 *
 * Return: 0; -EEXIST; -ENOMEM; other negative errno of writing.
 */
int vde_key_write(const struct vde_key *key, const char *path)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long size;
	int ret = -ENOMEM;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0,
						 NULL, NULL)) {
		size = BIO_get_mem_data(bio, &text);
		ret = write_new_file(path, 0600, text, size);
	}
	BIO_free(bio);
	ERR_clear_error();
	return ret;
}

/* As long as an issuer may be: twice what libcrypto allows for common names. */
static bool set_name(X509_NAME *name, const char *issuer)
{
	X509_NAME_ENTRY *entry;
	bool done;

	entry = X509_NAME_ENTRY_create_by_NID(NULL, NID_commonName,
					      V_ASN1_UTF8STRING,
					      (const unsigned char *)issuer,
					      -1);
	done = entry && X509_NAME_add_entry(name, entry, -1, 0);
	X509_NAME_ENTRY_free(entry);
	return done;
}

static bool set_serial(X509 *certificate)
{
	u8 bytes[16];
	BIGNUM *number;
	bool done;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7F;
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	done = number && BN_to_ASN1_INTEGER(number,
					    X509_get_serialNumber(certificate));
	BN_free(number);
	return done;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool done;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
	done = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return done;
}

/* Version 3 with key identifiers, by which the kernel tells keys apart. */
static bool fill(X509 *certificate, EVP_PKEY *pkey, const char *issuer,
		 u32 days)
{
	X509_NAME *name = X509_get_subject_name(certificate);

	return X509_set_version(certificate, X509_VERSION_3) &&
	       set_serial(certificate) && set_name(name, issuer) &&
	       X509_set_issuer_name(certificate, name) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0,
				NULL) &&
	       X509_set_pubkey(certificate, pkey) &&
	       add_extension(certificate, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       add_extension(certificate, NID_key_usage,
			     "critical,digitalSignature") &&
	       add_extension(certificate, NID_subject_key_identifier,
			     "hash") &&
	       add_extension(certificate, NID_authority_key_identifier,
			     "keyid:always") &&
	       X509_sign(certificate, pkey, EVP_sha256()) > 0;
}

/**
 * vde_key_certify - make a self-signed certificate
 * @key: private key; its @certificate is set
 * @issuer: common name, UTF-8
 * @days: that it is valid
 *
 * Return: 0 or -ENOMEM.
 */
int vde_key_certify(struct vde_key *key, const char *issuer, u32 days)
{
	X509 *certificate = X509_new();
	int size = 0;

	if (certificate && fill(certificate, key->pkey, issuer, days))
		size = i2d_X509(certificate, &key->certificate);
	X509_free(certificate);
	ERR_clear_error();
	if (size <= 0)
		return -ENOMEM;
	key->certificate_size = size;
	return 0;
}

/**
 * vde_key_write_certificate - write a certificate to a new file, in DER
 * @key: key with a certificate
 * @path: file that must not exist
 *
 * Return: 0; -EEXIST; other negative errno of writing.
 */
int vde_key_write_certificate(const struct vde_key *key, const char *path)
{
	return write_new_file(path, 0644, key->certificate,
			      key->certificate_size);
}

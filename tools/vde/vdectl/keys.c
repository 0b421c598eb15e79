// SPDX-License-Identifier: GPL-2.0-only
/* Keys named on the command line, and what can be wrong with them. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys.h"

/* Only a person can be asked. */
static int ask_passphrase(char *buffer, int size, int writing, void *context)
{
	(void)writing;
	(void)context;
	if (!isatty(STDIN_FILENO) ||
	    EVP_read_pw_string(buffer, size, "Passphrase of the key: ", 0))
		return -1;
	return strlen(buffer);
}

static int load_error(const char *path, int err)
{
	switch (err) {
	case -EBADMSG:
		return vdectl_error("%s: no key or certificate can be read from it: PEM is expected, or DER of a certificate",
				    path);
	case -EPROTONOSUPPORT:
		return vdectl_error("%s: the key is not on the curve P-256 (prime256v1)",
				    path);
	case -EKEYREJECTED:
		return vdectl_error("%s: the key is encrypted, and its passphrase was not given",
				    path);
	default:
		return vdectl_error("%s: %s", path, strerror(-err));
	}
}

/**
 * keys_load - read a key or say why not
 * @path: private or public key or certificate
 * @key: to fill; to free unless this fails
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int keys_load(const char *path, struct vde_key *key)
{
	int ret = vde_key_load(path, ask_passphrase, key);

	return ret ? load_error(path, ret) : VDECTL_OK;
}

/* A URI may have the PIN after its '?', which is nobody's business. */
static int token_error(const char *uri, int err)
{
	const char *why = "the public key that belongs to it cannot be read";

	if (err == -ENOPKG)
		why = "OpenSSL cannot open it: install its engine for PKCS#11 (libengine-pkcs11-openssl)";
	else if (err == -ENOKEY)
		why = "no such private key, or the PIN or --module is wrong or missing";
	else if (err == -EPROTONOSUPPORT)
		why = "the key is not on the curve P-256 (prime256v1)";
	return vdectl_error("%.*s: %s", (int)strcspn(uri, "?"), uri, why);
}

/**
 * keys_load_private - find a key to sign with or say why not
 * @path: PEM file, or pkcs11: URI of a key in a token
 * @module: PKCS#11 module, or NULL
 * @key: to fill; to free unless this fails
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int keys_load_private(const char *path, const char *module,
		      struct vde_key *key)
{
	int ret;

	if (vde_key_is_uri(path)) {
		ret = vde_key_load_uri(path, module, key);
		return ret ? token_error(path, ret) : VDECTL_OK;
	}
	ret = keys_load(path, key);
	if (!ret && !key->is_private) {
		vde_key_free(key);
		ret = vdectl_error("%s has no private key to sign with", path);
	}
	return ret;
}

/**
 * keys_check_issuer - can this be an issuer's name?
 * @command: the verb
 * @issuer: what the user gave
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int keys_check_issuer(const struct vdectl_command *command,
		      const char *issuer)
{
	if (strlen(issuer) > VDE_ISSUER_MAX ||
	    mbstowcs(NULL, issuer, 0) == (size_t)-1)
		return vdectl_usage(command, "the issuer is not UTF-8 of at most %u bytes",
				    VDE_ISSUER_MAX);
	return VDECTL_OK;
}

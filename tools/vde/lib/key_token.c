// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that a token keeps, named by a URI (RFC 7512). OpenSSL 3 reaches PKCS#11
 * through the engine of libp11, which asks for the PIN on the terminal unless the
 * URI has it; where there is no such engine, or for another URI, through whatever
 * its configuration provides as a store.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "key.h"

/**
 * vde_key_is_uri - is a key named by a URI, and no file?
 * @path: what the user gave
 *
 * Return: true for pkcs11: and file: URIs.
 */
bool vde_key_is_uri(const char *path)
{
	return !strncmp(path, "pkcs11:", 7) || !strncmp(path, "file:", 5);
}

static ENGINE *open_engine(const char *module)
{
	ENGINE *engine;

	ENGINE_load_builtin_engines();
	engine = ENGINE_by_id("pkcs11");
	/* What there is to say is said by whoever called. */
	if (engine)
		ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 0);
	if (engine && (!module ||
		       ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module,
					      0)) &&
	    ENGINE_init(engine))
		return engine;
	ENGINE_free(engine);
	return NULL;
}

/*
 * The engine is never finished: some modules do not survive that at the end of a
 * program, and the key needs it until then.
 */
static int load_by_engine(const char *uri, ENGINE *engine, struct vde_key *key)
{
	EVP_PKEY *pkey = ENGINE_load_private_key(engine, uri, UI_OpenSSL(),
						 NULL);

	return pkey ? vde_key_take(pkey, true, key) : -ENOKEY;
}

static int load_by_store(const char *uri, struct vde_key *key)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open(uri, UI_OpenSSL(), NULL, NULL,
						NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_STORE_INFO *info;

	if (!store)
		return -ENOPKG;
	while (!pkey && !OSSL_STORE_eof(store)) {
		info = OSSL_STORE_load(store);
		if (info && OSSL_STORE_INFO_get_type(info) ==
		    OSSL_STORE_INFO_PKEY)
			pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return pkey ? vde_key_take(pkey, true, key) : -ENOKEY;
}

/**
 * vde_key_load_uri - find a private key in a token
 * @uri: pkcs11: or file:
 * @module: path of the PKCS#11 module, or NULL for the engine's default
 * @key: to fill; to free unless this fails
 *
 * Return: 0; -ENOPKG if libcrypto can open no such URI; -ENOKEY if there is no
 * such key, or the PIN is wrong; -EPROTONOSUPPORT if it is not on P-256;
 * -EBADMSG without a public key.
 */
int vde_key_load_uri(const char *uri, const char *module, struct vde_key *key)
{
	ENGINE *engine = NULL;
	int ret;

	memset(key, 0, sizeof(*key));
	if (!strncmp(uri, "pkcs11:", 7))
		engine = open_engine(module);
	ret = engine ? load_by_engine(uri, engine, key) :
		       load_by_store(uri, key);
	ERR_clear_error();
	return ret;
}

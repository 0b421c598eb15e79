// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signatures of passports, ECDSA P-256 over SHA-256, and the keys they are
 * verified with: asymmetric keys of a keyring, or one key from the table.
 */
#define pr_fmt(fmt) "vde: " fmt

#include <keys/asymmetric-subtype.h>
#include <keys/asymmetric-type.h>
#include <linux/crypto.h>
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>

#include "compat.h"
#include "signature.h"

#define ALGORITHM	"ecdsa-nist-p256"
#define KEY_PREFIX	"vde:"
#define NUMBER_SIZE	32	/* of r, s, x and y */
/* SEQUENCE of two INTEGERs, each perhaps with a zero before its high bit. */
#define DER_MAX		(2 + 2 * (2 + 1 + NUMBER_SIZE))

/**
 * struct check - one signature to verify, where the crypto API may map it
 * @key: public key
 * @signature: what is verified
 * @point: of @key
 * @digest: that was signed
 * @twin: the same signature with -s
 * @der: one of both as SEQUENCE { INTEGER r, INTEGER s }
 */
struct check {
	struct public_key key;
	struct public_key_signature signature;
	u8 point[VDE_POINT_SIZE];
	u8 digest[SHA256_DIGEST_SIZE];
	u8 twin[VDE_SIGNATURE_SIZE];
	u8 der[DER_MAX];
};

/* Order of the group, n. */
static const u8 order[NUMBER_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
	0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

/* The shortest two's complement of a number that is not negative. */
static u32 put_integer(u8 *to, const u8 number[NUMBER_SIZE])
{
	u32 skip = 0, pad;

	while (skip < NUMBER_SIZE - 1 && !number[skip])
		skip++;
	pad = number[skip] >> 7;
	to[0] = 0x02;
	to[1] = NUMBER_SIZE - skip + pad;
	to[2] = 0;
	memcpy(to + 2 + pad, number + skip, NUMBER_SIZE - skip);
	return 2 + to[1];
}

/* X9.62, in the one form that DER allows. */
static u32 put_signature(u8 der[DER_MAX], const u8 raw[VDE_SIGNATURE_SIZE])
{
	u32 size = 2;

	size += put_integer(der + size, raw);
	size += put_integer(der + size, raw + NUMBER_SIZE);
	der[0] = 0x30;
	der[1] = size - 2;
	return size;
}

/* n - number, for a number below n. */
static void negate(u8 number[NUMBER_SIZE])
{
	int i, digit, borrow = 0;

	for (i = NUMBER_SIZE - 1; i >= 0; i--) {
		digit = order[i] - number[i] - borrow;
		borrow = digit < 0;
		number[i] = digit;
	}
}

static int ask_kernel(struct check *check, const u8 raw[VDE_SIGNATURE_SIZE])
{
	check->signature.s_size = put_signature(check->der, raw);
	return public_key_verify_signature(&check->key, &check->signature);
}

/*
 * The kernel multiplies by adding points in a way that fails where both are the
 * same one: it rejects a few valid signatures, which can be made on purpose. It
 * accepts none that is false. (r, s) is valid if and only if (r, n - s) is, and
 * that one adds other points. The kernel has looked at r and s when it rejects.
 */
static int ask_twice(struct check *check, const u8 raw[VDE_SIGNATURE_SIZE])
{
	int err = ask_kernel(check, raw);

	if (err != -EKEYREJECTED)
		return err;
	memcpy(check->twin, raw, VDE_SIGNATURE_SIZE);
	negate(check->twin + NUMBER_SIZE);
	return ask_kernel(check, check->twin);
}

/*
 * What the kernel's answer means. Our encoding is always sound, so that EINVAL
 * can only be the key. What is neither of these is about the algorithm: absent,
 * or not to be had now.
 */
static int translate(int err)
{
	switch (err) {
	case 0:
	case -EINVAL:
	case -ENOMEM:
	case -EKEYREJECTED:
		return err;
	case -EBADMSG:		/* r or s is out of range */
		return -EKEYREJECTED;
	default:
		return -ENOPKG;
	}
}

/**
 * vde_signature_supported - does this kernel have ECDSA P-256?
 *
 * Sleeps; may load a module. Without ECDSA each call looks for that module.
 *
 * Return: true if so.
 */
bool vde_signature_supported(void)
{
	return crypto_has_alg(ALGORITHM, 0, 0);
}

/**
 * vde_signature_verify - verify an ECDSA P-256 signature
 * @point: public key, uncompressed
 * @point_length: its bytes
 * @digest: SHA-256 of what was signed
 * @signature: raw r || s, big-endian
 * @signature_length: its bytes
 *
 * Sleeps; may load a module.
 *
 * Return: 0; -EKEYREJECTED if the signature is not by that key; -EINVAL for a
 * signature that is not 64 bytes long or a key that is no point of P-256;
 * -ENOPKG if the kernel has no ECDSA; -ENOMEM.
 */
int vde_signature_verify(const u8 *point, u32 point_length,
			 const u8 digest[SHA256_DIGEST_SIZE],
			 const u8 *signature, u32 signature_length)
{
	struct check *check;
	int err;

	if (point_length != VDE_POINT_SIZE ||
	    signature_length != VDE_SIGNATURE_SIZE)
		return -EINVAL;
	check = kzalloc(sizeof(*check), GFP_KERNEL);
	if (!check)
		return -ENOMEM;
	memcpy(check->point, point, VDE_POINT_SIZE);
	memcpy(check->digest, digest, SHA256_DIGEST_SIZE);
	check->key.key = check->point;
	check->key.keylen = VDE_POINT_SIZE;
	check->key.pkey_algo = ALGORITHM;
	check->signature.s = check->der;
	check->signature.pkey_algo = ALGORITHM;
	check->signature.hash_algo = "sha256";
	check->signature.encoding = "x962";
	vde_signature_set_digest(&check->signature, check->digest,
				 SHA256_DIGEST_SIZE);
	err = translate(ask_twice(check, signature));
	kfree(check);
	return err;
}

/* Is it a point? r = s = 1 makes the kernel look at it, and is no signature. */
static int check_point(const u8 point[VDE_POINT_SIZE])
{
	static const u8 one[VDE_SIGNATURE_SIZE] = {
		[NUMBER_SIZE - 1] = 1, [2 * NUMBER_SIZE - 1] = 1,
	};
	static const u8 digest[SHA256_DIGEST_SIZE];
	int err = vde_signature_verify(point, VDE_POINT_SIZE, digest, one,
				       sizeof(one));

	return err == -EINVAL || err == -ENOMEM ? err : 0;
}

static bool is_number(const char *text)
{
	while (isdigit(*text))
		text++;
	return !*text;
}

static struct key *find_keyring(const char *keyring)
{
	key_ref_t ref;
	s32 serial;

	if (!is_number(keyring))
		return request_key(&key_type_keyring, keyring, NULL);
	if (kstrtos32(keyring, 10, &serial) || serial <= 0)
		return ERR_PTR(-ENOKEY);
	ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	return IS_ERR(ref) ? ERR_CAST(ref) : key_ref_to_ptr(ref);
}

static int open_keyring(struct vde_keys *keys, const char *keyring,
			const char **error)
{
	struct key *key = find_keyring(keyring);

	if (IS_ERR(key)) {
		*error = "there is no such keyring, or it may not be searched";
		return PTR_ERR(key);
	}
	if (key->type != &key_type_keyring) {
		*error = "keyring= names a key that is no keyring";
		key_put(key);
		return -ENOTDIR;
	}
	keys->keyring = key;
	return 0;
}

/**
 * vde_keys_open - find the keys that a table names
 * @keys: to set up; vde_keys_close() it unless this fails
 * @keyring: serial number in decimal, or description of a keyring that the
 *	caller's keyrings lead to; NULL or empty for none
 * @has_issuer_key: @issuer_key counts
 * @issuer_key: uncompressed point
 * @error: set to a phrase on failure
 *
 * Without ECDSA in the kernel this only says so: whether @issuer_key is a point
 * cannot be known then, and nothing can be verified. Sleeps; the caller's
 * credentials count.
 *
 * Return: 0; -EINVAL for a key that is none; -ENOMEM; -ENOTDIR; -ENOKEY,
 * -EACCES or another errno of the key subsystem for a keyring that cannot be
 * found.
 */
int vde_keys_open(struct vde_keys *keys, const char *keyring,
		  bool has_issuer_key, const u8 issuer_key[VDE_POINT_SIZE],
		  const char **error)
{
	int err;

	memset(keys, 0, sizeof(*keys));
	if (!vde_signature_supported())
		pr_warn("kernel has no ECDSA: passports cannot be verified\n");
	if (has_issuer_key) {
		err = check_point(issuer_key);
		if (err) {
			*error = err == -EINVAL ?
				 "issuer_key is not a point of P-256" :
				 "out of memory";
			return err;
		}
		keys->has_issuer_key = true;
		memcpy(keys->issuer_key, issuer_key, VDE_POINT_SIZE);
	}
	return keyring && *keyring ? open_keyring(keys, keyring, error) : 0;
}

/**
 * vde_keys_copy - a second holder of the same keys
 * @to: set up; vde_keys_close() it too
 * @from: open
 */
void vde_keys_copy(struct vde_keys *to, const struct vde_keys *from)
{
	*to = *from;
	key_get(to->keyring);
}

/**
 * vde_keys_close - let go of keys
 * @keys: open, or all zero; holds none afterwards
 */
void vde_keys_close(struct vde_keys *keys)
{
	key_put(keys->keyring);
	memset(keys, 0, sizeof(*keys));
}

/* The payload stays until the key is destroyed, or revoked under its lock. */
static int read_point(struct key *key, u8 point[VDE_POINT_SIZE])
{
	const struct public_key *public;
	int err = -ENOKEY;

	down_read(&key->sem);
	if (key_is_positive(key) && !key_validate(key) &&
	    asymmetric_key_subtype(key) == &public_key_subtype) {
		public = key->payload.data[asym_crypto];
		if (!strcmp(public->pkey_algo, ALGORITHM) &&
		    !public->key_is_private &&
		    public->keylen == VDE_POINT_SIZE) {
			memcpy(point, public->key, VDE_POINT_SIZE);
			err = 0;
		}
	}
	up_read(&key->sem);
	return err;
}

/*
 * Who holds the keyring possesses it, whoever calls. The prefix keeps an issuer
 * from being one of the asymmetric type's own patterns (id:, ex:, dn:).
 */
static int search_keyring(struct key *keyring,
			  const struct vde_passport *passport,
			  u8 point[VDE_POINT_SIZE])
{
	char name[sizeof(KEY_PREFIX) + VDE_ISSUER_MAX];
	struct key *key;
	key_ref_t ref;
	int err;

	err = key_validate(keyring);
	if (err)
		return -ENOKEY;
	snprintf(name, sizeof(name), KEY_PREFIX "%.*s",
		 (int)passport->issuer_length, passport->issuer);
	ref = keyring_search(make_key_ref(keyring, true), &key_type_asymmetric,
			     name, false);
	if (IS_ERR(ref))
		return PTR_ERR(ref) == -ENOMEM ? -ENOMEM : -ENOKEY;
	key = key_ref_to_ptr(ref);
	err = read_point(key, point);
	key_put(key);
	return err;
}

static int find_point(const struct vde_keys *keys,
		      const struct vde_passport *passport,
		      u8 point[VDE_POINT_SIZE])
{
	if (keys->keyring)
		return search_keyring(keys->keyring, passport, point);
	if (!keys->has_issuer_key)
		return -ENOKEY;
	memcpy(point, keys->issuer_key, VDE_POINT_SIZE);
	return 0;
}

/**
 * vde_keys_verify - is a passport signed by its issuer?
 * @keys: as they are now: a key that was revoked or has expired is none
 * @passport: decoded; its parts lie in one buffer
 *
 * Sleeps; may load a module.
 *
 * Return: 0; -ENOPKG if the kernel has no ECDSA; -ENOKEY if the issuer has no
 * P-256 key here; -EKEYREJECTED if the signature is not by it; -ENOMEM.
 */
int vde_keys_verify(const struct vde_keys *keys,
		    const struct vde_passport *passport)
{
	u8 digest[SHA256_DIGEST_SIZE];
	u8 point[VDE_POINT_SIZE];
	int err;

	err = find_point(keys, passport, point);
	if (err == -ENOKEY && !vde_signature_supported())
		return -ENOPKG;
	if (err)
		return err;
	sha256(passport->id, passport->signed_size, digest);
	err = vde_signature_verify(point, sizeof(point), digest,
				   passport->signature, VDE_SIGNATURE_SIZE);
	/* What is no point of the curve is no key. */
	return err == -EINVAL ? -ENOKEY : err;
}

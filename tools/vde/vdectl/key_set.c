// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that passports are verified with where the kernel does not. As in the
 * kernel, a certificate is its issuer's, and a bare key anybody's unless the user
 * says whose.
 */
#include "keys.h"

static int make_room(const struct key_set *set)
{
	return set->count < KEYS_MAX ? VDECTL_OK :
	       vdectl_error("at most %u keys can be given", KEYS_MAX);
}

/**
 * key_set_add_file - add a key from a file, or say why not
 * @set: to extend
 * @path: key or certificate
 * @named: it must be a certificate, whose common name is the issuer unless
 *	another one was named before it
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int key_set_add_file(struct key_set *set, const char *path, bool named)
{
	struct vde_key *key = &set->keys[set->count];
	const char *issuer = set->issuer;

	if (make_room(set) || keys_load(path, key))
		return VDECTL_ERROR;
	if (named && !key->certificate) {
		vde_key_free(key);
		return vdectl_error("%s is no certificate", path);
	}
	if (named && !issuer)
		issuer = key->name;
	if (named && !issuer) {
		vde_key_free(key);
		return vdectl_error("%s has no common name: say whose it is with --issuer before it",
				    path);
	}
	set->issuers[set->count++] = issuer;
	return VDECTL_OK;
}

/**
 * key_set_add_hex - add a key given by its point, or say why not
 * @set: to extend
 * @hex: 130 hexadecimal digits
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int key_set_add_hex(struct key_set *set, const char *hex)
{
	struct vde_key *key = &set->keys[set->count];
	u8 point[VDE_POINT_SIZE];

	if (make_room(set))
		return VDECTL_ERROR;
	if (vdectl_parse_hex(hex, point, sizeof(point)))
		return vdectl_error("an issuer's key has 130 hexadecimal digits, as 'vdectl key show' prints them");
	if (vde_key_of_point(point, key))
		return vdectl_error("%.16s... is no point of the curve P-256 in uncompressed form",
				    hex);
	set->issuers[set->count++] = set->issuer;
	return VDECTL_OK;
}

/**
 * key_set_free - give all keys up
 * @set: filled, or all zero
 */
void key_set_free(struct key_set *set)
{
	u32 i;

	for (i = 0; i < set->count; i++)
		vde_key_free(&set->keys[i]);
	set->count = 0;
}

static bool is_issuer(const char *issuer, const struct vde_passport *passport)
{
	return !issuer || (strlen(issuer) == passport->issuer_length &&
			   !memcmp(issuer, passport->issuer,
				   passport->issuer_length));
}

/**
 * key_set_verify - verify a passport's signature
 * @set: keys
 * @passport: decoded; what is signed begins with its id
 *
 * Return: VDE_IOC_VERDICT_*; _UNCHECKED if memory has run out.
 */
u32 key_set_verify(const struct key_set *set,
		   const struct vde_passport *passport)
{
	u32 verdict = VDE_IOC_VERDICT_NO_KEY;
	u32 i;
	int ret;

	if (passport->status == VDE_PASSPORT_REMOVED)
		return VDE_IOC_VERDICT_REMOVED;
	for (i = 0; i < set->count; i++) {
		if (!is_issuer(set->issuers[i], passport))
			continue;
		ret = vde_key_verify(&set->keys[i], passport->id,
				     passport->signed_size,
				     passport->signature);
		if (!ret)
			return VDE_IOC_VERDICT_VALID;
		if (ret != -EKEYREJECTED)
			return VDE_IOC_VERDICT_UNCHECKED;
		verdict = VDE_IOC_VERDICT_BAD;
	}
	return verdict;
}

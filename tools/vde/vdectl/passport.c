// SPDX-License-Identifier: GPL-2.0-only
/* Passports in their stored form, and the words for what is in them. */
#include <strings.h>

#include "passport.h"

/**
 * passport_build - put a passport together and judge it
 * @parts: what it shall be; texts are at most as long as they may be
 * @passport: to fill
 *
 * Return: VDE_FAULT_NONE or what is wrong with it.
 */
enum vde_fault passport_build(struct vde_passport *parts,
			      struct passport *passport)
{
	struct vde_passport decoded;

	vde_passport_encode(parts, passport->bytes);
	passport->size = parts->size;
	return vde_passport_decode(passport->bytes, passport->size, &decoded);
}

/**
 * passport_parts - take a passport apart
 * @passport: one that is sound
 * @parts: set to its parts, which stay in @passport
 */
void passport_parts(const struct passport *passport,
		    struct vde_passport *parts)
{
	vde_passport_decode(passport->bytes, passport->size, parts);
}

/**
 * passport_is_signed - is there any signature?
 * @parts: of a passport
 *
 * Return: false if its bytes are all zero.
 */
bool passport_is_signed(const struct vde_passport *parts)
{
	return memchr_inv(parts->signature, 0, VDE_SIGNATURE_SIZE);
}

/**
 * passport_sign - sign a passport, or say why not
 * @passport: a signature that is there is replaced
 * @key: private key
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int passport_sign(struct passport *passport, const struct vde_key *key)
{
	struct vde_passport parts;
	int ret;

	passport_parts(passport, &parts);
	ret = vde_key_sign(key, passport->bytes, parts.signed_size,
			   passport->bytes + parts.signed_size);
	if (ret == -EKEYREJECTED)
		return vdectl_error("the signature that was made does not belong to the public key: the token signs with another one");
	return ret ? vdectl_error("signing failed: %s", strerror(-ret)) :
		     VDECTL_OK;
}

/**
 * passport_parse_framework - read a framework
 * @text: its name in any case, or its number
 * @framework: set to its number
 *
 * Return: 0 or -EINVAL.
 */
int passport_parse_framework(const char *text, u32 *framework)
{
	u64 number;
	u32 i;

	for (i = 0; i < VDE_FRAMEWORKS; i++)
		if (!strcasecmp(text, vde_passport_framework_name(i)))
			break;
	if (i == VDE_FRAMEWORKS && !vdectl_parse_number(text, &number) &&
	    number < VDE_FRAMEWORKS)
		i = number;
	*framework = i;
	return i < VDE_FRAMEWORKS ? 0 : -EINVAL;
}

/**
 * passport_parse_status - read a status
 * @text: its name in any case, or its number
 * @status: set to its number
 *
 * Return: 0 or -EINVAL.
 */
int passport_parse_status(const char *text, u32 *status)
{
	u64 number;
	u32 i;

	*status = VDE_PASSPORT_REMOVED;
	if (!strcasecmp(text, vde_passport_status_name(VDE_PASSPORT_REMOVED)))
		return 0;
	for (i = 0; i < VDE_PASSPORT_STATUSES; i++)
		if (!strcasecmp(text, vde_passport_status_name(i)))
			break;
	if (i == VDE_PASSPORT_STATUSES && !vdectl_parse_number(text, &number) &&
	    number < VDE_PASSPORT_STATUSES)
		i = number;
	*status = i;
	return i < VDE_PASSPORT_STATUSES ? 0 : -EINVAL;
}

/**
 * passport_verdict_name - what a signature was found to be
 * @verdict: VDE_IOC_VERDICT_*
 *
 * Return: a word.
 */
const char *passport_verdict_name(u32 verdict)
{
	static const char * const names[] = {
		[VDE_IOC_VERDICT_UNCHECKED] = "unchecked",
		[VDE_IOC_VERDICT_VALID] = "valid",
		[VDE_IOC_VERDICT_BAD] = "bad",
		[VDE_IOC_VERDICT_NO_KEY] = "no-key",
		[VDE_IOC_VERDICT_REMOVED] = "removed",
		[VDE_IOC_VERDICT_DAMAGED] = "damaged",
	};

	return verdict < ARRAY_SIZE(names) ? names[verdict] : "unknown";
}

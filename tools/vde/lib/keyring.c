// SPDX-License-Identifier: GPL-2.0-only
/* Keyrings of the kernel, in which a vault finds its issuers' certificates. */
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>

#include "key.h"

/**
 * vde_keyring_find - which keyring is it?
 * @name: serial number in decimal, or @s, @u and the like, or description of a
 *	keyring that the caller's keyrings lead to
 * @serial: set to its serial number, or to that of a special one
 *
 * Return: 0; -ENOKEY if there is none; other negative errno.
 */
int vde_keyring_find(const char *name, s32 *serial)
{
	static const struct {
		const char *name;
		s32 serial;
	} special[] = {
		{ "@t", KEY_SPEC_THREAD_KEYRING },
		{ "@p", KEY_SPEC_PROCESS_KEYRING },
		{ "@s", KEY_SPEC_SESSION_KEYRING },
		{ "@u", KEY_SPEC_USER_KEYRING },
		{ "@us", KEY_SPEC_USER_SESSION_KEYRING },
	};
	char *end;
	long number;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(special); i++) {
		if (!strcmp(name, special[i].name)) {
			*serial = special[i].serial;
			return 0;
		}
	}
	errno = 0;
	number = strtol(name, &end, 10);
	if (*name && !*end) {
		*serial = number;
		return errno || number <= 0 || number > S32_MAX ? -ENOKEY : 0;
	}
	number = request_key("keyring", name, NULL, 0);
	*serial = number;
	return number < 0 ? -errno : 0;
}

/**
 * vde_keyring_add - add an issuer's certificate, or replace it
 * @keyring: where to
 * @issuer: its key is described vde:<issuer>
 * @certificate: X.509 in DER
 * @size: of @certificate in bytes
 * @serial: set to the key's serial number
 *
 * Return: 0 or negative errno of add_key(2).
 */
int vde_keyring_add(s32 keyring, const char *issuer, const void *certificate,
		    size_t size, s32 *serial)
{
	char description[4 + VDE_ISSUER_MAX + 1];

	if ((size_t)snprintf(description, sizeof(description), "vde:%s",
			     issuer) >= sizeof(description))
		return -EINVAL;
	*serial = add_key("asymmetric", description, certificate, size,
			  keyring);
	return *serial < 0 ? -errno : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel's answers about passports mean. */
#include "passport.h"

/* A rule that only some kinds of passports have. */
static const char *rule_of(u32 status)
{
	switch (status) {
	case VDE_PASSPORT_HOLD:
		return "the object of a legal hold is a WORM region of the same volume, and a hold never expires";
	case VDE_PASSPORT_RELEASE:
		return "the notes of a release are the id of a hold in this vault, of the same issuer and object, and a release never expires";
	case VDE_PASSPORT_ATTESTATION:
		return "the object of a time attestation is a WORM region of the same volume, and its time is not 0";
	default:
		return "its form is not accepted";
	}
}

static const char *add_reason(const struct vde_passport *parts, int err)
{
	switch (err) {
	case -EPERM:
		return "adding takes CAP_SYS_ADMIN";
	case -EROFS:
		return "the vault is read-only, or the WORM region that it is about";
	case -EINVAL:
		return rule_of(parts->status);
	case -ENOPKG:
		return "the kernel has no ECDSA: nothing can be verified, and so nothing added";
	case -ENOKEY:
		return "there is no key of its issuer";
	case -EKEYREJECTED:
		return "its signature is not by the issuer's key";
	case -EEXIST:
		return "there is a passport of this id already, perhaps a removed one";
	case -EBUSY:
		return "the WORM region that it is about is suspended or busy";
	case -ENOSPC:
		return "the vault is full";
	case -EIO:
		return "the disk beneath failed, now or before; see dmesg";
	case -EUCLEAN:
		return "what is stored is damaged; see 'vdectl check'";
	case -ENODEV:
		return "the device was removed";
	case -ENOTTY:
		return "the kernel module does not know how";
	default:
		return strerror(-err);
	}
}

/**
 * passport_add_error - explain why a passport was not added
 * @name: the vault
 * @parts: of the passport
 * @err: negative errno of vde_device_vault_add()
 *
 * Return: VDECTL_ERROR.
 */
int passport_add_error(const char *name, const struct vde_passport *parts,
		       int err)
{
	char id[VDE_UUID_TEXT_SIZE];

	vde_guid_format(parts->id, id);
	return vdectl_error("%s: passport %s was not added: %s", name, id,
			    add_reason(parts, err));
}

static const char *reason(int err)
{
	switch (err) {
	case -EPERM:
		return "this takes CAP_SYS_ADMIN";
	case -EROFS:
		return "the vault is read-only";
	case -EACCES:
		return "legal holds and releases cannot be removed";
	case -EAGAIN:
		return "it has not expired";
	case -EUCLEAN:
		return "what is stored is damaged; see 'vdectl check'";
	case -EIO:
		return "the disk beneath failed, now or before; see dmesg";
	case -ENODEV:
		return "the device was removed";
	case -ENOTTY:
		return "the kernel module does not know how";
	default:
		return strerror(-err);
	}
}

/**
 * passport_error - explain why something cannot be done with a passport
 * @name: the vault
 * @id: of the passport, or NULL for all
 * @what: such as "read"
 * @err: negative errno
 *
 * Return: VDECTL_ERROR.
 */
int passport_error(const char *name, const u8 id[16], const char *what,
		   int err)
{
	char text[VDE_UUID_TEXT_SIZE];

	if (!id)
		return vdectl_error("%s: cannot %s the passports: %s", name,
				    what, reason(err));
	vde_guid_format(id, text);
	if (err == -ENOENT)
		return vdectl_error("%s: there is no passport %s", name, text);
	return vdectl_error("%s: cannot %s passport %s: %s", name, what, text,
			    reason(err));
}

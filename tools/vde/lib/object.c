// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids of what passports are about, derived so that anybody can do the same: the
 * text of the UUID is the first 32 hexadecimal digits of a SHA-256, but for the
 * version, which is 8, and the variant.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault.h"

/* The order of a UUID's text, which guid_t swaps in part; its own inverse. */
static void swap_guid(const u8 from[16], u8 to[16])
{
	static const u8 order[16] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	u32 i;

	for (i = 0; i < 16; i++)
		to[i] = from[order[i]];
}

static void make_object(u8 digest[SHA256_DIGEST_SIZE], u8 object[16])
{
	digest[6] = (digest[6] & 0x0F) | 0x80;
	digest[8] = (digest[8] & 0x3F) | 0x80;
	swap_guid(digest, object);
}

static int hash_file(int fd, EVP_MD_CTX *context)
{
	u8 buffer[65536];
	ssize_t done;

	for (;;) {
		done = read(fd, buffer, sizeof(buffer));
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : 0;
		if (!EVP_DigestUpdate(context, buffer, done))
			return -ENOMEM;
	}
}

/**
 * vde_object_of_file - id of a file's contents
 * @path: regular file or block device
 * @object: set to the UUID made of its SHA-256, in guid_t order
 *
 * Return: 0; -ENOTBLK if it is something else; negative errno.
 */
int vde_object_of_file(const char *path, u8 object[16])
{
	struct vde_object_range range = {};
	struct stat st;
	int fd, ret;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENOTBLK;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	range.context = EVP_MD_CTX_new();
	ret = range.context && EVP_DigestInit_ex(range.context, EVP_sha256(),
						 NULL) ? 0 : -ENOMEM;
	if (!ret)
		ret = hash_file(fd, range.context);
	close(fd);
	if (!ret)
		return vde_object_range_end(&range, object);
	EVP_MD_CTX_free(range.context);
	return ret;
}

/**
 * vde_object_range_begin - begin the id of a range of a WORM region
 * @range: to fill; to end
 * @region_uuid: the region's, in guid_t order; it is hashed in that of its text
 *
 * Return: 0 or -ENOMEM; then there is nothing to end.
 */
int vde_object_range_begin(struct vde_object_range *range,
			   const u8 region_uuid[16])
{
	u8 uuid[16];

	swap_guid(region_uuid, uuid);
	range->context = EVP_MD_CTX_new();
	if (range->context &&
	    EVP_DigestInit_ex(range->context, EVP_sha256(), NULL) &&
	    EVP_DigestUpdate(range->context, uuid, sizeof(uuid)))
		return 0;
	EVP_MD_CTX_free(range->context);
	return -ENOMEM;
}

/**
 * vde_object_range_add - add the next block
 * @range: begun
 * @digest: of the block's write record
 *
 * Return: 0 or -ENOMEM.
 */
int vde_object_range_add(struct vde_object_range *range,
			 const u8 digest[SHA256_DIGEST_SIZE])
{
	return EVP_DigestUpdate(range->context, digest, SHA256_DIGEST_SIZE) ?
	       0 : -ENOMEM;
}

/**
 * vde_object_range_end - end what vde_object_range_begin() began
 * @range: begun
 * @object: set to the id in guid_t order; may be NULL to give it up
 *
 * Return: 0 or -ENOMEM.
 */
int vde_object_range_end(struct vde_object_range *range, u8 object[16])
{
	u8 digest[SHA256_DIGEST_SIZE];
	int ret;

	ret = EVP_DigestFinal_ex(range->context, digest, NULL) ? 0 : -ENOMEM;
	EVP_MD_CTX_free(range->context);
	range->context = NULL;
	if (!ret && object)
		make_object(digest, object);
	return ret;
}

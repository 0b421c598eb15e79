/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rules files need from their surroundings. They are compiled
 * unchanged into the module, the KUnit tests and libvde; this header is the
 * only place that knows which of them is being built.
 */
#ifndef VDE_PORTABLE_H
#define VDE_PORTABLE_H

#ifdef __KERNEL__

#include <asm/byteorder.h>
#include <crypto/sha2.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/xxhash.h>

#else /* user space */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/types.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define S32_MAX INT32_MAX
#define U64_MAX UINT64_MAX
#define S64_MAX INT64_MAX

#define __packed __attribute__((__packed__))
#define BIT(n) (1U << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SHA256_DIGEST_SIZE SHA256_DIGEST_LENGTH

#define cpu_to_le16(v) htole16(v)
#define cpu_to_le32(v) htole32(v)
#define cpu_to_le64(v) htole64(v)
#define le16_to_cpu(v) le16toh(v)
#define le32_to_cpu(v) le32toh(v)
#define le64_to_cpu(v) le64toh(v)

#define check_add_overflow(a, b, res) __builtin_add_overflow(a, b, res)

static inline u64 xxh64(const void *data, size_t len, u64 seed)
{
	return XXH64(data, len, seed);
}

static inline void sha256(const u8 *data, size_t len, u8 *out)
{
	SHA256(data, len, out);
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline const void *memchr_inv(const void *start, int c, size_t bytes)
{
	const u8 *p = start;

	for (; bytes; p++, bytes--)
		if (*p != (u8)c)
			return p;
	return NULL;
}

#endif

#endif /* VDE_PORTABLE_H */

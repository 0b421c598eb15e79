/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VDE_DIGEST_H
#define VDE_DIGEST_H

#include <linux/bio.h>

#include "rules.h"

struct crypto_shash;

enum vde_fault vde_digest_check(struct crypto_shash *tfm, const void *data,
				const struct vde_disk_record *record);
enum vde_fault vde_digest_check_bio(struct crypto_shash *tfm, struct bio *bio,
				    struct bvec_iter iter,
				    const struct vde_disk_record *record);

#endif /* VDE_DIGEST_H */

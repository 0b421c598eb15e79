/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_LOOK_VAULT_H
#define FUZZ_LOOK_VAULT_H

#include "look.h"

/* Passports to add, one after the other, signed by the vault's issuer. */
void vault_passports(const char *path);

void look_vault(const struct active *active, struct image *image,
		struct promise *promise);
void look_vault_again(const struct active *active, const struct promise *promise);

#endif /* FUZZ_LOOK_VAULT_H */

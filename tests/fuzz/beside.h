/* SPDX-License-Identifier: GPL-2.0-only */
/* The WORM region that a vault's passports act on, active beside it. */
#ifndef FUZZ_BESIDE_H
#define FUZZ_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "image.h"

/* From now on it comes and goes with the vault. */
void beside_begin(const char *disk, const struct image *image);
void beside_stop(void);

/* Before and after the vault; nothing where it is not wanted */
void beside_activate(void);
void beside_deactivate(void);

/* It is writable, or not wanted. */
bool beside_is_whole(void);

/* Once more, while the vault stays, if a fault has left it in mode failed */
void beside_renew(void);

/* Ends the program where the region takes itself for held and its commit does not. */
void beside_check(bool held);

#endif /* FUZZ_BESIDE_H */

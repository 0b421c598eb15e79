// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules under test, compiled unchanged. An object may belong to one module
 * only, so dm-vde-kunit.ko includes the sources instead of sharing dm-vde.ko's
 * objects; the rules files thus also prove that they need nothing else of the
 * driver.
 */
#include <linux/module.h>

#include "../../drivers/md/dm-vde/fault.c"
#include "../../drivers/md/dm-vde/block.c"
#include "../../drivers/md/dm-vde/layout.c"
#include "../../drivers/md/dm-vde/superblock.c"
#include "../../drivers/md/dm-vde/record.c"
#include "../../drivers/md/dm-vde/ring.c"
#include "../../drivers/md/dm-vde/passport.c"
#include "../../drivers/md/dm-vde/vault_block.c"
#include "../../drivers/md/dm-vde/commit_slot.c"

MODULE_DESCRIPTION("KUnit tests of the dm-vde format rules");
MODULE_LICENSE("GPL");

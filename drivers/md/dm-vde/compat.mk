# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel has, found in the text of its headers: distributions backport, so that
# version numbers tell nothing. compat.h makes the difference invisible to the rest.

# vde_probe NAME,HEADER,TEXT: -DVDE_HAVE_NAME where include/HEADER has TEXT, a regular expression
vde_probe = $(if $(shell grep -sq '$(3)' $(srctree)/include/$(2) && echo y),-DVDE_HAVE_$(1))

ccflags-y += $(call vde_probe,UNALIGNED,linux/unaligned.h,get_unaligned)
ccflags-y += $(call vde_probe,BLK_MODE,linux/blkdev.h,BLK_OPEN_WRITE)
ccflags-y += $(call vde_probe,BDEV_FILE,linux/blkdev.h,bdev_file_open_by_dev)
ccflags-y += $(call vde_probe,BD_MAPPING,linux/blk_types.h,bd_mapping)
ccflags-y += $(call vde_probe,DM_IO_UNSUP,linux/dm-io.h,sync_unsup_bits)
ccflags-y += $(call vde_probe,IMPORT_UBUF,linux/uio.h,import_ubuf)
ccflags-y += $(call vde_probe,CONST_DEVNODE,linux/device/class.h,devnode.*const struct device)
ccflags-y += $(call vde_probe,HEX,linux/hex.h,hex2bin)
# public_key_signature has .m instead of .digest
ccflags-y += $(call vde_probe,SIGNATURE_M,crypto/public_key.h,m_size)

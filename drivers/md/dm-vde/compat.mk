# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel has, found in the text of its headers: distributions backport, so that
# version numbers tell nothing. compat.h makes the difference invisible to the rest.

# vde_probe NAME,HEADER,TEXT: -DVDE_HAVE_NAME where include/linux/HEADER has TEXT, a regular expression
vde_probe = $(if $(shell grep -sq '$(3)' $(srctree)/include/linux/$(2) && echo y),-DVDE_HAVE_$(1))

ccflags-y += $(call vde_probe,UNALIGNED,unaligned.h,get_unaligned)
ccflags-y += $(call vde_probe,BLK_MODE,blkdev.h,BLK_OPEN_WRITE)
ccflags-y += $(call vde_probe,BDEV_FILE,blkdev.h,bdev_file_open_by_dev)
ccflags-y += $(call vde_probe,BD_MAPPING,blk_types.h,bd_mapping)
ccflags-y += $(call vde_probe,DM_IO_UNSUP,dm-io.h,sync_unsup_bits)
ccflags-y += $(call vde_probe,IMPORT_UBUF,uio.h,import_ubuf)
ccflags-y += $(call vde_probe,CONST_DEVNODE,device/class.h,devnode.*const struct device)
ccflags-y += $(call vde_probe,SIGNATURE_M,../crypto/public_key.h,\bm_size;)
ccflags-y += $(call vde_probe,HEX,hex.h,hex2bin)

// SPDX-License-Identifier: GPL-2.0-only
/* Superblock groups and region directory of a volume. */
#include <stdlib.h>

#include "libvde.h"

static_assert(sizeof(struct vde_head) ==
	      VDE_BLOCK_FIRST_REGION * VDE_BLOCK_SIZE);

/* The first rule that the volume's head breaks. */
static enum vde_fault judge_head(struct vde_volume *volume)
{
	const struct vde_head *head = volume->head;
	const struct vde_disk_superblock *sb;
	enum vde_fault fault;

	fault = vde_group_choose(&head->primary, &head->mirror,
				 &volume->group);
	if (fault)
		return fault;
	sb = &volume->group->superblock;
	fault = vde_superblock_check(sb, volume->file.blocks);
	if (fault)
		return fault;
	fault = vde_layout_load(&head->directory, &head->directory_header,
				&volume->group->map,
				le64_to_cpu(sb->total_blocks), &volume->layout,
				&volume->directory_fault);
	if (fault)
		return fault;
	volume->has_layout = true;
	return vde_superblock_check_layout(sb, &volume->layout);
}

/*
 * Read blocks 0..9, one by one where that fails. Each has a double, and
 * what cannot be read is left zero, which no check takes for sound.
 */
static int read_head(struct vde_volume *volume)
{
	u8 *blocks = (u8 *)volume->head;
	u32 i;
	int ret;

	ret = vde_file_read(&volume->file, 0, VDE_BLOCK_FIRST_REGION, blocks);
	if (ret != -EIO)
		return ret;
	for (i = 0; i < VDE_BLOCK_FIRST_REGION; i++) {
		u8 *block = blocks + i * VDE_BLOCK_SIZE;

		if (!vde_file_read(&volume->file, i, 1, block))
			continue;
		memset(block, 0, VDE_BLOCK_SIZE);
		volume->unreadable |= BIT(i);
	}
	return volume->unreadable == BIT(VDE_BLOCK_FIRST_REGION) - 1 ? ret : 0;
}

/**
 * vde_volume_open - open a volume, or what is left of it
 * @volume: to fill; to close unless this fails
 * @path: block device or image file
 * @flags: VDE_OPEN_*
 *
 * A file that is no sound volume is no failure here: @volume->fault says what
 * is wrong, and what could be read is there to look at.
 *
 * Return: 0 or negative errno of opening or reading.
 */
int vde_volume_open(struct vde_volume *volume, const char *path,
		    unsigned int flags)
{
	int ret;

	memset(volume, 0, sizeof(*volume));
	ret = vde_file_open(&volume->file, path, flags);
	if (ret)
		return ret;
	volume->fault = VDE_FAULT_NOT_VDE;
	if (volume->file.blocks < VDE_BLOCK_FIRST_REGION)
		return 0;
	volume->head = vde_alloc_blocks(VDE_BLOCK_FIRST_REGION);
	ret = volume->head ? read_head(volume) : -ENOMEM;
	if (ret) {
		vde_volume_close(volume);
		return ret;
	}
	volume->fault = judge_head(volume);
	return 0;
}

/**
 * vde_volume_close - undo vde_volume_open()
 * @volume: opened volume
 */
void vde_volume_close(struct vde_volume *volume)
{
	vde_file_close(&volume->file);
	free(volume->head);
	volume->head = NULL;
	volume->group = NULL;
}

/**
 * vde_volume_dirty - is the volume active, or was it not closed?
 * @volume: volume with a group in force
 *
 * Return: the superblock's dirty flag.
 */
bool vde_volume_dirty(const struct vde_volume *volume)
{
	return le32_to_cpu(volume->group->superblock.compat) &
	       VDE_COMPAT_DIRTY;
}

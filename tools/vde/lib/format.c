// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a volume. The order of writes is the format document's: an
 * interrupted format leaves no volume, and no commit of an earlier volume
 * outlives it.
 */
#include <stdlib.h>

#include "libvde.h"

/* Neither group counts any more, and that is durable. */
static int destroy_groups(const struct vde_file *file, void *buffer)
{
	int ret;

	memset(buffer, 0, 2 * VDE_GROUP_BLOCKS * VDE_BLOCK_SIZE);
	ret = vde_file_write(file, VDE_BLOCK_PRIMARY, 2 * VDE_GROUP_BLOCKS,
			     buffer);
	return ret ? ret : vde_file_flush(file);
}

static void init_commit(const struct vde_format *format, u32 nr,
			struct vde_disk_commit_slot *slot)
{
	const struct vde_geometry *geo = &format->layout.regions[nr];
	u8 uuid[16];

	vde_layout_region_uuid(format->uuid, geo->first_slot, uuid);
	switch (geo->kind) {
	case VDE_REGION_WORM:
		vde_commit_init_worm(slot, geo, uuid, format->now,
				     format->retention[nr]);
		break;
	case VDE_REGION_STREAM:
		vde_commit_init_stream(slot, geo, uuid, format->now,
				       format->growth[nr], format->policy[nr]);
		break;
	default:
		vde_commit_init_vault(slot, geo, uuid, format->now);
		break;
	}
}

/* Empty commit slots, commit 1, and the header block that it images. */
static int write_region(const struct vde_file *file,
			const struct vde_format *format, u32 nr, void *buffer)
{
	const struct vde_geometry *geo = &format->layout.regions[nr];
	struct vde_disk_commit_slot *slots = buffer;
	struct vde_disk_block *header = buffer;
	int ret;

	memset(buffer, 0, VDE_COMMIT_BLOCKS * VDE_BLOCK_SIZE);
	init_commit(format, nr, &slots[1 % VDE_COMMIT_SLOTS]);
	ret = vde_file_write(file, geo->commit_start, VDE_COMMIT_BLOCKS, buffer);
	if (ret)
		return ret;
	memcpy(header, &slots[1 % VDE_COMMIT_SLOTS].image, sizeof(*header));
	vde_block_seal(header, vde_region_kind_tag(geo->kind), 1);
	return vde_file_write(file, geo->meta_start, 1, header);
}

static int write_directory(const struct vde_file *file,
			   const struct vde_layout *layout, void *buffer)
{
	struct vde_disk_directory *directory = buffer;
	struct vde_disk_directory_header *header = buffer + VDE_BLOCK_SIZE;

	vde_layout_encode(layout, directory, header);
	return vde_file_write(file, VDE_BLOCK_DIRECTORY, 2, buffer);
}

/* Both groups, the mirror first, as every later update does it. */
static int write_groups(const struct vde_file *file,
			const struct vde_format *format, void *buffer)
{
	struct vde_group *group = buffer;
	struct vde_disk_directory_header unused;
	int ret;

	memset(group, 0, sizeof(*group));
	vde_superblock_init(&group->superblock, &format->layout, format->uuid,
			    format->label, format->now);
	vde_layout_encode(&format->layout, &group->map, &unused);
	vde_group_seal(group);
	ret = vde_file_write(file, VDE_BLOCK_MIRROR, VDE_GROUP_BLOCKS, group);
	if (!ret)
		ret = vde_file_flush(file);
	if (!ret)
		ret = vde_file_write(file, VDE_BLOCK_PRIMARY, VDE_GROUP_BLOCKS,
				     group);
	return ret ? ret : vde_file_flush(file);
}

/**
 * vde_format - make a volume
 * @file: file opened with VDE_OPEN_WRITE; all it holds is lost
 * @format: what the volume shall be
 *
 * Return: 0; -ENOSPC when the file is shorter than the layout; negative errno of
 * writing. After a failure the file holds no volume, unless it failed before the
 * first write.
 */
int vde_format(const struct vde_file *file, const struct vde_format *format)
{
	const struct vde_layout *layout = &format->layout;
	void *buffer;
	u32 i;
	int ret;

	if (layout->total_blocks > file->blocks)
		return -ENOSPC;
	buffer = vde_alloc_blocks(VDE_COMMIT_BLOCKS);
	if (!buffer)
		return -ENOMEM;
	ret = destroy_groups(file, buffer);
	for (i = 0; !ret && i < layout->count; i++)
		ret = write_region(file, format, i, buffer);
	if (!ret)
		ret = write_directory(file, layout, buffer);
	if (!ret)
		ret = vde_file_flush(file);
	if (!ret)
		ret = write_groups(file, format, buffer);
	free(buffer);
	return ret;
}

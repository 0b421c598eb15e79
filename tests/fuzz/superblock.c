// SPDX-License-Identifier: GPL-2.0-only
/*
 * Superblock groups. Input: a byte (bit 0: leave checksums alone, bit 1: and
 * generations), the device's blocks, primary group, mirror group.
 */
#include "fuzz.h"

static struct vde_group groups[2];

static void seal_group(struct vde_group *group, u8 how)
{
	struct vde_disk_block *block = (struct vde_disk_block *)group;
	u32 i;

	for (i = 0; i < VDE_GROUP_BLOCKS && !(how & 1); i++) {
		if (!(how & 2))
			block[i].trailer.generation =
				cpu_to_le32(le64_to_cpu(group->superblock.sequence));
		fuzz_seal(&block[i], 0);
	}
}

static void check_accepted(const struct vde_disk_superblock *sb, u64 device)
{
	u64 total = le64_to_cpu(sb->total_blocks);

	REQUIRE(!memcmp(sb->magic, "DWVD", 4) && sb->major == 2);
	REQUIRE(le32_to_cpu(sb->block_size) == 4096);
	REQUIRE(total >= 10 && total <= device && total < 1ULL << 51);
	REQUIRE(le64_to_cpu(sb->expected_bytes) / 4096 == total);
	REQUIRE(le64_to_cpu(sb->free_blocks) <= total - 10);
	REQUIRE(le64_to_cpu(sb->free_blocks) +
		le64_to_cpu(sb->allocated_blocks) == total);
	REQUIRE(!(le32_to_cpu(sb->incompat) & ~2U));
	fuzz_fault(vde_superblock_check_writable(sb));
}

/* What init makes of any layout is accepted, and agrees with it. */
static void check_init(struct fuzz *fuzz)
{
	static const u8 uuid[16] = { 1 };
	static struct vde_layout layout;
	static struct vde_group made;
	u64 total = 9 + fuzz_size(fuzz, (1ULL << 51) - 10);
	u32 i, regions = fuzz_u8(fuzz) % 70;
	char label[80];

	fuzz_take(fuzz, label, sizeof(label) - 1);
	label[sizeof(label) - 1] = 0;
	vde_layout_init(&layout, total);
	for (i = 0; i < regions && total >= 10; i++)
		fuzz_fault(vde_layout_add(&layout, fuzz_u8(fuzz) % 3,
					  fuzz_size(fuzz, U64_MAX)));
	if (total < 10)
		return;
	vde_superblock_init(&made.superblock, &layout, uuid, label,
			    fuzz_u64(fuzz));
	vde_group_seal(&made);
	REQUIRE(!vde_group_check(&made));
	REQUIRE(!vde_superblock_check(&made.superblock, total));
	REQUIRE(vde_superblock_check(&made.superblock, total - 1));
	REQUIRE(!vde_superblock_check_layout(&made.superblock, &layout));
	REQUIRE(!vde_superblock_check_writable(&made.superblock));
}

void fuzz_one(struct fuzz *fuzz)
{
	const struct vde_group *chosen = NULL;
	u8 how = fuzz_u8(fuzz);
	u64 device = fuzz_u64(fuzz);
	bool valid[2];
	u32 i;

	for (i = 0; i < 2; i++) {
		fuzz_take(fuzz, &groups[i], sizeof(groups[i]));
		seal_group(&groups[i], how);
		valid[i] = !fuzz_fault(vde_group_check(&groups[i]));
	}
	if (fuzz_fault(vde_group_choose(&groups[0], &groups[1], &chosen))) {
		REQUIRE(!valid[0] && !valid[1]);
	} else {
		REQUIRE(chosen == &groups[0] || chosen == &groups[1]);
		REQUIRE(valid[chosen - groups]);
		if (valid[0] && valid[1])
			REQUIRE((s64)le64_to_cpu(chosen->superblock.sequence) >=
				(s64)le64_to_cpu(groups[chosen == groups].superblock.sequence));
		if (!fuzz_fault(vde_superblock_check(&chosen->superblock,
						     device)))
			check_accepted(&chosen->superblock, device);
	}
	check_init(fuzz);
}

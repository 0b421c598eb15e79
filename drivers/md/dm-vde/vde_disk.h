/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DWVD v2.0 on disk, byte for byte: Documentation/admin-guide/device-mapper/
 * dm-vde-format.rst. Integers are little-endian; nothing here has native
 * order, and every structure is exactly as long as its place on the disk.
 */
#ifndef VDE_DISK_H
#define VDE_DISK_H

#include "portable.h"

#define VDE_BLOCK_SIZE		4096U
#define VDE_BLOCK_SHIFT		12
#define VDE_PAYLOAD_SIZE	4080U	/* bytes of a block before its trailer */
#define VDE_SECTORS_PER_BLOCK	8U

/* Ticks: 100 ns since 0001-01-01T00:00:00Z. */
#define VDE_TICKS_PER_SECOND	10000000LL
#define VDE_TICKS_UNIX_EPOCH	621355968000000000LL

/* Block type tags: four ASCII letters as a big-endian number. */
#define VDE_TAG_SUPERBLOCK	0x53555042U	/* SUPB */
#define VDE_TAG_REGION_MAP	0x524D4150U	/* RMAP */
#define VDE_TAG_EXTENDED	0x45584D44U	/* EXMD */
#define VDE_TAG_ANCHOR		0x49414E54U	/* IANT */
#define VDE_TAG_COMMIT		0x4D57414CU	/* MWAL */
#define VDE_TAG_DATA		0x44415441U	/* DATA */
#define VDE_TAG_STREAM		0x53545245U	/* STRE */
#define VDE_TAG_WORM		0x574F524DU	/* WORM */
#define VDE_TAG_VAULT		0x434D5654U	/* CMVT */

/* Volume map, in blocks. */
#define VDE_GROUP_BLOCKS	4U	/* superblock, map, extended, anchor */
#define VDE_BLOCK_PRIMARY	0U
#define VDE_BLOCK_MIRROR	4U
#define VDE_BLOCK_DIRECTORY	8U
#define VDE_BLOCK_DIRECTORY_HEADER 9U
#define VDE_BLOCK_FIRST_REGION	10U

/* Blocks of a superblock group, counted from its first. */
enum vde_group_block {
	VDE_GROUP_SUPERBLOCK,
	VDE_GROUP_REGION_MAP,
	VDE_GROUP_EXTENDED,
	VDE_GROUP_ANCHOR,
};

#define VDE_SLOTS		127U
#define VDE_MAX_REGIONS		63U	/* two slots at least per region */
#define VDE_COMMIT_SLOTS	8U
#define VDE_COMMIT_BLOCKS	16U	/* per region: two per commit slot */
#define VDE_FRONTIER_NODES	64U
#define VDE_RESET_ENTRIES	16U

/* The largest volume whose size in bytes fits a signed 64-bit number. */
#define VDE_MAX_BLOCKS		((1ULL << 51) - 1)

/**
 * struct vde_disk_trailer - last 16 bytes of every metadata block
 * @tag: block type, VDE_TAG_*
 * @generation: of what wrote the block
 * @checksum: xxh64, seed 0, of the 4080 bytes before the trailer
 */
struct vde_disk_trailer {
	__le32 tag;
	__le32 generation;
	__le64 checksum;
} __packed;

/* A metadata block as bytes. */
struct vde_disk_block {
	u8 payload[VDE_PAYLOAD_SIZE];
	struct vde_disk_trailer trailer;
} __packed;

#define VDE_MAGIC		"DWVD"
#define VDE_MAGIC_URI		"dw://"
#define VDE_MAJOR		2
#define VDE_MINOR		0
#define VDE_REVISION		1
#define VDE_READER_VERSION	2
#define VDE_WRITER_VERSION	2
#define VDE_CHECKSUM_XXH64	1
#define VDE_INODE_SIZE		304
#define VDE_POLICY_VERSION	1
#define VDE_LABEL_SIZE		64

#define VDE_INCOMPAT_WORM	BIT(1)
#define VDE_RO_COMPAT_STREAM	BIT(2)
#define VDE_COMPAT_CHAIN	BIT(2)
#define VDE_COMPAT_VAULT	BIT(3)
#define VDE_COMPAT_DIRTY	BIT(6)
#define VDE_MODULE_COMPLIANCE	BIT(1)
#define VDE_MODULE_STREAMING	BIT(6)
#define VDE_MODULE_INTEGRITY	BIT(11)

/* Block 0 and 4. Sizes and counts in blocks, times in ticks. */
struct vde_disk_superblock {
	u8 magic[4];
	u8 major;
	u8 minor;
	__le16 revision;
	u8 uri[5];
	u8 zero0[3];
	__le16 min_reader;
	__le16 min_writer;
	__le32 incompat;
	__le32 ro_compat;
	__le32 compat;
	__le32 modules;
	__le64 module_config[2];
	__le32 block_size;
	__le64 total_blocks;
	__le64 free_blocks;
	__le64 expected_bytes;
	__le64 allocated_blocks;
	u8 uuid[16];
	u8 cluster_node[16];
	u8 compression;
	u8 encryption;
	u8 checksum;
	u8 zero1;
	__le16 inode_size;
	__le16 zone_id;
	__le32 policy_version;
	__le32 replication_epoch;
	__le64 worm_hwm;
	__le64 key_fingerprint;
	u8 label[VDE_LABEL_SIZE];
	__le64 created;
	__le64 modified;
	__le64 last_scrub;
	__le64 sequence;
	__le64 error_map_blocks;
	u8 writer_session[16];
	__le64 writer_time;
	u8 writer_node[16];
	__le64 physical_blocks;
	u8 zero2[4048 - 0x130];
	u8 header_seal[32];
	struct vde_disk_trailer trailer;
} __packed;

#define VDE_SLOT_ACTIVE		BIT(0)
#define VDE_SLOT_WORM		BIT(3)
#define VDE_SLOT_READ_ONLY	BIT(4)

/* One entry of the region directory; start, count and used in blocks. */
struct vde_disk_slot {
	__le32 tag;
	__le32 flags;
	__le64 start;
	__le64 count;
	__le64 used;
} __packed;

/* Block 8, and with another generation blocks 1 and 5. */
struct vde_disk_directory {
	struct vde_disk_slot slots[VDE_SLOTS];
	u8 zero[VDE_PAYLOAD_SIZE - VDE_SLOTS * sizeof(struct vde_disk_slot)];
	struct vde_disk_trailer trailer;
} __packed;

#define VDE_DIRECTORY_VERSION	1

/* Block 9; @checksum is the xxh64 of the directory block's payload. */
struct vde_disk_directory_header {
	__le16 version;
	__le16 slots;
	__le16 active;
	__le16 zero0;
	__le64 checksum;
	u8 zero1[VDE_PAYLOAD_SIZE - 16];
	struct vde_disk_trailer trailer;
} __packed;

/* First 40 bytes of a WORM region's metadata, and its state in a commit. */
struct vde_disk_worm_header {
	__le64 hwm;
	__le64 capacity;
	__le64 retention;
	__le64 created;
	__le32 records_low;
	__le32 records_high;
} __packed;

#define VDE_RECORDS_FIRST	77U	/* records in metadata block 0 */
#define VDE_RECORDS_PER_BLOCK	78U	/* in each later one */

/* What was sealed in one data block. */
struct vde_disk_record {
	__le64 index;
	__le64 time;
	__le32 length;
	u8 digest[SHA256_DIGEST_SIZE];
} __packed;

/* State of a stream region: its metadata block and its commits. */
struct vde_disk_stream_header {
	__le64 capacity;
	__le64 allocated;
	__le64 head;
	__le64 tail;
	__le64 entries;
	__le32 growth;
	__le32 policy;
} __packed;

/*
 * A passport up to its texts. What follows has no fixed place: the issuer,
 * __le32 length of the notes, the notes, 64 bytes of signature.
 */
struct vde_disk_passport {
	u8 id[16];
	u8 object[16];
	__le16 framework;
	__le16 status;
	__le64 issued;
	__le64 expires;
	__le64 verified;
	__le32 issuer_length;
	u8 texts[];
} __packed;

#define VDE_ISSUER_MAX		128U
#define VDE_NOTES_MAX		256U
#define VDE_SIGNATURE_SIZE	64U
#define VDE_PASSPORT_MIN	132U	/* without texts */
#define VDE_PASSPORT_MAX	(VDE_PASSPORT_MIN + VDE_ISSUER_MAX + \
				 VDE_NOTES_MAX)

/* What a vault's metadata block 0 begins with. */
struct vde_disk_vault_header {
	__le32 passports;
	u8 zero[12];
} __packed;

/* State of a vault in its commits. */
struct vde_disk_vault_state {
	__le64 passports;
	__le64 used_blocks;
} __packed;

#define VDE_COMMIT_CLEAN	BIT(0)
#define VDE_COMMIT_HELD		BIT(1)
#define VDE_COMMIT_NO_IMAGE	U64_MAX

/* One past reset of a WORM region. */
struct vde_disk_reset {
	__le64 time;
	__le64 clock;
	__le64 records;
	__le32 uid;
	u8 comm[16];
	u8 root[SHA256_DIGEST_SIZE];
	u8 zero[20];
} __packed;

/* First block of a commit slot. */
struct vde_disk_commit {
	__le64 sequence;
	__le32 owner;
	__le32 flags;
	__le64 time;
	__le64 clock;
	__le64 imaged;
	__le64 image_checksum;
	union {
		struct vde_disk_worm_header worm;
		struct vde_disk_stream_header stream;
		struct vde_disk_vault_state vault;
		u8 bytes[64];
	} state;
	u8 region_uuid[16];
	u8 zero0[16];
	u8 zero1[0x100 - 0x90];
	__le64 tree_size;
	u8 frontier[VDE_FRONTIER_NODES][SHA256_DIGEST_SIZE];
	u8 zero2[0x910 - 0x908];
	__le64 resets;
	struct vde_disk_reset reset[VDE_RESET_ENTRIES];
	__le64 sealed_clock;
	__le64 attested_time;
	__le64 attested_clock;
	u8 zero3[VDE_PAYLOAD_SIZE - 0xF30];
	struct vde_disk_trailer trailer;
} __packed;

/* A commit slot: two blocks, written by one write. */
struct vde_disk_commit_slot {
	struct vde_disk_commit record;
	struct vde_disk_block image;
} __packed;

static_assert(sizeof(struct vde_disk_trailer) == 16);
static_assert(sizeof(struct vde_disk_block) == VDE_BLOCK_SIZE);
static_assert(sizeof(struct vde_disk_slot) == 32);
static_assert(sizeof(struct vde_disk_directory) == VDE_BLOCK_SIZE);
static_assert(sizeof(struct vde_disk_directory_header) == VDE_BLOCK_SIZE);
static_assert(sizeof(struct vde_disk_worm_header) == 40);
static_assert(sizeof(struct vde_disk_record) == 52);
static_assert(sizeof(struct vde_disk_stream_header) == 48);
static_assert(sizeof(struct vde_disk_passport) == 64);
static_assert(sizeof(struct vde_disk_passport) + 4 + VDE_SIGNATURE_SIZE ==
	      VDE_PASSPORT_MIN);
static_assert(sizeof(struct vde_disk_vault_header) == 16);
static_assert(sizeof(struct vde_disk_reset) == 96);
static_assert(40 + VDE_RECORDS_FIRST * 52 <= VDE_PAYLOAD_SIZE);
static_assert(VDE_RECORDS_PER_BLOCK * 52 <= VDE_PAYLOAD_SIZE);

static_assert(sizeof(struct vde_disk_superblock) == VDE_BLOCK_SIZE);
static_assert(offsetof(struct vde_disk_superblock, min_reader) == 0x10);
static_assert(offsetof(struct vde_disk_superblock, incompat) == 0x14);
static_assert(offsetof(struct vde_disk_superblock, compat) == 0x1C);
static_assert(offsetof(struct vde_disk_superblock, module_config) == 0x24);
static_assert(offsetof(struct vde_disk_superblock, block_size) == 0x34);
static_assert(offsetof(struct vde_disk_superblock, total_blocks) == 0x38);
static_assert(offsetof(struct vde_disk_superblock, free_blocks) == 0x40);
static_assert(offsetof(struct vde_disk_superblock, expected_bytes) == 0x48);
static_assert(offsetof(struct vde_disk_superblock, allocated_blocks) == 0x50);
static_assert(offsetof(struct vde_disk_superblock, uuid) == 0x58);
static_assert(offsetof(struct vde_disk_superblock, cluster_node) == 0x68);
static_assert(offsetof(struct vde_disk_superblock, compression) == 0x78);
static_assert(offsetof(struct vde_disk_superblock, inode_size) == 0x7C);
static_assert(offsetof(struct vde_disk_superblock, zone_id) == 0x7E);
static_assert(offsetof(struct vde_disk_superblock, policy_version) == 0x80);
static_assert(offsetof(struct vde_disk_superblock, replication_epoch) == 0x84);
static_assert(offsetof(struct vde_disk_superblock, worm_hwm) == 0x88);
static_assert(offsetof(struct vde_disk_superblock, key_fingerprint) == 0x90);
static_assert(offsetof(struct vde_disk_superblock, label) == 0x98);
static_assert(offsetof(struct vde_disk_superblock, created) == 0xD8);
static_assert(offsetof(struct vde_disk_superblock, last_scrub) == 0xE8);
static_assert(offsetof(struct vde_disk_superblock, sequence) == 0xF0);
static_assert(offsetof(struct vde_disk_superblock, error_map_blocks) == 0xF8);
static_assert(offsetof(struct vde_disk_superblock, writer_session) == 0x100);
static_assert(offsetof(struct vde_disk_superblock, writer_time) == 0x110);
static_assert(offsetof(struct vde_disk_superblock, writer_node) == 0x118);
static_assert(offsetof(struct vde_disk_superblock, physical_blocks) == 0x128);
static_assert(offsetof(struct vde_disk_superblock, header_seal) == 4048);
static_assert(offsetof(struct vde_disk_superblock, trailer) == 4080);

static_assert(sizeof(struct vde_disk_commit) == VDE_BLOCK_SIZE);
static_assert(sizeof(struct vde_disk_commit_slot) == 2 * VDE_BLOCK_SIZE);
static_assert(offsetof(struct vde_disk_commit, owner) == 0x08);
static_assert(offsetof(struct vde_disk_commit, time) == 0x10);
static_assert(offsetof(struct vde_disk_commit, clock) == 0x18);
static_assert(offsetof(struct vde_disk_commit, imaged) == 0x20);
static_assert(offsetof(struct vde_disk_commit, image_checksum) == 0x28);
static_assert(offsetof(struct vde_disk_commit, state) == 0x30);
static_assert(offsetof(struct vde_disk_commit, region_uuid) == 0x70);
static_assert(offsetof(struct vde_disk_commit, tree_size) == 0x100);
static_assert(offsetof(struct vde_disk_commit, frontier) == 0x108);
static_assert(offsetof(struct vde_disk_commit, resets) == 0x910);
static_assert(offsetof(struct vde_disk_commit, reset) == 0x918);
static_assert(offsetof(struct vde_disk_commit, sealed_clock) == 0xF18);
static_assert(offsetof(struct vde_disk_commit, attested_time) == 0xF20);
static_assert(offsetof(struct vde_disk_commit, attested_clock) == 0xF28);
static_assert(offsetof(struct vde_disk_commit, trailer) == 4080);

#endif /* VDE_DISK_H */

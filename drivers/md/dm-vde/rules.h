/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of the format: pure functions on buffers and numbers, with no I/O,
 * lock, allocation or time. Every buffer is hostile until its check passed.
 * Section names are those of dm-vde-format.rst.
 */
#ifndef VDE_RULES_H
#define VDE_RULES_H

#include "vde_disk.h"

/*
 * Everything that can be wrong with a volume: name, errno and the phrase that
 * ends up in ti->error, in kernel messages and in vdectl's reports.
 */
#define VDE_FAULTS(F)							       \
	F(NONE, 0, "no fault")						       \
	F(BLOCK_TAG, EUCLEAN, "block has the wrong type tag")		       \
	F(BLOCK_CHECKSUM, EUCLEAN, "block checksum mismatch")		       \
	F(BLOCK_GENERATION, EUCLEAN, "block has the wrong generation")	       \
	F(NOT_VDE, ENODATA, "no DWVD volume on the device")		       \
	F(VERSION, EPROTONOSUPPORT, "volume needs a newer dm-vde")	       \
	F(FEATURES, EPROTONOSUPPORT, "volume has unknown incompatible features") \
	F(BLOCK_SIZE, EPROTONOSUPPORT, "volume block size is not 4096")	       \
	F(ALGORITHM, EPROTONOSUPPORT, "volume uses an unsupported algorithm")  \
	F(WRITER, EROFS, "volume needs a newer dm-vde for writing")	       \
	F(SIZES, EUCLEAN, "superblock sizes contradict each other")	       \
	F(SEQUENCE, EUCLEAN, "superblock sequence is out of range")	       \
	F(SEQUENCE_SPENT, EOVERFLOW, "sequence leaves no room for writing")    \
	F(TORN_GROUP, EUCLEAN, "superblock group is torn")		       \
	F(GROUPS_DIFFER, EUCLEAN, "superblock groups differ")		       \
	F(UPDATE_CUT, EUCLEAN, "superblock update was interrupted")	       \
	F(NO_GROUP, EUCLEAN, "no valid superblock group")		       \
	F(DEVICE_SHORT, ENOSPC, "device is smaller than the volume")	       \
	F(DIRECTORY_HEADER, EUCLEAN, "region directory header is malformed")   \
	F(DIRECTORY_CHECKSUM, EUCLEAN, "region directory checksum mismatch")   \
	F(DIRECTORY_DIFFERS, EUCLEAN, "region directory and its copy differ")  \
	F(DIRECTORY_PADDING, EUCLEAN, "region directory has garbage after its slots") \
	F(SLOT_TAG, EUCLEAN, "region slot has an unknown tag")		       \
	F(SLOT_FLAGS, EUCLEAN, "region slot has wrong flags")		       \
	F(SLOT_ORDER, EUCLEAN, "region slots are in the wrong order")	       \
	F(SLOT_RANGE, EUCLEAN, "region slot is out of range")		       \
	F(SLOT_OVERLAP, EUCLEAN, "region slots overlap")		       \
	F(SLOT_GEOMETRY, EUCLEAN, "region metadata does not fit its capacity") \
	F(SLOT_UNUSED, EUCLEAN, "unused region slot is not empty")	       \
	F(FEATURE_MISMATCH, EUCLEAN, "superblock features contradict the directory") \
	F(FREE_BLOCKS, EUCLEAN, "superblock free count contradicts the directory") \
	F(SLOTS_FULL, ENOSPC, "all 127 region slots are in use")	       \
	F(VOLUME_FULL, ENOSPC, "regions do not fit the device")		       \
	F(NO_REGION, ENXIO, "volume has no such region")		       \
	F(COMMIT_EMPTY, ENODATA, "commit slot was never written")	       \
	F(COMMIT_SEQUENCE, EUCLEAN, "commit sequence does not belong to its slot") \
	F(COMMIT_OWNER, EUCLEAN, "commit belongs to another region")	       \
	F(COMMIT_FLAGS, EUCLEAN, "commit has unknown flags")		       \
	F(COMMIT_PADDING, EUCLEAN, "commit has garbage in unused bytes")       \
	F(COMMIT_IMAGE, EUCLEAN, "commit image is damaged")		       \
	F(COMMIT_STATE, EUCLEAN, "commit state is out of range")	       \
	F(RING_STATE, EUCLEAN, "stream positions contradict each other")       \
	F(NO_COMMIT, EUCLEAN, "region has no valid commit")		       \
	F(COMMIT_CUT, EUCLEAN, "commit was interrupted")		       \
	F(COMMIT_LOST, EUCLEAN, "commit slot lacks the commit that belongs there") \
	F(SUPERBLOCK_HWM, EUCLEAN, "superblock high-water mark contradicts the region's") \
	F(NOT_CLEAN, EUCLEAN, "volume is clean but the region's newest commit is not") \
	F(HEADER_DIFFERS, EUCLEAN, "region header contradicts its newest commit") \
	F(RECORD_INDEX, EUCLEAN, "write record has the wrong index")	       \
	F(RECORD_LENGTH, EUCLEAN, "write record length is out of range")       \
	F(RECORD_TIME, EUCLEAN, "write record is older than the one before")   \
	F(RECORD_BEYOND, EUCLEAN, "write record beyond the high-water mark")   \
	F(RECORD_PADDING, EUCLEAN, "garbage after the write records")	       \
	F(DATA_DIGEST, EILSEQ, "data does not match its write record")	       \
	F(DATA_PADDING, EUCLEAN, "garbage after the data of a short block")    \
	F(PASSPORT_CUT, EUCLEAN, "passport is cut short")		       \
	F(PASSPORT_ID, EUCLEAN, "passport has no id")			       \
	F(PASSPORT_LENGTH, EUCLEAN, "passport text is too long")	       \
	F(PASSPORT_TEXT, EUCLEAN, "passport text is not UTF-8 without NUL")   \
	F(PASSPORT_FIELD, EUCLEAN, "passport framework or status is unknown") \
	F(PASSPORT_TIME, EUCLEAN, "passport time is negative")		       \
	F(PASSPORT_REMOVED, EUCLEAN, "removed passport is not blank")	       \
	F(PASSPORT_TWICE, EUCLEAN, "passport id is there twice")	       \
	F(VAULT_COUNT, EUCLEAN, "vault does not hold as many passports as it says") \
	F(VAULT_PADDING, EUCLEAN, "garbage after the passports")	       \
	F(READ, EIO, "block cannot be read")

/* What is wrong with a block, a directory or a commit; zero is no fault. */
enum vde_fault {
#define VDE_FAULT_ENUM(name, err, phrase) VDE_FAULT_##name,
	VDE_FAULTS(VDE_FAULT_ENUM)
#undef VDE_FAULT_ENUM
	VDE_FAULTS_COUNT
};

/* fault.c */
const char *vde_fault_phrase(enum vde_fault fault);
int vde_fault_errno(enum vde_fault fault);

/*
 * The highest sequence that a writer starts from. A sequence is valid below
 * S64_MAX; from here nobody counts as far as that. Only a forger comes beyond.
 */
#define VDE_SEQUENCE_LAST (1ULL << 62)

/* block.c: universal block trailer */
void vde_block_seal(void *block, u32 tag, u32 generation);
enum vde_fault vde_block_check(const void *block, u32 tag);
u32 vde_block_generation(const void *block);
bool vde_block_is_zero(const void *block);

/**
 * enum vde_region_kind - the three kinds of region
 * @VDE_REGION_WORM: append-only data with write records
 * @VDE_REGION_STREAM: ring with absolute positions
 * @VDE_REGION_VAULT: signed passports
 */
enum vde_region_kind {
	VDE_REGION_WORM,
	VDE_REGION_STREAM,
	VDE_REGION_VAULT,
	/* private: */
	VDE_REGION_KINDS
};

/**
 * struct vde_geometry - where one region lies; every number in blocks
 * @kind: kind of region
 * @first_slot: first slot of its run in the directory
 * @meta_start: first metadata block
 * @meta_blocks: how many there are
 * @commit_start: first of its 16 commit slot blocks
 * @data_start: first data block; a vault has none
 * @capacity: data blocks; of a vault, its metadata blocks
 * @read_only: the directory forbids writing
 */
struct vde_geometry {
	enum vde_region_kind kind;
	u32 first_slot;
	u64 meta_start;
	u64 meta_blocks;
	u64 commit_start;
	u64 data_start;
	u64 capacity;
	bool read_only;
};

/**
 * struct vde_layout - every region of a volume, in directory order
 * @total_blocks: of the volume
 * @used_slots: directory slots in use
 * @next_block: first block after the last region
 * @region_blocks: blocks owned by regions
 * @count: valid entries of @regions
 * @regions: their geometry
 */
struct vde_layout {
	u64 total_blocks;
	u32 used_slots;
	u64 next_block;
	u64 region_blocks;
	u32 count;
	struct vde_geometry regions[VDE_MAX_REGIONS];
};

/* layout.c: region directory and geometry */
const char *vde_region_kind_name(enum vde_region_kind kind);
u32 vde_region_kind_tag(enum vde_region_kind kind);
u64 vde_layout_worm_metadata(u64 capacity);
u64 vde_layout_worm_capacity(u64 blocks);
void vde_layout_init(struct vde_layout *layout, u64 total_blocks);
enum vde_fault vde_layout_add(struct vde_layout *layout,
			      enum vde_region_kind kind, u64 capacity);
void vde_layout_encode(const struct vde_layout *layout,
		       struct vde_disk_directory *directory,
		       struct vde_disk_directory_header *header);
enum vde_fault vde_layout_decode(const struct vde_disk_directory *directory,
				 u64 total_blocks, struct vde_layout *layout);
enum vde_fault
vde_layout_check_directory(const struct vde_disk_directory *directory,
			   const struct vde_disk_directory_header *header);
enum vde_fault vde_layout_load(const struct vde_disk_directory *directory,
			       const struct vde_disk_directory_header *header,
			       const struct vde_disk_directory *copy,
			       u64 total_blocks, struct vde_layout *layout,
			       enum vde_fault *warning);
const struct vde_geometry *vde_layout_find(const struct vde_layout *layout,
					   enum vde_region_kind kind, u32 nr);
void vde_layout_region_uuid(const u8 volume_uuid[16], u32 first_slot,
			    u8 uuid[16]);

/**
 * struct vde_group - a superblock group as it lies on the disk
 * @superblock: identity and sizes
 * @map: copy of the directory's slots
 * @extended: zeros
 * @anchor: Merkle root of the first WORM region
 */
struct vde_group {
	struct vde_disk_superblock superblock;
	struct vde_disk_directory map;
	struct vde_disk_block extended;
	struct vde_disk_block anchor;
};

/* superblock.c: superblock group */
void vde_superblock_init(struct vde_disk_superblock *sb,
			 const struct vde_layout *layout, const u8 uuid[16],
			 const char *label, s64 now);
enum vde_fault vde_superblock_check(const struct vde_disk_superblock *sb,
				    u64 device_blocks);
enum vde_fault vde_superblock_check_layout(const struct vde_disk_superblock *sb,
					   const struct vde_layout *layout);
enum vde_fault
vde_superblock_check_writable(const struct vde_disk_superblock *sb);
void vde_group_seal(struct vde_group *group);
enum vde_fault vde_group_check(const struct vde_group *group);
enum vde_fault vde_group_choose(const struct vde_group *primary,
				const struct vde_group *mirror,
				const struct vde_group **chosen);

/* record.c: WORM write records */
void vde_record_where(u64 n, u64 *block, u32 *offset);
u64 vde_record_block_first(u64 block);
u32 vde_record_block_count(u64 block);
struct vde_disk_record *vde_record_slot(void *block, u64 n);
void vde_record_encode(struct vde_disk_record *record, u64 index, s64 time,
		       u32 length, const u8 digest[SHA256_DIGEST_SIZE]);
enum vde_fault vde_record_check(const struct vde_disk_record *record, u64 n,
				s64 previous_time);
enum vde_fault vde_record_check_block(const void *block, u64 block_index,
				      u64 hwm, s64 *last_time);
void vde_record_truncate(void *block, u64 block_index, u64 hwm);
u64 vde_record_open_block(u64 hwm);

/**
 * enum vde_ring_policy - what a full ring does
 * @VDE_RING_OVERWRITE: the oldest blocks are lost
 * @VDE_RING_STOP: nothing more is written until some are consumed
 */
enum vde_ring_policy {
	VDE_RING_OVERWRITE,
	VDE_RING_STOP,
};

/* No position is above this: the format has signed 64-bit numbers. */
#define VDE_RING_POSITIONS ((u64)S64_MAX)

/**
 * struct vde_ring - state of a stream; positions are absolute, in blocks
 * @capacity: most blocks that it can hold
 * @allocated: blocks that it may use so far
 * @head: position of the next block to write
 * @tail: oldest position that can be read
 * @growth: blocks by which it grows
 * @policy: what happens when it is full
 */
struct vde_ring {
	u64 capacity;
	u64 allocated;
	u64 head;
	u64 tail;
	u32 growth;
	enum vde_ring_policy policy;
};

/* ring.c: position, tail and growth arithmetic */
const char *vde_ring_policy_name(enum vde_ring_policy policy);
void vde_ring_init(struct vde_ring *ring, u64 capacity, u32 growth,
		   enum vde_ring_policy policy);
enum vde_fault vde_ring_decode(const struct vde_disk_stream_header *header,
			       u64 capacity, struct vde_ring *ring);
void vde_ring_encode(const struct vde_ring *ring,
		     struct vde_disk_stream_header *header);
u64 vde_ring_place(const struct vde_ring *ring, u64 position, u64 *contiguous);
bool vde_ring_fits(const struct vde_ring *ring, u64 start, u64 blocks);
void vde_ring_grow(struct vde_ring *ring, u64 end);
u64 vde_ring_needed_tail(const struct vde_ring *ring, u64 end);
u64 vde_ring_move_tail(struct vde_ring *ring, u64 to);
bool vde_ring_holds(const struct vde_ring *ring, u64 start, u64 blocks);

/* What a passport is about; the numbers of the format. */
enum vde_framework {
	VDE_FRAMEWORK_GDPR,
	VDE_FRAMEWORK_HIPAA,
	VDE_FRAMEWORK_SOX,
	VDE_FRAMEWORK_PCI_DSS,
	VDE_FRAMEWORK_SOC2,
	VDE_FRAMEWORK_ISO27001,
	VDE_FRAMEWORK_CCPA,
	VDE_FRAMEWORK_FISMA,
	VDE_FRAMEWORK_FEDRAMP,
	/* private: */
	VDE_FRAMEWORKS
};

/* What a passport says of its object; the numbers of the format. */
enum vde_passport_status {
	VDE_PASSPORT_UNKNOWN,
	VDE_PASSPORT_COMPLIANT,
	VDE_PASSPORT_NON_COMPLIANT,
	VDE_PASSPORT_EXEMPT,
	VDE_PASSPORT_PENDING,
	VDE_PASSPORT_HOLD,
	VDE_PASSPORT_RELEASE,
	VDE_PASSPORT_ATTESTATION,
	/* private: */
	VDE_PASSPORT_STATUSES,
	/* public: it was removed, and is a tombstone */
	VDE_PASSPORT_REMOVED = 0xFFFF
};

/**
 * struct vde_passport - a passport, its parts where they lie in a buffer
 * @id: its GUID
 * @object: GUID of what it is about; of a legal hold, a release and a time
 *	attestation, UUID of a WORM region
 * @framework: enum vde_framework
 * @status: enum vde_passport_status
 * @issued: ticks
 * @expires: ticks, 0 = never
 * @verified: ticks; signed with the rest. Of a tombstone, time of removal
 * @issuer_length: bytes of @issuer, 0..VDE_ISSUER_MAX
 * @issuer: UTF-8, not terminated
 * @notes_length: bytes of @notes, 0..VDE_NOTES_MAX
 * @notes: UTF-8, not terminated
 * @signature: raw r || s, or NULL for zeros when encoding
 * @signed_size: bytes before the signature, all of which it covers
 * @size: bytes of it all
 */
struct vde_passport {
	const u8 *id;
	const u8 *object;
	u16 framework;
	u16 status;
	s64 issued;
	s64 expires;
	s64 verified;
	u32 issuer_length;
	const u8 *issuer;
	u32 notes_length;
	const u8 *notes;
	const u8 *signature;
	u32 signed_size;
	u32 size;
};

/* passport.c: passports */
const char *vde_passport_framework_name(u32 framework);
const char *vde_passport_status_name(u32 status);
enum vde_fault vde_passport_decode(const void *buffer, size_t room,
				   struct vde_passport *passport);
void vde_passport_encode(struct vde_passport *passport, void *buffer);
void vde_passport_remove(void *buffer, size_t room, s64 now);
bool vde_passport_acts_on_worm(const struct vde_passport *passport);
bool vde_passport_expired(const struct vde_passport *passport, s64 now);
bool vde_passport_released_hold(const struct vde_passport *passport,
				u8 id[16]);
s64 vde_passport_attested_clock(s64 clock, s64 first_time, s64 first_clock,
				s64 created, s64 time);

/* vault_block.c: blocks of passports */
u32 vde_vault_block_begin(u64 block_index);
enum vde_fault vde_vault_block_check_begin(const void *block, u64 block_index);
enum vde_fault vde_vault_block_next(const void *block, u32 offset,
				    struct vde_passport *passport);
enum vde_fault vde_vault_block_check(const void *block, u64 block_index,
				     u32 *count, u32 *end);
bool vde_vault_block_fits(u32 end, u32 size);
u32 vde_vault_block_total(const void *block);
void vde_vault_block_set_total(void *block, u32 passports);

/* commit_slot.c: commit slots */
u64 vde_commit_block(const struct vde_geometry *geo, u64 sequence);
void vde_commit_init_worm(struct vde_disk_commit_slot *slot,
			  const struct vde_geometry *geo,
			  const u8 region_uuid[16], s64 now, s64 retention);
void vde_commit_init_stream(struct vde_disk_commit_slot *slot,
			    const struct vde_geometry *geo,
			    const u8 region_uuid[16], s64 now, u32 growth,
			    enum vde_ring_policy policy);
void vde_commit_init_vault(struct vde_disk_commit_slot *slot,
			   const struct vde_geometry *geo,
			   const u8 region_uuid[16], s64 now);
void vde_commit_seal(struct vde_disk_commit_slot *slot);
enum vde_fault vde_commit_check(const struct vde_disk_commit_slot *slot,
				u32 slot_nr, const struct vde_geometry *geo,
				const u8 region_uuid[16]);
bool vde_commit_is_clean(const struct vde_disk_commit *commit);
enum vde_fault
vde_commit_check_writable(const struct vde_disk_commit *commit);
enum vde_fault vde_commit_check_header(const struct vde_disk_commit *commit,
				       const void *header_block,
				       const struct vde_geometry *geo);
enum vde_fault vde_commit_newest(const struct vde_disk_commit_slot *slots,
				 const struct vde_geometry *geo,
				 const u8 region_uuid[16], u32 *newest,
				 enum vde_fault faults[VDE_COMMIT_SLOTS]);

#endif /* VDE_RULES_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passports: their bytes, what of them is signed, and what the statuses of
 * legal holds and time attestations mean. Format section "Compliance vault".
 */
#include "rules.h"

/**
 * vde_passport_framework_name - word of a framework
 * @framework: any number
 *
 * Return: its name, or NULL if there is none of that number.
 */
const char *vde_passport_framework_name(u32 framework)
{
	static const char *const names[VDE_FRAMEWORKS] = {
		[VDE_FRAMEWORK_GDPR] = "GDPR",
		[VDE_FRAMEWORK_HIPAA] = "HIPAA",
		[VDE_FRAMEWORK_SOX] = "SOX",
		[VDE_FRAMEWORK_PCI_DSS] = "PCI-DSS",
		[VDE_FRAMEWORK_SOC2] = "SOC2",
		[VDE_FRAMEWORK_ISO27001] = "ISO27001",
		[VDE_FRAMEWORK_CCPA] = "CCPA",
		[VDE_FRAMEWORK_FISMA] = "FISMA",
		[VDE_FRAMEWORK_FEDRAMP] = "FedRAMP",
	};

	return framework < VDE_FRAMEWORKS ? names[framework] : NULL;
}

/**
 * vde_passport_status_name - word of a passport's status
 * @status: any number
 *
 * Return: its name, or NULL if there is none of that number.
 */
const char *vde_passport_status_name(u32 status)
{
	static const char *const names[VDE_PASSPORT_STATUSES] = {
		[VDE_PASSPORT_UNKNOWN] = "unknown",
		[VDE_PASSPORT_COMPLIANT] = "compliant",
		[VDE_PASSPORT_NON_COMPLIANT] = "non-compliant",
		[VDE_PASSPORT_EXEMPT] = "exempt",
		[VDE_PASSPORT_PENDING] = "pending-review",
		[VDE_PASSPORT_HOLD] = "legal-hold",
		[VDE_PASSPORT_RELEASE] = "hold-released",
		[VDE_PASSPORT_ATTESTATION] = "time-attestation",
	};

	if (status == VDE_PASSPORT_REMOVED)
		return "removed";
	return status < VDE_PASSPORT_STATUSES ? names[status] : NULL;
}

static __le32 read_le32(const u8 *from)
{
	__le32 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/* Where the parts lie, if @room bytes hold all of them. */
static enum vde_fault locate(const void *buffer, size_t room,
			     struct vde_passport *passport)
{
	const struct vde_disk_passport *disk = buffer;

	if (room < VDE_PASSPORT_MIN)
		return VDE_FAULT_PASSPORT_CUT;
	passport->issuer_length = le32_to_cpu(disk->issuer_length);
	if (passport->issuer_length > VDE_ISSUER_MAX)
		return VDE_FAULT_PASSPORT_LENGTH;
	if (room < VDE_PASSPORT_MIN + passport->issuer_length)
		return VDE_FAULT_PASSPORT_CUT;
	passport->id = disk->id;
	passport->object = disk->object;
	passport->issuer = disk->texts;
	passport->notes_length =
		le32_to_cpu(read_le32(disk->texts + passport->issuer_length));
	if (passport->notes_length > VDE_NOTES_MAX)
		return VDE_FAULT_PASSPORT_LENGTH;
	passport->notes = disk->texts + passport->issuer_length + 4;
	passport->signature = passport->notes + passport->notes_length;
	passport->size = VDE_PASSPORT_MIN + passport->issuer_length +
			 passport->notes_length;
	passport->signed_size = passport->size - VDE_SIGNATURE_SIZE;
	return passport->size > room ? VDE_FAULT_PASSPORT_CUT : VDE_FAULT_NONE;
}

/*
 * Bytes of the UTF-8 character (RFC 3629) at the start of @text, 0 if there is
 * none or it is NUL.
 */
static u32 utf8_length(const u8 *text, u32 left)
{
	/* Ranges of the second byte: no overlong form, surrogate, or excess. */
	u8 low = 0x80, high = 0xBF;
	u32 length, i;

	if (text[0] < 0x80)
		return text[0] ? 1 : 0;
	if (text[0] < 0xC2 || text[0] > 0xF4)
		return 0;
	length = text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
	if (left < length)
		return 0;
	if (text[0] == 0xE0)
		low = 0xA0;
	else if (text[0] == 0xED)
		high = 0x9F;
	else if (text[0] == 0xF0)
		low = 0x90;
	else if (text[0] == 0xF4)
		high = 0x8F;
	if (text[1] < low || text[1] > high)
		return 0;
	for (i = 2; i < length; i++)
		if (text[i] < 0x80 || text[i] > 0xBF)
			return 0;
	return length;
}

static bool is_text(const u8 *text, u32 left)
{
	u32 length;

	while (left) {
		length = utf8_length(text, left);
		if (!length)
			return false;
		text += length;
		left -= length;
	}
	return true;
}

static bool is_zero_id(const u8 *id)
{
	return !memchr_inv(id, 0, 16);
}

/* A tombstone keeps its length, and nothing of notes and signature. */
static enum vde_fault check_status(const struct vde_passport *passport)
{
	if (passport->framework >= VDE_FRAMEWORKS)
		return VDE_FAULT_PASSPORT_FIELD;
	if (passport->status == VDE_PASSPORT_REMOVED)
		return memchr_inv(passport->notes, 0,
				  passport->notes_length +
				  VDE_SIGNATURE_SIZE) ?
		       VDE_FAULT_PASSPORT_REMOVED : VDE_FAULT_NONE;
	if (passport->status >= VDE_PASSPORT_STATUSES)
		return VDE_FAULT_PASSPORT_FIELD;
	return is_text(passport->notes, passport->notes_length) ?
	       VDE_FAULT_NONE : VDE_FAULT_PASSPORT_TEXT;
}

/**
 * vde_passport_decode - take a passport apart
 * @buffer: it begins here
 * @room: bytes that may belong to it; more than it has is no fault
 * @passport: set to its parts, which stay in @buffer, unless there is a fault
 *
 * Says nothing about the signature.
 *
 * Return: VDE_FAULT_NONE or a VDE_FAULT_PASSPORT_*.
 */
enum vde_fault vde_passport_decode(const void *buffer, size_t room,
				   struct vde_passport *passport)
{
	const struct vde_disk_passport *disk = buffer;
	enum vde_fault fault = locate(buffer, room, passport);

	if (fault)
		return fault;
	if (is_zero_id(disk->id))
		return VDE_FAULT_PASSPORT_ID;
	passport->framework = le16_to_cpu(disk->framework);
	passport->status = le16_to_cpu(disk->status);
	passport->issued = le64_to_cpu(disk->issued);
	passport->expires = le64_to_cpu(disk->expires);
	passport->verified = le64_to_cpu(disk->verified);
	if (passport->issued < 0 || passport->expires < 0 ||
	    passport->verified < 0)
		return VDE_FAULT_PASSPORT_TIME;
	if (!is_text(passport->issuer, passport->issuer_length))
		return VDE_FAULT_PASSPORT_TEXT;
	return check_status(passport);
}

/**
 * vde_passport_encode - put a passport together
 * @passport: its parts; texts within their limits; sizes are set here
 * @buffer: VDE_PASSPORT_MAX bytes, which no part lies in
 */
void vde_passport_encode(struct vde_passport *passport, void *buffer)
{
	__le32 notes_length = cpu_to_le32(passport->notes_length);
	struct vde_disk_passport *disk = buffer;
	u8 *next = disk->texts;

	memcpy(disk->id, passport->id, sizeof(disk->id));
	memcpy(disk->object, passport->object, sizeof(disk->object));
	disk->framework = cpu_to_le16(passport->framework);
	disk->status = cpu_to_le16(passport->status);
	disk->issued = cpu_to_le64(passport->issued);
	disk->expires = cpu_to_le64(passport->expires);
	disk->verified = cpu_to_le64(passport->verified);
	disk->issuer_length = cpu_to_le32(passport->issuer_length);
	memcpy(next, passport->issuer, passport->issuer_length);
	next += passport->issuer_length;
	memcpy(next, &notes_length, sizeof(notes_length));
	next += sizeof(notes_length);
	memcpy(next, passport->notes, passport->notes_length);
	next += passport->notes_length;
	if (passport->signature)
		memcpy(next, passport->signature, VDE_SIGNATURE_SIZE);
	else
		memset(next, 0, VDE_SIGNATURE_SIZE);
	passport->signed_size = next - (u8 *)buffer;
	passport->size = passport->signed_size + VDE_SIGNATURE_SIZE;
}

/**
 * vde_passport_remove - make a passport a tombstone of the same length
 * @buffer: a passport that vde_passport_decode() accepts
 * @room: bytes that may belong to it
 * @now: time of removal in ticks
 */
void vde_passport_remove(void *buffer, size_t room, s64 now)
{
	struct vde_disk_passport *disk = buffer;
	struct vde_passport passport;

	if (locate(buffer, room, &passport))
		return;
	disk->status = cpu_to_le16(VDE_PASSPORT_REMOVED);
	disk->verified = cpu_to_le64(now);
	memset(buffer + (passport.notes - (const u8 *)buffer), 0,
	       passport.notes_length + VDE_SIGNATURE_SIZE);
}

/**
 * vde_passport_acts_on_worm - does a passport change the WORM region it is about?
 * @passport: decoded
 *
 * Return: true for a legal hold, a release and a time attestation.
 */
bool vde_passport_acts_on_worm(const struct vde_passport *passport)
{
	return passport->status == VDE_PASSPORT_HOLD ||
	       passport->status == VDE_PASSPORT_RELEASE ||
	       passport->status == VDE_PASSPORT_ATTESTATION;
}

/**
 * vde_passport_expired - has a passport expired?
 * @passport: decoded
 * @now: ticks
 *
 * Legal holds and releases never do.
 *
 * Return: true if so.
 */
bool vde_passport_expired(const struct vde_passport *passport, s64 now)
{
	return passport->expires && passport->expires <= now &&
	       passport->status != VDE_PASSPORT_HOLD &&
	       passport->status != VDE_PASSPORT_RELEASE;
}

static int hex_value(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * vde_passport_released_hold - which hold does a release lift?
 * @passport: decoded
 * @id: set to that hold's passport id
 *
 * Return: false if its notes are not exactly the text of a GUID.
 */
bool vde_passport_released_hold(const struct vde_passport *passport,
				u8 id[16])
{
	/* The first three numbers of a GUID are stored little-endian. */
	static const u8 place[16] = { 3, 2, 1, 0, 5, 4, 7, 6,
				      8, 9, 10, 11, 12, 13, 14, 15 };
	const u8 *text = passport->notes;
	int high, low;
	u32 i;

	if (passport->notes_length != 36)
		return false;
	for (i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		high = hex_value(*text++);
		low = hex_value(*text++);
		if (high < 0 || low < 0)
			return false;
		id[place[i]] = high << 4 | low;
	}
	return true;
}

/**
 * vde_passport_attested_clock - what a time attestation makes of a clock
 * @clock: compliance clock now, in ticks
 * @first_time: time of the first attestation, A0
 * @first_clock: compliance clock at that moment, C0
 * @created: time of day when the region was made, 0 if it is not known
 * @time: time that is attested now, A
 *
 * C0 + A - A0, but never less than @clock. A first attestation that was kept
 * back until the clock had run for longer than the region had existed when it
 * was issued must not count that time twice: C0 is at most A0 - @created.
 *
 * Return: the clock, in ticks.
 */
s64 vde_passport_attested_clock(s64 clock, s64 first_time, s64 first_clock,
				s64 created, s64 time)
{
	s64 since = time - first_time;	/* neither is negative */
	s64 attested;

	if (created && first_time - created < first_clock)
		first_clock = first_time > created ? first_time - created : 0;
	if (check_add_overflow(first_clock, since, &attested))
		return clock;
	return attested > clock ? attested : clock;
}

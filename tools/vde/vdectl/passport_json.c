// SPDX-License-Identifier: GPL-2.0-only
/* Passports as JSON: what is written can be read again, byte for byte. */
#include <inttypes.h>
#include <stdarg.h>

#include "passport.h"

static void add_string(struct json_object *object, const char *key,
		       const u8 *text, u32 length)
{
	json_object_object_add(object, key,
			       json_object_new_string_len((const char *)text,
							  length));
}

/* A tombstone has its time of removal where the issuer's word was. */
static void add_rest(struct json_object *object,
		     const struct vde_passport *parts)
{
	bool removed = parts->status == VDE_PASSPORT_REMOVED;
	char text[VDECTL_TEXT_SIZE];

	if (removed)
		json_add_null(object, "last_verified");
	else
		json_add_time(object, "last_verified", parts->verified);
	add_string(object, "issuer", parts->issuer, parts->issuer_length);
	if (removed)
		json_add_null(object, "notes");
	else
		add_string(object, "notes", parts->notes, parts->notes_length);
	json_add_text(object, "signature", passport_is_signed(parts) ?
		      vdectl_hex_text(text, parts->signature,
				      VDE_SIGNATURE_SIZE) : NULL);
	if (removed)
		json_add_time(object, "removed", parts->verified);
}

/**
 * passport_json - a passport for programs
 * @parts: of it
 *
 * Return: an object.
 */
struct json_object *passport_json(const struct vde_passport *parts)
{
	struct json_object *object = json_object_new_object();

	json_add_guid(object, "id", parts->id);
	json_add_guid(object, "object", parts->object);
	json_add_text(object, "framework",
		      vde_passport_framework_name(parts->framework));
	json_add_text(object, "status",
		      vde_passport_status_name(parts->status));
	json_add_time(object, "issued", parts->issued);
	json_add_time(object, "expires", parts->expires);
	add_rest(object, parts);
	return object;
}

/**
 * passport_add_verdict - add what is known of a passport in a vault
 * @object: to extend
 * @verdict: VDE_IOC_VERDICT_*
 * @traits: VDE_IOC_PASSPORT_*
 */
void passport_add_verdict(struct json_object *object, u32 verdict, u32 traits)
{
	json_add_text(object, "verdict", passport_verdict_name(verdict));
	json_add_bool(object, "expired", traits & VDE_IOC_PASSPORT_EXPIRED);
	json_add_bool(object, "released", traits & VDE_IOC_PASSPORT_RELEASED);
}

/* A passport under way from JSON, and where messages say that it is. */
struct reading {
	const char *where;
	struct json_object *object;
	u8 id[16];
	u8 object_id[16];
	u8 signature[VDE_SIGNATURE_SIZE];
	struct vde_passport parts;
};

static int complain(const struct reading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int complain(const struct reading *reading, const char *format, ...)
{
	char text[VDECTL_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return vdectl_error("%s: %s", reading->where, text);
}

/* A member that is a text without NUL; NULL if it is none. */
static const char *get_text(struct json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ?
	       text : NULL;
}

static int read_guid(struct reading *reading, struct json_object *value,
		     const char *key, u8 guid[16])
{
	const char *text = get_text(value);

	return text && !vde_guid_parse(text, guid) ? VDECTL_OK :
	       complain(reading, "'%s' is not a UUID", key);
}

static int read_id(struct reading *reading, struct json_object *value)
{
	return read_guid(reading, value, "id", reading->id);
}

static int read_object(struct reading *reading, struct json_object *value)
{
	return read_guid(reading, value, "object", reading->object_id);
}

/* A word, or its number. */
static int read_word(struct reading *reading, struct json_object *value,
		     const char *key, int (*parse)(const char *text, u32 *number),
		     u16 *word)
{
	const char *text = get_text(value);
	u32 number = 0;

	if (json_object_is_type(value, json_type_int))
		text = json_object_get_string(value);
	if (!text || parse(text, &number))
		return complain(reading, "'%s' is none that a passport can have",
				key);
	*word = number;
	return VDECTL_OK;
}

static int read_framework(struct reading *reading, struct json_object *value)
{
	return read_word(reading, value, "framework", passport_parse_framework,
			 &reading->parts.framework);
}

static int read_status(struct reading *reading, struct json_object *value)
{
	int ret = read_word(reading, value, "status", passport_parse_status,
			    &reading->parts.status);

	if (!ret && reading->parts.status == VDE_PASSPORT_REMOVED)
		ret = complain(reading, "it was removed from its vault, and cannot be used again");
	return ret;
}

/* A time in ISO form, or ticks; null is 0. */
static int read_time(struct reading *reading, struct json_object *value,
		     const char *key, s64 *ticks)
{
	const char *text = get_text(value);

	*ticks = 0;
	if (!value)
		return VDECTL_OK;
	if (json_object_is_type(value, json_type_int) &&
	    json_object_get_uint64(value) <= INT64_MAX &&
	    json_object_get_int64(value) >= 0) {
		*ticks = json_object_get_int64(value);
		return VDECTL_OK;
	}
	return text && !vdectl_parse_time(text, ticks) ? VDECTL_OK :
	       complain(reading, "'%s' is not a time such as 2026-12-31T23:59:59Z",
			key);
}

static int read_issued(struct reading *reading, struct json_object *value)
{
	return read_time(reading, value, "issued", &reading->parts.issued);
}

static int read_expires(struct reading *reading, struct json_object *value)
{
	return read_time(reading, value, "expires", &reading->parts.expires);
}

static int read_verified(struct reading *reading, struct json_object *value)
{
	return read_time(reading, value, "last_verified",
			 &reading->parts.verified);
}

static int read_string(struct reading *reading, struct json_object *value,
		       const char *key, u32 max, const u8 **text, u32 *length)
{
	int bytes;

	if (!json_object_is_type(value, json_type_string))
		return complain(reading, "'%s' is not a text", key);
	bytes = json_object_get_string_len(value);
	if (bytes > (int)max)
		return complain(reading, "'%s' has %d bytes, and at most %u fit",
				key, bytes, max);
	*text = (const u8 *)json_object_get_string(value);
	*length = bytes;
	return VDECTL_OK;
}

static int read_issuer(struct reading *reading, struct json_object *value)
{
	return read_string(reading, value, "issuer", VDE_ISSUER_MAX,
			   &reading->parts.issuer,
			   &reading->parts.issuer_length);
}

static int read_notes(struct reading *reading, struct json_object *value)
{
	return read_string(reading, value, "notes", VDE_NOTES_MAX,
			   &reading->parts.notes,
			   &reading->parts.notes_length);
}

static int read_signature(struct reading *reading, struct json_object *value)
{
	const char *text = get_text(value);

	if (!value)
		return VDECTL_OK;
	if (!text || vdectl_parse_hex(text, reading->signature,
				      VDE_SIGNATURE_SIZE))
		return complain(reading, "'signature' is not of 128 hexadecimal digits");
	reading->parts.signature = reading->signature;
	return VDECTL_OK;
}

/* What is added when a passport is shown is not part of it. */
static const struct member {
	const char *name;
	int (*read)(struct reading *reading, struct json_object *value);
	bool needed;
} members[] = {
	{ "id", read_id, true },
	{ "object", read_object, true },
	{ "framework", read_framework, true },
	{ "status", read_status, true },
	{ "issued", read_issued, true },
	{ "expires", read_expires, false },
	{ "last_verified", read_verified, false },
	{ "issuer", read_issuer, true },
	{ "notes", read_notes, false },
	{ "signature", read_signature, false },
	{ "verdict", NULL, false },
	{ "expired", NULL, false },
	{ "released", NULL, false },
};

static int read_member(struct reading *reading, const char *key,
		       struct json_object *value)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(members); i++)
		if (!strcmp(members[i].name, key))
			break;
	if (i == ARRAY_SIZE(members))
		return complain(reading, "a passport has no '%.40s'", key);
	return members[i].read ? members[i].read(reading, value) : VDECTL_OK;
}

static int read_members(struct reading *reading)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(members); i++)
		if (members[i].needed &&
		    !json_object_object_get_ex(reading->object,
					       members[i].name, NULL))
			return complain(reading, "'%s' is missing",
					members[i].name);
	json_object_object_foreach(reading->object, key, value)
		if (read_member(reading, key, value))
			return VDECTL_ERROR;
	return VDECTL_OK;
}

/**
 * passport_from_json - read a passport, or say what is wrong with it
 * @where: where it comes from
 * @object: what was read
 * @passport: to fill
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int passport_from_json(const char *where, struct json_object *object,
		       struct passport *passport)
{
	struct reading reading = { .where = where, .object = object };
	enum vde_fault fault;

	if (!json_object_is_type(object, json_type_object))
		return complain(&reading, "a passport is a JSON object");
	reading.parts.id = reading.id;
	reading.parts.object = reading.object_id;
	reading.parts.issuer = (const u8 *)"";
	reading.parts.notes = (const u8 *)"";
	if (read_members(&reading))
		return VDECTL_ERROR;
	fault = passport_build(&reading.parts, passport);
	return fault ? complain(&reading, "%s", vde_fault_phrase(fault)) :
		       VDECTL_OK;
}

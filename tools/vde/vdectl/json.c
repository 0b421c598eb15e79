// SPDX-License-Identifier: GPL-2.0-only
/* Members of a JSON object, one line each where they are made. */
#include "vdectl.h"

/**
 * json_add_number - add a number
 * @object: to extend
 * @key: name
 * @number: value
 */
void json_add_number(struct json_object *object, const char *key, u64 number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

/**
 * json_add_ticks - add a length of time
 * @object: to extend
 * @key: name
 * @ticks: value as stored
 */
void json_add_ticks(struct json_object *object, const char *key, __le64 ticks)
{
	json_add_signed(object, key, (s64)le64_to_cpu(ticks));
}

/**
 * json_add_signed - add a number that may be negative
 * @object: to extend
 * @key: name
 * @number: value
 */
void json_add_signed(struct json_object *object, const char *key, s64 number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

/**
 * json_add_time - add a time of day
 * @object: to extend
 * @key: name
 * @ticks: value; 0 becomes null
 */
void json_add_time(struct json_object *object, const char *key, s64 ticks)
{
	char text[VDECTL_TEXT_SIZE];

	json_add_text(object, key,
		      ticks ? vdectl_time_text(text, ticks) : NULL);
}

/**
 * json_add_bool - add a truth value
 * @object: to extend
 * @key: name
 * @value: value
 */
void json_add_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

/**
 * json_add_null - add a value that is not known
 * @object: to extend
 * @key: name
 */
void json_add_null(struct json_object *object, const char *key)
{
	json_object_object_add(object, key, NULL);
}

/**
 * json_add_text - add a string
 * @object: to extend
 * @key: name
 * @text: UTF-8; NULL becomes null
 */
void json_add_text(struct json_object *object, const char *key,
		   const char *text)
{
	if (text)
		json_object_object_add(object, key,
				       json_object_new_string(text));
	else
		json_add_null(object, key);
}

/**
 * json_add_guid - add a UUID
 * @object: to extend
 * @key: name
 * @guid: in guid_t order
 */
void json_add_guid(struct json_object *object, const char *key,
		   const u8 guid[16])
{
	char text[VDE_UUID_TEXT_SIZE];

	vde_guid_format(guid, text);
	json_add_text(object, key, text);
}

/**
 * json_add_retention - add all that is known of a region's retention
 * @object: to extend
 * @retention: of the region
 * @hwm: its high-water mark
 *
 * "expires" is null when nothing is sealed and when it never does.
 */
void json_add_retention(struct json_object *object,
			const struct vde_retention *retention, u64 hwm)
{
	char text[VDECTL_TEXT_SIZE];
	s64 ticks;

	json_add_signed(object, "retention_ticks", retention->period);
	json_add_signed(object, "clock_ticks", retention->clock);
	json_add_signed(object, "sealed_clock_ticks", retention->sealed_clock);
	if (retention->remaining == VDE_IOC_RETENTION_NEVER)
		json_add_null(object, "remaining_ticks");
	else
		json_add_signed(object, "remaining_ticks",
				retention->remaining);
	json_add_text(object, "expires",
		      vdectl_expiry(retention, hwm, &ticks) ?
		      vdectl_second_text(text, ticks) : NULL);
	json_add_bool(object, "expired", hwm && !retention->remaining);
	json_add_bool(object, "held", retention->held);
	json_add_number(object, "resets", retention->resets);
}

/**
 * json_print - print a report and free it
 * @object: the report
 *
 * Return: VDECTL_OK.
 */
int json_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return VDECTL_OK;
}
